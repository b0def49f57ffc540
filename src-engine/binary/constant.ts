import type { ByteReader } from './reader.ts'

/** Instructions without immediates: the integer arithmetic of extended constants. */
const arithmetic = new Set([0x6a, 0x6b, 0x6c, 0x7c, 0x7d, 0x7e])
/** One LEB128 immediate: i32.const, i64.const, global.get, ref.null, ref.func. */
const withNumber = new Set([0x41, 0x42, 0x23, 0xd0, 0xd2])
/** Immediates of the instructions behind 0xfb that make garbage-collected values. */
const managed: Readonly<Record<number, number>> = { 0: 1, 1: 1, 6: 1, 7: 1, 8: 2, 26: 0, 27: 0, 28: 0 }

/** Steps over a constant expression, its `end` included. (Core specification 3.3.13, "Constant Expressions".) */
export function skipConstant(reader: ByteReader): void {
  for (;;) {
    const opcode = reader.u8()
    if (opcode === 0x0b) return
    if (withNumber.has(opcode)) skipNumber(reader)
    else if (opcode === 0x43) reader.skip(4)
    else if (opcode === 0x44) reader.skip(8)
    else if (opcode === 0xfd) {
      if (reader.u32() !== 0x0c) throw reader.unknown('vector instruction in a constant', opcode)
      reader.skip(16)
    } else if (opcode === 0xfb) {
      const immediates = managed[reader.u32()]
      if (immediates === undefined) throw reader.unknown('instruction in a constant', opcode)
      for (let index = 0; index < immediates; index++) skipNumber(reader)
    } else if (!arithmetic.has(opcode)) throw reader.unknown('instruction in a constant', opcode)
  }
}

function skipNumber(reader: ByteReader): void {
  while (reader.u8() >= 0x80);
}
