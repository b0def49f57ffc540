/**
 * wasi:http@0.3: requests and responses whose bodies are streams and whose trailers are futures. Everything that has the
 * same meaning as in 0.2 (fields, error codes, the client) is the same code.
 */
import { Fields } from './fields.ts'
import {
  IncomingBody,
  methodOf,
  OutgoingBody,
  OutgoingRequest,
  RequestOptions as Options,
  type BodySource,
  type ErrorCode,
  type Exchange,
  type IncomingResponse,
  type Method,
  type Scheme,
} from './http-types.ts'
import { send } from './outgoing.ts'
import { GuestCancelled, Refusal, type Session, type SessionSlot } from './session.ts'
import { until } from './wait.ts'

type Result<Value, Failure> =
  { readonly tag: 'ok'; readonly val: Value } | { readonly tag: 'err'; readonly val: Failure }
/** `future<result<option<trailers>, error-code>>` */
export type TrailersFuture = PromiseLike<Result<Fields | undefined, ErrorCode>>
/** `future<result<_, error-code>>` */
type DoneFuture = PromiseLike<Result<undefined, ErrorCode>>

/** A stream that a guest reads or writes: what the generated code hands over, and takes. */
export interface ByteStream {
  /** At most `count` bytes; the end is `done`, or null. */
  read?(options: { readonly count: number }): Promise<unknown>
  [Symbol.asyncIterator]?(): AsyncIterator<unknown>
  [Symbol.dispose]?(): void
}

const chunkSize = 64 * 1024
const ok: Result<undefined, ErrorCode> = { tag: 'ok', val: undefined }

/** Yields a body's bytes as they come; an error of the body ends the stream, the trailers tell of it. */
async function* bytesOf(session: Session, source: BodySource): AsyncGenerator<Uint8Array> {
  try {
    for (;;) {
      await until(session, source.queue)
      const chunk = source.queue.take(chunkSize)
      if (chunk) yield chunk
    }
  } catch (thrown) {
    // Whose client went away reads to the end; an instance that serves others too must not trap over it.
    if (!(thrown instanceof Refusal || thrown instanceof GuestCancelled)) throw thrown
  } finally {
    source.queue.drain()
  }
}

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

/** One piece of a guest's stream; undefined at its end. */
async function readChunk(
  stream: ByteStream,
  iterator: AsyncIterator<unknown> | undefined,
): Promise<Uint8Array | undefined> {
  const read: unknown = iterator ? await iterator.next() : await stream.read?.({ count: chunkSize })
  const { value, done } =
    typeof read === 'object' && read !== null && 'done' in read
      ? { value: 'value' in read ? read.value : undefined, done: read.done === true }
      : { value: read, done: read === null || read === undefined }
  if (value instanceof Uint8Array) return value
  if (Array.isArray(value)) return Uint8Array.from(value)
  if (typeof value === 'number') return Uint8Array.of(value)
  return done ? undefined : new Uint8Array()
}

/** Copies a guest's stream to `write` until it ends, no faster than `ready` lets it. */
async function pump(
  stream: ByteStream,
  write: (bytes: Uint8Array) => void,
  ready: () => Promise<void> | undefined,
): Promise<void> {
  const iterator = stream.read ? undefined : stream[Symbol.asyncIterator]?.()
  for (;;) {
    await ready()
    const chunk = await readChunk(stream, iterator)
    if (!chunk) return
    if (chunk.length > 0) write(chunk.slice())
  }
}

/** Contents and trailers of a message that a guest made, or that came from outside. */
class Message {
  readonly headers: Fields
  readonly contents: ByteStream | undefined
  readonly trailers: TrailersFuture
  #consumed = false
  /** Tells the maker that the message was sent, or not. */
  settle: (outcome: Result<undefined, ErrorCode>) => void = () => {}
  readonly sent: Promise<Result<undefined, ErrorCode>>

  constructor(headers: Fields, contents: ByteStream | undefined, trailers: TrailersFuture) {
    this.headers = headers.frozen()
    this.contents = contents
    this.trailers = trailers
    this.sent = new Promise((resolve) => {
      this.settle = resolve
    })
  }

  consume(done: DoneFuture): [ByteStream, TrailersFuture] {
    if (this.#consumed) throw new Refusal(undefined)
    this.#consumed = true
    Promise.resolve(done).then(this.settle, () => this.settle(ok))
    return [this.contents ?? nothing(), this.trailers]
  }
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

const incoming = (session: Session, headers: Fields, source: BodySource): Message =>
  new Message(headers, bytesOf(session, source), trailersOf(session, source))

/** `wasi:http/types.request` */
export class Request {
  #message: Message
  #method: Method = { tag: 'get' }
  #path: string | undefined
  #scheme: Scheme | undefined
  #authority: string | undefined
  #options: Options | undefined

  private constructor(message: Message) {
    this.#message = message
  }

  static new(
    headers: Fields,
    contents: ByteStream | undefined,
    trailers: TrailersFuture,
    options: Options | undefined,
  ): [Request, DoneFuture] {
    const request = new Request(new Message(headers, contents, trailers))
    request.#options = options
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
    this.#method = method
  }

  getPathWithQuery(): string | undefined {
    return this.#path
  }

  setPathWithQuery(path: string | undefined): void {
    this.#path = path
  }

  getScheme(): Scheme | undefined {
    return this.#scheme
  }

  setScheme(scheme: Scheme | undefined): void {
    this.#scheme = scheme
  }

  getAuthority(): string | undefined {
    return this.#authority
  }

  setAuthority(authority: string | undefined): void {
    this.#authority = authority
  }

  getOptions(): Options | undefined {
    return this.#options
  }

  getHeaders(): Fields {
    return this.#message.headers
  }

  static consumeBody(request: Request, done: DoneFuture): [ByteStream, TrailersFuture] {
    return request.#message.consume(done)
  }

  /** Sends it to where it says. */
  async send(session: Session): Promise<Response> {
    const outgoing = new OutgoingRequest(session, this.#message.headers)
    outgoing.setMethod(this.#method)
    outgoing.setPathWithQuery(this.#path)
    outgoing.setScheme(this.#scheme)
    outgoing.setAuthority(this.#authority)
    const body = this.#message.contents ? outgoing.body() : undefined
    const future = send(session, outgoing, this.#options)
    if (body) void transmit(session, this.#message, body)
    else this.#message.settle(ok)
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

  static new(headers: Fields, contents: ByteStream | undefined, trailers: TrailersFuture): [Response, DoneFuture] {
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
    if (status < 100 || status > 999) throw new Refusal(undefined)
    this.#status = status
  }

  getHeaders(): Fields {
    return this.#message.headers
  }

  static consumeBody(response: Response, done: DoneFuture): [ByteStream, TrailersFuture] {
    return response.#message.consume(done)
  }

  /** Sends it to the client; settles when the last byte was taken, or the body broke. */
  async answer(session: Session, exchange: Exchange): Promise<void> {
    const body = this.#message.contents
      ? new OutgoingBody(session, this.#message.headers, 'HTTP-response-body-size')
      : undefined
    exchange.respond(this.#status, this.#message.headers.pairs, body)
    if (body) await transmit(session, this.#message, body)
    else this.#message.settle(ok)
  }
}

/** Moves contents and trailers of a message into a body on its way out. */
async function transmit(session: Session, message: Message, body: OutgoingBody): Promise<void> {
  const { sink } = body
  try {
    if (message.contents) {
      await session.orCancelled(
        pump(
          message.contents,
          (bytes) => {
            sink.room()
            sink.write(bytes)
            sink.flush()
          },
          () => until(session, sink),
        ),
      )
    }
    const trailers = await session.orCancelled(Promise.resolve(message.trailers))
    if (trailers.tag === 'err') {
      body.abandon(`the guest gave up: ${trailers.val.tag}`)
      message.settle(trailers)
      return
    }
    OutgoingBody.finish(body, trailers.val)
    message.settle(ok)
  } catch (thrown) {
    body.abandon(thrown instanceof Error ? thrown.message : 'the body broke off')
    message.settle({ tag: 'err', val: { tag: 'connection-terminated' } })
    if (!(thrown instanceof Refusal)) throw thrown
  }
}

/** What 0.3 adds to the interfaces of {@link createHost}: the names differ, so both versions live in one object. */
export function createHttp3(slot: SessionSlot) {
  return {
    types: { Request, Response },
    'wasi:http/client': { send: (request: Request): Promise<Response> => request.send(slot.current) },
  }
}

/** Standard streams of 0.3: a stream is handed over whole. */
export function createCli3(slot: SessionSlot) {
  const out =
    (source: 'stdout' | 'stderr') =>
    async (stream: ByteStream): Promise<Result<undefined, string>> => {
      const session = slot.current
      await pump(
        stream,
        (bytes) => session.output(source, bytes),
        () => undefined,
      )
      return { tag: 'ok', val: undefined }
    }
  return {
    stdout: { writeViaStream: out('stdout') },
    stderr: { writeViaStream: out('stderr') },
    stdin: {
      readViaStream: (): [ByteStream, Promise<Result<undefined, string>>] => [
        nothing(),
        Promise.resolve({ tag: 'ok', val: undefined }),
      ],
    },
  }
}
