import { describe, expect, it } from 'vitest'
import { histogram, printMetrics } from './prometheus.ts'

describe('the metrics text', () => {
  it('escapes help and labels, and prints every number', () => {
    expect(
      printMetrics([
        {
          name: 'a_total',
          help: 'a\\b\nc "d"',
          type: 'counter',
          samples: [{ labels: { name: 'x\\y\n"z"', other: 'ü' }, value: 1e21 }, { value: Number.POSITIVE_INFINITY }],
        },
        { name: 'none', help: '', type: 'gauge', samples: [] },
      ]),
    ).toBe(
      '# HELP a_total a\\\\b\\nc "d"\n# TYPE a_total counter\na_total{name="x\\\\y\\n\\"z\\"",other="ü"} 1e+21\na_total +Inf\n',
    )
  })
  it('adds up the buckets of a histogram', () => {
    expect(histogram({ h: 'x' }, [0.1, 1], [2, 0, 3], 9.5)).toEqual([
      { suffix: '_bucket', labels: { h: 'x', le: '0.1' }, value: 2 },
      { suffix: '_bucket', labels: { h: 'x', le: '1' }, value: 2 },
      { suffix: '_bucket', labels: { h: 'x', le: '+Inf' }, value: 5 },
      { suffix: '_sum', labels: { h: 'x' }, value: 9.5 },
      { suffix: '_count', labels: { h: 'x' }, value: 5 },
    ])
  })
})
