import '@xyflow/react/dist/base.css'
import {
  Background,
  BackgroundVariant,
  type Connection,
  type FinalConnectionState,
  MiniMap,
  type OnConnectStartParams,
  ReactFlow,
  ReactFlowProvider,
  SelectionMode,
  useNodesInitialized,
} from '@xyflow/react'
import { Cable as CableIcon } from 'lucide-react'
import { type DragEvent, type MouseEvent, useCallback, useEffect, useRef } from 'react'
import { commandEntries } from '../commands/entries.tsx'
import { readContext } from '../commands/context.ts'
import { runCommand } from '../commands/registry.ts'
import { isAnnotation, isGroup } from '../state/annotations.ts'
import { draggedItem, putOnCanvas } from '../library/place-item.ts'
import { exportSource } from '../state/composition.ts'

import { worldNode } from '../state/document.ts'
import { setViewport, useProject } from '../state/project.ts'
import { clearSelection, exportWire, pointAtPort, selectOnCanvas, useSelection } from '../state/selection.ts'
import { useSettings } from '../state/settings.ts'
import { Button } from '../ui/Button.tsx'
import { EmptyState } from '../ui/EmptyState.tsx'
import { ContextMenu } from '../ui/Menu.tsx'
import { Cable, type CableEdge } from './Cable.tsx'
import { CableLine } from './CableLine.tsx'
import { CanvasBar } from './CanvasBar.tsx'
import styles from './Canvas.module.css'
import { groupColours } from './annotation-commands.ts'
import { Coach } from './Coach.tsx'
import { cableColour } from './colours.ts'
import { beginWire, dropOnEmpty, dropOnNode, endWireAt, moveWireTo, verdictAt } from './draw-wire.ts'
import { FindBar } from './FindBar.tsx'
import { type Flow, type FlowNode, fitOptions, flow, setFlow, setPointer, travelTime, useFlow } from './flow.ts'
import { GroupNode } from './GroupNode.tsx'
import { Guides } from './Guides.tsx'
import { InstanceNode } from './InstanceNode.tsx'
import { ListView } from './ListView.tsx'
import { NoteNode } from './NoteNode.tsx'
import { startNudging } from './nudge.ts'
import { AddPicker } from './AddPicker.tsx'
import { PortTip } from './PortTip.tsx'
import { portKey, portOfHandle } from './ports.ts'
import { Refused } from './Refused.tsx'
import { ReplacedReport } from './ReplacedReport.tsx'
import { useFlowNodes } from './use-flow-nodes.ts'
import { useCanvasView } from './view.ts'
import { VerdictTip } from './VerdictTip.tsx'
import type { InstanceModel } from './model.ts'
import { dismissRefusal, endWiring, useWiring } from './wiring.ts'
import { WireReport } from './WireReport.tsx'
import { WorldNode } from './WorldNode.tsx'
import type { PortReference } from '../state/selection.ts'

const nodeTypes = { instance: InstanceNode, world: WorldNode, frame: GroupNode, note: NoteNode }
const edgeTypes = { cable: Cable }

/** The composition as instances and cables. */
export function Canvas() {
  const list = useCanvasView((view) => view.list)
  return (
    <section className={styles.root} aria-label="Composition">
      {list ? (
        <ListView />
      ) : (
        <ReactFlowProvider>
          <Surface />
        </ReactFlowProvider>
      )}
    </section>
  )
}

function Surface() {
  const { model, nodes, edges, onNodesChange, onEdgesChange } = useFlowNodes()
  const theme = useSettings((settings) => settings.resolvedTheme)
  const minimap = useCanvasView((view) => view.minimap)
  const wiring = useWiring((now) => now.from !== undefined)
  const generation = useProject((project) => project.generation)
  const menu = useRef<keyof typeof menus>('canvas')
  const moving = useRef<string | undefined>(undefined)
  useFirstView(generation)
  useReveal()
  useEffect(() => () => setFlow(undefined), [])
  useEffect(startNudging, [])

  const onConnectStart = useCallback((_: unknown, { nodeId, handleId }: OnConnectStartParams) => {
    const port = portReference(nodeId, handleId)
    if (port) beginWire(port)
  }, [])

  const isValidConnection = useCallback((connection: Connection | CableEdge) => {
    const { from } = useWiring.getState()
    if (!from) return false
    const to =
      from.side === 'out'
        ? portReference(connection.target, connection.targetHandle)
        : portReference(connection.source, connection.sourceHandle)
    const verdict = to && verdictAt(to)
    return verdict !== undefined && verdict.fits !== 'no'
  }, [])

  const onConnectEnd = useCallback((event: globalThis.MouseEvent | TouchEvent, state: FinalConnectionState) => {
    const at = pointOf(event)
    const held = moving.current
    const to = state.toHandle && portReference(state.toHandle.nodeId, state.toHandle.id)
    const node = nodeUnder(at)
    if (to && held !== undefined) moveWireTo(held, to, at)
    else if (to) endWireAt(to, at)
    else if (node !== undefined) dropOnNode(node, at, held)
    else dropOnEmpty(at, flow()?.screenToFlowPosition(at) ?? at, held)
    endWiring()
  }, [])

  const onDrop = (event: DragEvent): void => {
    const item = draggedItem(event.dataTransfer)
    if (!item) return
    event.preventDefault()
    const at = { x: event.clientX, y: event.clientY }
    const place = flow()?.screenToFlowPosition({ x: at.x - 60, y: at.y - 24 }) ?? at
    const wire = edgeUnder(at)
    void putOnCanvas(item, { x: Math.round(place.x), y: Math.round(place.y) }, wire)
  }

  return (
    <ContextMenu entries={() => menuEntries(menu.current)}>
      <div
        className={styles.surface}
        data-wiring={wiring || undefined}
        onPointerMove={(event) => setPointer({ x: event.clientX, y: event.clientY })}
        onDragOver={(event) => {
          if (!event.dataTransfer.types.includes('application/x-patchbay-item')) return
          event.preventDefault()
          event.dataTransfer.dropEffect = 'copy'
          markEdge(edgeUnder({ x: event.clientX, y: event.clientY }))
        }}
        onDragLeave={() => markEdge(undefined)}
        onDrop={(event) => {
          onDrop(event)
          markEdge(undefined)
        }}
        onDoubleClick={(event) => {
          if (!(event.target instanceof Element) || !event.target.classList.contains('react-flow__pane')) return
          const at = { x: event.clientX, y: event.clientY }
          useCanvasView.setState({ picker: { at, place: flow()?.screenToFlowPosition(at) ?? at } })
        }}
      >
        <ReactFlow<FlowNode, CableEdge>
          aria-label="Canvas"
          nodes={nodes}
          edges={edges}
          nodeTypes={nodeTypes}
          edgeTypes={edgeTypes}
          onNodesChange={onNodesChange}
          onEdgesChange={onEdgesChange}
          onInit={(instance: Flow) => setFlow(instance)}
          onConnectStart={onConnectStart}
          onConnectEnd={onConnectEnd}
          isValidConnection={isValidConnection}
          connectionLineComponent={CableLine}
          connectionRadius={26}
          connectOnClick={false}
          onReconnectStart={(_, edge) => (moving.current = edge.id)}
          onReconnect={noReconnect}
          onReconnectEnd={() => (moving.current = undefined)}
          reconnectRadius={9}
          onEdgeDoubleClick={(_, edge) => edge.id === 'suggested' && acceptSuggestion()}
          onNodeClick={selectAlone}
          onNodeDoubleClick={(_, node) => node.type === 'instance' && void runCommand(openingCommand(node.data.model))}
          onPaneClick={() => {
            clearSelection()
            dismissRefusal()
          }}
          onPaneContextMenu={() => (menu.current = 'canvas')}
          onSelectionContextMenu={() => (menu.current = 'node')}
          onNodeContextMenu={(event, node) => {
            const exported = exportUnder(event.target)
            if (exported !== undefined) {
              selectOnCanvas([], [exportWire(exported)])
              menu.current = 'wire'
              return
            }
            const { instances, annotations } = useSelection.getState()
            if (isAnnotation(node.id)) {
              if (!annotations.has(node.id)) selectOnCanvas([], [], [node.id])
              menu.current = isGroup(node.id) ? 'group' : 'note'
              return
            }
            const port = exportPortUnder(event.target)
            if (port) {
              pointAtPort(port)
              menu.current = 'port'
              return
            }
            if (!instances.has(node.id)) selectOnCanvas([node.id])
            menu.current = 'node'
          }}
          onEdgeContextMenu={(_, edge) => {
            if (edge.id === 'suggested') return
            if (!useSelection.getState().wires.has(edge.id)) selectOnCanvas([], [edge.id])
            menu.current = 'wire'
          }}
          onMoveEnd={(_, viewport) => setViewport(viewport)}
          panOnScroll
          panOnScrollSpeed={1}
          zoomOnScroll={false}
          zoomOnDoubleClick={false}
          selectionMode={SelectionMode.Partial}
          multiSelectionKeyCode={['Meta', 'Control', 'Shift']}
          deleteKeyCode={null}
          minZoom={0.1}
          maxZoom={2}
          disableKeyboardA11y={false}
          elevateNodesOnSelect={false}
          elevateEdgesOnSelect
          colorMode={theme}
          onlyRenderVisibleElements={nodes.length > 80}
          proOptions={noProOptions}
        >
          <Background variant={BackgroundVariant.Dots} gap={22} size={1.4} color="var(--canvas-dots)" />
          <Guides />
          {minimap && nodes.length > 8 && (
            <MiniMap<FlowNode>
              className={styles.minimap ?? ''}
              pannable
              zoomable
              ariaLabel="Map of the canvas"
              nodeColor={(node) =>
                node.type === 'instance' ? cableColour(node.data.model.colour) : 'var(--text-faint)'
              }
              nodeBorderRadius={24}
              maskColor="color-mix(in srgb, var(--canvas) 72%, transparent)"
            />
          )}
        </ReactFlow>
        {model.instances.length === 0 && <Empty />}
        <CanvasBar />
        <FindBar model={model} />
        <Coach model={model} />
        <VerdictTip />
        <PortTip />
        <Refused />
        <WireReport />
        <ReplacedReport />
        <AddPicker />
      </div>
    </ContextMenu>
  )
}

/** A plain click on one of several selected nodes means that one; the library leaves them all selected. */
function selectAlone({ shiftKey, ctrlKey, metaKey }: MouseEvent, { id }: FlowNode): void {
  const { instances, annotations } = useSelection.getState()
  if (shiftKey || ctrlKey || metaKey || instances.size + annotations.size < 2) return
  if (isAnnotation(id)) selectOnCanvas([], [], [id])
  else selectOnCanvas([id])
}

const noProOptions = { hideAttribution: false }

/** Moving a plug ends in `onConnectEnd` like every wire; the library only wants to know that it may be moved. */
function noReconnect(): void {}

function Empty() {
  return (
    <div className={styles.empty}>
      <EmptyState
        icon={<CableIcon size={28} />}
        title="Nothing on the canvas yet"
        actions={
          <>
            <Button look="primary" onClick={() => void runCommand('canvas.add')}>
              Add a component
            </Button>
            <Button onClick={() => void runCommand('components.add')}>Open .wasm files…</Button>
            <Button onClick={() => void runCommand('build.new')}>New component…</Button>
          </>
        }
      >
        Drag a component from the library, or drop .wasm files anywhere in the window. Then draw a wire from an export
        on the right of one to an import on the left of another.
      </EmptyState>
    </div>
  )
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

/** The export of an instance whose row this is. */
function exportPortUnder(target: EventTarget): PortReference | undefined {
  const key = target instanceof Element ? target.closest<HTMLElement>('[data-port]')?.dataset['port'] : undefined
  const [, instance, name] = /^(\S+) out (.+)$/.exec(key ?? '') ?? []
  return instance === undefined || name === undefined ? undefined : { instance, side: 'out', name }
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
  return id === 'suggested' ? undefined : id
}

/** Marks the wire that a dragged component would be put into. */
function markEdge(id: string | undefined): void {
  for (const marked of document.querySelectorAll('[data-splice]')) marked.removeAttribute('data-splice')
  if (id !== undefined)
    document.querySelector(`.react-flow__edge[data-id="${CSS.escape(id)}"]`)?.setAttribute('data-splice', '')
}

/** Shows everything when another project was opened, or the view it was left with; the same after the list was shown. */
function useFirstView(generation: number): void {
  const measured = useNodesInitialized()
  const ready = useFlow((state) => state.current !== undefined)
  const shown = useRef(0)
  useEffect(() => {
    if (!ready || !measured || shown.current === generation) return
    shown.current = generation
    const { viewport } = useProject.getState()
    void (viewport ? flow()?.setViewport(viewport) : flow()?.fitView(fitOptions))
  }, [generation, measured, ready])
}

/** Brings what was asked for into view: a problem's node, a found one. */
function useReveal(): void {
  const revealed = useSelection((selection) => selection.revealed)
  useEffect(() => {
    if (revealed === 0) return
    const { instances, port } = useSelection.getState()
    if (port?.side === 'in') {
      const hidden = !document.querySelector(`[data-port="${CSS.escape(`${port.instance} in ${port.name}`)}"]`)
      if (hidden) useCanvasView.setState(({ unfolded }) => ({ unfolded: new Set([...unfolded, port.instance]) }))
    }
    void flow()?.fitView({
      nodes: [...instances].map((id) => ({ id })),
      padding: 0.6,
      maxZoom: Math.max(0.9, flow()?.getZoom() ?? 1),
      duration: travelTime(),
    })
  }, [revealed])
}

const menus = {
  canvas: [
    'canvas.add',
    'components.add',
    'build.new',
    '-',
    'edit.paste',
    'canvas.selectAll',
    '-',
    'canvas.note',
    'canvas.wireAll',
    'canvas.arrange',
    'canvas.fit',
  ],
  group: [
    'canvas.rename',
    ...groupColours,
    'canvas.fitGroup',
    'canvas.collapse',
    '-',
    'edit.cut',
    'edit.copy',
    'edit.duplicate',
    '-',
    'canvas.ungroup',
  ],
  note: ['canvas.rename', '-', 'edit.cut', 'edit.copy', 'edit.duplicate', 'canvas.group', '-', 'edit.delete'],
  node: [
    'canvas.rename',
    'canvas.replace',
    'composition.exports',
    'canvas.exportAll',
    '-',
    'edit.cut',
    'edit.copy',
    'edit.duplicate',
    '-',
    'canvas.expand',
    'canvas.collapse',
    'canvas.group',
    'canvas.alignLeft',
    'canvas.alignTop',
    'canvas.distributeX',
    'canvas.distributeY',
    '-',
    'canvas.selectUpstream',
    'canvas.selectDownstream',
    '-',
    'canvas.openSource',
    'canvas.showInLibrary',
    'library.compare',
    '-',
    'edit.deleteAndReconnect',
    'edit.delete',
  ],
  port: ['composition.exportPort', 'composition.exports', '-', 'canvas.exportAll', 'canvas.rename'],
  wire: ['canvas.renameExport', '-', 'canvas.followToSource', 'canvas.followToTarget', '-', 'edit.delete'],
}

function menuEntries(kind: keyof typeof menus) {
  return commandEntries(menus[kind], readContext())
}
