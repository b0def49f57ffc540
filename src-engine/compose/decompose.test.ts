import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { Bench, componentOf, componentOfWat, composeBench, sample, witOf } from '../../test/components.ts'
import { decode } from '../binary/decode.ts'
import { PatchbayError } from '../error.ts'
import { planComposition } from './build-plan.ts'
import { decompose } from './decompose.ts'
import { encodeComposition } from './encode.ts'
import type { CompositionGraph } from './graph.ts'
import { parseWac } from '../wac/parse.ts'
import { resolveWac } from '../wac/resolve.ts'

const http = 'wasi:http/incoming-handler@0.2.12'
const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const edges = (graph: CompositionGraph) =>
  Object.values(graph.arguments)
    .map(({ instance, name, source }) => JSON.stringify([instance, name, source]))
    .sort()
const packagesOf = (graph: CompositionGraph) =>
  Object.entries(graph.instances)
    .map(([id, { package: packageId }]) => `${id}: ${graph.packages[packageId]?.hash}`)
    .sort()

function again(bytes: Uint8Array): { readonly graph: CompositionGraph; readonly bytes: Uint8Array } {
  const { graph, packages, problems } = decompose(bytes, hashOf)
  expect(problems).toEqual([])
  const bytesOf = (hash: string) => packages.get(hash) ?? new Uint8Array()
  const plan = planComposition(graph, (hash) => decode(bytesOf(hash)))
  expect(plan.problems).toEqual([])
  return { graph, bytes: encodeComposition(plan, bytesOf, { version: '1.0.0' }) }
}

describe('decompose', () => {
  it('gives back the graph it was composed from', async () => {
    const bench = new Bench()
      .add(sample('hello'), 'inner')
      .add(sample('http-logger'), 'front', 'back')
      .wire(`inner › ${http}`, `back › ${http}`)
      .wire(`back › ${http}`, `front › ${http}`)
      .export(`front › ${http}`)
    const { bytes } = composeBench(bench)
    const { graph, bytes: second } = again(bytes)
    expect(edges(graph)).toEqual(edges(bench.graph))
    expect(packagesOf(graph)).toEqual(packagesOf(bench.graph))
    expect(graph.exports).toEqual(bench.graph.exports)
    expect(graph.name).toBe('test:composition')
    expect(second).toEqual(bytes)
  })

  it('keeps what is inside inside: one level at a time', () => {
    const inner = new Bench()
      .add(sample('hello'), 'hello')
      .add(sample('http-logger'), 'logger')
      .wire(`hello › ${http}`, `logger › ${http}`)
      .export(`logger › ${http}`)
    const outer = new Bench()
      .add(composeBench(inner).bytes, 'whole')
      .add(sample('http-logger'), 'outermost')
      .wire(`whole › ${http}`, `outermost › ${http}`)
      .export(`outermost › ${http}`)
    const { graph, packages } = decompose(composeBench(outer).bytes, hashOf)
    expect(edges(graph)).toEqual(edges(outer.graph))
    const whole = packages.get(graph.packages[graph.instances['whole']?.package ?? '']?.hash ?? '')
    expect(edges(decompose(whole ?? new Uint8Array(), hashOf).graph)).toEqual(edges(inner.graph))
  })

  it('functions, adapters, explicit imports and items inside', async () => {
    const wit = `package t:p@1.2.0;
      interface log { log: func(s: string); }
      world fnprov { export log: func(s: string); }
      world fnuser { import log: func(s: string); export run: func(); }
      world faceuser { import log; export run: func(); }
      world logprov { export log; }`
    const bench = new Bench()
      .add(await componentOf(wit, 'fnprov'), 'a')
      .add(await componentOf(wit, 'fnuser'), 'b', 'c', 'd')
      .add(await componentOf(wit, 'faceuser'), 'e')
      .add(await componentOf(wit, 'logprov'), 'f')
      .wire('a › log', 'b › log')
      .wire('f › t:p/log@1.2.0 › log', 'c › log')
      .wire('a › log', 'e › t:p/log@1.2.0')
      .wire('import: console', 'd › log')
      .export('b › run', 'one')
      .export('f › t:p/log@1.2.0', 'renamed')
    const { bytes } = composeBench(bench)
    await witOf(bytes)
    const { graph } = again(bytes)
    expect(edges(graph)).toEqual(edges(bench.graph))
    expect(graph.exports).toEqual(bench.graph.exports)
    expect(graph.imports).toEqual({ console: { typeOf: { instance: 'd', name: 'log' } } })
  })

  it('reads what other composers write: unnamed, aliased through exports, put together by name', async () => {
    const bytes = await componentOfWat(`(component
      (component $p (import "x" (func $x (result u32))) (instance $i (export "get" (func $x))) (export "a:b/c" (instance $i)))
      (component $q (import "a:b/c" (instance (export "get" (func (result u32))))) (export "d:e/f" (instance 0)))
      (import "number" (func $number (result u32)))
      (instance $one (instantiate $p (with "x" (func $number))))
      (alias export $one "a:b/c" (instance $face))
      (export $exported "a:b/c" (instance $face))
      (alias export $exported "get" (func $get))
      (instance $bag (export "get" (func $get)))
      (instance $two (instantiate $q (with "a:b/c" (instance $bag))))
      (alias export $two "d:e/f" (instance $result))
      (export "d:e/f" (instance $result)))`)
    const { graph, problems } = decompose(bytes, hashOf)
    expect(problems).toEqual([])
    expect(Object.values(graph.packages).map((each) => each.name)).toEqual(['local:p', 'local:q'])
    expect(graph.instances).toEqual({ one: { package: 'p' }, two: { package: 'q' } })
    expect(Object.values(graph.arguments).map(({ instance, name, source }) => [instance, name, source])).toEqual([
      ['one', 'x', { kind: 'import', import: 'number', path: [] }],
      ['two', 'a:b/c', { kind: 'instance', instance: 'one', path: ['a:b/c', 'get'] }],
    ])
    await witOf(again(bytes).bytes)
  })

  it('keeps the wires of components that are to be supplied, names and versions too', () => {
    const bench = new Bench()
      .add(sample('hello'), 'inner')
      .add(sample('http-logger'), 'front')
      .wire(`inner › ${http}`, `front › ${http}`)
      .export(`front › ${http}`)
    const entry = bench.graph.packages['inner-package']
    if (!entry) throw new Error('no package')
    const supplied = { ...entry, version: '1.2.3', link: 'import' as const }
    bench.graph = { ...bench.graph, packages: { ...bench.graph.packages, 'inner-package': supplied } }
    const { graph } = decompose(composeBench(bench).bytes, hashOf)
    expect(edges(graph)).toEqual(edges(bench.graph))
    expect(graph.packages[graph.instances['inner']?.package ?? '']).toMatchObject({
      name: 'test:inner',
      version: '1.2.3',
      link: 'import',
    })
  })

  it('gives back the types that a script declared', () => {
    const text = `package test:made@1.0.0;
      interface face { record point { x: u32 } resource thing { at: func() -> point; } }
      interface user { use face.{point}; go: async func(at: point) -> stream<u8>; }
      world base { import face; export user; import print: func(line: string); }
      type z = u32; type a = z; record pair { one: a, two: list<z> } type call = func(of: pair) -> a;
      let hello = new test:hello { ... }; export hello...;`
    const hash = hashOf(sample('hello'))
    const resolver = {
      packageOf: () => ({ hash, type: decode(sample('hello')).type }),
      searched: () => [],
    }
    const { graph } = resolveWac(parseWac(text), resolver)
    const plan = planComposition(graph, () => decode(sample('hello')))
    expect(plan.problems).toEqual([])
    const bytes = encodeComposition(plan, () => sample('hello'))
    const { graph: found, problems } = decompose(bytes, hashOf)
    expect(problems).toEqual([])
    expect(found.types).toEqual(graph.types)
    expect(Object.keys(found.exports)).toEqual([http])
  })

  it('tells of a start function, which no graph has', async () => {
    const bytes = await componentOfWat(
      '(component (import "f" (func $f)) (component $c) (instance (instantiate $c)) (start $f))',
    )
    const [problem] = decompose(bytes, hashOf).problems
    expect(problem).toMatchObject({
      code: 'decompose.lost',
      where: { offset: decode(bytes).structure.start?.range.start },
    })
    expect(problem?.message).toBe('the file calls f when it is instantiated, which a graph cannot say')
  })

  it('says what a graph cannot say', async () => {
    const bytes = await componentOfWat(`(component
      (component $q (import "i" (instance (export "a" (func)) (export "b" (func)))))
      (import "f" (func $f))
      (instance $bag (export "a" (func $f)) (export "b" (func $f)))
      (instance $two (instantiate $q (with "i" (instance $bag))))
      (export "made" (instance $bag)))`)
    expect(decompose(bytes, hashOf).problems.map((problem) => problem.message)).toEqual([
      'the import "i" of "two" is put together in a way that no wire can say',
      'the export "made" is put together in a way that no wire can say',
    ])
  })

  it('refuses what is one piece, and what is no component', () => {
    const codeOf = (bytes: Uint8Array) => {
      try {
        decompose(bytes, hashOf)
      } catch (thrown) {
        return thrown instanceof PatchbayError ? thrown.problem.code : String(thrown)
      }
      return 'nothing thrown'
    }
    expect(codeOf(sample('hello'))).toBe('decompose.one-piece')
    expect(codeOf(new Uint8Array())).toMatch(/^input\./)
    expect(codeOf(new Uint8Array(100))).toMatch(/^input\./)
  })

  it('is not led into the depths by aliases of aliases', async () => {
    const bags = Array.from({ length: 15 }, (_, index) => {
      const inner = index === 0 ? '$one' : `$bag${index - 1}`
      return `(instance $bag${index} (export "a" (instance ${inner})) (export "b" (instance ${inner})))`
    })
    const chain = Array.from(
      { length: 3000 },
      (_, index) => `(export $e${index} "e${index}" (instance ${index === 0 ? '$one' : `$e${index - 1}`}))`,
    )
    const bytes = await componentOfWat(
      `(component (component $c) (instance $one (instantiate $c)) ${bags.join(' ')} (export "x" (instance $bag14)) ${chain.join(' ')})`,
    )
    const { graph, problems } = decompose(bytes, hashOf)
    expect(graph.exports['e1']).toEqual({ source: { kind: 'instance', instance: 'one', path: [] } })
    expect(problems[0]?.message).toContain('the export "x" is put together')
  })

  it('answers damaged files with typed errors only', () => {
    const bench = new Bench()
      .add(sample('hello'), 'inner')
      .add(sample('http-logger'), 'front')
      .wire(`inner › ${http}`, `front › ${http}`)
      .export(`front › ${http}`)
    const { bytes } = composeBench(bench)
    const attempt = (damaged: Uint8Array) => {
      try {
        decompose(damaged, hashOf)
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(PatchbayError)
      }
    }
    for (let end = 0; end < bytes.length; end += 97) attempt(bytes.subarray(0, end))
    let seed = 42
    const random = (limit: number) => (seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648) % limit
    for (let round = 0; round < 400; round++) {
      const mutated = bytes.slice()
      for (let count = 0; count < 3; count++) mutated[random(mutated.length)] = random(256)
      attempt(mutated)
    }
  })
})
