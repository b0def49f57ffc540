import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { argumentKey } from '../../src-engine/compose/graph.ts'
import { runPatchbay } from '../../test/command-line.ts'
import { componentOfWat } from '../../test/components.ts'
import { newDocument, parseDocument } from '../project/document.ts'

const samples = join(import.meta.dirname, '../../resources/samples')
const toolchains = join(import.meta.dirname, '../../test/fixtures/toolchains')
const add = 'docs:adder/add@0.1.0'
const root = await mkdtemp(join(tmpdir(), 'patchbay-wire-test-'))
afterAll(() => rm(root, { recursive: true, force: true }))

let folder: string
let count = 0
beforeEach(async () => {
  folder = join(root, String(count++))
  await mkdir(join(folder, 'components'), { recursive: true })
  await copyFile(join(samples, 'calculator/calculator.wasm'), join(folder, 'components/calculator.wasm'))
  const document = newDocument('wired')
  document.components['calculator'] = { path: 'components/calculator.wasm' }
  document.graph.packages['calculator'] = { name: 'local:calculator', hash: '0'.repeat(64) }
  document.graph.instances['calculator'] = { package: 'calculator' }
  await writeFile(join(folder, 'patchbay.json'), JSON.stringify({ ...document, mine: 'kept' }))
})

const project = async () => {
  const text = await readFile(join(folder, 'patchbay.json'), 'utf8')
  return { text, ...parseDocument(text, 'patchbay.json') }
}
const addTo = async (folderName: string, file: string, from: string): Promise<void> => {
  await mkdir(join(folder, folderName), { recursive: true })
  await copyFile(from, join(folder, folderName, file))
}
const json = (text: string): Record<string, unknown> => JSON.parse(text)

describe('patchbay wire', () => {
  it('wires from a folder, writes the project and keeps what it does not know', async () => {
    await addTo('deps', 'zig.wasm', join(toolchains, 'zig/adder.wasm'))
    await addTo('deps', 'text.wasm', join(toolchains, 'assemblyscript/text.wasm'))
    await writeFile(join(folder, 'deps/broken.wasm'), 'no component')
    const before = (await project()).text
    const dry = await runPatchbay(folder, 'wire', '--deps-dir', 'deps', '--dry-run')
    expect(dry.code, dry.stderr).toBe(0)
    expect(dry.stdout).toContain(`wired      calculator ‹ ${add} ← zig`)
    expect(dry.stderr).toContain('passed over')
    expect((await project()).text).toBe(before)

    const wired = await runPatchbay(root, 'wire', folder, '--deps-dir', join(folder, 'deps'), '--json')
    expect(wired.code, wired.stderr).toBe(0)
    expect(json(wired.stdout)).toMatchObject({
      written: true,
      wired: [{ instance: 'calculator', name: add, by: 'zig', export: add }],
      missing: [],
      ambiguous: [],
      near: [],
    })
    const { document, raw } = await project()
    expect(raw).toMatchObject({ mine: 'kept' })
    expect(document.components['zig']).toEqual({ path: 'deps/zig.wasm' })
    expect(document.graph.arguments[argumentKey('calculator', add)]?.source).toMatchObject({ instance: 'zig' })
    expect((await runPatchbay(folder, 'compose', '.', '-o', 'all.wasm')).code).toBe(0)
    // Nothing is left to do the second time.
    expect((await runPatchbay(folder, 'wire')).stderr).toContain('nothing to wire')
  })

  it('guesses nothing: missing, ambiguous and near misses stay open, with the reason', async () => {
    const missing = await runPatchbay(folder, 'wire')
    expect(missing.code).toBe(1)
    expect(missing.stdout).toContain(`missing    calculator ‹ ${add}: nobody exports it`)

    await addTo('two', 'rust.wasm', join(toolchains, 'rust/adder.wasm'))
    await addTo('two', 'zig.wasm', join(toolchains, 'zig/adder.wasm'))
    const ambiguous = await runPatchbay(folder, 'wire', '--deps-dir', 'two', '--json')
    expect(ambiguous.code).toBe(1)
    expect(json(ambiguous.stdout)).toMatchObject({
      written: false,
      ambiguous: [{ name: add, candidates: [{ from: join('two', 'rust.wasm') }, { from: join('two', 'zig.wasm') }] }],
    })

    await mkdir(join(folder, 'near'))
    const other = await componentOfWat(`(component
      (core module $m (func (export "add") (param i32 i32) (result i64) (i64.const 0)))
      (core instance $i (instantiate $m))
      (func $add (param "x" u32) (param "y" u32) (result u64) (canon lift (core func $i "add")))
      (instance $face (export "add" (func $add)))
      (export "${add}" (instance $face)))`)
    await writeFile(join(folder, 'near/wide.wasm'), other)
    const near = await runPatchbay(folder, 'wire', '--deps-dir', 'near')
    expect(near.code).toBe(1)
    expect(near.stdout).toMatch(/near miss {2}calculator ‹ docs:adder\/add@0\.1\.0: .*wide\.wasm does not fit: .*u64/)
  })

  it('tells what is wrong with the project', async () => {
    const none = await runPatchbay(folder, 'wire', 'nowhere', '--json')
    expect(none.code).toBe(3)
    expect(json(none.stdout)).toMatchObject({ error: { code: 'input.not-found' } })
    await rm(join(folder, 'components/calculator.wasm'))
    const gone = await runPatchbay(folder, 'wire', '--json')
    expect(gone.code).toBe(3)
    expect(json(gone.stdout)).toMatchObject({ error: { code: 'input.not-found' } })
    await writeFile(join(folder, 'patchbay.json'), '{')
    expect((await runPatchbay(folder, 'wire')).stderr).toContain('not JSON')
  })
})
