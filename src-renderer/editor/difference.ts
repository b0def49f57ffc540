/** One replacement that turns a text into another. */
export interface Replacement {
  /** Offsets in the old text, `end` exclusive. */
  readonly start: number
  readonly end: number
  readonly insert: string
}

/** The shortest single replacement between two texts: what they begin and end with alike stays. Never splits a surrogate pair. */
export function difference(before: string, after: string): Replacement {
  const shorter = Math.min(before.length, after.length)
  let start = 0
  while (start < shorter && before[start] === after[start]) start++
  let tail = 0
  while (tail < shorter - start && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++
  if (isHigh(before.charCodeAt(start - 1))) start--
  if (tail > 0 && isLow(before.charCodeAt(before.length - tail))) tail--
  return { start, end: before.length - tail, insert: after.slice(start, after.length - tail) }
}

function isHigh(unit: number): boolean {
  return unit >= 0xd800 && unit < 0xdc00
}

function isLow(unit: number): boolean {
  return unit >= 0xdc00 && unit < 0xe000
}
