/** The listening socket: 127.0.0.1 only, and everything that can be answered without a guest. */
import { randomBytes } from 'node:crypto'
import type { IncomingMessage, Server, ServerOptions, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createServer } from '../node-http.ts'
import { fail, type Problem } from '../../src-engine/error.ts'
import type { Handler } from './handler.ts'
import { Job } from './job.ts'
import { endConnection, isEnding } from './last-answer.ts'
import { Malformed } from './malformed.ts'
import { bodyTooLarge, draining, sendProblem } from './problems.ts'
import type { RecordStore } from './records.ts'
import { route, type Route } from './route.ts'
import { Front } from './serving/front.ts'
import { traceOf, type Trace } from './serving/trace-context.ts'

export interface ListenerSettings {
  readonly handlers: ReadonlyMap<string, Handler>
  /** Everything that is answered without a guest, and what decides which guest it is. */
  readonly front: Front
  /** Compress answers for clients that accept it. */
  readonly compression: boolean
}

interface Refused {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly id: string
  readonly trace: Trace
  readonly problem: Problem
  readonly handler: string | undefined
  /** Seconds until it is worth trying again. */
  readonly wait: number | undefined
}

const pathLimit = 4096

export class Listener {
  readonly #server: Server
  readonly #records: RecordStore
  #settings: ListenerSettings | undefined
  #draining = false

  private constructor(server: Server, records: RecordStore) {
    this.#server = server
    this.#records = records
  }

  /**
   * Takes the port; 0 is any free one. `headTime`: milliseconds a client may take to send the head of a request. Throws
   * `runtime.port-in-use` or `runtime.port`. Nothing is answered before {@link serve}.
   */
  static async open(port: number, records: RecordStore, headTime = 20_000): Promise<Listener> {
    const options: ServerOptions & { readonly optimizeEmptyRequests: boolean } = {
      keepAlive: true,
      // Most requests have no body: none of the events of one are for them. Older Nodes know nothing of it.
      optimizeEmptyRequests: true,
      headersTimeout: headTime,
      connectionsCheckingInterval: headTime / 4,
      // Told as a problem like every other, not as a bare status.
      requireHostHeader: false,
    }
    const server = createServer(options)
    const listener = new Listener(server, records)
    const malformed = new Malformed(records)
    server.on('request', (request, response) => {
      if (isEnding(request)) return void request.resume()
      malformed.watch(response, request.socket)
      listener.#receive(request, response)
    })
    server.on('connect', (request, socket) => malformed.refuseTunnel(request, socket))
    server.on('clientError', (error, socket) => malformed.answer(error, socket))
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
    // A request that breaks off is told by the response, whose errors would be uncaught ones without a listener.
    response.on('error', ignore)
    const trace = traceOf(request.headers)
    const turnAway = (problem: Problem, handler?: string, wait?: number): void =>
      this.#turnAway({ request, response, id, trace, problem, handler, wait })
    if (this.#draining || !settings) {
      endConnection(request, response)
      settings?.front.others.turnedAway('draining')
      return turnAway(draining())
    }
    const hosts = countHosts(request.rawHeaders)
    if (hosts > 1 || (hosts === 0 && request.httpVersion === '1.1')) {
      endConnection(request, response)
      return turnAway(wrongHost(hosts))
    }
    if (Buffer.byteLength(target) > pathLimit) return turnAway(pathTooLong(target.length))
    const { handlers, front, compression } = settings
    const found = route(target, request.headers.host, front.routes)
    if (found.kind === 'own' || found.kind === 'static')
      return front.answer(found, { request, response, id, trace, refuse: turnAway, records: this.#records })
    if (found.kind !== 'handler') return turnAway(nothingThere(found, handlers))
    const handler = handlers.get(found.name)
    if (!handler) return turnAway(nothingThere({ kind: 'unknown-handler', name: found.name }, handlers))
    const refusal = refusalOf(request, handler)
    if (refusal) return turnAway(refusal, handler.name)
    const admission = handler.traffic.admit(request.socket.remoteAddress)
    if (typeof admission !== 'number') return turnAway(admission.problem, handler.name, admission.retryAfter)
    const { name, timeout, maxBody } = handler
    handler.submit(
      new Job(
        id,
        request,
        response,
        { handler: name, target: found.target, maxBody, timeout, trace, admission, compression },
        handler,
        this.#records,
      ),
    )
  }

  #turnAway({ request, response, id, trace, problem, handler, wait }: Refused): void {
    const time = Date.now()
    const began = performance.now()
    // A body that nobody wants: read a little of it at most, then the connection is over.
    if (!request.complete && (request.headers['transfer-encoding'] ?? request.headers['content-length']))
      endConnection(request, response)
    const { status, responseBytes } = sendProblem(response, problem, id, handler, wait)
    request.resume()
    const duration = performance.now() - began
    const { traffic } = (handler === undefined ? undefined : this.#settings?.handlers.get(handler)) ?? {}
    ;(traffic ?? this.#settings?.front.others)?.refusedWith(status, duration / 1000, problem.code)
    this.#records.finish({
      id,
      handler: handler ?? '',
      method: request.method ?? 'GET',
      target: request.url ?? '/',
      time,
      state: 'failed',
      status,
      duration,
      requestBytes: 0,
      responseBytes,
      problem,
      trace: { id: trace.id, span: trace.span, ...(trace.parent === undefined ? {} : { parent: trace.parent }) },
      requestHeaders: request.rawHeaders,
      spans: [],
    })
  }

  /** The client's own id when it is a sensible one and not taken; else a new one. */
  #idOf(request: IncomingMessage): string {
    const given = request.headers['x-request-id']
    if (typeof given === 'string' && /^[\w.:-]{1,128}$/.test(given) && this.#records.claim(given)) return given
    return randomId()
  }
}

const ignore = (): void => {}

const idBytes = 9
let pool = Buffer.alloc(0)
let used = 0

/** Twelve characters that nobody guesses. Random bytes are fetched many at a time: each fetch has its price. */
function randomId(): string {
  if (used + idBytes > pool.length) {
    pool = randomBytes(idBytes * 512)
    used = 0
  }
  used += idBytes
  return pool.toString('base64url', used - idBytes, used)
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

/** Why the handler does not even get it. */
function refusalOf(request: IncomingMessage, handler: Handler): Problem | undefined {
  if (handler.state === 'failed') return handler.problem ?? draining()
  if (handler.isFull) {
    handler.traffic.turnedAway('busy')
    return fail('runtime.busy', `${handler.name} already works on ${handler.load} requests at once`, {
      hint: 'Try again in a moment, or raise the concurrency of the handler',
    }).problem
  }
  const declared = Number(request.headers['content-length'] ?? 0)
  if (declared <= handler.maxBody) return undefined
  handler.traffic.turnedAway('too-large')
  return bodyTooLarge(handler.maxBody)
}

/** Two hosts are two meanings, and whoever stands between may take the other one. (RFC 9112, 3.2) */
function countHosts(raw: readonly string[]): number {
  let count = 0
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at]
    if (name?.length === 4 && name.toLowerCase() === 'host') count++
  }
  return count
}

const wrongHost = (count: number): Problem =>
  fail('http.malformed', `The request names ${count === 0 ? 'no host' : `${count} hosts`}`, {
    hint: 'HTTP/1.1 asks for one Host header',
  }).problem

const pathTooLong = (length: number): Problem =>
  fail('runtime.path-too-long', `The path is ${length} characters long, ${pathLimit} are allowed`, {
    hint: 'Send data in the body',
  }).problem

function nothingThere(
  found: Extract<Route, { readonly kind: 'unknown-path' | 'unknown-handler' }>,
  handlers: ReadonlyMap<string, Handler>,
): Problem {
  // Tenants are strangers to each other: none is told of another's handlers.
  const names = [...handlers.keys()].filter((name) => !name.includes('/')).map((name) => `/run/${name}/`)
  const message =
    found.kind === 'unknown-handler' ? `There is no handler named "${found.name}"` : 'No handler answers this path'
  return fail('runtime.no-such-handler', message, {
    hint: names.length === 0 ? 'Check the path' : `Being served: ${names.join(', ')}`,
  }).problem
}
