/** Names for imports and exports that cannot have the name of their interface, because another one has it. */
import { shortName } from '../types/names.ts'
import { kebab } from './edit.ts'
import type { CompositionGraph, GraphImport, InstanceId } from './graph.ts'

/**
 * What it is, and for whom or of whom: `handler-for-front`, `handler-for-front-and-back`, `log-for-front-and-others`.
 * No word begins with a digit: older tools refuse such names. One that is taken gets a letter.
 */
export function roleName(
  name: string,
  link: 'for' | 'of',
  instances: readonly InstanceId[],
  taken: (name: string) => boolean,
): string {
  const [first = '', second, ...more] = instances
  const who = second === undefined ? first : `${first}-and-${more.length > 0 ? 'others' : second}`
  const stem = kebab(`${shortName(name)}-${link}-${who}`).replace(/-(?=\d)/g, '')
  let free = stem
  for (let count = 0; taken(free); count++) free = `${stem}-${letters(count)}`
  return free
}

/** `b`, `c`, … `z`, `bb`, …: what tells a second one from the first. */
function letters(count: number): string {
  const letter = String.fromCharCode('b'.charCodeAt(0) + (count % 25))
  return letter.repeat(Math.floor(count / 25) + 1)
}

/** A name that no explicit import has: that of the interface, else one that says who takes it. */
export function freeImportName(
  graph: CompositionGraph,
  { instance, name }: NonNullable<GraphImport['typeOf']>,
): string {
  const taken = (each: string): boolean => Object.hasOwn(graph.imports, each)
  return taken(name) ? roleName(name, 'for', [instance], taken) : name
}
