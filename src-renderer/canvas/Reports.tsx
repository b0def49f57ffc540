import { useLayoutEffect, useRef } from 'react'
import { useReplaced } from '../state/replaced.ts'
import styles from './Canvas.module.css'
import { ReplacedReport } from './ReplacedReport.tsx'
import { fitAfterLayout, seesEverything } from './whole-view.ts'
import { useWireReport } from './wire-all.ts'
import { WireReport } from './WireReport.tsx'

/** What happened to many wires at once: below the canvas, so that nothing it speaks of is hidden. */
export function Reports() {
  const wired = useWireReport((now) => now.report)
  const replaced = useReplaced((now) => now.report)
  const dock = useRef<HTMLDivElement>(null)
  const height = useRef(0)
  useLayoutEffect(() => {
    const now = dock.current?.offsetHeight ?? 0
    const taken = now - height.current
    height.current = now
    if (taken !== 0 && seesEverything(taken)) fitAfterLayout()
  }, [wired, replaced])
  return (
    <div ref={dock} className={styles.reports}>
      <WireReport />
      <ReplacedReport />
    </div>
  )
}
