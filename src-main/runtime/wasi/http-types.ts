import { Fields, type HeaderPair } from './fields.ts'
import { GuestTrap, Refusal, type Session, type SessionSlot } from './session.ts'
import { BodySink, InputStream, IoError, OutputStream, type ByteQueue } from './streams.ts'
import { Pollable, Signal, type Condition } from './wait.ts'

export type Method =
  | { readonly tag: 'get' | 'head' | 'post' | 'put' | 'delete' | 'connect' | 'options' | 'trace' | 'patch' }
  | { readonly tag: 'other'; readonly val: string }
export type Scheme = { readonly tag: 'HTTP' | 'HTTPS' } | { readonly tag: 'other'; readonly val: string }
/** A case of `error-code`; the tag is the WIT name. */
export type ErrorCode = { readonly tag: string; readonly val?: unknown }
type Result<Value, Failure> =
  { readonly tag: 'ok'; readonly val: Value } | { readonly tag: 'err'; readonly val: Failure }

const methods = ['get', 'head', 'post', 'put', 'delete', 'connect', 'options', 'trace', 'patch'] as const
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

const knownMethods: ReadonlyMap<string, Method> = new Map(methods.map((tag) => [tag.toUpperCase(), { tag }]))

export const methodOf = (text: string): Method => knownMethods.get(text) ?? { tag: 'other', val: text }

export const methodText = (method: Method): string => (method.tag === 'other' ? method.val : method.tag.toUpperCase())

/** Trailers of a body that comes in: not known yet, known (perhaps none), or the body broke. */
export class TrailersToCome implements Condition {
  readonly #signal = new Signal()
  outcome: Result<readonly HeaderPair[] | undefined, ErrorCode> | undefined

  settle(outcome: Result<readonly HeaderPair[] | undefined, ErrorCode>): void {
    this.outcome ??= outcome
    this.#signal.notify()
  }

  ready(): boolean {
    return this.outcome !== undefined
  }

  wait(): Promise<void> {
    return this.#signal.wait()
  }
}

/** A body on its way in. */
export interface BodySource {
  readonly queue: ByteQueue
  readonly trailers: TrailersToCome
}

/** What the runtime gives the host of one request: the message, and what to do with the answer. */
export interface Exchange {
  readonly method: string
  /** Path and query as the client sent them. */
  readonly target: string
  readonly scheme: 'HTTP' | 'HTTPS'
  readonly authority: string
  readonly headers: readonly HeaderPair[]
  readonly body: BodySource
  /** The head of the answer; `body` is undefined when the guest never asked for one. */
  respond(status: number, headers: readonly HeaderPair[], body: OutgoingBody | undefined): void
  /** The guest answered with an error instead of a response. */
  refuse(code: ErrorCode): void
  inform(status: number, headers: readonly HeaderPair[]): void
}

/** `wasi:http/types.future-trailers` */
export class FutureTrailers {
  readonly #session: Session
  readonly #trailers: TrailersToCome
  #taken = false

  constructor(session: Session, trailers: TrailersToCome) {
    this.#session = session
    this.#trailers = trailers
  }

  subscribe(): Pollable {
    return new Pollable(this.#session, this.#trailers)
  }

  get(): Result<Result<Fields | undefined, ErrorCode>, undefined> | undefined {
    const { outcome } = this.#trailers
    if (!outcome) return undefined
    if (this.#taken) return { tag: 'err', val: undefined }
    this.#taken = true
    if (outcome.tag === 'err') return { tag: 'ok', val: outcome }
    return { tag: 'ok', val: { tag: 'ok', val: outcome.val && Fields.incoming(outcome.val) } }
  }
}

/** `wasi:http/types.incoming-body` */
export class IncomingBody {
  readonly #session: Session
  readonly #source: BodySource
  #stream: InputStream | undefined

  constructor(session: Session, source: BodySource) {
    this.#session = session
    this.#source = source
  }

  stream(): InputStream {
    if (this.#stream) throw new Refusal(undefined)
    this.#stream = new InputStream(this.#session, this.#source.queue)
    return this.#stream
  }

  /** Its bytes and trailers: for the host. */
  static sourceOf(body: IncomingBody): BodySource {
    return body.#source
  }

  static finish(body: IncomingBody): FutureTrailers {
    checkChild(body.#stream, 'incoming-body.finish')
    // What the guest did not read stands between it and the trailers: it is thrown away as it comes.
    body.#source.queue.drain()
    return new FutureTrailers(body.#session, body.#source.trailers)
  }

  [Symbol.dispose](): void {
    checkChild(this.#stream, 'the drop of an incoming-body')
  }
}

/** The stream of a body is its child: it must be gone before the body is. */
function checkChild(stream: InputStream | OutputStream | undefined, what: string): void {
  if (stream && !stream.isDropped) throw new GuestTrap(`${what} while its stream is still there: drop the stream first`)
}

/** `wasi:http/types.incoming-request` */
export class IncomingRequest {
  readonly #session: Session
  readonly #exchange: Exchange
  #headers: Fields | undefined
  #consumed = false

  constructor(session: Session, exchange: Exchange) {
    this.#session = session
    this.#exchange = exchange
  }

  method(): Method {
    return methodOf(this.#exchange.method)
  }

  pathWithQuery(): string | undefined {
    return this.#exchange.target
  }

  scheme(): Scheme | undefined {
    return { tag: this.#exchange.scheme }
  }

  authority(): string | undefined {
    return this.#exchange.authority
  }

  headers(): Fields {
    return (this.#headers ??= Fields.incoming(this.#exchange.headers)).frozen()
  }

  consume(): IncomingBody {
    if (this.#consumed) throw new Refusal(undefined)
    this.#consumed = true
    return new IncomingBody(this.#session, this.#exchange.body)
  }
}

/** How an outgoing body ended. */
export type BodyEnd =
  { readonly ok: true; readonly trailers?: readonly HeaderPair[] } | { readonly ok: false; readonly reason: string }

/** `wasi:http/types.outgoing-body` */
export class OutgoingBody {
  readonly #session: Session
  readonly #declared: bigint | undefined
  readonly #sizeError: 'HTTP-request-body-size' | 'HTTP-response-body-size'
  #stream: OutputStream | undefined
  #end: BodyEnd | undefined
  #onEnd: ((end: BodyEnd) => void) | undefined
  readonly sink = new BodySink()

  constructor(session: Session, headers: Fields, sizeError: 'HTTP-request-body-size' | 'HTTP-response-body-size') {
    const length = headers.text('content-length')
    this.#session = session
    this.#declared = length !== undefined && /^\d{1,18}$/.test(length) ? BigInt(length) : undefined
    this.#sizeError = sizeError
  }

  write(): OutputStream {
    if (this.#stream) throw new Refusal(undefined)
    this.#stream = new OutputStream(this.#session, this.sink)
    return this.#stream
  }

  static finish(body: OutgoingBody, trailers: Fields | undefined): void {
    checkChild(body.#stream, 'outgoing-body.finish')
    const { written } = body.sink
    if (body.#declared !== undefined && body.#declared !== BigInt(written)) {
      body.#close({ ok: false, reason: `content-length promised ${body.#declared} bytes, ${written} were written` })
      throw new Refusal<ErrorCode>({ tag: body.#sizeError, val: BigInt(written) })
    }
    body.#close(trailers && trailers.pairs.length > 0 ? { ok: true, trailers: trailers.pairs } : { ok: true })
  }

  /** Calls back once the guest finished or gave up the body and everything written was taken. */
  whenEnded(listener: (end: BodyEnd) => void): void {
    this.#onEnd = listener
    if (this.#end) this.#deliver(this.#end)
  }

  /** The run is over: a body that is still open will never be finished. */
  abandon(reason: string): void {
    this.#close({ ok: false, reason })
  }

  [Symbol.dispose](): void {
    checkChild(this.#stream, 'the drop of an outgoing-body')
    this.#close({ ok: false, reason: 'the guest dropped the body without finishing it' })
  }

  #close(end: BodyEnd): void {
    if (this.#end) return
    this.#end = end
    this.#deliver(end)
  }

  #deliver(end: BodyEnd): void {
    const listener = this.#onEnd
    if (!listener) return
    this.#onEnd = undefined
    this.sink.finish(() => listener(end))
  }
}

/** `wasi:http/types.outgoing-response` */
export class OutgoingResponse {
  readonly #session: Session
  readonly #headers: Fields
  #status = 200
  #body: OutgoingBody | undefined

  constructor(session: Session, headers: Fields) {
    this.#session = session
    this.#headers = headers.frozen()
  }

  statusCode(): number {
    return this.#status
  }

  setStatusCode(status: number): void {
    this.#status = checkStatus(status)
  }

  headers(): Fields {
    return this.#headers
  }

  body(): OutgoingBody {
    if (this.#body) throw new Refusal(undefined)
    this.#body = new OutgoingBody(this.#session, this.#headers, 'HTTP-response-body-size')
    return this.#body
  }

  /** The body, if the guest asked for one: for the runtime. */
  get taken(): OutgoingBody | undefined {
    return this.#body
  }
}

/** `wasi:http/types.response-outparam` */
export class ResponseOutparam {
  readonly #exchange: Exchange

  constructor(exchange: Exchange) {
    this.#exchange = exchange
  }

  sendInformational(status: number, headers: Fields): void {
    if (status < 100 || status > 199) throw new Refusal<ErrorCode>({ tag: 'HTTP-protocol-error' })
    this.#exchange.inform(status, headers.pairs)
  }

  static set(param: ResponseOutparam, response: Result<OutgoingResponse, ErrorCode>): void {
    if (response.tag === 'err') param.#exchange.refuse(response.val)
    else param.#exchange.respond(response.val.statusCode(), response.val.headers().pairs, response.val.taken)
  }
}

const uriText = /^[\x21\x22\x24-\x7e\x80-\u{10ffff}]*$/u
const authorityText = /^(?:\[[0-9a-fA-F:.]+\]|[^\s/?#@\\:[\]]+)(?::(\d{1,5}))?$/

// What the setters of requests and responses take, of 0.2 and of 0.3. They throw the refusal without a payload.

export function checkMethod(method: Method): Method {
  if (method.tag === 'other' && !token.test(method.val)) throw new Refusal(undefined)
  return method
}

export function checkPath(path: string | undefined): string | undefined {
  if (path !== undefined && !uriText.test(path)) throw new Refusal(undefined)
  return path
}

export function checkScheme(scheme: Scheme | undefined): Scheme | undefined {
  if (scheme?.tag === 'other' && !/^[a-zA-Z][a-zA-Z0-9+.-]*$/.test(scheme.val)) throw new Refusal(undefined)
  return scheme
}

export function checkAuthority(authority: string | undefined): string | undefined {
  const match = authorityText.exec(authority ?? 'none')
  if (!match || Number(match[1] ?? 0) > 65535) throw new Refusal(undefined)
  return authority
}

export function checkStatus(status: number): number {
  if (status < 100 || status > 999) throw new Refusal(undefined)
  return status
}

/** `wasi:http/types.outgoing-request` */
export class OutgoingRequest {
  readonly #session: Session
  readonly #headers: Fields
  #method: Method = { tag: 'get' }
  #path: string | undefined
  #scheme: Scheme | undefined
  #authority: string | undefined
  #body: OutgoingBody | undefined

  constructor(session: Session, headers: Fields) {
    this.#session = session
    this.#headers = headers.frozen()
  }

  method(): Method {
    return this.#method
  }

  setMethod(method: Method): void {
    this.#method = checkMethod(method)
  }

  pathWithQuery(): string | undefined {
    return this.#path
  }

  setPathWithQuery(path: string | undefined): void {
    this.#path = checkPath(path)
  }

  scheme(): Scheme | undefined {
    return this.#scheme
  }

  setScheme(scheme: Scheme | undefined): void {
    this.#scheme = checkScheme(scheme)
  }

  authority(): string | undefined {
    return this.#authority
  }

  setAuthority(authority: string | undefined): void {
    this.#authority = checkAuthority(authority)
  }

  headers(): Fields {
    return this.#headers
  }

  body(): OutgoingBody {
    if (this.#body) throw new Refusal(undefined)
    this.#body = new OutgoingBody(this.#session, this.#headers, 'HTTP-request-body-size')
    return this.#body
  }

  get taken(): OutgoingBody | undefined {
    return this.#body
  }
}

/** `wasi:http/types.request-options`; durations in nanoseconds. */
export class RequestOptions {
  #connect: bigint | undefined
  #firstByte: bigint | undefined
  #betweenBytes: bigint | undefined

  connectTimeout(): bigint | undefined {
    return this.#connect
  }

  setConnectTimeout(duration: bigint | undefined): void {
    this.#connect = duration
  }

  firstByteTimeout(): bigint | undefined {
    return this.#firstByte
  }

  setFirstByteTimeout(duration: bigint | undefined): void {
    this.#firstByte = duration
  }

  betweenBytesTimeout(): bigint | undefined {
    return this.#betweenBytes
  }

  setBetweenBytesTimeout(duration: bigint | undefined): void {
    this.#betweenBytes = duration
  }

  clone(): RequestOptions {
    const copy = new RequestOptions()
    copy.#connect = this.#connect
    copy.#firstByte = this.#firstByte
    copy.#betweenBytes = this.#betweenBytes
    return copy
  }
}

/** `wasi:http/types.incoming-response` */
export class IncomingResponse {
  readonly #session: Session
  readonly #status: number
  readonly #headers: Fields
  readonly #body: BodySource
  readonly #release: () => void
  #consumed = false

  /** `release` is called when the guest drops the response without reading it. */
  constructor(session: Session, status: number, headers: readonly HeaderPair[], body: BodySource, release: () => void) {
    this.#session = session
    this.#status = status
    this.#headers = Fields.incoming(headers)
    this.#body = body
    this.#release = release
  }

  status(): number {
    return this.#status
  }

  headers(): Fields {
    return this.#headers.frozen()
  }

  consume(): IncomingBody {
    if (this.#consumed) throw new Refusal(undefined)
    this.#consumed = true
    return new IncomingBody(this.#session, this.#body)
  }

  [Symbol.dispose](): void {
    if (!this.#consumed) this.#release()
  }
}

/** `wasi:http/types.future-incoming-response` */
export class FutureIncomingResponse implements Condition {
  readonly #session: Session
  readonly #signal = new Signal()
  #outcome: Result<IncomingResponse, ErrorCode> | undefined
  #taken = false

  constructor(session: Session) {
    this.#session = session
  }

  settle(outcome: Result<IncomingResponse, ErrorCode>): void {
    this.#outcome ??= outcome
    this.#signal.notify()
  }

  ready(): boolean {
    return this.#outcome !== undefined
  }

  wait(): Promise<void> {
    return this.#signal.wait()
  }

  subscribe(): Pollable {
    return new Pollable(this.#session, this)
  }

  get(): Result<Result<IncomingResponse, ErrorCode>, undefined> | undefined {
    if (!this.#outcome) return undefined
    if (this.#taken) return { tag: 'err', val: undefined }
    this.#taken = true
    return { tag: 'ok', val: this.#outcome }
  }
}

/** The classes of `wasi:http/types`; those that guests construct belong to the session of their instance. */
export function createHttpTypes(slot: SessionSlot) {
  return {
    Fields,
    IncomingRequest,
    IncomingBody,
    IncomingResponse,
    FutureTrailers,
    FutureIncomingResponse,
    OutgoingBody,
    RequestOptions,
    ResponseOutparam,
    OutgoingResponse: class extends OutgoingResponse {
      constructor(headers: Fields) {
        super(slot.current, headers)
      }
    },
    OutgoingRequest: class extends OutgoingRequest {
      constructor(headers: Fields) {
        super(slot.current, headers)
      }
    },
    httpErrorCode: (error: IoError): ErrorCode | undefined => (isErrorCode(error.cause) ? error.cause : undefined),
  }
}

export const isErrorCode = (value: unknown): value is ErrorCode =>
  typeof value === 'object' && value !== null && 'tag' in value
