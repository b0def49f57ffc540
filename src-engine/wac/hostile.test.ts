import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PatchbayError } from '../error.ts'
import { emptyGraph } from '../compose/graph.ts'
import { readDeclared } from '../compose/declared-import.ts'
import { WitPackages } from '../wit/packages.ts'
import { resolveWorld } from '../wit/resolve.ts'
import { printWorld } from '../wit/print.ts'
import { checkWac, type WacEnvironment } from './check.ts'
import { formatWac } from './format.ts'
import { updateWac } from './update.ts'

const script = `package local:c@1.0.0 targets local:c/w; // head
/* all */
type f = async func(a: list<tuple<u8, string>, 4>) -> result<_, option<u32>>;
record r { a: u8, b: option<r2> } record r2 { c: s64 } enum e { x, y } flags g { m, n } variant v { one(r), two }
interface i { resource q { constructor(a: u32); m: func(); s: static func() -> q; } use test:d/j.{t as u}; k: func(b: borrow<q>, u: u); }
world b { import z: f; include test:d/k with { o as p }; } world w { include b; export y: interface { n: func(); }; }
import h as "other:name/x@0.1.0": test:d/j;
import l: func(a: r, b: v) -> g;
let a = new a:b@0.1.0 { x: h["t"], ...a, ... }; let d = (new a:b { ... }).x;
export a...; export d as "quoted";
`
const dependency = `package test:d;
interface j { type t = u32; f: func(x: t) -> stream<u8>; }
world k { import j; import o: func(); @since(version = 1.0.0) export g: func() -> future; }
package test:n@1.0.0 { interface deep { record p { x: f32 } } world inner { export deep; } }
`
const known = new WitPackages()
known.addFolder([{ path: 'd.wit', text: dependency }])
const environment: WacEnvironment = {
  packageOf: () => undefined,
  searched: () => [],
  wit: known,
  decodedOf: () => undefined,
}

/** A text with some of its pieces gone, doubled, swapped or replaced. */
const mutations = fc.array(
  fc.record({
    at: fc.nat(),
    length: fc.nat(12),
    text: fc.oneof(
      fc.constantFrom(
        '{',
        '}',
        '(',
        ')',
        '<',
        '>',
        ';',
        ',',
        '...',
        '"',
        '/*',
        '//',
        '%',
        '@',
        '->',
        '\u0000',
        '🙂',
        ' ',
      ),
      fc.constantFrom(
        'interface',
        'world',
        'type',
        'include',
        'use',
        'new',
        'func',
        'borrow<',
        'list<u8, 99999999999999>',
      ),
      fc.string({ maxLength: 6 }),
    ),
    copy: fc.nat(),
  }),
  { minLength: 1, maxLength: 6 },
)
type Mutations = readonly {
  readonly at: number
  readonly length: number
  readonly text: string
  readonly copy: number
}[]

function mutate(text: string, changes: Mutations): string {
  return changes.reduce((now, { at, length, text: next, copy }) => {
    const start = at % (now.length + 1)
    const from = copy % (now.length + 1)
    const moved = length % 3 === 0 ? now.slice(from, from + 40) : next
    return now.slice(0, start) + moved + now.slice(start + length)
  }, text)
}

/** Runs what may refuse; anything but a typed error fails. */
function tolerate<Result>(run: () => Result): Result | undefined {
  try {
    return run()
  } catch (thrown) {
    if (thrown instanceof PatchbayError) return undefined
    throw thrown
  }
}

describe('damaged and hostile texts', () => {
  it('are scripts that check, format and update, or typed errors', () => {
    fc.assert(
      fc.property(mutations, (changes) => {
        const text = mutate(script, changes)
        const { problems } = checkWac(text, environment)
        for (const { line, column, endLine, endColumn } of problems)
          expect(line > 0 && column > 0 && (endLine > line || (endLine === line && endColumn > column))).toBe(true)
        const formatted = tolerate(() => formatWac(text))
        if (formatted !== undefined) expect(formatWac(formatted)).toBe(formatted)
        tolerate(() => updateWac(text, emptyGraph, { typeOf: () => undefined, wit: known }))
      }),
      { seed: 11, numRuns: 600 },
    )
  })

  it('are WIT packages whose worlds print and read back, or typed errors', () => {
    const wasi = readFileSync(join(import.meta.dirname, '../../wit/wasi-0.2.12/io/package.wit'), 'utf8')
    fc.assert(
      fc.property(mutations, fc.constantFrom(dependency, wasi), (changes, base) => {
        const packages = new WitPackages()
        tolerate(() => packages.addFolder([{ path: 'x.wit', text: mutate(base, changes) }]))
        for (const { worlds } of packages.all()) {
          for (const world of worlds.values()) {
            const type = tolerate(() => resolveWorld(packages, world))
            if (!type) continue
            const [name] = [...type.imports.keys()]
            const reading = readDeclared({ wit: printWorld(type, 'imports'), name: name ?? '' })
            if (name !== undefined) expect('problem' in reading ? reading.problem : undefined).toBeUndefined()
          }
        }
      }),
      { seed: 12, numRuns: 400 },
    )
  })

  it('are bounded: nesting, long chains, many mistakes', () => {
    const deep = (open: string, close: string, count = 20_000) => open.repeat(count) + close.repeat(count)
    const texts = [
      `package a:b;\nlet x = ${deep('(', ')')};`,
      `package a:b;\nlet x = ${deep('new a:b { c: ', '}')};`,
      `package a:b;\nlet x = y${'.z'.repeat(20_000)};`,
      `package a:b;\nimport x: func(a: ${deep('list<', '>')});`,
      `package a:b;\n${deep('/*', '*/')}`,
      `package a:b;\n${'let x = ;\n'.repeat(20_000)}`,
      `package a:b;\n${'\u0001;\n'.repeat(20_000)}`,
      `${'\u0001'.repeat(50_000)}`,
      `package a:b;\n${Array.from({ length: 3000 }, (_, index) => `type t${index} = t${index + 1};`).join('\n')}\ntype t3000 = u8;`,
      `package a:b;\ntype t0 = u8;\n${Array.from({ length: 3000 }, (_, index) => `type t${index + 1} = list<t${index}>;`).join('\n')}\nimport f: func(x: t3000);`,
      `package a:b;\n${Array.from({ length: 3000 }, (_, index) => `world w${index} { include w${index + 1}; }`).join('\n')}\nworld w3000 { }`,
      `package a:b;\n${Array.from({ length: 2000 }, (_, index) => `interface i${index} { use i${index + 1}.{t}; }`).join('\n')}\ninterface i2000 { type t = u8; }`,
    ]
    for (const text of texts) {
      expect(checkWac(text, environment).problems.length, text.slice(0, 60)).toBeLessThanOrEqual(100)
      tolerate(() => formatWac(text))
    }
  })
})
