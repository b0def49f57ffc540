import { describe, expect, it } from 'vitest'
import { Bench, sample, witOf } from '../../test/components.ts'
import { planComposition } from './build-plan.ts'
import { encodeComposition } from './encode.ts'

describe('samples', () => {
  it('middleware in front of a handler behind the bridge', async () => {
    const bench = new Bench()
      .add(sample('mik-handler'), 'inner')
      .add(sample('middleware'), 'middle')
      .add(sample('bridge'), 'bridge')
      .wire('inner › mik:core/handler@0.1.0', 'middle › mik:core/handler@0.1.0')
      .wire('middle › mik:core/handler@0.1.0', 'bridge › mik:core/handler@0.1.0')
      .export('bridge › wasi:http/incoming-handler@0.2.12')
    const plan = planComposition(bench.graph, bench.decodedOf)
    expect(plan.problems).toEqual([])
    const bytes = encodeComposition(plan, bench.bytesOf)
    console.log(await witOf(bytes))
  })
})
