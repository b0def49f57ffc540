/** What `/metrics` and `/health` tell. The names are documented in docs/running.md. */
import type { Handler } from '../handler.ts'
import { histogram, printMetrics, type MetricFamily, type Sample } from './prometheus.ts'
import { durationBounds, type Traffic } from './traffic.ts'

export interface ServerFacts {
  readonly version: string
  /** Milliseconds since it began to serve. */
  readonly uptime: number
  readonly handlers: readonly Handler[]
  /** Requests that no handler got: unknown paths, static files, own routes. */
  readonly others: Traffic
  readonly cache: { readonly hits: number; readonly misses: number }
}

const breakerStates = { closed: 0, open: 1, 'half-open': 2 } as const

export function metricsText({ version, uptime, handlers, others, cache }: ServerFacts): string {
  const each = (value: (handler: Handler) => number): Sample[] =>
    handlers.map((handler) => ({ labels: { handler: handler.name }, value: value(handler) }))
  const traffics: readonly (readonly [string, Traffic])[] = [
    ...handlers.map((handler) => [handler.name, handler.traffic] as const),
    ['', others],
  ]
  const byTraffic = (samples: (handler: string, traffic: Traffic) => Sample[]): Sample[] =>
    traffics.flatMap(([handler, traffic]) => samples(handler, traffic))
  const byKey = (label: string, table: (traffic: Traffic) => ReadonlyMap<string, number>): Sample[] =>
    byTraffic((handler, traffic) =>
      [...table(traffic)].map(([key, value]) => ({ labels: { handler, [label]: key }, value })),
    )
  const memory = process.memoryUsage.rss()
  const cpu = process.cpuUsage()
  const breakers = handlers.filter(({ traffic }) => traffic.breaker)
  const counter = (name: string, help: string, samples: Sample[]): MetricFamily => ({
    name,
    help,
    type: 'counter',
    samples,
  })
  const gauge = (name: string, help: string, samples: Sample[]): MetricFamily => ({
    name,
    help,
    type: 'gauge',
    samples,
  })
  return printMetrics([
    gauge('patchbay_build_info', 'Version of Patchbay; always 1.', [{ labels: { version }, value: 1 }]),
    gauge('patchbay_uptime_seconds', 'Time since the server began to serve.', [{ value: uptime / 1000 }]),
    counter(
      'patchbay_requests_total',
      'Finished requests by handler and class of status; "none" where the client left before.',
      byTraffic((handler, { statuses }) =>
        statuses.flatMap((value, first) =>
          value === 0 && first !== 2
            ? []
            : [{ labels: { handler, class: first === 0 ? 'none' : `${first}xx` }, value }],
        ),
      ),
    ),
    {
      name: 'patchbay_request_duration_seconds',
      help: 'Time from the arrival of a request to the last byte of its answer.',
      type: 'histogram',
      samples: byTraffic((handler, { durations, duration }) =>
        handler === '' ? [] : histogram({ handler }, durationBounds, durations, duration),
      ),
    },
    counter(
      'patchbay_problems_total',
      'Requests that failed, by code of the problem.',
      byKey('code', ({ problems }) => problems),
    ),
    counter(
      'patchbay_refused_total',
      'Requests turned away before the guest saw them.',
      byKey('reason', ({ refused }) => refused),
    ),
    counter(
      'patchbay_request_body_bytes_total',
      'Bytes of request bodies.',
      each(({ traffic }) => traffic.requestBytes),
    ),
    counter(
      'patchbay_response_body_bytes_total',
      'Bytes of response bodies, before compression.',
      each(({ traffic }) => traffic.responseBytes),
    ),
    gauge(
      'patchbay_requests_in_flight',
      'Requests that the guest has or will get.',
      each(({ load }) => load),
    ),
    gauge(
      'patchbay_requests_queued',
      'Requests of these that wait for a worker.',
      each(({ queued }) => queued),
    ),
    gauge(
      'patchbay_workers',
      'Worker threads of the handler.',
      each(({ workers }) => workers),
    ),
    gauge(
      'patchbay_handler_ready',
      '1 when it answers, 0 while it starts or when it failed.',
      each(({ state }) => (state === 'ready' ? 1 : 0)),
    ),
    gauge(
      'patchbay_guest_memory_bytes',
      'Linear memory of the instance that answered last.',
      each((handler) => handler.memory),
    ),
    gauge(
      'patchbay_breaker_state',
      '0 closed, 1 open, 2 half-open.',
      breakers.map(({ name, traffic }) => ({
        labels: { handler: name },
        value: breakerStates[traffic.breaker?.state ?? 'closed'],
      })),
    ),
    counter(
      'patchbay_breaker_opened_total',
      'How often the breaker opened.',
      breakers.map(({ name, traffic }) => ({ labels: { handler: name }, value: traffic.breaker?.timesOpened ?? 0 })),
    ),
    counter('patchbay_cache_hits_total', 'Components that were found made ready on disk.', [{ value: cache.hits }]),
    counter('patchbay_cache_misses_total', 'Components that had to be made ready.', [{ value: cache.misses }]),
    gauge('process_resident_memory_bytes', 'Memory of the server process, without the guests.', [{ value: memory }]),
    counter('process_cpu_seconds_total', 'CPU time of the server process, without the guests.', [
      { value: (cpu.user + cpu.system) / 1e6 },
    ]),
  ])
}

export function healthText({ version, uptime, handlers }: ServerFacts): string {
  return JSON.stringify({
    status: handlers.every(({ state }) => state === 'ready') ? 'ready' : 'degraded',
    version,
    uptime: Math.round(uptime / 1000),
    handlers: handlers.map(({ name, state, load, problem, traffic }) => ({
      name,
      state,
      active: load,
      requests: traffic.count,
      ...(traffic.breaker ? { breaker: traffic.breaker.state } : {}),
      ...(problem ? { problem } : {}),
    })),
  })
}
