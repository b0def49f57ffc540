/** Seconds that a rate is taken over: long enough to be calm, short enough to be of now. */
const span = 5

/** Counts events by second and tells how many there are per second lately. Costs one addition for each event. */
export class RateMeter {
  readonly #buckets = Array.from({ length: span + 1 }, () => 0)
  #second = Number.NEGATIVE_INFINITY

  /** An event at `now`, in milliseconds. */
  note(now: number, count = 1): void {
    const index = this.#turn(now)
    this.#buckets[index] = (this.#buckets[index] ?? 0) + count
  }

  /** Events per second over the last {@link span} whole seconds and the one that has begun. */
  rate(now: number): number {
    this.#turn(now)
    const sum = this.#buckets.reduce((total, count) => total + count, 0)
    return sum / (span + ((now % 1000) + 1) / 1000)
  }

  reset(): void {
    this.#buckets.fill(0)
  }

  /** Empties the seconds that passed without an event; gives the place of this one. */
  #turn(now: number): number {
    const second = Math.floor(now / 1000)
    const passed = Math.min(this.#buckets.length, second - this.#second)
    for (let step = 0; step < passed; step++) this.#buckets[(second - step) % this.#buckets.length] = 0
    // A clock that goes back counts into the second it left.
    if (passed > 0) this.#second = second
    return this.#second % this.#buckets.length
  }
}

/** `0.4/s`, `12/s`, `1.5k/s`. */
export function formatRate(perSecond: number): string {
  if (perSecond >= 1000) return `${(perSecond / 1000).toFixed(1)}k/s`
  return perSecond >= 10 ? `${Math.round(perSecond)}/s` : `${Math.max(0.1, perSecond).toFixed(1)}/s`
}
