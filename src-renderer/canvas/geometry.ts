import type { Position } from '../state/document.ts'
import type { InstanceModel } from './model.ts'

/** Sizes of nodes in canvas units; the style sheet says the same. */
export const nodeWidth = 288
export const headerHeight = 50
export const rowHeight = 26
const padding = 8

/** Height a node will have, before it was ever drawn. */
export function nodeHeight(model: InstanceModel, unfolded: boolean): number {
  const host = model.hostInputs.length === 0 ? 0 : 1 + (unfolded ? model.hostInputs.length : 0)
  const rows = Math.max(model.inputs.length + host, model.outputs.length, 1)
  return headerHeight + padding + rows * rowHeight
}

/** The path of a cable: horizontal at both ends, hanging a little between, as cables do. */
export function cablePath(from: Position, to: Position): string {
  const distance = Math.hypot(to.x - from.x, to.y - from.y)
  const reach = Math.max(36, Math.min(220, Math.abs(to.x - from.x) * 0.45 + (to.x < from.x ? 90 : 0)))
  const sag = Math.min(34, distance * 0.09)
  return `M${from.x},${from.y} C${from.x + reach},${from.y + sag} ${to.x - reach},${to.y + sag} ${to.x},${to.y}`
}

/** The middle of that cable, for what is written on it. */
export function cableMiddle(from: Position, to: Position): Position {
  const sag = Math.min(34, Math.hypot(to.x - from.x, to.y - from.y) * 0.09)
  return { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 + sag * 0.75 }
}
