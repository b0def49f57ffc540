import { expect, it } from 'vitest'
import { argumentKey, emptyGraph, type CompositionGraph } from './graph.ts'
import { withoutUnused } from './prune.ts'

const from = (instance: string) => ({ kind: 'instance', instance, path: ['a:b/c'] }) as const
const graph: CompositionGraph = {
  ...emptyGraph,
  packages: { p: { name: 'a:p', hash: '0' }, q: { name: 'a:q', hash: '1' } },
  instances: { front: { package: 'p' }, back: { package: 'p' }, loose: { package: 'q' } },
  arguments: {
    [argumentKey('front', 'a:b/c')]: { instance: 'front', name: 'a:b/c', source: from('back') },
    [argumentKey('loose', 'a:b/c')]: { instance: 'loose', name: 'a:b/c', source: from('back') },
  },
  exports: { out: { source: from('front') } },
}

it('keeps what the exports need, and says what it left', () => {
  const pruned = withoutUnused(graph)
  expect(pruned.left).toEqual(['loose'])
  expect(Object.keys(pruned.graph.instances)).toEqual(['front', 'back'])
  expect(Object.keys(pruned.graph.packages)).toEqual(['p'])
  expect(Object.keys(pruned.graph.arguments)).toEqual([argumentKey('front', 'a:b/c')])
})

it('answers the very same graph where everything is needed', () => {
  const { loose: _, ...instances } = graph.instances
  const whole = { ...graph, instances }
  expect(withoutUnused(whole).graph).toBe(whole)
})
