import { describe, expect, it } from 'vitest'
import { type CompositionGraph, emptyGraph } from '../../src-engine/compose/graph.ts'
import { WitPackages } from '../../src-engine/wit/packages.ts'
import type { LibraryItem } from '../../src-preload/contract.ts'
import { decodedSamples, sample } from '../../test/samples.ts'
import type { Decoded } from '../state/decoded.ts'
import { emptyTables } from '../state/document.ts'
import { renamesBetween, withRenames } from './rename.ts'
import { packageNames, readScript, scriptAfter, type ScriptContext, scriptOf } from './script.ts'

const handler = 'mik:core/handler@0.1.0'
const decoded = decodedSamples(['bridge', 'middleware', 'mik-handler', 'hello'])
const item = (name: string, origin: LibraryItem['origin']): LibraryItem => ({
  id: origin === 'sample' ? `sample:${name}` : name,
  name: `${name}.wasm`,
  origin,
  path: `/${name}.wasm`,
  status: 'ready',
  hash: sample(name).hash,
})
const graph: CompositionGraph = {
  ...emptyGraph,
  packages: {
    'mw-1': { name: 'patchbay:middleware', version: '0.1.0', hash: sample('middleware').hash },
    mik: { name: 'patchbay:mik-handler', hash: sample('mik-handler').hash },
  },
  instances: { front: { package: 'mw-1' }, back: { package: 'mik' } },
  arguments: {
    [`front ${handler}`]: {
      instance: 'front',
      name: handler,
      source: { kind: 'instance', instance: 'back', path: [handler] },
    },
  },
}
const context: ScriptContext = {
  graph,
  library: [item('bridge', 'project'), item('hello', 'sample')],
  decoded,
  wit: undefined,
}

describe('the text of a composition', () => {
  it('calls packages of the canvas by their names and those of the library by theirs', () => {
    expect([...packageNames(context).keys()]).toEqual([
      'patchbay:middleware@0.1.0',
      'patchbay:mik-handler',
      'local:bridge',
      'sample:hello',
    ])
  })
  it('says the graph, and means it when it is read again', () => {
    const text = scriptOf(graph, decoded, 'my-thing')
    expect(text).toContain('package local:my-thing;')
    const reading = readScript(text, context)
    expect(reading).toMatchObject({ state: 'good', problems: [] })
    if (reading.state !== 'good') throw new Error('it has to be good')
    expect({ ...reading.graph, name: undefined }).toEqual({ ...graph, name: undefined })
  })
  it('needs no version where there is one, and takes what is in the library under the id of the project', () => {
    const reading = readScript(
      `package a:b;
       let back = new patchbay:mik-handler {};
       let front = new patchbay:middleware { handler: back.handler, ... };
       let out = new local:bridge { handler: front.handler, ... };
       let other = new sample:hello { ... };`,
      context,
    )
    if (reading.state !== 'good') throw new Error(JSON.stringify(reading))
    expect(Object.entries(reading.graph.instances).map(([id, { package: name }]) => [id, name])).toEqual([
      ['back', 'mik'],
      ['front', 'mw-1'],
      ['out', 'bridge'],
      ['other', 'sample:hello'],
    ])
    expect(reading.items.get('sample:hello')?.origin).toBe('sample')
    // The package keeps what the project knows of it.
    expect(reading.graph.packages['mw-1']).toEqual(graph.packages['mw-1'])
  })
  it('tells a mistake with its range and what the library has', () => {
    const reading = readScript('package a:b;\nlet x = new local:bridg { ... };', context)
    if (reading.state !== 'bad') throw new Error('it has to be bad')
    expect(reading.problems[0]).toMatchObject({
      code: 'wac.unknown-package',
      line: 2,
      column: 13,
      endLine: 2,
      endColumn: 24,
    })
    expect(reading.problems[0]?.hint).toContain('Did you mean local:bridge?')
    expect(readScript('let', context)).toMatchObject({ state: 'bad' })
  })
  it('waits for components that nobody read yet, and says which cannot be read', () => {
    const text = 'package a:b;\nlet x = new local:bridge { ... };'
    const { hash } = sample('bridge')
    expect(readScript(text, { ...context, decoded: new Map() })).toEqual({
      state: 'waiting',
      hashes: [hash],
      wit: false,
    })
    const failed = new Map<string, Decoded>([
      [hash, { state: 'failed', problem: { code: 'input.truncated', message: 'it ends early' } }],
    ])
    const reading = readScript(text, { ...context, decoded: failed })
    expect(reading.state === 'bad' && reading.problems[0]?.hint).toContain('it ends early')
  })
  it('waits for WIT that it names, and enforces the world it targets', () => {
    const text = 'package a:b targets t:p/w;\nlet x = new patchbay:mik-handler {};\nexport x.handler;'
    expect(readScript(text, context)).toMatchObject({ state: 'waiting', wit: true })
    const wit = new WitPackages()
    wit.addFolder([{ path: 'w.wit', text: 'package t:p; world w { export run: func(); }' }])
    const reading = readScript(text, { ...context, wit })
    expect(reading).toMatchObject({ state: 'good', problems: [{ code: 'wac.target-export', line: 1 }] })
  })
  it('keeps comments and order when the graph is edited elsewhere', () => {
    const written = `package a:b;
// The back.
let back = new patchbay:mik-handler {};

// The front.
let front = new patchbay:middleware@0.1.0 { handler: back.handler, ... };
`
    const next: CompositionGraph = {
      ...graph,
      exports: { [handler]: { source: { kind: 'instance', instance: 'front', path: [handler] } } },
    }
    const text = scriptAfter(written, next, decoded, undefined)
    expect(text).toContain('// The back.\nlet back')
    expect(text).toContain('// The front.\nlet front')
    expect(text).toContain('export front')
    expect(scriptAfter(written, graph, decoded, undefined)).toBe(written)
  })
})

describe('a renamed instance', () => {
  it('keeps its place and its group, where it is the only one', () => {
    const after: CompositionGraph = { ...graph, instances: { gate: { package: 'mw-1' }, back: { package: 'mik' } } }
    const renames = renamesBetween(graph, after)
    expect([...renames]).toEqual([['front', 'gate']])
    const tables = withRenames(
      {
        ...emptyTables,
        positions: { front: { x: 1, y: 2 }, back: { x: 3, y: 4 } },
        groups: { '$group-1': { name: 'g', x: 0, y: 0, width: 1, height: 1, members: ['front', '$note-1'] } },
      },
      renames,
    )
    expect(tables.positions).toEqual({ gate: { x: 1, y: 2 }, back: { x: 3, y: 4 } })
    expect(tables.groups['$group-1']?.members).toEqual(['gate', '$note-1'])
    expect(renamesBetween(graph, { ...graph, instances: {} }).size).toBe(0)
  })
})
