import type { Problem } from '../../../src-engine/error.ts'
import { formatBytes } from '../../../src-preload/amounts.ts'
import type { Denial } from '../../../src-preload/running.ts'

/**
 * What a guest function answers instead of its success value: the `err` side of a WIT `result`. Not an Error on purpose:
 * it is an ordinary answer, needs no stack trace, and both roads tell it apart from a trap by that.
 */
export class Refusal<Payload = unknown> {
  readonly payload: Payload

  constructor(payload: Payload) {
    this.payload = payload
  }
}

/** The host refuses to go on with this instance: the guest broke a rule of the interface it called. */
export class GuestTrap extends Error {
  override readonly name = 'GuestTrap'
}

/** The guest called `wasi:cli/exit`. */
export class GuestExit extends Error {
  override readonly name = 'GuestExit'
  readonly code: number

  constructor(code: number) {
    super(`The guest exited with code ${code}`)
    this.code = code
  }
}

/** The workbench took the work away: client gone, time limit, shutdown. */
export class GuestCancelled extends Error {
  override readonly name = 'GuestCancelled'
  /** What the client is to be told, where the workbench does not know by itself. */
  readonly problem: Problem | undefined

  constructor(message: string, problem?: Problem) {
    super(message)
    this.problem = problem
  }
}

/** One thing that took time on the host's side, milliseconds from the start of the session. */
export interface HostSpan {
  readonly name: string
  readonly start: number
  readonly duration: number
  readonly detail?: string
  /** Id in the trace, where somebody else was told it. */
  readonly id?: string
}

/** Small calls of one kind, told as one span. */
interface Tally {
  readonly start: number
  end: number
  count: number
  bytes: number
}

/** What a handler or command may use beyond stdio, clocks and random. */
export interface Grants {
  readonly environment: Readonly<Record<string, string>>
  readonly arguments: readonly string[]
  /** Guest path → absolute host path. */
  readonly directories: Readonly<Record<string, string>>
  /** `*`, `host`, `*.domain`, each with an optional port. */
  readonly allowHosts: readonly string[]
  /** Sockets: as above, and `listen:PORT`. */
  readonly allowNet: readonly string[]
}

export interface SessionEvents {
  /** The guest wrote to stdout or stderr. */
  output(source: 'stdout' | 'stderr', bytes: Uint8Array): void
  /** Something the host has to say about this guest: a denial with the grant that was missing, a failed call. */
  notice(text: string, denied?: Denial): void
  /** What the guest waited for is over: it goes on. */
  resumed?(): void
}

const noCalls: Readonly<Record<string, number>> = {}

/** At most this many spans are kept of one session; the rest is only counted. */
const spanLimit = 200

/**
 * One run of a guest instance: a request, or a command from start to exit. Everything the host hands out during the run
 * belongs to it and is closed with it.
 */
export class Session {
  readonly grants: Grants
  readonly events: SessionEvents
  readonly spans: HostSpan[] = []
  /** Calls of host functions that are worth counting, by name. */
  #calls: Map<string, number> | undefined
  #cleanups: Set<() => void> | undefined
  readonly #began = performance.now()
  #cancelled: GuestCancelled | undefined
  #closed = false
  #rejectPauses: Set<(error: GuestCancelled) => void> | undefined
  waited = 0
  /** Why the run was refused something at its end, when the host knows better than the trap's message. */
  verdict: Problem | undefined
  /** Headers of the request being worked on: calls made for it go on in its trace. */
  get incoming(): readonly (readonly [string, string])[] {
    return this.source?.headers ?? []
  }
  /** The request being worked on; its headers are taken apart when somebody asks. */
  source: { readonly headers: readonly (readonly [string, string])[] } | undefined
  #tallies: Map<string, Tally> | undefined
  /**
   * The session of the instance, when it works on other requests at the same time. Such an instance is left alone when the
   * work is taken away: nothing is thrown into it, what it waits for goes on, and what it opened stays until it is gone.
   */
  home: Session | undefined

  constructor(grants: Grants, events: SessionEvents) {
    this.grants = grants
    this.events = events
  }

  /** Milliseconds since the session began. */
  get elapsed(): number {
    return performance.now() - this.#began
  }

  get cancelled(): boolean {
    return this.#cancelled !== undefined
  }

  /** Throws when the work was taken away: called wherever a guest comes back to the host. */
  check(): void {
    if (this.#cancelled && !this.home) throw this.#cancelled
  }

  /** Ends every wait of the guest, now and later, with {@link GuestCancelled}. */
  cancel(reason: string, problem?: Problem): void {
    if (this.#cancelled || this.#closed) return
    this.#cancelled = new GuestCancelled(reason, problem)
    for (const reject of this.#rejectPauses ?? []) reject(this.#cancelled)
    this.#rejectPauses = undefined
  }

  /** Most sessions have none of what is collected here: made when something comes. */
  get #pauses(): Set<(error: GuestCancelled) => void> {
    return (this.#rejectPauses ??= new Set())
  }

  /** Calls back when the work is taken away. */
  onCancelled(cancelled: (error: GuestCancelled) => void): void {
    if (this.#cancelled) cancelled(this.#cancelled)
    else this.#pauses.add(cancelled)
  }

  /** Settles like `work`, or with {@link GuestCancelled} as soon as the work is taken away, whatever the guest does. */
  orCancelled<Value>(work: Promise<Value>): Promise<Value> {
    return new Promise((resolve, reject) => {
      if (this.#cancelled) return reject(this.#cancelled)
      this.#pauses.add(reject)
      work.then(resolve, reject).finally(() => this.#rejectPauses?.delete(reject))
    })
  }

  /** Waits on behalf of the guest; ends early when cancelled. One promise, not a race of several: guests wait often. */
  pause(wait: Promise<void>): Promise<void> {
    const began = performance.now()
    return new Promise((resolve, refuse) => {
      if (this.#cancelled && !this.home) return refuse(this.#cancelled)
      const over = (): void => {
        this.#rejectPauses?.delete(reject)
        this.waited += performance.now() - began
        this.events.resumed?.()
      }
      const reject = (thrown: unknown): void => {
        over()
        refuse(thrown)
      }
      if (!this.home) this.#pauses.add(reject)
      wait.then(() => {
        over()
        resolve()
      }, reject)
    })
  }

  /** Runs `cleanup` when the session closes, unless the returned function was called before. */
  onClose(cleanup: () => void): () => void {
    if (this.home) return this.home.onClose(cleanup)
    if (this.#closed) {
      cleanup()
      return () => {}
    }
    this.#cleanups ??= new Set()
    this.#cleanups.add(cleanup)
    return () => this.#cleanups?.delete(cleanup)
  }

  /** Frees timers, files and connections of the run. */
  close(): void {
    if (this.#closed) return
    this.#closed = true
    for (const cleanup of this.#cleanups ?? []) cleanup()
    this.#cleanups = undefined
  }

  count(name: string): void {
    this.#calls ??= new Map()
    this.#calls.set(name, (this.#calls.get(name) ?? 0) + 1)
  }

  /** Output goes to the log, and into the times of the run. */
  output(source: 'stdout' | 'stderr', bytes: Uint8Array): void {
    this.tally(source, bytes.length)
    this.events.output(source, bytes)
  }

  /** Notes one small call among many: output, random bytes, reading a file. */
  tally(name: string, bytes: number): void {
    const now = this.elapsed
    this.#tallies ??= new Map()
    const known = this.#tallies.get(name)
    if (!known) return void this.#tallies.set(name, { start: now, end: now, count: 1, bytes })
    known.end = now
    known.count++
    known.bytes += bytes
  }

  /** How often each host function that is worth counting was called. */
  callCounts(): Readonly<Record<string, number>> {
    return this.#calls === undefined ? noCalls : Object.fromEntries(this.#calls)
  }

  /** Everything that was noted, the small calls as one span of each kind. */
  allSpans(): readonly HostSpan[] {
    if (this.#tallies === undefined) return this.spans
    const told = [...this.#tallies].map(([name, { start, end, count, bytes }]) => ({
      name,
      start,
      duration: end - start,
      detail: `${count === 1 ? '1 call' : `${count} calls`}, ${formatBytes(bytes)}`,
    }))
    return [...this.spans, ...told]
  }

  /** Notes that something began; the returned function notes that it ended. `id`: its id in the trace. */
  span(name: string, detail?: string, id?: string): (outcome?: string) => void {
    const start = this.elapsed
    this.count(name)
    return (outcome) => {
      if (this.spans.length >= spanLimit) return
      const text = outcome === undefined ? detail : detail === undefined ? outcome : `${detail} → ${outcome}`
      this.spans.push({
        name,
        start,
        duration: this.elapsed - start,
        ...(text === undefined ? {} : { detail: text }),
        ...(id === undefined ? {} : { id }),
      })
    }
  }
}

/** Which session an instance works for at this moment; reused instances change it from request to request. */
export interface SessionSlot {
  current: Session
  /** Does the work for this session, of many at once. */
  within?<Value>(session: Session, work: () => Value): Value
}
