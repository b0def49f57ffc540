import { Handle, type Node, type NodeProps, Position } from '@xyflow/react'
import { LogIn } from 'lucide-react'
import { memo } from 'react'
import { shortName } from '../../src-engine/types/names.ts'
import { importsNode } from '../state/document.ts'
import { usePlan } from '../state/plan.ts'
import { classes } from '../ui/classes.ts'
import styles from './nodes.module.css'
import { handleId, portKey } from './ports.ts'
import { WorldHead } from './WorldHead.tsx'

export type ImportsFlowNode = Node<{ readonly imports: readonly string[] }, 'imports'>

/** What the composition imports by a declaration of its own, as a script can; imports that nobody wired need none. */
export const ImportsNode = memo(function ImportsNode({ data }: NodeProps<ImportsFlowNode>) {
  return (
    <div className={classes(styles.node, styles.world)} data-testid="node-imports">
      <WorldHead icon={<LogIn size={16} aria-hidden />} title="World imports" subtitle="Declared, given from outside" />
      <div className={styles.ports}>
        <div className={styles.column}>
          {data.imports.map((name) => (
            <ImportPort key={name} name={name} />
          ))}
        </div>
      </div>
    </div>
  )
})

function ImportPort({ name }: { readonly name: string }) {
  const problem = usePlan(
    ({ problems }) => problems.find((one) => one.import === name && one.instance === undefined)?.message,
  )
  return (
    <div className={classes(styles.port, styles.out)} data-mark="idle" data-port={portKey(importsNode, 'out', name)}>
      <Handle
        id={handleId('out', name)}
        className={classes(styles.socket, styles.wired, problem !== undefined && styles.wrong)}
        type="source"
        position={Position.Right}
        isConnectable={false}
        data-testid={`port-imports-out-${name}`}
        aria-label={`import ${name} of the composition${problem === undefined ? '' : `: ${problem}`}`}
        role="img"
      />
      <span className={styles.portLabel} title={problem ?? name}>
        {shortName(name)}
      </span>
    </div>
  )
}
