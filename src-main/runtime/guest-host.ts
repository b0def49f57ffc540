/**
 * Keeps a process for guests running, and a spare one beside it: when the first dies, the spare has the same code compiled
 * already and takes its place at once. In both a worker stands by for the component that takes longest to start.
 */
import { fail, problemOf } from '../../src-engine/error.ts'
import type { Artifact, Purpose, WorkerSetup } from './control.ts'
import { GuestStation, type StationEvents } from './guest-station.ts'

/** `onDied`: the code has to be loaded again, with {@link GuestHost.load}. */
export type GuestHostEvents = StationEvents

export interface GuestHostOptions {
  /** Keep a second process ready for the end of the first; default false. */
  readonly spare?: boolean
}

/** Code that somebody uses. */
interface Used {
  readonly artifact: Artifact
  readonly memory: number
  /** Of all its modules. */
  readonly bytes: number
  users: number
  /** What workers with it are for, once one came up. */
  purpose: Purpose | undefined
}

/** The spare is made, and given new code, when there was none for so long: a start has better things to do. Milliseconds. */
const spareDelay = 1000
/** Components that stay compiled after their last use, for the next start. */
const restingLimit = 2
/** A process that dies while it compiles is not to blame at once, nor is the next. */
const loadTries = 3

export class GuestHost {
  readonly #events: GuestHostEvents
  readonly #keepsSpare: boolean
  readonly #used = new Map<string, Used>()
  /** Workers that did not come up yet. */
  readonly #starters = new Map<number, WorkerSetup>()
  /** Not in use, still compiled; the oldest first. */
  #resting: string[] = []
  #starting: Promise<GuestStation> | undefined
  #running: GuestStation | undefined
  #spare: GuestStation | undefined
  /** What the spare was given to compile, and is through with. */
  readonly #spareCode = new Set<string>()
  #spareTimer: NodeJS.Timeout | undefined
  #filling = false
  #closed = false

  constructor(events: GuestHostEvents, { spare = false }: GuestHostOptions = {}) {
    this.#events = events
    this.#keepsSpare = spare
  }

  /** Process id, for people who look with their own tools. */
  get pid(): number | undefined {
    return this.#running?.pid
  }

  /** Process id of the spare, once it has all the code and a worker that stands by. */
  get sparePid(): number | undefined {
    if (this.#filling) return undefined
    for (const key of this.#used.keys()) if (!this.#spareCode.has(key)) return undefined
    return this.#spare?.pid
  }

  /** Starts the process ahead of its first use; when that fails, the use tells why. */
  warm(): void {
    this.#start().catch(() => {})
  }

  /** Starts the process when needed and compiles the component in it. Throws `runtime.compile`. */
  async load(artifact: Artifact, memory: number): Promise<string> {
    const key = `${artifact.key}:${memory}`
    const keyed = { ...artifact, key }
    const bytes = await this.#loadSomewhere(keyed, memory)
    const used = this.#used.get(key)
    if (used) used.users++
    else this.#used.set(key, { artifact: keyed, memory, bytes, users: 1, purpose: undefined })
    this.#resting = this.#resting.filter((resting) => resting !== key)
    this.#readySpare()
    return key
  }

  async #loadSomewhere(artifact: Artifact, memory: number): Promise<number> {
    for (let tries = 1; ; tries++) {
      try {
        return await (await this.#start()).load(artifact, memory)
      } catch (thrown) {
        if (problemOf(thrown).code !== 'runtime.guest-died' || tries === loadTries || this.#closed) throw thrown
      }
    }
  }

  unload(key: string): void {
    const used = this.#used.get(key)
    if (!used || --used.users > 0) return
    this.#used.delete(key)
    this.#resting.push(key)
    while (this.#resting.length > restingLimit) {
      const oldest = this.#resting.shift() ?? ''
      this.#running?.unload(oldest)
      this.#spare?.unload(oldest)
      this.#spareCode.delete(oldest)
    }
    this.#readySpare()
  }

  spawn(setup: WorkerSetup): void {
    if (this.#running) {
      if (this.#keepsSpare) this.#starters.set(setup.worker, setup)
      this.#running.spawn(setup)
    } else
      this.#events.onWorkerEnded(setup.worker, fail('runtime.guest-died', 'The guest process is not running').problem)
  }

  /** The worker serves: another for the same purpose may stand by. */
  cameUp(worker: number): void {
    const setup = this.#starters.get(worker)
    const used = setup && this.#used.get(setup.artifact)
    this.#starters.delete(worker)
    if (!setup || !used) return
    const { worker: _, address: __, token: ___, startTime: ____, ...purpose } = setup
    used.purpose = purpose
    this.#readySpare()
  }

  kill(worker: number): void {
    this.#starters.delete(worker)
    this.#running?.kill(worker)
  }

  /** Asks how far a silent worker got; the answer comes although the worker itself cannot speak. */
  ask(worker: number): void {
    this.#running?.ask(worker)
  }

  /** Ends the processes and waits for nothing in them. */
  close(): void {
    this.#closed = true
    clearTimeout(this.#spareTimer)
    this.#running?.end()
    this.#spare?.end()
  }

  #start(): Promise<GuestStation> {
    if (this.#closed) return Promise.reject(fail('internal.runtime', 'The runtime was closed'))
    this.#starting ??= this.#launch().catch((thrown: unknown) => {
      this.#starting = undefined
      throw thrown
    })
    return this.#starting
  }

  async #launch(): Promise<GuestStation> {
    const station = await this.#open()
    this.#running = station
    return station
  }

  async #open(): Promise<GuestStation> {
    const station: GuestStation = await GuestStation.start({
      ...this.#events,
      // By then a spare may have become the one that runs.
      onDied: (why) => {
        if (station === this.#running) this.#replace(why)
        else if (station === this.#spare) this.#loseSpare()
      },
    })
    if (!this.#closed) return station
    station.end()
    throw fail('internal.runtime', 'The runtime was closed')
  }

  #replace(why: string): void {
    const resting = this.#resting.filter((key) => this.#spareCode.has(key))
    const spare = this.#loseSpare()
    this.#running = spare
    this.#starting = spare && Promise.resolve(spare)
    this.#resting = spare ? resting : []
    // Who used the code loads it again.
    this.#used.clear()
    this.#starters.clear()
    if (this.#closed) return
    this.#events.onDied(why)
    this.#readySpare()
  }

  #loseSpare(): GuestStation | undefined {
    const spare = this.#spare
    this.#spare = undefined
    this.#spareCode.clear()
    return spare
  }

  /** Sees to the spare when there is nothing else to do. */
  #readySpare(): void {
    if (!this.#keepsSpare || this.#closed) return
    clearTimeout(this.#spareTimer)
    this.#spareTimer = setTimeout(() => void this.#fillSpare().catch(() => {}), spareDelay).unref()
  }

  async #fillSpare(): Promise<void> {
    if (this.#filling) return this.#readySpare()
    if (this.#used.size === 0) {
      this.#loseSpare()?.end()
      return
    }
    this.#filling = true
    try {
      if (!this.#spare) this.#spareCode.clear()
      const station = this.#spare ?? (await this.#open())
      // What it cannot have, for the files are gone or the memory is short, is told where it is needed.
      for (const { artifact, memory } of this.#used.values()) {
        await station.load(artifact, memory).catch(() => {})
        this.#spareCode.add(artifact.key)
      }
      if (this.#closed || station.isGone) station.end()
      else if (station !== this.#running) this.#spare = station
      const slowest = this.#slowest()
      if (slowest) await Promise.all([this.#spare?.standBy(slowest), this.#running?.standBy(slowest)])
    } finally {
      this.#filling = false
    }
  }

  /** One worker stands by, for what is largest: each more would be memory of its own. */
  #slowest(): Purpose | undefined {
    let found: Used | undefined
    for (const used of this.#used.values()) if (used.purpose && (!found || used.bytes > found.bytes)) found = used
    return found?.purpose
  }
}
