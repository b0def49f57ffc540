import { describe, expect, it } from 'vitest'
import { ClientBuckets, TokenBucket } from './rate-limit.ts'

describe('rate limits', () => {
  it('lets a burst pass, then one at each step', () => {
    const bucket = new TokenBucket({ perSecond: 10, burst: 3 }, 0)
    expect([0, 0, 0, 0].map((now) => bucket.take(now))).toEqual([0, 0, 0, 100])
    expect(bucket.take(60)).toBe(40)
    expect([bucket.take(100), bucket.take(100)]).toEqual([0, 100])
  })
  it('never holds more than its brim, and survives a clock that goes back', () => {
    const bucket = new TokenBucket({ perSecond: 2 }, 0)
    expect([1e9, 1e9, 1e9].map((now) => bucket.take(now))).toEqual([0, 0, 500])
    expect(bucket.take(0)).toBeGreaterThan(0)
  })
  it('allows less than one a second', () => {
    const bucket = new TokenBucket({ perSecond: 0.1 }, 0)
    expect([bucket.take(0), bucket.take(0), bucket.take(10_000)]).toEqual([0, 10_000, 0])
  })
  it('keeps clients apart, and not more of them than it may', () => {
    const buckets = new ClientBuckets({ perSecond: 1 })
    expect([buckets.take('a', 0), buckets.take('b', 0), buckets.take('a', 0)]).toEqual([0, 0, 1000])
    for (let number = 0; number < 10_001; number++) buckets.take(`c${number}`, 0)
    expect(buckets.size).toBe(10_000)
    expect(buckets.take('a', 0)).toBe(0)
  })
})
