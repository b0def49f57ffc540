import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { GuestTrap } from '../wasi/session.ts'
import { codecOf } from './codec.ts'
import type { CoreValue, Frame } from './codec-types.ts'
import { GuestResource, HandleTable } from './handles.ts'
import { GuestMemory } from './memory.ts'
import { camel } from './names.ts'
import type { AbiType, Encoding } from './plan.ts'

/** A guest that only hands out room. */
function frameOf(encoding: Encoding = 'utf8'): Frame & { readonly handles: HandleTable } {
  const memory = new WebAssembly.Memory({ initial: 1 })
  let top = 8
  return {
    memory: new GuestMemory(memory),
    encoding,
    handles: new HandleTable(),
    realloc(size, alignment) {
      top = Math.ceil(top / alignment) * alignment
      const at = top
      top += size
      if (top > memory.buffer.byteLength) memory.grow(Math.ceil((top - memory.buffer.byteLength) / 65536))
      return at
    },
    lent: undefined,
    borrows: { open: 0 },
    ownResource: () => false,
  }
}

const names = ['a', 'some-name', 'DNS-error', 'b2']

/** A type together with the values it has. */
interface Sample {
  readonly type: AbiType
  readonly value: fc.Arbitrary<unknown>
}

const text = fc.string({ unit: 'grapheme', maxLength: 40 })
const primitives: readonly Sample[] = [
  { type: { kind: 'bool' }, value: fc.boolean() },
  { type: { kind: 'u8' }, value: fc.integer({ min: 0, max: 255 }) },
  { type: { kind: 's8' }, value: fc.integer({ min: -128, max: 127 }) },
  { type: { kind: 'u16' }, value: fc.integer({ min: 0, max: 0xffff }) },
  { type: { kind: 's16' }, value: fc.integer({ min: -0x8000, max: 0x7fff }) },
  { type: { kind: 'u32' }, value: fc.integer({ min: 0, max: 0xffffffff }) },
  { type: { kind: 's32' }, value: fc.integer() },
  { type: { kind: 'u64' }, value: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }) },
  { type: { kind: 's64' }, value: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }) },
  { type: { kind: 'f32' }, value: fc.float({ noNaN: true }) },
  { type: { kind: 'f64' }, value: fc.double({ noNaN: true }) },
  { type: { kind: 'char' }, value: fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }) },
  { type: { kind: 'string' }, value: text },
  { type: { kind: 'enum', names }, value: fc.constantFrom(...names) },
  {
    type: { kind: 'flags', names },
    value: fc.record(Object.fromEntries(names.map((name) => [camel(name), fc.boolean()]))),
  },
]

/** Types of every shape, nested a few levels. */
const listOf = ({ type, value }: Sample): Sample => ({
  type: { kind: 'list', element: type },
  value: fc.array(value, { maxLength: 5 }),
})
const threeOf = ({ type, value }: Sample): Sample => ({
  type: { kind: 'list', element: type, length: 3 },
  value: fc.array(value, { minLength: 3, maxLength: 3 }),
})
const tupleOf = (items: readonly Sample[]): Sample => ({
  type: { kind: 'tuple', items: items.map(({ type }) => type) },
  value: fc.tuple(...items.map(({ value }) => value)),
})
const recordOf = (items: readonly Sample[]): Sample => ({
  type: { kind: 'record', fields: items.map(({ type }, at) => [names[at] ?? '', type] as const) },
  value: fc.record(Object.fromEntries(items.map(({ value }, at) => [camel(names[at] ?? ''), value]))),
})
const optionOf = ({ type, value }: Sample): Sample => ({
  type: { kind: 'option', some: type },
  value:
    type.kind === 'option'
      ? fc.oneof(
          fc.constant({ tag: 'none' }),
          value.map((val) => ({ tag: 'some', val })),
        )
      : fc.option(value, { nil: undefined }),
})
type Perhaps = Sample | undefined
const payload = (one: Perhaps): fc.Arbitrary<unknown> => one?.value ?? fc.constant(undefined)
const variantOf = (cases: readonly Perhaps[]): Sample => ({
  type: { kind: 'variant', cases: cases.map((one, at) => [names[at] ?? '', one?.type] as const) },
  value: fc.oneof(...cases.map((one, at) => payload(one).map((val) => ({ tag: names[at], val })))),
})
const resultOf = ([ok, error]: readonly [Perhaps, Perhaps]): Sample => ({
  type: { kind: 'result', ok: ok?.type, error: error?.type },
  value: fc.oneof(
    payload(ok).map((val) => ({ tag: 'ok', val })),
    payload(error).map((val) => ({ tag: 'err', val })),
  ),
})

/** Types of every shape, nested at most three deep. */
function samplesOf(depth: number): fc.Arbitrary<Sample> {
  const leaf = fc.constantFrom(...primitives)
  if (depth === 0) return leaf
  const inner = samplesOf(depth - 1)
  const perhaps = fc.option(inner, { nil: undefined })
  const several = fc.array(inner, { minLength: 1, maxLength: 4 })
  return fc.oneof(
    leaf,
    inner.map(listOf),
    inner.map(threeOf),
    several.map(tupleOf),
    several.map(recordOf),
    inner.map(optionOf),
    fc.array(perhaps, { minLength: 1, maxLength: 4 }).map(variantOf),
    fc.tuple(perhaps, perhaps).map(resultOf),
  )
}
const samples = samplesOf(3)

/** Typed arrays as lists, so that both compare alike. */
const plain = (value: unknown): unknown => {
  if (ArrayBuffer.isView(value) && !(value instanceof DataView))
    return Array.from(value as unknown as ArrayLike<unknown>)
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, plain(part)]))
  return Object.is(value, -0) ? 0 : value
}

const withValue = samples.chain(({ type, value }) => fc.tuple(fc.constant(type), value))

describe('values across the border', () => {
  it('come back as they went, through memory and through core values, in every encoding', () => {
    fc.assert(
      fc.property(withValue, fc.constantFrom<Encoding>('utf8', 'utf16', 'latin1+utf16'), ([type, value], encoding) => {
        const codec = codecOf(type)
        const frame = frameOf(encoding)
        const pointer = frame.realloc(codec.size, codec.alignment)
        codec.store(frame, value, pointer)
        expect(plain(codec.load(frame, pointer))).toEqual(plain(value))
        const values: CoreValue[] = []
        codec.lower(frame, value, values)
        expect(values.map((one) => typeof one === 'bigint')).toEqual(codec.flat.map((flat) => flat === 'i64'))
        expect(plain(codec.lift(frame, { values, at: 0 }))).toEqual(plain(value))
      }),
      { numRuns: 400, seed: 4 },
    )
  })

  it('lie where the specification puts them', () => {
    const layout = (type: AbiType): [number, number, string] => {
      const { size, alignment, flat } = codecOf(type)
      return [size, alignment, flat.join(' ')]
    }
    const u8: AbiType = { kind: 'u8' }
    const u64: AbiType = { kind: 'u64' }
    const string: AbiType = { kind: 'string' }
    expect(layout({ kind: 'tuple', items: [u8, u64, u8] })).toEqual([24, 8, 'i32 i64 i32'])
    expect(layout({ kind: 'option', some: u64 })).toEqual([16, 8, 'i32 i64'])
    expect(layout({ kind: 'result', ok: undefined, error: undefined })).toEqual([1, 1, 'i32'])
    expect(
      layout({
        kind: 'variant',
        cases: [
          ['a', { kind: 'f32' }],
          ['b', { kind: 'u32' }],
        ],
      }),
    ).toEqual([8, 4, 'i32 i32'])
    expect(
      layout({
        kind: 'variant',
        cases: [
          ['a', { kind: 'f64' }],
          ['b', string],
        ],
      }),
    ).toEqual([16, 8, 'i32 i64 i32'])
    expect(layout({ kind: 'enum', names: Array.from({ length: 257 }, (_, at) => `n${at}`) })).toEqual([2, 2, 'i32'])
    expect(layout({ kind: 'flags', names: Array.from({ length: 17 }, (_, at) => `n${at}`) })).toEqual([4, 4, 'i32'])
    expect(layout({ kind: 'list', element: u64 })).toEqual([8, 4, 'i32 i32'])
    expect(layout({ kind: 'list', element: u64, length: 2 })).toEqual([16, 8, 'i64 i64'])
  })

  it('trap where a guest breaks the rules', () => {
    const frame = frameOf()
    const lift = (type: AbiType, ...values: CoreValue[]): unknown => codecOf(type).lift(frame, { values, at: 0 })
    const string: AbiType = { kind: 'string' }
    expect(() => lift(string, 65530, 100)).toThrow(GuestTrap)
    expect(() => lift(string, -1, 1)).toThrow(GuestTrap)
    frame.memory.bytes.set([0xc3, 0x28], 100)
    expect(() => lift(string, 100, 2)).toThrow('not utf-8')
    expect(() => lift({ kind: 'list', element: { kind: 'u32' } }, 101, 1)).toThrow('aligned')
    expect(() => lift({ kind: 'list', element: { kind: 'u64' } }, 0, -1)).toThrow(GuestTrap)
    expect(() => lift({ kind: 'char' }, 0xd800)).toThrow(GuestTrap)
    expect(() => lift({ kind: 'char' }, 0x110000)).toThrow(GuestTrap)
    expect(() => lift({ kind: 'enum', names: ['a'] }, 1)).toThrow(GuestTrap)
    expect(() => lift({ kind: 'option', some: string }, 2, 0, 0)).toThrow(GuestTrap)
    expect(() => lift({ kind: 'own', resource: 0 }, 5)).toThrow('unknown handle')
    const wide = frameOf('utf16')
    expect(() => codecOf(string).lift(wide, { values: [101, 1], at: 0 })).toThrow('aligned')
  })

  it('keeps the rules of handles', () => {
    const frame = frameOf()
    const table = frame.handles
    const value = new GuestResource(0, 7)
    const handle = table.add(0, value)
    expect(() => table.borrow(handle, 1)).toThrow('another resource type')
    const lent = table.lend(handle, 0)
    expect(() => table.take(handle, 0)).toThrow('lent')
    expect(() => table.drop(handle, 0)).toThrow('lent')
    lent.giveBack()
    const scope = { open: 0 }
    const borrowed = table.addBorrow(0, value, scope)
    expect(scope.open).toBe(1)
    expect(() => table.take(borrowed, 0)).toThrow('borrowed')
    expect(table.drop(borrowed, 0)).toBeUndefined()
    expect(scope.open).toBe(0)
    expect(table.take(handle, 0)).toBe(value)
    expect(() => table.borrow(handle, 0)).toThrow('unknown handle')
    expect(() => table.borrow(0, 0)).toThrow('unknown handle')
  })
})
