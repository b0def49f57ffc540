import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { Bench, componentOf, sample, validate, witOf } from '../../test/components.ts'
import { randomBench } from '../../test/random-bench.ts'
import { generateWorlds, randomFrom } from '../../test/wit-generator.ts'
import { type DecodedComponent, decode } from '../binary/decode.ts'
import { PatchbayError } from '../error.ts'
import { planComposition } from './build-plan.ts'
import { collapse, plugCollapsed } from './collapse.ts'
import { decompose } from './decompose.ts'
import { encodeComposition } from './encode.ts'
import { expand, withFreePackageNames, withPackageIds } from './expand.ts'
import type { CompositionGraph } from './graph.ts'
import { roleName } from './role-names.ts'

const http = 'wasi:http/incoming-handler@0.2.12'
const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

/** Bytes by hash: those of the bench and those made on the way. */
class Store {
  readonly #bench: Bench
  readonly #bytes = new Map<string, Uint8Array>()
  readonly #decoded = new Map<string, DecodedComponent>()

  constructor(bench: Bench) {
    this.#bench = bench
  }

  add(bytes: Uint8Array): string {
    const hash = hashOf(bytes)
    this.#bytes.set(hash, bytes)
    this.#decoded.set(hash, decode(bytes))
    return hash
  }

  readonly decodedOf = (hash: string) => this.#decoded.get(hash) ?? this.#bench.decodedOf(hash)
  readonly bytesOf = (hash: string) => this.#bytes.get(hash) ?? this.#bench.bytesOf(hash)
  readonly typeOf = (hash: string) => this.decodedOf(hash)?.type

  compose(graph: CompositionGraph): Uint8Array {
    const plan = planComposition(graph, this.decodedOf)
    const [problem] = plan.problems
    if (problem) throw new PatchbayError(problem)
    return encodeComposition(plan, this.bytesOf)
  }
}

function collapsed(store: Store, graph: CompositionGraph, ids: readonly string[]) {
  const parts = collapse(graph, ids, store.typeOf)
  const bytes = store.compose(parts.inner)
  const hash = store.add(bytes)
  const type = decode(bytes).type
  const made = { id: 'whole', entry: { name: 'test:whole', hash }, type, base: 'whole' }
  return { parts, bytes, ...plugCollapsed(graph, parts, made) }
}

/** The instance opened again, its packages under the ids that the bench has for them. */
function expanded(
  store: Store,
  graph: CompositionGraph,
  instance: string,
  bytes: Uint8Array,
  original: CompositionGraph,
) {
  const inside = decompose(bytes, hashOf)
  expect(inside.problems).toEqual([])
  const known = new Map(Object.entries(original.packages).map(([id, { hash }]) => [hash, id]))
  const inner = withPackageIds(inside.graph, (id) => known.get(inside.graph.packages[id]?.hash ?? '') ?? id)
  return expand(graph, instance, inner, store.typeOf)
}

const shape = (graph: CompositionGraph) => ({
  instances: Object.entries(graph.instances)
    .map(([id, row]) => [id, graph.packages[row.package]?.hash])
    .sort(),
  wires: Object.values(graph.arguments)
    .map((wire) => JSON.stringify([wire.instance, wire.name, wire.source]))
    .sort(),
  exports: Object.entries(graph.exports)
    .map(([name, { source }]) => JSON.stringify([name, source]))
    .sort(),
  imports: Object.keys(graph.imports).sort(),
})

describe('several instances as one', () => {
  const chain = new Bench()
    .add(sample('hello'), 'hello')
    .add(sample('http-logger'), 'inner', 'middle', 'outer')
    .wire(`hello › ${http}`, `inner › ${http}`)
    .wire(`inner › ${http}`, `middle › ${http}`)
    .wire(`middle › ${http}`, `outer › ${http}`)
    .export(`outer › ${http}`)

  it('keep their wires and come out again as they were', async () => {
    const store = new Store(chain)
    const { graph, instance, bytes, parts } = collapsed(store, chain.graph, ['inner', 'middle'])
    expect(parts.inputs).toMatchObject([{ name: http, wire: { instance: 'inner' } }])
    expect(parts.outputs).toEqual([{ instance: 'middle', export: http, name: http }])
    expect(shape(graph).wires).toEqual([
      JSON.stringify(['outer', http, { kind: 'instance', instance, path: [http] }]),
      JSON.stringify(['whole', http, { kind: 'instance', instance: 'hello', path: [http] }]),
    ])
    await witOf(store.compose(graph))
    const back = expanded(store, graph, instance, bytes, chain.graph)
    expect(back.lost).toEqual([])
    expect([...back.instances].sort()).toEqual(['inner', 'middle'])
    expect(shape(back.graph)).toEqual(shape(chain.graph))
  })

  it('refuse when something outside stands between them, and name it', () => {
    const store = new Store(chain)
    expect(() => collapse(chain.graph, ['hello', 'middle'], store.typeOf)).toThrow(/"inner" takes from the selected/)
    expect(() => collapse(chain.graph, ['gone'], store.typeOf)).toThrow(/nothing to collapse/)
    const whole = {
      ...chain.graph,
      exports: { all: { source: { kind: 'instance' as const, instance: 'outer', path: [] } } },
    }
    expect(() => collapse(whole, ['outer'], store.typeOf)).toThrow(/taken as a whole/)
  })

  it('give an import a name of its own where two are wired differently', async () => {
    const bench = new Bench()
      .add(sample('hello'), 'one', 'two')
      .add(sample('http-logger'), 'a', 'b', 'c')
      .wire(`one › ${http}`, `a › ${http}`)
      .wire(`two › ${http}`, `b › ${http}`)
      .export(`a › ${http}`, 'first')
      .export(`b › ${http}`, 'second')
    const store = new Store(bench)
    const { graph, instance, bytes, parts } = collapsed(store, bench.graph, ['a', 'b', 'c'])
    expect(parts.inputs.map(({ name }) => name)).toEqual(['incoming-handler-for-a', 'incoming-handler-for-b'])
    expect(parts.outputs.map(({ name }) => name)).toEqual(['incoming-handler-of-a', 'incoming-handler-of-b'])
    expect(Object.keys(parts.inner.imports)).toEqual(['incoming-handler-for-a', 'incoming-handler-for-b'])
    // WIT cannot say an interface with resources under a plain name; the format can.
    await validate(store.compose(graph))
    const back = expanded(store, graph, instance, bytes, bench.graph)
    expect(shape(back.graph)).toEqual(shape(bench.graph))
  })

  it('name it after all who take it, in words that every tool takes', () => {
    const bench = new Bench()
      .add(sample('hello'), 'one', 'two')
      .add(sample('http-logger'), 'log-2', 'log-3', 'other')
      .wire(`one › ${http}`, `log-2 › ${http}`)
      .wire(`one › ${http}`, `log-3 › ${http}`)
      .wire(`two › ${http}`, `other › ${http}`)
      .export(`log-2 › ${http}`)
    const { inner } = collapse(bench.graph, ['log-2', 'log-3', 'other'], new Store(bench).typeOf)
    expect(Object.keys(inner.imports)).toEqual(['incoming-handler-for-log2-and-log3', 'incoming-handler-for-other'])
    expect(planComposition(inner, bench.decodedOf).problems).toEqual([])
    const taken = new Set<string>()
    const names = Array.from({ length: 3 }, () => {
      const name = roleName(http, 'for', ['a', 'b', 'c'], (each) => taken.has(each))
      taken.add(name)
      return name
    })
    const stem = 'incoming-handler-for-a-and-others'
    expect(names).toEqual([stem, `${stem}-b`, `${stem}-c`])
  })

  it('export everything that the last of them offer when nobody takes anything', () => {
    const bench = new Bench().add(sample('hello'), 'hello').add(sample('http-logger'), 'log')
    const wired = bench.wire(`hello › ${http}`, `log › ${http}`)
    const { inner } = collapse(wired.graph, ['hello', 'log'], new Store(wired).typeOf)
    expect(inner.exports).toEqual({ [http]: { source: { kind: 'instance', instance: 'log', path: [http] } } })
  })

  it('come out under free names, and say what cannot be kept', () => {
    const store = new Store(chain)
    const { graph, instance, bytes } = collapsed(store, chain.graph, ['inner', 'middle'])
    const hash = chain.graph.packages[chain.graph.instances['hello']?.package ?? '']?.hash ?? ''
    const crowded: CompositionGraph = {
      ...graph,
      packages: { ...graph.packages, other: { name: 'test:other', hash } },
      instances: { ...graph.instances, middle: { package: 'other' } },
      exports: { ...graph.exports, gone: { source: { kind: 'instance', instance, path: ['no-such-export'] } } },
    }
    const back = expanded(store, crowded, instance, bytes, chain.graph)
    expect([...back.instances].sort()).toEqual(['inner', 'middle-2'])
    expect(back.lost).toEqual(['the export "gone"'])
    expect(Object.hasOwn(back.graph.exports, 'gone')).toBe(false)
    expect(() => expand(graph, 'nobody', graph, store.typeOf)).toThrow(/no instance "nobody"/)
    const twice = withFreePackageNames(chain.graph, new Set(['test:hello', 'test:hello-2']))
    expect(Object.values(twice.packages).map(({ name }) => name)).toContain('test:hello-3')
  })

  it(
    'in random compositions: what can be collapsed composes, and opens again to the same graph',
    { timeout: 60_000 },
    async () => {
      const random = randomFrom(11)
      const pool: Uint8Array[] = []
      for (const { wit, world } of generateWorlds(3, 14, false)) {
        const bytes = await componentOf(wit, world).catch(() => undefined)
        if (bytes) pool.push(bytes)
      }
      let done = 0
      const refused = new Map<string, number>()
      for (let round = 0; round < 60; round++) {
        const bench = randomBench(random, pool)
        if (planComposition(bench.graph, bench.decodedOf).problems.length > 0) continue
        const store = new Store(bench)
        const ids = Object.keys(bench.graph.instances).filter(() => random(3) > 0)
        if (ids.length === 0) continue
        try {
          const { graph, instance, bytes } = collapsed(store, bench.graph, ids)
          await witOf(store.compose(graph))
          const back = expanded(store, graph, instance, bytes, bench.graph)
          expect(back.lost, `round ${round}`).toEqual([])
          expect(shape(back.graph), `round ${round}`).toEqual(shape(bench.graph))
          done++
        } catch (thrown) {
          // What types forbid is refused with a reason; anything else is a defect.
          if (!(thrown instanceof PatchbayError)) throw thrown
          refused.set(thrown.problem.code, (refused.get(thrown.problem.code) ?? 0) + 1)
        }
      }
      expect(done).toBeGreaterThan(10)
    },
  )
})
