import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PatchbayError } from '../error.ts'
import { ByteReader } from './reader.ts'
import { ByteWriter, ChunkedOutput } from './writer.ts'

const problemOf = (read: () => unknown) => {
  try {
    read()
  } catch (thrown) {
    if (thrown instanceof PatchbayError) return thrown.problem
    throw thrown
  }
  return undefined
}

describe('bytes', () => {
  it('come back as they were written', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 0xffffffff }),
        fc.integer({ min: -(2 ** 32), max: 2 ** 32 - 1 }),
        fc.string({ unit: 'grapheme' }),
        (unsigned, signed, text) => {
          const reader = new ByteReader(new ByteWriter().u32(unsigned).s33(signed).name(text).finish())
          expect([reader.u32(), reader.s33(), reader.name(), reader.done]).toEqual([unsigned, signed, text, true])
        },
      ),
    )
  })

  it.each([
    [0, [0x00]],
    [127, [0x7f]],
    [128, [0x80, 0x01]],
    [624485, [0xe5, 0x8e, 0x26]],
    [0xffffffff, [0xff, 0xff, 0xff, 0xff, 0x0f]],
  ])('write %d in the shortest form', (value, expected) => {
    expect([...new ByteWriter().u32(value).finish()]).toEqual(expected)
  })

  it.each([
    [-1, [0x7f]],
    [63, [0x3f]],
    [64, [0xc0, 0x00]],
    [-64, [0x40]],
    [-65, [0xbf, 0x7f]],
    [-123456, [0xc0, 0xbb, 0x78]],
  ])('write %d signed in the shortest form', (value, expected) => {
    expect([...new ByteWriter().s33(value).finish()]).toEqual(expected)
  })

  it.each([
    ['a number beyond 32 bits', [0xff, 0xff, 0xff, 0xff, 0x1f], 'input.malformed', 0],
    ['a number that never ends', [0x80, 0x80, 0x80, 0x80, 0x80, 0x80], 'input.malformed', 0],
    ['a number cut off', [0x80, 0x80], 'input.truncated', 2],
    ['nothing', [], 'input.truncated', 0],
  ] as const)('refuse %s', (_title, bytes, code, offset) => {
    expect(problemOf(() => new ByteReader(Uint8Array.from(bytes)).u32())).toMatchObject({ code, where: { offset } })
  })

  it.each([
    ['beyond 33 bits', [0xff, 0xff, 0xff, 0xff, 0x2f]],
    ['without end', [0x80, 0x80, 0x80, 0x80, 0x80, 0x00]],
  ])('refuse a signed number %s', (_title, bytes) => {
    expect(problemOf(() => new ByteReader(Uint8Array.from(bytes)).s33())?.code).toBe('input.malformed')
  })

  it('refuse names that are no text, too long or cut off', () => {
    expect(problemOf(() => new ByteReader(Uint8Array.of(2, 0xc3, 0x28)).name())).toMatchObject({
      code: 'input.malformed',
      where: { offset: 1 },
    })
    expect(problemOf(() => new ByteReader(Uint8Array.of(5, 0x61)).name())?.code).toBe('input.truncated')
    const long = new ByteWriter().name('a'.repeat(100_001)).finish()
    expect(problemOf(() => new ByteReader(long).name())?.code).toBe('input.limit')
  })

  it('are never allocated by a count that the file only claims', () => {
    const reader = new ByteReader(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0))
    expect(problemOf(() => reader.vector(() => reader.u8()))).toMatchObject({
      code: 'input.truncated',
      message: '4294967295 items are announced where 2 bytes are left',
    })
  })

  it('make sections, and join pieces once', () => {
    const section = new ByteWriter().section(7, (body) => body.vector([1, 2], (item, writer) => writer.u8(item)))
    expect([...section.finish()]).toEqual([7, 3, 2, 1, 2])
    const output = new ChunkedOutput().push(Uint8Array.of(1)).push(new Uint8Array(0)).push(Uint8Array.of(2, 3))
    expect([output.length, ...output.join()]).toEqual([3, 1, 2, 3])
  })
})
