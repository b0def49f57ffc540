import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { difference } from './difference.ts'

const apply = (text: string, { start, end, insert }: ReturnType<typeof difference>): string =>
  text.slice(0, start) + insert + text.slice(end)

describe('the difference of two texts', () => {
  it('is what changed and nothing around it', () => {
    expect(difference('let a = 1;', 'let ab = 1;')).toEqual({ start: 5, end: 5, insert: 'b' })
    expect(difference('same', 'same')).toEqual({ start: 4, end: 4, insert: '' })
    expect(difference('aa', 'aaa')).toEqual({ start: 2, end: 2, insert: 'a' })
    expect(difference('a\u{1f600}b', 'a\u{1f601}b')).toEqual({ start: 1, end: 3, insert: '\u{1f601}' })
  })
  it('turns the one into the other', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '\n', '\u{1f600}', '\u{1f601}'), maxLength: 12 })
    fc.assert(
      fc.property(text, text, (before, after) => {
        expect(apply(before, difference(before, after))).toBe(after)
      }),
      { numRuns: 500, seed: 5 },
    )
  })
})
