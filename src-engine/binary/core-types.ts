import type { CoreExternType, CoreModuleType } from '../types/graph.ts'
import type { ByteReader } from './reader.ts'

/** What an entry of the core type space is, as far as module types need it. */
export type CoreType = CoreFunctionType | CoreModuleType | { readonly kind: 'other'; readonly text: string }

interface CoreFunctionType {
  readonly kind: 'func'
  readonly parameters: readonly string[]
  readonly results: readonly string[]
  /** The whole type in words: equal for equal types, wherever they are defined. */
  readonly text: string
}

const valueTypes: Readonly<Record<number, string>> = {
  0x7f: 'i32',
  0x7e: 'i64',
  0x7d: 'f32',
  0x7c: 'f64',
  0x7b: 'v128',
  0x70: 'funcref',
  0x6f: 'externref',
  0x69: 'exnref',
  0x6e: 'anyref',
  0x6d: 'eqref',
  0x6c: 'i31ref',
  0x6b: 'structref',
  0x6a: 'arrayref',
  0x71: 'nullref',
  0x72: 'nullexternref',
  0x73: 'nullfuncref',
  0x74: 'nullexnref',
  0x68: 'contref',
  0x75: 'nullcontref',
}

/** What a reference points to where it may not be null; with null it is written as above. */
const heapTypes: Readonly<Record<string, string>> = {
  nullref: 'none',
  nullexternref: 'noextern',
  nullfuncref: 'nofunc',
  nullexnref: 'noexn',
  nullcontref: 'nocont',
}

/** A core type of the scope `count` levels around a module type; 0 is the scope that the module type stands in. */
type OuterCoreType = (count: number, index: number) => CoreType

/** The types that an index may mean: those before it, and those of the group it stands in. */
interface TypeContext {
  readonly types: readonly CoreType[]
  /** How many types the group has that is being read, behind the last of `types`. */
  readonly group: number
}

/** A type in words that is longer than this goes by a digest of them: types may double at every step. */
const textLimit = 64

/**
 * Reads one definition of a core type section and adds it to `types`; a `rec` group adds several. Module types exist only
 * where `outer` is given: in components and component-level types. (Binary.md, "Core Definitions".)
 */
export function readCoreTypes(reader: ByteReader, types: CoreType[], outer?: OuterCoreType): void {
  const opcode = reader.u8()
  if (opcode === 0x50 && outer) {
    types.push(readModuleType(reader, outer))
    return
  }
  if (opcode === 0x4e) {
    const group = reader.count()
    const context = { types, group }
    const members: Definition[] = []
    for (let index = 0; index < group; index++) members.push(readSubType(reader, reader.u8(), context))
    const whole = members.map(({ text }) => text).join(' ')
    members.forEach((member, index) =>
      types.push({ ...member, text: bounded(group === 1 ? member.text : `(rec ${whole}).${index}`) }),
    )
    return
  }
  // In this section a non-final `sub` is prefixed by 0x00, since 0x50 means a module type.
  const context = { types, group: 1 }
  const type = readSubType(reader, opcode === 0x00 ? reader.u8() : opcode, context)
  types.push({ ...type, text: bounded(type.text) })
}

type Definition = Exclude<CoreType, CoreModuleType>

function readSubType(reader: ByteReader, opcode: number, context: TypeContext): Definition {
  if (opcode !== 0x50 && opcode !== 0x4f) return readComposite(reader, opcode, context)
  const supers = reader.vector(() => typeText(context, reader.u32()))
  const type = readComposite(reader, reader.u8(), context)
  if (opcode === 0x4f && supers.length === 0) return type
  return { ...type, text: `(sub ${[opcode === 0x4f ? 'final' : 'open', ...supers].join(' ')} ${type.text})` }
}

/** The prefixes of the proposals for shared types and for descriptors. */
function readComposite(reader: ByteReader, prefixed: number, context: TypeContext): Definition {
  let opcode = prefixed
  let prefix = ''
  if (opcode === 0x65) {
    prefix = 'shared '
    opcode = reader.u8()
  }
  for (const [byte, word] of [
    [0x4c, 'describes'],
    [0x4d, 'descriptor'],
  ] as const) {
    if (opcode !== byte) continue
    prefix += `${word} ${typeText(context, reader.u32())} `
    opcode = reader.u8()
  }
  switch (opcode) {
    case 0x60: {
      const parameters = reader.vector(() => readValueType(reader, context))
      const results = reader.vector(() => readValueType(reader, context))
      const text = `${prefix}func (${parameters.join(' ')}) -> (${results.join(' ')})`
      return { kind: 'func', parameters, results, text }
    }
    case 0x5e:
      return { kind: 'other', text: `${prefix}array ${readField(reader, context)}` }
    case 0x5f:
      return {
        kind: 'other',
        text: `${prefix}struct (${reader.vector(() => readField(reader, context)).join(', ')})`,
      }
    case 0x5d:
      return { kind: 'other', text: `${prefix}cont ${readHeapType(reader, context)}` }
    default:
      throw reader.unknown('core type', opcode)
  }
}

function readField(reader: ByteReader, context: TypeContext): string {
  const packed = reader.peek()
  const isPacked = packed === 0x78 || packed === 0x77
  if (isPacked) reader.u8()
  const type = isPacked ? (packed === 0x78 ? 'i8' : 'i16') : readValueType(reader, context)
  return `${reader.u8() === 1 ? 'mut ' : ''}${type}`
}

function readValueType(reader: ByteReader, context: TypeContext): string {
  const byte = reader.u8()
  const plain = valueTypes[byte]
  if (plain !== undefined) return plain
  if (byte === 0x63) {
    const abstract = valueTypes[reader.peek()]
    const heap = readHeapType(reader, context)
    return abstract?.endsWith('ref') === true ? abstract : `(ref null ${heap})`
  }
  if (byte === 0x64) return `(ref ${readHeapType(reader, context)})`
  if (byte === 0x65) return `shared ${readValueType(reader, context)}`
  throw reader.unknown('core value type', byte)
}

/** An abstract type by its name, a defined one by what it is. */
function readHeapType(reader: ByteReader, context: TypeContext): string {
  const start = reader.at
  const prefix = reader.peek()
  if (prefix === 0x65 || prefix === 0x62) {
    reader.u8()
    return prefix === 0x65 ? `shared ${readHeapType(reader, context)}` : `exact ${typeText(context, reader.u32())}`
  }
  const index = reader.s33()
  if (index >= 0) return typeText(context, index)
  const name = valueTypes[0x80 + index]
  if (name?.endsWith('ref') !== true)
    throw reader.error('input.malformed', `a reference to ${index}, which is no heap type`, start)
  return heapTypes[name] ?? name.slice(0, -'ref'.length)
}

/** A defined type in words; inside its own group by its place there, which is what it is known by. */
function typeText({ types, group }: TypeContext, index: number): string {
  const type = types[index]
  if (type?.kind === 'module') return 'module'
  if (type) return type.text
  return index < types.length + group ? `rec.${index - types.length}` : `type ${index}`
}

/** The words themselves, or a digest of them where they are too many. */
function bounded(text: string): string {
  if (text.length <= textLimit) return text
  const hashes = [0x811c9dc5, 0x9e3779b1, 0x85ebca6b, 0xc2b2ae35]
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    hashes.forEach((hash, index) => (hashes[index] = Math.imul(hash ^ (code + index * 31), 0x01000193)))
  }
  return `type ${hashes.map((hash) => (hash >>> 0).toString(16).padStart(8, '0')).join('')}`
}

function readModuleType(reader: ByteReader, outer: OuterCoreType): CoreModuleType {
  const types: CoreType[] = []
  const imports: { module: string; name: string; type: CoreExternType }[] = []
  const exports = new Map<string, CoreExternType>()
  const count = reader.count()
  for (let index = 0; index < count; index++) {
    const declarator = reader.u8()
    if (declarator === 0x00)
      imports.push({ module: reader.name(), name: reader.name(), type: readCoreExtern(reader, types) })
    else if (declarator === 0x01) readCoreTypes(reader, types)
    else if (declarator === 0x02) {
      const sort = reader.u8()
      const target = reader.u8()
      if (sort !== 0x10 || target !== 0x01) throw reader.unknown('alias in a module type', target)
      const count = reader.u32()
      if (count === 0)
        throw reader.error('input.malformed', 'an outer alias of a module type must reach outside it', reader.at)
      types.push(outer(count - 1, reader.u32()))
    } else if (declarator === 0x03) exports.set(reader.name(), readCoreExtern(reader, types))
    else throw reader.unknown('declarator of a module type', declarator)
  }
  return { kind: 'module', imports, exports }
}

/** Reads `importdesc` of the core binary format; functions are looked up among `types`. */
export function readCoreExtern(reader: ByteReader, types: readonly CoreType[]): CoreExternType {
  const kind = reader.u8()
  switch (kind) {
    case 0x00: {
      const type = types[reader.u32()]
      return type?.kind === 'func' ? type : { kind: 'func', parameters: ['?'], results: [] }
    }
    case 0x01:
      return readTableType(reader, types)
    case 0x02:
      return readMemoryType(reader)
    case 0x03:
      return readGlobalType(reader, types)
    case 0x04:
      return readTagType(reader, types)
    default:
      throw reader.unknown('kind of a core import or export', kind)
  }
}

export function readTableType(reader: ByteReader, types: readonly CoreType[]): CoreExternType {
  const element = readValueType(reader, { types, group: 0 })
  const { minimum, maximum, is64 } = readLimits(reader)
  return maximum === undefined
    ? { kind: 'table', element, minimum, is64 }
    : { kind: 'table', element, minimum, maximum, is64 }
}

export function readMemoryType(reader: ByteReader): CoreExternType {
  const { minimum, maximum, is64, shared } = readLimits(reader)
  return maximum === undefined
    ? { kind: 'memory', minimum, is64, shared }
    : { kind: 'memory', minimum, maximum, is64, shared }
}

export function readGlobalType(reader: ByteReader, types: readonly CoreType[]): CoreExternType {
  const type = readValueType(reader, { types, group: 0 })
  return { kind: 'global', type, mutable: reader.u8() === 1 }
}

export function readTagType(reader: ByteReader, types: readonly CoreType[]): CoreExternType {
  reader.u8()
  const type = types[reader.u32()]
  return { kind: 'tag', parameters: type?.kind === 'func' ? type.parameters : [] }
}

function readLimits(reader: ByteReader): { minimum: bigint; maximum?: bigint; is64: boolean; shared: boolean } {
  const flags = reader.u8()
  if (flags > 0x0f) throw reader.unknown('limits', flags)
  const minimum = readU64(reader)
  const maximum = flags & 1 ? readU64(reader) : undefined
  if (flags & 8) reader.u32()
  const common = { minimum, shared: (flags & 2) !== 0, is64: (flags & 4) !== 0 }
  return maximum === undefined ? common : { ...common, maximum }
}

function readU64(reader: ByteReader): bigint {
  let result = 0n
  for (let shift = 0n; shift < 70n; shift += 7n) {
    const byte = reader.u8()
    result |= BigInt(byte & 0x7f) << shift
    if (byte < 0x80) return result
  }
  throw reader.error('input.malformed', 'a number is longer than its type allows', reader.at)
}
