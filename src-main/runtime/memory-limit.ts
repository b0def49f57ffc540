/**
 * Caps the memory a core module may grow to, by lowering the maximum in its memory section: `memory.grow` past it answers
 * -1, as the specification has it. Everything else of the module stays as it is.
 */

import { fail } from '../../src-engine/error.ts'

const pageBytes = 65536

/** The module (itself, or a copy) with no memory of its own allowed beyond `limit` bytes. Throws `runtime.memory` for one that starts larger. */
export function limitMemory(bytes: Uint8Array<ArrayBuffer>, limit: number): Uint8Array<ArrayBuffer> {
  const section = findSection(bytes, 5)
  if (!section) return bytes
  const pages = Math.max(1, Math.floor(limit / pageBytes))
  const reader = { at: section.start }
  const count = readVar(bytes, reader)
  const out: number[] = [...writeVar(count)]
  for (let index = 0; index < count; index++) {
    const flags = readVar(bytes, reader)
    const minimum = readVar(bytes, reader)
    const maximum = flags & 1 ? readVar(bytes, reader) : undefined
    const pageSize = flags & 8 ? readVar(bytes, reader) : undefined
    // Memories of 64-bit or odd page sizes are left alone: their limits count differently and no 0.2 guest has them.
    if (!(flags & (4 | 8)) && minimum > pages) throw tooLarge(minimum, limit)
    const capped = flags & (4 | 8) ? maximum : Math.min(maximum ?? pages, pages)
    out.push(...writeVar(capped === undefined ? flags : flags | 1), ...writeVar(minimum))
    if (capped !== undefined) out.push(...writeVar(capped))
    if (pageSize !== undefined) out.push(...writeVar(pageSize))
  }
  const head = bytes.subarray(0, section.header)
  const body = Uint8Array.from([5, ...writeVar(out.length), ...out])
  const result = new Uint8Array(head.length + body.length + bytes.length - section.end)
  result.set(head)
  result.set(body, head.length)
  result.set(bytes.subarray(section.end), head.length + body.length)
  return result
}

function tooLarge(pages: number, limit: number): Error {
  const mebibytes = (bytes: number): string => `${Math.ceil((bytes / 1024 / 1024) * 10) / 10} MiB`
  const message = `The component needs ${mebibytes(pages * pageBytes)} of memory to start, and the limit is ${mebibytes(limit)}`
  return fail('runtime.memory', message, { hint: 'Raise the memory limit of the handler' })
}

interface Section {
  /** Offset of the section's id. */
  readonly header: number
  readonly start: number
  readonly end: number
}

function findSection(bytes: Uint8Array, wanted: number): Section | undefined {
  const reader = { at: 8 }
  while (reader.at < bytes.length) {
    const header = reader.at
    const id = bytes[reader.at++]
    const size = readVar(bytes, reader)
    const end = reader.at + size
    if (end > bytes.length) return undefined
    if (id === wanted) return { header, start: reader.at, end }
    reader.at = end
  }
  return undefined
}

/** Unsigned LEB128; bytes past the end read as zero, the compiler finds what is wrong with them. */
function readVar(bytes: Uint8Array, reader: { at: number }): number {
  let value = 0
  for (let shift = 0; shift < 53; shift += 7) {
    const byte = bytes[reader.at++] ?? 0
    value += (byte & 0x7f) * 2 ** shift
    if (byte < 0x80) break
  }
  return value
}

function writeVar(value: number): number[] {
  const out: number[] = []
  let rest = value
  while (rest >= 0x80) {
    out.push((rest % 0x80) | 0x80)
    rest = Math.floor(rest / 0x80)
  }
  out.push(rest)
  return out
}
