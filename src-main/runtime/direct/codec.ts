/**
 * Lifting and lowering of values. For each type the code is put together once, when the component is loaded; calls only
 * run it. (Component Model, CanonicalABI.md.)
 */
import { arrayOfBigInts, arrayOfNumbers, type TypedArray } from '../typed-arrays.ts'
import { GuestTrap } from '../wasi/session.ts'
import { checkPointer, layoutOf, next, nextNumber, unsigned, type Codec, type Flat, type Frame } from './codec-types.ts'
import { outOfBounds } from './memory.ts'
import { camel } from './names.ts'
import type { AbiType } from './plan.ts'
import { discriminantOf, primitiveCodec } from './primitive-codecs.ts'
import { loadString, storeString } from './strings.ts'
import { optionShape, taggedShape, variantCodec } from './variant-codec.ts'

const codecs = new WeakMap<AbiType, Codec>()

/** The codec of a type; made once. */
export function codecOf(type: AbiType): Codec {
  let codec = codecs.get(type)
  if (!codec) codecs.set(type, (codec = make(type)))
  return codec
}

function make(type: AbiType): Codec {
  switch (type.kind) {
    case 'string':
      return stringCodec
    case 'list':
      return type.length === undefined ? listCodec(type.element) : fixedListCodec(type.element, type.length)
    case 'record':
      return fieldsCodec(
        type.fields.map(([, field]) => codecOf(field)),
        recordShape(type.fields.map(([name]) => camel(name))),
      )
    case 'tuple':
      return fieldsCodec(type.items.map(codecOf), tupleShape)
    case 'flags':
      return flagsCodec(type.names.map(camel))
    case 'enum':
      return enumCodec(type.names)
    case 'variant': {
      // A plan from a file has null where there is none.
      const cases = type.cases.map(([tag, payload]) => ({ tag, codec: payload ? codecOf(payload) : undefined }))
      return variantCodec(cases, taggedShape(cases))
    }
    case 'option': {
      const cases = [{ tag: 'none' }, { tag: 'some', codec: codecOf(type.some) }]
      return variantCodec(cases, optionShape(cases, type.some.kind === 'option'))
    }
    case 'result': {
      const cases = [
        { tag: 'ok', codec: type.ok && codecOf(type.ok) },
        { tag: 'err', codec: type.error && codecOf(type.error) },
      ]
      return variantCodec(cases, taggedShape(cases))
    }
    case 'own':
      return ownCodec(type.resource)
    case 'borrow':
      return borrowCodec(type.resource)
    default:
      return primitiveCodec(type.kind)
  }
}

// --- strings and lists

const stringCodec: Codec = {
  size: 8,
  alignment: 4,
  flat: ['i32', 'i32'],
  load: (frame, pointer) =>
    loadString(frame, frame.memory.view.getUint32(pointer, true), frame.memory.view.getUint32(pointer + 4, true)),
  store(frame, value, pointer) {
    const [at, length] = storeString(frame, String(value))
    frame.memory.view.setUint32(pointer, at, true)
    frame.memory.view.setUint32(pointer + 4, length, true)
  },
  lift: (frame, from) => loadString(frame, unsigned(next(from)), unsigned(next(from))),
  lower: (frame, value, into) => void into.push(...storeString(frame, String(value))),
}

function listCodec(element: AbiType): Codec {
  const item = codecOf(element)
  const typed = arrayOfNumbers(element.kind) ?? arrayOfBigInts(element.kind)

  function read(frame: Frame, pointer: number, length: number): unknown {
    if (length * item.size > 0xffffffff) throw outOfBounds()
    checkPointer(frame, pointer, length * item.size, item.alignment)
    // The guest's own bytes, not a copy: whoever keeps them copies them.
    if (typed === Uint8Array) return frame.memory.range(pointer, length)
    if (typed) return new typed(frame.memory.bytes.buffer.slice(pointer, pointer + length * item.size))
    const values: unknown[] = []
    for (let at = 0; at < length; at++) values.push(item.load(frame, pointer + at * item.size))
    return values
  }

  function write(frame: Frame, value: unknown): [number, number] {
    const values = listOf(value)
    const { length } = values
    const pointer = frame.realloc(length * item.size, item.alignment)
    checkPointer(frame, pointer, length * item.size, item.alignment)
    if (typed === Uint8Array && values instanceof Uint8Array) frame.memory.bytes.set(values, pointer)
    else if (ArrayBuffer.isView(values)) {
      const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
      if (bytes.length !== length * item.size) throw new TypeError('a list of other numbers is needed')
      frame.memory.bytes.set(bytes, pointer)
    } else {
      for (let at = 0; at < length; at++) item.store(frame, values[at], pointer + at * item.size)
    }
    return [pointer, length]
  }

  return {
    size: 8,
    alignment: 4,
    flat: ['i32', 'i32'],
    load: (frame, pointer) =>
      read(frame, frame.memory.view.getUint32(pointer, true), frame.memory.view.getUint32(pointer + 4, true)),
    store(frame, value, pointer) {
      const [at, length] = write(frame, value)
      frame.memory.view.setUint32(pointer, at, true)
      frame.memory.view.setUint32(pointer + 4, length, true)
    },
    lift: (frame, from) => read(frame, unsigned(next(from)), unsigned(next(from))),
    lower: (frame, value, into) => void into.push(...write(frame, value)),
  }
}

function listOf(value: unknown): readonly unknown[] | TypedArray {
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value
    return items
  }
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) return value as TypedArray
  throw new TypeError('a list is needed')
}

function fixedListCodec(element: AbiType, length: number): Codec {
  const item = codecOf(element)
  return fieldsCodec(
    Array.from({ length }, () => item),
    tupleShape,
  )
}

// --- records, tuples, flags, enums

/** Takes the parts of a value apart and puts them together. */
interface FieldsShape {
  join(values: readonly unknown[]): unknown
  part(value: unknown, at: number): unknown
}

const tupleShape: FieldsShape = {
  join: (values) => values,
  part: (value, at) => (Array.isArray(value) ? value[at] : undefined),
}

function recordShape(names: readonly string[]): FieldsShape {
  return {
    join: (values) => Object.fromEntries(names.map((name, at) => [name, values[at]])),
    part: (value, at) =>
      typeof value === 'object' && value !== null ? Reflect.get(value, names[at] ?? '') : undefined,
  }
}

function fieldsCodec(fields: readonly Codec[], shape: FieldsShape): Codec {
  const { offsets, size, alignment } = layoutOf(fields)
  return {
    size,
    alignment,
    flat: fields.flatMap((field) => field.flat),
    load: (frame, pointer) => shape.join(fields.map((field, at) => field.load(frame, pointer + (offsets[at] ?? 0)))),
    store: (frame, value, pointer) =>
      fields.forEach((field, at) => field.store(frame, shape.part(value, at), pointer + (offsets[at] ?? 0))),
    lift: (frame, from) => shape.join(fields.map((field) => field.lift(frame, from))),
    lower: (frame, value, into) => fields.forEach((field, at) => field.lower(frame, shape.part(value, at), into)),
  }
}

function flagsCodec(names: readonly string[]): Codec {
  const size = names.length <= 8 ? 1 : names.length <= 16 ? 2 : 4
  if (names.length > 32) throw new GuestTrap('more than 32 flags')
  const unpack = (bits: number): Record<string, boolean> =>
    Object.fromEntries(names.map((name, at) => [name, ((bits >>> at) & 1) === 1]))
  const pack = (value: unknown): number => {
    let bits = 0
    names.forEach((name, at) => {
      if (typeof value === 'object' && value !== null && Reflect.get(value, name)) bits |= 1 << at
    })
    return bits
  }
  const width = primitiveCodec(size === 1 ? 'u8' : size === 2 ? 'u16' : 'u32')
  return {
    size,
    alignment: size,
    flat: ['i32'],
    load: (frame, pointer) => unpack(Number(width.load(frame, pointer))),
    store: (frame, value, pointer) => width.store(frame, pack(value) >>> 0, pointer),
    lift: (_frame, from) => unpack(nextNumber(from)),
    lower: (_frame, value, into) => void into.push(pack(value)),
  }
}

function enumCodec(names: readonly string[]): Codec {
  const width = primitiveCodec(discriminantOf(names.length))
  const nameOf = (index: number): string => {
    const name = names[index]
    if (name === undefined) throw new GuestTrap(`${index} is no case of an enum of ${names.length}`)
    return name
  }
  const indexOf = (value: unknown): number => {
    const index = names.indexOf(String(value))
    if (index < 0) throw new TypeError(`"${String(value)}" is no case of this enum`)
    return index
  }
  return {
    size: width.size,
    alignment: width.alignment,
    flat: ['i32'],
    load: (frame, pointer) => nameOf(Number(width.load(frame, pointer))),
    store: (frame, value, pointer) => width.store(frame, indexOf(value), pointer),
    lift: (_frame, from) => nameOf(unsigned(next(from))),
    lower: (_frame, value, into) => void into.push(indexOf(value)),
    lowerOne: (_frame, value) => indexOf(value),
  }
}

// --- handles

const handleFlat: readonly Flat[] = ['i32']

function ownCodec(resource: number): Codec {
  return {
    size: 4,
    alignment: 4,
    flat: handleFlat,
    load: (frame, pointer) => frame.handles.take(frame.memory.view.getUint32(pointer, true), resource),
    store: (frame, value, pointer) => frame.memory.view.setUint32(pointer, frame.handles.add(resource, value), true),
    lift: (frame, from) => frame.handles.take(unsigned(next(from)), resource),
    lower: (frame, value, into) => void into.push(frame.handles.add(resource, value)),
    lowerOne: (frame, value) => frame.handles.add(resource, value),
  }
}

function borrowCodec(resource: number): Codec {
  const read = (frame: Frame, index: number): unknown => {
    if (!frame.lent) return frame.handles.borrow(index, resource)
    const lent = frame.handles.lend(index, resource)
    frame.lent.push(lent)
    return lent.value
  }
  const write = (frame: Frame, value: unknown): number => {
    if (frame.ownResource(resource)) {
      const { representation } = value as { readonly representation: number }
      return representation
    }
    if (!frame.borrows) throw new GuestTrap('a borrowed handle cannot be returned')
    return frame.handles.addBorrow(resource, value, frame.borrows)
  }
  return {
    size: 4,
    alignment: 4,
    flat: handleFlat,
    load: (frame, pointer) => read(frame, frame.memory.view.getUint32(pointer, true)),
    store: (frame, value, pointer) => frame.memory.view.setUint32(pointer, write(frame, value), true),
    lift: (frame, from) => read(frame, unsigned(next(from))),
    lower: (frame, value, into) => void into.push(write(frame, value)),
  }
}
