import { fail, type Problem } from '../../src-engine/error.ts'
import { initialCredit, kinds, type BodyTail, type FrameWriter, type Outcome } from './frames.ts'
import { writeAnswer, writeResponse, type RequestHead } from './message-frames.ts'
import type { HeaderPair } from './wasi/fields.ts'
import {
  TrailersToCome,
  type BodyEnd,
  type BodySource,
  type ErrorCode,
  type Exchange,
  type OutgoingBody,
} from './wasi/http-types.ts'
import { ByteQueue, IoError } from './wasi/streams.ts'

/** Credit goes back in steps of this size, not for every few bytes. */
const creditStep = 32 * 1024

/** Flushes closer together than this are one. Milliseconds. */
const flushInterval = 1

/** An answer up to this size may wait for the guest to return, and then goes out in one frame. */
const heldLimit = 64 * 1024

/**
 * One request in the worker: its two bodies, and the frames they become. The answer is held back for a moment: that of a
 * guest that comes back at once is one frame; otherwise {@link release} lets it go as it comes.
 */
export class WorkerExchange implements Exchange {
  readonly #head: RequestHead
  readonly #stream: number
  readonly #writer: FrameWriter
  #body: BodySource | undefined
  /** The client's body is complete. */
  #bodyTail: BodyTail | undefined
  #consumed = 0
  #credit = initialCredit
  #outgoing: OutgoingBody | undefined
  #answered = false
  #closed = false
  #announced = false
  #isLate = false
  #holding = true
  #status = 0
  #headers: readonly HeaderPair[] = []
  #held: Uint8Array[] = []
  #heldBytes = 0
  /** The body is complete; kept while it is held back. */
  #tail: BodyTail | undefined
  #isFinished = false
  /** Called when the answer is complete or given up. */
  onFinished: (() => void) | undefined
  /** What is wrong with the answer, found out after it began. */
  problem: Problem | undefined

  constructor(stream: number, head: RequestHead, writer: FrameWriter) {
    this.#stream = stream
    this.#writer = writer
    this.#head = head
    this.#bodyTail = head.body ? undefined : {}
  }

  /** The client's body. Many requests have none, and few guests ask for one that is not there: made when somebody does. */
  get body(): BodySource {
    if (this.#body) return this.#body
    this.#body = { queue: new ByteQueue((bytes) => this.#giveCredit(bytes)), trailers: new TrailersToCome() }
    if (this.#closed) this.#cutBody(this.#body)
    else if (this.#bodyTail) finishBody(this.#body, this.#bodyTail)
    return this.#body
  }

  get method(): string {
    return this.#head.method
  }

  get target(): string {
    return this.#head.target
  }

  get scheme(): 'HTTP' | 'HTTPS' {
    return this.#head.scheme
  }

  get authority(): string {
    return this.#head.authority
  }

  get headers(): readonly HeaderPair[] {
    return this.#head.headers
  }

  /** When the workbench sent it, milliseconds since the epoch. */
  get sent(): number {
    return this.#head.sent
  }

  /** Nothing more will come of the answer. */
  get isFinished(): boolean {
    return this.#isFinished
  }

  get answered(): boolean {
    return this.#answered
  }

  /** The client's body is complete. */
  endBody(tail: BodyTail): void {
    this.#bodyTail = tail
    if (this.#body) finishBody(this.#body, tail)
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
    this.#status = status
    this.#headers = headers
    // What it says from here on in this turn, mostly everything, goes out together.
    if (this.#isLate && this.#holding) setImmediate(() => this.release())
    if (!this.#holding) writeResponse(this.#writer, kinds.respond, this.#stream, status, headers)
    if (!body) return this.#complete({ ok: true })
    this.#outgoing = body
    let flushes = 0
    let flushed = 0
    const flush = (): void => {
      // The first flush is mostly the only one, right before the end: it goes out with it. Later ones belong to a stream;
      // many guests flush every few bytes, and those close together travel together, at the end of the turn at the latest.
      if (flushes++ === 0) return
      this.release()
      const now = performance.now()
      if (now - flushed < flushInterval) return
      flushed = now
      this.#writer.flush()
    }
    body.sink.attach((bytes) => {
      this.#credit -= bytes.length
      if (!this.#holding) this.#writer.send(kinds.body, this.#stream, bytes)
      else {
        this.#held.push(bytes)
        this.#heldBytes += bytes.length
        if (this.#heldBytes > heldLimit) this.release()
      }
      return this.#credit > 0
    }, flush)
    body.whenEnded((end) => this.#complete(end))
  }

  /** Tells the workbench that the guest runs. */
  announce(): void {
    if (this.#announced) return
    this.#announced = true
    this.#writer.send(kinds.started, this.#stream)
  }

  /** The guest did not come back in the turn that began it: its answer is not held until it does. */
  grow(): void {
    this.announce()
    if (this.#answered) this.release()
    else this.#isLate = true
  }

  /** The guest takes its time, or sends much: what there is of the answer goes out now, the rest as it comes. */
  release(): void {
    if (!this.#holding) return
    this.#holding = false
    // A refusal is an answer without a head.
    if (this.#status === 0 || this.#closed) return
    this.announce()
    writeResponse(this.#writer, kinds.respond, this.#stream, this.#status, this.#headers)
    for (const chunk of this.#held.splice(0)) this.#writer.send(kinds.body, this.#stream, chunk)
    if (this.#tail) this.#writer.json(kinds.end, this.#stream, this.#tail)
  }

  /** The guest broke before anything of the answer went out: none of it will. */
  discard(): void {
    if (!this.#holding) return
    this.#holding = false
    this.#held = []
  }

  /** Sends the whole answer with the outcome in one frame; false when it is not whole or partly sent already. */
  answerWhole(outcome: Outcome): boolean {
    if (!this.#holding || !this.#tail || this.#tail.trailers || this.#closed) return false
    this.#holding = false
    writeAnswer(this.#writer, this.#stream, this.#status, this.#headers, this.#held, outcome)
    return true
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
    if (!this.#answered && !this.#closed) writeResponse(this.#writer, kinds.inform, this.#stream, status, headers)
  }

  /** The guest returned or broke: a body that it left open stays incomplete. */
  guestOver(reason: string): void {
    this.#outgoing?.abandon(reason)
    if (!this.#answered) this.#finish()
  }

  /** Nobody listens any more. */
  close(): void {
    this.#closed = true
    if (this.#body) this.#cutBody(this.#body)
    this.#outgoing?.sink.fail(clientGone())
    this.#finish()
  }

  #cutBody({ queue, trailers }: BodySource): void {
    queue.end(clientGone())
    trailers.settle({ tag: 'err', val: { tag: 'connection-terminated' } })
  }

  #complete(end: BodyEnd): void {
    if (this.#closed) return
    if (end.ok) {
      this.#tail = end.trailers ? { trailers: end.trailers } : {}
      if (!this.#holding) this.#writer.json(kinds.end, this.#stream, this.#tail)
    } else {
      this.problem = fail('runtime.body-unfinished', `The response body is incomplete: ${end.reason}`, {
        hint: 'Call outgoing-body.finish after the last byte',
      }).problem
    }
    this.#finish()
  }

  #finish(): void {
    if (this.#isFinished) return
    this.#isFinished = true
    this.onFinished?.()
  }

  #giveCredit(bytes: number): void {
    this.#consumed += bytes
    if (this.#consumed < creditStep || this.#closed) return
    this.#writer.credit(this.#stream, this.#consumed)
    this.#consumed = 0
  }
}

const clientGone = (): IoError => new IoError('the client is gone')

function finishBody({ queue, trailers }: BodySource, tail: BodyTail): void {
  queue.end()
  trailers.settle({ tag: 'ok', val: tail.trailers })
}

/** A WIT value in a few words. */
function describe(value: unknown): string {
  return typeof value === 'string'
    ? value
    : JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? String(part) : part))
}
