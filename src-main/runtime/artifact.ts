/**
 * Components made ready to run: linked by us or transpiled by jco, and kept on disk, for that is the slow part of a start.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fail, PatchbayError, problemOf } from '../../src-engine/error.ts'
import type { Tools } from '../tools/tools.ts'
import { PreparedCache, sha256, type FreshEntry, type StoredEntry } from './cache.ts'
import type { Artifact } from './control.ts'
import { watchGrowth } from './growth.ts'
import { hostName } from './direct/names.ts'
import { repairScript } from './reference-script.ts'
import { blockingImports, createHost, waitingExports } from './wasi/host.ts'
import { Session } from './wasi/session.ts'

/** How a component is run: linked by us, or by jco's generated code. */
export type Road = 'direct' | 'jco'
/** What the user may ask for. */
export type Engine = Road | 'auto'

/** Raise them when what is kept changes: older entries are not used then. */
const formats: Readonly<Record<Road, string>> = { direct: 'direct-4', jco: 'jco-1.35.0-10' }

/** Guests run on the engine of the workbench's own kind of process. */
const engineVersion = process.versions.v8

export interface PreparedComponent {
  readonly artifact: Artifact
  readonly road: Road
  /** Why `auto` did not take the direct road. */
  readonly detour?: string
  /** Imported interfaces and functions, under the host's names for them. */
  readonly imports: readonly string[]
  readonly exports: readonly string[]
  /** False when it had to be made first. */
  readonly cached: boolean
  /**
   * Settles when the validator has nothing against it; throws `runtime.invalid`. The engine may make ready meanwhile, the
   * guest must not serve before.
   */
  readonly verdict: Promise<void>
  /** To be called when the engine and the validator found it valid: later starts do not ask again. */
  readonly noteChecked: () => Promise<void>
}

export interface PrepareOptions {
  readonly tools: Tools
  readonly cacheFolder: string
  readonly bytes: Uint8Array
  /** SHA-256 of the bytes, where it is known. */
  readonly hash?: string | undefined
  /** What the component is called in errors. */
  readonly name: string
  readonly engine?: Engine | undefined
  /** Hears of a damaged or unwritable cache. */
  readonly notice?: ((text: string) => void) | undefined
  /** Whether modules from the cache are checked here, or `later`, where they are compiled; default now. */
  readonly modules?: 'now' | 'later'
}

/**
 * Takes the component from the cache, or makes it ready and puts it there. Throws `runtime.transpile` and `runtime.direct`
 * when the engine that was asked for cannot run it, and `runtime.invalid` when that is because it is not valid.
 */
export async function prepareComponent({
  tools,
  cacheFolder,
  bytes,
  hash = sha256(bytes),
  name,
  engine = 'auto',
  notice = () => {},
  modules = 'now',
}: PrepareOptions): Promise<PreparedComponent> {
  const cache = new PreparedCache(cacheFolder, notice)
  const roads: readonly Road[] = engine === 'auto' ? ['direct', 'jco'] : [engine]
  let detour: string | undefined
  let judging: Promise<void> | undefined
  const judge = (): Promise<void> => {
    judging ??= checkValid(tools, bytes, hash, name)
    // Whoever waits hears of it.
    judging.catch(() => {})
    return judging
  }
  for (const road of roads) {
    const entry = `${hash}-${formats[road]}`
    try {
      const known = await cache.read(entry, formats[road], modules)
      const stored = known ?? (await cache.write(entry, await make(road), formats[road]))
      const described = describeEntry(cache, stored, hash, road)
      const verdict = described.artifact.checked ? Promise.resolve() : judge()
      verdict.catch(() => cache.forget(entry))
      return { ...described, cached: known !== undefined, verdict, ...(detour === undefined ? {} : { detour }) }
    } catch (thrown) {
      const problem = problemOf(thrown)
      if (road === roads.at(-1) || problem.code !== 'runtime.direct') throw thrown
      detour = problem.message
    }
  }
  throw fail('internal.runtime', 'no engine was tried')

  async function make(road: Road): Promise<FreshEntry> {
    if (road === 'jco') {
      await judge()
      return transpile(tools, bytes, name)
    }
    const linking = link(tools, bytes)
    // Behind it in the same queue: what was linked is compiled while the validator works.
    const verdict = judge()
    try {
      return await linking
    } catch (thrown) {
      await verdict
      throw thrown
    }
  }
}

async function checkValid(tools: Tools, bytes: Uint8Array, hash: string, name: string): Promise<void> {
  const verdict = await tools.validate(bytes, hash)
  // A validator that breaks down has not judged: the engine finds out by itself.
  if (verdict.ok || !(verdict.problem.code === 'tools.invalid' || verdict.problem.code.startsWith('input.'))) return
  throw fail('runtime.invalid', `${name} is not a valid component: ${verdict.problem.message}`, {
    where: { file: name, ...verdict.problem.where },
    hint: 'Build it again, or inspect it to see how far it can be read',
  })
}

function describeEntry(
  cache: PreparedCache,
  stored: StoredEntry,
  hash: string,
  road: Road,
): Omit<PreparedComponent, 'cached' | 'verdict'> {
  const { folder, manifest: entry } = stored
  const checked = entry.checked === engineVersion
  const modules = Object.fromEntries(
    entry.modules.map((file) => [file, { path: join(folder, file), sha256: entry.digests[file] ?? '' }]),
  )
  const key = `${hash}-${road}`
  const artifact: Artifact =
    road === 'jco'
      ? { road, key, checked, script: join(folder, entry.script ?? ''), modules }
      : { road, key, checked, plan: join(folder, entry.plan ?? ''), restorable: entry.restorable ?? false, modules }
  const { imports, exports } = entry
  const noteChecked = async (): Promise<void> => {
    if (!checked) await cache.noteChecked(stored, engineVersion)
  }
  return { artifact, road, imports, exports, noteChecked }
}

/** Whether its files were taken away, by whoever emptied the cache. */
export const isLost = (artifact: Artifact): boolean =>
  !existsSync(artifact.road === 'jco' ? artifact.script : artifact.plan)

async function link(tools: Tools, bytes: Uint8Array): Promise<FreshEntry> {
  const { plan, modules, restorable } = await tools.link(bytes, blockingImports)
  const names = modules.map((_, at) => `module-${at}.wasm`)
  return {
    plan: 'plan.json',
    restorable,
    modules: names,
    imports: [...plan.imports],
    exports: [...plan.exported],
    files: {
      'plan.json': Buffer.from(JSON.stringify(plan)),
      ...Object.fromEntries(modules.map((module, at) => [names[at] ?? '', module])),
    },
  }
}

async function transpile(tools: Tools, bytes: Uint8Array, name: string): Promise<FreshEntry> {
  try {
    const { files, imports, exports } = await tools.transpile(bytes, 'component', {
      instantiation: 'async',
      asyncMode: 'jspi',
      asyncImports: blockingImports,
      asyncExports: waitingExports,
      map: mapThree(bytes),
    })
    const kept: Record<string, Uint8Array> = {}
    for (const [file, content] of Object.entries(files)) {
      if (file.endsWith('.d.ts')) continue
      // `.mjs`, so that it is a module whatever lies around it.
      if (file.endsWith('.js')) kept[script] = Buffer.from(repairScript(Buffer.from(content).toString()))
      else kept[file] = file.endsWith('.wasm') ? watchGrowth(content) : content
    }
    return {
      script,
      modules: Object.keys(kept).filter((file) => file !== script),
      imports: [...imports],
      exports: exports.map(([exported]) => exported),
      files: kept,
    }
  } catch (thrown) {
    if (!(thrown instanceof PatchbayError)) throw thrown
    throw fail('runtime.transpile', `${name} cannot be made ready to run: ${thrown.problem.message}`, {
      where: { file: name, ...thrown.problem.where },
      hint: thrown.problem.hint ?? 'Inspect the component to see whether it is complete',
      cause: thrown,
    })
  }
}

const script = 'component.mjs'

/**
 * The interfaces of 0.3 that the component may import, each to the host's name for it. Found by their spelling: reading
 * the whole component for them would take longer, and one name too many does no harm.
 */
function mapThree(bytes: Uint8Array): Record<string, string> {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
  const names = text.match(/wasi:[a-z][a-z0-9-]*\/[a-z][a-z0-9-]*@0\.3\.\d+(-[a-z0-9.-]+)?/g) ?? []
  return Object.fromEntries(names.map((name) => [name, hostName(name)]))
}

const nobody = new Session(
  { environment: {}, arguments: [], directories: {}, allowHosts: [], allowNet: [] },
  { output() {}, notice() {} },
)
const provided: ReadonlySet<string> = new Set(Object.keys(createHost({ current: nobody })))

/** Imports that neither WASI nor anything in the component provides. */
export const unresolvedImports = (imports: readonly string[]): string[] => imports.filter((name) => !provided.has(name))
