import { type Box, boxAround } from '../state/annotations.ts'

/** Pixels of the map; the style sheet says the same. */
export const mapSize = { width: 150, height: 100 }
const margin = 4

/** How the map shows the canvas: canvas units for each pixel, and what lies in its corner. */
export interface MapFrame {
  readonly scale: number
  readonly x: number
  readonly y: number
}

/** The frame in which everything and what is seen of it have room, in the middle. */
export function mapFrame(boxes: readonly Box[], view: Box): MapFrame {
  const all = boxAround([...boxes, view]) ?? view
  const scale = Math.max(all.width / (mapSize.width - 2 * margin), all.height / (mapSize.height - 2 * margin))
  return {
    scale,
    x: all.x + all.width / 2 - (mapSize.width / 2) * scale,
    y: all.y + all.height / 2 - (mapSize.height / 2) * scale,
  }
}
