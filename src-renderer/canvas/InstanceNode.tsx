import type { Node, NodeProps } from '@xyflow/react'
import { Boxes, ChevronDown, ChevronRight, Globe, Layers, SquareTerminal, TriangleAlert } from 'lucide-react'
import { memo } from 'react'
import { classes } from '../ui/classes.ts'
import { formatBytes } from '../ui/format.ts'
import { Spinner } from '../ui/Spinner.tsx'
import { cableColour } from './colours.ts'
import { LiveBadge } from './LiveBadge.tsx'
import type { InstanceModel } from './model.ts'
import styles from './nodes.module.css'
import { PortRow } from './PortSocket.tsx'
import { handleId, type Purpose } from './ports.ts'
import { Socket } from './Socket.tsx'
import { useHandles } from './use-handles.ts'
import { toggleUnfolded, useCanvasView } from './view.ts'
import { useWiring } from './wiring.ts'

export type InstanceFlowNode = Node<{ readonly model: InstanceModel }, 'instance'>

const purposes: Readonly<Record<Purpose, { readonly label: string; readonly Icon: typeof Globe }>> = {
  handler: { label: 'HTTP handler', Icon: Globe },
  middleware: { label: 'Middleware', Icon: Layers },
  command: { label: 'Command', Icon: SquareTerminal },
  library: { label: 'Library', Icon: Boxes },
}

/** One instance: a module in the rack, sockets left for what it needs, right for what it gives. */
export const InstanceNode = memo(function InstanceNode({ data: { model }, selected }: NodeProps<InstanceFlowNode>) {
  const purpose = model.purpose && purposes[model.purpose]
  const unfolded = useCanvasView((view) => view.unfolded.has(model.id))
  useHandles(
    model.id,
    [...model.inputs, ...(unfolded ? model.hostInputs : []), ...model.outputs].map(({ side, name }) =>
      handleId(side, name),
    ),
  )
  const Icon = purpose?.Icon ?? Boxes
  return (
    <div
      className={classes(
        styles.node,
        selected && styles.selected,
        model.state === 'missing' && styles.missing,
        model.problems.length > 0 && styles.faulty,
      )}
      style={{ '--cable': cableColour(model.colour) } as Record<string, string>}
      data-testid={`node-${model.id}`}
      data-purpose={model.purpose}
      data-state={model.state}
    >
      <div className={styles.header}>
        <span className={styles.badge}>
          {model.state === 'loading' ? <Spinner size={15} /> : <Icon size={16} aria-hidden />}
        </span>
        <span className={styles.titles}>
          <span className={styles.title}>{model.id}</span>
          <span className={styles.subtitle}>
            {[
              model.purposeLabel || purpose?.label,
              model.packageName === model.id ? undefined : model.packageName,
              model.inside === 0 ? undefined : `${model.inside} inside`,
              model.size === undefined ? undefined : formatBytes(model.size),
            ]
              .filter(Boolean)
              .join(' · ')}
          </span>
        </span>
        <LiveBadge instance={model.id} packageId={model.package} />
        {/* Where the wire of an instance that is exported as a whole begins. */}
        <Socket side="out" name="" className={styles.whole} takes="nothing" />
      </div>
      {model.trouble && <Trouble text={model.trouble.message} />}
      {model.problems.map((problem) => (
        <Trouble key={problem} text={problem} />
      ))}
      <div className={styles.ports}>
        <div className={styles.column}>
          {model.inputs.map((port) => (
            <PortRow key={port.name} instance={model.id} port={port} reachable={selected} />
          ))}
          {model.hostInputs.length > 0 && <HostRow model={model} unfolded={unfolded} />}
          {unfolded &&
            model.hostInputs.map((port) => (
              <PortRow key={port.name} instance={model.id} port={port} quiet reachable={selected} />
            ))}
        </div>
        <div className={styles.column}>
          {model.outputs.map((port) => (
            <PortRow key={port.name} instance={model.id} port={port} reachable={selected} />
          ))}
        </div>
      </div>
    </div>
  )
})

/** Everything the host gives, folded into one quiet row. */
function HostRow({ model, unfolded }: { readonly model: InstanceModel; readonly unfolded: boolean }) {
  // While a wire is drawn that fits something in here, the row says so.
  const fits = useWiring(({ verdicts }) =>
    verdicts.size === 0
      ? 0
      : model.hostInputs.filter((port) => (verdicts.get(`${model.id} in ${port.name}`)?.fits ?? 'no') !== 'no').length,
  )
  const Chevron = unfolded ? ChevronDown : ChevronRight
  return (
    <button
      type="button"
      className={classes(styles.host, 'nodrag', fits > 0 && !unfolded && styles.hostFits)}
      aria-expanded={unfolded}
      data-testid={`host-${model.id}`}
      onClick={() => toggleUnfolded(model.id)}
      // A wire held over it opens it, so that it can be dropped on what is inside.
      onPointerEnter={() => fits > 0 && toggleUnfolded(model.id, true)}
    >
      <Chevron size={12} aria-hidden />
      host
      <span className={styles.hostCount}>
        {fits > 0 ? `${fits} of ${model.hostInputs.length} fit` : model.hostInputs.length}
      </span>
    </button>
  )
}

function Trouble({ text }: { readonly text: string }) {
  return (
    <div className={styles.trouble}>
      <TriangleAlert size={13} aria-hidden />
      <span>{text}</span>
    </div>
  )
}
