/** Recorded requests as an HTTP archive, version 1.2: browsers' network panels and many tools open it. */
import { STATUS_CODES } from '../../node-http.ts'
import type { RequestRecord } from '../../../src-preload/contract.ts'

interface NameValue {
  readonly name: string
  readonly value: string
}

/** Headers that carry credentials: their names stay, their values do not leave the workbench. */
const credentials = new Set(['authorization', 'proxy-authorization', 'cookie', 'set-cookie', 'x-api-key'])

/** A raw header list as pairs, without the values of credentials. */
export function publicHeaders(raw: readonly string[] = []): NameValue[] {
  const pairs: NameValue[] = []
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at] ?? ''
    pairs.push({ name, value: credentials.has(name.toLowerCase()) ? '••••' : (raw[at + 1] ?? '') })
  }
  return pairs
}

const valueOf = (headers: readonly NameValue[], name: string): string | undefined =>
  headers.find((header) => header.name.toLowerCase() === name)?.value

/** Finished records as HAR text; those still under way have no end to tell of. `origin` where a request named no host. */
export function harText(records: readonly RequestRecord[], version: string, origin: string): string {
  const entries = records
    .filter(({ state }) => state !== 'active')
    .toSorted((left, right) => left.time - right.time)
    .map((record) => entryOf(record, origin))
  const creator = { name: 'Patchbay', version }
  return `${JSON.stringify({ log: { version: '1.2', creator, entries } }, null, 1)}\n`
}

function entryOf(record: RequestRecord, origin: string): object {
  const { method, target, status = 0, duration = 0, problem, requestBytes, responseBytes } = record
  const sent = publicHeaders(record.requestHeaders)
  const came = publicHeaders(record.responseHeaders)
  const host = valueOf(sent, 'host')
  const url = urlOf(target, host === undefined ? origin : `http://${host}`)
  const type = valueOf(came, 'content-type') ?? (problem && came.length === 0 ? 'application/problem+json' : '')
  const posted = valueOf(sent, 'content-type')
  const { blocked, wait, receive } = timesOf(record)
  return {
    startedDateTime: new Date(record.time).toISOString(),
    time: blocked + wait + receive || duration,
    request: {
      method,
      url,
      httpVersion: 'HTTP/1.1',
      cookies: [],
      headers: sent,
      queryString: queryOf(url),
      headersSize: -1,
      bodySize: requestBytes,
      ...(requestBytes > 0 ? { postData: { mimeType: posted ?? '', text: '', comment: 'bodies are not kept' } } : {}),
    },
    response: {
      status,
      statusText: STATUS_CODES[status] ?? '',
      httpVersion: 'HTTP/1.1',
      cookies: [],
      headers: came,
      content: { size: responseBytes, mimeType: type },
      redirectURL: valueOf(came, 'location') ?? '',
      headersSize: -1,
      bodySize: valueOf(came, 'content-encoding') === undefined ? responseBytes : -1,
    },
    cache: {},
    timings: { blocked, dns: -1, connect: -1, ssl: -1, send: 0, wait, receive },
    ...(problem ? { comment: `${problem.code}: ${problem.message}` } : {}),
    _requestId: record.id,
    _handler: record.handler,
    ...(record.trace ? { _traceId: record.trace.id, _spanId: record.trace.span } : {}),
    _spans: record.spans,
  }
}

function urlOf(target: string, origin: string): string {
  const text = /^[a-z][a-z0-9+.-]*:\/\//i.test(target) ? target : `${origin.replace(/\/$/, '')}${target}`
  return URL.canParse(text) ? text : `${origin}${encodeURI(target)}`
}

function queryOf(url: string): NameValue[] {
  const query = /\?([^#]*)/.exec(url)?.[1]
  return query === undefined ? [] : [...new URLSearchParams(query)].map(([name, value]) => ({ name, value }))
}

/** Waiting for a worker, for the first byte, for the last one; milliseconds, adding up to the whole. */
function timesOf({ spans, duration = 0 }: RequestRecord): Record<'blocked' | 'wait' | 'receive', number> {
  const queue = spans.find(({ name }) => name === 'queue')?.duration ?? 0
  const body = spans.find(({ name }) => name === 'body')?.duration ?? 0
  const blocked = Math.min(queue, duration)
  const receive = Math.min(body, duration - blocked)
  return { blocked, wait: duration - blocked - receive, receive }
}
