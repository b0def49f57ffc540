import type { ELK, ElkNode } from 'elkjs/lib/elk-api.js'
import { type Size, changeGroup, groupHeader, groupPadding, moved, placeOf } from '../state/annotations.ts'
import { type Position, isWorld } from '../state/document.ts'
import { edit } from '../state/project.ts'
import { announce } from '../ui/announce.tsx'
import { allCables } from './far-cables.ts'
import { type FlowNode, fitOptions, flow, travelTime } from './flow.ts'
import { nodeWidth } from './geometry.ts'
import { portOfHandle } from './ports.ts'

let loading: Promise<ELK> | undefined

/** The layout engine in a worker of its own, loaded when it is first asked for: it is as big as the rest of the window. */
function layoutEngine(): Promise<ELK> {
  loading ??= Promise.all([import('elkjs/lib/elk-api.js'), import('elkjs/lib/elk-worker.min.js?worker')]).then(
    ([{ default: Engine }, { default: EngineWorker }]) => new Engine({ workerFactory: () => new EngineWorker() }),
  )
  return loading
}

const options = {
  // Wires lead into groups.
  'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
  'elk.algorithm': 'layered',
  'elk.direction': 'RIGHT',
  'elk.layered.spacing.nodeNodeBetweenLayers': '110',
  'elk.spacing.nodeNode': '36',
  'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
  'elk.layered.crossingMinimization.strategy': 'LAYER_SWEEP',
  // The same graph is laid out the same way every time.
  'elk.randomSeed': '7',
}

/** Lays the canvas out in layers, providers left; in a worker, as one gesture. */
export async function arrange(): Promise<void> {
  const canvas = flow()
  if (!canvas) return
  const elk = await layoutEngine()
  const nodes = canvas.getNodes()
  const edges = allCables(canvas)
  const child = (node: FlowNode): ElkNode => {
    const handles = node.type === 'instance' ? [...node.data.model.inputs, ...node.data.model.outputs] : []
    return {
      id: node.id,
      width: node.measured?.width ?? nodeWidth,
      height: node.measured?.height ?? 120,
      layoutOptions: { 'elk.portConstraints': 'FIXED_ORDER' },
      // Sockets keep their side and their order, so that cables cross as little as they can.
      ports: handles.map((port, index) => ({
        id: `${node.id} ${port.side}:${port.name}`,
        width: 1,
        height: 1,
        layoutOptions: {
          'elk.port.side': port.side === 'in' ? 'WEST' : 'EAST',
          'elk.port.index': String(port.side === 'in' ? handles.length - index : index),
        },
      })),
    }
  }
  const arranged = nodes.filter(
    (node) => node.type !== 'frame' && !(node.type === 'note' && node.parentId === undefined),
  )
  const boxes = arranged.map((node) => [node.parentId, child(node)] as const)
  // What is grouped stays together; a frame gets the room its members need.
  const frames = nodes
    .filter((node) => node.type === 'frame' && boxes.some(([parent]) => parent === node.id))
    .map((node): ElkNode => ({
      id: node.id,
      children: boxes.flatMap(([parent, box]) => (parent === node.id ? [box] : [])),
      layoutOptions: {
        'elk.padding': `[top=${groupPadding + groupHeader},left=${groupPadding},bottom=${groupPadding},right=${groupPadding}]`,
      },
    }))
  const children = [...boxes.flatMap(([parent, box]) => (parent === undefined ? [box] : [])), ...frames]
  const known = new Set(boxes.flatMap(([, node]) => (node.ports ?? []).map((port) => port.id)))
  const end = (node: string, handle: string | null | undefined): string => {
    const id = `${node} ${handle ?? ''}`
    return portOfHandle(handle) && known.has(id) ? id : node
  }
  const laidOut = await elk.layout({
    id: 'root',
    layoutOptions: options,
    children,
    edges: edges.map((edge) => ({
      id: edge.id,
      sources: [end(edge.source, edge.sourceHandle)],
      targets: [end(edge.target, edge.targetHandle)],
    })),
  })
  const places = new Map<string, Position>()
  const sizes = new Map<string, Size>()
  const visit = (list: readonly ElkNode[], left: number, top: number): void => {
    for (const { id, x = 0, y = 0, width = 0, height = 0, children: inner } of list) {
      const place = { x: Math.round(left + x), y: Math.round(top + y) }
      places.set(id, place)
      if (inner) sizes.set(id, { width: Math.round(width), height: Math.round(height) })
      visit(inner ?? [], left + x, top + y)
    }
  }
  visit(laidOut.children ?? [], 0, 0)
  const area = document.querySelector('.react-flow')
  area?.setAttribute('data-arranging', '')
  edit('Arrange', (tables) => {
    // Something may have gone meanwhile.
    const kept = [...places].filter(([id]) => isWorld(id) || placeOf(tables, id) || Object.hasOwn(tables.instances, id))
    return [...sizes].reduce((next, [id, size]) => changeGroup(next, id, size), moved(tables, new Map(kept)))
  })
  announce('Arranged.')
  setTimeout(() => {
    area?.removeAttribute('data-arranging')
    void flow()?.fitView({ ...fitOptions, duration: travelTime() })
  }, travelTime())
}
