import { afterEach, describe, expect, it } from 'vitest'
import { planComposition } from '../../src-engine/compose/build-plan.ts'
import { addExport, addInstance, connect, setPackage } from '../../src-engine/compose/edit.ts'
import { type CompositionGraph, emptyGraph } from '../../src-engine/compose/graph.ts'
import { decodedAmong, sample } from '../../test/samples.ts'
import { usePlan } from './plan.ts'
import { startReplacedReport, useReplaced } from './replaced.ts'

const http = 'wasi:http/incoming-handler@0.2.12'
const decodedOf = decodedAmong(['hello', 'http-logger', 'adder'])
const source = (instance: string) => ({ kind: 'instance', instance, path: [http] }) as const

function graphWith(hello: string): CompositionGraph {
  const first = addInstance(
    setPackage(emptyGraph, 'hello', { name: 'a:hello', hash: sample(hello).hash }),
    'hello',
  ).graph
  const second = addInstance(setPackage(first, 'log', { name: 'a:log', hash: sample('http-logger').hash }), 'log').graph
  return addExport(connect(second, 'log', http, source('hello')), http, source('log'))
}
function show(graph: CompositionGraph): void {
  const plan = planComposition(graph, decodedOf)
  usePlan.setState({ plan, graph, problems: plan.problems })
}

let stop = (): void => {}
afterEach(() => {
  stop()
  useReplaced.setState({ report: undefined })
})

describe('a new build', () => {
  it('is told of with the wires that no longer fit, and why, until they do', () => {
    show(graphWith('hello'))
    stop = startReplacedReport()
    show(graphWith('adder'))
    const { report } = useReplaced.getState()
    expect(report?.names).toEqual(['hello'])
    expect(report?.problems).toMatchObject([{ instance: 'log', import: http }])
    expect(report?.problems[0]?.message).toContain('incoming-handler')
    show(graphWith('hello'))
    expect(useReplaced.getState().report).toBeUndefined()
  })

  it('that keeps the interface is no news, nor is a wire that a person draws wrong', () => {
    show(graphWith('hello'))
    stop = startReplacedReport()
    show(graphWith('http-logger'))
    expect(useReplaced.getState().report).toBeUndefined()
    show(connect(graphWith('http-logger'), 'log', 'wasi:cli/environment@0.2.12', source('hello')))
    expect(useReplaced.getState().report).toBeUndefined()
  })
})
