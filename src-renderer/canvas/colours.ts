/** How many cable colours the tokens have. */
const colours = 12

/** A colour for each package: the same package keeps its colour wherever it can, and neighbours differ while there are colours left. */
export function coloursOf(packages: Iterable<string>): ReadonlyMap<string, number> {
  const given = new Map<string, number>()
  const taken = new Set<number>()
  for (const id of [...packages].sort()) {
    let colour = hash(id) % colours
    for (let tried = 0; tried < colours && taken.has(colour); tried++) colour = (colour + 5) % colours
    given.set(id, colour)
    taken.add(colour)
    if (taken.size === colours) taken.clear()
  }
  return given
}

/** The token of a colour. */
export function cableColour(colour: number): string {
  return `var(--cable-${colour})`
}

/** FNV-1a: short, even, the same everywhere. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let index = 0; index < text.length; index++) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193)
  return value >>> 0
}
