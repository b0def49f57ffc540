import { readdir, stat } from 'node:fs/promises'
import { isAbsolute, join, resolve } from 'node:path'
import { fail, problemOf } from '../../src-engine/error.ts'
import { WitPackages } from '../../src-engine/wit/packages.ts'
import type { CallName, CallOutput, Handlers } from '../../src-preload/contract.ts'
import { applicationRoot } from '../entries.ts'
import { readWitFolders, type WitFolders } from '../project/wit-files.ts'
import type { ProjectHolder } from './project.ts'

type Place = CallOutput<'wit.places'>['places'][number]

const builtinPrefix = 'builtin:'
const builtinFolder = join(applicationRoot, 'wit')

/** WIT of the project's folder and of Patchbay itself, read as text; the window understands it. */
export function witHandlers(projects: ProjectHolder): Pick<Handlers, Extract<CallName, `wit.${string}`>> {
  const read = async (place: string): Promise<WitFolders> => {
    if (place.startsWith(builtinPrefix)) return readBuiltin(place.slice(builtinPrefix.length))
    const { folder } = await projects.current()
    return readWitFolders(isAbsolute(place) ? place : resolve(folder, ...place.split('/')))
  }
  return {
    async 'wit.places'() {
      const { folder } = await projects.current()
      const found: Omit<Place, 'worlds' | 'problem'>[] = [
        ...(await projectPlaces(folder)).map((id) => ({ id, label: id, origin: 'project' as const })),
        ...(await builtinNames()).map((name) => ({
          id: builtinPrefix + name,
          label: name.replace(/^wasi-/, 'WASI '),
          origin: 'builtin' as const,
        })),
      ]
      const places: Place[] = []
      for (const place of found) {
        try {
          const worlds = worldsOf(await read(place.id))
          if (worlds.length > 0) places.push({ ...place, worlds })
        } catch (thrown) {
          places.push({ ...place, worlds: [], problem: problemOf(thrown) })
        }
      }
      return { places }
    },
    async 'wit.read'({ place }) {
      const { folders, main } = await read(place)
      return { folders: folders.map((files) => files.map((file) => ({ ...file }))), main }
    },
  }
}

/** `namespace:package/world@version` of every world that the named folder declares; throws where the WIT is wrong. */
function worldsOf({ folders, main }: WitFolders): string[] {
  const packages = new WitPackages()
  const added = folders.map((files) => packages.addFolder(files))
  const own = main < 0 ? packages.all() : [added[main]]
  return own.flatMap((each) =>
    each
      ? [...each.worlds.keys()].map(
          (world) => `${each.name}/${world}${each.version === undefined ? '' : `@${each.version}`}`,
        )
      : [],
  )
}

async function builtinNames(): Promise<string[]> {
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
async function projectPlaces(folder: string): Promise<string[]> {
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
