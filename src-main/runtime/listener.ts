/** The listening socket: 127.0.0.1 only, and everything that can be answered without a guest. */
import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fail, type Problem } from '../../src-engine/error.ts'
import type { Handler } from './handler.ts'
import { bodyTooLarge, Job } from './job.ts'
import { sendProblem } from './problems.ts'
import type { RecordStore } from './records.ts'
import { route } from './route.ts'

export interface ListenerSettings {
  readonly handlers: ReadonlyMap<string, Handler>
  /** The handler that also answers `/*`. */
  readonly single: string | undefined
  readonly timeout: number
  readonly maxBody: number
}

const pathLimit = 4096

export class Listener {
  readonly #server: Server
  readonly #records: RecordStore
  #settings: ListenerSettings | undefined
  #draining = false
  readonly #began = Date.now()

  private constructor(server: Server, records: RecordStore) {
    this.#server = server
    this.#records = records
  }

  /** Takes the port; 0 is any free one. Throws `runtime.port-in-use` or `runtime.port`. Nothing is answered before {@link serve}. */
  static async open(port: number, records: RecordStore): Promise<Listener> {
    const server = createServer({ keepAlive: true, headersTimeout: 20_000, connectionsCheckingInterval: 5000 })
    const listener = new Listener(server, records)
    server.on('request', (request, response) => listener.#receive(request, response))
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) => reject(portProblem(error, port)))
      server.listen(port, '127.0.0.1', resolve)
    })
    return listener
  }

  get port(): number {
    const address: AddressInfo | string | null = this.#server.address()
    return typeof address === 'object' && address ? address.port : 0
  }

  serve(settings: ListenerSettings): void {
    this.#settings = settings
  }

  /** No new connections; requests on old ones are turned away. */
  drain(): void {
    this.#draining = true
    this.#server.close()
    this.#server.closeIdleConnections()
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    if (!this.#server.listening) return
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }

  #receive(request: IncomingMessage, response: ServerResponse): void {
    const id = this.#idOf(request)
    const target = request.url ?? '/'
    const settings = this.#settings
    // A request that breaks off is told by the response; without a listener it would be an uncaught error.
    request.on('error', () => {})
    response.on('error', () => {})
    if (this.#draining || !settings) {
      response.setHeader('Connection', 'close')
      return this.#turnAway(request, response, id, draining())
    }
    if (Buffer.byteLength(target) > pathLimit) return this.#turnAway(request, response, id, pathTooLong(target.length))
    const found = route(target, settings.handlers, settings.single)
    if (found.kind === 'health') return this.#health(request, response, settings)
    if (found.kind !== 'handler') return this.#turnAway(request, response, id, nothingThere(found, settings))
    const handler = settings.handlers.get(found.name)
    if (!handler)
      return this.#turnAway(
        request,
        response,
        id,
        nothingThere({ kind: 'unknown-handler', name: found.name }, settings),
      )
    const refusal = this.#refusal(request, handler, settings)
    if (refusal) return this.#turnAway(request, response, id, refusal, handler.name)
    const { timeout, maxBody } = settings
    handler.submit(
      new Job(
        id,
        request,
        response,
        { handler: handler.name, target: found.target, maxBody, timeout },
        handler,
        this.#records,
      ),
    )
  }

  /** Why the handler does not even get it. */
  #refusal(request: IncomingMessage, handler: Handler, settings: ListenerSettings): Problem | undefined {
    if (handler.state === 'failed') return handler.problem ?? draining()
    if (handler.isFull) {
      return fail('runtime.busy', `${handler.name} already works on ${handler.load} requests at once`, {
        hint: 'Try again in a moment, or raise the concurrency of the handler',
      }).problem
    }
    const declared = Number(request.headers['content-length'] ?? 0)
    return declared > settings.maxBody ? bodyTooLarge(settings.maxBody) : undefined
  }

  #turnAway(request: IncomingMessage, response: ServerResponse, id: string, problem: Problem, handler?: string): void {
    const time = Date.now()
    const began = performance.now()
    // A body that nobody wants: read a little of it at most, then the connection is over.
    if (!request.complete && (request.headers['transfer-encoding'] ?? request.headers['content-length']))
      response.setHeader('Connection', 'close')
    const status = sendProblem(response, problem, id, handler)
    request.resume()
    this.#records.put({
      id,
      handler: handler ?? '',
      method: request.method ?? 'GET',
      target: request.url ?? '/',
      time,
      state: 'failed',
      status,
      duration: performance.now() - began,
      requestBytes: 0,
      responseBytes: 0,
      problem,
      spans: [],
    })
  }

  #health(request: IncomingMessage, response: ServerResponse, settings: ListenerSettings): void {
    const handlers = [...settings.handlers.values()]
    const body = JSON.stringify({
      status: handlers.every((handler) => handler.state === 'ready') ? 'ready' : 'degraded',
      uptime: Math.round((Date.now() - this.#began) / 1000),
      handlers: handlers.map(({ name, state, load, problem }) => ({
        name,
        state,
        active: load,
        ...(problem ? { problem } : {}),
      })),
    })
    response.writeHead(200, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' })
    response.end(body)
    request.resume()
  }

  /** The client's own id when it is a sensible one and not taken; else a new one. */
  #idOf(request: IncomingMessage): string {
    const given = request.headers['x-request-id']
    if (typeof given === 'string' && /^[\w.:-]{1,128}$/.test(given) && !this.#records.has(given)) return given
    return randomId()
  }
}

let pool = Buffer.alloc(0)

/** Twelve characters that nobody guesses. Random bytes are fetched many at a time: each fetch has its price. */
function randomId(): string {
  if (pool.length < 9) pool = randomBytes(9 * 256)
  const id = pool.toString('base64url', 0, 9)
  pool = pool.subarray(9)
  return id
}

function portProblem(error: Error, port: number): Error {
  const code = 'code' in error ? error.code : undefined
  if (code === 'EADDRINUSE') {
    return fail('runtime.port-in-use', `Port ${port} is already in use`, {
      hint: 'Choose another port, or 0 for any free one, or end the program that holds it',
      cause: error,
    })
  }
  if (code === 'EACCES') {
    return fail('runtime.port', `Port ${port} may not be used without special rights`, {
      hint: 'Choose a port above 1023',
      cause: error,
    })
  }
  return fail('runtime.port', `Port ${port} cannot be used: ${error.message}`, {
    hint: 'Choose another port',
    cause: error,
  })
}

const draining = (): Problem =>
  fail('runtime.draining', 'The server is stopping or starting', { hint: 'Try again in a moment' }).problem

const pathTooLong = (length: number): Problem =>
  fail('runtime.path-too-long', `The path is ${length} characters long, ${pathLimit} are allowed`, {
    hint: 'Send data in the body',
  }).problem

function nothingThere(
  found: { kind: 'unknown-path' } | { kind: 'unknown-handler'; name: string },
  settings: ListenerSettings,
): Problem {
  const names = [...settings.handlers.keys()].map((name) => `/run/${name}/`).join(', ')
  const message =
    found.kind === 'unknown-handler' ? `There is no handler named "${found.name}"` : 'No handler answers this path'
  return fail('runtime.no-such-handler', message, { hint: `Being served: ${names}` }).problem
}
