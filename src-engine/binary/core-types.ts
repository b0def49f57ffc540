import type { CoreExternType, CoreModuleType } from '../types/graph.ts'
import type { ByteReader } from './reader.ts'

/** What an entry of the core type space is, as far as module types need it. */
export type CoreType =
  | { readonly kind: 'func'; readonly parameters: readonly string[]; readonly results: readonly string[] }
  | CoreModuleType
  | { readonly kind: 'other' }

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

/** A core type of the scope `count` levels around a module type; 0 is the scope that the module type stands in. */
type OuterCoreType = (count: number, index: number) => CoreType

/**
 * Reads one definition of a core type section; a `rec` group adds several. Module types exist only where `outer` is given:
 * in components and component-level types. (Binary.md, "Core Definitions".)
 */
export function readCoreTypes(reader: ByteReader, add: (type: CoreType) => void, outer?: OuterCoreType): void {
  const opcode = reader.u8()
  if (opcode === 0x50 && outer) {
    add(readModuleType(reader, outer))
    return
  }
  if (opcode === 0x4e) {
    const count = reader.count()
    for (let index = 0; index < count; index++) add(readSubType(reader, reader.u8()))
    return
  }
  // In this section a non-final `sub` is prefixed by 0x00, since 0x50 means a module type.
  add(opcode === 0x00 ? readSubType(reader, reader.u8()) : readSubType(reader, opcode))
}

function readSubType(reader: ByteReader, opcode: number): CoreType {
  if (opcode === 0x50 || opcode === 0x4f) {
    reader.vector(() => reader.u32())
    return readComposite(reader, reader.u8())
  }
  return readComposite(reader, opcode)
}

/** The prefixes of the proposals for shared types and for descriptors change nothing that matters here. */
function readComposite(reader: ByteReader, prefixed: number): CoreType {
  let opcode = prefixed
  if (opcode === 0x65) opcode = reader.u8()
  for (const prefix of [0x4c, 0x4d]) {
    if (opcode !== prefix) continue
    reader.u32()
    opcode = reader.u8()
  }
  switch (opcode) {
    case 0x60:
      return {
        kind: 'func',
        parameters: reader.vector(() => readValueType(reader)),
        results: reader.vector(() => readValueType(reader)),
      }
    case 0x5e:
      readField(reader)
      return { kind: 'other' }
    case 0x5f:
      reader.vector(() => readField(reader))
      return { kind: 'other' }
    case 0x5d:
      readHeapType(reader)
      return { kind: 'other' }
    default:
      throw reader.unknown('core type', opcode)
  }
}

function readField(reader: ByteReader): void {
  const packed = reader.peek()
  if (packed === 0x78 || packed === 0x77) reader.u8()
  else readValueType(reader)
  reader.u8()
}

function readValueType(reader: ByteReader): string {
  const byte = reader.u8()
  const plain = valueTypes[byte]
  if (plain !== undefined) return plain
  if (byte === 0x63 || byte === 0x64) return `(ref ${byte === 0x63 ? 'null ' : ''}${readHeapType(reader)})`
  if (byte === 0x65) return `shared ${readValueType(reader)}`
  throw reader.unknown('core value type', byte)
}

/** An abstract type as its negative number, a defined one as its index. */
function readHeapType(reader: ByteReader): string {
  const prefix = reader.peek()
  if (prefix !== 0x65 && prefix !== 0x62) return String(reader.s33())
  reader.u8()
  return prefix === 0x65 ? `shared ${reader.s33()}` : `exact ${reader.u32()}`
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
    else if (declarator === 0x01) readCoreTypes(reader, (type) => types.push(type))
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
      return readTableType(reader)
    case 0x02:
      return readMemoryType(reader)
    case 0x03:
      return readGlobalType(reader)
    case 0x04:
      return readTagType(reader, types)
    default:
      throw reader.unknown('kind of a core import or export', kind)
  }
}

export function readTableType(reader: ByteReader): CoreExternType {
  const element = readValueType(reader)
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

export function readGlobalType(reader: ByteReader): CoreExternType {
  const type = readValueType(reader)
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
