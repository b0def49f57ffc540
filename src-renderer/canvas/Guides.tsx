import { create } from 'zustand'
import styles from './annotations.module.css'
import { InViewport } from './InViewport.tsx'
import type { Guide } from './snapping.ts'

/** What the nodes in the hand are in line with; apart from the view, whose every change thousands of ports hear of. */
const useGuides = create<{ readonly guides: readonly Guide[] }>()(() => ({ guides: [] }))

export function showGuides(guides: readonly Guide[]): void {
  if (guides.length > 0 || useGuides.getState().guides.length > 0) useGuides.setState({ guides })
}

/** Lines that show what the nodes in the hand are in line with. */
export function Guides() {
  const guides = useGuides((now) => now.guides)
  if (guides.length === 0) return null
  return (
    <InViewport>
      <svg className={styles.guides} width={1} height={1} aria-hidden data-testid="guides">
        {guides.map(({ axis, at, from, to }) =>
          axis === 'x' ? (
            <line key={axis} x1={at} x2={at} y1={from} y2={to} />
          ) : (
            <line key={axis} x1={from} x2={to} y1={at} y2={at} />
          ),
        )}
      </svg>
    </InViewport>
  )
}
