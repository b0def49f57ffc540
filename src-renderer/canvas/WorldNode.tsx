import type { Node, NodeProps } from '@xyflow/react'
import { LogOut } from 'lucide-react'
import { memo } from 'react'
import { worldNode } from '../state/document.ts'
import { usePlan } from '../state/plan.ts'
import { useSelection } from '../state/selection.ts'
import { classes } from '../ui/classes.ts'
import { pressExport } from './keyboard-wiring.ts'
import styles from './nodes.module.css'
import { portKey } from './ports.ts'
import { Socket } from './Socket.tsx'
import { useHandles } from './use-handles.ts'
import { WorldHead } from './WorldHead.tsx'
import { WorldSlot } from './WorldSlot.tsx'
import { shortName } from '../../src-engine/types/names.ts'

export type WorldFlowNode = Node<
  { readonly exports: readonly string[]; readonly suggested: string | undefined },
  'world'
>

/** The edge of the composed component: what is plugged in here can be reached from outside. */
export const WorldNode = memo(function WorldNode({ data, selected }: NodeProps<WorldFlowNode>) {
  useHandles(worldNode, [...data.exports, data.suggested ?? ''])
  return (
    <div className={classes(styles.node, styles.world, selected && styles.selected)} data-testid="node-world">
      <WorldHead icon={<LogOut size={16} aria-hidden />} title="World exports" subtitle="Reachable from outside" />
      <div className={styles.ports}>
        <div className={styles.column}>
          {data.exports.map((name) => (
            <WorldPort key={name} name={name} reachable={selected} />
          ))}
          {data.suggested !== undefined && <WorldPort name={data.suggested} reachable={selected} suggested />}
          <WorldSlot side="in" reachable={selected} />
        </div>
      </div>
    </div>
  )
})

function WorldPort({
  name,
  reachable,
  suggested = false,
}: {
  readonly name: string
  readonly reachable: boolean
  readonly suggested?: boolean
}) {
  const pointed = useSelection(({ port }) => port?.instance === worldNode && port.name === name)
  const problem = usePlan(
    ({ problems }) => problems.find((one) => one.export === name && one.instance === undefined)?.message,
  )
  return (
    <div
      className={classes(styles.port, suggested && styles.quiet, pointed && styles.pointed)}
      data-mark="idle"
      data-port={portKey(worldNode, 'in', name)}
    >
      <Socket
        side="in"
        name={name}
        className={classes(styles.socket, !suggested && styles.wired, problem !== undefined && styles.wrong)}
        takes={suggested ? 'nothing' : 'wires'}
        data-testid={`port-world-in-${name}`}
        role="button"
        tabIndex={reachable ? 0 : -1}
        aria-label={
          suggested
            ? `Run exports ${name} by itself`
            : `export ${name} of the composition${problem === undefined ? '' : `: ${problem}`}`
        }
        onKeyDown={(event) => !suggested && pressExport(event, name)}
      />
      <span className={styles.portLabel} title={problem ?? name}>
        {shortName(name)}
      </span>
      {suggested && <span className={styles.portVersion}>by Run</span>}
    </div>
  )
}
