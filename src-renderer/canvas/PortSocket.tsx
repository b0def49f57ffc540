import { ChevronDown, ChevronRight } from 'lucide-react'
import { type KeyboardEvent, memo } from 'react'
import { importsNode } from '../state/document.ts'
import type { PortReference } from '../state/selection.ts'
import { useSelection } from '../state/selection.ts'
import { classes } from '../ui/classes.ts'
import { pressPort } from './keyboard-wiring.ts'
import type { PortModel } from './model.ts'
import { PortDetail } from './PortDetail.tsx'
import { portKey } from './ports.ts'
import { Socket } from './Socket.tsx'
import styles from './nodes.module.css'
import { toggleOpenPort, useCanvasView } from './view.ts'
import { markOf, useWiring } from './wiring.ts'

interface PortRowProps {
  readonly instance: string
  readonly port: PortModel
  readonly quiet?: boolean
  /** Ports of a selected node can be reached by Tab. */
  readonly reachable: boolean
}

/** One port: a socket where a cable can be plugged, and its name. */
export const PortRow = memo(function PortRow({ instance, port, quiet, reachable }: PortRowProps) {
  const key = portKey(instance, port.side, port.name)
  // One subscription and one text for all that wiring changes here: there may be thousands of ports.
  const state = useWiring((wiring) => {
    const { from } = wiring
    if (!from) return wiring.hinted.includes(key) ? 'idle hinted' : 'idle'
    const verdict = wiring.verdicts.get(key)
    const mark = verdict ? markOf(verdict) : isSame(from, instance, port) ? 'from' : 'idle'
    return wiring.keyboard && (mark === 'yes' || mark === 'near') ? `${mark} reachable` : mark
  })
  const [mark, more] = state.split(' ')
  const pointed = useSelection(
    ({ port: at }) => at?.instance === instance && at.side === port.side && at.name === port.name,
  )
  const reference: PortReference = { instance, side: port.side, name: port.name }
  const open = !port.wired && !quiet && port.side === 'in' && port.kind !== 'type'
  const unfolded = useCanvasView((view) => view.openPorts.has(key))
  const Chevron = unfolded ? ChevronDown : ChevronRight
  const row = (
    <div
      className={classes(
        styles.port,
        port.side === 'out' && styles.out,
        quiet && styles.quiet,
        pointed && styles.pointed,
        more === 'hinted' && styles.hinted,
      )}
      data-mark={mark}
      data-port={key}
    >
      <Socket
        side={port.side}
        name={port.name}
        className={classes(
          styles.socket,
          port.wired && styles.wired,
          open && styles.open,
          port.problem !== undefined && styles.wrong,
        )}
        data-shape={port.kind}
        data-testid={`port-${instance}-${port.side}-${port.name}`}
        role="button"
        tabIndex={reachable || more === 'reachable' ? 0 : -1}
        aria-label={describePort(instance, port, quiet === true)}
        aria-expanded={port.kind === 'instance' ? unfolded : undefined}
        onKeyDown={(event: KeyboardEvent) => pressPort(event, reference)}
      />
      <span className={styles.portLabel}>{port.label}</span>
      {port.versioned && <span className={styles.portVersion}>{port.version}</span>}
      {port.kind === 'instance' && (reachable || unfolded) && (
        <button
          type="button"
          className={classes(styles.unfold, 'nodrag')}
          // By keyboard the arrows at the port itself do it.
          tabIndex={-1}
          aria-hidden
          title={unfolded ? 'Fold' : 'Show its functions and types'}
          data-testid={`unfold-${instance}-${port.side}-${port.name}`}
          onClick={() => toggleOpenPort(key)}
        >
          <Chevron size={12} aria-hidden />
        </button>
      )}
    </div>
  )
  if (!unfolded) return row
  return (
    <>
      {row}
      <PortDetail id={key} port={reference} />
    </>
  )
})

function isSame(from: PortReference, instance: string, port: PortModel): boolean {
  return from.instance === instance && from.side === port.side && from.name === port.name
}

/** The port in words, for those who do not see it. */
export function describePort(instance: string, port: PortModel, host: boolean): string {
  if (instance === importsNode)
    return `import ${port.name} of the composition, ${port.problem ?? (port.wired ? 'wired' : 'nobody takes it')}`
  const what = `${port.side === 'in' ? 'import' : 'export'} ${port.name} of ${instance}`
  const state =
    port.problem ?? (port.wired ? 'wired' : host ? 'given by the host' : port.side === 'in' ? 'open' : 'free')
  return `${what}, ${state}`
}
