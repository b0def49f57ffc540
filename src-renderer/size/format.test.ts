import { describe, expect, it } from 'vitest'
import { formatBytes, formatDuration, formatShare } from './format.ts'

describe('numbers for people', () => {
  it('are bytes', () => {
    expect([0, 1023, 1024, 10_239, 102_400, 1_048_575, 1_048_576, 14_680_064, 3e12].map(formatBytes)).toEqual([
      '0 B',
      '1023 B',
      '1.00 KB',
      '10.0 KB',
      '100 KB',
      '1.00 MB',
      '1.00 MB',
      '14.0 MB',
      '2.73 TB',
    ])
  })
  it('are durations', () => {
    expect([0, 0.423, 4.25, 9.96, 412.4, 999.6, 1240, 59_994, 125_000].map(formatDuration)).toEqual([
      '0 ms',
      '0.42 ms',
      '4.3 ms',
      '10 ms',
      '412 ms',
      '1.00 s',
      '1.24 s',
      '59.99 s',
      '2 min 5 s',
    ])
  })
  it('are shares', () => {
    expect([
      formatShare(0, 5),
      formatShare(1, 5000),
      formatShare(1, 30),
      formatShare(1, 2),
      formatShare(5, 5),
      formatShare(1, 0),
    ]).toEqual(['0 %', '<0.1 %', '3.3 %', '50 %', '100 %', '0 %'])
  })
})
