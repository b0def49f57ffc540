import type { NodePositionChange } from '@xyflow/react'
import { type Box, boxAround } from '../state/annotations.ts'
import type { Position } from '../state/document.ts'
import { useSettings } from '../state/settings.ts'
import { type FlowNode, flow } from './flow.ts'
import { showGuides } from './Guides.tsx'
import { snap } from './snapping.ts'

/** Pixels of the window within which something snaps. */
const reach = 6

/** What is being dragged: the library says where the pointer wants it, snapping decides where it is. */
export class Hand {
  /** How far snapping moved everything from where the pointer wants it. */
  #offset: Position = { x: 0, y: 0 }

  /** The changes while something is in the hand, in line with what is around. */
  held(changes: readonly NodePositionChange[], nodes: readonly FlowNode[]): NodePositionChange[] {
    const dragged = changes.filter((change) => change.dragging === true && change.position)
    const { snapToGrid = false, snapToNodes = true } = useSettings.getState()
    this.#offset = { x: 0, y: 0 }
    if (dragged.length === 0 || (!snapToGrid && !snapToNodes)) return [...changes]
    const ids = new Set(dragged.map(({ id }) => id))
    const inHand = (node: FlowNode): boolean =>
      ids.has(node.id) || (node.parentId !== undefined && ids.has(node.parentId))
    const box = boxAround(dragged.flatMap((change) => boxAt(change.id, change.position) ?? []))
    if (!box) return [...changes]
    const others = snapToNodes ? nodes.filter((node) => !inHand(node)).flatMap(({ id }) => boxAt(id) ?? []) : []
    const { place, guides } = snap(box, { others, grid: snapToGrid, reach: reach / (flow()?.getZoom() ?? 1) })
    this.#offset = { x: place.x - box.x, y: place.y - box.y }
    showGuides(guides)
    return changes.map((change) => (change.dragging ? { ...change, ...this.#shifted(change) } : change))
  }

  /** Where everything lies after it was let go, in canvas units; `originOf` is where the library counts a node's place from. */
  dropped(changes: readonly NodePositionChange[], originOf: (id: string) => Position): ReadonlyMap<string, Position> {
    const places = new Map<string, Position>()
    for (const change of changes) {
      const { position } = this.#shifted(change)
      if (!position) continue
      const from = originOf(change.id)
      places.set(change.id, { x: Math.round(position.x + from.x), y: Math.round(position.y + from.y) })
    }
    this.#offset = { x: 0, y: 0 }
    showGuides([])
    return places
  }

  #shifted({ position }: NodePositionChange): { readonly position?: { x: number; y: number } } {
    return position ? { position: { x: position.x + this.#offset.x, y: position.y + this.#offset.y } } : {}
  }
}

/** A node as it is drawn, or as it would be at another place, counted as the library counts it. */
function boxAt(id: string, position?: Position): Box | undefined {
  const node = flow()?.getInternalNode(id)
  const { width, height } = node?.measured ?? {}
  if (!node || width === undefined || height === undefined) return undefined
  const now = node.internals.positionAbsolute
  const place = position
    ? { x: now.x - node.position.x + position.x, y: now.y - node.position.y + position.y }
    : { x: now.x, y: now.y }
  return { ...place, width, height }
}
