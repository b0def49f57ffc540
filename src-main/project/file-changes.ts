/** What somebody else changed in a project file while it is open. */
import { isDeepStrictEqual } from 'node:util'
import type { ProjectDocument } from '../../src-preload/contract.ts'
import { isObject, type ParsedDocument } from './document.ts'

export type Run = ProjectDocument['run']

/** Whether two states of a file say the same of everything but how it is run. */
export function differOnlyInRun(left: ParsedDocument['raw'], right: ParsedDocument['raw']): boolean {
  const { run: _, ...one } = left
  const { run: __, ...other } = right
  return isDeepStrictEqual(one, other)
}

/** Whether two say the same of how it is run; nothing said and nothing in it are one. */
export const sameRun = (left: Run, right: Run): boolean => isDeepStrictEqual(present(left ?? {}), present(right ?? {}))

/** Without what is `undefined`: a file cannot say that. */
const present = (run: NonNullable<Run>): unknown => JSON.parse(JSON.stringify(run))

/** Places in the raw `run` of a file that the document read from it does not have, as `handlers.api.timout`. */
export function unknownKeys(raw: unknown, known: unknown): string[] {
  if (!isObject(raw)) return []
  const table = isObject(known) ? known : {}
  return Object.entries(raw).flatMap(([key, value]) =>
    Object.hasOwn(table, key) ? unknownKeys(value, table[key]).map((inner) => `${key}.${inner}`) : [key],
  )
}
