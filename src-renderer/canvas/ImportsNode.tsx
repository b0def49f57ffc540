import type { Node, NodeProps } from '@xyflow/react'
import { LogIn } from 'lucide-react'
import { memo } from 'react'
import { importsNode } from '../state/document.ts'
import { classes } from '../ui/classes.ts'
import type { PortModel } from './model.ts'
import styles from './nodes.module.css'
import { PortRow } from './PortSocket.tsx'
import { useHandles } from './use-handles.ts'
import { WorldHead } from './WorldHead.tsx'
import { WorldSlot } from './WorldSlot.tsx'

export type ImportsFlowNode = Node<{ readonly ports: readonly PortModel[] }, 'imports'>

/** What the composition imports by a declaration of its own; imports that nobody wired need none. */
export const ImportsNode = memo(function ImportsNode({ data, selected }: NodeProps<ImportsFlowNode>) {
  useHandles(
    importsNode,
    data.ports.map(({ name }) => name),
  )
  return (
    <div className={classes(styles.node, styles.world, selected && styles.selected)} data-testid="node-imports">
      <WorldHead icon={<LogIn size={16} aria-hidden />} title="World imports" subtitle="Declared, given from outside" />
      <div className={styles.ports}>
        <div className={styles.column}>
          {data.ports.map((port) => (
            <PortRow key={port.name} instance={importsNode} port={port} reachable={selected} />
          ))}
          <WorldSlot side="out" reachable={selected} />
        </div>
      </div>
    </div>
  )
})
