import { headerHeight, nodePadding, rowHeight } from '../../src-engine/draw/geometry.ts'
import type { InstanceModel } from './model.ts'

/** The style sheet says the same; drawings of the canvas use them, too. */
export {
  cableMiddle,
  cablePath,
  headerHeight,
  nodeWidth,
  rowHeight,
  worldWidth,
} from '../../src-engine/draw/geometry.ts'

/** Height a node will have, before it was ever drawn. */
export function nodeHeight(model: InstanceModel, unfolded: boolean): number {
  const host = model.hostInputs.length === 0 ? 0 : 1 + (unfolded ? model.hostInputs.length : 0)
  const rows = Math.max(model.inputs.length + host, model.outputs.length, 1)
  return headerHeight + nodePadding + rows * rowHeight
}
