/** Sizes and paths that the canvas and a drawing of it share, so that a saved picture lies like the screen. Canvas units. */

export interface Point {
  readonly x: number
  readonly y: number
}

export const nodeWidth = 224
export const worldWidth = 188
export const headerHeight = 48
export const rowHeight = 26
/** Above and below the rows, together. */
export const nodePadding = 8

/** The path of a cable: horizontal at both ends, hanging a little between, as cables do. */
export function cablePath(from: Point, to: Point): string {
  const distance = Math.hypot(to.x - from.x, to.y - from.y)
  const across = to.x - from.x
  // Backwards the cable swings out at both ends, the further the wider.
  const reach = across >= 0 ? Math.max(40, Math.min(220, across * 0.45)) : Math.min(260, 64 - across * 0.5)
  const sag = Math.min(34, distance * 0.09)
  return `M${from.x},${from.y} C${from.x + reach},${from.y + sag} ${to.x - reach},${to.y + sag} ${to.x},${to.y}`
}

/** The middle of that cable, for what is written on it. */
export function cableMiddle(from: Point, to: Point): Point {
  const sag = Math.min(34, Math.hypot(to.x - from.x, to.y - from.y) * 0.09)
  return { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 + sag * 0.75 }
}
