import { expect, it } from 'vitest'
import type { RequestRecord } from '../../src-preload/contract.ts'
import { printCurl } from '../playground/curl-print.ts'
import { draftOf } from './replay.ts'

const record: RequestRecord = {
  id: 'a',
  handler: 'hello',
  method: 'PUT',
  target: '/run/hello/../x?q=%20y',
  time: 0,
  state: 'done',
  requestBytes: 1200,
  responseBytes: 0,
  requestHeaders: [
    'Host',
    '127.0.0.1:1',
    'X-One',
    'a',
    'Content-Length',
    '1200',
    'x-one',
    'b',
    'Traceparent',
    '00-1-1-01',
  ],
  spans: [],
}

it('makes a request to send of one that came in: target and headers as they were, less what each request says anew', () => {
  const { draft, notes } = draftOf(record, 'http://127.0.0.1:8080/')
  expect(printCurl(draft)).toBe(
    "curl -X PUT 'http://127.0.0.1:8080/run/hello/../x?q=%20y' \\\n  -H 'X-One: a' \\\n  -H 'x-one: b'",
  )
  expect(notes).toEqual(['The body of 1.2 KB was not kept: add it before you send.'])
})

it('has nothing to say of one that came without headers and body', () => {
  const { draft, notes } = draftOf({ ...record, requestBytes: 0, requestHeaders: undefined }, 'http://127.0.0.1:8080/')
  expect([draft.headers, notes]).toEqual([[], []])
})
