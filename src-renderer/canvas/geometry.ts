import type { Position } from '../state/document.ts'
import type { InstanceModel } from './model.ts'

/** Sizes of nodes in canvas units; the style sheet says the same. */
export const nodeWidth = 224
export const worldWidth = 188
export const headerHeight = 48
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
  const across = to.x - from.x
  // Backwards the cable swings out at both ends, the further the wider.
  const reach = across >= 0 ? Math.max(40, Math.min(220, across * 0.45)) : Math.min(260, 64 - across * 0.5)
  const sag = Math.min(34, distance * 0.09)
  return `M${from.x},${from.y} C${from.x + reach},${from.y + sag} ${to.x - reach},${to.y + sag} ${to.x},${to.y}`
}

/** The middle of that cable, for what is written on it. */
export function cableMiddle(from: Position, to: Position): Position {
  const sag = Math.min(34, Math.hypot(to.x - from.x, to.y - from.y) * 0.09)
  return { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 + sag * 0.75 }
}
