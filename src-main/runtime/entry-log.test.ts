import { expect, it } from 'vitest'
import { EntryLog } from './entry-log.ts'

const append = (log: EntryLog, text: string): void =>
  log.append(text.length, (bytes, at) => at + bytes.write(text, at, 'latin1'))
const textsFrom = (log: EntryLog, first: number): string[] => [...log.from(first)].map((bytes) => bytes.toString())

it('keeps the last entries as they were, however often its memory was used before', () => {
  const log = new EntryLog(100, 1e9)
  const written = Array.from({ length: 5000 }, (_, at) => `${at}:${'x'.repeat((at * 7919) % 3000)}`)
  // One that no block has room for stands among them.
  written[4960] = `4960:${'y'.repeat(300_000)}`
  for (const text of written) append(log, text)
  expect(log.end).toBe(5000)
  expect(textsFrom(log, 4900)).toEqual(written.slice(4900))
  expect(textsFrom(log, 0).length).toBeGreaterThanOrEqual(100)
})

it('gives up the oldest when they are too many bytes', () => {
  const log = new EntryLog(1000, 300_000)
  for (let at = 0; at < 50; at++) append(log, `${at}:${'z'.repeat(100_000)}`)
  const kept = textsFrom(log, 0)
  expect(kept.length).toBeLessThan(8)
  expect(kept.at(-1)).toMatch(/^49:z+$/)
})
