import { describe, expect, it } from 'vitest'
import type { LogLine, RequestRecord } from '../../src-preload/contract.ts'
import { type ConsoleFilter, type ConsoleOrder, consoleRows, everything, hasFailed, spanBars } from './rows.ts'

const record = (id: string, time: number, rest: Partial<RequestRecord> = {}): RequestRecord => ({
  id,
  handler: 'hello',
  method: 'GET',
  target: `/${id}`,
  time,
  state: 'done',
  status: 200,
  duration: 4,
  requestBytes: 0,
  responseBytes: 5,
  spans: [],
  ...rest,
})
const line = (sequence: number, time: number, text: string, rest: Partial<LogLine> = {}): LogLine => ({
  sequence,
  time,
  handler: 'hello',
  source: 'stdout',
  text,
  ...rest,
})

const records = [
  record('a', 10),
  record('b', 20, {
    status: 502,
    state: 'failed',
    problem: { code: 'guest.trap', message: 'hello trapped', hint: 'See the trap.' },
    spans: [{ name: 'guest', start: 0, duration: 4 }],
  }),
  record('c', 30, { handler: 'other', status: 404 }),
]
const lines = [
  line(1, 5, 'starting', { source: 'host' }),
  line(2, 11, 'second of a', { request: 'a' }),
  line(3, 21, 'oh dear', { request: 'b', source: 'stderr' }),
  line(4, 12, 'late line of a', { request: 'a' }),
  line(5, 25, 'unreachable', { request: 'b', source: 'trap' }),
  line(6, 40, 'of a request long gone', { request: 'zzz' }),
]
const shown = (filter: Partial<ConsoleFilter>, open: string[] = []): string[] =>
  consoleRows(records, lines, { ...everything, ...filter }, new Set(open)).map((row) => row.key)

describe('the order', () => {
  const by = (order: ConsoleOrder): string[] =>
    consoleRows(
      [
        record('a', 10, { duration: 9, responseBytes: 5, target: '/c' }),
        record('b', 20, { duration: 40, responseBytes: 5, status: 502, target: '/a' }),
        record('c', 30, { duration: undefined, status: undefined, state: 'active', responseBytes: 7, target: '/b' }),
      ],
      [line(1, 11, 'of a', { request: 'a' }), line(2, 12, 'of none')],
      everything,
      new Set(),
      order,
    ).map(({ key }) => key)

  it('is by any column, either way, each request with what is beneath it; what is under way counts as the longest', () => {
    expect(by({ by: 'duration', descending: true })).toEqual(['request-c', 'request-b', 'request-a', 'line-1'])
    expect(by({ by: 'duration', descending: false })).toEqual(['request-a', 'line-1', 'request-b', 'request-c'])
    expect(by({ by: 'bytes', descending: true })).toEqual(['request-c', 'request-b', 'request-a', 'line-1'])
    expect(by({ by: 'target', descending: false })).toEqual(['request-b', 'request-c', 'request-a', 'line-1'])
    expect(by({ by: 'status', descending: true })).toEqual(['request-c', 'request-b', 'request-a', 'line-1'])
  })
  it('has lines of no request only by time', () => {
    expect(by({ by: 'time', descending: false })).toEqual(['request-a', 'line-1', 'line-2', 'request-b', 'request-c'])
    expect(by({ by: 'time', descending: true })).toEqual(['request-c', 'request-b', 'line-2', 'request-a', 'line-1'])
  })
})

it('a line of the host that only says what the problem says is not said again', () => {
  const failed = record('b', 20, { state: 'failed', problem: { code: 'runtime.timeout', message: 'Too late' } })
  const said = [
    line(1, 21, 'Too late\n', { request: 'b', source: 'host' }),
    line(2, 22, 'Too late', { request: 'b' }),
    line(3, 23, 'replaced', { request: 'b', source: 'host' }),
  ]
  const rows = consoleRows([failed], said, everything, new Set())
  expect(rows.map(({ key }) => key)).toEqual(['request-b', 'problem-b', 'line-2', 'line-3'])
  expect(rows[0]).toMatchObject({ lines: 2 })
})

describe('the console', () => {
  it('ties lines and problems to their request, and keeps all in order of time', () => {
    expect(shown({})).toEqual([
      'line-1',
      'request-a',
      'line-2',
      'line-4',
      'request-b',
      'problem-b',
      'line-3',
      'line-5',
      'request-c',
      'line-6',
    ])
  })
  it('unfolds the spans of an open request', () => {
    expect(shown({ handler: 'hello' }, ['b'])).toContain('spans-b')
    expect(shown({}, ['a'])).not.toContain('spans-a')
  })
  it('filters by words in request or line, showing a request for the sake of its line', () => {
    expect(shown({ text: 'LATE a' })).toEqual(['request-a', 'line-4'])
    expect(shown({ text: '502 get' })).toEqual(['request-b', 'problem-b', 'line-3', 'line-5'])
    expect(shown({ text: 'nothing like it' })).toEqual([])
  })
  it('filters by source, handler and failure', () => {
    expect(shown({ sources: new Set(['trap']) })).toEqual([
      'request-a',
      'request-b',
      'problem-b',
      'line-5',
      'request-c',
    ])
    expect(shown({ handler: 'other' })).toEqual(['request-c'])
    expect(shown({ failures: true })).toEqual(['request-b', 'problem-b', 'line-3', 'line-5', 'request-c'])
  })
  it('counts a trap after a 200 as failure', () => {
    expect(hasFailed(record('x', 0))).toBe(false)
    expect(hasFailed(record('x', 0, { problem: { code: 'guest.trap', message: 'late' } }))).toBe(true)
    expect(
      consoleRows(
        [record('a', 1)],
        [line(1, 2, 'x', { request: 'a', source: 'trap' })],
        { ...everything, failures: true },
        new Set(),
      ),
    ).toHaveLength(2)
  })
})

describe('the waterfall', () => {
  it('nests by time, and scales by the whole', () => {
    const bars = spanBars(
      record('x', 0, {
        duration: 10,
        spans: [
          { name: 'guest', start: 2, duration: 6 },
          { name: 'queue', start: 0, duration: 2 },
          { name: 'stdout', start: 3, duration: 1, detail: '2 calls' },
          { name: 'body', start: 8, duration: 2 },
        ],
      }),
    )
    expect(bars.map(({ name, level, start, width }) => [name, level, start, width])).toEqual([
      ['queue', 0, 0, 0.2],
      ['guest', 0, 0.2, 0.6],
      ['stdout', 1, 0.3, 0.1],
      ['body', 0, 0.8, 0.2],
    ])
  })
  it('goes by the parents it is told, whatever the times', () => {
    const bars = spanBars(
      record('x', 0, {
        duration: 10,
        spans: [
          { name: 'body', start: 3, duration: 7 },
          { name: 'queue', start: 0, duration: 2 },
          { name: 'guest', start: 2, duration: 6 },
          { name: 'outgoing HTTP', start: 4, duration: 9, parent: 2 },
          { name: 'file', start: 3, duration: 1, parent: 2 },
        ],
      }),
    )
    expect(bars.map(({ name, level }) => [name, level])).toEqual([
      ['queue', 0],
      ['guest', 0],
      ['file', 1],
      ['outgoing HTTP', 1],
      ['body', 0],
    ])
  })
  it('lives with no time at all', () => {
    expect(spanBars(record('x', 0, { duration: 0, spans: [{ name: 'guest', start: 0, duration: 0 }] }))).toMatchObject([
      { start: 0, width: 0 },
    ])
  })
})
