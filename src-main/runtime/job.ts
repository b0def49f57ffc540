import type { IncomingMessage, ServerResponse } from 'node:http'
import { fail, type Problem } from '../../src-engine/error.ts'
import { formatBytes } from '../../src-preload/amounts.ts'
import type { Denial, RequestRecord } from '../../src-preload/contract.ts'
import { initialCredit, kinds, type BodyTail, type Outcome } from './frames.ts'
import type { StreamListener, WorkerLink } from './guest-line.ts'
import { endConnection } from './last-answer.ts'
import { promisedLength, writeRequest, type Answer, type ResponseHead } from './message-frames.ts'
import { addSpans } from './outcome-spans.ts'
import { sendInformational } from './informational.ts'
import { bodyTooLarge, cutShort, sendProblem, tooSlow, wentOn, workerReplaced } from './problems.ts'
import type { RecordStore } from './records.ts'
import { Encoder } from './serving/encoder.ts'
import { chooseEncoding, encodedHeaders, isEncodable } from './serving/negotiation.ts'
import { continueTrace, traceparentOf, type Trace } from './serving/trace-context.ts'
import { pairsOf } from './wasi/outgoing.ts'

export interface JobSettings {
  readonly handler: string
  /** Path and query for the guest. */
  readonly target: string
  readonly maxBody: number
  /** Milliseconds. */
  readonly timeout: number
  readonly trace: Trace
  /** What the breaker gave when it let the request in. */
  readonly admission: number
  /** Compress the answer when the client accepts it. */
  readonly compression: boolean
}

/** What a job asks of its handler. */
export interface JobOwner {
  /** The worker did not begin it: give it to another. */
  again(job: Job): void
  started(job: Job): void
  /** Answered or failed; the guest may still be busy with it. */
  answered(job: Job): void
  /** Something went wrong after the answer was out. */
  failedLate(job: Job, problem: Problem): void
  /** The guest will do nothing more for it. */
  over(job: Job): void
  /** The time limit passed while the guest had it. */
  expired(job: Job): void
  /** The guest was told to let go of it: nobody waits for its answer any more. */
  abandoned(job: Job): void
  /** Id of the request that keeps its worker from going on with it. */
  heldUpBy(job: Job): string | undefined
}

/**
 * One HTTP request on its way: reads the client's body as fast as the guest takes it, writes the guest's answer as fast
 * as the client takes it, and turns every failure into an answer and a record.
 */
export class Job implements StreamListener {
  readonly id: string
  readonly hasBody: boolean
  readonly #request: IncomingMessage
  readonly #response: ServerResponse
  readonly #settings: JobSettings
  /** Bytes of the guest's linear memory at the end. */
  memory = 0
  /** Milliseconds that the guest was busy with it. */
  guestTime = 0
  readonly #owner: JobOwner
  readonly #records: RecordStore
  readonly #began = performance.now()
  readonly #record: RequestRecord
  #timer: NodeJS.Timeout | undefined
  link: WorkerLink | undefined
  #stream = 0
  sentAt = 0
  #isStarted = false
  #isExpired = false
  /** Its time passed again, after the answer. */
  #isLate = false
  /** When the guest was told to let go of it; `performance.now()`. */
  cancelledAt = Infinity
  #repeats = 0
  /** Body frames sent to a worker that has not begun yet: another one needs them again. */
  #sent: Buffer[] = []
  #bodyDone = false
  #bodyTail: BodyTail = {}
  #requestCredit = initialCredit
  #reading = false
  #head: ResponseHead | undefined
  #headWritten = false
  #headAt = 0
  #encoder: Encoder | undefined
  #pending: Buffer[] = []
  #tail: BodyTail | undefined
  #answered = false
  #over = false
  /** Its record was closed. */
  #isFinal = false
  #problem: Problem | undefined

  constructor(
    id: string,
    request: IncomingMessage,
    response: ServerResponse,
    settings: JobSettings,
    owner: JobOwner,
    records: RecordStore,
  ) {
    const { headers } = request
    this.id = id
    this.hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
    this.#request = request
    this.#response = response
    this.#settings = settings
    this.#owner = owner
    this.#records = records
    this.#record = {
      id,
      handler: settings.handler,
      method: request.method ?? 'GET',
      target: request.url ?? '/',
      time: Date.now(),
      state: 'active',
      requestBytes: 0,
      responseBytes: 0,
      trace: settings.trace,
      requestHeaders: request.rawHeaders,
      spans: [],
    }
    this.#records.begin(this.#record)
    this.#timer = setTimeout(() => this.#expire(), settings.timeout)
    response.on('close', () => {
      if (!response.writableFinished) this.#clientGone()
    })
  }

  get isStarted(): boolean {
    return this.#isStarted
  }

  get admission(): number {
    return this.#settings.admission
  }

  /** What is known of it so far. */
  get record(): RequestRecord {
    return this.#record
  }

  get problem(): Problem | undefined {
    return this.#problem
  }

  /** Milliseconds since it came. */
  get elapsed(): number {
    return performance.now() - this.#began
  }

  /** True once its client has all it gets. */
  get isAnswered(): boolean {
    return this.#answered
  }

  /** True once nothing more will come for it. */
  get isOver(): boolean {
    return this.#over
  }

  /** Gives the request to a worker. */
  sendTo(link: WorkerLink): void {
    this.link = link
    this.#stream = link.open(this)
    this.sentAt = performance.now()
    const { headers } = this.#request
    writeRequest(link.writer, this.#stream, {
      id: this.id,
      method: this.#record.method,
      target: this.#settings.target,
      authority: headers.host ?? '127.0.0.1',
      rawHeaders: continueTrace(this.#request.rawHeaders, this.#settings.trace),
      body: this.hasBody,
      sent: Date.now(),
    })
    this.#requestCredit = initialCredit
    for (const chunk of this.#sent) {
      link.writer.send(kinds.body, this.#stream, chunk)
      this.#requestCredit -= chunk.length
    }
    if (!this.hasBody) return
    if (this.#bodyDone) link.writer.json(kinds.end, this.#stream, this.#bodyTail)
    else this.#read()
  }

  /** Takes it back from a worker that has not begun it. False when nobody waits for it any more. */
  takeBack(reason: string): boolean {
    if (this.link) {
      this.link.writer.text(kinds.cancel, this.#stream, reason)
      this.link.forget(this.#stream)
      this.link = undefined
    }
    if (!this.#answered) return true
    this.#guestOver()
    this.#settle()
    return false
  }

  /**
   * Takes it back from a worker that began it but is kept from going on. False when it may not be done twice, or part of
   * it is out already: then it stays.
   */
  move(): boolean {
    const untouched = this.#head === undefined && !this.#answered && !this.hasBody
    if (!untouched || !repeatable.has(this.#record.method) || this.#repeats > 0) return false
    this.#repeats++
    this.#isStarted = false
    return this.takeBack('its worker does not come back from another request')
  }

  isOn(stream: number): boolean {
    return this.#stream === stream
  }

  /** It is one of the first streams of its worker, up to this one. */
  isUpTo(stream: number): boolean {
    return this.#stream <= stream
  }

  #read(): void {
    if (this.#reading) {
      if (this.#requestCredit > 0) this.#request.resume()
      return
    }
    this.#reading = true
    this.#request.on('data', (chunk: Buffer) => {
      this.#record.requestBytes += chunk.length
      if (this.#answered) return
      if (this.#record.requestBytes > this.#settings.maxBody) return this.fail(bodyTooLarge(this.#settings.maxBody))
      if (!this.#isStarted) this.#sent.push(chunk)
      this.#requestCredit -= chunk.length
      if (this.#requestCredit <= 0) this.#request.pause()
      this.link?.writer.send(kinds.body, this.#stream, chunk)
    })
    this.#request.on('end', () => {
      const trailers = pairsOf(this.#request.rawTrailers)
      this.#bodyDone = true
      this.#bodyTail = trailers.length > 0 ? { trailers } : {}
      if (!this.#answered) this.link?.writer.json(kinds.end, this.#stream, this.#bodyTail)
    })
  }

  // --- what the worker says

  started(): void {
    if (this.#isStarted) return
    this.#isStarted = true
    this.#sent = []
    this.#owner.started(this)
    if (this.cancelledAt < Infinity) this.#letGo()
  }

  refused(): void {
    if (this.takeBack('refused')) this.#owner.again(this)
  }

  answered({ head, body, outcome }: Answer): void {
    this.#isStarted = true
    this.#sent = []
    if (this.#answered || head.status < 200) {
      this.responded(head)
      return this.done(outcome)
    }
    this.#head = head
    if (body.length > 0) this.#pending.push(body)
    this.#tail = {}
    // The guest is through: what follows is settled once, for both sides.
    this.#take(outcome)
    this.#over = true
    this.#writeOut()
    this.#owner.over(this)
  }

  credited(bytes: number): void {
    this.#requestCredit += bytes
    if (this.#requestCredit > 0 && this.#reading) this.#request.resume()
  }

  informed(head: ResponseHead): void {
    if (this.#answered || this.#headWritten) return
    sendInformational(this.#response, head, (text) => this.notice(text))
  }

  responded(head: ResponseHead): void {
    if (this.#answered) return
    if (head.status < 200) {
      const message = `The handler answered with status ${head.status}, which no response may end with`
      return this.fail(fail('runtime.invalid-response', message, { hint: 'Set a status from 200 to 599' }).problem)
    }
    this.#head = head
    // What came along with the head goes out with it; a body that is complete by then gets its length told.
    queueMicrotask(() => this.#writeOut())
  }

  body(chunk: Buffer): void {
    if (this.#answered) return
    this.#pending.push(chunk)
    if (this.#headWritten) this.#writeOut()
  }

  ended(tail: BodyTail): void {
    if (this.#answered) return
    this.#tail = tail
    if (this.#headWritten) this.#writeOut()
  }

  #writeOut(): void {
    if (this.#answered || !this.#head) return
    if (!this.#headWritten && !this.#writeHead(this.#head)) return
    const stream = this.#stream
    const { link } = this
    const [first] = this.#pending
    const isWhole = this.#over && this.#tail && !this.#tail.trailers && this.#pending.length === 1
    if (isWhole && first && first.length <= joined && !this.#encoder) {
      // Head and body in one piece, one write to the client: text is joined, buffers are not.
      this.#pending.length = 0
      this.#record.responseBytes += first.length
      this.#response.end(first.toString('latin1'), 'latin1')
      return this.#answer()
    }
    for (const chunk of this.#pending.splice(0)) {
      this.#record.responseBytes += chunk.length
      // The callback comes when the bytes are out: only then may as many follow.
      const out = (): void => link?.writer.credit(stream, chunk.length)
      if (this.#encoder) this.#encoder.write(chunk, this.#tail === undefined, out)
      else this.#response.write(chunk, out)
    }
    if (!this.#tail) return
    if (this.#tail.trailers)
      this.#response.addTrailers(this.#tail.trailers.map(([name, value]): [string, string] => [name, value]))
    if (this.#encoder) this.#encoder.end()
    else this.#response.end()
    this.#answer()
  }

  /** False when the head cannot be written and the request failed for it. */
  #writeHead(head: ResponseHead): boolean {
    this.#headWritten = true
    this.#headAt = performance.now()
    const raw: string[] = []
    let sized = false
    const headers = this.#settings.compression ? this.#encode(head) : head.headers
    for (const [name, value] of headers) {
      const lower = name.toLowerCase()
      if (lower === 'content-length' || lower === 'trailer') sized = true
      raw.push(name, value)
    }
    const bodiless = this.#record.method === 'HEAD' || head.status === 204 || head.status === 304
    if (this.#tail && !this.#tail.trailers && !sized && !bodiless && !this.#encoder) {
      raw.push('Content-Length', String(this.#pending.reduce((sum, chunk) => sum + chunk.length, 0)))
    }
    raw.push('X-Request-Id', this.id, 'X-Patchbay-Handler', this.#settings.handler)
    raw.push('X-Patchbay-Duration', (this.#headAt - this.#began).toFixed(2))
    raw.push('traceparent', traceparentOf(this.#settings.trace))
    try {
      this.#response.writeHead(head.status, raw)
      this.#record.status = head.status
      this.#record.responseHeaders = raw
      return true
    } catch (thrown) {
      const reason = thrown instanceof Error ? thrown.message : String(thrown)
      this.#headWritten = false
      this.fail(fail('runtime.invalid-response', `The response head cannot be sent: ${reason}`).problem)
      return false
    }
  }

  /** The head as it goes out; an encoder stands in the way of the body from here on when it is worth it. */
  #encode(head: ResponseHead): ResponseHead['headers'] {
    const here = this.#tail && this.#pending.reduce((sum, chunk) => sum + chunk.length, 0)
    const isHead = this.#record.method === 'HEAD'
    const size = promisedLength(head) ?? (isHead ? undefined : here)
    if (!isEncodable({ status: head.status, headers: head.headers, size })) return head.headers
    const accepted = this.#request.headers['accept-encoding']
    const encoding = chooseEncoding(Array.isArray(accepted) ? accepted.join(',') : accepted)
    if (encoding !== undefined && !isHead) this.#encoder = new Encoder(encoding, this.#response)
    return encodedHeaders(head.headers, encoding)
  }

  output(source: 'stdout' | 'stderr', bytes: Buffer): void {
    this.#records.output(this.#settings.handler, this.id, source, bytes)
  }

  notice(text: string, denied?: Denial): void {
    this.#records.line(this.#settings.handler, this.id, 'host', text, denied)
  }

  done(outcome: Outcome): void {
    if (this.#over) return
    this.#take(outcome)
    if (outcome.trap !== undefined) {
      this.#records.flush(this.#settings.handler, this.id)
      this.#records.line(this.#settings.handler, this.id, 'trap', outcome.trap)
    }
    // An answer that is whole is the client's, though the guest broke right after it: which is told of before it is over.
    if (outcome.problem && this.#tail) this.#writeOut()
    this.#guestOver()
    if (outcome.problem && outcome.problem.code !== 'runtime.cancelled') this.fail(outcome.problem)
    this.#settle()
  }

  /** What the guest's side of it was like. */
  #take(outcome: Outcome): void {
    // Both processes tell the time since the epoch; what lies between their clocks must not turn the order around.
    const began = outcome.began - performance.timeOrigin - this.#began
    const offset = Math.max(0, Math.min(began, this.elapsed))
    this.memory = outcome.memory
    if (outcome.found) this.#record.found = outcome.found
    this.guestTime = outcome.instantiate + outcome.guest - outcome.waited
    addSpans(this.#record.spans, outcome, offset)
  }

  lost(sent: boolean): void {
    if (this.#over) return
    this.link = undefined
    // Whether it was begun went down with the worker: only a request that may be repeated is, and only once.
    const mayRepeat = !sent || (repeatable.has(this.#record.method) && this.#repeats++ === 0)
    if (!this.#isStarted && !this.#answered && mayRepeat) return this.#owner.again(this)
    this.#guestOver()
    if (this.#answered) return this.#settle()
    this.fail(
      fail('runtime.guest-died', 'The guest process ended while it worked on this request', {
        hint: 'It was started again; the console tells what is known',
      }).problem,
    )
  }

  /** Another request keeps its worker busy, which is why the worker goes, or its own time went. */
  displaced(culprit: string): void {
    if (this.#over || this.#problem || (this.cancelledAt < Infinity && !this.#isLate)) return
    this.fail(this.#isLate ? cutShort(culprit) : workerReplaced(culprit))
  }

  // --- how it ends

  #expire(): void {
    this.#isExpired = true
    if (!this.#answered) return this.fail(tooSlow(this.#settings.timeout, this.#owner.heldUpBy(this)))
    // Whose fault that is shows when it lets go, or does not.
    this.#isLate = true
    this.#cancel('its time is up')
  }

  /** Answers with the problem when nothing was sent yet; else cuts the answer off, so that nobody takes it for whole. */
  fail(problem: Problem): void {
    this.#problem ??= problem
    if (this.#answered) {
      // The answer was out before: the status stands, the record and the console tell what happened after.
      this.#owner.failedLate(this, problem)
      this.#note(problem)
      return this.#settle()
    }
    this.#note(problem)
    if (this.#headWritten) {
      for (const chunk of this.#pending.splice(0)) this.#response.write(chunk)
      // What was written in this turn is to arrive before the end does.
      setImmediate(() => this.#response.destroy())
    } else {
      // The rest of the body has nobody to go to. A client that sends on and on is not waited for.
      if (this.hasBody && !this.#request.complete) endConnection(this.#request, this.#response)
      Object.assign(this.#record, sendProblem(this.#response, problem, this.id, this.#settings.handler))
      this.#request.resume()
    }
    this.#answer()
    this.#cancel(problem.message)
  }

  #note(problem: Problem): void {
    if (problem.code === 'runtime.trap') return
    this.#records.line(this.#settings.handler, this.id, 'host', problem.message)
  }

  #clientGone(): void {
    if (this.#answered) return
    const isWhole = this.#head && promisedLength(this.#head) === this.#record.responseBytes
    if (!isWhole) this.#problem ??= fail('runtime.client-gone', clientGone).problem
    this.#answer()
    this.#cancel('the client closed the connection')
  }

  #cancel(reason: string): void {
    if (this.#over) return
    // Whether it was begun or not, the worker answers with the outcome, or that it will not begin.
    if (!this.link) return this.#guestOver()
    this.link.writer.text(kinds.cancel, this.#stream, reason)
    this.cancelledAt = performance.now()
    if (this.#isStarted) this.#letGo()
  }

  /** A guest that cannot hear is not left to itself: it would keep a processor busy for nobody. */
  #letGo(): void {
    if (this.#isExpired) this.#owner.expired(this)
    else this.#owner.abandoned(this)
  }

  #answer(): void {
    if (this.#answered) return
    this.#answered = true
    // What the guest does after its answer has the same limit once more.
    if (this.#over) clearTimeout(this.#timer)
    else this.#timer?.refresh()
    const { elapsed } = this
    this.#record.duration = elapsed
    if (this.#headAt > 0) {
      const start = this.#headAt - this.#began
      const detail = formatBytes(this.#record.responseBytes)
      this.#record.spans.push({ name: 'body', start, duration: elapsed - start, detail })
    }
    this.#owner.answered(this)
    this.#settle()
  }

  #guestOver(): void {
    if (this.#over) return
    if (this.#isLate && !this.#problem) this.fail(wentOn(this.#settings.timeout))
    this.#over = true
    clearTimeout(this.#timer)
    this.#owner.over(this)
  }

  /** Brings the record up to date; final once both sides are through. */
  #settle(): void {
    if (!this.#answered) return
    this.#record.state = this.#problem ? 'failed' : 'done'
    if (this.#problem) this.#record.problem = this.#problem
    if (!this.#over) return this.#records.change(this.#record)
    if (this.#isFinal) return
    this.#isFinal = true
    this.#records.flush(this.#settings.handler, this.id)
    this.#records.finish(this.#record)
  }
}

/** A whole body up to this size goes out in one piece with its head. Bytes. */
const joined = 16 * 1024

const clientGone = 'The client closed the connection before the answer was complete'

/** Methods that ask for nothing but an answer. (RFC 9110, 9.2.1) */
const repeatable: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])
