import { ByteReader } from '../../../src-engine/binary/reader.ts'
import { fail } from '../../../src-engine/error.ts'
import { sectionIds, sectionsOf } from './module-sections.ts'

/** Module, name and kind (0 function, 1 table, 2 memory, 3 global, 4 tag) of every import of a core module, in order. */
export function coreImports(
  bytes: Uint8Array,
  range: { readonly start: number; readonly end: number } | undefined,
): [string, string, number][] {
  if (!range) return []
  const imports: [string, string, number][] = []
  for (const { id, start, end } of sectionsOf(bytes, range.start, range.end)) {
    if (id !== sectionIds.import) continue
    const body = new ByteReader(bytes, start, end, 'import section of a core module')
    for (let left = body.count(); left > 0; left--) {
      imports.push([body.name(), body.name(), body.peek()])
      skipImport(body)
    }
  }
  return imports
}

function skipImport(reader: ByteReader): void {
  const kind = reader.u8()
  if (kind === 0x00) reader.u32()
  else if (kind === 0x01) {
    skipValueType(reader)
    skipLimits(reader)
  } else if (kind === 0x02) skipLimits(reader)
  else if (kind === 0x03) {
    skipValueType(reader)
    reader.u8()
  } else if (kind === 0x04) {
    reader.u8()
    reader.u32()
  } else throw fail('runtime.direct', `core import kind ${kind} is not known to the direct engine`)
}

function skipValueType(reader: ByteReader): void {
  const byte = reader.u8()
  if (byte === 0x63 || byte === 0x64) reader.s33()
}

function skipLimits(reader: ByteReader): void {
  const flags = reader.u8()
  if (flags > 3) throw fail('runtime.direct', '64-bit memories are not known to the direct engine')
  reader.u32()
  if (flags & 1) reader.u32()
}
