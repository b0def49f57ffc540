import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { problemOf } from '../error.ts'
import { freshNamed, freshResource, type ValueType } from '../types/graph.ts'
import { integerRanges } from './numbers.ts'
import { parseWave, parseWaveArguments } from './parse.ts'
import { printWave } from './print.ts'
import { CaseValue, RecordValue, type WaveValue } from './value.ts'

const u8: ValueType = { kind: 'u8' }
const text: ValueType = { kind: 'string' }
const point: ValueType = freshNamed('point', {
  kind: 'record',
  fields: [
    { name: 'x', type: { kind: 's32' } },
    { name: 'label', type: { kind: 'option', some: text } },
  ],
})

/** A type together with values of it. */
const typed: fc.Arbitrary<{ type: ValueType; value: WaveValue }> = fc.letrec<{
  any: { type: ValueType; value: WaveValue }
}>((tie) => ({
  any: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.boolean().map((value) => ({ type: { kind: 'bool' } as const, value })),
    fc.integer({ min: 0, max: 255 }).map((value) => ({ type: u8, value })),
    fc.constantFrom('s8', 'u8', 's16', 'u16', 's32', 'u32').chain((kind) => {
      const [least, most] = integerRanges[kind] ?? [0n, 0n]
      return fc
        .integer({ min: Number(least), max: Number(most) })
        .map((value) => ({ type: { kind } as ValueType, value }))
    }),
    fc.constantFrom('s64', 'u64').chain((kind) => {
      const [min, max] = integerRanges[kind] ?? [0n, 0n]
      return fc.bigInt({ min, max }).map((value) => ({ type: { kind } as ValueType, value }))
    }),
    fc.double().map((value) => ({ type: { kind: 'f64' } as const, value })),
    fc.float().map((value) => ({ type: { kind: 'f32' } as const, value })),
    fc.string({ unit: 'grapheme' }).map((value) => ({ type: text, value })),
    fc
      .integer({ min: 0, max: 0x10ffff })
      .filter((code) => code < 0xd800 || code > 0xdfff)
      .map((code) => ({ type: { kind: 'char' } as const, value: String.fromCodePoint(code) })),
    fc
      .subarray(['read', 'write', 'true'])
      .map((value) => ({ type: { kind: 'flags', names: ['read', 'write', 'true'] } as const, value })),
    fc
      .constantFrom('north', 'none')
      .map((value) => ({ type: { kind: 'enum', names: ['north', 'none'] } as const, value })),
    tie('any').map(({ type, value }) => ({ type: { kind: 'list', element: type } as const, value: [value, value] })),
    tie('any').map(({ type }) => ({ type: { kind: 'list', element: type } as const, value: [] })),
    tie('any').map(({ type, value }) => ({
      type: { kind: 'list', element: type, length: 3 } as const,
      value: [value, value, value],
    })),
    fc.tuple(fc.uniqueArray(fc.string()), tie('any')).map(([keys, { type, value }]) => ({
      type: { kind: 'map', key: text, value: type } as const,
      value: keys.map((key) => [key, value]),
    })),
    tie('any').map(({ type, value }) => ({
      type: { kind: 'option', some: type } as const,
      value: new CaseValue('some', value),
    })),
    tie('any').map(({ type }) => ({ type: { kind: 'option', some: type } as const, value: new CaseValue('none') })),
    tie('any').map(({ type, value }) => ({
      type: { kind: 'result', ok: type } as const,
      value: new CaseValue('ok', value),
    })),
    tie('any').map(({ type, value }) => ({
      type: { kind: 'result', error: type } as const,
      value: new CaseValue('err', value),
    })),
    fc
      .tuple(tie('any'), tie('any'))
      .map(([a, b]) => ({ type: { kind: 'tuple', items: [a.type, b.type] } as const, value: [a.value, b.value] })),
    fc.tuple(tie('any'), tie('any')).map(([a, b]) => ({
      type: {
        kind: 'record',
        fields: [
          { name: 'a-b', type: a.type },
          { name: 'c', type: b.type },
        ],
      } as const,
      value: new RecordValue(
        new Map([
          ['a-b', a.value],
          ['c', b.value],
        ]),
      ),
    })),
    fc.tuple(tie('any'), fc.constantFrom('some', 'none')).map(([{ type, value }, name]) => ({
      type: { kind: 'record', fields: [{ name: 'may-be', type: { kind: 'option', some: type } }] } as const,
      value: new RecordValue(new Map([['may-be', new CaseValue(name, name === 'some' ? value : undefined)]])),
    })),
    fc.constantFrom('ok', 'err').map((name) => ({ type: { kind: 'result' } as const, value: new CaseValue(name) })),
    fc.constantFrom('plain', 'some').map((name) => ({
      type: { kind: 'variant', cases: [{ name: 'plain' }, { name: 'some' }] } as const,
      value: new CaseValue(name),
    })),
    tie('any').map(({ type, value }) => ({
      type: { kind: 'variant', cases: [{ name: 'ok', type }, { name: 'plain' }] } as const,
      value: new CaseValue('ok', value),
    })),
  ),
})).any

describe('WAVE', () => {
  it('reads back what it prints, for every type', () => {
    fc.assert(
      fc.property(typed, ({ type, value }) => {
        expect(parseWave(printWave(value, type), type)).toEqual(value)
      }),
      { seed: 3, numRuns: 500 },
    )
  })

  it('reads what people write', () => {
    const some = (payload: WaveValue) => new CaseValue('some', payload)
    expect(parseWave(' // a comment\n7', u8)).toBe(7)
    expect(parseWave('5', { kind: 'option', some: u8 })).toEqual(some(5))
    expect(parseWave('5', { kind: 'result', ok: u8 })).toEqual(new CaseValue('ok', 5))
    expect(parseWave('{x: -3}', point)).toEqual(
      new RecordValue(
        new Map<string, WaveValue>([
          ['x', -3],
          ['label', new CaseValue('none')],
        ]),
      ),
    )
    expect(parseWave('{label: "a", x: 1,}', point)).toEqual(
      new RecordValue(
        new Map<string, WaveValue>([
          ['x', 1],
          ['label', some('a')],
        ]),
      ),
    )
    expect(parseWave('"""\n  two\n    lines\n  """', text)).toBe('two\n  lines')
    expect(parseWave('"\\u{1f600}\\n\\""', text)).toBe('😀\n"')
    expect(parseWave('-inf', { kind: 'f32' })).toBe(-Infinity)
    expect(parseWaveArguments('1, "a"', [u8, text])).toEqual([1, 'a'])
    expect(parseWaveArguments('(1, "a")', [u8, text])).toEqual([1, 'a'])
    expect(
      printWave(
        new RecordValue(
          new Map<string, WaveValue>([
            ['label', new CaseValue('none')],
            ['x', 1],
          ]),
        ),
        point,
      ),
    ).toBe('{x: 1}')
  })

  it('refuses with line, column and what it expected', () => {
    const error = (input: string, type: ValueType) => {
      try {
        parseWave(input, type)
      } catch (thrown) {
        const { code, message, where } = problemOf(thrown)
        return `${where?.line}:${where?.column} ${code} ${message}`
      }
      return 'no error'
    }
    expect(error('256', u8)).toBe('1:4 wave.range 256 is not a u8: it goes from 0 to 255')
    expect(error('1.5', u8)).toBe('1:1 wave.unexpected expected a u8, found "1.5"')
    expect(error('1 2', u8)).toBe('1:3 wave.unexpected expected the end, found "2"')
    expect(error('"a', text)).toBe('1:1 wave.string this string is not closed')
    expect(error('"a\\x"', text)).toBe('1:3 wave.escape unknown escape')
    expect(error('"\\u{d800}"', text)).toBe('1:2 wave.escape unknown escape')
    expect(error('{y: 1}', point)).toBe('1:3 wave.unexpected expected a field (x, label), found `y`')
    expect(error('{label: none}', point)).toBe('1:14 wave.missing-field the field `x` is missing')
    expect(error('{x: 1, x: 2}', point)).toBe('1:9 wave.duplicate-field the field `x` is given twice')
    expect(error("'ab'", { kind: 'char' })).toBe('1:5 wave.char a char is exactly one character')
    expect(error('[1, 2', { kind: 'list', element: u8 })).toBe('1:6 wave.unexpected expected `]` to end, found the end')
    expect(error('[1]', { kind: 'list', element: u8, length: 2 })).toBe('1:4 wave.length expected 2 items, found 1')
    expect(error('west', { kind: 'enum', names: ['north'] })).toBe(
      '1:5 wave.unexpected expected one of north, found `west`',
    )
    const own: ValueType = { kind: 'own', resource: freshResource('r') }
    expect(error('1', own)).toBe('1:1 wave.type a handle cannot be given as text')
    expect(error('1', { kind: 'error-context' })).toBe('1:1 wave.type an error-context cannot be given as text')
    const long = '9'.repeat(1_000_000)
    expect(error(long, u8)).toMatch(/^1:1000001 wave\.range 9{20}… is not a u8/)
    let deep: ValueType = u8
    for (let depth = 0; depth < 300; depth++) deep = { kind: 'list', element: deep }
    expect(error('['.repeat(300), deep)).toBe('1:201 wave.nesting nested more than 200 deep')
  })

  it('answers every mutation with a value or a typed error', () => {
    fc.assert(
      fc.property(typed, fc.nat(), fc.string({ maxLength: 3 }), ({ type, value }, position, noise) => {
        const printed = printWave(value, type)
        const at = position % (printed.length + 1)
        try {
          parseWave(printed.slice(0, at) + noise + printed.slice(at + 1), type)
        } catch (thrown) {
          expect(problemOf(thrown).code).toMatch(/^wave\./)
        }
      }),
      { seed: 5, numRuns: 1000 },
    )
  })
})
