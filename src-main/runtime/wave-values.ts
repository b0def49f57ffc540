/** Between values as WAVE knows them and values as a running guest takes and gives them (the same for both engines). */
import { fail } from '../../src-engine/error.ts'
import { peel, type TypeNode } from '../../src-engine/types/graph.ts'
import { CaseValue, RecordValue, type WaveValue } from '../../src-engine/wave/value.ts'
import { camel } from './direct/names.ts'
import { arrayOfBigInts, arrayOfNumbers } from './typed-arrays.ts'

/** A value for the guest. Throws `wave.value` where it is not of the type, `call.type` for what lives only inside a guest. */
export function toGuest(value: WaveValue, type: TypeNode): unknown {
  const of = peel(type)
  switch (of.kind) {
    case 'list': {
      const items = listOf(value)
      const element = of.length === undefined ? peel(of.element).kind : ''
      const numbers = arrayOfNumbers(element)?.from(items.map(Number))
      if (numbers) return numbers
      const bigInts = arrayOfBigInts(element)?.from(items.map(toBigInt))
      if (bigInts) return bigInts
      return items.map((item) => toGuest(item, of.element))
    }
    case 'tuple': {
      const items = listOf(value)
      return of.items.map((item, at) => toGuest(partOf(items[at]), item))
    }
    case 'record': {
      if (!(value instanceof RecordValue)) throw mismatch()
      return Object.fromEntries(
        of.fields.map(({ name, type: field }) => [camel(name), toGuest(partOf(value.fields.get(name)), field)]),
      )
    }
    case 'flags': {
      const set = listOf(value)
      return Object.fromEntries(of.names.map((name) => [camel(name), set.includes(name)]))
    }
    case 'option': {
      if (!(value instanceof CaseValue)) throw mismatch()
      const some = value.name === 'some' ? toGuest(partOf(value.payload), of.some) : undefined
      if (!nests(of.some)) return some
      return value.name === 'some' ? { tag: 'some', val: some } : { tag: 'none' }
    }
    case 'variant':
    case 'result': {
      if (!(value instanceof CaseValue)) throw mismatch()
      const payload = payloadOf(of, value.name)
      return { tag: value.name, val: payload && toGuest(partOf(value.payload), payload) }
    }
    case 'u64':
    case 's64':
      return toBigInt(value)
    case 'u8':
    case 's8':
    case 'u16':
    case 's16':
    case 'u32':
    case 's32':
      return Number(value)
    case 'bool':
    case 'f32':
    case 'f64':
    case 'char':
    case 'string':
    case 'enum':
      return value
    default:
      throw unsayable(of.kind)
  }
}

/** A value from the guest. Throws `wave.value` where it is not what the type says. */
export function fromGuest(value: unknown, type: TypeNode): WaveValue {
  const of = peel(type)
  switch (of.kind) {
    case 'list':
      return itemsOf(value).map((item) => fromGuest(item, of.element))
    case 'tuple':
      return itemsOf(value).map((item, at) => fromGuest(item, partOf(of.items[at])))
    case 'record':
      return new RecordValue(
        new Map(of.fields.map(({ name, type: field }) => [name, fromGuest(fieldOf(value, camel(name)), field)])),
      )
    case 'flags':
      return of.names.filter((name) => fieldOf(value, camel(name)) === true)
    case 'option': {
      if (nests(of.some)) {
        return fieldOf(value, 'tag') === 'some'
          ? new CaseValue('some', fromGuest(fieldOf(value, 'val'), of.some))
          : new CaseValue('none')
      }
      return value === undefined ? new CaseValue('none') : new CaseValue('some', fromGuest(value, of.some))
    }
    case 'variant':
    case 'result': {
      const tag = String(fieldOf(value, 'tag'))
      const payload = payloadOf(of, tag)
      return payload ? new CaseValue(tag, fromGuest(fieldOf(value, 'val'), payload)) : new CaseValue(tag)
    }
    default:
      if (
        typeof value === 'boolean' ||
        typeof value === 'number' ||
        typeof value === 'bigint' ||
        typeof value === 'string'
      )
        return value
      throw mismatch()
  }
}

type Peeled = ReturnType<typeof peel>

function payloadOf(of: Extract<Peeled, { kind: 'variant' | 'result' }>, name: string): TypeNode | undefined {
  if (of.kind === 'result') return name === 'ok' ? of.ok : of.error
  return of.cases.find((each) => each.name === name)?.type
}

/** An option directly in an option cannot be told apart by `undefined` alone. */
const nests = (type: TypeNode): boolean => peel(type).kind === 'option'

function listOf(value: WaveValue): readonly WaveValue[] {
  if (!Array.isArray(value)) throw mismatch()
  const items: readonly WaveValue[] = value
  return items
}

function itemsOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value
    return items
  }
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) return Array.from(value as Uint8Array)
  throw mismatch()
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}

function partOf<Part>(part: Part | undefined): Part {
  if (part === undefined) throw mismatch()
  return part
}

function toBigInt(value: WaveValue): bigint {
  if (typeof value === 'bigint' || typeof value === 'number') return BigInt(value)
  throw mismatch()
}

const mismatch = () => fail('wave.value', 'the value is not of the type that the interface says')

const unsayable = (kind: string) =>
  fail('call.type', `a ${kind} cannot be written as text`, {
    hint: 'Handles, streams and futures live only inside a call: call it from another component.',
  })
