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
  it('tells each record when it began, changed and was over, and keeps it as it was told', () => {
    const told: RequestRecord[] = []
    const finished: RequestRecord[] = []
    const store = new RecordStore({
      onRecords: (records) => told.push(...records),
      onFinished: (record) => finished.push(record),
    })
    const slow = recordOf('a', 'active')
    const quick = recordOf('b', 'active')
    store.begin(slow)
    store.begin(quick)
    store.finish({ ...quick, state: 'done' })
    store.finish(recordOf('c', 'failed'))
    store.tell()
    expect(finished.map(({ id }) => id)).toEqual(['b', 'c'])
    expect(told).toHaveLength(4)
    expect(told.slice(0, 2)).toEqual([recordOf('b', 'done'), recordOf('c', 'failed')])
    store.tell()
    expect(told).toHaveLength(4)
    slow.state = 'done'
    store.change(slow)
    store.tell()
    expect(told.slice(4)).toEqual([recordOf('a', 'done')])
    store.finish(slow)
    store.tell()
    expect(told.slice(5)).toEqual([recordOf('a', 'done')])
    expect(store.history().records.filter(({ id }) => id === 'a')).toEqual([recordOf('a', 'done')])
  })

  it('keeps everything that a record says', () => {
    const store = new RecordStore({})
    const rich: RequestRecord = {
      ...recordOf('rich', 'failed'),
      status: 502,
      duration: 1.25,
      time: Date.now(),
      trace: { id: '1'.repeat(32), span: '2'.repeat(16), parent: '3'.repeat(16) },
      problem: { code: 'runtime.trap', message: 'out of \0 bounds \ud800', hint: '😀' },
      found: { bytes: 3, globals: 0 },
      requestHeaders: ['Host', '', 'X-Ä', 'ü'],
      responseHeaders: [],
      spans: [
        { name: 'guest', start: 0.5, duration: 2, detail: '1.5 MiB' },
        { name: 'GET http://x/', start: 1, duration: 1, parent: 0, id: '4'.repeat(16) },
      ],
    }
    store.finish(rich)
    expect(store.history().records).toEqual([
      { ...rich, problem: { ...rich.problem, message: 'out of \0 bounds \ud800' } },
    ])
  })

  it('forgets the oldest that are over, and none that is under way', () => {
    const store = new RecordStore({})
    for (let at = 0; at < 3000; at++) store.finish({ ...recordOf(`over-${at}`, 'done'), time: at })
    store.begin({ ...recordOf('busy', 'active'), time: 3000 })
    for (let at = 3000; at < 9000; at++) store.finish({ ...recordOf(`over-${at}`, 'done'), time: at })
    const { records } = store.history()
    expect(records).toHaveLength(2001)
    expect(records.map(({ id }) => id).slice(0, 2)).toEqual(['busy', 'over-7000'])
    expect(records.at(-1)?.id).toBe('over-8999')
  })

  it('gives an id that a client chose to one request only', () => {
    const store = new RecordStore({})
    expect(store.claim('mine')).toBe(true)
    expect(store.claim('mine')).toBe(false)
    for (let at = 0; at < 5000; at++) store.claim(`id-${at}`)
    expect(store.claim('id-4999')).toBe(false)
    expect(store.claim('mine')).toBe(true)
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
    expect(told.length).toBe(12_345)
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
