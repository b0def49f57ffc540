/**
 * Looks through the code of a core module for what a snapshot of memories and globals cannot undo: changes of tables,
 * dropped segments. Code it cannot read counts as such. (Core specification, 5.4.)
 */

/** Thrown inside: an instruction that cannot be undone, or one that is not known. */
export class Unsafe extends Error {}

/** True when every function of the code section changes nothing but memories and globals. `start … end` is its payload. */
export function isRestorable(bytes: Uint8Array, start: number, end: number): boolean {
  try {
    const scanner = new Scanner(bytes, start)
    for (let left = scanner.u32(); left > 0; left--) {
      const size = scanner.u32()
      const stop = scanner.at + size
      scanner.body(stop)
      if (scanner.at !== stop) return false
    }
    return scanner.at === end
  } catch (thrown) {
    if (thrown instanceof Unsafe) return false
    throw thrown
  }
}

/** What follows the opcode: nothing, a number, alignment and offset; everything else is looked at one by one. */
const shape = { other: 0, bare: 1, number: 2, memory: 3 } as const
const shapes = shapesOfOpcodes()

function shapesOfOpcodes(): Uint8Array {
  const found = new Uint8Array(256)
  found.fill(shape.bare, 0x45, 0xc5)
  found.fill(shape.memory, 0x28, 0x3f)
  found.fill(shape.number, 0x20, 0x26)
  for (const opcode of [0x00, 0x01, 0x05, 0x0a, 0x0b, 0x0f, 0x19, 0x1a, 0x1b, 0xd1]) found[opcode] = shape.bare
  const numbers = [0x02, 0x03, 0x04, 0x06, 0x07, 0x08, 0x09, 0x0c, 0x0d, 0x10, 0x12, 0x18, 0x3f, 0x41, 0x42, 0xd0, 0xd2]
  for (const opcode of numbers) found[opcode] = shape.number
  return found
}

/** Steps through code, instruction by instruction. Throws {@link Unsafe}. */
export class Scanner {
  readonly #bytes: Uint8Array
  at: number
  /** Hears where each `memory.grow` of the first memory stands. */
  onGrow: (start: number, end: number) => void = () => {}

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes
    this.at = at
  }

  byte(): number {
    const byte = this.#bytes[this.at++]
    if (byte === undefined) throw new Unsafe()
    return byte
  }

  u32(): number {
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte()
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return value >>> 0
    }
    throw new Unsafe()
  }

  /** Steps over a number of any width. */
  skip(count = 1): void {
    for (let left = count; left > 0; left--) while (this.byte() >= 0x80);
  }

  valueType(): void {
    const byte = this.byte()
    if (byte === 0x63 || byte === 0x64) this.skip()
  }

  memoryArgument(): void {
    const alignment = this.u32()
    if (alignment & 0x40) this.skip()
    this.skip()
  }

  body(stop: number): void {
    for (let left = this.u32(); left > 0; left--) {
      this.skip()
      this.valueType()
    }
    this.#instructions(stop)
  }

  /**
   * The common ones without a call for each: there are millions of them in a large module. Where the bytes end too soon the
   * position runs past `stop`, which whoever asked for the body notices.
   */
  #instructions(stop: number): void {
    const bytes = this.#bytes
    let at = this.at
    while (at < stop) {
      const opcode = bytes[at++] ?? 0
      switch (shapes[opcode]) {
        case shape.bare:
          continue
        case shape.memory:
          if (((bytes[at] ?? 0) & 0x40) !== 0) {
            // A memory index stands between the two.
            while ((bytes[at++] ?? 0) >= 0x80);
          }
          while ((bytes[at++] ?? 0) >= 0x80);
          while ((bytes[at++] ?? 0) >= 0x80);
          continue
        case shape.number:
          while ((bytes[at++] ?? 0) >= 0x80);
          continue
      }
      this.at = at
      this.#other(opcode)
      at = this.at
    }
    this.at = at
  }

  #other(opcode: number): void {
    switch (opcode) {
      case 0x40: {
        const start = this.at - 1
        if (this.u32() === 0) this.onGrow(start, this.at)
        return
      }
      case 0x0e:
        return this.skip(this.u32() + 1)
      case 0x11:
      case 0x13:
        return this.skip(2)
      case 0x1c:
        for (let left = this.u32(); left > 0; left--) this.valueType()
        return
      case 0x1f:
        this.skip()
        for (let left = this.u32(); left > 0; left--) this.skip(this.byte() <= 1 ? 2 : 1)
        return
      case 0x43:
        this.at += 4
        return
      case 0x44:
        this.at += 8
        return
      case 0xfc:
        return this.bulk(this.u32())
      case 0xfd:
        return this.vector(this.u32())
      default:
        throw new Unsafe()
    }
  }

  bulk(opcode: number): void {
    if (opcode <= 7 || (opcode >= 19 && opcode <= 22)) return
    if (opcode === 8 || opcode === 10) return this.skip(2)
    if (opcode === 11 || opcode === 16) return this.skip()
    throw new Unsafe()
  }

  vector(opcode: number): void {
    if (opcode <= 11 || opcode === 92 || opcode === 93) return this.memoryArgument()
    if (opcode === 12 || opcode === 13) {
      this.at += 16
    } else if (opcode >= 21 && opcode <= 34) {
      this.at += 1
    } else if (opcode >= 84 && opcode <= 91) {
      this.memoryArgument()
      this.at += 1
    } else if (opcode > 0x113) throw new Unsafe()
  }
}
