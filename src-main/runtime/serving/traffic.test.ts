import { describe, expect, it } from 'vitest'
import { durationBounds, Traffic, type Refusal } from './traffic.ts'

describe('traffic of a handler', () => {
  it('opens the breaker for faults of the handler, not of others and not for its own answers', () => {
    let now = 0
    const traffic = new Traffic('api', {}, () => now)
    const answer = (status: number, code?: string): boolean => {
      const admission = traffic.admit('1')
      return typeof admission === 'number' && traffic.answered(admission, status, 0.01, code)
    }
    for (let round = 0; round < 9; round++) {
      answer(404)
      answer(500)
      answer(413, 'runtime.body-too-large')
      answer(499, 'runtime.client-gone')
    }
    expect(traffic.breaker?.state).toBe('closed')
    const codes = ['runtime.trap', 'runtime.timeout', 'runtime.memory', 'runtime.no-response', 'runtime.guest-died']
    expect(codes.map((code) => answer(502, code))).toEqual([false, false, false, false, true])
    expect(traffic.admit('1')).toMatchObject({ problem: { code: 'runtime.breaker-open' }, retryAfter: 30 })
    now = 10_500
    expect(traffic.admit('1')).toMatchObject({ retryAfter: 20 })
    expect(traffic.refused.get('breaker')).toBe(2)
    now = 30_000
    expect(answer(200)).toBe(true)
    expect(traffic.breaker?.state).toBe('closed')
  })

  it('counts a failure that shows after the answer', () => {
    const traffic = new Traffic('api', { breaker: { failures: 1 } }, () => 0)
    const admission = Number(traffic.admit('1'))
    traffic.answered(admission, 200, 0.01, undefined)
    expect(traffic.failedLate(admission, 'runtime.trap')).toBe(true)
    expect(traffic.breaker?.state).toBe('open')
  })

  it('can do without a breaker', () => {
    const traffic = new Traffic('api', { breaker: false }, () => 0)
    for (let round = 0; round < 50; round++) traffic.answered(Number(traffic.admit('1')), 502, 0, 'runtime.trap')
    expect([traffic.breaker, traffic.admit('1')]).toEqual([undefined, 0])
  })

  it('limits rates, of all and of each client', () => {
    const traffic = new Traffic('api', { rate: { perSecond: 1, burst: 3 }, clientRate: { perSecond: 0.5 } }, () => 0)
    const codes = ['a', 'a', 'b', 'c', 'd'].map((client) => traffic.admit(client))
    expect(codes.map((one) => typeof one)).toEqual(['number', 'object', 'number', 'number', 'object'])
    expect((codes[1] as Refusal).retryAfter).toBe(2)
    expect(Object.fromEntries(traffic.refused)).toEqual({ 'client-rate': 1, rate: 1 })
  })

  it('counts by status and duration', () => {
    const traffic = new Traffic('api', {}, () => 0)
    for (const [status, seconds] of [
      [200, 0.001],
      [204, 0.0011],
      [302, 0.3],
      [undefined, 99],
    ] as const)
      traffic.answered(0, status, seconds, undefined)
    expect([traffic.statuses, traffic.count]).toEqual([[1, 0, 2, 1, 0, 0], 4])
    expect(
      traffic.durations.map((count, at) => (count > 0 ? (durationBounds[at] ?? 'more') : 0)).filter(Boolean),
    ).toEqual([0.001, 0.0025, 0.5, 'more'])
  })
})
