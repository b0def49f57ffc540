import { fail, type Problem } from '../../src-engine/error.ts'
import type { Artifact, ControlReply, Purpose, WorkerSetup } from './control.ts'
import { launchGuests, type GuestProcess } from './guest-launch.ts'

export interface StationEvents {
  /** The process is gone; everything that ran in it is lost. Not told of one that was ended on purpose. */
  readonly onDied: (why: string) => void
  readonly onWorkerEnded: (worker: number, problem: Problem | undefined) => void
  readonly onPrinted: (text: string) => void
  /** Frames that a worker cannot send at the moment. */
  readonly onOutput?: (worker: number, frames: Uint8Array) => void
  /** Answer to {@link GuestStation.ask}. */
  readonly onBegun?: (worker: number, stream: number, working: number) => void
}

interface Deferred<Value> {
  readonly promise: Promise<Value>
  readonly resolve: (value: Value) => void
  readonly reject: (error: Error) => void
}

const startTime = 20_000

/** One running guest process and the code that is compiled in it. */
export class GuestStation {
  readonly #events: StationEvents
  readonly #code = new Map<string, Deferred<number>>()
  #standby: Deferred<void> | undefined
  #process: GuestProcess | undefined
  #gone: string | undefined

  private constructor(events: StationEvents) {
    this.#events = events
  }

  /** Starts a process and waits until it listens. Throws `runtime.guest-start`. */
  static async start(events: StationEvents): Promise<GuestStation> {
    const station = new GuestStation(events)
    await station.#launch()
    return station
  }

  get pid(): number | undefined {
    return this.#process?.pid
  }

  get isGone(): boolean {
    return this.#gone !== undefined
  }

  /**
   * Compiles the component, unless that was done before under this key, and answers how many bytes its modules have. Throws
   * `runtime.compile`, and `runtime.guest-died` when the process ends meanwhile.
   */
  load(artifact: Artifact, memory: number): Promise<number> {
    if (this.#gone !== undefined) return Promise.reject(died(this.#gone))
    const known = this.#code.get(artifact.key)
    if (known) return known.promise
    const code = deferred<number>()
    // Whoever waits hears of it; when nobody does any more, nobody has to.
    code.promise.catch(() => this.#code.delete(artifact.key))
    this.#code.set(artifact.key, code)
    this.#process?.send({ type: 'load', artifact, memory })
    return code.promise
  }

  unload(key: string): void {
    if (this.#code.delete(key)) this.#process?.send({ type: 'unload', artifact: key })
  }

  spawn(setup: WorkerSetup): void {
    this.#process?.send({ type: 'spawn', setup })
  }

  /**
   * Has a worker ready for this purpose, in place of the one that was ready before. Settles when it is, and when there will
   * be none; never throws.
   */
  standBy(purpose: Purpose): Promise<void> {
    if (this.isGone) return Promise.resolve()
    this.#standby ??= deferred<void>()
    this.#process?.send({ type: 'stand-by', purpose })
    return this.#standby.promise
  }

  kill(worker: number): void {
    this.#process?.send({ type: 'kill', worker })
  }

  /** Asks how far a silent worker got; the answer comes although the worker itself cannot speak. */
  ask(worker: number): void {
    this.#process?.send({ type: 'ask', worker })
  }

  /** Ends the process and waits for nothing in it. */
  end(): void {
    this.#leave('it was ended')
    this.#process?.end()
  }

  async #launch(): Promise<void> {
    const ready = deferred<void>()
    const started = await launchGuests({
      message: (reply) => (reply.type === 'alive' ? ready.resolve() : this.#hear(reply)),
      printed: (text) => this.#events.onPrinted(text),
      ended: (why) => {
        ready.reject(fail('runtime.guest-start', `The guest process did not start: ${why}`))
        const isNews = this.#process !== undefined && !this.isGone
        this.#leave(why)
        if (isNews) this.#events.onDied(why)
      },
    })
    const timer = setTimeout(() => {
      ready.reject(fail('runtime.guest-start', `The guest process did not answer within ${startTime / 1000} s`))
      started.end()
    }, startTime)
    try {
      await ready.promise
    } finally {
      clearTimeout(timer)
    }
    this.#process = started
  }

  #hear(reply: Exclude<ControlReply, { type: 'alive' }>): void {
    switch (reply.type) {
      case 'loaded':
        return this.#code.get(reply.artifact)?.resolve(reply.bytes)
      case 'refused':
        return this.#code.get(reply.artifact)?.reject(fail(reply.problem.code, reply.problem.message, reply.problem))
      case 'standing-by':
        return this.#standBySettled()
      case 'output':
        return this.#events.onOutput?.(reply.worker, reply.frames)
      case 'begun':
        return this.#events.onBegun?.(reply.worker, reply.stream, reply.working)
      case 'ended':
        return this.#events.onWorkerEnded(reply.worker, reply.problem)
    }
  }

  #leave(why: string): void {
    if (this.isGone) return
    this.#gone = why
    for (const { reject } of this.#code.values()) reject(died(why))
    this.#code.clear()
    this.#standBySettled()
  }

  #standBySettled(): void {
    this.#standby?.resolve()
    this.#standby = undefined
  }
}

const died = (why: string): Error => fail('runtime.guest-died', `The guest process ended while it compiled: ${why}`)

function deferred<Value>(): Deferred<Value> {
  let resolve: (value: Value) => void = () => {}
  let reject: (error: Error) => void = () => {}
  const promise = new Promise<Value>((accept, refuse) => {
    resolve = accept
    reject = refuse
  })
  return { promise, resolve, reject }
}
