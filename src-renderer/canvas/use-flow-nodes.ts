import { type EdgeChange, type NodeChange, applyNodeChanges } from '@xyflow/react'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { matchNames, shortName, splitVersion } from '../../src-engine/types/names.ts'
import { isAnnotation } from '../state/annotations.ts'
import { moveNodes } from '../state/composition.ts'
import { useDecoded } from '../state/decoded.ts'
import { graphOf, importsNode, worldNode } from '../state/document.ts'
import { usePlan } from '../state/plan.ts'
import { useProject } from '../state/project.ts'
import { runGraph } from '../state/run-target.ts'
import { selectOnCanvas, useSelection } from '../state/selection.ts'
import type { CableEdge } from './Cable.tsx'
import { isPlain, useFarView } from './far-cables.ts'
import type { FlowNode } from './flow.ts'
import { drawnSize } from './flow.ts'
import { flowNodes, originOf } from './flow-nodes.ts'
import { Hand } from './hand.ts'
import { nodeHeight } from './geometry.ts'
import { placesFor } from './layout.ts'
import { type CanvasModel, type InstanceModel, type WireModel, canvasModel } from './model.ts'
import { handleId } from './ports.ts'
import { useCanvasView } from './view.ts'

/** Nodes and edges for the canvas library, derived from the stores; moves and selections go back into the stores. */
export function useFlowNodes(model: CanvasModel) {
  const tables = useProject((project) => project.tables)
  const graph = graphOf(tables)
  const selectedInstances = useSelection((selection) => selection.instances)
  const selectedWires = useSelection((selection) => selection.wires)
  const annotations = useSelection((selection) => selection.annotations)
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
    setNodes((previous) =>
      flowNodes(previous, {
        model,
        tables,
        places,
        selected: (id) => selectedInstances.has(id) || annotations.has(id),
        suggested: suggested?.name,
        holding: dragging.current,
      }),
    )
  }, [model, tables, places, selectedInstances, annotations, suggested])

  const allEdges = useMemo(() => {
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
        data: { colour, problem: undefined, note: undefined, suggested: true },
      })
    }
    return list
  }, [model, selectedWires, suggested])
  const { far, near } = useFarView()
  const farEdges = useMemo(() => (far ? allEdges.filter(isPlain) : []), [far, allEdges])
  const edges = useMemo(
    () => (far ? allEdges.filter((edge) => edge.selected || edge.id === near || !isPlain(edge)) : allEdges),
    [far, near, allEdges],
  )

  const latest = useRef(nodes)
  latest.current = nodes
  const hand = useRef(new Hand())
  const onNodesChange = useCallback((changes: NodeChange<FlowNode>[]) => {
    let selection: Set<string> | undefined
    const local: NodeChange<FlowNode>[] = []
    for (const change of changes) {
      if (change.type === 'select') {
        const now = useSelection.getState()
        selection ??= new Set([...now.instances, ...now.annotations])
        if (change.selected) selection.add(change.id)
        else selection.delete(change.id)
      } else if (change.type === 'dimensions') {
        if (change.resizing !== undefined) dragging.current = change.resizing
        local.push(change)
      }
    }
    const places = changes.filter((change) => change.type === 'position')
    if (places.some((change) => change.dragging !== undefined))
      dragging.current = places.some((change) => change.dragging)
    local.push(...(dragging.current ? hand.current.held(places, latest.current) : places))
    if (local.length > 0) setNodes((now) => applyNodeChanges(local, now))
    if (selection) {
      const [others, instances] = [
        [...selection].filter(isAnnotation),
        [...selection].filter((id) => !isAnnotation(id)),
      ]
      selectOnCanvas(instances, useSelection.getState().wires, others)
    }
    const dropped = places.filter((change) => change.dragging === false)
    if (dropped.length > 0) {
      const { tables: now } = useProject.getState()
      const moves = hand.current.dropped(dropped, (id) => originOf(now, id))
      if (moves.size > 0) moveNodes(moves, undefined, drawnSize)
    }
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
    if (changed) {
      const { instances, annotations: others } = useSelection.getState()
      selectOnCanvas(instances, selection, others)
    }
  }, [])

  return { nodes, edges, farEdges, onNodesChange, onEdgesChange }
}

/** The model of the canvas, derived from the stores. */
export function useModel(): CanvasModel {
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
  const imported = wire.from.instance === importsNode
  return {
    id: wire.key,
    type: 'cable',
    source: wire.from.instance,
    sourceHandle: handleId('out', wire.from.name),
    target,
    targetHandle: handleId('in', wire.to.name),
    selected,
    reconnectable: 'target',
    ariaLabel: `Wire from ${shortName(wire.from.name)} of ${imported ? 'the world imports' : wire.from.instance} to ${wire.to.instance === undefined ? 'the world exports' : `${shortName(wire.to.name)} of ${wire.to.instance}`}${wire.problem === undefined ? '' : `: ${wire.problem}`}`,
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
