import type { Box } from '../state/annotations.ts'
import type { Position } from '../state/document.ts'

export type Alignment = 'left' | 'centre' | 'right' | 'top' | 'middle' | 'bottom'

/** New places of boxes in line with the outermost of them. */
export function aligned(boxes: ReadonlyMap<string, Box>, to: Alignment): ReadonlyMap<string, Position> {
  const all = [...boxes.values()]
  const left = Math.min(...all.map(({ x }) => x))
  const top = Math.min(...all.map(({ y }) => y))
  const right = Math.max(...all.map(({ x, width }) => x + width))
  const bottom = Math.max(...all.map(({ y, height }) => y + height))
  const places: Record<Alignment, (box: Box) => Position> = {
    left: ({ y }) => ({ x: left, y }),
    centre: ({ y, width }) => ({ x: Math.round((left + right - width) / 2), y }),
    right: ({ y, width }) => ({ x: Math.round(right - width), y }),
    top: ({ x }) => ({ x, y: top }),
    middle: ({ x, height }) => ({ x, y: Math.round((top + bottom - height) / 2) }),
    bottom: ({ x, height }) => ({ x, y: Math.round(bottom - height) }),
  }
  return new Map([...boxes].map(([id, box]) => [id, places[to](box)]))
}

/** New places with the same room between each two; the outermost stay. */
export function distributed(boxes: ReadonlyMap<string, Box>, along: 'x' | 'y'): ReadonlyMap<string, Position> {
  const size = (box: Box): number => (along === 'x' ? box.width : box.height)
  const sorted = [...boxes].sort(([, left], [, right]) => left[along] - right[along])
  const [first] = sorted
  const last = sorted.at(-1)
  if (!first || !last || sorted.length < 3) return new Map([...boxes].map(([id, { x, y }]) => [id, { x, y }]))
  const room = last[1][along] + size(last[1]) - first[1][along] - sorted.reduce((sum, [, box]) => sum + size(box), 0)
  const gap = room / (sorted.length - 1)
  const places = new Map<string, Position>()
  let at = first[1][along]
  for (const [id, box] of sorted) {
    places.set(id, { x: box.x, y: box.y, [along]: Math.round(at) })
    at += size(box) + gap
  }
  return places
}
