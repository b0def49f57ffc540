/** Variants and what is written as one: options and results. */
import { GuestTrap } from '../wasi/session.ts'
import {
  alignTo,
  next,
  unsigned,
  type Codec,
  type CoreValue,
  type Flat,
  type FlatReader,
  type Frame,
} from './codec-types.ts'
import { discriminantOf, primitiveCodec } from './primitive-codecs.ts'

interface CaseCodec {
  readonly tag: string
  readonly codec?: Codec | undefined
}

/** How the cases look as values; made for one variant. */
interface VariantShape {
  join(index: number, payload: unknown): unknown
  /** Index of the case that the value is. */
  indexOf(value: unknown): number
  payloadOf(value: unknown): unknown
}

const isObject = (value: unknown): value is { readonly tag?: unknown; readonly val?: unknown } =>
  typeof value === 'object' && value !== null

export function taggedShape(cases: readonly CaseCodec[]): VariantShape {
  const tags = cases.map(({ tag }) => tag)
  return {
    join: (index, payload) => ({ tag: tags[index], val: payload }),
    indexOf(value) {
      const tag = isObject(value) ? value.tag : undefined
      for (let index = 0; index < tags.length; index++) if (tags[index] === tag) return index
      throw new TypeError(`"${String(tag)}" is no case of this variant`)
    },
    payloadOf: (value) => (isObject(value) ? value.val : undefined),
  }
}

/** An option directly in an option cannot be told apart by `undefined` alone. */
export function optionShape(cases: readonly CaseCodec[], nested: boolean): VariantShape {
  if (nested) {
    return {
      ...taggedShape(cases),
      join: (index, payload) => (index === 1 ? { tag: 'some', val: payload } : { tag: 'none' }),
    }
  }
  return {
    join: (index, payload) => (index === 1 ? payload : undefined),
    indexOf: (value) => (value === undefined || value === null ? 0 : 1),
    payloadOf: (value) => value,
  }
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
  /** Whether the core values of each case stand in the slots as they are. */
  const plain = cases.map(({ codec }) => codec?.flat.every((flat, at) => flat === payload[at]) ?? true)
  const storeCase = (frame: Frame, index: number, content: unknown, pointer: number): void => {
    width.store(frame, index, pointer)
    cases[index]?.codec?.store(frame, content, pointer + offset)
  }
  const liftPayload = (frame: Frame, from: FlatReader, index: number, codec: Codec): unknown => {
    if (plain[index]) return codec.lift(frame, from)
    const values = codec.flat.map((want, at) => coerce(from.values[from.at + at] ?? 0, payload[at] ?? want, want))
    return codec.lift(frame, { values, at: 0 })
  }
  return {
    size,
    alignment,
    flat: ['i32', ...payload],
    load(frame, pointer) {
      const index = Number(width.load(frame, pointer))
      return shape.join(index, caseAt(index).codec?.load(frame, pointer + offset))
    },
    store: (frame, value, pointer) => storeCase(frame, shape.indexOf(value), shape.payloadOf(value), pointer),
    storeCase,
    lift(frame, from) {
      const index = unsigned(next(from))
      const { codec } = caseAt(index)
      const end = from.at + payload.length
      if (end > from.values.length) throw new GuestTrap('too few core values')
      const content = codec ? liftPayload(frame, from, index, codec) : undefined
      from.at = end
      return shape.join(index, content)
    },
    lower(frame, value, into) {
      const index = shape.indexOf(value)
      const codec = cases[index]?.codec
      const values: CoreValue[] = []
      codec?.lower(frame, shape.payloadOf(value), values)
      into.push(index)
      payload.forEach((want, at) => {
        const have = codec?.flat[at]
        into.push(have === undefined ? (want === 'i64' ? 0n : 0) : coerce(values[at] ?? 0, have, want))
      })
    },
    ...(payload.length === 0 ? { lowerOne: (_frame: Frame, value: unknown) => shape.indexOf(value) } : {}),
  }
}
