import type { ELK, ElkNode } from 'elkjs/lib/elk-api.js'
import { moveNodes } from '../state/composition.ts'
import { type Position, worldNode } from '../state/document.ts'
import { useProject } from '../state/project.ts'
import { announce } from '../ui/announce.tsx'
import { flow, travelTime } from './flow.ts'
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
  const edges = canvas.getEdges()
  const children = nodes.map((node): ElkNode => {
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
  })
  const known = new Set(children.flatMap((node) => (node.ports ?? []).map((port) => port.id)))
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
  for (const child of laidOut.children ?? [])
    places.set(child.id, { x: Math.round(child.x ?? 0), y: Math.round(child.y ?? 0) })
  const kept = new Map(
    [...places].filter(([id]) => id === worldNode || Object.hasOwn(useProject.getState().tables.instances, id)),
  )
  const area = document.querySelector('.react-flow')
  area?.setAttribute('data-arranging', '')
  moveNodes(kept, 'Arrange')
  announce('Arranged.')
  setTimeout(() => {
    area?.removeAttribute('data-arranging')
    void flow()?.fitView({ padding: 0.08, maxZoom: 1.15, duration: travelTime() })
  }, travelTime())
}
