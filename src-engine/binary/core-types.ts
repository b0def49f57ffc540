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
}

/** Reads one definition of a core type section of a component; a `rec` group adds several. (Binary.md, "Core Definitions".) */
export function readCoreTypes(reader: ByteReader, add: (type: CoreType) => void): void {
  const opcode = reader.u8()
  if (opcode === 0x50) {
    add(readModuleType(reader))
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

function readComposite(reader: ByteReader, opcode: number): CoreType {
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
  if (byte === 0x63 || byte === 0x64) return `(ref ${byte === 0x63 ? 'null ' : ''}${reader.s33()})`
  throw reader.unknown('core value type', byte)
}

function readModuleType(reader: ByteReader): CoreModuleType {
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
      reader.u32()
      reader.u32()
      types.push({ kind: 'other' })
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
    case 0x01: {
      const element = readValueType(reader)
      return { kind: 'table', element, ...readLimits(reader) }
    }
    case 0x02: {
      const { minimum, maximum, is64, shared } = readLimits(reader)
      return maximum === undefined
        ? { kind: 'memory', minimum, is64, shared }
        : { kind: 'memory', minimum, maximum, is64, shared }
    }
    case 0x03: {
      const type = readValueType(reader)
      return { kind: 'global', type, mutable: reader.u8() === 1 }
    }
    case 0x04: {
      reader.u8()
      const type = types[reader.u32()]
      return { kind: 'tag', parameters: type?.kind === 'func' ? type.parameters : [] }
    }
    default:
      throw reader.unknown('kind of a core import or export', kind)
  }
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
