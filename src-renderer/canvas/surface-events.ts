/** What pointer and library tell the canvas. The functions never change: a new one would draw every node and wire anew. */
import type { Connection, FinalConnectionState, OnConnectStartParams, Viewport } from '@xyflow/react'
import type { DragEvent, MouseEvent, PointerEvent } from 'react'
import { runCommand } from '../commands/registry.ts'
import { draggedItem, putOnCanvas } from '../library/place-item.ts'
import { isAnnotation, isGroup } from '../state/annotations.ts'
import { exportSource } from '../state/composition.ts'
import { importsNode, worldNode } from '../state/document.ts'
import { setViewport, useProject } from '../state/project.ts'
import {
  type PortReference,
  clearSelection,
  exportWire,
  pointAtPort,
  selectOnCanvas,
  useSelection,
} from '../state/selection.ts'
import type { CableEdge } from './Cable.tsx'
import { beginWire, dropOnEmpty, dropOnNode, endWireAt, moveWireTo, verdictAt } from './draw-wire.ts'
import { farCableAt, lookForCable } from './far-cables.ts'
import { type Flow, type FlowNode, flow, setFlow, setPointer } from './flow.ts'
import { aboutToOpen } from './menus.ts'
import type { InstanceModel } from './model.ts'
import { newPortSlot, portKey, portOfHandle } from './ports.ts'
import { useCanvasView } from './view.ts'
import { dismissRefusal, endWiring, useWiring } from './wiring.ts'

/** The wire whose plug is in the hand. */
let held: string | undefined

function onConnectStart(_: unknown, { nodeId, handleId }: OnConnectStartParams): void {
  const port = portReference(nodeId, handleId)
  if (port) beginWire(port)
}

function isValidConnection(connection: Connection | CableEdge): boolean {
  const { from } = useWiring.getState()
  if (!from) return false
  const to =
    from.side === 'out'
      ? portReference(connection.target, connection.targetHandle)
      : portReference(connection.source, connection.sourceHandle)
  const verdict = to && verdictAt(to)
  return verdict !== undefined && verdict.fits !== 'no'
}

function onConnectEnd(event: globalThis.MouseEvent | TouchEvent, state: FinalConnectionState): void {
  const at = pointOf(event)
  const to = state.toHandle && portReference(state.toHandle.nodeId, state.toHandle.id)
  const node = nodeUnder(at)
  if (to && held !== undefined) moveWireTo(held, to, at)
  else if (to) endWireAt(to, at)
  else if (inImportZone(at)) endWireAt({ instance: importsNode, side: 'out', name: newPortSlot }, at)
  else if (node !== undefined) dropOnNode(node, at, held)
  else dropOnEmpty(at, flow()?.screenToFlowPosition(at) ?? at, held)
  endWiring()
}

function onNodeContextMenu(event: MouseEvent, node: FlowNode): void {
  const exported = exportUnder(event.target)
  if (exported !== undefined) {
    selectOnCanvas([], [exportWire(exported)])
    aboutToOpen('wire')
    return
  }
  const { instances, annotations } = useSelection.getState()
  if (isAnnotation(node.id)) {
    if (!annotations.has(node.id)) selectOnCanvas([], [], [node.id])
    aboutToOpen(isGroup(node.id) ? 'group' : 'note')
    return
  }
  const port = portUnder(event.target)
  if (port) {
    pointAtPort(port)
    aboutToOpen(port.side === 'in' ? 'need' : port.instance === importsNode ? 'import' : 'port')
    return
  }
  if (!instances.has(node.id)) selectOnCanvas([node.id])
  aboutToOpen('node')
}

function onEdgeContextMenu(_: unknown, edge: CableEdge): void {
  if (edge.id === 'suggested') return
  if (!useSelection.getState().wires.has(edge.id)) selectOnCanvas([], [edge.id])
  aboutToOpen('wire')
}

let resting: ReturnType<typeof setTimeout> | undefined

/** Something moves, or has come to rest: while it moves, large canvases are moved as they were drawn. */
function markMoving(moving: boolean): void {
  clearTimeout(resting)
  const surface = document.querySelector('.react-flow')?.parentElement
  if (moving) surface?.toggleAttribute('data-moving', (flow()?.getNodes().length ?? 0) > largeCanvas)
  // Movements that come one after the other are one: each rest would draw everything anew.
  else resting = setTimeout(() => surface?.removeAttribute('data-moving'), restAfter)
}

/** Milliseconds. */
const restAfter = 160

/** Nodes from which on drawing costs more than moving what was drawn. */
const largeCanvas = 60

/** For the canvas library. */
export const flowEvents = {
  onInit: (instance: Flow) => setFlow(instance),
  onConnectStart,
  onConnectEnd,
  isValidConnection,
  onReconnectStart: (_: unknown, edge: CableEdge) => void (held = edge.id),
  // Moving a plug ends in `onConnectEnd` like every wire; the library only wants to know that it may be moved.
  onReconnect: () => {},
  onReconnectEnd: () => void (held = undefined),
  onEdgeDoubleClick: (_: unknown, edge: CableEdge) => void (edge.id === 'suggested' && acceptSuggestion()),
  onNodeClick: selectAlone,
  onNodeDoubleClick: (_: unknown, node: FlowNode) =>
    void (node.type === 'instance' && runCommand(openingCommand(node.data.model))),
  onPaneClick: () => {
    clearSelection()
    dismissRefusal()
  },
  onPaneContextMenu: () => aboutToOpen('canvas'),
  onSelectionContextMenu: () => aboutToOpen('node'),
  onNodeContextMenu,
  onEdgeContextMenu,
  onMoveStart: () => markMoving(true),
  onMoveEnd: (_: unknown, viewport: Viewport) => {
    markMoving(false)
    setViewport(viewport)
  },
}

/** For the area that the canvas fills. */
export const surfaceEvents = {
  onPointerMove: (event: PointerEvent) => {
    const at = { x: event.clientX, y: event.clientY }
    setPointer(event.target instanceof Element && event.target.closest('.react-flow') ? at : undefined)
    if (event.buttons === 0) lookForCable(at)
  },
  onPointerLeave: () => setPointer(undefined),
  onDragOver: (event: DragEvent) => {
    if (!event.dataTransfer.types.includes('application/x-patchbay-item')) return
    event.preventDefault()
    event.dataTransfer.dropEffect = 'copy'
    const at = { x: event.clientX, y: event.clientY }
    lookForCable(at)
    markEdge(edgeUnder(at))
  },
  onDragLeave: () => markEdge(undefined),
  onDrop: (event: DragEvent) => {
    dropItem(event)
    markEdge(undefined)
  },
  onDoubleClick: (event: MouseEvent) => {
    if (!(event.target instanceof Element) || !event.target.classList.contains('react-flow__pane')) return
    const at = { x: event.clientX, y: event.clientY }
    useCanvasView.setState({ picker: { at, place: flow()?.screenToFlowPosition(at) ?? at } })
  },
}

function dropItem(event: DragEvent): void {
  const item = draggedItem(event.dataTransfer)
  if (!item) return
  event.preventDefault()
  const at = { x: event.clientX, y: event.clientY }
  const place = flow()?.screenToFlowPosition({ x: at.x - 60, y: at.y - 24 }) ?? at
  const wire = edgeUnder(at)
  void putOnCanvas(item, { x: Math.round(place.x), y: Math.round(place.y) }, wire)
}

/** A plain click on one of several selected nodes means that one; the library leaves them all selected. */
function selectAlone({ shiftKey, ctrlKey, metaKey }: MouseEvent, { id }: FlowNode): void {
  const { instances, annotations } = useSelection.getState()
  if (shiftKey || ctrlKey || metaKey || instances.size + annotations.size < 2) return
  if (isAnnotation(id)) selectOnCanvas([], [], [id])
  else selectOnCanvas([id])
}

/** What a double click on a node means: in, where there is something inside; else its source. */
function openingCommand(model: InstanceModel): string {
  const item = useProject.getState().library.find(({ id }) => id === model.package)
  return model.inside > 0 && item?.source === undefined ? 'canvas.expand' : 'canvas.openSource'
}

function portReference(
  instance: string | null | undefined,
  handle: string | null | undefined,
): PortReference | undefined {
  const port = portOfHandle(handle)
  return instance && port ? { instance, ...port } : undefined
}

/** The export of the world whose row this is. */
function exportUnder(target: EventTarget): string | undefined {
  const prefix = portKey(worldNode, 'in', '')
  const key = target instanceof Element ? target.closest<HTMLElement>('[data-port]')?.dataset['port'] : undefined
  const name = key?.startsWith(prefix) ? key.slice(prefix.length) : undefined
  return name !== undefined && Object.hasOwn(useProject.getState().tables.exports, name) ? name : undefined
}

/** The port of an instance, or the import of the world, whose row this is. */
function portUnder(target: EventTarget): PortReference | undefined {
  const key = target instanceof Element ? target.closest<HTMLElement>('[data-port]')?.dataset['port'] : undefined
  const [, instance, side, name] = /^(\S+) (in|out) (.+)$/.exec(key ?? '') ?? []
  if (instance === undefined || name === undefined || instance === worldNode) return undefined
  return { instance, side: side === 'in' ? 'in' : 'out', name }
}

function inImportZone({ x, y }: { readonly x: number; readonly y: number }): boolean {
  return document.elementFromPoint(x, y)?.closest('[data-import-zone]') instanceof Element
}

function acceptSuggestion(): void {
  const edge = flow()?.getEdge('suggested')
  const port = edge && portReference(edge.source, edge.sourceHandle)
  if (port) exportSource(port.name, { kind: 'instance', instance: port.instance, path: [port.name] })
}

function pointOf(event: globalThis.MouseEvent | TouchEvent): { readonly x: number; readonly y: number } {
  const touch = 'changedTouches' in event ? event.changedTouches[0] : event
  return { x: touch?.clientX ?? 0, y: touch?.clientY ?? 0 }
}

function nodeUnder({ x, y }: { readonly x: number; readonly y: number }): string | undefined {
  return document.elementFromPoint(x, y)?.closest<HTMLElement>('.react-flow__node')?.dataset['id']
}

function edgeUnder({ x, y }: { readonly x: number; readonly y: number }): string | undefined {
  const edge = document.elementsFromPoint(x, y).find((element) => element.closest('.react-flow__edge'))
  const id = edge?.closest<SVGElement>('.react-flow__edge')?.dataset['id']
  return id === 'suggested' ? undefined : (id ?? farCableAt({ x, y }))
}

/** Marks the wire that a dragged component would be put into. */
function markEdge(id: string | undefined): void {
  for (const marked of document.querySelectorAll('[data-splice]')) marked.removeAttribute('data-splice')
  if (id !== undefined)
    document.querySelector(`.react-flow__edge[data-id="${CSS.escape(id)}"]`)?.setAttribute('data-splice', '')
}
