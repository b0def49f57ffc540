/**
 * Caps the memory a core module may grow to, by lowering the maximum in its memory section: `memory.grow` past it answers
 * -1, as the specification has it. Everything else of the module stays as it is.
 */
import { ByteReader } from '../../src-engine/binary/reader.ts'
import { ByteWriter } from '../../src-engine/binary/writer.ts'
import { fail } from '../../src-engine/error.ts'
import { sectionBytes, sectionIds, sectionsOf } from './direct/module-sections.ts'

const pageBytes = 65536

/** The module (itself, or a copy) with no memory of its own allowed beyond `limit` bytes. Throws `runtime.memory` for one that starts larger. */
export function limitMemory(bytes: Uint8Array<ArrayBuffer>, limit: number): Uint8Array<ArrayBuffer> {
  const section = sectionsOf(bytes).find(({ id }) => id === sectionIds.memory)
  if (!section) return bytes
  const pages = Math.max(1, Math.floor(limit / pageBytes))
  const reader = new ByteReader(bytes, section.start, section.end, 'memory section')
  const payload = new ByteWriter().vector(
    reader.vector(() => capped(reader, pages, limit)),
    (memory, out) => out.raw(memory),
  )
  const body = sectionBytes(sectionIds.memory, payload.finish())
  const result = new Uint8Array(bytes.length - (section.end - section.header) + body.length)
  result.set(bytes.subarray(0, section.header))
  result.set(body, section.header)
  result.set(bytes.subarray(section.end), section.header + body.length)
  return result
}

/** One memory type as it is to be. Those of 64-bit or odd page sizes are left alone: their limits count differently and no 0.2 guest has them. */
function capped(reader: ByteReader, pages: number, limit: number): Uint8Array {
  const start = reader.at
  const flags = reader.u32()
  if (flags & (4 | 8)) {
    for (let numbers = 1 + (flags & 1) + ((flags & 8) >> 3); numbers > 0; numbers--) while (reader.u8() >= 0x80);
    return reader.bytes.subarray(start, reader.at)
  }
  const minimum = reader.u32()
  const maximum = flags & 1 ? reader.u32() : pages
  if (minimum > pages) throw tooLarge(minimum, limit)
  return new ByteWriter()
    .u32(flags | 1)
    .u32(minimum)
    .u32(Math.min(maximum, pages))
    .finish()
}

function tooLarge(pages: number, limit: number): Error {
  const mebibytes = (bytes: number): string => `${Math.ceil((bytes / 1024 / 1024) * 10) / 10} MiB`
  const message = `The component needs ${mebibytes(pages * pageBytes)} of memory to start, and the limit is ${mebibytes(limit)}`
  return fail('runtime.memory', message, { hint: 'Raise the memory limit of the handler' })
}
