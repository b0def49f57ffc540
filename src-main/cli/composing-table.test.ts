import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { decode } from '../../src-engine/binary/decode.ts'
import { decompose } from '../../src-engine/compose/decompose.ts'
import { runPatchbay } from '../../test/command-line.ts'
import { sha256 } from '../project/contents.ts'

const root = join(import.meta.dirname, '../..')
const samples = join(root, 'resources/samples')
const toolchains = join(root, 'test/fixtures/toolchains')
const folder = await mkdtemp(join(tmpdir(), 'patchbay-composing-test-'))
afterAll(() => rm(folder, { recursive: true, force: true }))

/** The rows of the tables in docs/composing.md, without their heads. */
const rows = readFileSync(join(root, 'docs/composing.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .map((line) => line.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, '')))
  .filter(([, here]) => here !== 'here')

const tests = ['src-engine', 'src-main'].flatMap((part) =>
  readdirSync(join(root, part), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.test.ts'))
    .map((path) => ({ name: basename(path), text: readFileSync(join(root, part, path), 'utf8') })),
)

describe('docs/composing.md', () => {
  it('has rows', () => {
    expect(rows.length).toBeGreaterThan(50)
  })

  it.each(rows)('%s', (_construct, here, test) => {
    expect(here).toMatch(/^[✓≈–]/)
    const [file = '', name = ''] = test?.split(' › ') ?? []
    // As the name of a test, or as the key of a row that tests are made of.
    const shapes = [`'${name}'`, `'${name}':`, `  ${name}: [`]
    const found = tests
      .filter((each) => each.name === file)
      .some(({ text }) => shapes.some((shape) => text.includes(shape)))
    expect(found, `${file} has a test "${name}"`).toBe(true)
  })
})

const patchbay = (...args: string[]) => runPatchbay(folder, ...args)
const script = join(root, 'test/fixtures/compositions/nested.wac')
const dependencies = ['adder', 'calculator'].flatMap((name) => [
  '-d',
  `docs:${name}=${join(samples, name, `${name}.wasm`)}`,
])

describe('options of composing', () => {
  it('--import-dependencies leaves the components to be supplied', async () => {
    const answer = await patchbay(
      'compose',
      script,
      ...dependencies,
      '--import-dependencies',
      '-o',
      'thin.wasm',
      '--json',
    )
    expect(answer.code, answer.stderr).toBe(0)
    const thin = await readFile(join(folder, 'thin.wasm'))
    const { imports, exports } = decode(thin).type
    expect([...imports].map(([name, extern]) => [name, extern.kind])).toEqual([
      ['unlocked-dep=<docs:adder>', 'component'],
      ['unlocked-dep=<docs:calculator>', 'component'],
    ])
    // The same world as wac's, which was made from the same script.
    const wac = decode(readFileSync(join(root, 'test/fixtures/compositions/wac-import-dependencies.wasm'))).type
    expect([...imports.keys()]).toEqual([...wac.imports.keys()])
    expect([...exports.keys()]).toEqual([...wac.exports.keys()])
    expect(Object.keys(decompose(thin, sha256).graph.arguments)).toHaveLength(2)
  })

  it('--import leaves one component to be supplied, --lock asks for exactly this one', async () => {
    const options = [script, ...dependencies, '--import', 'docs:adder', '-o', 'partly.wasm', '--json']
    const answer = await patchbay('compose', ...options, '--lock')
    expect(answer.code, answer.stderr).toBe(0)
    const { type, structure } = decode(await readFile(join(folder, 'partly.wasm')))
    const integrity = createHash('sha256')
      .update(readFileSync(join(samples, 'adder', 'adder.wasm')))
      .digest('base64')
    expect([...type.imports.keys()]).toEqual([`locked-dep=<docs:adder>,integrity=<sha256-${integrity}>`])
    expect(structure.components.map(({ kind }) => kind)).toEqual(['import', 'defined'])
    const wrong = await patchbay('compose', script, ...dependencies, '--import', 'docs:ader', '--json')
    expect(wrong.code).toBe(2)
    expect(wrong.stdout).toContain('Did you mean \\"docs:adder\\"?')
  })

  it('--wat writes text, - writes to stdout', async () => {
    const text = await patchbay('compose', script, ...dependencies, '-t', '--no-validate', '-o', '-')
    expect(text.code, text.stderr).toBe(0)
    expect(text.stdout).toMatch(/^\(component/)
    expect(text.stdout).toContain('example:nested/again@1.0.0')
  })

  it('plug takes patterns and tells of each import and each plug', async () => {
    await mkdir(join(folder, 'plugs/deep'), { recursive: true })
    await copyFile(join(toolchains, 'zig/adder.wasm'), join(folder, 'plugs/deep/zig.wasm'))
    await copyFile(join(toolchains, 'assemblyscript/text.wasm'), join(folder, 'plugs/text.wasm'))
    const socket = join(toolchains, 'rust/handler.wasm')
    const answer = await patchbay('plug', socket, '--plug', 'plugs/**/*.wasm', '-o', 'out.wasm', '--json')
    expect(answer.code, answer.stderr).toBe(0)
    expect(JSON.parse(answer.stdout)).toMatchObject({ unused: [join('plugs', 'text.wasm')] })
    expect(answer.stderr).toContain(`✓ docs:adder/add@0.1.0: plugged by ${join('plugs', 'deep', 'zig.wasm')}`)
    expect(answer.stderr).toContain('– wasi:io/streams@0.2.12: left to the host')
    expect(answer.stderr).toContain('nothing of it was plugged')

    await copyFile(join(toolchains, 'rust/adder.wasm'), join(folder, 'plugs/rust.wasm'))
    const several = await patchbay('plug', socket, '--plug', 'plugs/**/*.wasm')
    expect(several.code).toBe(1)
    expect(several.stderr).toContain(
      `${join('plugs', 'deep', 'zig.wasm')} and ${join('plugs', 'rust.wasm')} would both do`,
    )
    const none = await patchbay('plug', socket, '--plug', 'nothing/*.wasm', '--json')
    expect(none.code).toBe(3)
    expect(JSON.parse(none.stdout)).toMatchObject({ error: { code: 'input.not-found' } })
  })
})

describe('the list of commands', () => {
  it('has examples that stand for themselves', async () => {
    const { verbs } = await import('./verbs.ts')
    for (const [name, { summary, load }] of Object.entries(verbs)) {
      const verb = await load()
      expect(verb.name).toBe(name)
      expect(summary).not.toBe('')
      for (const example of verb.examples) {
        expect(example).toMatch(new RegExp(`^patchbay ${name}( |$)`))
        for (const [, option = ''] of example.matchAll(/ --([\w-]+)/g))
          expect(Object.keys(verb.options)).toContain(option)
      }
    }
  })
})
