/** Shapes that WIT cannot say, or that take two components with different views of one interface. */
import { describe, expect, it } from 'vitest'
import {
  Bench,
  componentOf,
  componentOfWat,
  composeBench,
  sample,
  validate,
  witOf,
  worldOf,
} from '../../test/components.ts'
import { decode } from '../binary/decode.ts'
import { planComposition } from './build-plan.ts'

const ids = (bench: Bench) => composeBench(bench).plan.imports.map((each) => each.name)

describe('two views of one interface', () => {
  const declares = `(component
    (import "a:b/streams@0.2.0" (instance
      (export "error" (type (sub resource)))
      (export "last" (func (result (own 0)))))))`
  const knows = `(component
    (import "a:b/error@0.2.1" (instance $e (export "error" (type (sub resource)))))
    (alias export $e "error" (type $error))
    (import "a:b/streams@0.2.1" (instance
      (alias outer 1 $error (type $outer))
      (export "error" (type $t (eq $outer)))
      (export "first" (func (result (own $t)))))))`

  it('one declares a resource, the other knows whose it is: either order', async () => {
    for (const order of [
      [declares, knows],
      [knows, declares],
    ]) {
      const bench = new Bench()
      for (const [index, text] of order.entries()) bench.add(await componentOfWat(text), `n${index}`)
      const { plan, bytes } = composeBench(bench)
      expect(plan.imports.map((each) => each.name)).toEqual(['a:b/error@0.2.1', 'a:b/streams@0.2.1'])
      await witOf(bytes)
    }
  })

  it('puts an import before those that turn out to need it', async () => {
    const early = await componentOf(
      'package o:o; package a:b@0.2.0 { interface streams { resource s; } } world w { import a:b/streams@0.2.0; export run: func(); }',
      'w',
    )
    const late = await componentOf(
      'package o:o; package a:b@0.2.3 { interface poll { resource p; } interface streams { use poll.{p}; resource s { wait: func() -> p; } } } world w { import a:b/streams@0.2.3; }',
      'w',
    )
    const bench = new Bench().add(early, 'a').add(late, 'b').export('a › run')
    expect(ids(bench)).toEqual(['a:b/poll@0.2.3', 'a:b/streams@0.2.3'])
    await witOf(composeBench(bench).bytes)
  })

  it('lets versions of a package rise together when they would need each other', async () => {
    const wit = (version: string, extra: string) =>
      `package o:o; package a:b@${version} {
        interface one { enum e { x } type list-of = list<e>; }
        interface two { use one.{e}; type both = list<e>; f: func(a: e); }
        interface three { use two.{both}; g: func(a: both); ${extra} } }
      world give { export a:b/two@${version}; }
      world needs-two { import a:b/two@${version}; }
      world needs-all { import a:b/one@${version}; import a:b/two@${version}; import a:b/three@${version}; }`
    const bench = new Bench()
      .add(await componentOf(wit('1.1.0', 'h: func();'), 'give'), 'p')
      .add(await componentOf(wit('1.1.0', 'h: func();'), 'needs-all'), 'u')
      .add(await componentOf(wit('1.0.0', ''), 'needs-two'), 'old')
      .wire('p › a:b/two@1.1.0', 'u › a:b/two@1.1.0')
    expect(new Set(ids(bench))).toEqual(new Set(['a:b/one@1.1.0', 'a:b/two@1.1.0', 'a:b/three@1.1.0']))
    await witOf(composeBench(bench).bytes)
  })
})

describe('shapes', () => {
  it('functions that mention types the world exports by themselves', async () => {
    const bytes = await componentOfWat(`(component
      (component $inner
        (type $point (record (field "x" u32)))
        (export $p "point" (type $point))
        (core module $m (func (export "f") (param i32) (result i32) local.get 0))
        (core instance $i (instantiate $m))
        (func $f (param "a" $p) (result $p) (canon lift (core func $i "f")))
        (export "f" (func $f)))
      (instance $i (instantiate $inner))
      (alias export $i "point" (type $p))
      (alias export $i "f" (func $f))
      (export $q "point" (type $p))
      (export "f" (func $f) (func (param "a" $q) (result $q))))`)
    const bench = new Bench().add(bytes, 'n').export('n › f')
    const { plan, bytes: composed } = composeBench(bench)
    expect(plan.companions).toEqual(['point'])
    await validate(composed)
    expect([...decode(composed).type.exports.keys()]).toEqual(['point', 'f'])
  })

  it('interfaces inside interfaces, wired and exported by their path', async () => {
    const holder = await componentOfWat(`(component
      (import "f" (func $f (result u32)))
      (instance $inner (export "get" (func $f)))
      (instance $outer (export "inner" (instance $inner)))
      (export "outer" (instance $outer)))`)
    const user = await componentOfWat(`(component
      (import "face" (instance (export "get" (func (result u32)))))
      (export "again" (instance 0)))`)
    const bench = new Bench()
      .add(holder, 'h')
      .add(user, 'u')
      .wire('h › outer › inner', 'u › face')
      .export('u › again')
      .export('h › outer', 'whole')
      .export('h › outer › inner › get', 'get')
    const { bytes } = composeBench(bench)
    await validate(bytes)
    expect([...decode(bytes).type.exports].map(([name, extern]) => [name, extern.kind])).toEqual([
      ['again', 'instance'],
      ['whole', 'instance'],
      ['get', 'function'],
    ])
    const open = new Bench().add(
      await componentOfWat(`(component (import "deep" (instance
        (export "in" (instance (export "t" (type (sub resource))) (export "f" (func (result (own 0)))))))))`),
      'a',
      'b',
    )
    await validate(composeBench(open).bytes)
  })

  it('components and core modules given by a component', async () => {
    const giver = await componentOfWat(`(component
      (core module $m (func (export "run")))
      (component $c (import "x" (func)))
      (export "engine" (core module $m))
      (export "part" (component $c)))`)
    const taker = await componentOfWat(`(component
      (import "engine" (core module (export "run" (func))))
      (import "part" (component (import "x" (func)) (import "y" (func)))))`)
    const bench = new Bench()
      .add(giver, 'g')
      .add(taker, 't')
      .wire('g › engine', 't › engine')
      .wire('g › part', 't › part')
    expect(ids(bench)).toEqual([])
    await validate(composeBench(bench).bytes)
    const wrong = new Bench()
      .add(giver, 'g')
      .add(await componentOfWat('(component (import "engine" (core module (export "walk" (func)))))'), 't')
      .wire('g › engine', 't › engine')
    expect(planComposition(wrong.graph, wrong.decodedOf).problems.map((problem) => problem.message)).toEqual([
      'the wire to "engine" of "t" does not fit: export "walk": expected func () -> (), found nothing',
    ])
  })

  it('a component import whose exports own resources', async () => {
    const bytes = await componentOfWat(`(component
      (import "maker" (component
        (import "log" (instance (export "level" (type (sub resource)))))
        (export "r" (type (sub resource)))
        (export "face" (instance
          (export "s" (type (sub resource)))
          (export "[constructor]s" (func (result (own 0))))))
        (export "make" (func (result u32)))
        (import "dep" (instance $dep
          (export "t" (type (sub resource)))
          (type $rec (record (field "x" u32)))
          (export "rec" (type (eq $rec)))))
        (alias export $dep "t" (type $t))
        (alias export $dep "rec" (type $rec))
        (export "user" (instance
          (alias outer 1 $t (type $t))
          (alias outer 1 $rec (type $rec))
          (export "f" (func (param "a" (own $t)) (param "b" $rec)))))
        (export "g" (func (param "b" $rec))))))`)
    const bench = new Bench().add(bytes, 'a', 'b')
    const { bytes: composed } = composeBench(bench)
    await validate(composed)
    expect(ids(bench)).toEqual(['maker'])
  })

  it('a component that is to be supplied and defines resources', async () => {
    const provider = await componentOf(
      'package t:p; interface types { resource r { constructor(); m: func() -> u32; } } world w { export types; }',
      'w',
    )
    const user = await componentOf(
      'package t:p; interface types { resource r { constructor(); m: func() -> u32; } } world w { import types; export run: func(); }',
      'w',
    )
    const bench = new Bench().add(provider, 'p').add(user, 'u').wire('p › t:p/types', 'u › t:p/types').export('u › run')
    const entry = bench.graph.packages['p-package']
    if (!entry) throw new Error('no package')
    bench.graph = { ...bench.graph, packages: { ...bench.graph.packages, 'p-package': { ...entry, link: 'import' } } }
    const { bytes } = composeBench(bench)
    await validate(bytes)
    expect([...decode(bytes).type.imports.keys()]).toEqual(['unlocked-dep=<test:p>'])
  })
})

describe('WASI 0.3', () => {
  const wit = (asynchronous: string) => `package t:p@1.0.0;
    interface types { resource body { constructor(); read: ${asynchronous}func() -> stream<u8>; } }
    interface h { use types.{body}; handle: ${asynchronous}func(b: body) -> future<result<body, string>>; }
    world give { import types; export h; }
    world take { import types; import h; export run: ${asynchronous}func(); }`

  it('composes async functions, streams and futures, and names what the result needs', async () => {
    const bench = new Bench()
      .add(await componentOf(wit('async '), 'give'), 'p')
      .add(await componentOf(wit('async '), 'take'), 'u')
      .wire('p › t:p/h@1.0.0', 'u › t:p/h@1.0.0')
      .export('u › run')
    const { plan, bytes } = composeBench(bench)
    expect(plan.features).toEqual(expect.arrayContaining(['async', 'future', 'stream']))
    expect(worldOf(await witOf(bytes))).toBe('world root { import t:p/types@1.0.0; export run: async func(); }')
  })

  it('refuses a sync function for an async one', async () => {
    const bench = new Bench()
      .add(await componentOf('world w { export f: func() -> u32; }'.replace('world', 'package a:b; world'), 'w'), 'p')
      .add(await componentOf('package a:b; world w { import f: async func() -> u32; }', 'w'), 'u')
      .wire('p › f', 'u › f')
    expect(planComposition(bench.graph, bench.decodedOf).problems).toMatchObject([
      {
        message: 'the wire to "f" of "u" does not fit: expected an async function, found a sync one',
        hint: 'WASI 0.2 functions are synchronous, those of 0.3 asynchronous: both sides must be built for the same one.',
      },
    ])
  })
})

describe('samples', () => {
  it('resources of wasi:http shared by three components', async () => {
    const http = 'wasi:http/incoming-handler@0.2.12'
    const bench = new Bench()
      .add(sample('hello'), 'a')
      .add(sample('http-logger'), 'b', 'c')
      .wire(`a › ${http}`, `b › ${http}`)
      .wire(`b › ${http}`, `c › ${http}`)
      .export(`c › ${http}`)
    const { plan, bytes } = composeBench(bench)
    const users = plan.imports.find((each) => each.name === 'wasi:http/types@0.2.12')?.wantedBy
    expect(users?.map((each) => each.instance)).toEqual(['a', 'b', 'c'])
    expect(worldOf(await witOf(bytes)).match(/wasi:http\/types/g)).toHaveLength(1)
  })

  it('a chain of three over two patch versions of WASI', async () => {
    const at = (patch: number) => `wasi:http/incoming-handler@0.2.${patch}`
    const bench = new Bench()
      .add(sample('hello'), 'inner')
      .add(atPatch(sample('http-logger'), 10), 'middle')
      .add(atPatch(sample('http-logger'), 13), 'outer')
      .wire(`inner › ${at(12)}`, `middle › ${at(10)}`)
      .wire(`middle › ${at(10)}`, `outer › ${at(13)}`)
      .export(`outer › ${at(13)}`)
    const { plan, bytes } = composeBench(bench)
    expect(plan.imports.filter(({ name }) => name.startsWith('wasi:http/')).map(({ name }) => name)).toEqual([
      'wasi:http/types@0.2.13',
    ])
    expect(worldOf(await witOf(bytes))).toContain(`export ${at(13)};`)
  })

  it('calculator and adder, keyvalue and counter', async () => {
    for (const [give, take] of [
      ['adder', 'calculator'],
      ['calculator', 'calculator-command'],
      ['keyvalue', 'counter'],
    ] as const) {
      const bench = new Bench().add(sample(give), 'p').add(sample(take), 'u')
      const offered = [...(bench.decodedOf(bench.graph.packages['p-package']?.hash ?? '')?.type.exports.keys() ?? [])]
      const asked = bench.decodedOf(bench.graph.packages['u-package']?.hash ?? '')?.type.imports
      const [name] = offered.filter((each) => asked?.has(each))
      expect(name, `${give} → ${take}`).toBeDefined()
      bench.wire(`p › ${name}`, `u › ${name}`)
      for (const each of bench.decodedOf(bench.graph.packages['u-package']?.hash ?? '')?.type.exports.keys() ?? [])
        bench.export(`u › ${each}`)
      await witOf(composeBench(bench).bytes)
      expect(ids(bench)).not.toContain(name)
    }
  })
})

/** The same component built against another patch version: the names have the same length, so their bytes can be replaced. */
function atPatch(bytes: Uint8Array, patch: 10 | 13): Uint8Array {
  const from = new TextEncoder().encode('@0.2.12')
  const changed = bytes.slice()
  for (let index = 0; index + from.length <= changed.length; index++)
    if (from.every((byte, offset) => changed[index + offset] === byte))
      changed.set(new TextEncoder().encode(`@0.2.${patch}`), index)
  return changed
}
