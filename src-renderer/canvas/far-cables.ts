/**
 * Cables from so far away that nobody holds one: drawn as few paths instead of an element each. The one under the pointer
 * becomes an element of its own, so that whatever can be done with a cable can be done from afar, too.
 */
import { create } from 'zustand'
import { worldNode } from '../state/document.ts'
import type { CableEdge } from './Cable.tsx'
import { type Flow, flow } from './flow.ts'

interface FarView {
  /** Everything is so far away, and so much, that small things are only a cost. */
  readonly far: boolean
  /** The cable under the pointer, while that is so. */
  readonly near: string | undefined
}

export const useFarView = create<FarView>()(() => ({ far: false, near: undefined }))

/** Whether a cable says nothing from afar but where it leads: neither a problem, nor words, nor what goes through it. */
export function isPlain({ data, target }: CableEdge): boolean {
  return data?.problem === undefined && data?.note === undefined && data?.suggested !== true && target !== worldNode
}

/** Where a far cable is drawn, in canvas units. */
export interface Strand {
  readonly edge: CableEdge
  /** As an SVG path. */
  readonly path: string
  /** How far it reaches at most. */
  readonly box: { readonly left: number; readonly top: number; readonly right: number; readonly bottom: number }
}

let strands: ReadonlyMap<string, Strand> = new Map()

/** Tells what is drawn now; the map may change while it is drawn. */
export function setStrands(drawn: ReadonlyMap<string, Strand>): void {
  strands = drawn
}

/** All cables of the canvas, whichever way they are drawn. */
export function allCables(canvas: Flow): CableEdge[] {
  const edges = canvas.getEdges()
  const known = new Set(edges.map(({ id }) => id))
  return [...edges, ...[...strands.values()].flatMap(({ edge }) => (known.has(edge.id) ? [] : [edge]))]
}

/** Pixels beside a cable that still mean it; the nearer, the sooner, as from afar they lie close together. */
const reaches = [1, 2, 4, 9] as const
const furthest = 9

let pen: CanvasRenderingContext2D | null | undefined

/** The far cable at a place of the window. */
export function farCableAt(at: { readonly x: number; readonly y: number }): string | undefined {
  const canvas = flow()
  pen ??= document.createElement('canvas').getContext('2d')
  if (!canvas || !pen || strands.size === 0) return undefined
  const { x, y } = canvas.screenToFlowPosition(at, { snapToGrid: false })
  const zoom = canvas.getZoom()
  const slack = furthest / zoom
  const close = [...strands].flatMap(([id, { path, box }]) =>
    x < box.left - slack || x > box.right + slack || y < box.top - slack || y > box.bottom + slack
      ? []
      : [{ id, path: new Path2D(path) }],
  )
  for (const reach of reaches) {
    pen.lineWidth = (2 * reach) / zoom
    for (const { id, path } of close) if (pen.isPointInStroke(path, x, y)) return id
  }
  return undefined
}

let asked: { readonly x: number; readonly y: number } | undefined

/** The pointer is here now: once for each frame the cable under it is looked for. */
export function lookForCable(at: { readonly x: number; readonly y: number }): void {
  if (!useFarView.getState().far) return
  if (!asked)
    requestAnimationFrame(() => {
      const near = asked && farCableAt(asked)
      asked = undefined
      if (useFarView.getState().near !== near) useFarView.setState({ near })
    })
  asked = at
}
