import { Plus } from 'lucide-react'
import { importsNode, worldNode } from '../state/document.ts'
import { classes } from '../ui/classes.ts'
import { pressPort } from './keyboard-wiring.ts'
import styles from './nodes.module.css'
import { newPortSlot, portKey, type Side } from './ports.ts'
import { Socket } from './Socket.tsx'
import { type Mark, markOf, useWiring } from './wiring.ts'

/** The last row of a world node: a wire that is let go here becomes an export (`in`) or an import (`out`) of its own. */
export function WorldSlot({ side, reachable }: { readonly side: Side; readonly reachable: boolean }) {
  const node = side === 'in' ? worldNode : importsNode
  const key = portKey(node, side, newPortSlot)
  const mark = useWiring((wiring): Mark => {
    const verdict = wiring.verdicts.get(key)
    return verdict ? markOf(verdict) : 'idle'
  })
  const keyboard = useWiring((now) => now.keyboard)
  return (
    <div className={classes(styles.port, styles.quiet, side === 'out' && styles.out)} data-mark={mark}>
      <Socket
        side={side}
        name={newPortSlot}
        className={classes(styles.socket, styles.slot)}
        // Nothing begins here: there is nothing yet that a wire could lead from.
        takes="ends"
        data-testid={side === 'in' ? 'port-world-in-new' : 'port-imports-out-new'}
        role="button"
        tabIndex={reachable || (keyboard && mark !== 'idle') ? 0 : -1}
        aria-label={side === 'in' ? 'export something more' : 'import something more'}
        onKeyDown={(event) => pressPort(event, { instance: node, side, name: newPortSlot })}
      />
      <Plus size={12} aria-hidden />
      <span className={styles.portLabel}>{side === 'in' ? 'Drop a wire to export' : 'Drop a wire to import'}</span>
    </div>
  )
}
