import { describe, expect, it } from 'vitest'
import { formatRate, RateMeter } from './rate.ts'

describe('a rate', () => {
  it('is what happened lately, and nothing when nothing did', () => {
    const meter = new RateMeter()
    expect(meter.rate(1_000_000)).toBe(0)
    for (let second = 0; second < 20; second++) meter.note(1_000_000 + second * 1000, 10)
    expect(Math.round(meter.rate(1_019_999))).toBe(10)
    // It fades instead of falling.
    expect(meter.rate(1_021_999)).toBeGreaterThan(4)
    expect(meter.rate(1_021_999)).toBeLessThan(8)
    expect(meter.rate(1_040_000)).toBe(0)
  })
  it('survives a clock that goes back', () => {
    const meter = new RateMeter()
    meter.note(50_000)
    meter.note(20_000)
    expect(meter.rate(50_500)).toBeGreaterThan(0)
  })
  it.each([
    [0.04, '0.1/s'],
    [2.345, '2.3/s'],
    [41.6, '42/s'],
    [1520, '1.5k/s'],
  ])('of %s reads %s', (rate, text) => {
    expect(formatRate(rate)).toBe(text)
  })
})
