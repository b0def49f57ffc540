/** What the server answers by itself: health, metrics, the breaker's reset, files of static folders. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { fail, type Problem } from '../../../src-engine/error.ts'
import type { Handler } from '../handler.ts'
import type { RecordStore } from '../records.ts'
import type { Route, Routes } from '../route.ts'
import { healthText, metricsText, type ServerFacts } from './metrics.ts'
import { prometheusType } from './prometheus.ts'
import type { Rules } from './rules.ts'
import { serveFile } from './static-files.ts'
import { traceparentOf, type Trace } from './trace-context.ts'
import { Traffic } from './traffic.ts'

export interface FrontSettings {
  readonly handlers: ReadonlyMap<string, Handler>
  readonly single: string | undefined
  readonly rules: Rules | undefined
  /** Prefix without a slash at its end → absolute directory. */
  readonly statics: ReadonlyMap<string, string>
  readonly own: boolean
  readonly compression: boolean
  readonly version: string
  readonly cache: () => ServerFacts['cache']
}

export interface Asked {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly id: string
  readonly trace: Trace
  readonly refuse: (problem: Problem) => void
  readonly records: RecordStore
}

export class Front {
  readonly routes: Routes
  /** Counts requests that no handler gets. */
  readonly others = new Traffic('', { breaker: false })
  readonly #settings: FrontSettings
  readonly #began = performance.now()

  constructor(settings: FrontSettings) {
    this.#settings = settings
    this.routes = {
      names: settings.handlers,
      single: settings.single,
      rules: settings.rules,
      statics: [...settings.statics.keys()].toSorted((left, right) => right.length - left.length),
      own: settings.own,
    }
  }

  answer(found: Extract<Route, { readonly kind: 'own' | 'static' }>, asked: Asked): void {
    if (found.kind === 'static') void this.#file(found.prefix, found.path, asked)
    else this.#own(found.path, asked)
  }

  #own(path: string, { request, response, refuse }: Asked): void {
    const reset = /^\/breaker\/(.+)\/reset$/.exec(path)?.[1]
    if (reset !== undefined) return this.#reset(reset, { request, response, refuse })
    const text = path === '/health' ? healthText : path === '/metrics' ? metricsText : undefined
    if (!text) return refuse(fail('runtime.no-such-handler', `There is no route /-${path}`, { hint: ownHint }).problem)
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return refuse(fail('static.method', `${path} is read with GET, not with ${request.method}`).problem)
    const body = Buffer.from(text(this.#facts()))
    response.writeHead(200, {
      'Content-Type': path === '/health' ? 'application/json' : prometheusType,
      'Content-Length': body.length,
      'Cache-Control': 'no-store',
    })
    response.end(request.method === 'HEAD' ? undefined : body)
    request.resume()
  }

  /** For scripts. A page in a browser must not do it behind the user's back, so whatever a browser sends is refused. */
  #reset(encoded: string, { request, response, refuse }: Pick<Asked, 'request' | 'response' | 'refuse'>): void {
    if (request.method !== 'POST') {
      response.setHeader('Allow', 'POST')
      return refuse(fail('runtime.method', 'A breaker is reset with POST').problem)
    }
    if (request.headers.origin !== undefined || request.headers['sec-fetch-site'] !== undefined) {
      const hint = 'Use the button in the window, or a command-line client'
      return refuse(fail('runtime.cross-site', 'A web page may not reset a breaker', { hint }).problem)
    }
    const name = safeDecode(encoded)
    const handler = this.#settings.handlers.get(name)
    if (!handler) return refuse(fail('runtime.no-such-handler', `There is no handler named "${name}"`).problem)
    handler.resetBreaker()
    response.writeHead(204)
    response.end()
    request.resume()
  }

  #facts(): ServerFacts {
    const { version, handlers, cache } = this.#settings
    return {
      version,
      uptime: performance.now() - this.#began,
      handlers: [...handlers.values()],
      others: this.others,
      cache: cache(),
    }
  }

  async #file(prefix: string, path: string, { request, response, id, trace, refuse, records }: Asked): Promise<void> {
    const time = Date.now()
    const began = performance.now()
    const root = this.#settings.statics.get(prefix) ?? ''
    const headers = ['X-Request-Id', id, 'traceparent', traceparentOf(trace)]
    request.resume()
    const outcome = await serveFile({
      request,
      response,
      root,
      path,
      headers,
      compression: this.#settings.compression,
    })
    if ('problem' in outcome) return refuse(outcome.problem)
    const duration = performance.now() - began
    this.others.answered(0, outcome.status, duration / 1000, undefined)
    records.finish({
      id,
      handler: '',
      method: request.method ?? 'GET',
      target: request.url ?? '/',
      time,
      state: 'done',
      status: outcome.status,
      duration,
      requestBytes: 0,
      responseBytes: outcome.bytes,
      trace: { id: trace.id, span: trace.span, ...(trace.parent === undefined ? {} : { parent: trace.parent }) },
      requestHeaders: request.rawHeaders,
      spans: [{ name: 'file', start: 0, duration, detail: `${prefix}${path}` }],
    })
  }
}

const ownHint = 'There are /-/health, /-/metrics and POST /-/breaker/NAME/reset'

function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
