/** What goes through one handler: who is let in, and what is counted. */
import { fail, type Problem } from '../../../src-engine/error.ts'
import type { HandlerSettings } from '../../../src-preload/contract.ts'
import { defaults } from '../../../src-preload/run-inheritance.ts'
import { Breaker, type Verdict } from './breaker.ts'
import { ClientBuckets, TokenBucket } from './rate-limit.ts'

/** Upper bounds of the duration histogram, seconds. */
export const durationBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

/** Problems that speak against the handler. What the client or the server itself did wrong does not. */
const failures = new Set([
  'runtime.trap',
  'runtime.exit',
  'runtime.no-response',
  'runtime.handler-error',
  'runtime.invalid-response',
  'runtime.body-unfinished',
  'runtime.guest-died',
  'runtime.timeout',
  'runtime.memory',
])
/** Ends that say nothing about it. */
const undecided = new Set(['runtime.client-gone', 'runtime.worker-replaced', 'runtime.cancelled', 'runtime.draining'])

export const verdictOf = (code: string | undefined): Verdict =>
  code === undefined ? 'good' : failures.has(code) ? 'bad' : undecided.has(code) ? 'unknown' : 'good'

export interface Refusal {
  readonly problem: Problem
  /** Seconds. */
  readonly retryAfter: number
}

type TrafficSettings = Pick<HandlerSettings, 'breaker' | 'rate' | 'clientRate'>

export class Traffic {
  readonly #name: string
  readonly #now: () => number
  readonly #rate: TokenBucket | undefined
  readonly #clients: ClientBuckets | undefined
  readonly breaker: Breaker | undefined
  /** Finished requests by first digit of their status; 0 = none was sent. */
  readonly statuses = [0, 0, 0, 0, 0, 0]
  /** Durations: how many fell below each bound and not below the one before; the last counts the rest. */
  readonly durations: number[] = Array.from({ length: durationBounds.length + 1 }, () => 0)
  /** Seconds, in sum. */
  duration = 0
  /** Requests turned away, by reason. */
  readonly refused = new Map<string, number>()
  /** Problems by code. */
  readonly problems = new Map<string, number>()
  requestBytes = 0
  responseBytes = 0

  /** `now` in milliseconds. */
  constructor(name: string, settings: TrafficSettings, now: () => number = () => performance.now()) {
    const { breaker, rate, clientRate } = settings
    this.#name = name
    this.#now = now
    this.#rate = rate ? new TokenBucket(rate, now()) : undefined
    this.#clients = clientRate ? new ClientBuckets(clientRate) : undefined
    this.breaker =
      breaker === false
        ? undefined
        : new Breaker({ failures: breaker?.failures ?? defaults.failures, open: breaker?.open ?? defaults.open }, now)
  }

  /** Finished requests. */
  get count(): number {
    return this.statuses.reduce((sum, count) => sum + count, 0)
  }

  /** Lets a request in, with a number to hand back at its end, or says why not. */
  admit(client: string | undefined): number | Refusal {
    const wait = this.#clients?.take(client ?? '', this.#now()) ?? 0
    if (wait > 0)
      return this.#refuse(
        'client-rate',
        wait,
        'runtime.rate',
        `${this.#name} takes no more requests from ${client ?? 'this client'} for now`,
      )
    const rest = this.#rate?.take(this.#now()) ?? 0
    if (rest > 0) return this.#refuse('rate', rest, 'runtime.rate', `${this.#name} takes no more requests for now`)
    if (!this.breaker) return 0
    const admitted = this.breaker.admit()
    if (admitted !== undefined) return admitted
    const count = this.breaker.failures
    const message = `${this.#name} failed ${count === 1 ? 'once' : `${count} times in a row`} and is left alone for a while`
    return this.#refuse('breaker', this.breaker.retryAfter, 'runtime.breaker-open', message)
  }

  #refuse(reason: string, wait: number, code: 'runtime.rate' | 'runtime.breaker-open', message: string): Refusal {
    this.turnedAway(reason)
    const retryAfter = Math.max(1, Math.ceil(wait / 1000))
    const hint =
      code === 'runtime.rate'
        ? 'Send fewer requests, or raise the rate of the handler'
        : `It is tried again in ${retryAfter} s; the console shows what failed, and it can be reset by hand`
    return { problem: fail(code, message, { hint }).problem, retryAfter }
  }

  /** Notes that a request was turned away. */
  turnedAway(reason: string): void {
    this.refused.set(reason, (this.refused.get(reason) ?? 0) + 1)
  }

  /** A request was answered. `seconds` from its arrival. True when the breaker opened or closed by it. */
  answered(admission: number, status: number | undefined, seconds: number, code: string | undefined): boolean {
    const first = Math.floor((status ?? 0) / 100)
    this.statuses[first] = (this.statuses[first] ?? 0) + 1
    this.duration += seconds
    let at = 0
    while (at < durationBounds.length && seconds > (durationBounds[at] ?? 0)) at++
    this.durations[at] = (this.durations[at] ?? 0) + 1
    if (code !== undefined) this.problems.set(code, (this.problems.get(code) ?? 0) + 1)
    return this.breaker?.settle(admission, verdictOf(code)) ?? false
  }

  /** A request was answered by the server in the handler's place. */
  refusedWith(status: number, seconds: number, code: string): void {
    this.answered(-1, status, seconds, code)
  }

  /** It failed after its answer was out. */
  failedLate(admission: number, code: string): boolean {
    this.problems.set(code, (this.problems.get(code) ?? 0) + 1)
    return verdictOf(code) === 'bad' && (this.breaker?.regret(admission) ?? false)
  }
}
