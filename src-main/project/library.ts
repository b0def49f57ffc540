import { readdir, readFile } from 'node:fs/promises'
import { basename, join, relative, resolve, sep } from 'node:path'
import { z } from 'zod'
import { problemOf, withPlace } from '../../src-engine/error.ts'
import type { LibraryItem, ProjectDocument } from '../../src-preload/contract.ts'
import { applicationRoot } from '../entries.ts'
import type { Contents } from './contents.ts'

const samplesFolder = join(applicationRoot, 'resources', 'samples')
const sampleManifest = z.object({ name: z.string(), description: z.string(), order: z.number() }).loose()

/** Folders that hold no sources of a person. */
const skipped = new Set(['node_modules', 'target', 'dist', 'out', '.git', '.patchbay'])
export function isSkipped(name: string): boolean {
  return skipped.has(name)
}
/** A scan ends after this many entries: a home folder is no project. */
const scanLimit = 5000

/** A path of the project file as an absolute one, and back. `/` separates on every system. */
export function absolutePath(folder: string, path: string): string {
  return resolve(folder, ...path.split('/'))
}
export function projectPath(folder: string, path: string): string {
  return relative(folder, path).split(sep).join('/')
}

/** One component of the project as the library shows it; what is wrong with it is in the item, never thrown. */
export async function projectItem(
  folder: string,
  id: string,
  entry: ProjectDocument['components'][string],
  contents: Contents,
): Promise<LibraryItem> {
  const path = absolutePath(folder, entry.path)
  const source = entry.source === undefined ? undefined : absolutePath(folder, entry.source)
  const item = {
    id,
    name: basename(path),
    origin: 'project',
    path,
    ...(source === undefined ? {} : { source }),
  } as const
  return fillItem(item, contents)
}

type BareItem = Pick<LibraryItem, 'id' | 'name' | 'origin' | 'path' | 'source' | 'description'>

async function fillItem(item: BareItem, contents: Contents): Promise<LibraryItem> {
  let hash: string | undefined
  try {
    hash = (await contents.file(item.path)).hash
    const summary = await contents.summary(hash)
    if (summary.kind === 'component') return { ...item, status: 'ready', hash, summary }
    const what = summary.kind === 'module' ? 'a core module, not a component' : 'a WIT package without code'
    const hint =
      summary.kind === 'module'
        ? 'Make a component of it first: `jco new`, or `wasm-tools component new`.'
        : 'Build the component that implements it, and add that.'
    return {
      ...item,
      status: 'broken',
      hash,
      summary,
      problem: {
        code: `input.${summary.kind === 'module' ? 'core-module' : 'wit-only'}`,
        message: `${item.name} is ${what}.`,
        where: { file: item.path },
        hint,
      },
    }
  } catch (thrown) {
    const problem = problemOf(withPlace(thrown, { file: item.path }))
    if (problem.code === 'input.not-found') {
      if (item.source !== undefined) return { ...item, status: 'source' }
      return {
        ...item,
        status: 'missing',
        problem: { ...problem, hint: 'Put the file back, or remove the component from the project.' },
      }
    }
    return hash === undefined ? { ...item, status: 'broken', problem } : { ...item, status: 'broken', hash, problem }
  }
}

/** The components that ship with Patchbay, in the order they are taught. */
export async function sampleItems(contents: Contents): Promise<LibraryItem[]> {
  const items: { readonly order: number; readonly item: LibraryItem }[] = []
  for (const name of await readdir(samplesFolder)) {
    const manifest = await readFile(join(samplesFolder, name, 'sample.json'), 'utf8').catch(() => undefined)
    if (manifest === undefined) continue
    const { order, description } = sampleManifest.parse(JSON.parse(manifest))
    const bare: BareItem = {
      id: `sample:${name}`,
      name: `${name}.wasm`,
      origin: 'sample',
      path: join(samplesFolder, name, `${name}.wasm`),
      description,
    }
    items.push({ order, item: await fillItem(bare, contents) })
  }
  return items.sort((left, right) => left.order - right.order).map(({ item }) => item)
}

/** `.wasm` files that lie in the folder without being part of the project. Bounded in entries and depth. */
export async function folderItems(
  folder: string,
  known: ReadonlySet<string>,
  contents: Contents,
): Promise<LibraryItem[]> {
  const found: LibraryItem[] = []
  let seen = 0
  const visit = async (at: string, depth: number): Promise<void> => {
    const entries = await readdir(at, { withFileTypes: true }).catch(() => [])
    for (const entry of entries.sort((left, right) => (left.name < right.name ? -1 : 1))) {
      if (++seen > scanLimit) return
      const path = join(at, entry.name)
      if (entry.isDirectory() && depth < 4 && !skipped.has(entry.name) && !entry.name.startsWith('.'))
        await visit(path, depth + 1)
      if (!entry.isFile() || !entry.name.endsWith('.wasm') || known.has(path)) continue
      found.push(
        await fillItem(
          { id: `folder:${projectPath(folder, path)}`, name: entry.name, origin: 'folder', path },
          contents,
        ),
      )
    }
  }
  await visit(folder, 0)
  return found
}

/** Files of a sample, to copy it. Throws when there is no such sample. */
export function sampleFile(id: string): { readonly name: string; readonly path: string } | undefined {
  const name = /^(?:sample:)?([a-z][a-z0-9-]*)$/.exec(id)?.[1]
  return name === undefined ? undefined : { name, path: join(samplesFolder, name, `${name}.wasm`) }
}

export const sampleProjectFolder = join(samplesFolder, 'project')
