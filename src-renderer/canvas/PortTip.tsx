import { useEffect, useState } from 'react'
import { printNamedFunction } from '../../src-engine/wit/print-types.ts'
import type { Extern } from '../../src-engine/types/graph.ts'
import { typeOfPort } from './port-type.ts'
import styles from './tips.module.css'
import { useCanvasView } from './view.ts'
import { useWiring } from './wiring.ts'

interface Shown {
  readonly title: string
  readonly lines: readonly string[]
  readonly more: number
  readonly note: string
  readonly x: number
  readonly y: number
  readonly left: boolean
}

/** Milliseconds of rest before the functions of a port are shown. */
const rest = 350
const mostLines = 12

/** What is behind a port: its functions as WIT. One tip for all ports, at pointer or focus. */
export function PortTip() {
  const [shown, setShown] = useState<Shown>()
  const wiring = useWiring((now) => now.from !== undefined || now.refusal !== undefined)
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    let over: Element | undefined
    const enter = (event: Event): void => {
      const port = event.target instanceof Element ? event.target.closest('[data-port]') : null
      if ((port ?? undefined) === over) return
      over = port ?? undefined
      clearTimeout(timer)
      setShown(undefined)
      if (port instanceof HTMLElement) timer = setTimeout(() => setShown(contentOf(port)), rest)
    }
    const hide = (): void => {
      clearTimeout(timer)
      setShown(undefined)
    }
    window.addEventListener('pointerover', enter)
    window.addEventListener('focusin', enter)
    window.addEventListener('pointerdown', hide)
    window.addEventListener('wheel', hide, { passive: true })
    return () => {
      clearTimeout(timer)
      window.removeEventListener('pointerover', enter)
      window.removeEventListener('focusin', enter)
      window.removeEventListener('pointerdown', hide)
      window.removeEventListener('wheel', hide)
    }
  }, [])
  if (!shown || wiring) return null
  return (
    <div
      className={styles.port}
      role="tooltip"
      style={{ top: shown.y, ...(shown.left ? { right: window.innerWidth - shown.x } : { left: shown.x }) }}
    >
      <div className={styles.portTitle}>{shown.title}</div>
      {shown.lines.length > 0 && (
        <pre className={styles.portLines}>
          {shown.lines.join('\n')}
          {shown.more > 0 && `\n… and ${shown.more} more`}
        </pre>
      )}
      {shown.note && <div className={styles.portNote}>{shown.note}</div>}
    </div>
  )
}

function contentOf(element: HTMLElement): Shown | undefined {
  const key = element.dataset['port'] ?? ''
  const match = /^(\S+) (in|out) (.+)$/.exec(key)
  if (!match) return undefined
  const [, instance = '', side = '', name = ''] = match
  const extern = typeOfPort({ instance, side: side === 'in' ? 'in' : 'out', name })
  const open = useCanvasView.getState().openPorts.has(key)
  const lines = extern && !open ? linesOf(name, extern) : []
  const box = element.getBoundingClientRect()
  const left = side === 'in'
  return {
    title: name,
    lines: lines.slice(0, mostLines),
    more: Math.max(0, lines.length - mostLines),
    note: element.querySelector('[role="button"]')?.getAttribute('aria-label')?.split(', ').slice(1).join(', ') ?? '',
    x: left ? box.left - 6 : box.right + 6,
    y: Math.max(8, Math.min(box.top - 6, window.innerHeight - 40 - Math.min(lines.length, mostLines) * 17)),
    left,
  }
}

function linesOf(name: string, extern: Extern): string[] {
  if (extern.kind === 'function') return [printNamedFunction(name, extern.type)]
  if (extern.kind !== 'instance') return [extern.kind]
  const lines: string[] = []
  for (const [inner, item] of extern.type.exports)
    if (item.kind === 'function') lines.push(printNamedFunction(inner, item.type))
  if (lines.length === 0) {
    const types = [...extern.type.exports.keys()]
    if (types.length > 0) lines.push(`types: ${types.join(', ')}`)
  }
  return lines
}
