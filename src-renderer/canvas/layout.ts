import type { CompositionGraph } from '../../src-engine/compose/graph.ts'
import { type Position, importsNode, isWorld, worldNode } from '../state/document.ts'
import { nodeWidth } from './geometry.ts'
import type { CanvasModel } from './model.ts'

/** Room between nodes of a column and between columns. */
const rowGap = 36
const columnGap = 72

/**
 * Places for nodes that have none: providers left, consumers right, a column per step; what has a place keeps it.
 * Good enough to open a graph that was written as text; `arrange` does it properly.
 */
export function placesFor(
  graph: CompositionGraph,
  model: CanvasModel,
  known: Readonly<Record<string, Position>>,
  heightOf: (instance: string) => number,
): ReadonlyMap<string, Position> {
  const missing = model.instances.map(({ id }) => id).filter((id) => !Object.hasOwn(known, id))
  const places = new Map<string, Position>()
  if (missing.length > 0) {
    const depths = depthsOf(graph)
    const placed = Object.entries(known).filter(([id]) => !isWorld(id))
    // Below what is there already, so that nothing is covered.
    const top = placed.length === 0 ? 80 : Math.max(...placed.map(([id, { y }]) => y + heightOf(id))) + rowGap
    const left = placed.length === 0 ? 80 : Math.min(...placed.map(([, { x }]) => x))
    const next = new Map<number, number>()
    for (const id of missing) {
      const column = depths.get(id) ?? 0
      const y = next.get(column) ?? top
      places.set(id, { x: left + column * (nodeWidth + columnGap), y })
      next.set(column, y + heightOf(id) + rowGap)
    }
  }
  const world = known[worldNode]
  if (!world) places.set(worldNode, worldPlace({ ...known, ...Object.fromEntries(places) }))
  if (model.imports.length > 0 && !known[importsNode])
    places.set(importsNode, importsPlace({ ...known, ...Object.fromEntries(places) }))
  return places
}

/** Left of everything, at the height of the leftmost node. */
function importsPlace(places: Readonly<Record<string, Position>>): Position {
  const all = Object.values(places)
  const [first] = all
  if (!first) return { x: 80, y: 80 }
  const leftmost = all.reduce((best, place) => (place.x < best.x ? place : best), first)
  return { x: leftmost.x - nodeWidth - columnGap, y: leftmost.y }
}

/** Right of everything, at the height of the rightmost node. */
function worldPlace(places: Readonly<Record<string, Position>>): Position {
  const all = Object.entries(places).filter(([id]) => !isWorld(id))
  const [first] = all
  if (!first) return { x: 480, y: 80 }
  const rightmost = all.reduce((best, place) => (place[1].x > best[1].x ? place : best), first)[1]
  return { x: rightmost.x + nodeWidth + columnGap, y: rightmost.y }
}

/** Steps from an instance that needs nobody; a circle counts once. */
function depthsOf(graph: CompositionGraph): ReadonlyMap<string, number> {
  const needs = new Map<string, string[]>()
  for (const { instance, source } of Object.values(graph.arguments))
    if (source.kind === 'instance') needs.set(instance, [...(needs.get(instance) ?? []), source.instance])
  const depths = new Map<string, number>()
  const onTheWay = new Set<string>()
  const depthOf = (id: string): number => {
    const known = depths.get(id)
    if (known !== undefined) return known
    if (onTheWay.has(id)) return 0
    onTheWay.add(id)
    const depth = Math.max(-1, ...(needs.get(id) ?? []).map(depthOf)) + 1
    onTheWay.delete(id)
    depths.set(id, depth)
    return depth
  }
  for (const id of Object.keys(graph.instances).sort()) depthOf(id)
  return depths
}
