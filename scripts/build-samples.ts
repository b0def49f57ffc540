/**
 * Rebuilds `resources/samples`: `node scripts/build-samples.ts [--check] [NAME…]`.
 * `--check` writes nothing and fails when a committed file is not what its sources give.
 */
import { createHash } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { describePlace, problemOf } from '../src-engine/error.ts'
import { applicationRoot } from '../src-main/entries.ts'
import { compileModule, findClang } from '../src-main/build/c-compiler.ts'
import { componentizeModule } from '../src-main/build/component-maker.ts'
import { createTools, type Tools } from '../src-main/tools/tools.ts'

const folder = join(applicationRoot, 'resources', 'samples')

/** Names of all samples in C, in the order of the alphabet. */
export async function listSamples(): Promise<string[]> {
  const names: string[] = []
  for (const entry of (await readdir(folder)).sort()) {
    const text = await readFile(join(folder, entry, 'sample.json'), 'utf8').catch(() => undefined)
    if (text !== undefined && /"language": "c"/.test(text)) names.push(entry)
  }
  return names
}

/** The component that the sources of a sample give. The same sources and the same clang give the same bytes. */
export async function buildSample(name: string, clang: string, tools: Tools): Promise<Uint8Array> {
  const source = join(folder, name)
  const module = await compileModule({ clang, files: [join(source, 'component.c')], root: folder })
  return componentizeModule({ module, wit: join(source, 'wit'), tools })
}

/** Writes the hashes of the components into the first project; true when they were not right. */
async function refreshProject(write: boolean): Promise<boolean> {
  const file = join(folder, 'project', 'patchbay.json')
  const text = await readFile(file, 'utf8')
  let fresh = text
  for (const [, id] of text.matchAll(/"path": "components\/([a-z0-9-]+)\.wasm"/g)) {
    if (id === undefined) continue
    const hash = createHash('sha256')
      .update(await readFile(join(folder, id, `${id}.wasm`)))
      .digest('hex')
    fresh = fresh.replace(new RegExp(`("name": "patchbay:${id}", "version": "[^"]*", "hash": )"[^"]*"`), `$1"${hash}"`)
  }
  if (write && fresh !== text) await writeFile(file, fresh)
  return fresh !== text
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ options: { check: { type: 'boolean' } }, allowPositionals: true })
  const clang = await findClang()
  if (!clang) {
    console.error('clang with wasm-ld was not found: the samples in C cannot be rebuilt here')
    return 4
  }
  const tools = createTools()
  let wrong = 0
  for (const name of positionals.length > 0 ? positionals : await listSamples()) {
    const file = join(folder, name, `${name}.wasm`)
    const before = await readFile(file).catch(() => undefined)
    try {
      const after = await buildSample(name, clang.path, tools)
      const same = before !== undefined && Buffer.compare(before, after) === 0
      if (!same) wrong++
      if (!same && !values.check) await writeFile(file, after)
      console.error(
        `${name}: ${after.length} bytes, ${same ? 'unchanged' : values.check ? 'DIFFERS from what is committed' : 'written'}`,
      )
    } catch (thrown) {
      wrong++
      const { message, where } = problemOf(thrown)
      console.error(`${name}: ${message} ${describePlace(where)}`)
      process.exitCode = 1
    }
  }
  if (await refreshProject(!values.check)) console.error('project: hashes were stale')
  await tools.dispose()
  return values.check && wrong > 0 ? 1 : Number(process.exitCode ?? 0)
}

if (import.meta.main) process.exitCode = await main()
