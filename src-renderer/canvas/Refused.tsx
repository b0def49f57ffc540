import { ArrowLeftRight, X } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { shortName } from '../../src-engine/types/names.ts'
import { Comparison } from '../inspector/WireView.tsx'
import { Button, IconButton } from '../ui/Button.tsx'
import { Dialog } from '../ui/Dialog.tsx'
import { typeOfPort } from './port-type.ts'
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
  const asked = typeOfPort(demand)
  const given = typeOfPort(supply)
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
        {asked && given && (
          <Button size="small" icon={<ArrowLeftRight size={13} />} onClick={() => setComparing(true)}>
            Compare both sides
          </Button>
        )}
      </div>
      {comparing && (
        <Dialog
          open
          onClose={() => setComparing(false)}
          title="Both sides of the wire"
          width="min(56rem, 92vw)"
          description={verdict.sentence}
        >
          <dl className={styles.sides}>
            <dt>Asked for</dt>
            <dd>
              {demand.name} of {demand.instance}
            </dd>
            <dt>Given</dt>
            <dd>
              {supply.name} of {supply.instance}
            </dd>
          </dl>
          {asked && given && <Comparison asked={asked} given={given} name={demand.name} />}
        </Dialog>
      )}
    </>
  )
}
