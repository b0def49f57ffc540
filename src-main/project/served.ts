/** Which components of a project, a folder or a folder of tenants are served, and by which names. */
import { readdir } from 'node:fs/promises'
import { basename, extname, join, relative } from 'node:path'
import { identify } from '../../src-engine/binary/identify.ts'
import type { CompositionGraph } from '../../src-engine/compose/graph.ts'
import type { ProjectDocument } from '../../src-preload/contract.ts'
import { fullName, type HandlerPlace } from '../../src-preload/run-inheritance.ts'
import type { Contents } from './contents.ts'
import { unreadable } from './files.ts'
import { absolutePath } from './library.ts'

/** A component that handles HTTP, and where it is served. */
export interface ServedComponent extends HandlerPlace {
  readonly path: string
  readonly hash: string
}

/** `api-composed.wasm` is served as `api`; what no path segment can hold becomes a hyphen. */
export const handlerName = (stem: string): string => stem.replace(/-composed$/, '').replace(/[\s/?#]+/g, '-')

/** What the composition of a project is served as: its own name, else the folder's. */
export const compositionName = (graph: Pick<CompositionGraph, 'name'>, folder: string): string =>
  handlerName(graph.name ?? basename(folder)) || 'composition'

/**
 * The handlers among the components of a folder, by name; components that cannot be read are among them, since what asks for
 * them is to be told why. Throws `input.*` when the folder cannot be read.
 */
export async function servedInFolder(folder: string, contents: Contents): Promise<ServedComponent[]> {
  const names = await readdir(folder).catch((thrown: unknown) => {
    throw unreadable(folder, thrown)
  })
  return handlersAmong(
    names.filter((name) => extname(name) === '.wasm').map((name) => join(folder, name)),
    contents,
    true,
  )
}

/**
 * The handlers among the components of a project and the files beside its `patchbay.json`. One of the name of another, or of
 * the composition, is left out, and `leftOut` hears why: each name is a place where one answers. Components that cannot be
 * read are among them here, too.
 */
export async function servedInProject(
  folder: string,
  {
    components,
    graph,
  }: Pick<ProjectDocument, 'components'> & { readonly graph: Pick<CompositionGraph, 'name' | 'instances'> },
  contents: Contents,
  leftOut: (why: string) => void,
): Promise<ServedComponent[]> {
  const own = Object.values(components).map(({ path }) => absolutePath(folder, path))
  const beside = (await readdir(folder).catch(() => [])).filter((name) => extname(name) === '.wasm').sort()
  const found = await handlersAmong([...new Set([...own, ...beside.map((name) => join(folder, name))])], contents, true)
  const taken = new Map(
    Object.keys(graph.instances).length > 0 ? [[compositionName(graph, folder), 'the composition']] : [],
  )
  return found.filter(({ name, path }) => {
    const holder = taken.get(name)
    const shown = relative(folder, path)
    if (holder === undefined) taken.set(name, shown)
    else leftOut(`${shown} is not served: ${holder} is called "${name}" too. Rename the file`)
    return holder === undefined
  })
}

/** The handlers of each tenant: one folder for each; one without handlers may get some later. Throws `input.*`. */
export async function servedToTenants(folder: string, contents: Contents): Promise<ServedComponent[]> {
  const tenants = await tenantsOf(folder)
  const each = await Promise.all(
    tenants.map(async (tenant) =>
      (await servedInFolder(join(folder, tenant), contents)).map((component) => ({ ...component, tenant })),
    ),
  )
  return each.flat()
}

/** Names of the tenants in a folder. Throws `input.*` when it cannot be read. */
export async function tenantsOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((thrown: unknown) => {
    throw unreadable(folder, thrown)
  })
  return entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map(({ name }) => name)
    .sort()
}

/** The same with what is to be run. Throws `input.*`. */
export function withBytes(
  components: readonly ServedComponent[],
  contents: Contents,
): Promise<(Omit<ServedComponent, 'path'> & { readonly bytes: Uint8Array })[]> {
  return Promise.all(
    components.map(async ({ name, tenant, hash }) => ({ name, tenant, hash, bytes: await contents.bytes(hash) })),
  )
}

async function handlersAmong(
  paths: readonly string[],
  contents: Contents,
  withBroken = false,
): Promise<ServedComponent[]> {
  const found: ServedComponent[] = []
  for (const path of paths) {
    const component = await summaryOf(path, contents)
    if (component?.http || (withBroken && component?.broken))
      found.push({ name: handlerName(basename(path, '.wasm')), path, hash: component.hash })
  }
  return found.sort((left, right) => (fullName(left) < fullName(right) ? -1 : 1))
}

/** Undefined for what cannot be read: the library says why. */
async function summaryOf(
  path: string,
  contents: Contents,
): Promise<{ readonly hash: string; readonly http: boolean; readonly broken?: boolean } | undefined> {
  try {
    const { hash } = await contents.file(path)
    try {
      return { hash, http: (await contents.summary(hash)).runnable.http !== null }
    } catch {
      return { hash, http: false, broken: identify(await contents.bytes(hash)).kind !== 'module' }
    }
  } catch {
    return undefined
  }
}
