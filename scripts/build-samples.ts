/**
 * Rebuilds `resources/samples`: `node scripts/build-samples.ts [--check] [NAME…]`.
 * `--check` writes nothing and fails when a committed file is not what its sources give.
 *
 * A sample in C is compared by its bytes, which depend on the very clang: `toolchain.json` says which one that was.
 * A sample in JavaScript holds a snapshot of an engine that has looked at the clock, so no two builds are equal, and one in
 * Rust depends on the compiler: they are compared by the hash of their sources, which `sample.json` records, and rebuilt
 * when that differs. Rust needs cargo and its target wasm32-unknown-unknown.
 */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import { z } from 'zod'
import { describePlace, PatchbayError, problemOf } from '../src-engine/error.ts'
import { adapterFolder } from '../src-main/build/bundle.ts'
import { compileModule, findClang, type Clang } from '../src-main/build/c-compiler.ts'
import { compileFolder } from '../src-main/build/compile.ts'
import { componentizeModule, fillDependencies } from '../src-main/build/component-maker.ts'
import { bundledVersions } from '../src-main/build/toolchains.ts'
import { applicationRoot } from '../src-main/entries.ts'
import { createTools, type Tools } from '../src-main/tools/tools.ts'

export const sampleFolder: string = join(applicationRoot, 'resources', 'samples')

const sampleSchema = z.object({
  name: z.string(),
  description: z.string(),
  order: z.number(),
  language: z.enum(['c', 'javascript', 'rust']),
  /** Hash of the sources that the committed file was built from; not for C. */
  sources: z.string().optional(),
})
export type Sample = z.infer<typeof sampleSchema>

/** All samples, in the order of the library. */
export async function listSamples(): Promise<Sample[]> {
  const samples: Sample[] = []
  for (const entry of await readdir(sampleFolder)) {
    const text = await readFile(join(sampleFolder, entry, 'sample.json'), 'utf8').catch(() => undefined)
    if (text !== undefined) samples.push(sampleSchema.parse(JSON.parse(text)))
  }
  return samples.sort((a, b) => a.order - b.order)
}

export const componentOf = (name: string): string => join(sampleFolder, name, `${name}.wasm`)

/** The clang that the committed samples were built with. */
export async function committedClang(): Promise<string> {
  const text = await readFile(join(sampleFolder, 'toolchain.json'), 'utf8').catch(() => '{"clang":""}')
  return z.object({ clang: z.string() }).parse(JSON.parse(text)).clang
}

/** The component that the sources of a sample in C give. */
export async function buildSample(name: string, clang: Clang, tools: Tools): Promise<Uint8Array> {
  const source = join(sampleFolder, name)
  const module = await compileModule({ clang, files: [join(source, 'component.c')], root: sampleFolder })
  return componentizeModule({ module, wit: join(source, 'wit'), tools })
}

/** Hash of everything of ours that goes into a sample in JavaScript or Rust. */
export async function hashSample({ name, language }: Pick<Sample, 'name' | 'language'>): Promise<string> {
  const isScript = language === 'javascript'
  const hash = createHash('sha256')
  if (isScript) hash.update(JSON.stringify(bundledVersions()))
  const folder = join(sampleFolder, name)
  for (const root of [join(folder, 'src'), join(folder, 'wit'), ...(isScript ? [adapterFolder] : [])]) {
    for (const file of (await readdir(root)).sort()) hash.update(`${file}\0`).update(await readFile(join(root, file)))
  }
  for (const file of isScript ? ['package.json'] : ['Cargo.toml', 'Cargo.lock'])
    hash.update(await readFile(join(folder, file)))
  return hash.digest('hex')
}

async function buildRustSample(name: string, tools: Tools): Promise<Uint8Array> {
  const work = await mkdtemp(join(tmpdir(), 'patchbay-sample-'))
  try {
    await cp(join(sampleFolder, name), work, { recursive: true })
    await fillDependencies(join(work, 'wit'))
    const target = 'wasm32-unknown-unknown'
    await promisify(execFile)(
      'cargo',
      ['build', '--release', '--locked', '--target', target, '--target-dir', join(work, 'target')],
      { cwd: work },
    )
    const module = join(work, 'target', target, 'release', `${name.replaceAll('-', '_')}.wasm`)
    return await tools.componentNew(await readFile(module))
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

async function buildJavaScriptSample(name: string, tools: Tools): Promise<Uint8Array> {
  const outcome = await compileFolder({ folder: join(sampleFolder, name), tools, log: () => {}, progress: () => {} })
  if (outcome.ok) return outcome.product.bytes
  throw new PatchbayError(outcome.problems[0] ?? { code: 'build.failed', message: 'It failed without a word' })
}

/** Writes the hashes of the components into the first project; true when they were not right. */
async function refreshProject(write: boolean): Promise<boolean> {
  const file = join(sampleFolder, 'project', 'patchbay.json')
  const text = await readFile(file, 'utf8')
  let fresh = text
  for (const [, id] of text.matchAll(/"path": "components\/([a-z0-9-]+)\.wasm"/g)) {
    if (id === undefined) continue
    const hash = createHash('sha256')
      .update(await readFile(componentOf(id)))
      .digest('hex')
    fresh = fresh.replace(new RegExp(`("name": "patchbay:${id}", "version": "[^"]*", "hash": )"[^"]*"`), `$1"${hash}"`)
  }
  if (write && fresh !== text) await writeFile(file, fresh)
  return fresh !== text
}

/** True when the committed file is what the sources give. */
async function refresh(sample: Sample, write: boolean, clang: Clang | undefined, tools: Tools): Promise<boolean> {
  const { name, language } = sample
  const file = componentOf(name)
  const before = await readFile(file).catch(() => undefined)
  if (language !== 'c') {
    const sources = await hashSample(sample)
    if (before && sources === sample.sources) return true
    if (write) {
      const build = language === 'rust' ? buildRustSample : buildJavaScriptSample
      await writeFile(file, await build(name, tools))
      await writeFile(join(sampleFolder, name, 'sample.json'), `${JSON.stringify({ ...sample, sources }, null, 2)}\n`)
    }
    return false
  }
  if (!clang) {
    console.error(`${name}: skipped, clang with wasm-ld was not found`)
    return before !== undefined
  }
  const after = await buildSample(name, clang, tools)
  const same = before !== undefined && Buffer.compare(before, after) === 0
  if (!same && write) await writeFile(file, after)
  return same
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ options: { check: { type: 'boolean' } }, allowPositionals: true })
  const write = !values.check
  const clang = await findClang()
  const tools = createTools()
  let wrong = 0
  for (const sample of await listSamples()) {
    if (positionals.length > 0 && !positionals.includes(sample.name)) continue
    try {
      const same = await refresh(sample, write, clang, tools)
      if (!same) wrong++
      console.error(`${sample.name}: ${same ? 'unchanged' : write ? 'written' : 'DIFFERS from what is committed'}`)
    } catch (thrown) {
      wrong++
      process.exitCode = 1
      const { message, where } = problemOf(thrown)
      console.error(`${sample.name}: ${message} ${describePlace(where)}`)
    }
  }
  if (write && clang)
    await writeFile(join(sampleFolder, 'toolchain.json'), `${JSON.stringify({ clang: clang.version }, null, 2)}\n`)
  if (await refreshProject(write)) {
    wrong++
    console.error(`project: its hashes ${write ? 'were written' : 'DIFFER from the components'}`)
  }
  await tools.dispose()
  return wrong > 0 && !write ? 1 : Number(process.exitCode ?? 0)
}

if (import.meta.main) process.exitCode = await main()
