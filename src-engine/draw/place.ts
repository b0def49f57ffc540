import { type Diagram, type DiagramInstance, importsPlaceKey, worldPlaceKey } from './diagram.ts'
import { headerHeight, nodePadding, nodeWidth, type Point, rowHeight, worldWidth } from './geometry.ts'

const rowGap = 36
const columnGap = 96

/** Height of an instance's node. */
export function instanceHeight({ inputs, hostInputs, outputs }: DiagramInstance): number {
  const left = inputs.length + (hostInputs.length > 0 ? 1 : 0)
  return headerHeight + nodePadding + Math.max(left, outputs.length, 1) * rowHeight
}

/**
 * Places for every node: those that are known stay, the others are laid out in layers, providers left, each beside what it
 * is wired to, below what is there. The same diagram is laid out the same way every time.
 */
export function placeDiagram(
  diagram: Diagram,
  known: Readonly<Record<string, Point>> = {},
): ReadonlyMap<string, Point> {
  const places = new Map<string, Point>()
  for (const { id } of diagram.instances) {
    const place = known[id]
    if (place) places.set(id, place)
  }
  const missing = diagram.instances.filter(({ id }) => !places.has(id))
  const heights = new Map(diagram.instances.map((instance) => [instance.id, instanceHeight(instance)]))
  const placed = [...places]
  const top = placed.length === 0 ? 0 : Math.max(...placed.map(([id, { y }]) => y + (heights.get(id) ?? 0))) + rowGap
  const left = placed.length === 0 ? 0 : Math.min(...placed.map(([, { x }]) => x))
  for (const [column, ids] of columnsOf(
    diagram,
    missing.map(({ id }) => id),
  ).entries()) {
    let y = top
    for (const id of ids) {
      places.set(id, { x: left + column * (nodeWidth + columnGap), y })
      y += (heights.get(id) ?? 0) + rowGap
    }
  }
  const world = known[worldPlaceKey]
  if (diagram.exports.length > 0) places.set(worldPlaceKey, world ?? beside(diagram, places))
  const imports = known[importsPlaceKey]
  if (diagram.imports.length > 0) places.set(importsPlaceKey, imports ?? before(diagram, places))
  return places
}

/** Left of everything, at the height of the first instance that takes an import. */
function before(diagram: Diagram, places: ReadonlyMap<string, Point>): Point {
  const all = [...places.values()]
  const x = all.length === 0 ? 0 : Math.min(...all.map((place) => place.x)) - worldWidth - columnGap
  const taker = diagram.wires.find((wire) => wire.from.instance === importsPlaceKey)?.to.instance
  return { x, y: (taker === undefined ? undefined : places.get(taker)?.y) ?? all[0]?.y ?? 0 }
}

/** Right of everything, at the height of the first instance that is exported. */
function beside(diagram: Diagram, places: ReadonlyMap<string, Point>): Point {
  const all = [...places.values()]
  const x = all.length === 0 ? 0 : Math.max(...all.map((place) => place.x)) + nodeWidth + columnGap
  const from = diagram.wires.find((wire) => wire.to.instance === undefined)?.from.instance
  return { x, y: (from === undefined ? undefined : places.get(from)?.y) ?? all[0]?.y ?? 0 }
}

/** Instances by layer, each layer in an order that crosses few wires. */
function columnsOf(diagram: Diagram, ids: readonly string[]): string[][] {
  const here = new Set(ids)
  const providers = new Map<string, string[]>(ids.map((id) => [id, []]))
  const takers = new Map<string, string[]>(ids.map((id) => [id, []]))
  for (const { from, to } of diagram.wires) {
    if (to.instance === undefined || !here.has(from.instance) || !here.has(to.instance)) continue
    providers.get(to.instance)?.push(from.instance)
    takers.get(from.instance)?.push(to.instance)
  }
  const columns: string[][] = []
  for (const [id, depth] of depthsOf(ids, providers)) (columns[depth] ??= []).push(id)
  // In a circle a depth may be skipped: no empty column for it.
  const filled = Object.values(columns)
  for (let sweep = 0; sweep < 4; sweep++) {
    const neighbours = sweep % 2 === 0 ? providers : takers
    const positions = new Map(filled.flatMap((column) => column.map((id, index) => [id, index] as const)))
    for (const column of filled) {
      const weight = (id: string): number => {
        const around = (neighbours.get(id) ?? []).flatMap((other) => positions.get(other) ?? [])
        return around.length === 0
          ? (positions.get(id) ?? 0)
          : around.reduce((sum, index) => sum + index, 0) / around.length
      }
      const weights = new Map(column.map((id) => [id, weight(id)]))
      column.sort((one, other) => (weights.get(one) ?? 0) - (weights.get(other) ?? 0) || (one < other ? -1 : 1))
    }
  }
  return filled
}

/** Steps from an instance that needs nobody; a circle counts once. No recursion: a chain may be long. */
function depthsOf(ids: readonly string[], providers: ReadonlyMap<string, readonly string[]>): Map<string, number> {
  const depths = new Map<string, number>()
  for (const start of ids) {
    const way = [start]
    const onTheWay = new Set(way)
    while (way.length > 0) {
      const id = way[way.length - 1] ?? start
      const open = (providers.get(id) ?? []).find((other) => !depths.has(other) && !onTheWay.has(other))
      if (open !== undefined) {
        way.push(open)
        onTheWay.add(open)
        continue
      }
      depths.set(id, Math.max(-1, ...(providers.get(id) ?? []).map((other) => depths.get(other) ?? -1)) + 1)
      onTheWay.delete(id)
      way.pop()
    }
  }
  return depths
}
