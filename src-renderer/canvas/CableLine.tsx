import type { ConnectionLineComponentProps } from '@xyflow/react'
import styles from './cables.module.css'
import { cableColour } from './colours.ts'
import { cablePath } from './geometry.ts'
import type { FlowNode } from './flow.ts'

/** The cable in the hand: its end shows what would happen on release. */
export function CableLine({
  fromX,
  fromY,
  toX,
  toY,
  fromNode,
  fromHandle,
  connectionStatus,
}: ConnectionLineComponentProps<FlowNode>) {
  const outwards = fromHandle.type === 'source'
  const from = { x: fromX, y: fromY }
  const to = { x: toX, y: toY }
  const path = outwards ? cablePath(from, to) : cablePath(to, from)
  const colour = outwards && 'model' in fromNode.data ? cableColour(fromNode.data.model.colour) : 'var(--text-muted)'
  const end =
    connectionStatus === 'valid' ? 'var(--ok-fill)' : connectionStatus === 'invalid' ? 'var(--danger-fill)' : colour
  return (
    <g>
      <path className={styles.casing} d={path} />
      <path
        className={styles.cable}
        d={path}
        style={{ stroke: connectionStatus === 'invalid' ? 'var(--danger-fill)' : colour }}
        fill="none"
      />
      <circle cx={toX} cy={toY} r={5.5} style={{ fill: end, stroke: 'var(--canvas)', strokeWidth: 2 }} />
    </g>
  )
}
