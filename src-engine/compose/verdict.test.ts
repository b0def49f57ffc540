import { beforeAll, describe, expect, it } from 'vitest'
import { Bench, componentOf, sample, sourceOf } from '../../test/components.ts'
import { planComposition } from './build-plan.ts'
import { addImport } from './edit.ts'
import { argumentKey } from './graph.ts'
import { verdictOf, verdictsFrom, verdictsTo, type Verdict, type VerdictContext } from './verdict.ts'

const http = 'wasi:http/incoming-handler@0.2.12'
const contextOf = (bench: Bench): VerdictContext => ({
  graph: bench.graph,
  plan: planComposition(bench.graph, bench.decodedOf),
  decodedOf: bench.decodedOf,
})
const judge = (bench: Bench, from: string, to: string): Verdict => {
  const [instance = '', name = ''] = to.split(' › ')
  return verdictOf(contextOf(bench), sourceOf(from), { instance, name })
}

const wit = (version: string) => `package t:p@${version};
  interface types { resource r { m: func() -> u32; } }
  interface h { use types.{r}; go: func(a: r) -> r; }
  interface log { log: func(s: string); }
  world prov { export types; }
  world mid { import types; export h; }
  world user { import types; import h; export run: func() -> u32; }
  world log-user { import log; }
  world log-prov { export log; }`

describe('verdicts', () => {
  let prov: Uint8Array
  let mid: Uint8Array
  let user: Uint8Array
  beforeAll(async () => {
    prov = await componentOf(wit('1.2.0'), 'prov')
    mid = await componentOf(wit('1.2.0'), 'mid')
    user = await componentOf(wit('1.2.0'), 'user')
  })

  it('says yes, and no with the reason', () => {
    const bench = new Bench().add(sample('hello'), 'hello').add(sample('http-logger'), 'logger')
    expect(judge(bench, `hello › ${http}`, `logger › ${http}`)).toEqual({ fits: 'yes' })
    const wrong = judge(bench, `hello › ${http}`, 'logger › wasi:cli/stderr@0.2.12')
    expect(wrong).toMatchObject({ fits: 'no', difference: { reason: 'missing-export' } })
    expect(wrong.sentence).toContain('is missing.')
  })

  it('knows where resources come from', () => {
    const bench = new Bench().add(prov, 'p').add(mid, 'm').add(user, 'u')
    const h = 't:p/h@1.2.0'
    expect(judge(bench, `m › ${h}`, `u › ${h}`).fits).toBe('yes')
    bench.wire('p › t:p/types@1.2.0', 'm › t:p/types@1.2.0')
    const half = judge(bench, `m › ${h}`, `u › ${h}`)
    expect(half).toMatchObject({ fits: 'no', difference: { reason: 'resource' } })
    expect(half.sentence).toBe(
      '"r": expected resource "r" of the host\'s "t:p/types@1.2.0", found resource "r" of "t:p/types@1.2.0" of component "p".',
    )
    bench.wire('p › t:p/types@1.2.0', 'u › t:p/types@1.2.0')
    expect(judge(bench, `m › ${h}`, `u › ${h}`).fits).toBe('yes')
    // The wire that is already there is judged like any other.
    expect(judge(bench, 'p › t:p/types@1.2.0', 'u › t:p/types@1.2.0').fits).toBe('yes')
  })

  it('agrees with the plan once the wire is drawn', () => {
    for (const wires of [[], ['m'], ['u'], ['m', 'u']]) {
      const bench = new Bench().add(prov, 'p').add(mid, 'm').add(user, 'u')
      for (const to of wires) bench.wire('p › t:p/types@1.2.0', `${to} › t:p/types@1.2.0`)
      const said = judge(bench, 'm › t:p/h@1.2.0', 'u › t:p/h@1.2.0').fits
      bench.wire('m › t:p/h@1.2.0', 'u › t:p/h@1.2.0')
      const mismatch = planComposition(bench.graph, bench.decodedOf).problems.some(
        (problem) => problem.code === 'graph.mismatch',
      )
      expect(said === 'no', wires.join()).toBe(mismatch)
    }
  })

  it('tells newer and older versions', async () => {
    const give = await componentOf(wit('1.3.0'), 'log-prov')
    const take = await componentOf(wit('1.2.0'), 'log-user')
    const bench = new Bench().add(give, 'p').add(take, 'u')
    expect(judge(bench, 'p › t:p/log@1.3.0', 'u › t:p/log@1.2.0')).toEqual({
      fits: 'newer',
      sentence: '1.3.0 is given where 1.2.0 is asked for: a newer version that fits.',
    })
    const reverse = new Bench()
      .add(await componentOf(wit('1.2.0'), 'log-prov'), 'p')
      .add(await componentOf(wit('1.3.0'), 'log-user'), 'u')
    expect(judge(reverse, 'p › t:p/log@1.2.0', 'u › t:p/log@1.3.0').fits).toBe('older')
  })

  it('refuses circles', () => {
    const bench = new Bench().add(sample('http-logger'), 'a', 'b', 'c').wire(`a › ${http}`, `b › ${http}`)
    expect(judge(bench, `b › ${http}`, `a › ${http}`).sentence).toBe('b already uses a: the two would need each other.')
    expect(judge(bench, `c › ${http}`, `c › ${http}`).sentence).toBe('A component cannot use itself.')
    expect(judge(bench, `c › ${http}`, `a › ${http}`).fits).toBe('yes')
  })

  it('judges all ports at once, from either end', () => {
    const bench = new Bench()
      .add(sample('hello'), 'hello')
      .add(sample('http-logger'), 'logger', 'other')
      .add(sample('bridge'), 'bridge')
    const from = verdictsFrom(contextOf(bench), sourceOf(`hello › ${http}`))
    const fitting = [...from].filter(([, verdict]) => verdict.fits === 'yes').map(([key]) => key)
    expect(fitting.sort()).toEqual([argumentKey('logger', http), argumentKey('other', http)])
    const to = verdictsTo(contextOf(bench), { instance: 'logger', name: http })
    expect([...to].map(([key, verdict]) => [key, verdict.fits]).sort()).toEqual([
      [argumentKey('bridge', http), 'yes'],
      [argumentKey('hello', http), 'yes'],
      [argumentKey('logger', http), 'no'],
      [argumentKey('other', http), 'yes'],
    ])
  })

  it('judges wires from imports of the composition, and says where one takes in more', async () => {
    const small = await componentOf(
      'package a:b@1.0.0; interface log { say: func(s: string); } world w { import log; }',
    )
    const large = await componentOf(
      'package a:b@1.0.0; interface log { say: func(s: string); shout: func(s: string); } world w { import log; }',
    )
    const other = await componentOf('package a:b@1.0.0; interface log { say: func(n: u32); } world w { import log; }')
    const log = 'a:b/log@1.0.0'
    const bench = new Bench().add(small, 's').add(large, 'l').add(other, 'o')
    bench.graph = addImport(bench.graph, 'outer', { instance: 's', name: log })
    bench.wire('import: outer', `s › ${log}`)
    expect(judge(bench, 'import: outer', `s › ${log}`)).toEqual({ fits: 'yes' })
    expect(judge(bench, 'import: outer', `l › ${log}`)).toEqual({
      fits: 'yes',
      sentence: 'The import takes in shout as well.',
    })
    expect(judge(bench, 'import: outer', `o › ${log}`)).toMatchObject({
      fits: 'no',
      difference: { path: ['"say"', 'parameter 1'] },
    })
    expect(judge(bench, 'import: gone', `o › ${log}`).sentence).toBe('gone is not there.')
    // The plan says the same once they are drawn.
    expect(planComposition(bench.wire('import: outer', `l › ${log}`).graph, bench.decodedOf).problems).toEqual([])
    expect(
      planComposition(bench.wire('import: outer', `o › ${log}`).graph, bench.decodedOf).problems.map(
        ({ code }) => code,
      ),
    ).toEqual(['graph.conflict'])
  })

  it('answers for ports that are not there', () => {
    const bench = new Bench().add(sample('hello'), 'hello').add(sample('http-logger'), 'logger')
    expect(judge(bench, 'hello › nothing', `logger › ${http}`)).toEqual({
      fits: 'no',
      sentence: 'nothing is not there.',
    })
    expect(judge(bench, `hello › ${http}`, 'logger › nothing').fits).toBe('no')
    expect(judge(bench, `gone › ${http}`, `logger › ${http}`).fits).toBe('no')
  })
})
