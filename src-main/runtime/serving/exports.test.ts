import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { RequestRecord } from '../../../src-preload/contract.ts'
import { harText } from './har.ts'
import { otelText } from './otel.ts'

const traceId = '0af7651916cd43dd8448eb211c80319c'
const record: RequestRecord = {
  id: 'one',
  handler: 'api',
  method: 'POST',
  target: '/run/api/x?a=1&b=%C3%BC&a=2',
  time: 1_700_000_000_123,
  state: 'done',
  status: 200,
  duration: 12.5,
  requestBytes: 3,
  responseBytes: 900,
  trace: { id: traceId, span: 'b7ad6b7169203331', parent: '00f067aa0ba902b7' },
  requestHeaders: ['Host', 'api.test:80', 'Authorization', 'Bearer abc', 'Content-Type', 'text/plain', 'cookie', 'a=1'],
  responseHeaders: ['Content-Type', 'text/html', 'Set-Cookie', 'sid=1', 'Content-Encoding', 'br', 'Location', '/y'],
  spans: [
    { name: 'queue', start: 0, duration: 1 },
    { name: 'guest', start: 1.5, duration: 10 },
    { name: 'outgoing HTTP', start: 2, duration: 5, detail: 'GET http://x/ → 200', parent: 1, id: '1111111111111111' },
    { name: 'body', start: 10, duration: 2.5 },
  ],
}
const { responseHeaders: _, ...rest } = record
const failed: RequestRecord = {
  ...rest,
  id: 'two',
  time: record.time - 1000,
  state: 'failed',
  status: 502,
  requestBytes: 0,
  problem: { code: 'runtime.trap', message: 'The guest trapped' },
  spans: [],
}
const active: RequestRecord = { ...record, id: 'three', state: 'active' }

// Required fields of the HAR 1.2 specification, types and bounds as it says.
const pair = z.object({ name: z.string(), value: z.string() })
const time = z.number().min(-1)
const har = z.object({
  log: z.object({
    version: z.literal('1.2'),
    creator: z.object({ name: z.string(), version: z.string() }),
    entries: z.array(
      z.object({
        startedDateTime: z.iso.datetime(),
        time: z.number().min(0),
        request: z.object({
          method: z.string(),
          url: z.url(),
          httpVersion: z.string(),
          cookies: z.array(pair),
          headers: z.array(pair),
          queryString: z.array(pair),
          postData: z.object({ mimeType: z.string(), text: z.string() }).optional(),
          headersSize: z.number(),
          bodySize: z.number(),
        }),
        response: z.object({
          status: z.number(),
          statusText: z.string(),
          httpVersion: z.string(),
          cookies: z.array(pair),
          headers: z.array(pair),
          content: z.object({ size: z.number(), mimeType: z.string() }),
          redirectURL: z.string(),
          headersSize: z.number(),
          bodySize: z.number(),
        }),
        cache: z.object({}),
        timings: z.object({
          blocked: time,
          dns: time,
          connect: time,
          ssl: time,
          send: z.number().min(0),
          wait: z.number().min(0),
          receive: z.number().min(0),
        }),
      }),
    ),
  }),
})

describe('the HTTP archive', () => {
  const { log } = har.parse(JSON.parse(harText([record, active, failed], '1.0', 'http://127.0.0.1:80')))
  it('has what the specification asks for, in order of time', () => {
    expect(log.entries.map(({ response }) => response.status)).toEqual([502, 200])
    const [, entry] = log.entries
    expect(entry?.request).toMatchObject({
      url: 'http://api.test:80/run/api/x?a=1&b=%C3%BC&a=2',
      queryString: [
        { name: 'a', value: '1' },
        { name: 'b', value: 'ü' },
        { name: 'a', value: '2' },
      ],
    })
    expect(entry?.response).toMatchObject({
      redirectURL: '/y',
      bodySize: -1,
      content: { size: 900, mimeType: 'text/html' },
    })
  })
  it('adds its times up to the whole', () => {
    for (const { time: whole, timings } of log.entries)
      expect(timings.blocked + timings.send + timings.wait + timings.receive).toBeCloseTo(whole, 6)
    expect(log.entries[1]?.timings).toMatchObject({ blocked: 1, wait: 9, receive: 2.5 })
  })
  it('keeps credentials to itself', () => {
    expect(JSON.stringify(log)).not.toMatch(/Bearer|a=1;|sid=1/)
    expect(log.entries[1]?.request.headers).toContainEqual({ name: 'Authorization', value: '••••' })
  })
  it('is an archive also when nothing happened, and with targets that are no URLs', () => {
    expect(har.parse(JSON.parse(harText([], '1', 'http://h'))).log.entries).toEqual([])
    for (const target of ['*', 'http://other/x', '/%', '//a b"<>', '/ü'])
      har.parse(JSON.parse(harText([{ ...failed, target, requestHeaders: [] }], '1', 'http://h')))
  })
})

const otel = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({
        attributes: z.array(z.object({ key: z.string(), value: z.object({ stringValue: z.string() }) })),
      }),
      scopeSpans: z.array(
        z.object({
          scope: z.object({ name: z.string() }),
          spans: z.array(
            z.object({
              traceId: z.string().regex(/^[0-9a-f]{32}$/),
              spanId: z.string().regex(/^[0-9a-f]{16}$/),
              parentSpanId: z
                .string()
                .regex(/^[0-9a-f]{16}$/)
                .optional(),
              name: z.string().min(1),
              kind: z.number().int().min(1).max(5),
              startTimeUnixNano: z.string().regex(/^\d{19}$/),
              endTimeUnixNano: z.string().regex(/^\d{19}$/),
              attributes: z.array(
                z.object({
                  key: z.string(),
                  value: z.union([
                    z.object({ stringValue: z.string() }),
                    z.object({ intValue: z.string().regex(/^-?\d+$/) }),
                  ]),
                }),
              ),
              status: z.object({ code: z.number().optional(), message: z.string().optional() }),
            }),
          ),
        }),
      ),
    }),
  ),
})

describe('traces', () => {
  const parsed = otel.parse(JSON.parse(otelText([record, failed, active], '1.0')))
  const spans = parsed.resourceSpans[0]?.scopeSpans[0]?.spans ?? []
  it('are one tree for each request', () => {
    const [server, queue, guest, call] = spans
    expect(server).toMatchObject({
      traceId,
      spanId: 'b7ad6b7169203331',
      parentSpanId: '00f067aa0ba902b7',
      kind: 2,
      name: 'POST api',
    })
    expect(queue?.parentSpanId).toBe(server?.spanId)
    expect(call).toMatchObject({ parentSpanId: guest?.spanId, spanId: '1111111111111111', kind: 3 })
    expect(new Set(spans.slice(0, 5).map(({ spanId }) => spanId)).size).toBe(5)
  })
  it('tell times in nanoseconds, and failures', () => {
    expect(spans[2]).toMatchObject({ startTimeUnixNano: '1700000000124500000', endTimeUnixNano: '1700000000134500000' })
    expect(spans.at(-1)?.status).toEqual({ code: 2, message: 'The guest trapped' })
    expect(spans).toHaveLength(6)
  })
})
