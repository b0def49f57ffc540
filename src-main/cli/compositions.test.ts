import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { decode, type DecodedComponent } from '../../src-engine/binary/decode.ts'
import { planComposition } from '../../src-engine/compose/build-plan.ts'
import { decompose } from '../../src-engine/compose/decompose.ts'
import { encodeComposition } from '../../src-engine/compose/encode.ts'
import type { CompositionGraph } from '../../src-engine/compose/graph.ts'
import { summarize } from '../../src-engine/inspect.ts'
import { checkTarget } from '../../src-engine/subtype/targets.ts'
import { parseWac } from '../../src-engine/wac/parse.ts'
import { printImportType } from '../../src-engine/wac/import-type.ts'
import { printWac } from '../../src-engine/wac/print.ts'
import { resolveWac } from '../../src-engine/wac/resolve.ts'
import { createTools } from '../tools/tools.ts'

const folder = join(import.meta.dirname, '../../test/fixtures/compositions')
const samples = join(import.meta.dirname, '../../resources/samples')
const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const load = (name: string): Uint8Array => new Uint8Array(readFileSync(join(folder, `${name}.wasm`)))
const sample = (name: string): string => hashOf(readFileSync(join(samples, name, `${name}.wasm`)))
const tools = createTools()
afterAll(() => tools.dispose())

/** Wires as `component ‹ import ← component › export`, with the samples' names. */
function wires(graph: CompositionGraph): string[] {
  const names = new Map(
    ['adder', 'calculator', 'calculator-command', 'hello', 'http-logger', 'middleware', 'mik-handler'].map((name) => [
      sample(name),
      name,
    ]),
  )
  const nameOf = (instance: string): string => {
    const packageId = graph.instances[instance]?.package ?? ''
    return names.get(graph.packages[packageId]?.hash ?? '') ?? 'composed'
  }
  return Object.values(graph.arguments)
    .flatMap(({ instance, name, source }) =>
      source.kind === 'instance'
        ? [`${nameOf(instance)} ‹ ${name} ← ${nameOf(source.instance)} › ${source.path.join(' › ')}`]
        : [],
    )
    .sort()
}

const add = 'docs:adder/add@0.1.0'
const calculate = 'docs:calculator/calculate@0.1.0'
const http = 'wasi:http/incoming-handler@0.2.12'
const mik = 'mik:core/handler@0.1.0'
const run = 'wasi:cli/run@0.2.12'
const calculator = `calculator ‹ ${add} ← adder › ${add}`

const expected: Readonly<Record<string, { readonly wires: readonly string[]; readonly exports: readonly string[] }>> = {
  'wac-plug': { wires: [calculator], exports: [calculate] },
  'wac-plug-wasi': { wires: [`middleware ‹ ${mik} ← mik-handler › ${mik}`], exports: [mik] },
  'wac-nested': { wires: [calculator, calculator], exports: [calculate, 'example:nested/again@1.0.0'] },
  'wac-chain': {
    wires: [`http-logger ‹ ${http} ← hello › ${http}`, `http-logger ‹ ${http} ← http-logger › ${http}`],
    exports: [http],
  },
  // A plug that is plugged together itself: one level at a time.
  'wac-plug-nested': { wires: [`calculator-command ‹ ${calculate} ← composed › ${calculate}`], exports: [run] },
  'wasm-tools-config': { wires: [calculator], exports: [calculate] },
  'wasm-tools-definitions': { wires: [calculator], exports: [calculate] },
  'wasm-tools-search': { wires: [calculator], exports: [calculate] },
}

describe('compositions made by wac and wasm-tools', () => {
  it('are all looked at here', () => {
    const there = readdirSync(folder)
      .filter((name) => name.endsWith('.wasm'))
      .map((name) => name.slice(0, -5))
    expect(there.sort()).toEqual([...Object.keys(expected), 'wac-import-dependencies'].sort())
  })

  it.each(Object.keys(expected))(
    '%s opens as the graph it was made from, and composes again to the same world',
    async (name) => {
      const bytes = load(name)
      expect(summarize(bytes).world.exports.map((each) => each.name)).toEqual(expected[name]?.exports)
      const { graph, packages, problems } = decompose(bytes, hashOf)
      expect(problems).toEqual([])
      expect(wires(graph)).toEqual(expected[name]?.wires)
      expect(Object.keys(graph.exports)).toEqual(expected[name]?.exports)
      const decoded = new Map([...packages].map(([hash, part]): [string, DecodedComponent] => [hash, decode(part)]))
      const compose = (from: CompositionGraph): Uint8Array => {
        const plan = planComposition(from, (hash) => decoded.get(hash))
        expect(plan.problems).toEqual([])
        return encodeComposition(plan, (hash) => packages.get(hash) ?? new Uint8Array())
      }
      const again = compose(graph)
      expect(await tools.validate(again)).toEqual({ ok: true })
      expectSameWorld(again, bytes)
      // The script that it prints as says the same.
      const typeOf = (hash: string) => decoded.get(hash)?.type
      const document = parseWac(printWac(graph, typeOf, printImportType))
      const byName = new Map(Object.values(graph.packages).map((each) => [each.name, each.hash]))
      const read = resolveWac(document, {
        packageOf(wanted) {
          const hash = byName.get(wanted)
          const type = hash === undefined ? undefined : typeOf(hash)
          return hash === undefined || type === undefined ? undefined : { hash, type }
        },
        searched: () => [],
      })
      expect(wires(read.graph)).toEqual(expected[name]?.wires)
      expectSameWorld(compose(read.graph), bytes)
    },
  )

  it('a component inside that is composed itself is taken apart on its own', () => {
    const { graph, packages } = decompose(load('wac-plug-nested'), hashOf)
    const composed = [...packages].find(([hash]) => hash !== sample('calculator-command'))?.[1]
    expect(wires(graph)).toEqual(expected['wac-plug-nested']?.wires)
    expect(wires(decompose(composed ?? new Uint8Array(), hashOf).graph)).toEqual([calculator])
  })

  it('a composition that imports its components says so, and which', async () => {
    const bytes = load('wac-import-dependencies')
    expect(summarize(bytes).world.imports.map(({ name, kind }) => [name, kind])).toEqual([
      ['unlocked-dep=<docs:adder>', 'component'],
      ['unlocked-dep=<docs:calculator>', 'component'],
    ])
    const { graph, problems } = decompose(bytes, hashOf)
    expect(problems.map(({ message }) => message)).toEqual([
      'the component "docs:adder" is not in the file, it is to be supplied',
      'the component "docs:calculator" is not in the file, it is to be supplied',
    ])
    expect(Object.keys(graph.instances)).toEqual(['adder', 'first', 'second'])
    expect(Object.values(graph.arguments).map(({ instance, name, source }) => [instance, name, source])).toEqual(
      ['first', 'second'].map((instance) => [instance, add, { kind: 'instance', instance: 'adder', path: [add] }]),
    )
    expect(Object.keys(graph.exports)).toEqual(expected['wac-nested']?.exports)
  })
})

/** Each fits the world of the other: nothing is missing, nothing is more, and every type is the same. */
function expectSameWorld(left: Uint8Array, right: Uint8Array): void {
  const [one, other] = [decode(left).type, decode(right).type]
  expect(checkTarget(one, other, { versions: 'exact' })).toEqual([])
  expect(checkTarget(other, one, { versions: 'exact' })).toEqual([])
}
