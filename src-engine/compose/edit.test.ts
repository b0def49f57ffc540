import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PatchbayError } from '../error.ts'
import type { ComponentType, Extern } from '../types/graph.ts'
import { applyDelta, deltaBetween, invert } from './delta.ts'
import {
  addExport,
  addImport,
  addInstance,
  connect,
  disconnect,
  freeInstanceId,
  kebab,
  linkPackage,
  removeExport,
  removeImport,
  removeInstance,
  removePackage,
  renameExport,
  renameImport,
  renameInstance,
  replacePackage,
  setPackage,
} from './edit.ts'
import { argumentKey, emptyGraph, type CompositionGraph, type GraphSource } from './graph.ts'
import { freeImportName } from './role-names.ts'

const tables = ({ packages, instances, arguments: wires, imports, exports }: CompositionGraph) => ({
  packages,
  instances,
  arguments: wires,
  imports,
  exports,
})
const from = (instance: string, ...path: string[]): GraphSource => ({ kind: 'instance', instance, path })
const extern: Extern = { kind: 'function', type: { kind: 'function', async: false, parameters: [] } }
const type = (imports: string[], exports: string[]): ComponentType => ({
  kind: 'component',
  imports: new Map(imports.map((name) => [name, extern])),
  exports: new Map(exports.map((name) => [name, extern])),
})

function chain(): CompositionGraph {
  let graph = setPackage(emptyGraph, 'front', { name: 'demo:front', hash: '1'.repeat(64) })
  graph = setPackage(graph, 'back', { name: 'demo:back', hash: '2'.repeat(64) })
  graph = add(add(graph, 'front'), 'back')
  graph = connect(graph, 'front', 'a:b/c@0.2.0', from('back', 'a:b/c@0.2.0'))
  return addExport(graph, 'a:b/c@0.2.0', from('front', 'a:b/c@0.2.0'))
}

const add = (graph: CompositionGraph, id: string) => addInstance(graph, id).graph

function codeOf(work: () => unknown): string {
  try {
    work()
  } catch (thrown) {
    if (thrown instanceof PatchbayError) return thrown.problem.code
    throw thrown
  }
  return 'nothing thrown'
}

describe('edits of a graph', () => {
  it('names instances after their package, each one once', () => {
    let graph = setPackage(emptyGraph, 'x', { name: 'my:HTTP_logger', hash: '' })
    graph = add(add(add(graph, 'x'), 'x'), 'x')
    expect(Object.keys(graph.instances)).toEqual(['http-logger', 'http-logger-2', 'http-logger-3'])
    expect(freeInstanceId(graph, 'httpLogger')).toBe('http-logger-4')
    expect(kebab('2 fast 4 you')).toBe('fast-4-you')
    expect(kebab('…')).toBe('component')
  })

  it('replaces the wire that an import already has', () => {
    const graph = connect(add(chain(), 'back'), 'front', 'a:b/c@0.2.0', from('back-2'))
    expect(Object.values(graph.arguments)).toEqual([{ instance: 'front', name: 'a:b/c@0.2.0', source: from('back-2') }])
    expect(disconnect(graph, 'front', 'a:b/c@0.2.0').arguments).toEqual({})
    expect(disconnect(graph, 'front', 'nothing')).toBe(graph)
  })

  it('leaves a package to be supplied, and embeds it again', () => {
    const graph = chain()
    const linked = linkPackage(graph, 'back', 'import')
    expect(linked.packages['back']).toEqual({ name: 'demo:back', hash: '2'.repeat(64), link: 'import' })
    expect(linkPackage(linked, 'back', 'import')).toBe(linked)
    expect(linkPackage(linked, 'back', 'embed')).toEqual(graph)
    expect(() => linkPackage(graph, 'gone', 'import')).toThrow('there is no package "gone"')
  })

  it('takes wires and exports along when an instance goes or gets another name', () => {
    expect(removeInstance(chain(), 'back').arguments).toEqual({})
    const without = removeInstance(chain(), 'front')
    expect([without.arguments, without.exports]).toEqual([{}, {}])
    const renamed = renameInstance(renameInstance(chain(), 'back', 'rear'), 'front', 'face')
    expect(renamed.arguments).toEqual({
      [argumentKey('face', 'a:b/c@0.2.0')]: {
        instance: 'face',
        name: 'a:b/c@0.2.0',
        source: from('rear', 'a:b/c@0.2.0'),
      },
    })
    expect(renamed.exports['a:b/c@0.2.0']?.source).toEqual(from('face', 'a:b/c@0.2.0'))
    expect(removePackage(chain(), 'front').instances).toEqual({ back: { package: 'back' } })
  })

  it('keeps explicit imports typed', () => {
    let graph = addImport(add(chain(), 'back'), 'log', { instance: 'back', name: 'log' })
    const imported: GraphSource = { kind: 'import', import: 'log', path: [] }
    graph = connect(connect(graph, 'back', 'log', imported), 'back-2', 'log', imported)
    expect(removeInstance(graph, 'back').imports).toEqual({ log: { typeOf: { instance: 'back-2', name: 'log' } } })
    const gone = removeInstance(removeInstance(graph, 'back'), 'back-2')
    expect([gone.imports, gone.arguments]).toEqual([{}, {}])
    expect(removeImport(graph, 'log').arguments).toEqual(chain().arguments)
  })

  it('renames explicit imports with all that takes them, and finds names that are free', () => {
    const imported = (name: string): GraphSource => ({ kind: 'import', import: name, path: [] })
    let graph = addImport(chain(), 'a:b/log', { instance: 'back', name: 'a:b/log' })
    graph = addExport(connect(graph, 'back', 'a:b/log', imported('a:b/log')), 'through', imported('a:b/log'))
    const renamed = renameImport(graph, 'a:b/log', 'outer')
    expect(renamed.imports).toEqual({ outer: { typeOf: { instance: 'back', name: 'a:b/log' } } })
    expect(renamed.arguments[argumentKey('back', 'a:b/log')]?.source).toEqual(imported('outer'))
    expect(renamed.exports['through']?.source).toEqual(imported('outer'))
    expect(renameImport(graph, 'a:b/log', 'a:b/log')).toBe(graph)
    expect(codeOf(() => renameImport(graph, 'nothing', 'x'))).toBe('graph.unknown-import')
    const both = addImport(graph, 'outer', { instance: 'front', name: 'a:b/log' })
    expect(codeOf(() => renameImport(both, 'outer', 'a:b/log'))).toBe('graph.duplicate-name')
    expect(freeImportName(graph, { instance: 'front', name: 'a:b/other' })).toBe('a:b/other')
    expect(freeImportName(graph, { instance: 'front', name: 'a:b/log' })).toBe('log-for-front')
    const taken = addImport(graph, 'log-for-front', { instance: 'front', name: 'a:b/log' })
    expect(freeImportName(taken, { instance: 'front', name: 'a:b/log' })).toBe('log-for-front-b')
  })

  it('moves wires to compatible versions when a package is rebuilt, and lists what is lost', () => {
    const entry = { name: 'demo:back', hash: '3'.repeat(64) }
    const newer = replacePackage(chain(), 'back', entry, type([], ['a:b/c@0.2.7']))
    expect(Object.values(newer.graph.arguments)[0]?.source).toEqual(from('back', 'a:b/c@0.2.7'))
    expect(newer.droppedArguments).toEqual([])
    const lost = replacePackage(chain(), 'back', entry, type([], ['a:b/c@0.3.0']))
    expect(lost.graph.arguments).toEqual({})
    expect(lost.droppedArguments.map((wire) => wire.name)).toEqual(['a:b/c@0.2.0'])
    const front = replacePackage(chain(), 'front', { ...entry, name: 'demo:front' }, type(['a:b/c@0.2.1'], []))
    expect(Object.keys(front.graph.arguments)).toEqual([argumentKey('front', 'a:b/c@0.2.1')])
    expect(front.droppedExports).toEqual(['a:b/c@0.2.0'])
  })

  it('refuses what would break the graph, with a typed error', () => {
    const graph = chain()
    expect(codeOf(() => addInstance(graph, 'nobody'))).toBe('graph.unknown-package')
    expect(codeOf(() => renameInstance(graph, 'back', 'front'))).toBe('graph.duplicate-name')
    for (const name of ['', 'Front', 'a b', 'a--b', '-a', 'a-', '9a', '__proto__'])
      expect(
        codeOf(() => renameInstance(graph, 'front', name)),
        name,
      ).toBe('graph.invalid-name')
    expect(codeOf(() => renameInstance(graph, 'nobody', 'x'))).toBe('graph.unknown-instance')
    expect(codeOf(() => connect(graph, 'front', 'x', from('nobody')))).toBe('graph.unknown-instance')
    expect(codeOf(() => connect(graph, 'nobody', 'x', from('back')))).toBe('graph.unknown-instance')
    expect(codeOf(() => addExport(graph, 'a:b/c@0.2.0', from('back')))).toBe('graph.duplicate-name')
    expect(codeOf(() => renameExport(graph, 'nothing', 'x'))).toBe('graph.unknown-export')
    expect(codeOf(() => addImport(graph, 'x', { instance: 'nobody', name: 'x' }))).toBe('graph.unknown-instance')
  })

  it('every edit is undone by its inverted delta', () => {
    const edits: ((graph: CompositionGraph, pick: number) => CompositionGraph)[] = [
      (graph, pick) => setPackage(graph, `p${pick}`, { name: `p:q${pick}`, hash: `${pick}` }),
      (graph, pick) => add(graph, Object.keys(graph.packages)[pick % Object.keys(graph.packages).length] ?? ''),
      (graph, pick) => {
        const ids = Object.keys(graph.instances)
        return connect(graph, ids[0] ?? '', `i${pick % 3}`, from(ids[pick % ids.length] ?? '', `e${pick}`))
      },
      (graph, pick) => removeInstance(graph, Object.keys(graph.instances)[pick] ?? ''),
      (graph, pick) => renameInstance(graph, Object.keys(graph.instances)[pick] ?? '', `r${pick}`),
      (graph, pick) => addExport(graph, `x${pick}`, from(Object.keys(graph.instances)[0] ?? '', 'y')),
      (graph, pick) => removeExport(graph, `x${pick}`),
      (graph, pick) => renameExport(graph, `x${pick}`, `x${pick + 1}`),
    ]
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(edits.length - 1), fc.nat(4)), { maxLength: 20 }), (steps) => {
        let graph = chain()
        for (const [edit, pick] of steps) {
          const before = graph
          const snapshot = JSON.stringify(before)
          try {
            graph = edits[edit]?.(graph, pick) ?? graph
          } catch (thrown) {
            expect(thrown).toBeInstanceOf(PatchbayError)
          }
          expect(JSON.stringify(before)).toBe(snapshot)
          const delta = deltaBetween('edit', tables(before), tables(graph))
          expect(applyDelta(tables(before), delta)).toEqual(tables(graph))
          expect(applyDelta(tables(graph), invert(delta))).toEqual(tables(before))
          for (const wire of Object.values(graph.arguments)) {
            expect(graph.instances[wire.instance]).toBeDefined()
            if (wire.source.kind === 'instance') expect(graph.instances[wire.source.instance]).toBeDefined()
          }
        }
      }),
      { seed: 7, numRuns: 150 },
    )
  })
})
