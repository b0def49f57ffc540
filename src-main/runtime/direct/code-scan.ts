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
    while (this.at < stop) this.instruction()
  }

  instruction(): void {
    const opcode = this.byte()
    if (opcode >= 0x45 && opcode <= 0xc4) return
    if (opcode >= 0x28 && opcode <= 0x3e) return this.memoryArgument()
    if (opcode >= 0x20 && opcode <= 0x25) return this.skip()
    switch (opcode) {
      case 0x00:
      case 0x01:
      case 0x05:
      case 0x0a:
      case 0x0b:
      case 0x0f:
      case 0x19:
      case 0x1a:
      case 0x1b:
      case 0xd1:
        return
      case 0x02:
      case 0x03:
      case 0x04:
      case 0x06:
      case 0x07:
      case 0x08:
      case 0x09:
      case 0x0c:
      case 0x0d:
      case 0x10:
      case 0x12:
      case 0x18:
      case 0x3f:
      case 0x41:
      case 0x42:
      case 0xd0:
      case 0xd2:
        return this.skip()
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
