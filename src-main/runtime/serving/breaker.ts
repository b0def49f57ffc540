/** Turns requests away from a handler that keeps failing, and asks now and then whether it has recovered. */

export interface BreakerSettings {
  /** Failures in a row that open it. */
  readonly failures: number
  /** Milliseconds it stays open before one request may try. */
  readonly open: number
}

export type BreakerState = 'closed' | 'open' | 'half-open'
/** `unknown`: the request ended without a verdict on the handler, e.g. because the client left. */
export type Verdict = 'good' | 'bad' | 'unknown'

/**
 * Closed → open after some failures in a row → half-open, where one probe decides. A verdict counts only in the state
 * its request was admitted in: what was under way when the breaker opened neither closes it nor opens it again.
 */
export class Breaker {
  readonly #settings: BreakerSettings
  readonly #now: () => number
  #state: BreakerState = 'closed'
  #failures = 0
  /** What the last good verdict forgave: it may turn out to be wrong. */
  #forgiven = 0
  #openedAt = 0
  #isProbing = false
  #era = 0
  #timesOpened = 0

  /** `now` in milliseconds, never going back. */
  constructor(settings: BreakerSettings, now: () => number = () => performance.now()) {
    this.#settings = settings
    this.#now = now
  }

  get state(): BreakerState {
    return this.#state === 'open' && this.retryAfter === 0 ? 'half-open' : this.#state
  }

  get failures(): number {
    return this.#failures
  }

  get timesOpened(): number {
    return this.#timesOpened
  }

  /** Milliseconds until a request may try again; 0 when one may now. */
  get retryAfter(): number {
    if (this.#state === 'closed') return 0
    if (this.#state === 'half-open') return this.#isProbing ? 1000 : 0
    return Math.max(0, this.#openedAt + this.#settings.open - this.#now())
  }

  /** A number to hand back with the verdict, or undefined when the request must be turned away. */
  admit(): number | undefined {
    if (this.#state === 'closed') return this.#era
    if (this.retryAfter > 0) return undefined
    if (this.#state === 'open') this.#enter('half-open')
    this.#isProbing = true
    return this.#era
  }

  /** True when this verdict opened or closed the breaker. */
  settle(admission: number, verdict: Verdict): boolean {
    if (admission !== this.#era) return false
    if (this.#state === 'half-open') {
      this.#isProbing = false
      if (verdict === 'unknown') return false
      this.#failures = verdict === 'good' ? 0 : this.#failures + 1
      this.#enter(verdict === 'good' ? 'closed' : 'open')
      return true
    }
    if (verdict === 'good') {
      this.#forgiven = this.#failures
      this.#failures = 0
    }
    if (verdict !== 'bad' || ++this.#failures < this.#settings.failures) return false
    this.#enter('open')
    return true
  }

  /** The verdict was good, and the request failed all the same, after its answer. True when this opened the breaker. */
  regret(admission: number): boolean {
    if (admission !== this.#era || this.#state !== 'closed') return false
    this.#failures += this.#forgiven
    this.#forgiven = 0
    return this.settle(admission, 'bad')
  }

  /** Closes it by hand. */
  reset(): void {
    this.#failures = 0
    this.#forgiven = 0
    this.#enter('closed')
  }

  #enter(state: BreakerState): void {
    this.#state = state
    this.#era++
    this.#isProbing = false
    if (state !== 'open') return
    this.#openedAt = this.#now()
    this.#timesOpened++
  }
}

/** What became of it, for the console. */
export function describeBreaker({ state, failures, retryAfter }: Breaker): string {
  if (state === 'closed') return 'the breaker closed: the handler answers again'
  const seconds = Math.ceil(retryAfter / 1000)
  return `the breaker opened after ${failures} failures in a row: requests are turned away for ${seconds} s`
}
