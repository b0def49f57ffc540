import { describe, expect, it } from 'vitest'
import type { RequestRecord } from '../../../src-preload/contract.ts'
import { RecordStore } from '../records.ts'

const record = (id: string, rest: Partial<RequestRecord> = {}): RequestRecord => ({
  id,
  handler: 'api',
  method: 'GET',
  target: '/',
  time: 0,
  state: 'done',
  requestBytes: 0,
  responseBytes: 0,
  spans: [],
  ...rest,
})
const ids = (store: RecordStore): string[] => store.history().records.map(({ id }) => id)

describe('what is kept of requests', () => {
  it('is bounded in number, never losing what is under way', () => {
    const store = new RecordStore({})
    store.finish(record('old'))
    store.begin(record('under-way', { state: 'active' }))
    for (let number = 0; number < 2500; number++) store.finish(record(`n${number}`))
    store.tell()
    expect(ids(store)).toContain('under-way')
    expect(ids(store)).toContain('n2499')
    expect(ids(store)).not.toContain('old')
  })

  it('is bounded in size', () => {
    const store = new RecordStore({})
    const requestHeaders = ['X-Long', 'x'.repeat(1_000_000)]
    for (let number = 0; number < 60; number++) {
      store.finish(record(`n${number}`, { requestHeaders }))
      store.tell()
    }
    expect(ids(store).length).toBeLessThan(40)
    expect(ids(store).at(-1)).toBe('n59')
    expect(ids(store).length).toBeGreaterThan(25)
  })

  it('keeps the newest lines within a size', () => {
    const store = new RecordStore({})
    for (let number = 0; number < 6000; number++) {
      store.line('api', undefined, 'stdout', `${number} ${'y'.repeat(8000)}`)
      if (number % 100 === 99) store.tell()
    }
    const { lines } = store.history()
    expect(lines.length).toBeLessThan(5000)
    expect(lines.length).toBeGreaterThan(1000)
    expect(lines.at(-1)?.text.startsWith('5999 ')).toBe(true)
  })
})

describe('secrets', () => {
  it('are hidden wherever they stand, also across writes and in pieces of a long line', () => {
    const store = new RecordStore({})
    store.hide(['s3cret-value', 'line one\nline two'])
    const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
    store.output('api', 'r', 'stdout', bytes('a s3cret-'))
    store.output('api', 'r', 'stdout', bytes('value b\n'))
    for (const text of ['x'.repeat(8185), 's3cret', '-value', 'y'.repeat(9000), '\n'])
      store.output('api', 'r', 'stderr', bytes(text))
    store.output('api', 'r', 'stdout', bytes('line one\nline two\n'))
    store.finish(
      record('r', {
        target: '/?q=s3cret-value',
        requestHeaders: ['X', 's3cret-value'],
        problem: { code: 'runtime.trap', message: 'because of s3cret-value' },
        spans: [{ name: 'x', start: 0, duration: 0, detail: 's3cret-value' }],
      }),
    )
    const told = JSON.stringify(store.history())
    expect(told).toContain('a •••• b')
    for (const part of ['s3cret-value', 'line one', 'line two']) expect(told).not.toContain(part)
    const long = store.history().lines.filter(({ source }) => source === 'stderr')
    expect(long.map(({ text }) => text).join('')).toBe(`${'x'.repeat(8185)}••••${'y'.repeat(9000)}`)
  })
})
