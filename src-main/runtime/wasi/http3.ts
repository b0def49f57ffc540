/**
 * wasi:http@0.3: requests and responses whose bodies are streams and whose trailers are futures. Everything that has the
 * same meaning as in 0.2 (fields, error codes, the client) is the same code.
 */
import { Fields } from './fields.ts'
import {
  checkAuthority,
  checkMethod,
  checkPath,
  checkScheme,
  checkStatus,
  IncomingBody,
  isErrorCode,
  methodOf,
  OutgoingBody,
  OutgoingRequest,
  RequestOptions,
  type BodySource,
  type ErrorCode,
  type Exchange,
  type FutureIncomingResponse,
  type IncomingResponse,
  type Method,
  type Scheme,
} from './http-types.ts'
import { send } from './outgoing.ts'
import { GuestCancelled, Refusal, type Session, type SessionSlot } from './session.ts'
import { IoError } from './streams.ts'
import {
  drop,
  forget,
  HostStream,
  passOn,
  pumpInto,
  success,
  takeBytes,
  type ByteStream,
  type DoneFuture,
  type Result,
} from './streams3.ts'
import { until } from './wait.ts'

/** `future<result<option<trailers>, error-code>>` */
export type TrailersFuture = PromiseLike<Result<Fields | undefined, ErrorCode>>
type Sent = Result<undefined, ErrorCode>

/** A body's bytes as they come; an error of the body ends the stream, the trailers tell of it. */
const bytesOf = (session: Session, source: BodySource): HostStream<Uint8Array> =>
  new HostStream(
    () => takeBytes(session, source.queue),
    // What was not read stands between the other side and its end: it is thrown away as it comes.
    () => source.queue.drain(),
  )

async function trailersOf(session: Session, source: BodySource): Promise<Result<Fields | undefined, ErrorCode>> {
  try {
    await until(session, source.trailers)
  } catch (thrown) {
    if (!(thrown instanceof GuestCancelled)) throw thrown
    return { tag: 'err', val: { tag: 'connection-terminated' } }
  }
  const { outcome } = source.trailers
  if (!outcome || outcome.tag === 'err') return outcome ?? { tag: 'ok', val: undefined }
  return { tag: 'ok', val: outcome.val && Fields.incoming(outcome.val) }
}

/** Contents and trailers of a message that a guest made, or that came from outside. */
class Message {
  readonly headers: Fields
  readonly contents: ByteStream | undefined
  readonly trailers: TrailersFuture
  /** It went its way, or was taken apart. */
  #isSpent = false
  /** Tells the maker that the message was sent, or not. */
  settle: (outcome: Sent) => void = () => {}
  readonly sent: Promise<Sent>

  constructor(headers: Fields, contents: ByteStream | undefined, trailers: TrailersFuture) {
    this.headers = headers.frozen()
    this.contents = contents
    this.trailers = trailers
    this.sent = new Promise((resolve) => {
      this.settle = resolve
    })
  }

  /** It goes on its way: what is in it is the receiver's business from now on. */
  spend(): void {
    this.#isSpent = true
  }

  /** It is out, without a body. */
  finish(): void {
    forget(this.trailers)
    this.settle(success)
  }

  /** Nobody wants it any more: whoever still writes to it is told. */
  drop(): void {
    if (this.#isSpent) return
    this.#isSpent = true
    if (this.contents) drop(this.contents)
    forget(this.trailers)
    this.settle({ tag: 'err', val: { tag: 'connection-terminated' } })
  }

  consume(done: DoneFuture<ErrorCode>): [ByteStream, TrailersFuture] {
    if (this.#isSpent) throw new Refusal(undefined)
    this.#isSpent = true
    Promise.resolve(done).then(this.settle, () => this.settle(success))
    const { contents } = this
    if (!contents) return [new HostStream<Uint8Array>(nothing, nothing), Promise.resolve(this.trailers)]
    if (!contents.read) return [contents, this.trailers]
    // What comes from one guest is made for the other by us; trailers stand behind the body.
    let over: () => void = nothing
    const trailers = new Promise<Result<Fields | undefined, ErrorCode>>((resolve) => {
      over = () => resolve(this.trailers)
    })
    return [passOn(contents, over), trailers]
  }
}

const nothing = (): undefined => undefined

const incoming = (session: Session, headers: Fields, source: BodySource): Message =>
  new Message(headers, bytesOf(session, source), trailersOf(session, source))

/** `wasi:http/types.request-options` of 0.3: those of a request that is made already do not change. */
export class RequestOptions3 extends RequestOptions {
  #isFrozen = false

  #check(): void {
    if (this.#isFrozen) throw new Refusal({ tag: 'immutable' })
  }

  getConnectTimeout(): bigint | undefined {
    return this.connectTimeout()
  }

  getFirstByteTimeout(): bigint | undefined {
    return this.firstByteTimeout()
  }

  getBetweenBytesTimeout(): bigint | undefined {
    return this.betweenBytesTimeout()
  }

  override setConnectTimeout(duration: bigint | undefined): void {
    this.#check()
    super.setConnectTimeout(duration)
  }

  override setFirstByteTimeout(duration: bigint | undefined): void {
    this.#check()
    super.setFirstByteTimeout(duration)
  }

  override setBetweenBytesTimeout(duration: bigint | undefined): void {
    this.#check()
    super.setBetweenBytesTimeout(duration)
  }

  override clone(): RequestOptions3 {
    const copy = new RequestOptions3()
    copy.setConnectTimeout(this.connectTimeout())
    copy.setFirstByteTimeout(this.firstByteTimeout())
    copy.setBetweenBytesTimeout(this.betweenBytesTimeout())
    return copy
  }

  /** The same for reading only. */
  frozen(): RequestOptions3 {
    const copy = this.clone()
    copy.#isFrozen = true
    return copy
  }
}

/** `wasi:http/types.request` */
export class Request {
  #message: Message
  #method: Method = { tag: 'get' }
  #path: string | undefined
  #scheme: Scheme | undefined
  #authority: string | undefined
  #options: RequestOptions3 | undefined

  private constructor(message: Message) {
    this.#message = message
  }

  static new(
    headers: Fields,
    contents: ByteStream | undefined,
    trailers: TrailersFuture,
    options: RequestOptions3 | undefined,
  ): [Request, DoneFuture<ErrorCode>] {
    const request = new Request(new Message(headers, contents, trailers))
    request.#options = options?.frozen()
    return [request, request.#message.sent]
  }

  /** The request that a client sent. */
  static from(session: Session, exchange: Exchange): Request {
    const request = new Request(incoming(session, Fields.incoming(exchange.headers), exchange.body))
    request.#method = methodOf(exchange.method)
    request.#path = exchange.target
    request.#scheme = { tag: exchange.scheme }
    request.#authority = exchange.authority
    return request
  }

  getMethod(): Method {
    return this.#method
  }

  setMethod(method: Method): void {
    this.#method = checkMethod(method)
  }

  getPathWithQuery(): string | undefined {
    return this.#path
  }

  setPathWithQuery(path: string | undefined): void {
    this.#path = checkPath(path)
  }

  getScheme(): Scheme | undefined {
    return this.#scheme
  }

  setScheme(scheme: Scheme | undefined): void {
    this.#scheme = checkScheme(scheme)
  }

  getAuthority(): string | undefined {
    return this.#authority
  }

  setAuthority(authority: string | undefined): void {
    this.#authority = checkAuthority(authority)
  }

  getOptions(): RequestOptions3 | undefined {
    return this.#options
  }

  getHeaders(): Fields {
    return this.#message.headers
  }

  static consumeBody(request: Request, done: DoneFuture<ErrorCode>): [ByteStream, TrailersFuture] {
    return request.#message.consume(done)
  }

  [Symbol.dispose](): void {
    this.#message.drop()
  }

  /** One that is refused at once is dropped. */
  #begin(session: Session, outgoing: OutgoingRequest): FutureIncomingResponse {
    try {
      return send(session, outgoing, this.#options)
    } catch (thrown) {
      this.#message.drop()
      throw thrown
    }
  }

  /** Sends it to where it says. Throws refusals with `error-code`. */
  async send(session: Session): Promise<Response> {
    const outgoing = new OutgoingRequest(session, this.#message.headers)
    outgoing.setMethod(this.#method)
    outgoing.setPathWithQuery(this.#path)
    outgoing.setScheme(this.#scheme)
    outgoing.setAuthority(this.#authority)
    const body = this.#message.contents ? outgoing.body() : undefined
    const future = this.#begin(session, outgoing)
    this.#message.spend()
    if (body) {
      // The body's own error is the answer's: it says more than that the connection broke.
      const failed = (code: ErrorCode): void => future.settle({ tag: 'err', val: code })
      transmit(session, this.#message, body, failed).catch(() => {})
    } else this.#message.finish()
    await until(session, future)
    const answer = future.get()
    if (answer?.tag !== 'ok') throw new Refusal<ErrorCode>({ tag: 'internal-error', val: 'the answer was taken twice' })
    if (answer.val.tag === 'err') throw new Refusal(answer.val.val)
    return Response.from(session, answer.val.val)
  }
}

/** `wasi:http/types.response` */
export class Response {
  readonly #message: Message
  #status = 200

  private constructor(message: Message) {
    this.#message = message
  }

  static new(
    headers: Fields,
    contents: ByteStream | undefined,
    trailers: TrailersFuture,
  ): [Response, DoneFuture<ErrorCode>] {
    const response = new Response(new Message(headers, contents, trailers))
    return [response, response.#message.sent]
  }

  /** The answer of another server. */
  static from(session: Session, answer: IncomingResponse): Response {
    const response = new Response(incoming(session, answer.headers(), IncomingBody.sourceOf(answer.consume())))
    response.#status = answer.status()
    return response
  }

  getStatusCode(): number {
    return this.#status
  }

  setStatusCode(status: number): void {
    this.#status = checkStatus(status)
  }

  getHeaders(): Fields {
    return this.#message.headers
  }

  static consumeBody(response: Response, done: DoneFuture<ErrorCode>): [ByteStream, TrailersFuture] {
    return response.#message.consume(done)
  }

  [Symbol.dispose](): void {
    this.#message.drop()
  }

  /** Sends it to the client; settles when the last byte was taken, or the body broke. */
  async answer(session: Session, exchange: Exchange): Promise<void> {
    this.#message.spend()
    const body = this.#message.contents
      ? new OutgoingBody(session, this.#message.headers, 'HTTP-response-body-size')
      : undefined
    exchange.respond(this.#status, this.#message.headers.pairs, body)
    if (body) await transmit(session, this.#message, body)
    else this.#message.finish()
  }
}

/**
 * Moves contents and trailers of a message into a body on its way out. `failed` hears what broke it, before the body is
 * given up. Throws what is not the body's own error.
 */
async function transmit(
  session: Session,
  message: Message,
  body: OutgoingBody,
  failed: (code: ErrorCode) => void = () => {},
): Promise<void> {
  const giveUp = (code: ErrorCode, reason: string): void => {
    failed(code)
    body.abandon(reason)
    forget(message.trailers)
    message.settle({ tag: 'err', val: code })
  }
  try {
    if (message.contents) await session.orCancelled(pumpInto(session, message.contents, body.sink))
    const trailers = await session.orCancelled(Promise.resolve(message.trailers))
    if (trailers.tag === 'err') return giveUp(trailers.val, `the guest gave up: ${trailers.val.tag}`)
    OutgoingBody.finish(body, trailers.val)
    message.settle(success)
  } catch (thrown) {
    giveUp(codeOf(thrown), thrown instanceof Error ? thrown.message : 'the body broke off')
    if (!(thrown instanceof Refusal)) throw thrown
  }
}

/** What a body that broke tells its maker: the code of what broke it, where that is known. */
function codeOf(thrown: unknown): ErrorCode {
  const payload = thrown instanceof Refusal ? thrown.payload : undefined
  if (!isErrorCode(payload)) return { tag: 'connection-terminated' }
  if (!(payload.val instanceof IoError)) return payload.tag === 'closed' ? { tag: 'connection-terminated' } : payload
  return isErrorCode(payload.val.cause) ? payload.val.cause : { tag: 'connection-terminated' }
}

export function createHttp3(slot: SessionSlot) {
  return {
    'wasi:http/types@0.3': { Fields, Request, Response, RequestOptions: RequestOptions3 },
    'wasi:http/client@0.3': { send: (request: Request): Promise<Response> => request.send(slot.current) },
  }
}
