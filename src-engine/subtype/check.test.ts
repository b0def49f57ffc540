import { beforeAll, describe, expect, it } from 'vitest'
import { componentOf, componentOfWat, validate } from '../../test/components.ts'
import { component } from '../../test/readers.ts'
import { decode } from '../binary/decode.ts'
import type { ComponentType, Extern } from '../types/graph.ts'
import { checkExtern, sameType } from './check.ts'
import { describeDifference, type Difference } from './difference.ts'

/** What an export offers, what an import asks for, and every difference in words. */
type Row = readonly [title: string, supply: string, demand: string, differences: readonly string[]]

const rows: readonly Row[] = [
  ['equal functions', 'f: func(a: u32) -> string;', 'f: func(a: u32) -> string;', []],
  ['more than is asked', 'f: func(); g: func(); type t = u8;', 'g: func();', []],
  ['another order of items', 'f: func(); g: func();', 'g: func(); f: func();', []],
  ['nothing is asked', 'f: func();', 'type t = u8;', ['type "t" is missing']],
  ['missing function', 'f: func();', 'f: func(); g: func(a: u8);', ['function "g" (func(a: u8)) is missing']],
  [
    'missing method',
    'resource r { m: func(); }',
    'resource r { m: func(); n: func() -> u32; }',
    ['method "r.n" (func() -> u32) is missing'],
  ],
  [
    'missing constructor and static function',
    'resource r;',
    'resource r { constructor(a: u8); make: static func() -> r; }',
    ['constructor of "r" (func(a: u8)) is missing', 'static function "r.make" (func() -> r) is missing'],
  ],
  ['parameter type', 'f: func(s: u32);', 'f: func(s: string);', ['"f" › parameter "s": expected string, found u32']],
  ['parameter name', 'f: func(a: u32);', 'f: func(b: u32);', ['"f" › parameter 1: expected the name "b", found "a"']],
  [
    'parameter order',
    'f: func(a: u32, b: u8);',
    'f: func(b: u8, a: u32);',
    [
      '"f" › parameter 1: expected the name "b", found "a"',
      '"f" › parameter "b": expected u8, found u32',
      '"f" › parameter 2: expected the name "a", found "b"',
      '"f" › parameter "a": expected u32, found u8',
    ],
  ],
  [
    'parameter count',
    'f: func(a: u32);',
    'f: func(a: u32, b: u32);',
    ['"f": expected func(a: u32, b: u32), found func(a: u32)'],
  ],
  ['result missing', 'f: func();', 'f: func() -> u8;', ['"f": expected the result u8, found none']],
  ['result too much', 'f: func() -> u8;', 'f: func();', ['"f": expected no result, found u8']],
  ['result type', 'f: func() -> u8;', 'f: func() -> s8;', ['"f" › result: expected s8, found u8']],
  [
    'async where sync is asked',
    'f: async func();',
    'f: func();',
    ['"f": expected a sync function, found an async one'],
  ],
  [
    'sync where async is asked',
    'f: func() -> u8;',
    'f: async func() -> u8;',
    ['"f": expected an async function, found a sync one'],
  ],
  ['async both', 'f: async func(a: stream<u8>) -> future;', 'f: async func(a: stream<u8>) -> future;', []],
  [
    'every difference, not only the first',
    'f: func(a: u8); g: func() -> u8;',
    'f: func(a: u16); g: func() -> u16;',
    ['"f" › parameter "a": expected u16, found u8', '"g" › result: expected u16, found u8'],
  ],
  ['an alias is what it names', 'type t = u32; f: func(a: t);', 'f: func(a: u32);', []],
  [
    'a chain of aliases',
    'record p { x: u8 } type q = p; type z = q; f: func(a: z);',
    'record p { x: u8 } f: func(a: p);',
    [],
  ],
  [
    'record field type',
    'record p { x: u8, y: u32 }',
    'record p { x: u8, y: s32 }',
    ['"p" › field "y": expected s32, found u32'],
  ],
  [
    'record field order',
    'record p { x: u8, y: u8 }',
    'record p { y: u8, x: u8 }',
    ['"p": expected the fields in the order y, x, found x, y'],
  ],
  [
    'record field names',
    'record p { x: u8, w: u8 }',
    'record p { x: u8, z: u8 }',
    ['"p": expected the field "z", found also "w"'],
  ],
  [
    'record field too few',
    'record p { x: u8 }',
    'record p { x: u8, z: u8 }',
    ['"p": expected the field "z", found no such field'],
  ],
  ['enum gains a case', 'enum e { a, b, c }', 'enum e { a, b }', ['"e": expected only "a", "b", found also "c"']],
  ['enum loses a case', 'enum e { a }', 'enum e { a, b }', ['"e": expected the name "b", found no such name']],
  [
    'flags order',
    'flags s { read, write }',
    'flags s { write, read }',
    ['"s": expected the names in the order write, read, found read, write'],
  ],
  [
    'variant payload missing',
    'variant v { a, b }',
    'variant v { a(u8), b }',
    ['"v" › case "a": expected u8, found no payload'],
  ],
  [
    'variant payload type',
    'variant v { a(u8), b(tuple<u8, u16>) }',
    'variant v { a(u8), b(tuple<u8, s16>) }',
    ['"v" › case "b" › item 1: expected s16, found u16'],
  ],
  [
    'variant case names',
    'variant v { a(u8), c }',
    'variant v { a(u8), b }',
    ['"v": expected the case "b", found also "c"'],
  ],
  [
    'enum is no variant',
    'enum e { a, b }',
    'variant e { a, b(u8) }',
    ['"e": expected variant { a, b(u8) }, found enum { a, b }'],
  ],
  [
    'tuple arity',
    'f: func(a: tuple<u8, u8>);',
    'f: func(a: tuple<u8>);',
    ['"f" › parameter "a": expected tuple<u8>, found tuple<u8, u8>'],
  ],
  [
    'nested option',
    'f: func(a: option<option<u8>>);',
    'f: func(a: option<u8>);',
    ['"f" › parameter "a" › some: expected u8, found option<u8>'],
  ],
  [
    'list element',
    'f: func(a: list<u8>);',
    'f: func(a: list<s8>);',
    ['"f" › parameter "a" › element: expected s8, found u8'],
  ],
  [
    'list length',
    'f: func(a: list<u8, 4>);',
    'f: func(a: list<u8, 8>);',
    ['"f" › parameter "a": expected list<u8, 8>, found list<u8, 4>'],
  ],
  [
    'list of any length',
    'f: func(a: list<u8, 4>);',
    'f: func(a: list<u8>);',
    ['"f" › parameter "a": expected list<u8>, found list<u8, 4>'],
  ],
  [
    'map key and value',
    'f: func(a: map<string, u8>);',
    'f: func(a: map<u32, s8>);',
    ['"f" › parameter "a" › key: expected u32, found string', '"f" › parameter "a" › value: expected s8, found u8'],
  ],
  [
    'result arms',
    'f: func() -> result<u8, string>;',
    'f: func() -> result<u8>;',
    ['"f" › result › error: expected no payload, found string'],
  ],
  [
    'result arm types',
    'f: func() -> result<u8, string>;',
    'f: func() -> result<s8, char>;',
    ['"f" › result › ok: expected s8, found u8', '"f" › result › error: expected char, found string'],
  ],
  [
    'stream element',
    'f: func(a: stream<u8>);',
    'f: func(a: stream<string>);',
    ['"f" › parameter "a" › stream: expected string, found u8'],
  ],
  [
    'stream is no future',
    'f: func(a: stream<u8>);',
    'f: func(a: future<u8>);',
    ['"f" › parameter "a": expected future<u8>, found stream<u8>'],
  ],
  [
    'bare future',
    'f: func(a: future<u8>);',
    'f: func(a: future);',
    ['"f" › parameter "a" › future: expected no payload, found u8'],
  ],
  ['error-context', 'f: func(a: error-context);', 'f: func(a: error-context);', []],
  ['float is no integer', 'f: func(a: f64);', 'f: func(a: f32);', ['"f" › parameter "a": expected f32, found f64']],
  [
    'own and borrow',
    'resource r; f: func(a: borrow<r>);',
    'resource r; f: func(a: r);',
    ['"f" › parameter "a": expected r, found borrow<r>'],
  ],
  ['any resource stands for an abstract one', 'resource r; f: func(a: r) -> r;', 'resource r; f: func(a: r) -> r;', []],
  [
    'two resources in one interface stay two',
    'resource a; resource b; f: func(x: a, y: a);',
    'resource a; resource b; f: func(x: a, y: b);',
    ['"f" › parameter "y": expected the resource "b", found the resource "a"'],
  ],
  ['a type is no resource', 'type r = u32;', 'resource r;', ['"r": expected a resource, found u32']],
  ['a resource is no type', 'resource r;', 'record r { a: u8 }', ['"r": expected record { a: u8 }, found r']],
  ['a function is no type', 'x: func();', 'type x = u8;', ['"x": expected a type, found a function']],
]

describe('what an export may stand for', () => {
  let supplies: ComponentType
  let demands: ComponentType
  beforeAll(async () => {
    const face = (side: 'supply' | 'demand') => (row: Row, index: number) => {
      const body = side === 'supply' ? row[1] : row[2]
      return `interface ${side}-${index} { ${body} ${anchors(body)} }`
    }
    const worlds = [
      `world supply { ${rows.map((_, index) => `export supply-${index};`).join(' ')} }`,
      `world demand { ${rows.map((_, index) => `import demand-${index};`).join(' ')} }`,
    ]
    const text = ['package t:rows;', ...rows.map(face('supply')), ...rows.map(face('demand')), ...worlds].join('\n')
    supplies = decode(await componentOf(text, 'supply')).type
    demands = decode(await componentOf(text, 'demand')).type
  })

  it.each(rows.map((row, index) => [row[0], index, row[3]] as const))('%s', (_title, index, expected) => {
    const differences = checkExtern(
      of(supplies.exports, `t:rows/supply-${index}`),
      of(demands.imports, `t:rows/demand-${index}`),
    )
    expect(sentences(differences)).toEqual(expected)
  })

  it.each(rows)('the validator says the same: %s', async (_title, supply, demand, expected) => {
    const face = (side: string, body: string) =>
      `package t:rows; interface ${side} { ${body} ${anchors(body)} }
       world supply { export ${side}; } world demand { import ${side}; }`
    const bytes = pair(
      await componentOf(face('given', supply), 'supply'),
      await componentOf(face('asked', demand), 'demand'),
      't:rows/given',
      't:rows/asked',
    )
    const said = await validate(bytes).then(() => 'fits', String)
    if (expected.length === 0) expect(said).toBe('fits')
    else expect(said).toMatch(/type mismatch for import|missing expected export/)
  })

  it('stops at the limit it is given', () => {
    const row = rows.findIndex(([title]) => title === 'parameter order')
    const supply = of(supplies.exports, `t:rows/supply-${row}`)
    expect(checkExtern(supply, of(demands.imports, `t:rows/demand-${row}`), { limit: 1 })).toHaveLength(1)
  })

  it('answers alike when asked again: nothing is kept from the first time', () => {
    for (let round = 0; round < 2; round++) {
      for (const [index, row] of rows.entries()) {
        const found = checkExtern(
          of(supplies.exports, `t:rows/supply-${index}`),
          of(demands.imports, `t:rows/demand-${index}`),
        )
        expect(sentences(found), row[0]).toEqual(row[3])
      }
    }
  })
})

describe('the identity of resources', () => {
  const wit = `package t:p@1.2.0;
    interface types { resource r { constructor(); } record pt { x: u32 } }
    interface h { use types.{r, pt}; go: func(a: r, p: pt) -> r; }
    world prov { export types; }
    world mid { import types; export h; }
    world self { export types; export h; }
    world user { import types; import h; export run: func(); }`
  const typeOf = async (world: string) => decode(await componentOf(wit, world)).type

  it('tells two owners of one resource apart', async () => {
    const [mid, user] = [await typeOf('mid'), await typeOf('user')]
    const differences = checkExtern(of(mid.exports, 't:p/h@1.2.0'), of(user.imports, 't:p/h@1.2.0'))
    // `r` of the interface is the import of another component: fixed by neither, so it is met by name only where both agree.
    expect(differences.map((difference) => difference.reason)).toEqual(['resource', 'resource', 'resource'])
    expect(differences[0]?.hint).toContain('same place')
  })

  it('keeps the resources of two imports of one component together', async () => {
    const user = await typeOf('user')
    const again = await typeOf('user')
    const component = (type: ComponentType): Extern => ({ kind: 'component', type })
    expect(checkExtern(component(user), component(again)).map(describeDifference)).toEqual([])
  })

  it('lets a component ask for less and give more, not the other way round', async () => {
    const [prov, self] = [await typeOf('prov'), await typeOf('self')]
    const component = (type: ComponentType): Extern => ({ kind: 'component', type })
    expect(checkExtern(component(self), component(prov))).toEqual([])
    expect(checkExtern(component(prov), component(self)).map(describeDifference)).toEqual([
      'interface "t:p/h@1.2.0" is missing',
    ])
    const user = await typeOf('user')
    const needs = checkExtern(component(user), component({ ...user, imports: new Map() }))
    expect(needs.map(describeDifference)).toEqual([
      'needs the import "t:p/types@1.2.0", which is not there',
      'needs the import "t:p/h@1.2.0", which is not there',
    ])
  })

  it('compares value types across components by structure, resources by origin', async () => {
    const [left, right] = [await typeOf('prov'), await typeOf('prov')]
    const pick = (type: ComponentType, name: string) => {
      const face = of(type.exports, 't:p/types@1.2.0')
      const item = face.kind === 'instance' ? face.type.exports.get(name) : undefined
      if (item?.kind !== 'type') throw new Error(`no type ${name}`)
      return item.type
    }
    expect(sameType(pick(left, 'pt'), pick(right, 'pt'))).toBe(true)
    expect(sameType(pick(left, 'r'), pick(right, 'r'))).toBe(false)
    expect(sameType(pick(left, 'r'), pick(left, 'r'))).toBe(true)
  })
})

describe('core modules', () => {
  const moduleType = async (body: string): Promise<Extern> => {
    const { type } = decode(await componentOfWat(`(component (import "m" (core module ${body})))`))
    return of(type.imports, 'm')
  }
  it.each([
    ['equal', '(export "f" (func (param i32)))', '(export "f" (func (param i32)))', []],
    ['extra export', '(export "f" (func)) (export "g" (func))', '(export "f" (func))', []],
    [
      'missing export',
      '(export "g" (func))',
      '(export "f" (func (param i32) (result i64)))',
      ['export "f": expected func (i32) -> (i64), found nothing'],
    ],
    ['larger memory', '(export "m" (memory 2 3))', '(export "m" (memory 1 4))', []],
    [
      'smaller memory',
      '(export "m" (memory 1))',
      '(export "m" (memory 2))',
      ['export "m": expected memory 2, found memory 1'],
    ],
    [
      'memory without an end',
      '(export "m" (memory 2))',
      '(export "m" (memory 2 4))',
      ['export "m": expected memory 2..4, found memory 2'],
    ],
    [
      'mutability of a global',
      '(export "g" (global i32))',
      '(export "g" (global (mut i32)))',
      ['export "g": expected global mut i32, found global i32'],
    ],
    [
      'import that nobody gives',
      '(import "a" "b" (func))',
      '',
      ['import "a" "b": expected no such import, found func () -> ()'],
    ],
    ['import that is given', '(import "a" "b" (memory 1))', '(import "a" "b" (memory 2))', []],
    [
      'table element',
      '(export "t" (table 1 externref))',
      '(export "t" (table 1 funcref))',
      ['export "t": expected table funcref 1, found table externref 1'],
    ],
    [
      'equal types at other places',
      '(type $t (func (param i32))) (type $f (func (param (ref null $t)))) (export "f" (func (type $f)))',
      '(type (func)) (type (func)) (type $t (func (param i32))) (type $f (func (param (ref null $t)))) (export "f" (func (type $f)))',
      [],
    ],
    [
      'other types at equal places',
      '(type $t (func (param i32))) (export "g" (global (ref null 0)))',
      '(type $t (func (param i64))) (export "g" (global (ref null 0)))',
      ['export "g": expected global (ref null func (i64) -> ()), found global (ref null func (i32) -> ())'],
    ],
    ['two spellings of one reference', '(export "g" (global funcref))', '(export "g" (global (ref null func)))', []],
    [
      'types that mention each other',
      '(rec (type $a (struct (field (ref null $b)))) (type $b (array (mut (ref $a))))) (export "g" (global (ref 0)))',
      '(type (func)) (rec (type $a (struct (field (ref null $b)))) (type $b (array (mut (ref $a))))) (export "g" (global (ref 1)))',
      [],
    ],
    [
      'a function of a group of types, which is not that function alone',
      '(rec (type $a (func (param (ref null $b)))) (type $b (struct (field i32)))) (export "f" (func (type $a)))',
      '(rec (type $a (func (param (ref null $b)))) (type $b (struct (field i64)))) (export "f" (func (type $a)))',
      ['export "f": expected func ((ref null rec.1)) -> (), found func ((ref null rec.1)) -> ()'],
    ],
  ] as const)('%s', async (_title, supply, demand, expected) => {
    const differences = checkExtern(await moduleType(supply), await moduleType(demand))
    expect(differences.map(describeDifference)).toEqual(expected)
    // The validator says the same.
    const bytes = await componentOfWat(`(component
      (import "m" (core module $m ${supply}))
      (component $c (import "m" (core module ${demand})))
      (instance (instantiate $c (with "m" (core module $m)))))`)
    expect(await validate(bytes).then(() => 'fits', String)).toMatch(
      expected.length === 0 ? /^fits$/ : /mismatch|missing expected|differ/,
    )
  })
})

/** One component that gives another what it asks for: without a word of ours about whether it may. */
function pair(provider: Uint8Array, consumer: Uint8Array, given: string, asked: string): Uint8Array {
  return component((writer) => {
    writer.section(4, (body) => body.raw(provider))
    writer.section(4, (body) => body.raw(consumer))
    writer.section(5, (body) => body.u32(1).u8(0).u32(0).u32(0))
    writer.section(6, (body) => body.u32(1).u8(5).u8(0).u32(0).name(given))
    writer.section(5, (body) => body.u32(1).u8(0).u32(1).u32(1).name(asked).u8(5).u32(1))
  })
}

/** Types that no function uses are left out of a component: one function for each keeps the rows about types alone. */
function anchors(body: string): string {
  const types = [...body.matchAll(/(?:record|variant|enum|flags|resource|type) (\w+)/g)]
  return types.map(([, name]) => `anchor-${name}: func(a: ${name});`).join(' ')
}

function sentences(differences: readonly Difference[]): string[] {
  return differences.map(describeDifference).filter((sentence) => !sentence.includes('"anchor-'))
}

function of(externs: ReadonlyMap<string, Extern>, name: string): Extern {
  const extern = externs.get(name)
  if (!extern) throw new Error(`no ${name} among ${[...externs.keys()].join(', ')}`)
  return extern
}
