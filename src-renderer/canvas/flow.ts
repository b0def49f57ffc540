import type { ReactFlowInstance } from '@xyflow/react'
import { create } from 'zustand'
import { type Size, placeOf } from '../state/annotations.ts'
import type { Position, Tables } from '../state/document.ts'
import type { PortReference } from '../state/selection.ts'
import { nodeWidth } from './geometry.ts'
import { handleId } from './ports.ts'
import type { CableEdge } from './Cable.tsx'
import type { GroupFlowNode } from './GroupNode.tsx'
import type { NoteFlowNode } from './NoteNode.tsx'
import type { ImportsFlowNode } from './ImportsNode.tsx'
import type { InstanceFlowNode } from './InstanceNode.tsx'
import type { WorldFlowNode } from './WorldNode.tsx'

export type FlowNode = InstanceFlowNode | WorldFlowNode | ImportsFlowNode | GroupFlowNode | NoteFlowNode
export type Flow = ReactFlowInstance<FlowNode, CableEdge>

/** The canvas while it is shown; what depends on it is drawn again when it comes and goes. */
export const useFlow = create<{ readonly current: Flow | undefined }>()(() => ({ current: undefined }))

/** Called by the canvas when it is there, and with undefined when it goes. */
export function setFlow(flow: Flow | undefined): void {
  useFlow.setState({ current: flow })
}

/** The canvas, for commands; undefined while it is not shown. */
export function flow(): Flow | undefined {
  return useFlow.getState().current
}

/** The size of a node as it is drawn, in canvas units; a guess for one that is not. */
export function drawnSize(id: string): Size {
  const measured = flow()?.getInternalNode(id)?.measured
  return { width: measured?.width ?? nodeWidth, height: measured?.height ?? 120 }
}

/** The tables with the places of nodes that were never put anywhere, as they are drawn. */
export function pinned(tables: Tables, ids: Iterable<string>): Tables {
  const found: Record<string, Position> = {}
  for (const id of ids) {
    const at = placeOf(tables, id) ? undefined : flow()?.getInternalNode(id)?.internals.positionAbsolute
    if (at) found[id] = { x: Math.round(at.x), y: Math.round(at.y) }
  }
  return Object.keys(found).length === 0 ? tables : { ...tables, positions: { ...tables.positions, ...found } }
}

/** Brings a port into the middle of the view, near enough to read it. Answers whether it is drawn. */
export function showPort({ instance, side, name }: PortReference): boolean {
  const canvas = flow()
  const node = canvas?.getInternalNode(instance)
  const handles = node?.internals.handleBounds?.[side === 'in' ? 'target' : 'source']
  const handle = handles?.find(({ id }) => id === handleId(side, name))
  if (!canvas || !node || !handle) return false
  const { x, y } = node.internals.positionAbsolute
  // The port is at the edge of its node: what belongs to it is seen as well.
  const inwards = ((side === 'in' ? 1 : -1) * (node.measured.width ?? nodeWidth)) / 2
  void canvas.setCenter(x + handle.x + handle.width / 2 + inwards, y + handle.y + handle.height / 2, {
    zoom: Math.min(1.2, Math.max(0.9, canvas.getZoom())),
    duration: travelTime(),
  })
  return true
}

/** Milliseconds of a movement of the view; none where the person wants none. */
export function travelTime(): number {
  return matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 220
}

/** How everything is shown: clear of the bars at the top and the bottom, and not blown up. */
export const fitOptions = {
  padding: { top: '76px', right: '5%', bottom: '72px', left: '5%' },
  maxZoom: 1.15,
} as const

/** The middle of what is seen, in canvas units, a little off for each node that is there already. */
export function placeInView(taken: Readonly<Record<string, Position>> = {}): Position {
  const area = document.querySelector('.react-flow')?.getBoundingClientRect()
  const canvas = flow()
  const middle =
    canvas && area
      ? canvas.screenToFlowPosition({ x: area.left + area.width / 2 - 140, y: area.top + area.height / 2 - 60 })
      : { x: 80, y: 80 }
  let place = { x: Math.round(middle.x), y: Math.round(middle.y) }
  while (Object.values(taken).some(({ x, y }) => Math.abs(x - place.x) < 24 && Math.abs(y - place.y) < 24))
    place = { x: place.x + 32, y: place.y + 32 }
  return place
}

let pointer: Position | undefined

/** Remembers where the pointer is over the canvas, in pixels of the window; undefined once it is not. */
export function setPointer(at: Position | undefined): void {
  pointer = at
}

/** Where something of this size goes that is put at the pointer, whole in view, in canvas units; undefined elsewhere. */
export function pointerPlace({ width, height }: Size = { width: 0, height: 0 }): Position | undefined {
  const canvas = flow()
  const area = document.querySelector('.react-flow')?.getBoundingClientRect()
  if (!pointer || !canvas || !area) return undefined
  const zoom = canvas.getZoom()
  const within = (value: number, from: number, to: number): number => Math.max(from, Math.min(value, to))
  return canvas.screenToFlowPosition({
    x: within(pointer.x, area.left + 8, area.right - width * zoom - 8),
    // Clear of the bar at the lower edge.
    y: within(pointer.y, area.top + 8, area.bottom - height * zoom - 72),
  })
}
