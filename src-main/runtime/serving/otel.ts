/** Recorded requests as traces in the JSON form of the OpenTelemetry protocol (OTLP 1.x): `resourceSpans`. */
import type { RequestRecord } from '../../../src-preload/contract.ts'
import { publicHeaders } from './har.ts'
import { newSpan } from './trace-context.ts'

type Value = { readonly stringValue: string } | { readonly intValue: string } | { readonly boolValue: boolean }

interface Attribute {
  readonly key: string
  readonly value: Value
}

const text = (key: string, value: string): Attribute => ({ key, value: { stringValue: value } })
// 64-bit integers are strings in protobuf's JSON.
const integer = (key: string, value: number): Attribute => ({ key, value: { intValue: String(Math.round(value)) } })

const kinds = { internal: 1, server: 2, client: 3 } as const
const failed = 2

/** Finished records as OTLP/JSON; records from before traces were kept, or still under way, are left out. */
export function otelText(records: readonly RequestRecord[], version: string): string {
  const byHandler = new Map<string, object[]>()
  for (const record of records) {
    if (record.state === 'active' || !record.trace) continue
    const spans = byHandler.get(record.handler) ?? []
    spans.push(...spansOf(record))
    byHandler.set(record.handler, spans)
  }
  const resourceSpans = [...byHandler].map(([handler, spans]) => ({
    resource: {
      attributes: [text('service.name', handler === '' ? 'patchbay' : handler), text('service.namespace', 'patchbay')],
    },
    scopeSpans: [{ scope: { name: 'patchbay', version }, spans }],
  }))
  return `${JSON.stringify({ resourceSpans }, null, 1)}\n`
}

function spansOf(record: RequestRecord): object[] {
  const { trace, time, duration = 0, method, target, status, problem, spans } = record
  if (!trace) return []
  // The guest may go on after its answer: a span ends when its last part does.
  const ids = spans.map(({ id }) => id ?? newSpan())
  const [path = '', query] = target.split(/\?(.*)/s)
  const agent = publicHeaders(record.requestHeaders).find(({ name }) => name.toLowerCase() === 'user-agent')?.value
  const server = {
    traceId: trace.id,
    spanId: trace.span,
    ...(trace.parent === undefined ? {} : { parentSpanId: trace.parent }),
    name: record.handler === '' ? method : `${method} ${record.handler}`,
    kind: kinds.server,
    startTimeUnixNano: nanoseconds(time),
    endTimeUnixNano: nanoseconds(time + duration),
    attributes: [
      text('http.request.method', method),
      text('url.path', path),
      ...(query === undefined ? [] : [text('url.query', query)]),
      text('url.scheme', 'http'),
      ...(status === undefined ? [] : [integer('http.response.status_code', status)]),
      integer('http.request.body.size', record.requestBytes),
      integer('http.response.body.size', record.responseBytes),
      ...(agent === undefined ? [] : [text('user_agent.original', agent)]),
      text('patchbay.request.id', record.id),
      ...(problem ? [text('error.type', problem.code)] : []),
    ],
    status: problem || (status ?? 0) >= 500 ? { code: failed, ...(problem ? { message: problem.message } : {}) } : {},
  }
  const parts = spans.map((span, at) => ({
    traceId: trace.id,
    spanId: ids[at],
    parentSpanId: (span.parent === undefined ? undefined : ids[span.parent]) ?? trace.span,
    name: span.name,
    kind: span.name === 'outgoing HTTP' ? kinds.client : kinds.internal,
    startTimeUnixNano: nanoseconds(time + span.start),
    endTimeUnixNano: nanoseconds(time + span.start + span.duration),
    attributes: span.detail === undefined ? [] : [text('patchbay.detail', span.detail)],
    status: {},
  }))
  return [server, ...parts]
}

/** Milliseconds since the epoch as whole nanoseconds; a double holds no more than a quarter of a microsecond. */
function nanoseconds(milliseconds: number): string {
  const whole = Math.floor(milliseconds)
  return String(BigInt(whole) * 1_000_000n + BigInt(Math.round((milliseconds - whole) * 1_000_000)))
}
