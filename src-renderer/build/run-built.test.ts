import { describe, expect, it } from 'vitest'
import { addExport, addInstance, connect, setPackage } from '../../src-engine/compose/edit.ts'
import { type CompositionGraph, emptyGraph } from '../../src-engine/compose/graph.ts'
import { isServed, servingBuilt } from './run-built.ts'

const handler = 'wasi:http/incoming-handler@0.2.12'
const plain = 'mik:core/handler@0.1.0'

/** bridge ← middle ← plain, with the bridge's handler exported; `mine` beside them. */
function canvas(): CompositionGraph {
  let graph: CompositionGraph = emptyGraph
  for (const id of ['bridge', 'middle', 'plain', 'mine']) {
    graph = addInstance(setPackage(graph, id, { name: `local:${id}`, hash: '' }), id).graph
  }
  graph = connect(graph, 'bridge', plain, { kind: 'instance', instance: 'middle', path: [plain] })
  graph = connect(graph, 'middle', plain, { kind: 'instance', instance: 'plain', path: [plain] })
  return addExport(graph, handler, { kind: 'instance', instance: 'bridge', path: [handler] })
}

describe('running what was just built', () => {
  it('knows what takes part in the answer', () => {
    expect(['bridge', 'middle', 'plain', 'mine'].map((id) => isServed(canvas(), id))).toEqual([true, true, true, false])
  })
  it('leaves the canvas alone when the component takes part, or is no handler', () => {
    const graph = canvas()
    expect(servingBuilt(graph, 'plain', [plain])).toBe(graph)
    expect(servingBuilt(graph, 'bridge', [handler])).toBe(graph)
    expect(servingBuilt(graph, 'mine', ['docs:adder/add@0.1.0'])).toBe(graph)
    expect(servingBuilt(graph, 'not-there', [handler])).toBe(graph)
  })
  it('exports the component’s handler instead, of whatever version', () => {
    const other = 'wasi:http/incoming-handler@0.2.6'
    expect(servingBuilt(canvas(), 'mine', [other]).exports).toEqual({
      [other]: { source: { kind: 'instance', instance: 'mine', path: [other] } },
    })
    expect(servingBuilt({ ...canvas(), exports: {} }, 'mine', [handler]).exports).toEqual({
      [handler]: { source: { kind: 'instance', instance: 'mine', path: [handler] } },
    })
  })
  it('survives a circle', () => {
    const graph = connect(canvas(), 'plain', plain, { kind: 'instance', instance: 'middle', path: [plain] })
    expect(isServed(graph, 'mine')).toBe(false)
  })
})
