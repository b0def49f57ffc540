/**
 * Components made ready to run, kept on disk by content: transpiling is the slow part of a start. An entry is complete
 * or not there (written aside, then renamed); one that was damaged since is made again.
 */
import { createHash, randomBytes } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { fail, PatchbayError } from '../../src-engine/error.ts'
import type { Tools } from '../tools/tools.ts'
import type { Artifact } from './control.ts'
import { blockingImports, createHost, waitingExports } from './wasi/host.ts'
import { Session } from './wasi/session.ts'

/** Raise it when the options below change or jco does: older entries are not used then. */
const format = 'jco-1.35.0-1'

const manifest = z.object({
  format: z.literal(format),
  script: z.string(),
  modules: z.array(z.string()),
  /** File name → sha256. */
  digests: z.record(z.string(), z.string()),
  imports: z.array(z.string()),
  exports: z.array(z.string()),
})
type Manifest = z.infer<typeof manifest>

export interface PreparedComponent {
  readonly artifact: Artifact
  /** Imported interfaces and functions, without versions. */
  readonly imports: readonly string[]
  readonly exports: readonly string[]
  /** False when it had to be made first. */
  readonly cached: boolean
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** Takes the component from the cache, or transpiles it into the cache. Throws `runtime.transpile` with jco's reason. */
export async function prepareComponent(
  tools: Tools,
  cacheFolder: string,
  bytes: Uint8Array,
  name: string,
): Promise<PreparedComponent> {
  const hash = sha256(bytes)
  const folder = join(cacheFolder, 'transpiled', `${hash}-${format}`)
  const known = await readEntry(folder)
  if (known) return describeEntry(folder, hash, known, true)
  const fresh = await writeEntry(tools, folder, bytes, name)
  return describeEntry(folder, hash, fresh, false)
}

function describeEntry(folder: string, hash: string, entry: Manifest, cached: boolean): PreparedComponent {
  return {
    artifact: {
      key: hash,
      script: join(folder, entry.script),
      modules: Object.fromEntries(entry.modules.map((module) => [module, join(folder, module)])),
    },
    imports: entry.imports,
    exports: entry.exports,
    cached,
  }
}

/** The entry when every file of it is there and unchanged. */
async function readEntry(folder: string): Promise<Manifest | undefined> {
  try {
    const entry = manifest.parse(JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')))
    for (const file of [entry.script, ...entry.modules])
      if (sha256(await readFile(join(folder, file))) !== entry.digests[file]) return undefined
    return entry
  } catch {
    // Missing, cut off, of another format: all the same, it is made anew.
    return undefined
  }
}

async function writeEntry(tools: Tools, folder: string, bytes: Uint8Array, name: string): Promise<Manifest> {
  const { files, imports, exports } = await transpile(tools, bytes, name)
  const scriptName = Object.keys(files).find((file) => file.endsWith('.js'))
  if (scriptName === undefined) throw fail('runtime.transpile', `jco made no script of ${name}`)
  const aside = `${folder}.${randomBytes(6).toString('hex')}`
  const digests: Record<string, string> = {}
  const modules: string[] = []
  try {
    await mkdir(aside, { recursive: true })
    for (const [file, content] of Object.entries(files)) {
      if (file.endsWith('.d.ts')) continue
      // `.mjs`, so that it is a module whatever lies around it.
      const target = file === scriptName ? 'component.mjs' : file
      if (file !== scriptName) modules.push(file)
      digests[target] = sha256(content)
      await writeFile(join(aside, target), content)
    }
    const entry: Manifest = {
      format,
      script: 'component.mjs',
      modules,
      digests,
      imports: [...imports],
      exports: exports.map(([exported]) => exported),
    }
    await writeFile(join(aside, 'manifest.json'), JSON.stringify(entry, undefined, 1))
    // What is there was found unusable above, or another start made it meanwhile: either way ours is as good.
    await rm(folder, { recursive: true, force: true })
    await rename(aside, folder)
    return entry
  } catch (thrown) {
    await rm(aside, { recursive: true, force: true })
    const winner = await readEntry(folder)
    if (winner) return winner
    const reason = thrown instanceof Error ? thrown.message : String(thrown)
    throw fail('runtime.cache', `The cache folder cannot be written: ${reason}`, {
      where: { file: folder },
      hint: 'Free some space or choose another user folder',
      cause: thrown,
    })
  }
}

async function transpile(tools: Tools, bytes: Uint8Array, name: string): ReturnType<Tools['transpile']> {
  try {
    return await tools.transpile(bytes, 'component', {
      instantiation: 'async',
      asyncMode: 'jspi',
      asyncImports: blockingImports,
      asyncExports: waitingExports,
    })
  } catch (thrown) {
    if (!(thrown instanceof PatchbayError)) throw thrown
    throw fail('runtime.transpile', `${name} cannot be made ready to run: ${thrown.problem.message}`, {
      where: { file: name, ...thrown.problem.where },
      hint: thrown.problem.hint ?? 'Inspect the component to see whether it is complete',
      cause: thrown,
    })
  }
}

const nobody = new Session(
  { environment: {}, arguments: [], directories: {}, allowHosts: [] },
  { output() {}, notice() {} },
)
const provided: ReadonlySet<string> = new Set(Object.keys(createHost({ current: nobody })))

/** Imports that neither WASI 0.2 nor anything in the component provides. */
export const unresolvedImports = (imports: readonly string[]): string[] => imports.filter((name) => !provided.has(name))
