/** One construct of WAC each, from the script to the validated component. docs/composing.md names these tests. */
import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decode, type DecodedComponent } from '../../src-engine/binary/decode.ts'
import { planComposition } from '../../src-engine/compose/build-plan.ts'
import { encodeComposition } from '../../src-engine/compose/encode.ts'
import { checkWac } from '../../src-engine/wac/check.ts'
import { WitPackages } from '../../src-engine/wit/packages.ts'
import { componentOf } from '../../test/components.ts'
import { createTools } from '../tools/tools.ts'

const wit = `package test:all@1.2.0;

interface log { enum level { low, high } write: func(at: level, line: string); }
interface numbers { next: func() -> u32; }
interface shapes { record point { x: u32, y: u32 } centre: func() -> point; }

world logger { export log; }
world user { import log; export numbers; }
world both { import log; import numbers; export shapes; }
world functions { import print: func(line: string); export count: func() -> u32; }
world printer { export print: func(line: string); }
`

const bytesOf = new Map<string, Uint8Array>()
const decoded = new Map<string, DecodedComponent>()
const hashes = new Map<string, string>()
const packages = new WitPackages()
packages.addFolder([{ path: 'all.wit', text: wit }])
const tools = createTools()

beforeAll(async () => {
  for (const name of ['logger', 'user', 'both', 'functions', 'printer']) {
    const bytes = await componentOf(wit, name)
    const hash = createHash('sha256').update(bytes).digest('hex')
    hashes.set(`test:${name}`, hash)
    bytesOf.set(hash, bytes)
    decoded.set(hash, decode(bytes))
  }
})
afterAll(() => tools.dispose())

const check = (text: string) =>
  checkWac(text, {
    packageOf(name) {
      const hash = hashes.get(name)
      const found = hash === undefined ? undefined : decoded.get(hash)
      return hash !== undefined && found ? { hash, type: found.type } : undefined
    },
    searched: () => [],
    decodedOf: (hash) => decoded.get(hash),
    wit: packages,
  })

interface World {
  readonly imports: readonly string[]
  readonly exports: readonly string[]
}

/** The names in the world of what the script composes; the validator has accepted it. */
async function compose(text: string): Promise<World> {
  const { graph, problems } = check(`package test:made;\n${text}`)
  expect(problems).toEqual([])
  if (!graph) throw new Error('no graph')
  const plan = planComposition(graph, (hash) => decoded.get(hash))
  expect(plan.problems).toEqual([])
  const bytes = encodeComposition(plan, (hash) => bytesOf.get(hash) ?? new Uint8Array())
  expect(await tools.validate(bytes)).toEqual({ ok: true })
  const { imports, exports } = decode(bytes).type
  return { imports: [...imports.keys()], exports: [...exports.keys()] }
}

const refusal = (text: string): string | undefined => check(`package test:made;\n${text}`).problems[0]?.message

const log = 'test:all/log@1.2.0'
const numbers = 'test:all/numbers@1.2.0'
const shapes = 'test:all/shapes@1.2.0'
const alone: World = { imports: [], exports: [numbers] }
const open: World = { imports: [log], exports: [numbers] }

describe('constructs of WAC', () => {
  const constructs: Readonly<Record<string, readonly [string, World]>> = {
    'new without arguments': ['export new test:logger {} as log;', { imports: [], exports: ['log'] }],
    'new with a version': ['let l = new test:logger@1.0.0 {}; export l...;', { imports: [], exports: [log] }],
    'implicit arguments with ...': ['let u = new test:user { ... }; export u...;', open],
    'named argument by full name': [
      `let l = new test:logger {}; let u = new test:user { "${log}": l.log }; export u...;`,
      alone,
    ],
    'named argument by short name': [
      'let l = new test:logger {}; let u = new test:user { log: l.log }; export u...;',
      alone,
    ],
    'inferred argument': [
      'let l = new test:logger {}; let log = l.log; let u = new test:user { log }; export u...;',
      alone,
    ],
    'spread argument': ['let l = new test:logger {}; let u = new test:user { ...l }; export u...;', alone],
    'spread argument and ...': [
      'let l = new test:logger {}; let b = new test:both { ...l, ... }; export b...;',
      { imports: [numbers], exports: [shapes] },
    ],
    'nested new': ['export (new test:user { log: (new test:logger {}).log }).numbers;', alone],
    'access by name and by full name': [
      `let l = new test:logger {}; let u = new test:user { log: l["${log}"] }; export u["${numbers}"];`,
      alone,
    ],
    'export with its own name': ['let u = new test:user { ... }; export u.numbers;', open],
    'export with as': [
      'let u = new test:user { ... }; export u.numbers as "made:up/numbers@1.0.0";',
      { imports: [log], exports: ['made:up/numbers@1.0.0'] },
    ],
    'export with as and a plain name': [
      'let u = new test:user { ... }; export u.numbers as n;',
      { imports: [log], exports: ['n'] },
    ],
    'export with spread': ['export new test:user { ... }...;', open],
    'import of an interface by its path': [`import log: ${log}; let u = new test:user { log }; export u...;`, open],
    'import with as': [
      `import mine as "my:own/log@1.0.0": ${log}; let u = new test:user { log: mine }; export u...;`,
      { imports: ['my:own/log@1.0.0'], exports: [numbers] },
    ],
    'import of a function': [
      'import out as "the-printer": func(line: string); let f = new test:functions { print: out }; export f.count;',
      { imports: ['the-printer'], exports: ['count'] },
    ],
    'import of an inline interface': [
      'import mine as printing: interface { print: func(line: string); }; let f = new test:functions { print: mine.print }; export f.count;',
      { imports: ['printing'], exports: ['count'] },
    ],
    'single functions as arguments and exports': [
      'let p = new test:printer {}; let f = new test:functions { print: p.print }; export f.count as total;',
      { imports: [], exports: ['total'] },
    ],
    'type, record, variant, enum, flags at the top level': [
      'type id = u32; record pair { a: id, b: string } variant v { none, one(pair) } enum e { x, y } flags bits { p, q } let u = new test:user { ... }; export u...;',
      { ...open, exports: ['bits', 'e', 'id', 'pair', 'v', numbers] },
    ],
    'a type under another name outside': [
      'type id = u32; type ids = list<id>; export id as "identity"; let u = new test:user { ... }; export u...;',
      { ...open, exports: ['identity', 'ids', numbers] },
    ],
    'an interface of the script under two names': [
      'interface mine { go: func(); } import first: mine; import second: first; let u = new test:user { ... }; export u...;',
      { imports: ['first', 'test:made/mine', log], exports: ['mine', numbers] },
    ],
    'interface and use': [
      `interface mine { use ${log}.{level}; resource handle { constructor(at: level); } } let u = new test:user { ... }; export u...;`,
      { ...open, exports: ['mine', numbers] },
    ],
    'world with include and with': [
      'world first { import a: func(); } world second { include first with { a as b }; export c: func(); } let u = new test:user { ... }; export u...;',
      { ...open, exports: ['first', 'second', numbers] },
    ],
    'comments and documentation': [
      '// a line\n/* a /* nested */ block */\n/// documentation\nlet u = new test:user { ... };\nexport u...; // the end',
      open,
    ],
    '%names that are keywords': ['let %new = new test:user { ... }; export %new.numbers;', open],
  }
  it.each(Object.entries(constructs))('%s', async (_name, [text, world]) => {
    expect(await compose(text)).toEqual(world)
  })

  it('targets', () => {
    const fits = `package test:made targets test:all/user@1.2.0;\nlet u = new test:user { ... }; export u...;`
    expect(check(fits).problems).toEqual([])
    const misses = `package test:made targets test:all/logger@1.2.0;\nlet u = new test:user { ... }; export u...;`
    expect(check(misses).problems[0]?.message).toContain('test:all/log')
  })

  const refusals: Readonly<Record<string, readonly [string, string]>> = {
    'an argument that is missing': ['let u = new test:user {}; export u...;', 'log'],
    'an argument that the component has not': [
      'let l = new test:logger {}; let m = new test:logger { log: l.log };',
      'log',
    ],
    'an argument that does not fit': [
      'let f = new test:functions { ... }; let u = new test:user { log: f.count };',
      'log',
    ],
    'a spread that gives nothing': ['let p = new test:printer {}; let u = new test:user { ...p, ... };', 'p'],
    'a name that is not there': ['export nobody;', 'nobody'],
    'a name used twice': ['let l = new test:logger {}; let l = new test:logger {};', 'l'],
    'an access to what is not exported': ['let l = new test:logger {}; export l.numbers;', 'numbers'],
    'an export twice': ['let u = new test:user { ... }; export u.numbers; export u.numbers;', 'numbers'],
    'a package that is not there': ['let g = new test:gone {};', 'test:gone'],
  }
  it.each(Object.entries(refusals))('refuses %s', (_name, [text, names]) => {
    expect(refusal(text)).toContain(names)
  })
})
