import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decode } from '../../src-engine/binary/decode.ts'
import { planComposition } from '../../src-engine/compose/build-plan.ts'
import { decompose } from '../../src-engine/compose/decompose.ts'
import { encodeComposition } from '../../src-engine/compose/encode.ts'
import { problemOf } from '../../src-engine/error.ts'
import { runPatchbay } from '../../test/command-line.ts'
import { sha256 } from '../project/contents.ts'
import { composeConfigured, parseConfiguration } from './compose-config.ts'

const root = join(import.meta.dirname, '../..')
const fixtures = join(root, 'test/fixtures/compositions')
const adder = 'docs:adder/add@0.1.0'
let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'patchbay-configuration-test-'))
  for (const name of ['adder', 'calculator'])
    await copyFile(join(root, `resources/samples/${name}/${name}.wasm`), join(folder, `${name}.wasm`))
  await copyFile(join(root, 'test/fixtures/toolchains/zig/adder.wasm'), join(folder, 'zig-adder.wasm'))
  await copyFile(join(fixtures, 'config.yml'), join(folder, 'config.yml'))
  await mkdir(join(folder, 'found/docs:adder'), { recursive: true })
  await copyFile(join(folder, 'adder.wasm'), join(folder, 'found/docs:adder/add@0.1.wasm'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** Composes `calculator.wasm` as this text says. */
async function composed(text: string): Promise<Uint8Array> {
  await writeFile(join(folder, 'this.yml'), text)
  const { graph, parts } = await composeConfigured('calculator.wasm', 'this.yml', folder)
  const plan = planComposition(graph, (hash) => parts.get(hash)?.decoded)
  return encodeComposition(plan, (hash) => parts.get(hash)?.bytes ?? new Uint8Array())
}

/** What is wired to what, and what is left open, whatever the instances are called. */
function shapeOf(bytes: Uint8Array) {
  const { graph } = decompose(bytes, sha256)
  const hashOf = (id: string) => graph.packages[graph.instances[id]?.package ?? '']?.hash
  return {
    imports: [...decode(bytes).type.imports.keys()],
    exports: [...decode(bytes).type.exports.keys()],
    wires: Object.values(graph.arguments)
      .map(({ instance, name, source }) => [
        hashOf(instance),
        name,
        source.kind === 'instance' ? hashOf(source.instance) : source.import,
        source.path,
      ])
      .sort(),
  }
}

const refusal = (work: Promise<unknown>) =>
  work.then(
    () => 'composed',
    (thrown: unknown) => {
      const { code, message, where } = problemOf(thrown)
      return [code, where?.line ?? where?.path?.join('.') ?? '', message].join(' | ')
    },
  )

describe('a composition file of wasm-tools', () => {
  it('composes what wasm-tools composes, by instantiations, definitions and search paths', async () => {
    const made: Record<string, string> = {
      'wasm-tools-config.wasm': await readFile(join(fixtures, 'config.yml'), 'utf8'),
      'wasm-tools-definitions.wasm': 'definitions: [adder.wasm]\n',
      'wasm-tools-search.wasm': 'search-paths: [found]\n',
    }
    for (const [theirs, text] of Object.entries(made))
      expect(shapeOf(await composed(text)), theirs).toEqual(shapeOf(await readFile(join(fixtures, theirs))))
    expect(shapeOf(await composed(`dependencies:\n  ${adder}: adder.wasm\n`)).imports).toEqual([])
  })

  it('says what is wrong with it, and where', async () => {
    expect(await refusal(composed('dependencies: [\n'))).toMatch(/^input\.configuration \| \d/)
    expect(await refusal(composed('dependences: {}\n'))).toContain('dependences')
    expect(await refusal(composed('dependencies: { a: 3 }\n'))).toContain('input.configuration | dependencies.a')
    expect(await refusal(composed('dependencies: { docs:adder/add@0.1.0: gone.wasm }\n'))).toContain('gone.wasm')
    expect(await refusal(composed('disallow-imports: true\n'))).toContain('imports are not allowed')
    expect(await refusal(composed('{}\n'))).toMatch(/^graph\.nothing-plugged/)
    const wrong = (of: string) => `dependencies: { plus: adder.wasm }\ninstantiations: { root: { arguments: ${of} } }\n`
    expect(await refusal(composed(wrong('{ docs:adder/ad@0.1.0: plus }')))).toContain('has no import')
    expect(await refusal(composed(wrong(`{ ${adder}: { instance: plus, export: no } }`)))).toContain(
      'has no export "no"',
    )
    const bomb = [
      'a: &a [1]',
      ...Array.from({ length: 30 }, (_, at) => `b${at}: &b${at} [*a, ${at ? `*b${at - 1}, *b${at - 1}` : '*a'}]`),
    ]
    expect(await refusal(composed(bomb.join('\n')))).toMatch(/^input\.configuration/)
  })

  it('answers every mutation with a configuration or a typed error', async () => {
    const text = await readFile(join(fixtures, 'config.yml'), 'utf8')
    for (let at = 0; at < text.length; at++) {
      for (const change of ['', ':', '\n', '*', '{', '\u0000']) {
        try {
          parseConfiguration(text.slice(0, at) + change + text.slice(at + 1), 'config.yml')
        } catch (thrown) {
          expect(problemOf(thrown).code).toBe('input.configuration')
        }
      }
    }
  })

  it('is taken by the command line', async () => {
    const answer = await runPatchbay(
      folder,
      'compose',
      'calculator.wasm',
      '-c',
      'config.yml',
      '-o',
      'out.wasm',
      '--json',
    )
    expect(answer.code, answer.stderr).toBe(0)
    expect(JSON.parse(answer.stdout)).toMatchObject({ imports: [], exports: ['docs:calculator/calculate@0.1.0'] })
    const refused = await runPatchbay(folder, 'compose', 'calculator.wasm', '-c', 'none.yml')
    expect(refused.code).toBe(3)
    expect(refused.stderr).toContain('none.yml')
  })
})
