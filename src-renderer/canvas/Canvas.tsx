import '@xyflow/react/dist/base.css'
import { ReactFlow, ReactFlowProvider, SelectionMode, useNodesInitialized, useStore } from '@xyflow/react'
import { Cable as CableIcon } from 'lucide-react'
import { memo, useEffect, useRef, useState } from 'react'
import { runCommand } from '../commands/registry.ts'
import { useProject } from '../state/project.ts'
import { useSelection } from '../state/selection.ts'
import { useSettings } from '../state/settings.ts'
import { Button } from '../ui/Button.tsx'
import { EmptyState } from '../ui/EmptyState.tsx'
import { ContextMenu } from '../ui/Menu.tsx'
import { Cable, type CableEdge } from './Cable.tsx'
import { CableLine } from './CableLine.tsx'
import { CanvasBar } from './CanvasBar.tsx'
import { CanvasMap } from './CanvasMap.tsx'
import styles from './Canvas.module.css'
import { Coach } from './Coach.tsx'
import { useFarView } from './far-cables.ts'
import { FarCables } from './FarCables.tsx'
import { FindBar } from './FindBar.tsx'
import { type FlowNode, fitOptions, flow, setFlow, showPort, travelTime, useFlow } from './flow.ts'
import { GroupNode } from './GroupNode.tsx'
import { Guides } from './Guides.tsx'
import { ImportsNode } from './ImportsNode.tsx'
import { ImportZone } from './ImportZone.tsx'
import { InstanceNode } from './InstanceNode.tsx'
import { ListView } from './ListView.tsx'
import { NoteNode } from './NoteNode.tsx'
import { startNudging } from './nudge.ts'
import { AddPicker } from './AddPicker.tsx'
import { PortTip } from './PortTip.tsx'
import { Refused } from './Refused.tsx'
import { Reports } from './Reports.tsx'
import { useFlowNodes, useModel } from './use-flow-nodes.ts'
import { useCanvasView } from './view.ts'
import { VerdictTip } from './VerdictTip.tsx'
import { menuEntries } from './menus.ts'
import type { CanvasModel } from './model.ts'
import { flowEvents, surfaceEvents } from './surface-events.ts'
import { useWiring } from './wiring.ts'
import { WorldNode } from './WorldNode.tsx'

const nodeTypes = { instance: InstanceNode, world: WorldNode, imports: ImportsNode, frame: GroupNode, note: NoteNode }
const edgeTypes = { cable: Cable }

/** The composition as instances and cables. */
export function Canvas() {
  const list = useCanvasView((view) => view.list)
  return (
    <section className={styles.root} aria-label="Composition">
      <div className={styles.stage}>
        {list ? (
          <ListView />
        ) : (
          <ReactFlowProvider>
            <Surface />
          </ReactFlowProvider>
        )}
      </div>
      <Reports />
    </section>
  )
}

function Surface() {
  const model = useModel()
  const wiring = useWiring((now) => now.from !== undefined)
  useReveal()
  useEffect(() => () => setFlow(undefined), [])
  useEffect(startNudging, [])
  return (
    <ContextMenu entries={menuEntries}>
      <div className={styles.surface} data-wiring={wiring || undefined} {...surfaceEvents}>
        <Graph model={model} />
        <Overlays model={model} />
        <FarView />
      </div>
    </ContextMenu>
  )
}

/** Nodes and cables; drawn anew for every step of a drag, and nothing around it. */
function Graph({ model }: { readonly model: CanvasModel }) {
  const { nodes, edges, farEdges, onNodesChange, onEdgesChange } = useFlowNodes(model)
  const theme = useSettings((settings) => settings.resolvedTheme)
  const minimap = useCanvasView((view) => view.minimap)
  const [viewport] = useState(() => useProject.getState().viewport)
  const placed = useFirstView(useProject((project) => project.generation)) || viewport !== undefined
  return (
    <ReactFlow<FlowNode, CableEdge>
      aria-label="Canvas"
      // Nodes must not be seen, or clicked, where they will not be in a moment.
      {...(viewport ? { defaultViewport: viewport } : {})}
      inert={!placed && nodes.length > 0}
      className={!placed && nodes.length > 0 ? (styles.unplaced ?? '') : ''}
      nodes={nodes}
      edges={edges}
      nodeTypes={nodeTypes}
      edgeTypes={edgeTypes}
      onNodesChange={onNodesChange}
      onEdgesChange={onEdgesChange}
      {...flowEvents}
      connectionLineComponent={CableLine}
      connectionRadius={26}
      connectOnClick={false}
      reconnectRadius={9}
      panOnScroll
      panOnScrollSpeed={1}
      zoomOnScroll={false}
      zoomOnDoubleClick={false}
      selectionMode={SelectionMode.Partial}
      multiSelectionKeyCode={multiSelectionKeys}
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
      {farEdges.length > 0 && <FarCables edges={farEdges} />}
      <Guides />
      {minimap && nodes.length > 8 && <CanvasMap />}
    </ReactFlow>
  )
}

/** What lies over the canvas; it rests while nodes are dragged. */
const Overlays = memo(function Overlays({ model }: { readonly model: CanvasModel }) {
  return (
    <>
      {model.instances.length === 0 && <Empty />}
      <CanvasBar />
      <FindBar model={model} />
      <Coach model={model} />
      <ImportZone model={model} />
      <VerdictTip />
      <PortTip />
      <Refused />
      <AddPicker />
    </>
  )
})

/** As many nodes are drawn whole from any distance: there small text costs nothing, and its shape still says something. */
const drawnWhole = 40

/** Tells when everything is so far away, and so much, that small things are only a cost; and that a wire is drawn. */
function FarView() {
  const far = useStore((state) => state.transform[2] < 0.4 && state.nodes.length > drawnWhole)
  const drawing = useStore((state) => state.connection.fromHandle?.type)
  const here = useRef<HTMLSpanElement>(null)
  useEffect(() => {
    here.current?.parentElement?.toggleAttribute('data-far', far)
    useFarView.setState({ far, near: undefined })
    return () => useFarView.setState({ far: false, near: undefined })
  }, [far])
  useEffect(() => {
    const surface = here.current?.parentElement
    if (drawing) surface?.setAttribute('data-drawing', drawing)
    else surface?.removeAttribute('data-drawing')
  }, [drawing])
  return <span ref={here} hidden />
}

const multiSelectionKeys = ['Meta', 'Control', 'Shift']
const noProOptions = { hideAttribution: false }

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

/**
 * Shows everything when another project was opened, or the view it was left with; the same after the list was shown.
 * Answers whether that was done.
 */
function useFirstView(generation: number): boolean {
  const [placed, setPlaced] = useState(false)
  const measured = useNodesInitialized()
  const ready = useFlow((state) => state.current !== undefined)
  const shown = useRef(0)
  useEffect(() => {
    if (!ready || !measured || shown.current === generation) return
    shown.current = generation
    const { viewport } = useProject.getState()
    void (viewport ? flow()?.setViewport(viewport) : flow()?.fitView(fitOptions))?.finally(() => setPlaced(true))
  }, [generation, measured, ready])
  return placed
}

/** Brings what was asked for into view: a problem's node, a found one. */
function useReveal(): void {
  const revealed = useSelection((selection) => selection.revealed)
  // What was asked for before the canvas came is no reason to move it now.
  const done = useRef(revealed)
  useEffect(() => {
    if (revealed === done.current) return undefined
    done.current = revealed
    const { instances, port } = useSelection.getState()
    if (port?.side === 'in') {
      const hidden = !document.querySelector(`[data-port="${CSS.escape(`${port.instance} in ${port.name}`)}"]`)
      if (hidden) useCanvasView.setState(({ unfolded }) => ({ unfolded: new Set([...unfolded, port.instance]) }))
    }
    const show = (): void => {
      if (port && showPort(port)) return
      void flow()?.fitView({
        nodes: [...instances].map((id) => ({ id })),
        padding: 0.6,
        maxZoom: Math.max(0.9, flow()?.getZoom() ?? 1),
        duration: travelTime(),
      })
    }
    // A port that was folded away has a place once it was drawn.
    const frame = requestAnimationFrame(() => requestAnimationFrame(show))
    return () => cancelAnimationFrame(frame)
  }, [revealed])
}
