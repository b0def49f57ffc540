import { useConnection } from '@xyflow/react'
import { CircleCheck, CircleMinus, CircleX } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { shortName } from '../../src-engine/types/names.ts'
import { portKey, portOfHandle } from './ports.ts'
import styles from './tips.module.css'
import { type Verdict, markOf, useWiring } from './wiring.ts'

/** Beside the pointer while a wire is drawn: would it hold here, and if not, the first difference. */
export function VerdictTip() {
  const target = useConnection((connection) =>
    connection.toHandle ? `${connection.toHandle.nodeId} ${connection.toHandle.id}` : undefined,
  )
  const drawing = useWiring((wiring) => wiring.from !== undefined && !wiring.keyboard)
  const verdict = useWiring(({ verdicts }) => {
    if (target === undefined) return undefined
    const space = target.indexOf(' ')
    const port = portOfHandle(target.slice(space + 1))
    return port && verdicts.get(portKey(target.slice(0, space), port.side, port.name))
  })
  const from = useWiring((wiring) => wiring.from)
  const tip = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (!drawing) return undefined
    const follow = (event: PointerEvent): void => {
      const element = tip.current
      if (!element) return
      const { width, height } = element.getBoundingClientRect()
      const x = Math.min(event.clientX + 18, window.innerWidth - width - 8)
      const y = Math.min(event.clientY + 18, window.innerHeight - height - 8)
      element.style.translate = `${x}px ${y}px`
    }
    window.addEventListener('pointermove', follow)
    return () => window.removeEventListener('pointermove', follow)
  }, [drawing])
  if (!drawing || !from) return null
  return (
    <div ref={tip} className={styles.verdict} data-mark={verdict ? markOf(verdict) : 'idle'} data-testid="verdict-tip">
      {verdict ? <VerdictText verdict={verdict} /> : <span>{shortName(from.name)}</span>}
    </div>
  )
}

/** A verdict with its sign: never told by colour alone. */
export function VerdictText({ verdict }: { readonly verdict: Verdict }) {
  const mark = markOf(verdict)
  const Icon = mark === 'yes' ? CircleCheck : mark === 'near' ? CircleMinus : CircleX
  const word = mark === 'yes' ? 'Fits' : mark === 'near' ? 'Fits' : 'Does not fit'
  return (
    <>
      <Icon size={14} aria-hidden />
      <span>
        {verdict.sentence === undefined ? word : mark === 'near' ? verdict.sentence : `${word}: ${verdict.sentence}`}
        {verdict.hint !== undefined && <span className={styles.hint}>{verdict.hint}</span>}
      </span>
    </>
  )
}
