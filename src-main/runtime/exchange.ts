import { fail, type Problem } from '../../src-engine/error.ts'
import { initialCredit, kinds, type BodyTail, type FrameWriter, type RequestHead, type ResponseHead } from './frames.ts'
import type { HeaderPair } from './wasi/fields.ts'
import { TrailersToCome, type BodyEnd, type ErrorCode, type Exchange, type OutgoingBody } from './wasi/http-types.ts'
import { ByteQueue, IoError } from './wasi/streams.ts'

/** Credit goes back in steps of this size, not for every few bytes. */
const creditStep = 32 * 1024

/** One request in the worker: its two bodies, and the frames they become. */
export class WorkerExchange implements Exchange {
  readonly id: string
  readonly method: string
  readonly target: string
  readonly scheme: 'HTTP' | 'HTTPS'
  readonly authority: string
  readonly headers: readonly HeaderPair[]
  readonly body: { readonly queue: ByteQueue; readonly trailers: TrailersToCome }
  readonly sent: number
  readonly #stream: number
  readonly #writer: FrameWriter
  #consumed = 0
  #credit = initialCredit
  #outgoing: OutgoingBody | undefined
  #answered = false
  #closed = false
  /** Settled when the answer is complete or given up. */
  readonly finished: Promise<void>
  #finish: () => void = () => {}
  /** What is wrong with the answer, found out after it began. */
  problem: Problem | undefined

  constructor(stream: number, head: RequestHead, writer: FrameWriter) {
    this.#stream = stream
    this.#writer = writer
    this.id = head.id
    this.method = head.method
    this.target = head.target
    this.scheme = head.scheme
    this.authority = head.authority
    this.headers = head.headers
    this.sent = head.sent
    const queue = new ByteQueue((bytes) => this.#giveCredit(bytes))
    this.body = { queue, trailers: new TrailersToCome() }
    this.finished = new Promise((resolve) => {
      this.#finish = resolve
    })
    if (!head.body) this.endBody({})
  }

  get answered(): boolean {
    return this.#answered
  }

  /** The client's body is complete. */
  endBody(tail: BodyTail): void {
    this.body.queue.end()
    this.body.trailers.settle({ tag: 'ok', val: tail.trailers })
  }

  /** The workbench has room for more of the answer. */
  credit(bytes: number): void {
    const before = this.#credit
    this.#credit += bytes
    if (before <= 0 && this.#credit > 0) this.#outgoing?.sink.resume()
  }

  respond(status: number, headers: readonly HeaderPair[], body: OutgoingBody | undefined): void {
    if (this.#answered || this.#closed) return
    this.#answered = true
    this.#writer.json(kinds.respond, this.#stream, { status, headers } satisfies ResponseHead)
    if (!body) return this.#complete({ ok: true })
    this.#outgoing = body
    let flushes = 0
    body.sink.onFlush = () => {
      // The first flush is mostly the only one, right before the end: it goes out with it. Later ones belong to a stream.
      if (flushes++ > 0) this.#writer.flush()
    }
    body.sink.attach((bytes) => {
      this.#writer.send(kinds.body, this.#stream, bytes)
      this.#credit -= bytes.length
      return this.#credit > 0
    })
    body.whenEnded((end) => this.#complete(end))
  }

  refuse(code: ErrorCode): void {
    if (this.#answered || this.#closed) return
    this.#answered = true
    const detail = code.val === undefined ? '' : ` (${describe(code.val)})`
    this.problem = fail('runtime.handler-error', `The handler answered with the error ${code.tag}${detail}`, {
      hint: 'It chose this answer itself; its own log may tell why',
    }).problem
    this.#finish()
  }

  inform(status: number, headers: readonly HeaderPair[]): void {
    if (!this.#answered && !this.#closed) this.#writer.json(kinds.inform, this.#stream, { status, headers })
  }

  /** The guest returned or broke: a body that it left open stays incomplete. */
  guestOver(reason: string): void {
    this.#outgoing?.abandon(reason)
    if (!this.#answered) this.#finish()
  }

  /** Nobody listens any more. */
  close(): void {
    this.#closed = true
    const gone = new IoError('the client is gone')
    this.body.queue.end(gone)
    this.body.trailers.settle({ tag: 'err', val: { tag: 'connection-terminated' } })
    this.#outgoing?.sink.fail(gone)
    this.#finish()
  }

  #complete(end: BodyEnd): void {
    if (this.#closed) return
    if (end.ok) {
      this.#writer.json(kinds.end, this.#stream, (end.trailers ? { trailers: end.trailers } : {}) satisfies BodyTail)
    } else {
      this.problem = fail('runtime.body-unfinished', `The response body is incomplete: ${end.reason}`, {
        hint: 'Call outgoing-body.finish after the last byte',
      }).problem
    }
    this.#finish()
  }

  #giveCredit(bytes: number): void {
    this.#consumed += bytes
    if (this.#consumed < creditStep || this.#closed) return
    this.#writer.credit(this.#stream, this.#consumed)
    this.#consumed = 0
  }
}

/** A WIT value in a few words. */
function describe(value: unknown): string {
  return typeof value === 'string'
    ? value
    : JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? String(part) : part))
}
