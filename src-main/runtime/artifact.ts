/**
 * Components made ready to run, kept on disk by content: linking or transpiling is the slow part of a start. An entry is
 * complete or not there (written aside, then renamed); one that was damaged since is made again.
 */
import { createHash, randomBytes } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { fail, PatchbayError, problemOf } from '../../src-engine/error.ts'
import type { Tools } from '../tools/tools.ts'
import type { Artifact } from './control.ts'
import { blockingImports, createHost, waitingExports } from './wasi/host.ts'
import { Session } from './wasi/session.ts'

/** How a component is run: linked by us, or by jco's generated code. */
export type Road = 'direct' | 'jco'
/** What the user may ask for. */
export type Engine = Road | 'auto'

/** Raise them when what is kept changes: older entries are not used then. */
const formats: Readonly<Record<Road, string>> = { direct: 'direct-1', jco: 'jco-1.35.0-3' }

const manifest = z.object({
  format: z.string(),
  /** `script` of the reference road. */
  script: z.string().optional(),
  /** `plan` of the direct road: a file. */
  plan: z.string().optional(),
  restorable: z.boolean().optional(),
  modules: z.array(z.string()),
  /** File name → sha256. */
  digests: z.record(z.string(), z.string()),
  imports: z.array(z.string()),
  exports: z.array(z.string()),
})
type Manifest = z.infer<typeof manifest>

export interface PreparedComponent {
  readonly artifact: Artifact
  readonly road: Road
  /** Why `auto` did not take the direct road. */
  readonly detour?: string
  /** Imported interfaces and functions, without versions. */
  readonly imports: readonly string[]
  readonly exports: readonly string[]
  /** False when it had to be made first. */
  readonly cached: boolean
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/**
 * Takes the component from the cache, or makes it ready and puts it there. Throws `runtime.invalid` when it does not
 * validate, `runtime.transpile` and `runtime.direct` when the engine that was asked for cannot run it.
 */
export async function prepareComponent(
  tools: Tools,
  cacheFolder: string,
  bytes: Uint8Array,
  name: string,
  engine: Engine = 'auto',
): Promise<PreparedComponent> {
  const hash = sha256(bytes)
  const base = join(cacheFolder, 'prepared')
  const roads: readonly Road[] = engine === 'auto' ? ['direct', 'jco'] : [engine]
  let detour: string | undefined
  for (const road of roads) {
    const folder = join(base, `${hash}-${formats[road]}`)
    const told = detour === undefined ? {} : { detour }
    try {
      const known = await readEntry(folder, road)
      if (known) return { ...describeEntry(folder, hash, road, known, true), ...told }
      await checkValid(tools, bytes, name)
      const made = road === 'direct' ? await link(tools, bytes) : await transpile(tools, bytes, name)
      return { ...describeEntry(folder, hash, road, await writeEntry(folder, made, road), false), ...told }
    } catch (thrown) {
      const problem = problemOf(thrown)
      if (road === roads.at(-1) || problem.code !== 'runtime.direct') throw thrown
      detour = problem.message
    }
  }
  throw fail('internal.runtime', 'no engine was tried')
}

async function checkValid(tools: Tools, bytes: Uint8Array, name: string): Promise<void> {
  const verdict = await tools.validate(bytes)
  // A validator that breaks down has not judged: the engine finds out by itself.
  if (verdict.ok || !(verdict.problem.code === 'tools.invalid' || verdict.problem.code.startsWith('input.'))) return
  throw fail('runtime.invalid', `${name} is not a valid component: ${verdict.problem.message}`, {
    where: { file: name, ...verdict.problem.where },
    hint: 'Build it again, or inspect it to see how far it can be read',
  })
}

function describeEntry(folder: string, hash: string, road: Road, entry: Manifest, cached: boolean): PreparedComponent {
  const modules = Object.fromEntries(entry.modules.map((module) => [module, join(folder, module)]))
  const key = `${hash}-${road}`
  const artifact: Artifact =
    road === 'jco'
      ? { road, key, script: join(folder, entry.script ?? ''), modules }
      : { road, key, plan: join(folder, entry.plan ?? ''), restorable: entry.restorable ?? false, modules }
  return { artifact, road, imports: entry.imports, exports: entry.exports, cached }
}

/** The entry when every file of it is there and unchanged. */
async function readEntry(folder: string, road: Road): Promise<Manifest | undefined> {
  try {
    const entry = manifest.parse(JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')))
    const lead = road === 'jco' ? entry.script : entry.plan
    if (entry.format !== formats[road] || lead === undefined) return undefined
    for (const file of [lead, ...entry.modules])
      if (sha256(await readFile(join(folder, file))) !== entry.digests[file]) return undefined
    return entry
  } catch {
    // Missing, cut off, of another format: all the same, it is made anew.
    return undefined
  }
}

/** An entry to be written: what the manifest says, and the files. */
interface Fresh extends Omit<Manifest, 'format' | 'digests'> {
  readonly files: Readonly<Record<string, Uint8Array>>
}

async function writeEntry(folder: string, { files, ...rest }: Fresh, road: Road): Promise<Manifest> {
  const aside = `${folder}.${randomBytes(6).toString('hex')}`
  const digests: Record<string, string> = {}
  try {
    await mkdir(aside, { recursive: true })
    for (const [file, content] of Object.entries(files)) {
      digests[file] = sha256(content)
      await writeFile(join(aside, file), content)
    }
    const entry: Manifest = { ...rest, format: formats[road], digests }
    await writeFile(join(aside, 'manifest.json'), JSON.stringify(entry, undefined, 1))
    // What is there was found unusable above, or another start made it meanwhile: either way ours is as good.
    await rm(folder, { recursive: true, force: true })
    await rename(aside, folder)
    return entry
  } catch (thrown) {
    await rm(aside, { recursive: true, force: true })
    const winner = await readEntry(folder, road)
    if (winner) return winner
    const reason = thrown instanceof Error ? thrown.message : String(thrown)
    throw fail('runtime.cache', `The cache folder cannot be written: ${reason}`, {
      where: { file: folder },
      hint: 'Free some space or choose another user folder',
      cause: thrown,
    })
  }
}

async function link(tools: Tools, bytes: Uint8Array): Promise<Fresh> {
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

async function transpile(tools: Tools, bytes: Uint8Array, name: string): Promise<Fresh> {
  try {
    const { files, imports, exports } = await tools.transpile(bytes, 'component', {
      instantiation: 'async',
      asyncMode: 'jspi',
      asyncImports: blockingImports,
      asyncExports: waitingExports,
    })
    const kept: Record<string, Uint8Array> = {}
    for (const [file, content] of Object.entries(files)) {
      if (file.endsWith('.d.ts')) continue
      // `.mjs`, so that it is a module whatever lies around it.
      kept[file.endsWith('.js') ? script : file] = content
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

const nobody = new Session(
  { environment: {}, arguments: [], directories: {}, allowHosts: [] },
  { output() {}, notice() {} },
)
const provided: ReadonlySet<string> = new Set(Object.keys(createHost({ current: nobody })))

/** Imports that neither WASI 0.2 nor anything in the component provides. */
export const unresolvedImports = (imports: readonly string[]): string[] => imports.filter((name) => !provided.has(name))
