import { describe, expect, it } from 'vitest'
import type { LogLine, RequestRecord } from '../../src-preload/contract.ts'
import { RecordStore } from './records.ts'

const recordOf = (id: string, state: RequestRecord['state']): RequestRecord => ({
  id,
  handler: 'hello',
  method: 'GET',
  target: '/ä',
  time: 1,
  state,
  requestBytes: 0,
  responseBytes: 3,
  spans: [{ name: 'guest', start: 0, duration: 1.5 }],
})

describe('the record of requests', () => {
  it('tells each record and keeps it as it was told', () => {
    const told: RequestRecord[] = []
    const store = new RecordStore({ onRecords: (records) => told.push(...records) })
    store.put(recordOf('a', 'active'))
    store.put(recordOf('b', 'done'))
    store.tell()
    expect(told).toEqual([recordOf('a', 'active'), recordOf('b', 'done')])
    expect(store.history().records).toEqual(told)
    // It may still change after it was over and told.
    store.put(recordOf('b', 'failed'))
    store.tell()
    expect(store.history().records).toEqual([recordOf('a', 'active'), recordOf('b', 'failed')])
  })

  it('forgets the oldest that are over, and none that is under way', () => {
    const store = new RecordStore({})
    for (let at = 0; at < 3000; at++) store.put(recordOf(`over-${at}`, 'done'))
    store.tell()
    store.put(recordOf('busy', 'active'))
    for (let at = 3000; at < 9000; at++) store.put(recordOf(`over-${at}`, 'done'))
    expect(store.has('over-0')).toBe(false)
    expect(store.has('busy')).toBe(true)
    expect(store.has('over-8999')).toBe(true)
  })

  it('keeps the last ten thousand lines in order, told or not', () => {
    const told: LogLine[] = []
    const store = new RecordStore({ onLines: (lines) => told.push(...lines) })
    for (let at = 0; at < 12_345; at++) {
      store.line('hello', undefined, 'stdout', `line ${at}`)
      if (at % 500 === 0) store.tell()
    }
    const { lines } = store.history()
    expect(lines.length).toBe(10_000)
    expect(lines[0]?.text).toBe('line 2345')
    expect(lines.at(-1)?.text).toBe('line 12344')
    expect(told.length).toBe(12_001)
    store.tell()
  })

  it('puts output together to lines: whole ones at once, parts when the rest is there', () => {
    const told: LogLine[] = []
    const store = new RecordStore({ onLines: (lines) => told.push(...lines) })
    const write = (text: string | Buffer): void => store.output('hello', 'r', 'stdout', Buffer.from(text))
    write('whole\n')
    write('windows\r\n')
    write('\n')
    const snowman = Buffer.from('half ☃\n')
    write(snowman.subarray(0, 6))
    write(snowman.subarray(6))
    write('two\nlines\nand a rest')
    store.flush('hello', 'r')
    store.tell()
    expect(told.map(({ text }) => text)).toEqual(['whole', 'windows', '', 'half ☃', 'two', 'lines', 'and a rest'])
  })
})
