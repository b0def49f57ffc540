/**
 * Caps the memory a core module may grow to, by lowering the maximum in its memory section: `memory.grow` past it answers
 * -1, as the specification has it. Everything else of the module stays as it is.
 */
import { ByteReader } from '../../src-engine/binary/reader.ts'
import { ByteWriter } from '../../src-engine/binary/writer.ts'
import { fail } from '../../src-engine/error.ts'
import { sectionBytes, sectionIds, sectionsOf, type ModuleSection } from './direct/module-sections.ts'

const pageBytes = 65536
/** What memories of 32-bit addresses may have. */
const mostPages = 65536

/**
 * Gives `use` the module with no memory of its own allowed beyond `limit` bytes, and answers what that answers. One that
 * has room for the limit ({@link memoriesWithRoom}) is changed in place and put back when `use` returns, others are copied.
 * Throws `runtime.memory` for one that starts larger.
 */
export function withLimit<Result>(
  bytes: Uint8Array<ArrayBuffer>,
  limit: number,
  use: (limited: Uint8Array<ArrayBuffer>) => Result,
): Result {
  const section = sectionsOf(bytes).find(({ id }) => id === sectionIds.memory)
  if (!section) return use(bytes)
  const pages = Math.max(1, Math.floor(limit / pageBytes))
  const body = sectionBytes(
    sectionIds.memory,
    memoriesOf(bytes, section, (memory) => capped(memory, pages, limit)),
  )
  const length = section.end - section.header
  if (body.length === length) {
    // A copy also of a Buffer, whose own slice is none.
    const before = Uint8Array.from(bytes.subarray(section.header, section.end))
    bytes.set(body, section.header)
    try {
      return use(bytes)
    } finally {
      bytes.set(before, section.header)
    }
  }
  const limited = new Uint8Array(bytes.length - length + body.length)
  limited.set(bytes.subarray(0, section.header))
  limited.set(body, section.header)
  limited.set(bytes.subarray(section.end), section.header + body.length)
  return use(limited)
}

/** Payload of the module's memory section with a place in it for any limit; undefined for one that has no memory of its own. */
export function memoriesWithRoom(bytes: Uint8Array): Uint8Array | undefined {
  const section = sectionsOf(bytes).find(({ id }) => id === sectionIds.memory)
  return section && memoriesOf(bytes, section, (memory) => capped(memory, mostPages, mostPages * pageBytes))
}

const memoriesOf = (
  bytes: Uint8Array,
  { start, end }: ModuleSection,
  change: (reader: ByteReader) => Uint8Array,
): Uint8Array => {
  const reader = new ByteReader(bytes, start, end, 'memory section')
  return new ByteWriter()
    .vector(
      reader.vector(() => change(reader)),
      (memory, out) => out.raw(memory),
    )
    .finish()
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
    .raw(fixed(Math.min(maximum, pages)))
    .finish()
}

/** As long for every number: 5 bytes of LEB128. */
const fixed = (value: number): Uint8Array =>
  Uint8Array.from([0, 7, 14, 21, 28], (shift) => ((value >>> shift) & 0x7f) | (shift < 28 ? 0x80 : 0))

function tooLarge(pages: number, limit: number): Error {
  const mebibytes = (bytes: number): string => `${Math.ceil((bytes / 1024 / 1024) * 10) / 10} MiB`
  const message = `The component needs ${mebibytes(pages * pageBytes)} of memory to start, and the limit is ${mebibytes(limit)}`
  return fail('runtime.memory', message, { hint: 'Raise the memory limit of the handler' })
}
