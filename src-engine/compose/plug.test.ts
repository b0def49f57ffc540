import { describe, expect, it } from 'vitest'
import { Bench, componentOf, sample, worldOf, witOf } from '../../test/components.ts'
import { planComposition } from './build-plan.ts'
import { encodeComposition } from './encode.ts'
import { emptyGraph, type CompositionGraph } from './graph.ts'
import { plugGraph, type Part } from './plug.ts'
import { wireAll } from './wire-all.ts'

const wit = (version: string) => `package t:p@${version};
  interface types { resource r { m: func() -> u32; } }
  interface h { use types.{r}; go: func(a: r) -> r; }
  interface log { log: func(s: string); }
  interface wrong { log: func(s: u32); }
  world prov { export types; }
  world mid { import types; export h; }
  world user { import types; import h; import log; export run: func() -> u32; }
  world logger { export log; }
  world log-chain { import log; export log; }
  world only-h { import h; export run: func() -> u32; }`

/** Components by name, as a library and as a graph to add to. */
class Library {
  readonly bench = new Bench()
  readonly parts: Part[] = []

  add(name: string, bytes: Uint8Array): Part {
    this.bench.add(bytes, name)
    const entry = this.bench.graph.packages[`${name}-package`]
    if (!entry) throw new Error(name)
    const part = { id: name, package: entry }
    this.parts.push(part)
    return part
  }

  async world(graph: CompositionGraph): Promise<string> {
    const plan = planComposition(graph, this.bench.decodedOf)
    return worldOf(await witOf(encodeComposition(plan, this.bench.bytesOf)))
  }
}

const graphOf = (...parts: Part[]): CompositionGraph => ({
  ...emptyGraph,
  packages: Object.fromEntries(parts.map((part) => [part.id, part.package])),
  instances: Object.fromEntries(parts.map((part) => [part.id, { package: part.id }])),
})

describe('plug', () => {
  it('fills the socket and keeps its exports', async () => {
    const library = new Library()
    const socket = library.add('bridge', sample('bridge'))
    const plug = library.add('handler', sample('mik-handler'))
    const { graph, decisions, unused } = plugGraph(socket, [plug], library.bench.decodedOf)
    expect(decisions.filter(({ decision }) => decision.kind !== 'left')).toEqual([
      {
        import: 'mik:core/handler@0.1.0',
        decision: { kind: 'plugged', by: 'handler', export: 'mik:core/handler@0.1.0' },
      },
    ])
    expect(decisions.every(({ decision }) => decision.kind !== 'left' || decision.host)).toBe(true)
    expect(unused).toEqual([])
    expect(await library.world(graph)).toContain('export wasi:http/incoming-handler@0.2.12;')
  })

  it('takes compatible versions, refuses other types with the reason, never guesses', async () => {
    const library = new Library()
    const socket = library.add('user', await componentOf(wit('1.2.0'), 'log-chain'))
    const newer = library.add('newer', await componentOf(wit('1.4.0'), 'logger'))
    const other = library.add('other', await componentOf(wit('2.0.0'), 'logger'))
    const same = library.add('same', await componentOf(wit('1.2.0'), 'logger'))
    const wrong = library.add(
      'wrong',
      await componentOf('package t:p@1.2.0; interface log { log: func(s: u32); } world w { export log; }', 'w'),
    )
    const decide = (...plugs: Part[]) => plugGraph(socket, plugs, library.bench.decodedOf)
    expect(decide(newer).decisions[0]?.decision).toMatchObject({
      kind: 'plugged',
      by: 'newer',
      export: 't:p/log@1.4.0',
    })
    expect(decide(other)).toMatchObject({
      decisions: [{ decision: { kind: 'left', host: false } }],
      unused: ['other'],
    })
    expect(decide(newer, same).decisions[0]?.decision).toEqual({ kind: 'ambiguous', by: ['newer', 'same'] })
    const refused = decide(wrong)
    expect(refused.decisions[0]?.decision).toMatchObject({
      kind: 'refused',
      by: 'wrong',
      sentence: '"log" › parameter "s": expected string, found u32.',
      difference: { reason: 'type' },
    })
    expect(Object.keys(refused.graph.instances)).toEqual(['user'])
    expect(decide(wrong, same).decisions[0]?.decision).toMatchObject({ kind: 'plugged', by: 'same' })
    expect(await library.world(decide(newer).graph)).toBe('world root { export t:p/log@1.2.0; }')
  })

  it('plugs two interfaces that share a resource; plugs do not feed plugs', async () => {
    const library = new Library()
    const socket = library.add('user', await componentOf(wit('1.2.0'), 'user'))
    const both = library.add(
      'both',
      await componentOf(`${wit('1.2.0').trimEnd()} world both { export types; export h; }`, 'both'),
    )
    const plugged = plugGraph(socket, [both], library.bench.decodedOf)
    expect(plugged.decisions.map(({ decision }) => decision.kind)).toEqual(['plugged', 'plugged', 'left'])
    const mid = library.add('mid', await componentOf(wit('1.2.0'), 'mid'))
    const prov = library.add('prov', await componentOf(wit('1.2.0'), 'prov'))
    const apart = plugGraph(socket, [mid, prov], library.bench.decodedOf)
    expect(apart.decisions.map(({ decision }) => decision.kind)).toEqual(['plugged', 'refused', 'left'])
    expect(apart.decisions[1]?.decision).toMatchObject({ difference: { reason: 'resource' } })
  })

  it('says which component is not there', () => {
    const part = { id: 'x', package: { name: 'a:x', hash: 'none' } }
    expect(() => plugGraph(part, [], () => undefined)).toThrow('the component "a:x" cannot be read')
  })
})

describe('wire all', () => {
  it('goes through as many components as it takes', async () => {
    const library = new Library()
    const bridge = library.add('bridge', sample('bridge'))
    library.add('handler', sample('mik-handler'))
    library.add('hello', sample('hello'))
    const wiring = wireAll(graphOf(bridge), library.parts, library.bench.decodedOf)
    expect(wiring.wired).toEqual([
      {
        instance: 'bridge',
        name: 'mik:core/handler@0.1.0',
        by: { instance: 'handler', package: 'handler', export: 'mik:core/handler@0.1.0' },
      },
    ])
    expect(wiring.host.map(({ name }) => name)).toContain('wasi:http/types@0.2.12')
    expect([wiring.missing, wiring.ambiguous, wiring.near]).toEqual([[], [], []])
  })

  it('closes a diamond with one owner of the resource', async () => {
    const library = new Library()
    const user = library.add('user', await componentOf(wit('1.2.0'), 'user'))
    library.add('prov', await componentOf(wit('1.2.0'), 'prov'))
    library.add('mid', await componentOf(wit('1.2.0'), 'mid'))
    const wiring = wireAll(graphOf(user), library.parts, library.bench.decodedOf)
    expect(wiring.wired.map(({ instance, by }) => `${by.instance} → ${instance}`).sort()).toEqual([
      'mid → user',
      'prov → mid',
      'prov → user',
    ])
    expect(wiring.missing).toEqual([{ instance: 'user', name: 't:p/log@1.2.0' }])
    expect(await library.world({ ...wiring.graph, exports: {} })).toBe('world root { import t:p/log@1.2.0; }')
  })

  it('sorts what it cannot do: missing, ambiguous, near miss', async () => {
    const library = new Library()
    const chain = library.add('chain', await componentOf(wit('1.2.0'), 'log-chain'))
    const wire = (...parts: Part[]) => wireAll(graphOf(chain), parts, library.bench.decodedOf)
    expect(wire(chain).missing).toEqual([{ instance: 'chain', name: 't:p/log@1.2.0' }])
    const one = library.add('one', await componentOf(wit('1.2.0'), 'logger'))
    const two = library.add('two', await componentOf(wit('1.3.0'), 'logger'))
    expect(wire(one, two)).toMatchObject({
      wired: [],
      ambiguous: [{ candidates: [{ package: 'one' }, { package: 'two', export: 't:p/log@1.3.0' }] }],
    })
    const wrong = library.add(
      'wrong',
      await componentOf('package t:p@1.2.0; interface log { log: func(s: u32); } world w { export log; }', 'w'),
    )
    expect(wire(wrong).near).toMatchObject([
      { instance: 'chain', by: { package: 'wrong' }, verdict: { fits: 'no', difference: { reason: 'type' } } },
    ])
    expect(wire(wrong, one).wired).toMatchObject([{ by: { instance: 'one' } }])
  })

  it('stays quick in a crowd of lookalikes', async () => {
    const library = new Library()
    for (let index = 0; index < 30; index++) {
      const bytes = await componentOf(
        `package t:p${index}@1.0.0; world w { import t:p/log@1.2.0; export t:p/log@1.2.0; } ${wit('1.2.0').replace(';', ' {')} }`,
        'w',
      )
      library.add(`m${index}`, bytes)
    }
    const [first] = library.parts
    if (!first) throw new Error('empty')
    const wiring = wireAll(graphOf(first), library.parts, library.bench.decodedOf)
    expect(wiring.ambiguous[0]?.candidates).toHaveLength(29)
  })
})
