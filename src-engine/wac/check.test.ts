import { createHash } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { componentOf, validate, witOf, worldOf } from '../../test/components.ts'
import { decode, type DecodedComponent } from '../binary/decode.ts'
import { planComposition } from '../compose/build-plan.ts'
import { encodeComposition } from '../compose/encode.ts'
import { WitPackages } from '../wit/packages.ts'
import { printWorld } from '../wit/print.ts'
import { checkWac, type WacEnvironment } from './check.ts'
import { printImportType } from './import-type.ts'
import { printWac } from './print.ts'

const worlds = `package test:all;

interface log { enum level { low, high } write: func(at: level, line: string); }
interface store { resource bucket { get: func(key: string) -> option<string>; } open: func(name: string) -> bucket; }
interface cache { use store.{bucket}; warm: func(b: borrow<bucket>); }
interface run { run: func() -> u32; }

world worker { import log; import store; import cache; export run; }
world logger { export log; }
world plain { import print: func(line: string); export run; }
world shaped { import draw: func(at: tuple<u8, u8>); export run; }
world target { import log; import store; import cache; export run; }
world small { import log; export run; }
world silent { import log; export log; }
`

const bytesOf = new Map<string, Uint8Array>()
const decoded = new Map<string, DecodedComponent>()
const hashes = new Map<string, string>()
const wit = new WitPackages()
wit.addFolder([{ path: 'all.wit', text: worlds }])

const environment: WacEnvironment = {
  packageOf(name) {
    const hash = hashes.get(name)
    const found = hash === undefined ? undefined : decoded.get(hash)
    return hash !== undefined && found ? { hash, type: found.type } : undefined
  },
  searched: (name) => [`deps/${name.replace(':', '/')}.wasm`],
  decodedOf: (hash) => decoded.get(hash),
  wit,
}

beforeAll(async () => {
  for (const name of ['worker', 'logger', 'plain', 'shaped']) {
    const bytes = await componentOf(worlds, name)
    const hash = createHash('sha256').update(bytes).digest('hex')
    hashes.set(`test:${name}`, hash)
    bytesOf.set(hash, bytes)
    decoded.set(hash, decode(bytes))
  }
})

const check = (text: string, head = 'package local:c;') => checkWac(`${head}\n${text}`, environment)
const told = (text: string, head?: string) =>
  check(text, head).problems.map(
    ({ line, column, endLine, endColumn, code, message }) =>
      `${line}:${column}-${endLine}:${endColumn} ${code} ${message}`,
  )

/** The world of the result, as the validator prints it; the bytes say the graph whatever the plan thinks of it. */
async function composed(text: string): Promise<string> {
  const { graph, problems } = check(text)
  expect(problems).toEqual([])
  if (!graph) throw new Error('no graph')
  const plan = planComposition(graph, (hash) => decoded.get(hash))
  const bytes = encodeComposition(plan, (hash) => bytesOf.get(hash) ?? new Uint8Array())
  await validate(bytes)
  // What exports types by themselves is valid, but no world for the printer of the validator.
  return worldOf(plan.types.length > 0 ? printWorld(decode(bytes).type) : await witOf(bytes))
}

describe('checkWac', () => {
  it('types imports by what they declare, and composes them', async () => {
    const table: Record<string, string> = {
      'import print: func(line: string);\nlet p = new test:plain { print };\nexport p.run;':
        'world root { import print: func(line: string); export test:all/run; }',
      'import write: test:all/log;\nlet w = new test:worker { log: write, ... };\nexport w.run;':
        'world root { import test:all/log; import test:all/store; import test:all/cache; export test:all/run; }',
      'import mine as "notes": test:all/log;\nlet w = new test:worker { log: mine, ... };\nexport w.run;':
        'world root { import notes: test:all/log; import test:all/store; import test:all/cache; export test:all/run; }',
      'import sink: interface { write: func(line: string); more: func(); };\nlet p = new test:plain { print: sink.write };\nexport p.run;':
        'world root { import sink: interface { write: func(line: string); more: func(); } export test:all/run; }',
      'type byte = u8;\ntype pair = tuple<byte, byte>;\nimport draw: func(at: pair);\nlet s = new test:shaped { draw };\nexport s.run;':
        'world root { type byte = u8; type pair = tuple<byte, byte>; import draw: func(at: pair); export test:all/run; }',
      'type printer = func(line: string);\ntype same = printer;\nimport print: same;\nlet p = new test:plain { print };\nexport p.run;':
        'world root { import print: func(line: string); /* export printer: the type func(line: string), which WIT cannot export */ /* export same: the type func(line: string), which WIT cannot export */ export test:all/run; }',
      'interface out { print: func(line: string); }\nimport sink: out;\nlet p = new test:plain { print: sink.print };\nexport p.run;':
        'world root { import sink: local:c/out; /* export out: the type of an interface, which WIT cannot export */ export test:all/run; }',
    }
    for (const [text, world] of Object.entries(table)) expect(await composed(text), text).toBe(world)
  })

  it('keeps a declared import that nobody takes, with all it needs', async () => {
    expect(await composed('import cache: test:all/cache;\nlet p = new test:plain { ... };\nexport p.run;')).toBe(
      'world root { import test:all/store; import test:all/cache; import print: func(line: string); export test:all/run; }',
    )
  })

  it('checks every wire from a declared import, at its place', () => {
    expect(told('import print: func(line: u32);\nlet p = new test:plain { print };')).toEqual([
      '3:26-3:31 graph.mismatch the wire to "print" of "p" does not fit: parameter "line": expected string, found u32',
    ])
    expect(
      told('import log: interface { write: func(line: string); };\nlet w = new test:worker { log, ... };'),
    ).toEqual([expect.stringContaining('3:27-3:30 graph.mismatch the wire to "test:all/log" of "w" does not fit:')])
    expect(told('import log: interface { };\nlet p = new test:plain { print: log.print };')).toEqual([
      '3:33-3:42 wac.unknown-export there is no export `print`',
    ])
  })

  it('refuses declarations that mean nothing, where they stand', () => {
    const table: Record<string, string> = {
      'import a: func(x: nothing);': '2:19-2:26 wit.unknown-type no type `nothing` is known here',
      'import a: test:all/lag;': '2:11-2:23 wit.unknown-interface `test:all` has no interface `lag`',
      'import a: test:none/log@1.0.0;': '2:11-2:30 wac.unknown-package no WIT package `test:none@1.0.0` was found',
      'import a: nowhere;': '2:11-2:18 wit.unknown-interface `local:c` has no interface `nowhere`',
      'interface i { use test:all/log.{lavel}; }': '2:33-2:38 wit.unknown-type `test:all/log` has no type `lavel`',
      'world w { include test:all/nothing; }': '2:19-2:35 wit.unknown-world `test:all` has no world `nothing`',
      'record r { a: r }': '2:8-2:9 wit.type-cycle the type `r` contains itself',
      'resource r;': '2:10-2:11 wac.loose-resource the resource `r` belongs to no interface',
      'type a = u8;\ntype a = u16;': '3:6-3:7 wac.duplicate-name `a` is declared twice',
      'import a: func();\nimport b as "a": func();': '3:13-3:16 wac.duplicate-import `a` is already imported',
      'let x = new test:all {};':
        '2:13-2:21 wac.no-component `test:all` is a WIT package: it has types, and nothing that can be instantiated',
    }
    const refused: Record<string, string> = {
      'enum e {}': '2:6-2:7 wit.empty-type the enum `e` has no case',
      'flags f { a, a }': '2:14-2:15 wit.duplicate-name the flag `a` appears twice',
      'import a: func(x: u8, x: u8);': '2:23-2:24 wit.duplicate-name the parameter `x` appears twice',
      'interface i { resource r { x: func(); x: static func(); } }':
        '2:39-2:40 wit.duplicate-name the function `x` appears twice',
      'interface i { resource r; f: func() -> option<borrow<r>>; }':
        '2:40-2:57 wit.borrow-result a result cannot hold a borrowed handle',
      'type x = u8;\ntype y = borrow<x>;': '3:17-3:18 wit.no-resource `x` is no resource',
      'world w { import a: func(); import a: func(); }':
        '2:36-2:37 wit.duplicate-name the world has an import `a` already',
      'world v { import a: func(); }\nworld w { include v with { b as c } }':
        '3:28-3:29 wit.unknown-name `local:c/v` has no import or export `b`',
      'type f = u8;\nimport a: f;': '3:11-3:12 wit.unknown-interface `local:c` has no interface `f`',
      'type f = u8;\nexport f;': '3:8-3:9 wac.no-value `f` is a type, which is exported as it is',
      'import a: func();\nexport a as b;\ninterface b {}': '4:11-4:12 wac.duplicate-name `b` is already exported',
    }
    for (const [text, problem] of Object.entries({ ...table, ...refused })) expect(told(text), text).toEqual([problem])
    expect(check('import a: test:none/log@1.0.0;').problems[0]?.hint).toBe(
      'Looked, in this order, at: deps/test/none.wasm. Give its file with -d test:none=PATH.',
    )
  })

  it('enforces the world that a script targets', () => {
    const use = 'let w = new test:worker { ... };\nexport w.run;'
    expect(told(use, 'package local:c targets test:all/target;')).toEqual([])
    expect(told(use, 'package local:c targets test:all/small;')).toEqual([
      '2:13-2:24 wac.target-import the world does not offer the import "test:all/store", which w needs',
      '2:13-2:24 wac.target-import the world does not offer the import "test:all/cache", which w needs',
    ])
    expect(told(use, 'package local:c targets test:all/silent;')).toEqual([
      '1:25-1:40 wac.target-export the world asks for the export "test:all/log", and nothing exports it',
      '2:13-2:24 wac.target-import the world does not offer the import "test:all/store", which w needs',
      '2:13-2:24 wac.target-import the world does not offer the import "test:all/cache", which w needs',
    ])
    expect(told(use, 'package local:c targets test:all/log;')).toEqual([
      '1:25-1:37 wac.no-world `test:all/log` is an interface, not a world',
    ])
    expect(told(use, 'package local:c targets test:none/log;')).toEqual([
      '1:25-1:38 wac.unknown-package no WIT package `test:none` was found',
    ])
    const own = 'world mine { include test:all/small; import test:all/store; import test:all/cache; }\n'
    expect(told(own + use, 'package local:c targets local:c/mine;')).toEqual([])
  })

  it('tells more than the first mistake, and nothing that only follows from one', () => {
    expect(
      told(`let a = new test:plain { print: };
let b = new test:nowhere { x: c };
let d = new test:worker { log: b.log, store: e, nix: b, ... };
export b.run;
import ?;
export d.ran;`),
    ).toEqual([
      '2:33-2:34 syntax.unexpected expected an expression, found `}`',
      '3:13-3:25 wac.unknown-package no component `test:nowhere` was found',
      '4:46-4:47 wac.unknown-name nothing is called `e` here',
      '4:49-4:52 wac.unknown-import there is no import `nix`',
      '6:8-6:9 syntax.character unexpected character "?"',
      '7:8-7:13 wac.unknown-export there is no export `ran`',
    ])
    expect(check('let a = new test:plain { ... ').graph).toBeUndefined()
    expect(told('/* never closed')).toEqual(['2:1-2:16 syntax.comment this comment is not closed'])
    expect(told('', '!').length).toBeGreaterThan(0)
    expect(told(';\n'.repeat(5000)).length).toBe(100)
  })

  it('keeps the ids of nested instances while the text is edited', () => {
    const before = check('let w = new test:worker { log: new test:logger {}.log, ... };\nexport w.run;').graph
    expect(Object.keys(before?.instances ?? {}).sort()).toEqual(['logger', 'w'])
    const text = `package local:c;
let v = new test:worker { log: new test:logger {}.log, ... };
let w = new test:worker { log: new test:logger {}.log, ... };`
    const { graph } = checkWac(text, { ...environment, ...(before ? { previous: before } : {}) })
    expect(graph?.arguments['w test:all/log']?.source).toMatchObject({ instance: 'logger' })
    expect(graph?.arguments['v test:all/log']?.source).toMatchObject({ instance: 'logger-2' })
  })

  it('prints a graph with declared imports so that it reads back', () => {
    for (const text of [
      'import print: func(line: string);\nlet p = new test:plain { print };\nexport p.run;',
      'import mine as "notes": test:all/log;\nlet w = new test:worker { log: mine, ... };\nexport w.run;',
      'import sink: interface { enum kind { a, b } write: func(line: string); sort: func() -> kind; };\nlet p = new test:plain { print: sink.write };\nexport p.run;',
      'type pair = tuple<u8, u8>;\nrecord line { start: pair, end: pair }\nimport draw: func(at: pair);\nimport other: func(l: line);\nlet s = new test:shaped { draw };\nexport s.run;',
    ]) {
      const { graph } = check(text)
      if (!graph) throw new Error(text)
      const printed = printWac(graph, (hash) => decoded.get(hash)?.type, printImportType)
      expect(checkWac(printed, environment), printed).toEqual({ graph, problems: [] })
    }
  })
})
