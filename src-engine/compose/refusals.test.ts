import { describe, expect, it } from 'vitest'
import { Bench, componentOf, componentOfWat, composeBench, sample, validate } from '../../test/components.ts'
import { decode } from '../binary/decode.ts'
import { PatchbayError } from '../error.ts'
import { planComposition } from './build-plan.ts'
import { encodeComposition } from './encode.ts'
import type { CompositionGraph } from './graph.ts'
import type { PlanProblem } from './plan.ts'
import { verdictOf } from './verdict.ts'

const wit = `
package t:p@1.2.0;
interface types {
  resource r { constructor(); m: func() -> u32; }
  enum e { a, b }
  record pt { x: u32, y: e }
}
interface h { use types.{r, pt}; go: func(a: r, p: pt) -> result<r, string>; }
interface log { log: func(s: string); }
interface other { log: func(s: u32); }
world prov { export types; }
world mid { import types; export h; }
world user { import types; import h; export run: func() -> u32; }
world chain { import log; export log; }
world text { import log: func(s: string); export run: func(); }
world number { import log: func(s: u32); export run: func(); }
world gives-number { export log: func(s: u32); }
world gives-other { export other; }
world needs-log { import log; export run: func(); }
`
const made = new Map<string, Promise<Uint8Array>>()
const world = (name: string): Promise<Uint8Array> => {
  let bytes = made.get(name)
  if (!bytes) made.set(name, (bytes = componentOf(wit, name)))
  return bytes
}
const t = (name: string) => `t:p/${name}@1.2.0`
const problemsOf = (bench: Bench): readonly PlanProblem[] => planComposition(bench.graph, bench.decodedOf).problems
const sentences = (bench: Bench): string[] => problemsOf(bench).map((problem) => problem.message)

describe('refusals', () => {
  it('a plain function that does not fit', async () => {
    const bench = new Bench()
      .add(await world('gives-number'), 'p')
      .add(await world('text'), 'u')
      .wire('p › log', 'u › log')
    expect(problemsOf(bench)).toEqual([
      {
        code: 'graph.mismatch',
        message: 'the wire to "log" of "u" does not fit: parameter "s": expected string, found u32',
        where: { path: ['u', 'log', 'parameter "s"'] },
        instance: 'u',
        import: 'log',
      },
    ])
    expect(() => encodeComposition(planComposition(bench.graph, bench.decodedOf), bench.bytesOf)).toThrow(PatchbayError)
  })

  it('an interface of another shape', async () => {
    const bench = new Bench()
      .add(await world('gives-other'), 'p')
      .add(await world('needs-log'), 'u')
      .wire(`p › ${t('other')}`, `u › ${t('log')}`)
    expect(sentences(bench)).toEqual([
      'the wire to "t:p/log@1.2.0" of "u" does not fit: "log" › parameter "s": expected string, found u32',
    ])
  })

  it('one name for two functions', async () => {
    const bench = new Bench().add(await world('text'), 'a').add(await world('number'), 'b')
    expect(problemsOf(bench)).toMatchObject([
      {
        code: 'graph.conflict',
        message:
          '"a" and "b" need incompatible versions of the import "log": parameter "s": expected u32 for "b", found string for "a"',
        instance: 'b',
        import: 'log',
      },
    ])
  })

  it('one explicit import for two versions that do not fit each other', async () => {
    const at = (version: string, type: string) =>
      componentOf(
        `package o:o; package a:b@${version} { interface c { f: func(s: ${type}); } } world w { import a:b/c@${version}; }`,
        'w',
      )
    const bench = new Bench()
      .add(await at('1.0.0', 'string'), 'old')
      .add(await at('1.1.0', 'u32'), 'new')
      .wire('import: a:b/c@1.0.0', 'old › a:b/c@1.0.0')
    bench.graph = {
      ...bench.graph,
      imports: { 'a:b/c@1.0.0': { typeOf: { instance: 'old', name: 'a:b/c@1.0.0' } } },
    }
    expect(problemsOf(bench)).toMatchObject([
      {
        code: 'graph.conflict',
        message:
          '"new" needs "a:b/c@1.1.0" and "old" needs "a:b/c@1.0.0", which one import "a:b/c@1.0.0" cannot be: "f" › parameter "s": expected string for "old", found u32 for "new"',
      },
    ])
  })

  it('a resource from two places: the host and a component, both ways round', async () => {
    const half = new Bench()
      .add(await world('prov'), 'p')
      .add(await world('mid'), 'm')
      .add(await world('user'), 'u')
      .wire(`p › ${t('types')}`, `m › ${t('types')}`)
      .wire(`m › ${t('h')}`, `u › ${t('h')}`)
    expect(problemsOf(half)).toMatchObject([
      {
        code: 'graph.mismatch',
        message:
          'the wire to "t:p/h@1.2.0" of "u" does not fit: "r": expected resource "r" of the host\'s "t:p/types@1.2.0", found resource "r" of "t:p/types@1.2.0" of component "p" (and 2 more)',
        instance: 'u',
        import: t('h'),
        hint: 'Both sides must take this resource from the same place: wire the interface that owns it to both, or leave it to the host for both.',
      },
    ])
    const reverse = new Bench()
      .add(await world('prov'), 'p')
      .add(await world('mid'), 'm')
      .add(await world('user'), 'u')
      .wire(`p › ${t('types')}`, `u › ${t('types')}`)
      .wire(`m › ${t('h')}`, `u › ${t('h')}`)
    expect(sentences(reverse)[0]).toContain(
      'expected resource "r" of "t:p/types@1.2.0" of component "p", found resource "r" of the host\'s "t:p/types@1.2.0"',
    )
  })

  it('two instances of one component have two resources', async () => {
    const bench = new Bench()
      .add(await world('prov'), 'p1', 'p2')
      .add(await world('mid'), 'm')
      .add(await world('user'), 'u')
      .wire(`p1 › ${t('types')}`, `m › ${t('types')}`)
      .wire(`p2 › ${t('types')}`, `u › ${t('types')}`)
      .wire(`m › ${t('h')}`, `u › ${t('h')}`)
    expect(sentences(bench)[0]).toContain('component "p2", found resource "r" of "t:p/types@1.2.0" of component "p1"')
  })

  it('a resource of a component that the host would have to know', async () => {
    const bench = new Bench()
      .add(await world('prov'), 'p')
      .add(await world('user'), 'u')
      .wire(`p › ${t('types')}`, `u › ${t('types')}`)
    expect(problemsOf(bench)).toMatchObject([
      {
        code: 'graph.foreign-resource',
        message: 'the import "t:p/h@1.2.0" of "u" uses the resource "r", which comes from "t:p/types@1.2.0" of "p"',
        instance: 'u',
        import: t('h'),
      },
    ])
  })

  it('circles, of two and of one', async () => {
    const log = t('log')
    const two = new Bench()
      .add(await world('chain'), 'c1', 'c2')
      .wire(`c1 › ${log}`, `c2 › ${log}`)
      .wire(`c2 › ${log}`, `c1 › ${log}`)
    expect(problemsOf(two)).toMatchObject([
      { code: 'graph.cycle', message: 'the wiring goes in a circle: c1 → c2 → c1', instance: 'c1', import: log },
    ])
    const self = new Bench().add(await world('chain'), 'c').wire(`c › ${log}`, `c › ${log}`)
    expect(sentences(self)).toEqual(['the wiring goes in a circle: c → c'])
  })

  it('names that are not there, with what was probably meant', async () => {
    const bench = new Bench()
      .add(await world('prov'), 'p')
      .add(await world('mid'), 'm')
      .wire('p › t:p/typos@1.2.0', `m › ${t('types')}`)
      .wire(`p › ${t('types')}`, 'm › t:p/type@1.2.0')
      .export('p › nothing')
    bench.graph = {
      ...bench.graph,
      imports: { x: { typeOf: { instance: 'm', name: 'nothing' } }, y: { typeOf: { instance: 'gone', name: 'z' } } },
    }
    expect(problemsOf(bench)).toMatchObject([
      {
        code: 'graph.unknown-export',
        message: '"p" has no export "t:p/typos@1.2.0"',
        hint: 'It exports "t:p/types@1.2.0"; draw the wire from there.',
      },
      {
        code: 'graph.untyped-import',
        message: 'the import "x" is to be like "nothing" of "m", which has no such import',
      },
      { code: 'graph.untyped-import', message: 'the import "y" is to be like one of "gone", which is not there' },
      {
        code: 'graph.unknown-import',
        message: '"m" does not import "t:p/type@1.2.0"',
        hint: 'It imports "t:p/types@1.2.0": draw the wire there.',
      },
      { code: 'graph.unknown-export', message: '"p" has no export "nothing"', export: 'nothing' },
    ])
  })

  it('files that are gone: one problem each, none for what hangs on them', async () => {
    const bench = new Bench()
      .add(await world('prov'), 'p')
      .add(await world('mid'), 'm')
      .wire(`p › ${t('types')}`, `m › ${t('types')}`)
      .export(`p › ${t('types')}`)
    const hash = bench.graph.packages['p-package']?.hash
    const plan = planComposition(bench.graph, (each) => (each === hash ? undefined : bench.decodedOf(each)))
    expect(plan.problems).toMatchObject([
      { code: 'graph.missing-package', message: 'the component of "p" cannot be read', instance: 'p' },
    ])
  })

  it('names that differ only in case', async () => {
    const bench = new Bench()
      .add(await world('gives-number'), 'p')
      .export('p › log', 'a-b')
      .export('p › log', 'A-b')
    expect(problemsOf(bench)).toMatchObject([
      { code: 'graph.duplicate-name', message: 'the exports "A-b" and "a-b" of the composition are too much alike' },
    ])
  })

  it('names that the format does not allow', async () => {
    const named = async (name: string, from = `p › ${t('other')}`) =>
      sentences(
        new Bench()
          .add(await world('gives-other'), 'p')
          .add(await world('gives-number'), 'n')
          .export(from, name),
      )
    for (const name of ['run', 'run-2', 'RUN-now', 'a:b/c', 'a:b/c-d@1.0.0', 'a:b/c@1.0.0-rc.1', 'a1:b2/c3'])
      expect(await named(name), name).toEqual([])
    for (const name of [
      '',
      'rUn',
      '2a',
      'a-',
      'a--b',
      'é',
      'a b',
      'x.y',
      'A:b/c',
      'a:b/c@1',
      'a:b/c@01.0.0',
      'url=<x>',
    ])
      expect(await named(name), name).toEqual([`"${name}" cannot be the name of an export`])
    expect(await named('a:b/c', 'n › log')).toEqual([
      'the export "a:b/c" is a function, but has the name of an interface',
    ])
  })

  it('newer providers fit, older ones do when nothing new is used', async () => {
    const version = (number: string, more: string, name: string) =>
      componentOf(
        `package o:o; package a:b@${number} { interface c { resource r { one: func(); ${more} } } } world give { export a:b/c@${number}; } world take { import a:b/c@${number}; export run: func(); }`,
        name,
      )
    const wired = async (give: Promise<Uint8Array>, take: Promise<Uint8Array>, from: string, to: string) =>
      sentences(
        new Bench()
          .add(await give, 'p')
          .add(await take, 'u')
          .wire(`p › a:b/c@${from}`, `u › a:b/c@${to}`),
      )
    expect(
      await wired(version('1.3.0', 'two: func();', 'give'), version('1.2.0', '', 'take'), '1.3.0', '1.2.0'),
    ).toEqual([])
    expect(await wired(version('1.2.0', '', 'give'), version('1.3.0', '', 'take'), '1.2.0', '1.3.0')).toEqual([])
    expect(
      await wired(version('1.2.0', '', 'give'), version('1.3.0', 'two: func();', 'take'), '1.2.0', '1.3.0'),
    ).toEqual(['the wire to "a:b/c@1.3.0" of "u" does not fit: method "r.two" (func()) is missing'])
  })

  it('counts what validators limit', async () => {
    const log = t('log')
    const chain = async (count: number) => {
      const bench = new Bench().add(await world('chain'), 'c0')
      for (let index = 1; index < count; index++)
        bench.add(await world('chain'), `c${index}`).wire(`c${index - 1} › ${log}`, `c${index} › ${log}`)
      return bench.export(`c${count - 1} › ${log}`)
    }
    await validate(composeBench(await chain(499)).bytes)
    expect(sentences(await chain(500))).toEqual([
      'the composition has 1002 instances and interfaces between them; engines take 1000',
    ])
  })

  it('collects every problem of a graph', async () => {
    const bench = new Bench()
      .add(await world('gives-number'), 'p')
      .add(await world('text'), 'u', 'v')
      .wire('p › log', 'u › log')
      .wire('p › log', 'v › log')
      .export('u › nothing')
    expect(problemsOf(bench).map(({ code, instance, export: name }) => [code, instance ?? name])).toEqual([
      ['graph.mismatch', 'u'],
      ['graph.mismatch', 'v'],
      ['graph.unknown-export', 'u'],
    ])
  })

  it('never throws, whatever is drawn', async () => {
    const bench = new Bench().add(sample('http-logger'), 'a', 'b').add(await componentOfWat('(component)'), 'c')
    const inherited: string = 'toString'
    const odd: CompositionGraph = {
      ...bench.graph,
      packages: { ...bench.graph.packages, valueOf: { name: '', hash: 'none' } },
      instances: { ...bench.graph.instances, constructor: { package: 'toString' }, '': { package: '' } },
      arguments: {
        x: { instance: 'constructor', name: '', source: { kind: 'instance', instance: 'toString', path: [] } },
        y: { instance: 'a', name: '__proto__', source: { kind: 'import', import: 'valueOf', path: ['x', ''] } },
        z: { instance: '', name: 'q', source: { kind: 'instance', instance: '', path: ['', '', ''] } },
        'a wasi:http/incoming-handler@0.2.12': {
          instance: 'a',
          name: 'wasi:http/incoming-handler@0.2.12',
          source: { kind: 'import', import: 'odd', path: ['deep', 'er'] },
        },
      },
      imports: { ['hasOwnProperty']: { typeOf: { instance: 'toString', name: '' } } },
      exports: {
        '': { source: { kind: 'import', import: 'missing', path: [] } },
        [inherited]: { source: { kind: 'instance', instance: 'valueOf', path: [] } },
        c: { source: { kind: 'instance', instance: 'c', path: [] } },
      },
    }
    const plan = planComposition(odd, bench.decodedOf)
    expect(plan.problems.map((problem) => problem.code)).toContain('graph.no-instance')
    for (const problem of plan.problems) expect(problem.message).not.toBe('')
  })
})

describe('warnings', () => {
  const warningsOf = (bench: Bench) => planComposition(bench.graph, bench.decodedOf).warnings
  /** Valid all the same, and what is warned of. */
  const spoken = async (bench: Bench): Promise<string[]> => {
    await validate(composeBench(bench).bytes)
    return warningsOf(bench).map((warning) => warning.message)
  }

  it('are given for worlds that are valid and that no WIT can say', async () => {
    const types = t('types')
    const twice = new Bench()
      .add(await world('prov'), 'p')
      .export(`p › ${types}`)
      .export(`p › ${types}`, 'again')
    expect(warningsOf(twice)).toMatchObject([
      {
        code: 'graph.unprintable',
        message: 'the exports "again" and "t:p/types@1.2.0" have the same types',
        export: types,
      },
    ])
    const apart = new Bench()
      .add(await world('prov'), 'p', 'q')
      .export(`p › ${types}`)
      .export(`q › ${types}`, 'again')
    expect(await spoken(apart)).toEqual(['the exports "again" and "t:p/types@1.2.0" have the same types'])
    const again = new Bench().add(await world('mid'), 'm').export(`import: ${types}`, types)
    expect(await spoken(again)).toEqual([
      'the export "t:p/types@1.2.0" would give types of the import "t:p/types@1.2.0" a second home',
    ])
    const renamed = new Bench()
      .add(await world('prov'), 'p')
      .add(await world('mid'), 'm')
      .wire(`p › ${types}`, `m › ${types}`)
      .export(`p › ${types}`, 'mine')
      .export(`m › ${t('h')}`)
    expect(await spoken(renamed)).toEqual([
      'the export "t:p/h@1.2.0" uses types of the export "mine", which has a plain name',
    ])
    const imported = new Bench()
      .add(await world('mid'), 'm')
      .wire('import: mine', `m › ${types}`)
      .export(`m › ${t('h')}`)
    imported.graph = { ...imported.graph, imports: { mine: { typeOf: { instance: 'm', name: types } } } }
    expect(await spoken(imported)).toEqual([
      'the export "t:p/h@1.2.0" uses types of the import "mine", which has a plain name',
    ])
  })

  it('are given for a resource that is handed out while its interface stays inside', async () => {
    const types = t('types')
    const bench = new Bench()
      .add(await world('prov'), 'p')
      .add(
        await componentOf(
          `${wit} world keeps { import types; export keep; } interface keep { use types.{r}; last: func() -> r; }`,
          'keeps',
        ),
        'k',
      )
      .wire(`p › ${types}`, `k › ${types}`)
      .export(`k › ${t('keep')}`)
    expect(await spoken(bench)).toEqual([
      'the export "t:p/keep@1.2.0" hands out the resource "r" of "t:p/types@1.2.0" from "p", which stays inside',
    ])
    expect(await spoken(bench.export(`p › ${types}`))).toEqual([])
  })
})

describe('classic causes', () => {
  const at = (version: string, type: string, name: string, more = '') =>
    componentOf(
      `package o:o; package a:b@${version} { interface c { f: func(s: ${type}); ${more} } } world give { export a:b/c@${version}; } world take { import a:b/c@${version}; }`,
      name,
    )
  const refused = async (give: Promise<Uint8Array>, take: Promise<Uint8Array>, from: string, to: string) => {
    const bench = new Bench().add(await give, 'p').add(await take, 'u')
    const context = {
      graph: bench.graph,
      plan: planComposition(bench.graph, bench.decodedOf),
      decodedOf: bench.decodedOf,
    }
    const said = verdictOf(context, { kind: 'instance', instance: 'p', path: [from] }, { instance: 'u', name: to })
    const [problem] = problemsOf(bench.wire(`p › ${from}`, `u › ${to}`))
    // While dragging one reads the same as afterwards.
    expect(said.hint).toBe(problem?.hint)
    return problem?.hint
  }

  it('version skew: an older provider, versions that ought to fit, versions that promise nothing', async () => {
    const c = (version: string) => `a:b/c@${version}`
    expect(
      await refused(at('1.0.0', 'u8', 'give'), at('1.1.0', 'u8', 'take', 'g: func();'), c('1.0.0'), c('1.1.0')),
    ).toBe(
      '1.0.0 is given where 1.1.0 is asked for: the provider is older than what the consumer was built for. Build it against 1.1.0.',
    )
    expect(await refused(at('1.2.0', 'u8', 'give'), at('1.1.0', 'u16', 'take'), c('1.2.0'), c('1.1.0'))).toBe(
      '1.2.0 is given where 1.1.0 is asked for, and the two are not alike here: build both against one version.',
    )
    expect(await refused(at('2.0.0', 'u8', 'give'), at('1.1.0', 'u16', 'take'), c('2.0.0'), c('1.1.0'))).toBe(
      '2.0.0 is given where 1.1.0 is asked for: these versions promise no compatibility. Build both against one version.',
    )
  })

  it('a missing bridge', async () => {
    expect(
      await refused(
        Promise.resolve(sample('mik-handler')),
        Promise.resolve(sample('http-logger')),
        'mik:core/handler@0.1.0',
        'wasi:http/incoming-handler@0.2.12',
      ),
    ).toBe('A bridge turns "mik:core/handler" into "wasi:http/incoming-handler": add one and wire through it.')
  })

  it('a bare function where an interface is asked for, and the other way round', async () => {
    const both = `package a:b; interface i { f: func(); g: func(); } world faces { import i; } world offers { export i; } world gives { export f: func(); } world takes { import h: func(); }`
    expect(await refused(componentOf(both, 'gives'), componentOf(both, 'faces'), 'f', 'a:b/i')).toBe(
      'The consumer imports a whole interface; a bare function does not fill it.',
    )
    expect(await refused(componentOf(both, 'offers'), componentOf(both, 'takes'), 'a:b/i', 'h')).toBe(
      'Wire the function inside the interface instead.',
    )
  })

  it('a WIT package in place of a component', async () => {
    const bytes = await componentOfWat(
      '(component (type (component (type (component (type (instance (export "f" (func)))) (import "a:b/c" (instance (type 0))))) (export "a:b/w" (component (type 0))))) (export "w" (type 0)))',
    )
    expect(problemsOf(new Bench().add(bytes, 'w'))).toMatchObject([{ code: 'graph.no-code', instance: 'w' }])
  })

  it('a core module in place of a component', async () => {
    expect(() => decode(new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]))).toThrow(
      expect.objectContaining({
        problem: expect.objectContaining({
          code: 'input.core-module',
          hint: expect.stringContaining('jco new module.wasm'),
        }),
      }),
    )
  })
})
