import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, dirname, extname, join, resolve } from 'node:path'
import { planComposition } from '../../src-engine/compose/build-plan.ts'
import { encodeComposition } from '../../src-engine/compose/encode.ts'
import { fail } from '../../src-engine/error.ts'
import type { RunSettings } from '../../src-preload/contract.ts'
import { parseDocument } from '../project/document.ts'
import { unreadable } from '../project/files.ts'
import type { HandlerSource } from '../runtime/runtime.ts'
import { patchbayVersion } from '../services/workbench.ts'
import { readComponent } from './component-file.ts'
import { fromProject } from './compose.ts'
import { withAbsoluteFolders } from '../runtime/serving/settings.ts'
import { printProblem, type VerbContext } from './verb.ts'

/** What is served, and where it is looked for again when something changes. */
export interface RunInputs {
  /** Files, projects and folders of components, as the user wrote them. */
  readonly paths: readonly string[]
  /** A folder with one folder of components for each tenant. */
  readonly tenants: string | undefined
  readonly cwd: string
}

/** Every handler there is. Throws `input.*` for what cannot be read or holds none. */
export async function readHandlers({ paths, tenants, cwd }: RunInputs): Promise<HandlerSource[]> {
  const found: HandlerSource[] = tenants === undefined ? [] : await readTenants(resolve(cwd, tenants), tenants)
  for (const input of paths) {
    const path = resolve(cwd, input)
    const about = await stat(path).catch((thrown: unknown) => {
      throw unreadable(input, thrown)
    })
    if (about.isDirectory()) found.push(...(await readFolder(path, input)))
    else if (basename(path) === 'patchbay.json') found.push(await readProject(path))
    else found.push(await readFileHandler(input, cwd))
  }
  return found
}

/** One folder for each tenant; one without handlers may get some later. */
async function readTenants(folder: string, shown: string): Promise<HandlerSource[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((thrown: unknown) => {
    throw unreadable(shown, thrown)
  })
  const handlers: HandlerSource[] = []
  for (const { name } of entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.')))
    for (const handler of await readComponents(join(folder, name))) handlers.push({ ...handler, tenant: name })
  return handlers
}

/** A folder of components is served by names even while it holds only one: more may come. */
export async function isServedByName({ paths, tenants, cwd }: RunInputs): Promise<boolean> {
  if (tenants !== undefined) return true
  const path = resolve(cwd, paths[0] ?? '.')
  return (await stat(path)).isDirectory() && !(await composedProject(path))
}

/** The project file of a folder, unless its canvas is empty: then its components are served one by one. */
async function composedProject(folder: string): Promise<string | undefined> {
  const file = join(folder, 'patchbay.json')
  const document = await readDocument(file)
  return document && Object.keys(document.graph.instances).length > 0 ? file : undefined
}

async function readDocument(file: string): Promise<ReturnType<typeof parseDocument>['document'] | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined)
  return text === undefined ? undefined : parseDocument(text, file).document
}

/** What the project among the inputs says about running; its folders are taken relative to it. */
export async function readRunSettings({ paths, cwd }: RunInputs): Promise<RunSettings> {
  const path = resolve(cwd, paths[0] ?? '.')
  const file = basename(path) === 'patchbay.json' ? path : join(path, 'patchbay.json')
  return withAbsoluteFolders((await readDocument(file))?.run ?? {}, dirname(file))
}

async function readFileHandler(path: string, cwd: string): Promise<HandlerSource> {
  const { bytes, name } = await readComponent(path, cwd)
  return { name: handlerName(name), bytes }
}

/** `api-composed.wasm` is served as `api`. */
const handlerName = (stem: string): string => stem.replace(/-composed$/, '').replace(/[\s/?#]+/g, '-')

/** A project as one handler, or the handlers among the components of a folder. */
async function readFolder(folder: string, shown: string): Promise<HandlerSource[]> {
  const project = await composedProject(folder)
  if (project !== undefined) return [await readProject(project)]
  const handlers = await readComponents(folder)
  if (handlers.length === 0) {
    throw fail('input.no-handler', `${shown} holds no component that exports wasi:http/incoming-handler`, {
      where: { file: folder },
      hint: 'Build one with "patchbay new" and "patchbay build", or name a file.',
    })
  }
  return handlers
}

async function readComponents(folder: string): Promise<HandlerSource[]> {
  const handlers: HandlerSource[] = []
  for (const name of (await readdir(folder)).sort()) {
    if (extname(name) !== '.wasm') continue
    const component = await readComponent(join(folder, name), folder).catch(() => undefined)
    const exports = [...(component?.decoded.type.exports.keys() ?? [])]
    if (component && exports.some((exported) => /^wasi:http\/(incoming-)?handler(@|$)/.test(exported)))
      handlers.push({ name: handlerName(component.name), bytes: component.bytes })
  }
  return handlers
}

async function readProject(file: string): Promise<HandlerSource> {
  const { graph, parts } = await fromProject(file)
  const plan = planComposition(graph, (hash) => parts.get(hash)?.decoded)
  const [problem] = plan.problems
  if (problem) throw fail(problem.code, problem.message, problem)
  const bytes = encodeComposition(plan, (hash) => parts.get(hash)?.bytes ?? new Uint8Array(), {
    version: patchbayVersion,
  })
  return { name: handlerName(graph.name ?? basename(join(file, '..'))), bytes }
}

/** Calls `changed` when something below the inputs was written; answers how to stop. */
export async function watchInputs(
  { paths, tenants, cwd }: RunInputs,
  { output }: VerbContext,
  changed: () => Promise<void>,
): Promise<() => Promise<void>> {
  const { watch: observe } = await import('chokidar')
  const watcher = observe(
    [...paths, ...(tenants === undefined ? [] : [tenants])].map((input) => resolve(cwd, input)),
    {
      ignoreInitial: true,
      ignored: /[/\\](node_modules|target|\.git)([/\\]|$)/,
      awaitWriteFinish: { stabilityThreshold: 100, pollInterval: 30 },
    },
  )
  let pending: Promise<void> = Promise.resolve()
  let waiting = false
  watcher.on('all', (_event, path) => {
    if (waiting || !/\.(wasm|wat|json)$/.test(path)) return
    waiting = true
    pending = pending.then(async () => {
      waiting = false
      try {
        await changed()
      } catch (thrown) {
        const { problemOf } = await import('../../src-engine/error.ts')
        output.note(printProblem(problemOf(thrown)))
      }
    })
  })
  await new Promise<void>((ready) => watcher.once('ready', () => ready()))
  return async () => {
    await watcher.close()
    await pending
  }
}
