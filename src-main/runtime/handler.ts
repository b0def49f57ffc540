import { availableParallelism } from 'node:os'
import { fail, problemOf, type Problem } from '../../src-engine/error.ts'
import { isLost } from './artifact.ts'
import type { Artifact, WorkerSetup } from './control.ts'
import type { GuestHost } from './guest-host.ts'
import type { GuestLine, WorkerLink } from './guest-line.ts'
import { culpritOf, freshWorker, grace, isStuck, turnAway, worksForNobody, type GuestWorker } from './handler-worker.ts'
import type { Job, JobOwner } from './job.ts'
import type { RecordStore } from './records.ts'
import { describeBreaker } from './serving/breaker.ts'
import { Traffic } from './serving/traffic.ts'

export interface HandlerSettings extends Pick<
  WorkerSetup,
  'isolation' | 'probe' | 'reuse' | 'grants' | 'memory' | 'startTime'
> {
  readonly concurrency: number
  /** Milliseconds of one request. */
  readonly timeout: number
  /** Bytes of one request body. */
  readonly maxBody: number
  /** Breaker and rates. */
  readonly admission: ConstructorParameters<typeof Traffic>[1]
}

/**
 * Requests a worker may hold without having begun them: as many as it gets through in this many milliseconds. Enough to
 * keep it busy and to let many travel together, few enough to give to another.
 */
const inboxTime = 20
const inboxLeast = 4
const inboxMost = 64
/** A worker gets more when it has fewer than these left: neither side should have to wait for the other to be through. */
const refill = 16
/** After so long what such a worker began is begun anew elsewhere, where it may be. Milliseconds. */
const patience = 1000
const workerLimit = 4
/**
 * Where guests need this many milliseconds of a processor for each request and requests queue up, another processor helps.
 * Below it the workbench's own part is the larger one.
 */
const worthSharing = 0.2
/** So many looks in a row must find requests waiting. */
const busyLooks = 4
const spareTime = 10_000
/** Starts of a worker in a row that may fail. */
const startTries = 3

let nextWorker = 1

/** One component being served: its workers, and which of them gets which request. */
export class Handler implements JobOwner {
  readonly name: string
  state: 'starting' | 'ready' | 'failed' = 'starting'
  problem: Problem | undefined
  /** Release of WASI that the component's handler is of. */
  wasi: '0.2' | '0.3' = '0.2'
  /** SHA-256 of the component. */
  code = ''
  readonly traffic: Traffic
  /** Bytes of linear memory of the instance that answered last. */
  memory = 0
  readonly #host: GuestHost
  readonly #line: GuestLine
  readonly #records: RecordStore
  readonly #settings: HandlerSettings
  readonly #changed: () => void
  readonly #workers = new Map<number, GuestWorker>()
  readonly #queue: Job[] = []
  /** Jobs that are not over. */
  #underWay = 0
  #artifact: Artifact | undefined
  #renew: (() => Promise<Artifact>) | undefined
  #key: string | undefined
  #monitor: NodeJS.Timeout | undefined
  #whenReady: (() => void)[] = []
  #whenIdle: (() => void) | undefined
  #failures = 0
  #isLoading = false
  /** Milliseconds that the guest took for a request lately, and what follows from it. */
  #guestTime = 1
  #isDispatching = false
  #inbox = inboxLeast
  /** Looks in a row that found every worker busy and requests waiting. */
  #busy = 0
  /** What half of the requests stay below: a guest that is interrupted now and then is no slower for it. Milliseconds. */
  #usualTime = 0.05
  #stopped = false

  constructor(
    name: string,
    host: GuestHost,
    line: GuestLine,
    records: RecordStore,
    settings: HandlerSettings,
    changed: () => void,
  ) {
    this.name = name
    this.#host = host
    this.#line = line
    this.#records = records
    this.#settings = settings
    this.#changed = changed
    this.traffic = new Traffic(name, settings.admission)
  }

  /** What runs it; empty before it is known. */
  get engine(): string {
    return this.#artifact?.road ?? ''
  }

  get timeout(): number {
    return this.#settings.timeout
  }

  get maxBody(): number {
    return this.#settings.maxBody
  }

  /** Jobs without a worker. */
  get queued(): number {
    return this.#queue.length
  }

  get workers(): number {
    return this.#workers.size
  }

  /** Jobs that the guest is or will be busy with. */
  get load(): number {
    return this.#underWay
  }

  get isFull(): boolean {
    return this.#underWay >= this.#settings.concurrency
  }

  /**
   * Loads the code and starts the first worker; settles when it is ready or failed, and never throws. `renew` makes the
   * artifact once more, should its files be gone when a later worker needs them.
   */
  async start(artifact: Artifact, renew: () => Promise<Artifact>): Promise<void> {
    this.#artifact = artifact
    this.#renew = renew
    await this.#launch()
  }

  async #launch(): Promise<void> {
    try {
      if (!this.#artifact) return
      this.#isLoading = true
      this.#key = await this.#load(this.#artifact).finally(() => (this.#isLoading = false))
      if (this.#stopped) return
      const ready = new Promise<void>((resolve) => this.#whenReady.push(resolve))
      this.#spawn()
      await ready
    } catch (thrown) {
      this.#fail(problemOf(thrown))
    }
  }

  async #load(artifact: Artifact): Promise<string> {
    try {
      return await this.#host.load(artifact, this.#settings.memory)
    } catch (thrown) {
      // Damaged, or emptied meanwhile: either way what was prepared is made once more.
      if (!this.#renew || !(problemOf(thrown).code === 'runtime.damaged' || isLost(artifact))) throw thrown
      this.#artifact = await this.#renew()
      return this.#host.load(this.#artifact, this.#settings.memory)
    }
  }

  /** Gives the request to a worker as soon as one has room. */
  submit(job: Job): void {
    this.#underWay++
    this.#queue.push(job)
    this.#dispatch()
  }

  /** It cannot run at all: every request gets the reason. */
  refuse(problem: Problem): void {
    this.#fail(problem)
  }

  /** A worker ended by itself; ignored when it is not one of ours. */
  workerEnded(number: number, problem: Problem | undefined): void {
    const worker = this.#workers.get(number)
    if (!worker) return
    this.#line.forget(number)
    this.#workers.delete(number)
    if (worker.link) {
      worker.link.lose()
      if (problem) this.#records.line(this.name, undefined, 'host', `the worker ended: ${problem.message}`)
    } else if (problem) return this.#startFailed(problem)
    this.#recover()
  }

  /** What a guest wrote that keeps its worker from sending it; ignored when it is not one of ours. */
  workerOutput(number: number, frames: Uint8Array): void {
    this.#workers.get(number)?.link?.receiveOutput(frames)
  }

  /** A silent worker turned out to have begun every stream up to this one, and to work on `working`; ignored when it is not one of ours. */
  workerBegun(number: number, stream: number, working: number): void {
    const worker = this.#workers.get(number)
    if (!worker?.link) return
    worker.working = working
    worker.told = worker.link.heard
    for (const job of worker.waiting) if (job.isUpTo(stream)) job.started()
    this.#watch()
  }

  /** The guest process is gone, and every worker with it. */
  processDied(why: string): void {
    const gone = [...this.#workers.values()]
    this.#workers.clear()
    for (const worker of gone) this.#line.forget(worker.number)
    this.#key = undefined
    if (gone.length > 0) this.#records.line(this.name, undefined, 'host', `the guest process ended: ${why}`)
    for (const worker of gone) worker.link?.lose()
    if (this.#stopped || this.state === 'failed') return
    // Over and over before it ever answers: starting it again does not help.
    if (gone.some(({ link }) => !link) && ++this.#failures >= startTries) {
      return this.#fail(
        fail('runtime.guest-died', `The guest process ended while ${this.name} started: ${why}`).problem,
      )
    }
    // What is being loaded at the moment goes into the next process by itself.
    if (!this.#isLoading) void this.#launch()
  }

  /** Calls back when nothing is under way any more; no new requests come by then. */
  finish(done: () => void): void {
    if (this.#underWay === 0) done()
    else this.#whenIdle = done
  }

  stop(): void {
    this.#stopped = true
    clearInterval(this.#monitor)
    turnAway(this.#queue.splice(0), this.#workers.values())
    for (const worker of this.#workers.values()) this.#end(worker)
    if (this.#key !== undefined) this.#host.unload(this.#key)
    this.#settleReady()
  }

  // --- what jobs tell

  again(job: Job): void {
    for (const worker of this.#workers.values()) worker.waiting.delete(job)
    if (this.state === 'failed' && this.problem) return job.fail(this.problem)
    this.#queue.unshift(job)
    this.#dispatch()
  }

  started(job: Job): void {
    const worker = this.#workerOf(job)
    if (!worker) return
    worker.waiting.delete(job)
    worker.active.add(job)
    worker.latest = job
    this.#dispatch()
  }

  answered(job: Job): void {
    const at = this.#queue.indexOf(job)
    if (at >= 0) this.#queue.splice(at, 1)
    const { status, requestBytes, responseBytes, duration = job.elapsed } = job.record
    this.traffic.requestBytes += requestBytes
    this.traffic.responseBytes += responseBytes
    if (this.traffic.answered(job.admission, status, duration / 1000, job.problem?.code)) this.#breakerChanged()
  }

  failedLate(job: Job, problem: Problem): void {
    if (this.traffic.failedLate(job.admission, problem.code)) this.#breakerChanged()
  }

  /** Closes the breaker by hand. */
  resetBreaker(): void {
    if (!this.traffic.breaker || this.traffic.breaker.state === 'closed') return
    this.traffic.breaker.reset()
    this.#records.line(this.name, undefined, 'host', 'the breaker was closed by hand')
    this.#changed()
  }

  #breakerChanged(): void {
    const { breaker } = this.traffic
    if (!breaker) return
    this.#records.line(this.name, undefined, 'host', describeBreaker(breaker))
    this.#changed()
  }

  over(job: Job): void {
    this.#underWay--
    if (job.guestTime > 0) {
      this.#guestTime += (job.guestTime - this.#guestTime) / 16
      this.#usualTime = Math.max(0.01, this.#usualTime * (job.guestTime > this.#usualTime ? 1.05 : 1 / 1.05))
      this.#inbox = Math.max(inboxLeast, Math.min(inboxMost, Math.round(inboxTime / this.#guestTime)))
    }
    if (job.memory > 0) this.memory = job.memory
    const worker = this.#workerOf(job)
    worker?.waiting.delete(job)
    worker?.active.delete(job)
    if (worker?.latest === job) worker.latest = undefined
    if (worker && worker.active.size === 0) worker.idleSince = performance.now()
    if (this.#underWay === 0 && this.#whenIdle) return this.#whenIdle()
    this.#dispatch()
  }

  heldUpBy(job: Job): string | undefined {
    const worker = this.#workerOf(job)
    const culprit = worker && isStuck(worker) ? culpritOf(worker) : undefined
    return culprit === job ? undefined : culprit?.id
  }

  abandoned(job: Job): void {
    this.#ask(this.#workerOf(job))
    this.#monitor ??= setInterval(() => this.#watch(), 60)
  }

  expired(job: Job): void {
    const asked = performance.now()
    const worker = this.#workerOf(job)
    this.#ask(worker)
    const decide = (): void => {
      if (!worker?.link || job.isOver || this.#workerOf(job) !== worker) return
      // It said something since: it is alive and will let go, or that was on its way already.
      if (worker.link.heard >= asked) return this.expired(job)
      // Whose guest it is that runs is known in a moment.
      if (worker.told !== worker.link.heard) return void setTimeout(decide, grace)
      const culprit = culpritOf(worker) ?? job
      if (culprit !== job) job.displaced(culprit.id)
      // Busy with another: that one's limit decides, unless it is over, too.
      if (culprit === job || culprit.cancelledAt < Infinity) this.#replace(worker, culprit)
    }
    setTimeout(decide, grace)
  }

  /** What it wrote last is told before it is gone, and what it is busy with: what was told of that before is out of date. */
  #ask(worker: GuestWorker | undefined): void {
    if (!worker) return
    worker.told = 0
    this.#host.ask(worker.number)
  }

  // --- workers

  #replace(worker: GuestWorker, culprit: Job): void {
    this.#records.line(this.name, culprit.id, 'host', 'the guest does not come back: its worker is ended and replaced')
    this.#takeBack(worker)
    for (const job of worker.active)
      if (job !== culprit && (job.cancelledAt < Infinity || !this.#move(worker, job))) job.displaced(culprit.id)
    this.#workers.delete(worker.number)
    this.#end(worker)
    worker.link?.lose()
    this.#recover()
  }

  #end(worker: GuestWorker): void {
    this.#line.forget(worker.number)
    this.#host.kill(worker.number)
  }

  #spawn(): void {
    if (this.#key === undefined || this.#stopped) return
    const number = nextWorker++
    const worker = freshWorker(number)
    this.#workers.set(number, worker)
    const token = this.#line.expect(
      number,
      (link) => this.#connected(worker, link),
      () => this.#disconnected(worker),
    )
    const { isolation, probe, reuse, grants, memory, startTime } = this.#settings
    this.#host.spawn({
      worker: number,
      handler: this.name,
      command: false,
      address: this.#line.address,
      token,
      artifact: this.#key,
      isolation,
      probe,
      reuse,
      grants,
      memory,
      startTime,
    })
  }

  #connected(worker: GuestWorker, link: WorkerLink): void {
    worker.link = link
    link.boot = {
      output: (source, bytes) => this.#records.output(this.name, undefined, source, bytes),
      notice: (text, denied) => this.#records.line(this.name, undefined, 'host', text, denied),
    }
    this.#host.cameUp(worker.number)
    this.#failures = 0
    this.state = 'ready'
    this.problem = undefined
    this.#settleReady()
    this.#changed()
    this.#dispatch()
  }

  #disconnected(worker: GuestWorker): void {
    if (this.#workers.delete(worker.number)) this.#recover()
  }

  /** A worker did not come up. The first time it may be chance; again, and the handler is failed. */
  #startFailed(problem: Problem): void {
    const artifact = this.#artifact
    if (artifact?.road === 'jco' && isLost(artifact) && this.#renew && ++this.#failures < startTries) {
      // The generated script is read by each worker that starts.
      this.#renew()
        .then(() => this.#recover())
        .catch((thrown: unknown) => this.#fail(problemOf(thrown)))
    } else if (this.state === 'ready' && ++this.#failures < startTries) this.#recover()
    else this.#fail(problem)
  }

  #fail(problem: Problem): void {
    this.state = 'failed'
    this.problem = problem
    this.#records.line(this.name, undefined, 'host', problem.message)
    for (const job of this.#queue.splice(0)) job.fail(problem)
    this.#settleReady()
    this.#changed()
  }

  #settleReady(): void {
    for (const resolve of this.#whenReady.splice(0)) resolve()
  }

  /** At least one worker, ready for the next request before it comes. */
  #recover(): void {
    if (this.#stopped || this.state === 'failed') return
    if (this.#workers.size === 0) this.#spawn()
    this.#dispatch()
  }

  #workerOf(job: Job): GuestWorker | undefined {
    for (const worker of this.#workers.values()) if (worker.waiting.has(job) || worker.active.has(job)) return worker
    return undefined
  }

  /** Hands out what waits at the end of the turn: requests that came together travel together. */
  #dispatch(): void {
    if (this.#isDispatching || this.#queue.length === 0) return
    this.#isDispatching = true
    setImmediate(this.#assign)
  }

  readonly #assign = (): void => {
    this.#isDispatching = false
    if (this.#stopped) return
    // A worker with enough left gets the next ones later, and together: each message has its price.
    for (const worker of this.#workers.values()) worker.isOpen = worker.waiting.size < refill
    // Where several share the work, none takes more than its part: the others come back for theirs.
    const most = this.#workers.size > 1 ? Math.max(2, Math.ceil(this.#underWay / this.#workers.size)) : this.#inbox
    while (this.#queue.length > 0) {
      const worker = this.#pick(Math.min(most, this.#inbox))
      if (!worker?.link) break
      const job = this.#queue.shift()
      if (!job) break
      worker.waiting.add(job)
      job.sendTo(worker.link)
    }
    for (const { isOpen, link } of this.#workers.values()) if (isOpen) link?.writer.flush()
    this.#monitor ??= setInterval(() => this.#watch(), 60)
  }

  /** The worker with the least to do, of those that still answer. */
  #pick(inbox = this.#inbox): GuestWorker | undefined {
    let best: GuestWorker | undefined
    for (const worker of this.#workers.values()) {
      if (!worker.link || !worker.isOpen || worker.waiting.size >= inbox || isStuck(worker)) continue
      if (!best || worker.active.size + worker.waiting.size < best.active.size + best.waiting.size) best = worker
    }
    return best
  }

  /** Takes requests away from workers that do not begin them, and keeps as many workers as are needed. */
  #watch(): void {
    for (const worker of this.#workers.values()) {
      const culprit = culpritOf(worker) ?? [...worker.active][0]
      if (culprit && worksForNobody(worker)) this.#replace(worker, culprit)
    }
    for (const worker of this.#workers.values()) {
      if (!worker.link || !isStuck(worker)) continue
      const { heard } = worker.link
      worker.stuck = heard
      if (worker.asked !== heard) {
        // What it began is its own to finish; it cannot say so, but others can.
        worker.asked = heard
        this.#host.ask(worker.number)
      }
      if (worker.told === heard) this.#takeBack(worker)
      if (worker.told !== heard || performance.now() - heard < patience) continue
      const culprit = culpritOf(worker)
      for (const job of worker.active) if (job !== culprit) this.#move(worker, job)
    }
    const starting = [...this.#workers.values()].some((worker) => !worker.link)
    if (this.#queue.length > 0 && !starting && !this.#pick() && this.#workers.size < this.#mostWorkers) {
      // One that only gets no processor has not answered for its thread either.
      const known = (worker: GuestWorker): boolean => isStuck(worker) && worker.told === worker.link?.heard
      if ([...this.#workers.values()].every(known)) this.#spawn()
    }
    if (!starting && this.#isCrowded()) this.#spawn()
    const now = performance.now()
    for (const worker of this.#workers.values()) {
      const idle = worker.link && worker.active.size === 0 && worker.waiting.size === 0 && !isStuck(worker)
      if (idle && this.#workers.size > 1 && now - worker.idleSince > spareTime) {
        this.#workers.delete(worker.number)
        this.#end(worker)
      }
    }
    this.#dispatch()
    const waits =
      this.#queue.length > 0 ||
      [...this.#workers.values()].some(
        (worker) =>
          worker.waiting.size > 0 ||
          (worker.active.size > 1 && isStuck(worker)) ||
          [...worker.active].some(({ cancelledAt }) => cancelledAt < Infinity),
      )
    if (waits || this.#workers.size > 1) return
    clearInterval(this.#monitor)
    this.#monitor = undefined
    this.#busy = 0
  }

  /** One instance for all has one state: a second one beside it would be another, also while the first does not come back. */
  get #mostWorkers(): number {
    return this.#settings.isolation === 'none' ? 1 : workerLimit
  }

  /** Requests keep waiting for guests that compute: true once for each worker that would shorten the wait. */
  #isCrowded(): boolean {
    const waits = [...this.#workers.values()].every(({ waiting }) => waiting.size > 0)
    const isBusy = waits && this.#usualTime >= worthSharing
    this.#busy = isBusy ? this.#busy + 1 : 0
    const limit = Math.min(this.#mostWorkers, availableParallelism())
    if (this.#busy < busyLooks || this.#workers.size >= limit) return false
    this.#busy = 0
    return true
  }

  /** Begins a request anew elsewhere, when that does no harm. */
  #move(worker: GuestWorker, job: Job): boolean {
    if (!job.move()) return false
    worker.active.delete(job)
    this.#records.line(this.name, job.id, 'host', 'begun anew: another request keeps its worker busy')
    this.#queue.push(job)
    return true
  }

  /** What a worker has not begun goes to another. */
  #takeBack(worker: GuestWorker): void {
    for (const job of worker.waiting) {
      worker.waiting.delete(job)
      if (job.takeBack('another worker takes it')) this.#queue.push(job)
    }
  }
}
