import { describe, expect, it } from 'vitest'
import { Breaker } from './breaker.ts'

function made(failures = 3): { breaker: Breaker; pass(milliseconds: number): void; answer(good: boolean): void } {
  let time = 1000
  const breaker = new Breaker({ failures, open: 30_000 }, () => time)
  return {
    breaker,
    pass: (milliseconds) => (time += milliseconds),
    answer: (good) => breaker.settle(breaker.admit() ?? -1, good ? 'good' : 'bad'),
  }
}

describe('the breaker', () => {
  it('opens after failures in a row, and only in a row', () => {
    const { breaker, answer } = made()
    for (const good of [false, false, true, false, false]) answer(good)
    expect([breaker.state, breaker.failures]).toEqual(['closed', 2])
    answer(false)
    expect([breaker.state, breaker.timesOpened]).toEqual(['open', 1])
    expect(breaker.admit()).toBeUndefined()
  })

  it('lets exactly one probe through when the time has passed', () => {
    const { breaker, answer, pass } = made(1)
    answer(false)
    pass(29_999)
    expect([breaker.admit(), breaker.retryAfter]).toEqual([undefined, 1])
    pass(1)
    expect(breaker.state).toBe('half-open')
    const probe = breaker.admit()
    expect(probe).toBeDefined()
    expect(breaker.admit()).toBeUndefined()
    expect(breaker.settle(probe ?? -1, 'good')).toBe(true)
    expect([breaker.state, breaker.failures]).toEqual(['closed', 0])
  })

  it('opens for another round when the probe fails, and tries again when it ended without verdict', () => {
    const { breaker, answer, pass } = made(1)
    answer(false)
    pass(30_000)
    answer(false)
    expect([breaker.state, breaker.retryAfter, breaker.timesOpened]).toEqual(['open', 30_000, 2])
    pass(30_000)
    expect(breaker.settle(breaker.admit() ?? -1, 'unknown')).toBe(false)
    expect(breaker.admit()).toBeDefined()
  })

  it('ignores what was under way when it opened', () => {
    const { breaker, answer, pass } = made(1)
    const early = breaker.admit() ?? -1
    answer(false)
    expect(breaker.settle(early, 'good')).toBe(false)
    expect(breaker.state).toBe('open')
    pass(30_000)
    breaker.admit()
    expect(breaker.settle(early, 'bad')).toBe(false)
    expect(breaker.state).toBe('half-open')
  })

  it('counts failures that show after the answer, in a row too', () => {
    const { breaker } = made(3)
    const late = (): boolean => {
      const admission = breaker.admit() ?? -1
      breaker.settle(admission, 'good')
      return breaker.regret(admission)
    }
    expect([late(), late(), late()]).toEqual([false, false, true])
    expect(breaker.state).toBe('open')
    breaker.reset()
    expect([late(), breaker.settle(breaker.admit() ?? -1, 'good'), late(), late()]).toEqual([
      false,
      false,
      false,
      false,
    ])
  })

  it('is closed by hand', () => {
    const { breaker, answer } = made(1)
    answer(false)
    breaker.reset()
    expect([breaker.state, breaker.retryAfter]).toEqual(['closed', 0])
    expect(breaker.admit()).toBeDefined()
  })
})
