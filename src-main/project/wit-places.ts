import { readdir, stat } from 'node:fs/promises'
import { isAbsolute, join, resolve } from 'node:path'
import { fail } from '../../src-engine/error.ts'
import { applicationRoot } from '../entries.ts'
import { readWitFolders, type WitFolders } from './wit-files.ts'

const builtinPrefix = 'builtin:'
const builtinFolder = join(applicationRoot, 'wit')

/** Is a place WIT that Patchbay brings? */
export function isBuiltin(place: string): boolean {
  return place.startsWith(builtinPrefix)
}

/** The place of WIT that Patchbay brings. */
export function builtinPlace(name: string): string {
  return builtinPrefix + name
}

/**
 * Reads the WIT of a place: `builtin:NAME`, or a `.wit` file or folder, relative to `folder` with `/`, or absolute. Throws
 * `input.*`, and `wit.unknown-place`.
 */
export async function readWitPlace(place: string, folder: string): Promise<WitFolders> {
  if (isBuiltin(place)) return readBuiltin(place.slice(builtinPrefix.length))
  return readWitFolders(isAbsolute(place) ? place : resolve(folder, ...place.split('/')))
}

/** What Patchbay brings, WASI first. */
export async function builtinNames(): Promise<string[]> {
  const entries = await readdir(builtinFolder, { withFileTypes: true })
  return entries
    .flatMap((entry) => (entry.isDirectory() ? [entry.name] : []))
    .sort(
      (left, right) => Number(right.startsWith('wasi-')) - Number(left.startsWith('wasi-')) || (left < right ? -1 : 1),
    )
}

/** A folder of ours: one package, or a folder of packages that use each other (then none is the main one). */
async function readBuiltin(name: string): Promise<WitFolders> {
  if (!(await builtinNames()).includes(name))
    throw fail('wit.unknown-place', `Patchbay brings no WIT called "${name}"`, {
      hint: `It brings ${(await builtinNames()).join(', ')}.`,
    })
  const folder = join(builtinFolder, name)
  const inside = (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isDirectory())
  if (inside.length === 0) return readWitFolders(folder)
  const read = await Promise.all(inside.map((entry) => readWitFolders(join(folder, entry.name))))
  return { folders: read.flatMap(({ folders }) => folders), main: -1 }
}

/** Where projects keep WIT: `wit` at the top and in the source folders, relative with `/`. */
export async function projectPlaces(folder: string): Promise<string[]> {
  const places: string[] = []
  const isFolder = async (path: string): Promise<boolean> =>
    stat(path).then(
      (about) => about.isDirectory(),
      () => false,
    )
  if (await isFolder(join(folder, 'wit'))) places.push('wit')
  const sources = await readdir(join(folder, 'src'), { withFileTypes: true }).catch(() => [])
  for (const entry of sources.sort((left, right) => (left.name < right.name ? -1 : 1)))
    if (entry.isDirectory() && (await isFolder(join(folder, 'src', entry.name, 'wit'))))
      places.push(`src/${entry.name}/wit`)
  const top = await readdir(folder, { withFileTypes: true }).catch(() => [])
  for (const entry of top) if (entry.isFile() && entry.name.endsWith('.wit')) places.push(entry.name)
  return places
}
