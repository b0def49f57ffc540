import { ArrowLeftRight, X } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { shortName } from '../../src-engine/types/names.ts'
import { printNamedFunction } from '../../src-engine/wit/print-types.ts'
import type { Extern } from '../../src-engine/types/graph.ts'
import { decodedOf } from '../state/decoded.ts'
import { useProject } from '../state/project.ts'
import type { PortReference } from '../state/selection.ts'
import { Button, IconButton } from '../ui/Button.tsx'
import { Dialog } from '../ui/Dialog.tsx'
import styles from './tips.module.css'
import { type Refusal, dismissRefusal, useWiring } from './wiring.ts'

/** Why a wire was refused; stays where it was let go until it is dismissed. */
export function Refused() {
  const refusal = useWiring((wiring) => wiring.refusal)
  return refusal ? <Card key={`${refusal.at.x} ${refusal.at.y}`} refusal={refusal} /> : null
}

function Card({ refusal }: { readonly refusal: Refusal }) {
  const [comparing, setComparing] = useState(false)
  const card = useRef<HTMLDivElement>(null)
  const { from, to, verdict, at } = refusal
  const [supply, demand] = from.side === 'out' ? [from, to] : [to, from]
  useEffect(() => {
    const element = card.current
    if (!element) return
    const { width, height } = element.getBoundingClientRect()
    element.style.left = `${Math.max(8, Math.min(at.x + 12, window.innerWidth - width - 12))}px`
    element.style.top = `${Math.max(8, Math.min(at.y + 12, window.innerHeight - height - 12))}px`
  }, [at])
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (event.key === 'Escape' && !comparing) dismissRefusal()
    }
    window.addEventListener('keydown', press)
    return () => window.removeEventListener('keydown', press)
  }, [comparing])
  return (
    <>
      <div
        ref={card}
        className={styles.refused}
        role="alertdialog"
        aria-label="The wire does not fit"
        data-testid="refusal"
      >
        <div className={styles.refusedHead}>
          <strong>Does not fit</strong>
          <IconButton label="Dismiss" size="small" onClick={dismissRefusal}>
            <X size={14} />
          </IconButton>
        </div>
        <p className={styles.refusedWire}>
          {shortName(supply.name)} of <b>{supply.instance}</b> → {shortName(demand.name)} of <b>{demand.instance}</b>
        </p>
        <p data-selectable>{verdict.sentence}</p>
        {verdict.hint !== undefined && <p className={styles.hint}>{verdict.hint}</p>}
        <Button size="small" icon={<ArrowLeftRight size={13} />} onClick={() => setComparing(true)}>
          Compare both sides
        </Button>
      </div>
      {comparing && (
        <Dialog
          open
          onClose={() => setComparing(false)}
          title="Both sides of the wire"
          width="60rem"
          description={verdict.sentence}
        >
          <div className={styles.sides}>
            <WitOf title={`Given: ${supply.name} of ${supply.instance}`} port={supply} other={demand} />
            <WitOf title={`Asked for: ${demand.name} by ${demand.instance}`} port={demand} other={supply} />
          </div>
        </Dialog>
      )}
    </>
  )
}

function WitOf({
  title,
  port,
  other,
}: {
  readonly title: string
  readonly port: PortReference
  readonly other: PortReference
}) {
  const lines = linesOf(port)
  const others = new Set(linesOf(other))
  return (
    <section>
      <h3 className={styles.sideTitle}>{title}</h3>
      <pre className={styles.sideText} data-selectable>
        {lines.map((line) => (
          <span key={line} className={others.has(line) ? undefined : styles.differs}>
            {line}
            {'\n'}
          </span>
        ))}
      </pre>
    </section>
  )
}

/** The functions behind a port in an order that lets both sides be read line by line. */
function linesOf(port: PortReference): readonly string[] {
  const { packages, instances } = useProject.getState().tables
  const hash = packages[instances[port.instance]?.package ?? '']?.hash
  const type = hash === undefined ? undefined : decodedOf(hash)?.type
  const extern: Extern | undefined = (port.side === 'in' ? type?.imports : type?.exports)?.get(port.name)
  if (!extern) return ['nothing']
  if (extern.kind === 'function') return [printNamedFunction(port.name, extern.type)]
  if (extern.kind !== 'instance') return [`a ${extern.kind}`]
  return [...extern.type.exports]
    .map(([name, item]) => (item.kind === 'function' ? printNamedFunction(name, item.type) : `${item.kind} ${name}`))
    .sort()
}
