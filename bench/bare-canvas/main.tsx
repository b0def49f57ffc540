/** The canvas library as its own documentation shows it: the same nodes, ports and wires, and nothing of ours. */
import '@xyflow/react/dist/style.css'
import {
  Background,
  Handle,
  type Node,
  type NodeProps,
  Position,
  ReactFlow,
  useEdgesState,
  useNodesState,
} from '@xyflow/react'
import { memo } from 'react'
import { createRoot } from 'react-dom/client'
import { largeGraph } from '../canvas-graph.ts'

type PartNode = Node<{
  readonly label: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
}>

const Part = memo(function Part({ data }: NodeProps<PartNode>) {
  return (
    <div style={{ width: 224, background: 'white', border: '1px solid #ccc', borderRadius: 8 }}>
      <div style={{ height: 48, padding: 8, boxSizing: 'border-box' }}>{data.label}</div>
      {data.inputs.map((name, index) => (
        <div key={name} style={{ display: 'flex', justifyContent: 'space-between', height: 26, padding: '0 14px' }}>
          <Handle id={`in:${name}`} type="target" position={Position.Left} style={{ top: 61 + index * 26 }} />
          <span>{name}</span>
          <span>{data.outputs[index]}</span>
          <Handle id={`out:${name}`} type="source" position={Position.Right} style={{ top: 61 + index * 26 }} />
        </div>
      ))}
    </div>
  )
})

const nodeTypes = { part: Part }
const { instances, wires, ports } = largeGraph()
const firstNodes: PartNode[] = instances.map(({ id, x, y }) => ({
  id,
  type: 'part',
  position: { x, y },
  data: { label: id, inputs: ports, outputs: ports },
}))
const firstEdges = wires.map(({ from, to, port }) => ({
  id: `${to} ${port}`,
  source: from,
  target: to,
  sourceHandle: `out:${port}`,
  targetHandle: `in:${port}`,
}))

function Bare() {
  const [nodes, , onNodesChange] = useNodesState(firstNodes)
  const [edges, , onEdgesChange] = useEdgesState(firstEdges)
  return (
    <ReactFlow
      nodes={nodes}
      edges={edges}
      nodeTypes={nodeTypes}
      onNodesChange={onNodesChange}
      onEdgesChange={onEdgesChange}
      fitView
      minZoom={0.05}
    >
      <Background />
    </ReactFlow>
  )
}

const root = document.getElementById('root')
if (root) createRoot(root).render(<Bare />)
