import { readFile, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { fail, problemOf, withPlace } from '../../src-engine/error.ts'
import type { RunSettings } from '../../src-preload/contract.ts'
import type { Contents } from '../project/contents.ts'
import type { ParsedDocument } from '../project/document.ts'
import { unknownKeys } from '../project/file-changes.ts'
import { unreadable } from '../project/files.ts'
import { handlerName, servedInFolder, servedInProject, servedToTenants, withBytes } from '../project/served.ts'
import { watchServed } from '../project/served-watch.ts'
import type { HandlerSource } from '../runtime/runtime.ts'
import { readComponent } from './component-file.ts'
import { withAbsoluteFolders } from '../runtime/serving/settings.ts'
import { printProblem, type VerbContext } from './verb.ts'

/** What is served, and where it is looked for again when something changes. */
export interface RunInputs {
  /** Files, projects and folders of components, as the user wrote them. */
  readonly paths: readonly string[]
  /** A folder with one folder of components for each tenant. */
  readonly tenants: string | undefined
  /** Serve the components of a project beside its composition. */
  readonly components: boolean
  /** A folder may hold none as yet: it is watched. */
  readonly mayBeEmpty: boolean
  readonly contents: Contents
  /** Hears what is left out, and why. */
  readonly note: (text: string) => void
  readonly cwd: string
}

/** Every handler there is, those of the first path first. Throws `input.*` for what cannot be read or holds none. */
export async function readHandlers(inputs: RunInputs): Promise<HandlerSource[]> {
  const { paths, tenants, cwd } = inputs
  const found: HandlerSource[] = []
  for (const input of paths) {
    const path = resolve(cwd, input)
    const about = await stat(path).catch((thrown: unknown) => {
      throw unreadable(input, thrown)
    })
    if (about.isDirectory()) found.push(...(await readFolder(path, input, inputs)))
    else if (basename(path) === 'patchbay.json') found.push(...(await readProject(path, inputs)))
    else found.push(await readFileHandler(input, cwd))
  }
  if (tenants !== undefined) found.push(...(await readTenants(resolve(cwd, tenants), tenants, inputs)))
  return found
}

/** Whether the first handler answers every path: a composition does, and a file that is alone; what is in a folder has names. */
export async function isSingle({ paths, tenants, cwd }: RunInputs, count: number): Promise<boolean> {
  const [first = '.', ...others] = paths
  const path = resolve(cwd, first)
  if (paths.length > 0 && others.length === 0) {
    const project = basename(path) === 'patchbay.json' ? path : await composedProject(path)
    if (project !== undefined) return true
  }
  return count === 1 && tenants === undefined && !(await stat(path)).isDirectory()
}

/** The project file of a folder, unless its canvas is empty: then its components are served one by one. */
async function composedProject(folder: string): Promise<string | undefined> {
  const file = join(folder, 'patchbay.json')
  const read = await readDocument(file)
  return read && Object.keys(read.document.graph.instances).length > 0 ? file : undefined
}

async function readDocument(file: string): Promise<ParsedDocument | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  const { parseDocument } = await import('../project/document.ts')
  return parseDocument(text, file)
}

/** What the project among the inputs says about running; its folders are taken relative to it. Notes what it says in vain. */
export async function readRunSettings(
  { paths, cwd }: Pick<RunInputs, 'paths' | 'cwd'>,
  note: (text: string) => void,
): Promise<RunSettings> {
  const path = resolve(cwd, paths[0] ?? '.')
  const file = basename(path) === 'patchbay.json' ? path : join(path, 'patchbay.json')
  const read = await readDocument(file)
  const run = read?.document.run ?? {}
  const unknown = unknownKeys(read?.raw['run'], run)
  if (unknown.length > 0) note(`patchbay.json: run has ${unknown.join(', ')}, which Patchbay does not know`)
  return withAbsoluteFolders(run, dirname(file))
}

async function readFileHandler(path: string, cwd: string): Promise<HandlerSource> {
  const { bytes, name } = await readComponent(path, cwd)
  return { name: handlerName(name), bytes }
}

/** A project as one handler, or the handlers among the components of a folder. */
async function readFolder(folder: string, shown: string, inputs: RunInputs): Promise<HandlerSource[]> {
  const composed = await composedProject(folder)
  if (composed !== undefined) return readProject(composed, inputs)
  const { contents, note } = inputs
  const read = await readDocument(join(folder, 'patchbay.json'))
  const found = read
    ? await servedInProject(folder, read.document, contents, note)
    : await servedInFolder(folder, contents)
  if (found.length === 0 && inputs.tenants === undefined && !inputs.mayBeEmpty) {
    throw fail('input.no-handler', `${shown} holds no component that exports wasi:http/incoming-handler`, {
      where: { file: folder },
      hint: 'Build one with "patchbay new" and "patchbay build", or name a file.',
    })
  }
  return withBytes(found, inputs.contents)
}

async function readTenants(folder: string, shown: string, inputs: RunInputs): Promise<HandlerSource[]> {
  const found = await servedToTenants(folder, inputs.contents).catch((thrown: unknown) => {
    throw withPlace(thrown, { file: shown })
  })
  return withBytes(found, inputs.contents)
}

/** The composition of a project, and with `components` the handlers beside it. */
async function readProject(file: string, inputs: RunInputs): Promise<HandlerSource[]> {
  // A file that is served alone does not wait for the composer to load.
  const { composeProject } = await import('./run-composition.ts')
  const { name, bytes, document } = await composeProject(file)
  const beside = inputs.components ? await servedInProject(dirname(file), document, inputs.contents, inputs.note) : []
  return [{ name, bytes }, ...(await withBytes(beside, inputs.contents))]
}

/** Calls `changed` when something below the inputs was written; answers how to stop. */
export function watchInputs(
  { paths, tenants, cwd }: RunInputs,
  { output }: VerbContext,
  changed: () => Promise<void>,
): Promise<() => Promise<void>> {
  const watched = [...paths, ...(tenants === undefined ? [] : [tenants])]
  return watchServed({
    paths: watched.map((input) => resolve(cwd, input)),
    changed,
    failed: (thrown) => output.note(printProblem(problemOf(thrown))),
  })
}
