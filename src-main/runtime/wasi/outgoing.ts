/** wasi:http/outgoing-handler over Node's own client; nothing leaves unless the allow-list names its target. */
import type { Agent, ClientRequest, IncomingMessage, RequestOptions as ClientOptions } from 'node:http'
import { childOf } from '../serving/trace-context.ts'
import { allows } from './allow-list.ts'
import type { HeaderPair } from './fields.ts'
import {
  FutureIncomingResponse,
  IncomingResponse,
  methodText,
  TrailersToCome,
  type ErrorCode,
  type OutgoingRequest,
  type RequestOptions,
} from './http-types.ts'
import { Refusal, type Session, type SessionSlot } from './session.ts'
import { ByteQueue, IoError } from './streams.ts'

interface Client {
  readonly agent: Agent
  readonly request: (options: ClientOptions) => ClientRequest
}

const clients = new Map<string, Client>()

/** Made by the first request of its scheme: Node's client takes five megabytes and twenty milliseconds of each worker. */
function clientOf(scheme: 'HTTP' | 'HTTPS'): Client {
  const known = clients.get(scheme)
  if (known) return known
  const { Agent, request } = process.getBuiltinModule(scheme === 'HTTPS' ? 'node:https' : 'node:http')
  const client: Client = { agent: new Agent({ keepAlive: true, maxSockets: 256 }), request }
  clients.set(scheme, client)
  return client
}

/** Where a request goes. */
interface Target {
  /** Scheme, host and port, as a URL writes them. */
  readonly origin: string
  /** With the port where it is not the scheme's own. */
  readonly host: string
  readonly hostname: string
  /** To connect to: an IPv6 address without brackets. */
  readonly address: string
  readonly port: number
}

/** Guests call the same few servers again and again. */
const targets = new Map<string, Target>()
const targetLimit = 256

/** Undefined when scheme and authority make no address. */
function targetOf(scheme: 'HTTP' | 'HTTPS', authority: string): Target | undefined {
  const text = `${scheme === 'HTTP' ? 'http' : 'https'}://${authority}`
  const known = targets.get(text)
  if (known) return known
  if (!URL.canParse(text)) return undefined
  const { origin, host, hostname, port } = new URL(text)
  const target: Target = {
    origin,
    host,
    hostname,
    address: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? (scheme === 'HTTPS' ? 443 : 80) : Number(port),
  }
  if (targets.size >= targetLimit) targets.clear()
  targets.set(text, target)
  return target
}

/** Bytes of an answer that are read ahead of the guest. */
const readAhead = 64 * 1024

export function createOutgoing(slot: SessionSlot) {
  return {
    'wasi:http/outgoing-handler': {
      handle: (request: OutgoingRequest, options: RequestOptions | undefined): FutureIncomingResponse =>
        send(slot.current, request, options),
    },
  }
}

const refuse = (tag: string, val?: unknown): Refusal<ErrorCode> => new Refusal({ tag, val })

/** Sends a request. Throws refusals with `error-code`. */
export function send(
  session: Session,
  request: OutgoingRequest,
  options: RequestOptions | undefined,
): FutureIncomingResponse {
  const scheme = request.scheme()?.tag ?? 'HTTPS'
  const authority = request.authority()
  if (authority === undefined || scheme === 'other') throw refuse('HTTP-request-URI-invalid')
  const target = targetOf(scheme, authority)
  if (!target) throw refuse('HTTP-request-URI-invalid')
  const { port } = target
  const method = methodText(request.method())
  const path = request.pathWithQuery() || '/'
  const label = `${method} ${target.origin}${path}`
  if (!allows(session.grants.allowHosts, target.hostname, port)) {
    session.count('outgoing HTTP denied')
    session.span('outgoing HTTP', label)('denied')
    const pattern = `${target.hostname}:${port}`
    const text = `denied: ${label}. ${pattern} is not on the list of allowed hosts`
    session.events.notice(text, { grant: 'allowHosts', pattern })
    throw refuse('HTTP-request-denied')
  }

  const future = new FutureIncomingResponse(session)
  const traced = traceHeaders(session, request.headers().pairs)
  const ended = session.span('outgoing HTTP', label, traced.span)
  const headers: string[] = ['Host', target.host]
  for (const [name, value] of traced.pairs) headers.push(name, value)
  const { agent, request: open } = clientOf(scheme)
  const outgoing = open({
    agent,
    host: target.address,
    port,
    method,
    path: encodePath(path),
    headers,
  })
  const forget = session.onClose(() => outgoing.destroy())
  const over = (outcome: string): void => {
    ended(outcome)
    forget()
  }

  applyTimeouts(outgoing, options, future)
  outgoing.on('error', (error) => {
    const code = errorCodeOf(error)
    request.taken?.sink.fail(new IoError(error.message, code))
    future.settle({ tag: 'err', val: code })
    over(error.message)
  })
  outgoing.on('response', (message) => {
    future.settle({ tag: 'ok', val: receive(session, message, options, over) })
  })
  outgoing.on('information', () => {})
  outgoing.on('upgrade', (_message, socket) => {
    socket.destroy()
    future.settle({ tag: 'err', val: { tag: 'HTTP-upgrade-failed' } })
  })
  sendBody(outgoing, request)
  return future
}

/** The call goes on in the trace of the request, as a span of its own; a trace the guest runs itself is left alone. */
function traceHeaders(
  session: Session,
  pairs: readonly HeaderPair[],
): { readonly pairs: readonly HeaderPair[]; readonly span?: string } {
  const named = (list: readonly HeaderPair[], name: string): string | undefined =>
    list.find(([key]) => key.toLowerCase() === name)?.[1]
  const incoming = named(session.incoming, 'traceparent')
  const own = named(pairs, 'traceparent')
  const child = incoming === undefined || (own !== undefined && own !== incoming) ? undefined : childOf(incoming)
  if (!child) return { pairs }
  const kept = own === undefined ? pairs : pairs.filter(([name]) => name.toLowerCase() !== 'traceparent')
  const state = named(pairs, 'tracestate') === undefined ? named(session.incoming, 'tracestate') : undefined
  const added: HeaderPair[] = [['traceparent', child.traceparent]]
  if (state !== undefined) added.push(['tracestate', state])
  return { pairs: [...kept, ...added], span: child.span }
}

/** Bytes that a request line cannot carry are percent-encoded; what is already encoded stays as it is. */
const encodePath = (path: string): string =>
  /[^\x21-\x7e]/.test(path) ? path.replace(/[^\x21-\x7e]/gu, (character) => encodeURIComponent(character)) : path

function sendBody(outgoing: ClientRequest, request: OutgoingRequest): void {
  const body = request.taken
  if (!body) {
    outgoing.end()
    return
  }
  outgoing.flushHeaders()
  outgoing.on('drain', () => body.sink.resume())
  body.sink.attach((bytes) => outgoing.write(bytes))
  body.whenEnded((end) => {
    if (!end.ok) return outgoing.destroy(new Error(end.reason))
    if (end.trailers) outgoing.addTrailers(end.trailers.map(([name, value]): [string, string] => [name, value]))
    outgoing.end()
  })
}

function receive(
  session: Session,
  message: IncomingMessage,
  options: RequestOptions | undefined,
  over: (outcome: string) => void,
): IncomingResponse {
  const trailers = new TrailersToCome()
  const queue = new ByteQueue(() => {
    if (queue.length < readAhead && message.isPaused()) message.resume()
  })
  const status = message.statusCode ?? 0
  const between = options?.betweenBytesTimeout()
  if (between !== undefined) {
    message.setTimeout(milliseconds(between), () =>
      message.destroy(new Error('no bytes within the time allowed between two')),
    )
  }
  message.on('data', (chunk: Buffer) => {
    queue.push(chunk)
    if (queue.length >= readAhead) message.pause()
  })
  message.on('end', () => {
    const pairs = pairsOf(message.rawTrailers)
    trailers.settle({ tag: 'ok', val: pairs.length > 0 ? pairs : undefined })
    queue.end()
    over(String(status))
  })
  const broke = (error: Error): void => {
    const code = errorCodeOf(error)
    trailers.settle({ tag: 'err', val: code })
    queue.end(new IoError(error.message, code))
    over(`${status}, then ${error.message}`)
  }
  message.on('error', broke)
  message.on('close', () => {
    if (!message.complete) broke(new Error('the other side closed the connection before the answer was complete'))
  })
  return new IncomingResponse(session, status, pairsOf(message.rawHeaders), { queue, trailers }, () =>
    message.destroy(),
  )
}

function applyTimeouts(
  outgoing: ClientRequest,
  options: RequestOptions | undefined,
  future: FutureIncomingResponse,
): void {
  const connect = options?.connectTimeout()
  const firstByte = options?.firstByteTimeout()
  const expire = (duration: bigint, tag: string, stop: 'connect' | 'response'): void => {
    const timer = setTimeout(() => {
      future.settle({ tag: 'err', val: { tag } })
      outgoing.destroy()
    }, milliseconds(duration))
    const clear = (): void => clearTimeout(timer)
    outgoing.once('close', clear)
    if (stop === 'response') outgoing.once('response', clear)
    else outgoing.once('socket', (socket) => (socket.connecting ? socket.once('connect', clear) : clear()))
  }
  if (connect !== undefined) expire(connect, 'connection-timeout', 'connect')
  if (firstByte !== undefined) expire(firstByte, 'HTTP-response-timeout', 'response')
}

const milliseconds = (nanoseconds: bigint): number => Math.min(Number(nanoseconds / 1_000_000n) || 1, 2_000_000_000)

/** Node's raw header list as pairs. */
export function pairsOf(raw: readonly string[]): HeaderPair[] {
  const pairs: HeaderPair[] = []
  for (let at = 0; at + 1 < raw.length; at += 2) pairs.push([raw[at] ?? '', raw[at + 1] ?? ''])
  return pairs
}

const codes: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection-refused',
  ECONNRESET: 'connection-terminated',
  EPIPE: 'connection-terminated',
  ETIMEDOUT: 'connection-timeout',
  EHOSTUNREACH: 'destination-unavailable',
  ENETUNREACH: 'destination-IP-unroutable',
  EAI_AGAIN: 'DNS-timeout',
  HPE_HEADER_OVERFLOW: 'HTTP-response-header-section-size',
}

function errorCodeOf(error: Error): ErrorCode {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  if (code === 'ENOTFOUND') return { tag: 'DNS-error', val: { rcode: 'NXDOMAIN', infoCode: undefined } }
  const known = codes[code]
  if (known) return { tag: known, val: undefined }
  if (code.startsWith('HPE_')) return { tag: 'HTTP-protocol-error' }
  if (/^(ERR_TLS|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO)/.test(code)) return { tag: 'TLS-certificate-error' }
  if (code.startsWith('ERR_SSL') || code === 'EPROTO') return { tag: 'TLS-protocol-error' }
  return { tag: 'internal-error', val: error.message }
}
