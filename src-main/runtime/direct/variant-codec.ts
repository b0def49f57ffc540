/** Variants and what is written as one: options and results. */
import { GuestTrap } from '../wasi/session.ts'
import { alignTo, next, unsigned, type Codec, type CoreValue, type Flat } from './codec-types.ts'
import { discriminantOf, primitiveCodec } from './primitive-codecs.ts'

interface CaseCodec {
  readonly tag: string
  readonly codec?: Codec | undefined
}

interface VariantShape {
  join(cases: readonly CaseCodec[], index: number, payload: unknown): unknown
  /** Index of the case and its payload. */
  part(cases: readonly CaseCodec[], value: unknown): readonly [number, unknown]
}

export const taggedShape: VariantShape = {
  join: (cases, index, payload) =>
    cases[index]?.codec ? { tag: cases[index].tag, val: payload } : { tag: cases[index]?.tag, val: undefined },
  part(cases, value) {
    const tag: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, 'tag') : undefined
    const index = cases.findIndex((one) => one.tag === tag)
    if (index < 0) throw new TypeError(`"${String(tag)}" is no case of this variant`)
    return [index, typeof value === 'object' && value !== null ? Reflect.get(value, 'val') : undefined]
  },
}

export const optionShape = (nested: boolean): VariantShape =>
  nested
    ? {
        join: (_cases, index, payload) => (index === 1 ? { tag: 'some', val: payload } : { tag: 'none' }),
        part: taggedShape.part,
      }
    : {
        join: (_cases, index, payload) => (index === 1 ? payload : undefined),
        part: (_cases, value) => (value === undefined || value === null ? [0, undefined] : [1, value]),
      }

/** Core type that can carry both. */
function joinFlat(left: Flat, right: Flat): Flat {
  if (left === right) return left
  return (left === 'i32' && right === 'f32') || (left === 'f32' && right === 'i32') ? 'i32' : 'i64'
}

const scratch = new DataView(new ArrayBuffer(8))

/** Reinterprets a core value of type `have` as one of type `want`, as the joined slots of variants need it. */
function coerce(value: CoreValue, have: Flat, want: Flat): CoreValue {
  if (have === want) return value
  if (have === 'i64' && want === 'i32') return Number(BigInt.asIntN(32, BigInt(value)))
  if (have === 'i32' && want === 'i64') return BigInt.asUintN(32, BigInt(value))
  if (have === 'f32' && want === 'i64') {
    scratch.setFloat32(0, Number(value), true)
    return BigInt(scratch.getUint32(0, true))
  }
  if (have === 'i64' && want === 'f32') {
    scratch.setUint32(0, Number(BigInt.asUintN(32, BigInt(value))), true)
    return scratch.getFloat32(0, true)
  }
  if (have === 'f32') {
    scratch.setFloat32(0, Number(value), true)
    return scratch.getInt32(0, true)
  }
  if (want === 'f32') {
    scratch.setInt32(0, Number(value), true)
    return scratch.getFloat32(0, true)
  }
  if (have === 'f64') {
    scratch.setFloat64(0, Number(value), true)
    return scratch.getBigInt64(0, true)
  }
  scratch.setBigInt64(0, BigInt(value), true)
  return scratch.getFloat64(0, true)
}

export function variantCodec(cases: readonly CaseCodec[], shape: VariantShape): Codec {
  const width = primitiveCodec(discriminantOf(cases.length))
  const alignment = Math.max(width.size, ...cases.map(({ codec }) => codec?.alignment ?? 1))
  const offset = alignTo(width.size, Math.max(1, ...cases.map(({ codec }) => codec?.alignment ?? 1)))
  const size = alignTo(offset + Math.max(0, ...cases.map(({ codec }) => codec?.size ?? 0)), alignment)
  const payload: Flat[] = []
  for (const { codec } of cases) {
    codec?.flat.forEach((flat, at) => {
      const other = payload[at]
      payload[at] = other === undefined ? flat : joinFlat(other, flat)
    })
  }
  const caseAt = (index: number): CaseCodec => {
    const found = cases[index]
    if (!found) throw new GuestTrap(`${index} is no case of a variant of ${cases.length}`)
    return found
  }
  return {
    size,
    alignment,
    flat: ['i32', ...payload],
    load(frame, pointer) {
      const index = Number(width.load(frame, pointer))
      return shape.join(cases, index, caseAt(index).codec?.load(frame, pointer + offset))
    },
    store(frame, value, pointer) {
      const [index, content] = shape.part(cases, value)
      width.store(frame, index, pointer)
      cases[index]?.codec?.store(frame, content, pointer + offset)
    },
    lift(frame, from) {
      const index = unsigned(next(from))
      const { codec } = caseAt(index)
      const slots = payload.map(() => next(from))
      if (!codec) return shape.join(cases, index, undefined)
      const values = codec.flat.map((want, at) => coerce(slots[at] ?? 0, payload[at] ?? want, want))
      return shape.join(cases, index, codec.lift(frame, { values, at: 0 }))
    },
    lower(frame, value, into) {
      const [index, content] = shape.part(cases, value)
      const codec = cases[index]?.codec
      const values: CoreValue[] = []
      codec?.lower(frame, content, values)
      into.push(index)
      payload.forEach((want, at) => {
        const have = codec?.flat[at]
        into.push(have === undefined ? (want === 'i64' ? 0n : 0) : coerce(values[at] ?? 0, have, want))
      })
    },
  }
}
