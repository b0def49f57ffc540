import { beforeAll, describe, expect, it } from 'vitest'
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

const handler = 'mik:core/handler@0.1.0'
const http = 'wasi:http/incoming-handler@0.2.12'

/** One package, many worlds: providers, consumers, chains. */
const wit = `
package t:p@1.2.0;
interface types {
  resource r { constructor(); m: func() -> u32; }
  enum e { a, b }
  record pt { x: u32, y: e }
}
interface h { use types.{r, pt}; go: func(a: r, p: pt) -> result<r, string>; }
interface reexport { use types.{r, pt, e}; go: func(a: r, p: pt, q: e) -> r; }
interface log { log: func(s: string); }
interface first { enum e { x, y } get: func() -> e; }
interface second { use first.{e}; both: func() -> e; }
interface third { use second.{e as other}; type alias = other; last: func(v: alias) -> list<other>; }
interface logging { log: func(s: string, at: u32) -> option<string>; }
world prov { export types; }
world mid { import types; export h; }
world both { export types; export h; }
world user { import types; import h; export run: func() -> u32; }
world reexporter { import types; export reexport; }
world wuse { use types.{pt, r}; export f: func(p: pt) -> r; }
world wuse2 { use types.{pt, r}; import take: func(p: pt, x: borrow<r>); export g: func() -> r; }
world chain { import log; export log; }
world fnprov { export log: func(s: string); }
world fnuser { import log: func(s: string); export run: func(); }
world faceuser { import log; export run: func(); }
world logprov { export log; }
world second-chain { import first; export second; }
world third-chain { import second; export third; }
world first-chain { export first; }
world kitchen {
  import inner: interface { type n = u16; flip: func(a: n) -> n; }
  import plain: func(a: list<u8>) -> tuple<u32, string>;
  export inner2: interface { flags fl { one, two } test: func(a: fl) -> fl; }
  export logging;
}
`
const made = new Map<string, Promise<Uint8Array>>()
const world = (name: string): Promise<Uint8Array> => {
  let bytes = made.get(name)
  if (!bytes) made.set(name, (bytes = componentOf(wit, name)))
  return bytes
}
const t = (name: string) => `t:p/${name}@1.2.0`

async function worldFrom(bench: Bench): Promise<string> {
  return worldOf(await witOf(composeBench(bench).bytes))
}

describe('samples', () => {
  it('puts middleware in front of a handler and the bridge in front of both', async () => {
    const bench = new Bench()
      .add(sample('mik-handler'), 'inner')
      .add(sample('middleware'), 'middle')
      .add(sample('bridge'), 'bridge')
      .wire(`inner › ${handler}`, `middle › ${handler}`)
      .wire(`middle › ${handler}`, `bridge › ${handler}`)
      .export(`bridge › ${http}`)
    const { plan, bytes } = composeBench(bench)
    expect(plan.imports.every((each) => each.host)).toBe(true)
    expect(worldOf(await witOf(bytes))).toBe(
      'world root { import wasi:io/error@0.2.12; import wasi:io/streams@0.2.12; import wasi:cli/stderr@0.2.12; import wasi:cli/environment@0.2.12; import wasi:http/types@0.2.12; export wasi:http/incoming-handler@0.2.12; }',
    )
    const decoded = decode(bytes)
    expect(decoded.name).toBe('test:composition')
    expect(decoded.producers).toEqual({ 'processed-by': { patchbay: '1.0.0' } })
  })

  it('a chain ten deep, and the same with a link left out', async () => {
    const bench = new Bench().add(sample('hello'), 'c0')
    for (let index = 1; index <= 10; index++)
      bench.add(sample('http-logger'), `c${index}`).wire(`c${index - 1} › ${http}`, `c${index} › ${http}`)
    const { plan, bytes } = composeBench(bench.export(`c10 › ${http}`))
    expect(plan.order).toEqual(['c0', 'c1', 'c2', 'c3', 'c4', 'c5', 'c6', 'c7', 'c8', 'c9', 'c10'])
    expect(plan.imports.map(({ name }) => name)).not.toContain(http)
    expect(decode(bytes).structure.components).toHaveLength(2)
    await witOf(bytes)
    // Partial wiring: what nobody gives is asked of whoever uses the composition.
    const partly = new Bench()
      .add(sample('http-logger'), 'a', 'b')
      .wire(`a › ${http}`, `b › ${http}`)
      .export(`b › ${http}`)
    const open = composeBench(partly)
    expect(open.plan.imports.find(({ name }) => name === http)?.wantedBy).toEqual([{ instance: 'a', name: http }])
    await witOf(open.bytes)
  })

  it('chains one component twice, embedding it once', async () => {
    const bench = new Bench()
      .add(sample('hello'), 'inner')
      .add(sample('http-logger'), 'front', 'back')
      .wire(`inner › ${http}`, `back › ${http}`)
      .wire(`back › ${http}`, `front › ${http}`)
      .export(`front › ${http}`)
    const { bytes } = composeBench(bench)
    expect(bytes.length).toBeLessThan(sample('hello').length + sample('http-logger').length + 12_000)
    expect(worldOf(await witOf(bytes))).toContain('export wasi:http/incoming-handler@0.2.12;')
    expect(decode(bytes).structure.components).toHaveLength(2)
    // What was composed is a component like any other.
    const again = new Bench().add(bytes, 'whole').add(sample('http-logger'), 'outermost')
    again.wire(`whole › ${http}`, `outermost › ${http}`).export(`outermost › ${http}`)
    expect(await worldFrom(again)).toContain('export wasi:http/incoming-handler@0.2.12;')
  })
})

describe('resources and types through several components', () => {
  it('a diamond: one owner, two users', async () => {
    const bench = new Bench()
      .add(await world('prov'), 'p')
      .add(await world('mid'), 'm')
      .add(await world('user'), 'u')
      .wire(`p › ${t('types')}`, `m › ${t('types')}`)
      .wire(`p › ${t('types')}`, `u › ${t('types')}`)
      .wire(`m › ${t('h')}`, `u › ${t('h')}`)
      .export('u › run')
    expect(await worldFrom(bench)).toBe('world root { export run: func() -> u32; }')
  })

  it('adds the interface that owns an exported type, and may be told not to', async () => {
    const bench = new Bench()
      .add(await world('prov'), 'p')
      .add(await world('mid'), 'm')
      .wire(`p › ${t('types')}`, `m › ${t('types')}`)
      .export(`m › ${t('h')}`)
    const { plan, bytes } = composeBench(bench)
    expect(plan.companions).toEqual([t('types')])
    expect(plan.exports.map((each) => each.name)).toEqual([t('types'), t('h')])
    expect(worldOf(await witOf(bytes))).toBe(`world root { export ${t('types')}; export ${t('h')}; }`)
    expect(() => composeBench(bench, { companions: false })).toThrow(
      `the export "${t('h')}" uses the type "e" of "${t('types')}" from "p", which the composition would not make visible`,
    )
  })

  it('goes by the name of a type, not by its structure: a re-export needs its owner too', async () => {
    const bench = new Bench()
      .add(await world('prov'), 'p')
      .add(await world('reexporter'), 'm')
      .wire(`p › ${t('types')}`, `m › ${t('types')}`)
      .export(`m › ${t('reexport')}`)
    expect(composeBench(bench).plan.companions).toEqual([t('types')])
    expect(await worldFrom(bench)).toContain(`export ${t('reexport')};`)
  })

  it('orders exports so that types come first', async () => {
    const bench = new Bench()
      .add(await world('both'), 'b')
      .export(`b › ${t('h')}`)
      .export(`b › ${t('types')}`)
    const { plan, bytes } = composeBench(bench)
    expect(plan.exports.map((each) => each.name)).toEqual([t('types'), t('h')])
    await witOf(bytes)
  })

  it('types of a world: from the host, from a component, shared by two', async () => {
    const alone = new Bench().add(await world('wuse'), 'w').export('w › f')
    expect(await worldFrom(alone)).toBe(
      `world root { import ${t('types')}; use ${t('types')}.{pt, r}; export f: func(p: pt) -> r; }`.replace(
        `${t('types')}.{`,
        `${t('types')}.{`,
      ),
    )
    const given = new Bench()
      .add(await world('prov'), 'p')
      .add(await world('wuse'), 'w')
      .wire(`p › ${t('types')}`, `w › ${t('types')}`)
      .export('w › f')
    const { plan, bytes } = composeBench(given)
    expect(plan.companions).toEqual([t('types')])
    expect(plan.imports).toEqual([])
    await witOf(bytes)
    const shared = new Bench()
      .add(await world('wuse'), 'w')
      .add(await world('wuse2'), 'v')
      .export('w › f')
      .export('v › g')
    expect(await worldFrom(shared)).toContain('import take: func(p: pt, x: borrow<r>);')
  })

  it('types handed on from interface to interface', async () => {
    const bench = new Bench()
      .add(await world('first-chain'), 'a')
      .add(await world('second-chain'), 'b')
      .add(await world('third-chain'), 'c')
      .wire(`a › ${t('first')}`, `b › ${t('first')}`)
      .wire(`b › ${t('second')}`, `c › ${t('second')}`)
      .export(`c › ${t('third')}`)
    const { plan, bytes } = composeBench(bench)
    // An alias is a name of its own: nothing else has to be visible for it.
    expect(plan.companions).toEqual([])
    await witOf(bytes)
    const open = new Bench().add(await world('third-chain'), 'c').export(`c › ${t('third')}`)
    expect(await worldFrom(open)).toContain(`import ${t('second')};`)
  })

  it('asks the host again for a value type that a component makes inside', async () => {
    const values = `package v:v@1.0.0;
      interface types { enum e { a, b } record pt { x: e } }
      interface show { use types.{pt}; show: func(p: pt) -> string; }
      world prov { export types; }
      world user { import types; import show; export run: func(); }`
    const bench = new Bench()
      .add(await componentOf(values, 'prov'), 'p')
      .add(await componentOf(values, 'user'), 'u')
      .wire('p › v:v/types@1.0.0', 'u › v:v/types@1.0.0')
      .export('u › run')
    const { plan, bytes } = composeBench(bench)
    expect(plan.imports.map((each) => each.name)).toEqual(['v:v/types@1.0.0', 'v:v/show@1.0.0'])
    expect(worldOf(await witOf(bytes))).toBe(
      'world root { import v:v/types@1.0.0; import v:v/show@1.0.0; export run: func(); }',
    )
  })

  it('every kind of item at once', async () => {
    const bench = new Bench()
      .add(await world('kitchen'), 'k')
      .export('k › inner2')
      .export(`k › ${t('logging')}`, 'renamed')
    expect(await worldFrom(bench)).toBe(
      'world root { import inner: interface { type n = u16; flip: func(a: n) -> n; } import plain: func(a: list<u8>) -> tuple<u32, string>; export inner2: interface { flags fl { one, two, } test: func(a: fl) -> fl; } export renamed: interface { log: func(s: string, at: u32) -> option<string>; } }',
    )
  })
})

describe('functions and interfaces in place of each other', () => {
  it('a function to a function', async () => {
    const bench = new Bench()
      .add(await world('fnprov'), 'p')
      .add(await world('fnuser'), 'u')
      .wire('p › log', 'u › log')
      .export('u › run')
    expect(await worldFrom(bench)).toBe('world root { export run: func(); }')
  })

  it('an item inside an interface to a function, named or found', async () => {
    for (const from of [`p › ${t('log')} › log`, `p › ${t('log')}`]) {
      const bench = new Bench()
        .add(await world('logprov'), 'p')
        .add(await world('fnuser'), 'u')
        .wire(from, 'u › log')
        .export('u › run')
      expect(await worldFrom(bench)).toBe('world root { export run: func(); }')
    }
  })

  it('a function, or a whole instance, to an interface', async () => {
    for (const from of ['p › log', 'p']) {
      const bench = new Bench()
        .add(await world('fnprov'), 'p')
        .add(await world('faceuser'), 'u')
        .wire(from, `u › ${t('log')}`)
        .export('u › run')
      expect(await worldFrom(bench)).toBe('world root { export run: func(); }')
    }
  })

  it('exports a whole instance as one interface', async () => {
    const bench = new Bench().add(await world('fnprov'), 'p').export('p', 'everything')
    expect(await worldFrom(bench)).toBe('world root { export everything: interface { log: func(s: string); } }')
  })
})

describe('imports', () => {
  it('merges one function asked for by two, under two exports', async () => {
    const bench = new Bench()
      .add(await world('fnuser'), 'a', 'b')
      .export('a › run', 'run-a')
      .export('b › run', 'run-b')
    const { plan, bytes } = composeBench(bench)
    expect(plan.imports).toMatchObject([
      {
        name: 'log',
        wantedBy: [
          { instance: 'a', name: 'log' },
          { instance: 'b', name: 'log' },
        ],
      },
    ])
    expect(worldOf(await witOf(bytes))).toBe(
      'world root { import log: func(s: string); export run-a: func(); export run-b: func(); }',
    )
  })

  it('merges versions of a track under the highest, with the union of what is asked', async () => {
    const version = (number: string, functions: string) =>
      componentOf(
        `package o:o; package a:b@${number} { interface c { resource r { ${functions} } } interface d { use c.{r}; get: func() -> r; } } world w { import a:b/c@${number}; import a:b/d@${number}; export run: func(); }`,
        'w',
      )
    const bench = new Bench()
      .add(await version('0.2.4', 'one: func();'), 'new')
      .add(await version('0.2.0', 'two: func() -> u8;'), 'old')
      .export('new › run', 'a')
      .export('old › run', 'b')
    const { plan, bytes } = composeBench(bench)
    expect(plan.imports.map((each) => each.name)).toEqual(['a:b/c@0.2.4', 'a:b/d@0.2.4'])
    const printed = await witOf(bytes)
    expect(worldOf(printed)).toContain('import a:b/c@0.2.4;')
    const prerelease = new Bench()
      .add(await version('0.2.0-rc.1', ''), 'x')
      .add(await version('0.2.0-rc.2', ''), 'y')
      .export('x › run', 'a')
      .export('y › run', 'b')
    expect(composeBench(prerelease).plan.imports).toHaveLength(4)
    await witOf(composeBench(prerelease).bytes)
  })

  it('explicit imports keep their name; one may serve several', async () => {
    const bench = new Bench()
      .add(await world('fnuser'), 'a', 'b')
      .wire('import: console', 'a › log')
      .wire('import: console', 'b › log')
      .export('a › run')
    bench.graph = { ...bench.graph, imports: { console: { typeOf: { instance: 'a', name: 'log' } } } }
    expect(await worldFrom(bench)).toBe('world root { import console: func(s: string); export run: func(); }')
    const inside = new Bench()
      .add(await world('faceuser'), 'f')
      .add(await world('fnuser'), 'a')
      .wire('import: console', `f › ${t('log')}`)
      .wire('import: console › log', 'a › log')
      .export('a › run')
      .export('import: console › log', 'print')
    inside.graph = { ...inside.graph, imports: { console: { typeOf: { instance: 'f', name: t('log') } } } }
    expect(await worldFrom(inside)).toBe(
      `world root { import console: ${t('log')}; export print: func(s: string); export run: func(); }`,
    )
    const typed = new Bench()
      .add(await world('logprov'), 'p')
      .add(await world('faceuser'), 'f')
      .wire(`p › ${t('log')}`, `f › ${t('log')}`)
      .export('f › run')
    typed.graph = { ...typed.graph, imports: { spare: { typeOf: { instance: 'f', name: t('log') } } } }
    expect(await worldFrom(typed)).toBe(`world root { import spare: ${t('log')}; export run: func(); }`)
  })

  it('re-emits component and core module imports', async () => {
    const bench = new Bench()
      .add(
        await componentOfWat(`(component
          (import "child" (component
            (import "dep" (instance (export "t" (type (sub resource))) (export "f" (func (param "x" u32)))))
            (export "go" (func (result string)))))
          (import "engine" (core module
            (import "env" "memory" (memory 1))
            (export "run" (func (param i32) (result i64)))))
          (instance $empty)
          (export "nothing" (instance $empty)))`),
        'w',
      )
      .export('w › nothing')
    const { plan, bytes } = composeBench(bench)
    expect(plan.imports.map(({ name, extern }) => [name, extern.kind])).toEqual([
      ['child', 'component'],
      ['engine', 'module'],
    ])
    await validate(bytes)
    const { imports } = decode(bytes).type
    expect([...imports.keys()]).toEqual(['child', 'engine'])
    const { imports: given } = decode(bytes).type
    expect([...given].map(([, extern]) => extern.kind)).toEqual(['component', 'module'])
  })

  it('leaves a component to be supplied when told to', async () => {
    const bench = new Bench()
      .add(await world('fnprov'), 'p')
      .add(await world('fnuser'), 'u')
      .wire('p › log', 'u › log')
      .export('u › run')
    const entry = bench.graph.packages['p-package']
    if (!entry) throw new Error('no package')
    bench.graph = {
      ...bench.graph,
      packages: { ...bench.graph.packages, 'p-package': { ...entry, version: '1.2.3', link: 'import' } },
    }
    const { bytes } = composeBench(bench)
    await validate(bytes)
    const decoded = decode(bytes)
    expect([...decoded.type.imports].map(([name, extern]) => [name, extern.kind])).toEqual([
      ['unlocked-dep=<test:p@{>=1.2.3}>', 'component'],
    ])
    expect(decoded.structure.components).toHaveLength(2)
    const locked = composeBench(bench, { dependencies: 'locked' })
    await validate(locked.bytes)
    const integrity = Buffer.from(entry.hash, 'hex').toString('base64')
    expect([...decode(locked.bytes).type.imports.keys()]).toEqual([
      `locked-dep=<test:p@1.2.3>,integrity=<sha256-${integrity}>`,
    ])
  })

  it('keeps the attributes of names', async () => {
    const bytes = await componentOfWat(`(component
      (import "primary" (implements "wasi:kv/store@1.0.0") (instance (export "get" (func (result u32)))))
      (export "backup" (implements "wasi:kv/store@1.0.0") (instance 0)))`)
    const bench = new Bench().add(bytes, 's').export('s › backup')
    const { bytes: composed } = composeBench(bench)
    await validate(composed)
    const { type } = decode(composed)
    expect(type.imports.get('primary')?.attributes).toEqual({ implements: 'wasi:kv/store@1.0.0' })
    expect(type.exports.get('backup')?.attributes).toEqual({ implements: 'wasi:kv/store@1.0.0' })
  })
})

describe('determinism', () => {
  let bench: Bench
  beforeAll(async () => {
    bench = new Bench()
      .add(await world('prov'), 'p')
      .add(await world('mid'), 'm')
      .add(await world('user'), 'u')
      .wire(`p › ${t('types')}`, `m › ${t('types')}`)
      .wire(`p › ${t('types')}`, `u › ${t('types')}`)
      .wire(`m › ${t('h')}`, `u › ${t('h')}`)
      .export('u › run')
      .export(`m › ${t('h')}`)
  })

  it('gives the same bytes for the same graph, whatever the order of its tables', () => {
    const first = composeBench(bench).bytes
    expect(composeBench(bench).bytes).toEqual(first)
    const reversed = new Bench()
    Object.assign(reversed, { decodedOf: bench.decodedOf, bytesOf: bench.bytesOf })
    const flip = <Row>(table: Readonly<Record<string, Row>>) => Object.fromEntries(Object.entries(table).reverse())
    const { packages, instances, imports, exports } = bench.graph
    reversed.graph = {
      ...(bench.graph.name === undefined ? {} : { name: bench.graph.name }),
      packages: flip(packages),
      instances: flip(instances),
      arguments: flip(bench.graph.arguments),
      imports: flip(imports),
      exports: flip(exports),
    }
    expect(composeBench(reversed).bytes).toEqual(first)
  })
})
