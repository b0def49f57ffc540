import { type EdgeChange, type NodeChange, applyNodeChanges } from '@xyflow/react'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { matchNames, shortName, splitVersion } from '../../src-engine/types/names.ts'
import { moveNodes } from '../state/composition.ts'
import { useDecoded } from '../state/decoded.ts'
import { type Position, graphOf, worldNode } from '../state/document.ts'
import { usePlan } from '../state/plan.ts'
import { useProject } from '../state/project.ts'
import { runGraph } from '../state/run-target.ts'
import { selectOnCanvas, useSelection } from '../state/selection.ts'
import type { CableEdge } from './Cable.tsx'
import type { FlowNode } from './flow.ts'
import { nodeHeight } from './geometry.ts'
import { placesFor } from './layout.ts'
import { type CanvasModel, type InstanceModel, type WireModel, canvasModel } from './model.ts'
import { handleId } from './ports.ts'
import { useCanvasView } from './view.ts'

/** Nodes and edges for the canvas library, derived from the stores; moves and selections go back into the stores. */
export function useFlowNodes() {
  const model = useModel()
  const tables = useProject((project) => project.tables)
  const graph = graphOf(tables)
  const selectedInstances = useSelection((selection) => selection.instances)
  const selectedWires = useSelection((selection) => selection.wires)
  const unfolded = useCanvasView((view) => view.unfolded)
  const decoded = useDecoded((now) => now.byHash)
  // Which components are decoded decides what Run would add.
  const suggested = useMemo(() => (decoded ? runGraph(graph).added : undefined), [graph, decoded])

  const places = useMemo(() => {
    const byId = new Map(model.instances.map((instance) => [instance.id, instance]))
    const heightOf = (id: string): number => {
      const instance = byId.get(id)
      return instance ? nodeHeight(instance, unfolded.has(id)) : 120
    }
    return placesFor(graph, model, tables.positions, heightOf)
    // Unfolding must not push nodes about.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [graph, model, tables.positions])

  const [nodes, setNodes] = useState<FlowNode[]>([])
  const dragging = useRef(false)
  useEffect(() => {
    setNodes((previous) => {
      const before = new Map(previous.map((node) => [node.id, node]))
      const place = (id: string): Position => tables.positions[id] ?? places.get(id) ?? { x: 0, y: 0 }
      const next: FlowNode[] = model.instances.map((instance) => {
        const old = before.get(instance.id)
        const position = dragging.current && old ? old.position : place(instance.id)
        const selected = selectedInstances.has(instance.id)
        if (
          old?.type === 'instance' &&
          old.data.model === instance &&
          same(old.position, position) &&
          old.selected === selected
        )
          return old
        const data = old?.type === 'instance' && old.data.model === instance ? old.data : { model: instance }
        return {
          ...(old?.type === 'instance' ? old : {}),
          id: instance.id,
          type: 'instance',
          position,
          data,
          selected,
          ariaLabel: describeNode(instance),
        }
      })
      if (model.instances.length > 0 || model.exports.length > 0) {
        const old = before.get(worldNode)
        const position = dragging.current && old ? old.position : place(worldNode)
        const selected = selectedInstances.has(worldNode)
        next.push({
          ...(old?.type === 'world' ? old : {}),
          id: worldNode,
          type: 'world',
          position,
          selected,
          data: { exports: model.exports, suggested: suggested?.name },
          ariaLabel: 'World exports',
        })
      }
      return next
    })
  }, [model, tables.positions, places, selectedInstances, suggested])

  const edges = useMemo(() => {
    const list = model.wires.map((wire) => edgeOf(wire, selectedWires.has(wire.key)))
    if (suggested) {
      const colour = model.instances.find(({ id }) => id === suggested.instance)?.colour ?? 0
      list.push({
        id: 'suggested',
        type: 'cable',
        source: suggested.instance,
        sourceHandle: handleId('out', suggested.name),
        target: worldNode,
        targetHandle: handleId('in', suggested.name),
        selectable: false,
        focusable: false,
        reconnectable: false,
        data: { colour, problem: undefined, note: 'Run exports this', suggested: true },
      })
    }
    return list
  }, [model, selectedWires, suggested])

  const onNodesChange = useCallback((changes: NodeChange<FlowNode>[]) => {
    let selection: Set<string> | undefined
    const moved = new Map<string, Position>()
    const local: NodeChange<FlowNode>[] = []
    for (const change of changes) {
      if (change.type === 'select') {
        selection ??= new Set(useSelection.getState().instances)
        if (change.selected) selection.add(change.id)
        else selection.delete(change.id)
      } else if (change.type === 'position') {
        dragging.current = change.dragging === true
        if (change.dragging === false && change.position) moved.set(change.id, rounded(change.position))
        local.push(change)
      } else if (change.type === 'dimensions') local.push(change)
    }
    if (local.length > 0) setNodes((now) => applyNodeChanges(local, now))
    if (selection) selectOnCanvas(selection, useSelection.getState().wires)
    if (moved.size > 0) moveNodes(moved)
  }, [])

  const onEdgesChange = useCallback((changes: EdgeChange<CableEdge>[]) => {
    const selection = new Set(useSelection.getState().wires)
    let changed = false
    for (const change of changes) {
      if (change.type !== 'select') continue
      changed = true
      if (change.selected) selection.add(change.id)
      else selection.delete(change.id)
    }
    if (changed) selectOnCanvas(useSelection.getState().instances, selection)
  }, [])

  return { model, nodes, edges, onNodesChange, onEdgesChange, places }
}

/** The model of the canvas, derived from the stores. */
function useModel(): CanvasModel {
  const graph = useProject((project) => graphOf(project.tables))
  const library = useProject((project) => project.library)
  const decoded = useDecoded((now) => now.byHash)
  const problems = usePlan((plan) => plan.problems)
  return useMemo(
    () => withSteadyInstances(canvasModel({ graph, library, decoded, problems })),
    [graph, library, decoded, problems],
  )
}

let steady: ReadonlyMap<string, { readonly text: string; readonly instance: InstanceModel }> = new Map()

/** Instances that did not change become the same objects as before, so that their nodes rest. */
function withSteadyInstances(model: CanvasModel): CanvasModel {
  const before = steady
  const entries = model.instances.map((instance) => {
    const text = JSON.stringify(instance)
    const old = before.get(instance.id)
    return old?.text === text ? old : { text, instance }
  })
  steady = new Map(entries.map((entry) => [entry.instance.id, entry]))
  return { ...model, instances: entries.map(({ instance }) => instance) }
}

function edgeOf(wire: WireModel, selected: boolean): CableEdge {
  const target = wire.to.instance ?? worldNode
  return {
    id: wire.key,
    type: 'cable',
    source: wire.from.instance,
    sourceHandle: handleId('out', wire.from.name),
    target,
    targetHandle: handleId('in', wire.to.name),
    selected,
    reconnectable: 'target',
    ariaLabel: `Wire from ${shortName(wire.from.name)} of ${wire.from.instance} to ${wire.to.instance === undefined ? 'the world exports' : `${shortName(wire.to.name)} of ${wire.to.instance}`}${wire.problem === undefined ? '' : `: ${wire.problem}`}`,
    data: { colour: wire.colour, problem: wire.problem, note: versionNote(wire), suggested: false },
  }
}

/** Written on a wire that joins two versions: `0.2.3 → 0.2.0`. */
function versionNote({ from, to }: WireModel): string | undefined {
  if (to.instance === undefined) return from.name === to.name ? undefined : `as ${shortName(to.name)}`
  const match = matchNames(from.name, to.name)
  if (match !== 'newer' && match !== 'older') return undefined
  return `${splitVersion(from.name).version} → ${splitVersion(to.name).version}`
}

function describeNode(instance: InstanceModel): string {
  const open = instance.inputs.filter((port) => !port.wired).length
  const state = instance.state === 'missing' ? ', missing' : ''
  return `${instance.id}, ${instance.purpose ?? 'component'} from ${instance.packageName}${state}, ${instance.inputs.length} imports (${open} open), ${instance.outputs.length} exports`
}

function same(left: Position, right: Position): boolean {
  return left.x === right.x && left.y === right.y
}

function rounded({ x, y }: Position): Position {
  return { x: Math.round(x), y: Math.round(y) }
}
