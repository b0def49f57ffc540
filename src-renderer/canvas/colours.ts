/** How many cable colours the tokens have. */
const colours = 12

/**
 * Colours for packages: a package keeps its colour as long as the window lives, and packages that are on the canvas
 * together differ while there are colours left. The same packages get the same colours at every start.
 */
export class Palette {
  readonly #given = new Map<string, number>()

  colourOf(packages: Iterable<string>): ReadonlyMap<string, number> {
    const here = [...new Set(packages)].sort()
    const taken = new Set(here.flatMap((id) => this.#given.get(id) ?? []))
    const found = new Map<string, number>()
    for (const id of here) {
      let colour = this.#given.get(id)
      if (colour === undefined) {
        if (taken.size >= colours) taken.clear()
        colour = hash(id) % colours
        // A step that meets every colour before it comes back.
        while (taken.has(colour)) colour = (colour + 5) % colours
        this.#given.set(id, colour)
        taken.add(colour)
      }
      found.set(id, colour)
    }
    return found
  }
}

const palette = new Palette()

/** Colours of the packages of the open project; see {@link Palette}. */
export function coloursOf(packages: Iterable<string>): ReadonlyMap<string, number> {
  return palette.colourOf(packages)
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
