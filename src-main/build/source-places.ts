/** Which line of which source a line of a bundle comes from. */
import { SourceMap } from 'node:module'
import type { ProblemPlace } from '../../src-engine/error.ts'

export interface SourcePlaces {
  /** Both one-based. Undefined for what is not the user's. */
  placeOf(line: number, column: number): ProblemPlace | undefined
  /** The same by line, as data that goes into the component: see `readableStack` in resources/adapters/javascript/console.js. */
  readonly table: PlaceTable
}

export interface PlaceTable {
  readonly files: readonly string[]
  /** First line in the bundle, number of lines, index of the file, first line in the file. */
  readonly ranges: readonly (readonly [start: number, count: number, file: number, line: number])[]
}

/** `nameOf` gives the name to show for a path in the map, or undefined when the file is not the user's. */
export function readSourcePlaces(
  map: string,
  lineCount: number,
  nameOf: (source: string) => string | undefined,
): SourcePlaces {
  const sourceMap = new SourceMap(JSON.parse(map))
  const placeOf = (line: number, column: number): ProblemPlace | undefined => {
    const found = sourceMap.findEntry(line - 1, column - 1)
    if (!('originalSource' in found) || found.generatedLine !== line - 1) return undefined
    const file = nameOf(found.originalSource)
    return file === undefined ? undefined : { file, line: found.originalLine + 1, column: found.originalColumn + 1 }
  }

  const files: string[] = []
  const ranges: [number, number, number, number][] = []
  for (let line = 1; line <= lineCount; line++) {
    const place = placeOf(line, Number.MAX_SAFE_INTEGER)
    if (place?.file === undefined || place.line === undefined) continue
    let file = files.indexOf(place.file)
    if (file < 0) file = files.push(place.file) - 1
    const last = ranges.at(-1)
    if (last && last[2] === file && last[0] + last[1] === line && last[3] + last[1] === place.line) last[1]++
    else ranges.push([line, 1, file, place.line])
  }
  return { placeOf, table: { files, ranges } }
}
