/** How many requests a second: token buckets, for everybody together and for each client. */

export interface RateSettings {
  readonly perSecond: number
  /** Requests that may come at once after a pause. Default: as many as come in one second, at least one. */
  readonly burst?: number | undefined
}

/** Fills at a steady pace up to a brim; every request takes one. */
export class TokenBucket {
  readonly #perSecond: number
  readonly #brim: number
  #tokens: number
  #at: number

  /** `now` in milliseconds. */
  constructor({ perSecond, burst }: RateSettings, now: number) {
    this.#perSecond = perSecond
    this.#brim = burst ?? Math.max(1, Math.ceil(perSecond))
    this.#tokens = this.#brim
    this.#at = now
  }

  /** 0 when the request may pass, else the milliseconds until one could. */
  take(now: number): number {
    this.#tokens = Math.min(this.#brim, this.#tokens + (Math.max(0, now - this.#at) * this.#perSecond) / 1000)
    this.#at = now
    // A hair less than one is one: the filling is arithmetic with fractions.
    if (this.#tokens < 1 - 1e-9) return Math.max(1, Math.ceil(((1 - this.#tokens) * 1000) / this.#perSecond))
    this.#tokens -= 1
    return 0
  }
}

/** Clients that are remembered; who was not seen for longest is forgotten first, with a full bucket. */
const clientLimit = 10_000

/** A bucket for each client address. */
export class ClientBuckets {
  readonly #settings: RateSettings
  readonly #buckets = new Map<string, TokenBucket>()

  constructor(settings: RateSettings) {
    this.#settings = settings
  }

  get size(): number {
    return this.#buckets.size
  }

  take(client: string, now: number): number {
    const bucket = this.#buckets.get(client) ?? new TokenBucket(this.#settings, now)
    // Moved to the end: the order of the map is the order of last use.
    this.#buckets.delete(client)
    this.#buckets.set(client, bucket)
    if (this.#buckets.size > clientLimit) {
      const [oldest] = this.#buckets.keys()
      if (oldest !== undefined) this.#buckets.delete(oldest)
    }
    return bucket.take(now)
  }
}
