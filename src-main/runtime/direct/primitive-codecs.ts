/** Numbers, booleans and characters. */
import { GuestTrap } from '../wasi/session.ts'
import { next, unsigned, type Codec, type CoreValue, type Flat } from './codec-types.ts'

interface Primitive {
  readonly size: number
  readonly flat: Flat
  load(view: DataView, pointer: number): unknown
  store(view: DataView, value: unknown, pointer: number): void
  lift(value: CoreValue): unknown
  lower(value: unknown): CoreValue
}

const integer = (value: unknown): number => {
  if (typeof value !== 'number') throw new TypeError(`a number is needed, got ${typeof value}`)
  return value
}
const large = (value: unknown): bigint => {
  if (typeof value !== 'bigint') throw new TypeError(`a bigint is needed, got ${typeof value}`)
  return value
}

function charOf(code: number): string {
  if (code >= 0x110000 || (code >= 0xd800 && code < 0xe000)) throw new GuestTrap(`${code} is no Unicode scalar value`)
  return String.fromCodePoint(code)
}

const primitives: Readonly<Record<string, Primitive>> = {
  bool: {
    size: 1,
    flat: 'i32',
    load: (view, at) => view.getUint8(at) !== 0,
    store: (view, value, at) => view.setUint8(at, value ? 1 : 0),
    lift: (value) => Number(value) !== 0,
    lower: (value) => (value ? 1 : 0),
  },
  u8: {
    size: 1,
    flat: 'i32',
    load: (view, at) => view.getUint8(at),
    store: (view, value, at) => view.setUint8(at, integer(value)),
    lift: (value) => Number(value) & 0xff,
    lower: (value) => integer(value) & 0xff,
  },
  s8: {
    size: 1,
    flat: 'i32',
    load: (view, at) => view.getInt8(at),
    store: (view, value, at) => view.setInt8(at, integer(value)),
    lift: (value) => (Number(value) << 24) >> 24,
    lower: (value) => (integer(value) << 24) >> 24,
  },
  u16: {
    size: 2,
    flat: 'i32',
    load: (view, at) => view.getUint16(at, true),
    store: (view, value, at) => view.setUint16(at, integer(value), true),
    lift: (value) => Number(value) & 0xffff,
    lower: (value) => integer(value) & 0xffff,
  },
  s16: {
    size: 2,
    flat: 'i32',
    load: (view, at) => view.getInt16(at, true),
    store: (view, value, at) => view.setInt16(at, integer(value), true),
    lift: (value) => (Number(value) << 16) >> 16,
    lower: (value) => (integer(value) << 16) >> 16,
  },
  u32: {
    size: 4,
    flat: 'i32',
    load: (view, at) => view.getUint32(at, true),
    store: (view, value, at) => view.setUint32(at, integer(value), true),
    lift: (value) => Number(value) >>> 0,
    lower: (value) => integer(value) | 0,
  },
  s32: {
    size: 4,
    flat: 'i32',
    load: (view, at) => view.getInt32(at, true),
    store: (view, value, at) => view.setInt32(at, integer(value), true),
    lift: (value) => Number(value) | 0,
    lower: (value) => integer(value) | 0,
  },
  u64: {
    size: 8,
    flat: 'i64',
    load: (view, at) => view.getBigUint64(at, true),
    store: (view, value, at) => view.setBigUint64(at, large(value), true),
    lift: (value) => BigInt.asUintN(64, BigInt(value)),
    lower: (value) => BigInt.asIntN(64, large(value)),
  },
  s64: {
    size: 8,
    flat: 'i64',
    load: (view, at) => view.getBigInt64(at, true),
    store: (view, value, at) => view.setBigInt64(at, large(value), true),
    lift: (value) => BigInt.asIntN(64, BigInt(value)),
    lower: (value) => BigInt.asIntN(64, large(value)),
  },
  f32: {
    size: 4,
    flat: 'f32',
    load: (view, at) => view.getFloat32(at, true),
    store: (view, value, at) => view.setFloat32(at, integer(value), true),
    lift: (value) => Number(value),
    lower: (value) => integer(value),
  },
  f64: {
    size: 8,
    flat: 'f64',
    load: (view, at) => view.getFloat64(at, true),
    store: (view, value, at) => view.setFloat64(at, integer(value), true),
    lift: (value) => Number(value),
    lower: (value) => integer(value),
  },
  char: {
    size: 4,
    flat: 'i32',
    load: (view, at) => charOf(view.getUint32(at, true)),
    store: (view, value, at) => view.setUint32(at, String(value).codePointAt(0) ?? 0, true),
    lift: (value) => charOf(unsigned(value)),
    lower: (value) => String(value).codePointAt(0) ?? 0,
  },
}

/** The codec of a primitive type. */
export function primitiveCodec(kind: string): Codec {
  const primitive = primitives[kind]
  if (!primitive) throw new TypeError(`no codec for ${kind}`)
  const { size, flat, load, store, lift, lower } = primitive
  return {
    size,
    alignment: size,
    flat: [flat],
    load: (frame, pointer) => load(frame.memory.view, pointer),
    store: (frame, value, pointer) => store(frame.memory.view, value, pointer),
    lift: (_frame, from) => lift(next(from)),
    lower: (_frame, value, into) => void into.push(lower(value)),
    lowerOne: (_frame, value) => lower(value),
  }
}

/** Width of the number that says which case a variant is. */
export const discriminantOf = (count: number): 'u8' | 'u16' | 'u32' =>
  count <= 0x100 ? 'u8' : count <= 0x10000 ? 'u16' : 'u32'
