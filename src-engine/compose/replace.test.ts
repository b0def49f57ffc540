import { describe, expect, it } from 'vitest'
import { type CompositionGraph, emptyGraph } from './graph.ts'
import { decodedAmong, sample } from '../../test/samples.ts'
import { impactOfReplacing } from './impact.ts'

const decodedOf = decodedAmong(['bridge', 'middleware', 'mik-handler', 'hello'])
const hashOf = (name: string): string => sample(name).hash
const handler = 'mik:core/handler@0.1.0'
const wire = (instance: string, from: string) => ({
  instance,
  name: handler,
  source: { kind: 'instance' as const, instance: from, path: [handler] },
})
const graph: CompositionGraph = {
  ...emptyGraph,
  packages: Object.fromEntries(
    ['bridge', 'middleware', 'mik-handler'].map((name) => [name, { name: `local:${name}`, hash: hashOf(name) }]),
  ),
  instances: { bridge: { package: 'bridge' }, front: { package: 'middleware' }, back: { package: 'mik-handler' } },
  arguments: { [`front ${handler}`]: wire('front', 'back'), [`bridge ${handler}`]: wire('bridge', 'front') },
}
const impact = (from: string, to: string) => impactOfReplacing(hashOf(from), hashOf(to), graph, decodedOf)

describe('what a replacement would break', () => {
  it('is nothing where the other has the same ports', () => {
    expect(impact('mik-handler', 'middleware')).toEqual({ instances: ['back'], breaks: [] })
  })
  it('is every wire whose end is gone, by instance and reason', () => {
    const { instances, breaks } = impact('middleware', 'hello')
    expect(instances).toEqual(['front'])
    expect(breaks.map(({ instance, import: name }) => [instance, name])).toEqual(
      expect.arrayContaining([
        ['bridge', handler],
        ['front', handler],
      ]),
    )
    expect(breaks.every(({ message }) => message.length > 0)).toBe(true)
  })
  it('is nothing for what is not on the canvas, or cannot be read', () => {
    expect(impact('hello', 'bridge')).toEqual({ instances: [], breaks: [] })
    expect(impactOfReplacing(hashOf('bridge'), 'x', graph, () => undefined).breaks).toEqual([])
  })
})
