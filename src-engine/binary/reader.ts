import { fail, type PatchbayError } from '../error.ts'

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Bytes of one name; the validator of wasm-tools allows the same. */
const nameLimit = 100_000

const incomplete = 'It may have been copied or downloaded only in part: fetch or build it again.'

/** A cursor over a range of a file. Offsets in its errors count from the start of the file. */
export class ByteReader {
  readonly bytes: Uint8Array
  readonly end: number
  /** What is being read, for the errors: «import section». */
  readonly what: string
  at: number

  constructor(bytes: Uint8Array, start = 0, end = bytes.length, what = 'file') {
    this.bytes = bytes
    this.at = start
    this.end = end
    this.what = what
  }

  get done(): boolean {
    return this.at >= this.end
  }

  u8(): number {
    const byte = this.at < this.end ? this.bytes[this.at] : undefined
    if (byte === undefined) throw this.truncated(this.at)
    this.at++
    return byte
  }

  /** The next byte without taking it. */
  peek(): number {
    const byte = this.at < this.end ? this.bytes[this.at] : undefined
    if (byte === undefined) throw this.truncated(this.at)
    return byte
  }

  /** Unsigned LEB128 of at most 32 bits. (Core specification 5.2.2.) */
  u32(): number {
    const start = this.at
    let result = 0
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.u8()
      if (shift === 28 && byte > 0x0f) throw this.error('input.malformed', 'a number does not fit 32 bits', start)
      result |= (byte & 0x7f) << shift
      if (byte < 0x80) return result >>> 0
    }
    throw this.error('input.malformed', 'a number is longer than its type allows', start)
  }

  /** Signed LEB128 of 33 bits, as type indices are written. */
  s33(): number {
    const start = this.at
    let result = 0
    let scale = 1
    for (let count = 0; count < 5; count++) {
      const byte = this.u8()
      result += (byte & 0x7f) * scale
      scale *= 128
      if (byte >= 0x80) continue
      const value = byte & 0x40 ? result - scale : result
      if (value < -(2 ** 32) || value >= 2 ** 32)
        throw this.error('input.malformed', 'a number does not fit 33 bits', start)
      return value
    }
    throw this.error('input.malformed', 'a number is longer than its type allows', start)
  }

  /** Number of items of a vector; refused when the rest of the range could not hold them, so nothing is allocated by a lie. */
  count(): number {
    const start = this.at
    const count = this.u32()
    if (count > this.end - this.at)
      throw this.error(
        'input.truncated',
        `${count} items are announced where ${this.end - this.at} bytes are left`,
        start,
      )
    return count
  }

  /** Reads a vector. */
  vector<Item>(item: (index: number) => Item): Item[] {
    const count = this.count()
    const items: Item[] = []
    for (let index = 0; index < count; index++) items.push(item(index))
    return items
  }

  /** A UTF-8 name with its length before it. */
  name(): string {
    const length = this.u32()
    const start = this.at
    this.skip(length)
    if (length > nameLimit)
      throw this.error('input.limit', `a name is ${length} bytes long, more than ${nameLimit}`, start)
    try {
      return decoder.decode(this.bytes.subarray(start, this.at))
    } catch {
      throw this.error('input.malformed', 'a name is not UTF-8', start)
    }
  }

  skip(length: number): void {
    if (length > this.end - this.at) throw this.truncated(this.end)
    this.at += length
  }

  /** A reader over the next `length` bytes, which this one steps over. */
  slice(length: number, what: string): ByteReader {
    const start = this.at
    if (length > this.end - start) {
      throw this.error(
        'input.truncated',
        `the ${what} is ${length} bytes long, but only ${this.end - start} are left`,
        start,
        incomplete,
      )
    }
    this.at += length
    return new ByteReader(this.bytes, start, start + length, what)
  }

  /** Checks that a section was read to its last byte. */
  expectEnd(): void {
    if (this.at < this.end)
      throw this.error(
        'input.malformed',
        `${this.end - this.at} bytes are left over at the end of the ${this.what}`,
        this.at,
      )
  }

  unknown(what: string, opcode: number): PatchbayError {
    return this.error(
      'input.unknown-opcode',
      `unknown ${what} 0x${opcode.toString(16).padStart(2, '0')} in the ${this.what}`,
      this.at - 1,
      'The file may come from a newer toolchain than this version of Patchbay knows.',
    )
  }

  truncated(offset: number): PatchbayError {
    return this.error('input.truncated', `the file ends inside the ${this.what}`, offset, incomplete)
  }

  error(code: `input.${string}`, message: string, offset: number, hint?: string): PatchbayError {
    return fail(code, message, hint === undefined ? { where: { offset } } : { where: { offset }, hint })
  }
}
