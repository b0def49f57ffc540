import type { Box } from '../state/annotations.ts'
import type { Position } from '../state/document.ts'

/** Canvas units between the dots, and of the grid. */
export const gridStep = 22

/** A line that shows what something is in line with, in canvas units. */
export interface Guide {
  /** `x`: an upright line at this x. */
  readonly axis: 'x' | 'y'
  readonly at: number
  readonly from: number
  readonly to: number
}

export interface Snapped {
  readonly place: Position
  readonly guides: readonly Guide[]
}

/**
 * Where a box comes to rest: on the grid, and where an edge or the middle is within `reach` canvas units of an edge or the
 * middle of another box, in line with that.
 */
export function snap(
  box: Box,
  { others, grid, reach }: { readonly others: readonly Box[]; readonly grid: boolean; readonly reach: number },
): Snapped {
  const base = grid ? { x: onGrid(box.x), y: onGrid(box.y) } : { x: box.x, y: box.y }
  const across = nearest(base.x, box.width, others, ({ x, width }) => [x, width], reach)
  const down = nearest(base.y, box.height, others, ({ y, height }) => [y, height], reach)
  const place = { x: across?.place ?? base.x, y: down?.place ?? base.y }
  const guides: Guide[] = []
  if (across) {
    const span = [place.y, place.y + box.height, across.other.y, across.other.y + across.other.height]
    guides.push({ axis: 'x', at: across.at, from: Math.min(...span), to: Math.max(...span) })
  }
  if (down) {
    const span = [place.x, place.x + box.width, down.other.x, down.other.x + down.other.width]
    guides.push({ axis: 'y', at: down.at, from: Math.min(...span), to: Math.max(...span) })
  }
  return { place, guides }
}

function onGrid(value: number): number {
  return Math.round(value / gridStep) * gridStep
}

function nearest(
  start: number,
  size: number,
  others: readonly Box[],
  along: (box: Box) => readonly [number, number],
  reach: number,
): { readonly place: number; readonly at: number; readonly other: Box } | undefined {
  let best: { readonly place: number; readonly at: number; readonly other: Box; readonly distance: number } | undefined
  for (const other of others) {
    const [from, length] = along(other)
    // Beginning with beginning, end with end, middle with middle.
    for (const part of [0, 1, 0.5]) {
      const at = from + length * part
      const place = at - size * part
      const distance = Math.abs(place - start)
      if (distance <= reach && (!best || distance < best.distance)) best = { place, at, other, distance }
    }
  }
  return best
}
