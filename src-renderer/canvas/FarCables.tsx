import { type InternalNode, useStoreApi } from '@xyflow/react'
import { memo, useLayoutEffect, useMemo, useRef } from 'react'
import type { CableEdge } from './Cable.tsx'
import styles from './cables.module.css'
import { cableColour } from './colours.ts'
import { type Strand, setStrands } from './far-cables.ts'
import type { FlowNode } from './flow.ts'
import { cablePath } from './geometry.ts'
import { InViewport } from './InViewport.tsx'

/** The cables of one colour that end at one node: one path, drawn anew when a node at an end moved. */
interface Bundle {
  readonly key: string
  readonly colour: number
  readonly edges: readonly CableEdge[]
}

type FarNode = InternalNode<FlowNode>

/**
 * Cables as they are drawn from afar. They are drawn beside React: it would have to ask each of them at every step of every
 * gesture whether it moved.
 */
export const FarCables = memo(function FarCables({ edges }: { readonly edges: readonly CableEdge[] }) {
  const store = useStoreApi<FlowNode>()
  const bundles = useMemo(() => bundlesOf(edges), [edges])
  const paths = useRef(new Map<string, SVGPathElement>())

  useLayoutEffect(() => {
    const strands = new Map<string, Strand>()
    const seen = new Map<string, readonly (FarNode | undefined)[]>()
    const draw = (): void => {
      const { nodeLookup } = store.getState()
      for (const { key, edges: within } of bundles) {
        const ends = within.flatMap(({ source, target }) => [nodeLookup.get(source), nodeLookup.get(target)])
        const before = seen.get(key)
        if (before && ends.every((end, index) => end === before[index])) continue
        seen.set(key, ends)
        const drawn = within.map((edge, index) => strandOf(edge, ends[2 * index], ends[2 * index + 1]))
        for (const [index, { id }] of within.entries()) {
          const strand = drawn[index]
          if (strand) strands.set(id, strand)
          else strands.delete(id)
        }
        paths.current.get(key)?.setAttribute('d', drawn.map((strand) => strand?.path ?? '').join(''))
      }
    }
    draw()
    setStrands(strands)
    const leave = store.subscribe((now, before) => {
      // Moving the view moves no end.
      if (now.transform === before.transform || now.nodes !== before.nodes) draw()
    })
    return () => {
      leave()
      setStrands(new Map())
    }
  }, [store, bundles])

  return (
    <InViewport>
      <svg className={styles.far} width={1} height={1} aria-hidden data-testid="far-cables">
        {bundles.map(({ key, colour }) => (
          <path
            key={key}
            ref={(path) => void (path ? paths.current.set(key, path) : paths.current.delete(key))}
            stroke={cableColour(colour)}
          />
        ))}
      </svg>
    </InViewport>
  )
})

function bundlesOf(edges: readonly CableEdge[]): Bundle[] {
  const found = new Map<string, { readonly key: string; readonly colour: number; readonly edges: CableEdge[] }>()
  for (const edge of edges) {
    const colour = edge.data?.colour ?? 0
    const key = `${colour} ${edge.target}`
    const bundle = found.get(key) ?? { key, colour, edges: [] }
    bundle.edges.push(edge)
    found.set(key, bundle)
  }
  return [...found.values()]
}

function strandOf(edge: CableEdge, source: FarNode | undefined, target: FarNode | undefined): Strand | undefined {
  const from = source && endOf(source, 'source', edge.sourceHandle)
  const to = target && endOf(target, 'target', edge.targetHandle)
  if (!from || !to) return undefined
  // Backwards a cable swings out by up to 260, and it sags by up to 34.
  const box = {
    left: Math.min(from.x, to.x - 260),
    top: Math.min(from.y, to.y),
    right: Math.max(from.x + 260, to.x),
    bottom: Math.max(from.y, to.y) + 34,
  }
  return { edge, path: cablePath(from, to), box }
}

/** Where the cable leaves a socket: in the middle of its outer side, as the canvas library has it. */
function endOf({ internals }: FarNode, type: 'source' | 'target', id: string | null | undefined) {
  const handle = internals.handleBounds?.[type]?.find((one) => one.id === id)
  if (!handle) return undefined
  const { x, y } = internals.positionAbsolute
  return {
    x: x + handle.x + (type === 'source' ? handle.width : 0),
    y: y + handle.y + handle.height / 2,
  }
}
