/** The requests of one worker: each gets an instance, runs, and goes back as frames. */
import { fail, type Problem } from '../../src-engine/error.ts'
import type { Denial } from '../../src-preload/running.ts'
import type { WorkerSetup } from './control.ts'
import { WorkerExchange } from './exchange.ts'
import { kinds, staleAfter, type BodyTail, type DeniedNotice, type FrameWriter, type Outcome } from './frames.ts'
import type { Difference, Instance } from './instance.ts'
import type { InstancePool, Lease } from './instance-pool.ts'
import { ReceivedRequest } from './message-frames.ts'
import { StreamTable } from './stream-table.ts'
import { judge } from './verdict.ts'
import { Request } from './wasi/http3.ts'
import { IncomingRequest, ResponseOutparam, type ErrorCode } from './wasi/http-types.ts'
import { Refusal, Session } from './wasi/session.ts'
import type { WorkerBoard } from './worker-board.ts'

/** Output of one run beyond this is cut: a guest that floods must not drown the others. */
const outputLimit = 256 * 1024
/** Answers that are ready go out at the latest after this long, though the next guest runs already. Milliseconds. */
const holdTime = 1
/** So many go out together: the workbench writes these to its clients while the next guests run. */
const together = 4
/** A guest that came back within `quick` milliseconds so many times in a row may be begun while answers wait. */
const trustAfter = 32
const quick = 5
/** How long a guest may go on after its answer is out. Milliseconds. */
const lingerTime = 10_000

export class GuestRequests {
  readonly setup: WorkerSetup
  readonly writer: FrameWriter
  readonly pool: InstancePool
  readonly #board: WorkerBoard
  readonly #requests = new StreamTable<GuestRequest>()
  /** Not begun yet, in the order they came. */
  readonly #inbox: GuestRequest[] = []
  /** Begun in this turn. */
  #young: GuestRequest[] = []
  #sweeping = false
  #flushed = performance.now()
  /** Answers that are ready and not out. */
  #ready = 0
  /** Quick requests in a row. */
  #trust = 0

  /** `board`: where the stream that was begun last is written for others to see. */
  constructor(setup: WorkerSetup, writer: FrameWriter, pool: InstancePool, board: WorkerBoard) {
    this.setup = setup
    this.writer = writer
    this.pool = pool
    this.#board = board
  }

  receive(stream: number, payload: Buffer): void {
    const request = new GuestRequest(stream, new ReceivedRequest(payload), this)
    this.#requests.set(stream, request)
    this.#inbox.push(request)
    // Frames that came along, such as a cancellation, are read before the guest begins.
    setImmediate(this.#next)
  }

  /** A piece of the body; false when the stream is none of a request. */
  push(stream: number, chunk: Buffer): boolean {
    const request = this.#requests.get(stream)
    request?.exchange.body.queue.push(chunk)
    return request !== undefined
  }

  end(stream: number, tail: BodyTail): boolean {
    const request = this.#requests.get(stream)
    request?.exchange.endBody(tail)
    return request !== undefined
  }

  credit(stream: number, bytes: number): void {
    this.#requests.get(stream)?.exchange.credit(bytes)
  }

  cancel(stream: number, reason: string): boolean {
    const request = this.#requests.get(stream)
    request?.cancel(reason)
    return request !== undefined
  }

  /** The request needs this worker no more. */
  forget(stream: number): void {
    this.#requests.delete(stream)
  }

  /** The guest of this request runs from here on: should it not come back, it is the one. */
  works(stream: number): void {
    this.#board.working = stream
  }

  /** An answer is written: it goes out with others, but not much later than they were ready. */
  answered(guestTime: number): void {
    this.#trust = guestTime < quick ? this.#trust + 1 : 0
    const now = performance.now()
    if (++this.#ready < together && now - this.#flushed < holdTime) return
    this.#ready = 0
    this.#flushed = now
    this.writer.flush()
  }

  readonly #next = (): void => {
    const request = this.#inbox.shift()
    // A cancelled one is gone already.
    if (!request || this.#requests.get(request.stream) !== request) return
    if (Date.now() - request.exchange.sent > staleAfter) {
      this.forget(request.stream)
      return this.writer.send(kinds.refused, request.stream)
    }
    // Should this one not come back, answers of others must not be stuck behind it.
    if (this.#trust < trustAfter) this.writer.flush()
    // Whoever asks learns from this that it was begun, should the guest never come back.
    this.#board.begun = request.stream
    this.works(request.stream)
    this.#young.push(request)
    if (!this.#sweeping) {
      this.#sweeping = true
      this.#flushed = performance.now()
      setImmediate(this.#sweep)
    }
    request.begin()
  }

  /** Guests that did not come back within the turn: the workbench is told, and their answers go out as they come. */
  readonly #sweep = (): void => {
    this.#sweeping = false
    const young = this.#young
    this.#young = []
    for (const request of young) request.grow()
  }
}

/** One request from its arrival in the worker to its outcome. */
class GuestRequest {
  readonly stream: number
  readonly exchange: WorkerExchange
  readonly #owner: GuestRequests
  #session: Session | undefined
  #began = 0
  /** Milliseconds from the start of the session. */
  #instantiate = 0
  #guest = 0
  #memory = 0
  #found: Difference | undefined
  #lease: Lease | undefined
  #problem: Problem | undefined
  #trap: string | undefined
  #guestOver = false
  #wasCut = false
  #isTold = false
  /** Ends listening to whether the instance breaks. */
  #deafen: (() => void) | undefined
  #written = 0

  constructor(stream: number, head: ReceivedRequest, owner: GuestRequests) {
    this.stream = stream
    this.#owner = owner
    this.exchange = new WorkerExchange(stream, head, owner.writer)
  }

  begin(): void {
    const { setup, pool } = this.#owner
    const session = new Session(setup.grants, this)
    session.source = this.exchange
    this.#session = session
    this.#began = performance.timeOrigin + performance.now()
    const lease = pool.takeNow(session)
    if (lease) return this.#run(session, lease)
    pool.take(session).then(
      (later) => this.#run(session, later),
      (thrown: unknown) => this.#end(session, thrown),
    )
  }

  #run(session: Session, lease: Lease): void {
    this.#lease = lease
    // What an earlier request was refused is no reason of this one's.
    if (this.#owner.setup.isolation !== 'request') lease.instance.refused()
    if (this.#owner.setup.probe) this.#found = lease.instance.difference?.()
    this.#instantiate = session.elapsed
    let running: void | Promise<void>
    try {
      running = serveOne(lease.instance, session, this.exchange)
    } catch (thrown) {
      return this.#end(session, thrown)
    }
    if (!running) return this.#end(session)
    // A guest that was cut off while it waits need not come back.
    session.onCancelled((error) => this.#end(session, error))
    // One that breaks when it has answered, but not said all, has nobody else to tell.
    this.#deafen = lease.instance.onBroken?.((thrown, culprit) => {
      if (culprit === session) this.#end(session, thrown)
    })
    running.then(
      () => this.#linger(session, lease.instance),
      (thrown: unknown) => this.#end(session, thrown),
    )
  }

  /** A guest of 0.3 may have things to do when the answer is out: it is let, for a while. */
  #linger(session: Session, instance: Instance): void {
    const rest = instance.finished?.(session)
    if (!rest) return this.#end(session)
    setImmediate(() => {
      if (this.#guestOver) return
      this.exchange.release()
      this.#owner.writer.flush()
    })
    const timer = setTimeout(() => {
      this.notice(`it goes on ${lingerTime / 1000} s after its answer was out: cut off`)
      this.#wasCut = true
      this.#end(session)
    }, lingerTime)
    session.onClose(() => clearTimeout(timer))
    void rest.then(() => this.#end(session))
  }

  /** The guest returned, or broke: with nothing, when all went well. */
  #end(session: Session, ...thrown: readonly unknown[]): void {
    if (this.#guestOver) return
    this.#guestOver = true
    this.#deafen?.()
    const { exchange } = this
    this.#guest = session.elapsed - this.#instantiate
    const healthy = thrown.length === 0
    this.#memory = this.#lease?.instance.memory() ?? 0
    if (!healthy) {
      const verdict = judge(thrown[0], this.#memory, this.#owner.setup.memory, this.#lease?.instance.refused())
      this.#problem = verdict.problem
      this.#trap = verdict.trap
    } else if (!exchange.answered) {
      this.#problem = fail('runtime.no-response', 'The handler returned without setting a response', {
        hint: 'Call response-outparam.set before returning',
      }).problem
    }
    exchange.guestOver(this.#problem ? this.#problem.message : 'the handler returned before the body was finished')
    session.close()
    if (exchange.isFinished) this.#tell(session)
    else exchange.onFinished = () => this.#tell(session)
    this.#lease?.release(healthy && !this.#wasCut)
  }

  #tell(session: Session): void {
    const { exchange } = this
    this.#isTold = true
    this.#owner.forget(this.stream)
    const problem = this.#problem ?? exchange.problem
    const outcome: Outcome = {
      ...(problem ? { problem } : {}),
      ...(this.#trap === undefined ? {} : { trap: this.#trap }),
      began: this.#began,
      instantiate: this.#instantiate,
      guest: this.#guest,
      waited: session.waited,
      spans: session.allSpans(),
      calls: session.callCounts(),
      memory: this.#memory,
      ...(this.#found ? { found: this.#found } : {}),
    }
    if (problem || this.#found || !exchange.answerWhole(outcome)) {
      if (problem) exchange.discard()
      else exchange.release()
      this.#owner.writer.json(kinds.done, this.stream, outcome)
    }
    this.#owner.answered(problem ? Infinity : this.#guest)
  }

  /** It did not come back in the turn that began it. */
  grow(): void {
    if (this.#guestOver && this.exchange.isFinished) return
    this.exchange.grow()
  }

  cancel(reason: string): void {
    if (this.#session) {
      this.exchange.close()
      this.#session.cancel(reason)
      return
    }
    // Not begun, and it will not be.
    this.#owner.forget(this.stream)
    this.#owner.writer.send(kinds.refused, this.stream)
  }

  // --- what the session tells

  resumed(): void {
    this.#owner.works(this.stream)
  }

  output(source: 'stdout' | 'stderr', bytes: Uint8Array): void {
    if (this.#written > outputLimit) return
    this.#written += bytes.length
    // What a shared instance says for a request that is over is nobody's but the handler's.
    const { writer } = this.#owner
    if (this.#isTold) writer.send(source === 'stdout' ? kinds.stdout : kinds.stderr, 0, bytes)
    else writer.output(this.stream, source, bytes)
    if (this.#written > outputLimit) this.notice('more than 256 KiB of output: the rest is not shown')
  }

  notice(text: string, denied?: Denial): void {
    const stream = this.#isTold ? 0 : this.stream
    if (denied) this.#owner.writer.json(kinds.denied, stream, { ...denied, text } satisfies DeniedNotice)
    else this.#owner.writer.text(kinds.notice, stream, text)
  }
}

/** Settles when the guest has done what it will do for this request; at once when it never waited. */
function serveOne(instance: Instance, session: Session, exchange: WorkerExchange): void | Promise<void> {
  if (!instance.answer) {
    return instance.handle?.(new IncomingRequest(session, exchange), new ResponseOutparam(exchange))
  }
  return answerOne(instance.answer, session, exchange)
}

async function answerOne(
  run: NonNullable<Instance['answer']>,
  session: Session,
  exchange: WorkerExchange,
): Promise<void> {
  try {
    const response = await run(Request.from(session, exchange))
    await response.answer(session, exchange)
  } catch (thrown) {
    if (!(thrown instanceof Refusal)) throw thrown
    exchange.refuse(thrown.payload as ErrorCode)
  }
}
