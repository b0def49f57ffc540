import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { StreamTable } from './stream-table.ts'

describe('StreamTable', () => {
  it('keeps a stream that stays open while thousands pass', () => {
    const table = new StreamTable<{ readonly stream: number }>()
    table.set(7, { stream: 7 })
    for (let stream = 8; stream < 5000; stream++) {
      table.set(stream, { stream })
      expect(table.get(stream)).toEqual({ stream })
      table.delete(stream)
      expect(table.get(stream)).toBeUndefined()
    }
    expect(table.values()).toEqual([{ stream: 7 }])
  })

  it('answers like a map, whichever streams stay open', () => {
    // Each step opens as many streams as it says and closes those whose place in the list of open ones it names.
    const step = fc.record({ opened: fc.integer({ min: 0, max: 700 }), closed: fc.array(fc.nat(), { maxLength: 700 }) })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const table = new StreamTable<{ readonly stream: number }>()
        const open = new Map<number, { readonly stream: number }>()
        let next = 1
        for (const { opened, closed } of steps) {
          for (let count = 0; count < opened; count++, next++) {
            const value = { stream: next }
            table.set(next, value)
            open.set(next, value)
          }
          for (const place of closed) {
            const stream = [...open.keys()][place % Math.max(1, open.size)]
            if (stream === undefined) continue
            table.delete(stream)
            open.delete(stream)
          }
        }
        for (let stream = 1; stream < next; stream++) expect(table.get(stream)).toBe(open.get(stream))
        expect(new Set(table.values())).toEqual(new Set(open.values()))
      }),
      { numRuns: 30 },
    )
  })
})
