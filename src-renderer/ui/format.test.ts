import { describe, expect, it } from 'vitest'
import { formatBytes, formatCount, formatDuration, formatMemory } from './format.ts'

describe('format', () => {
  it('writes sizes with the unit a reader expects', () => {
    expect([0, 812, 1_400, 9_960, 999_400, 12_345_678, 2_500_000_000].map(formatBytes)).toEqual([
      '0 B',
      '812 B',
      '1.4 KB',
      '10 KB',
      '999 KB',
      '12 MB',
      '2.5 GB',
    ])
  })
  it('writes times with the precision they deserve', () => {
    expect([0, 0.0421, 0.0996, 0.42, 12.4, 999, 1234, 125_000].map(formatDuration)).toEqual([
      '0 µs',
      '42 µs',
      '0.1 ms',
      '0.4 ms',
      '12 ms',
      '999 ms',
      '1.2 s',
      '2 min 5 s',
    ])
  })
  it('writes memory as its limits are written', () => {
    expect([393_216, 128 * 1024 * 1024].map(formatMemory)).toEqual(['0.4 MiB', '128 MiB'])
  })
  it('knows the plural', () => {
    expect([formatCount(1, 'problem'), formatCount(0, 'problem'), formatCount(2, 'entry', 'entries')]).toEqual([
      '1 problem',
      '0 problems',
      '2 entries',
    ])
  })
})
