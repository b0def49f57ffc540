import { beforeEach, describe, expect, it } from 'vitest'
import { removeInstance } from '../../src-engine/compose/edit.ts'
import { type CompositionGraph, emptyGraph } from '../../src-engine/compose/graph.ts'
import { WitPackages } from '../../src-engine/wit/packages.ts'
import { decodedSamples, sample } from '../../test/samples.ts'
import { useDecoded } from '../state/decoded.ts'
import { emptyTables, graphOf, tablesOf, withGraph } from '../state/document.ts'
import { emptyHistory } from '../state/history.ts'
import { edit, undo, useProject } from '../state/project.ts'
import { chooseTarget } from './target.ts'
import {
  discardScript,
  problemsOfText,
  scriptText,
  startScript,
  takeScript,
  typeScript,
  useScriptText,
} from './text.ts'
import { useWitPackages } from './wit-packages.ts'

const handler = 'mik:core/handler@0.1.0'
const names = ['middleware', 'mik-handler']
const graph: CompositionGraph = {
  ...emptyGraph,
  packages: Object.fromEntries(names.map((name) => [name, { name: `p:${name}`, hash: sample(name).hash }])),
  instances: { front: { package: 'middleware' }, back: { package: 'mik-handler' } },
}
const wired = `package a:b;
// The back.
let back = new p:mik-handler {};
// The front.
let front = new p:middleware { handler: back.handler, ... };
`

startScript()

beforeEach(() => {
  discardScript()
  useDecoded.setState({ byHash: decodedSamples(names) })
  useProject.setState({
    status: 'ready',
    name: 'test',
    tables: {
      ...withGraph(emptyTables, graph),
      positions: { front: { x: 1, y: 2 }, back: { x: 3, y: 4 } },
    },
    history: emptyHistory,
    library: [],
  })
})

const tables = () => useProject.getState().tables
const wires = () => Object.keys(graphOf(tables()).arguments)

describe('the target world', () => {
  const worlds = new WitPackages()
  worlds.addFolder([{ path: 'w.wit', text: 'package t:p@1.0.0; world w { export run: func(); } world v {}' }])
  const places = [{ id: 'wit', worlds: ['t:p/w@1.0.0', 't:p/v@1.0.0'] }]
  const type = async (text: string): Promise<void> => {
    typeScript(text)
    expect(await takeScript()).toBe(true)
  }
  beforeEach(() => useWitPackages.setState({ packages: worlds, places }))

  it('that is chosen is written into the text, and taken out of it, each one step that can be undone', async () => {
    chooseTarget({ place: 'wit', world: 't:p/w@1.0.0' })
    expect(scriptText(tables())).toMatch(/^package local:test targets t:p\/w@1\.0\.0;/)
    await type(wired)
    // What was typed says none.
    expect(tables().target).toEqual({})
    chooseTarget({ place: 'wit', world: 't:p/v@1.0.0' })
    const text = wired.replace('package a:b;', 'package a:b targets t:p/v@1.0.0;')
    expect([scriptText(tables()), tables().script['text']]).toEqual([text, text])
    chooseTarget(undefined)
    expect(scriptText(tables())).toBe(wired)
    undo()
    expect(scriptText(tables())).toBe(text)
    undo()
    expect(scriptText(tables())).toBe(wired)
  })

  it('that is typed is chosen: where its WIT is, or by the script itself', async () => {
    await type(wired.replace('package a:b;', 'package a:b targets t:p/w;'))
    expect(tables().target).toEqual({ world: { place: 'wit', world: 't:p/w@1.0.0' } })
    expect(scriptText(tables())).toContain('targets t:p/w;')
    await type(`${wired.replace('package a:b;', 'package a:b targets a:b/mine;')}world mine {}\n`)
    expect(tables().target).toEqual({ world: { place: 'script', world: 'a:b/mine' } })
    undo()
    expect(tables().target).toEqual({ world: { place: 'wit', world: 't:p/w@1.0.0' } })
    expect(scriptText(tables())).toContain('targets t:p/w;')
  })

  it('of a component has no name in a text, and stays when one is typed', async () => {
    chooseTarget({ place: 'component:front' })
    expect(scriptText(tables())).not.toContain('targets')
    await type(wired)
    expect(tables().target).toEqual({ world: { place: 'component:front' } })
  })

  it('that only the script of a file says is that of the project', () => {
    const base = { version: 1 as const, name: 'x', components: {}, view: { positions: {} } }
    const none = { packages: {}, instances: {}, arguments: {}, imports: {}, exports: {} }
    const read = tablesOf({ ...base, graph: none, script: 'package a:b targets t:p/w;' })
    expect(read.target).toEqual({ world: { place: 'script', world: 't:p/w' } })
    expect(tablesOf({ ...base, graph: none, script: 'package a:b targets' }).target).toEqual({})
  })
})

describe('typing in the text', () => {
  it('becomes one step of the history that keeps places, and one undo takes text and graph back', async () => {
    const before = scriptText(tables())
    typeScript(wired.slice(0, 40))
    typeScript(wired)
    expect(await takeScript()).toBe(true)
    expect(wires()).toEqual([`front ${handler}`])
    expect(tables().positions['front']).toEqual({ x: 1, y: 2 })
    expect(useProject.getState().history.past.map(({ label }) => label)).toEqual(['Edit the text'])
    expect(useScriptText.getState().draft).toBeUndefined()
    expect(scriptText(tables())).toBe(wired)
    undo()
    expect(wires()).toEqual([])
    expect(scriptText(tables())).toBe(before)
  })
  it('changes nothing while it has mistakes; discarded, the graph is as it was', async () => {
    typeScript(wired.replace('p:middleware', 'p:middle'))
    expect(await takeScript()).toBe(false)
    const { problems, draft } = useScriptText.getState()
    expect(problems[0]).toMatchObject({ code: 'wac.unknown-package', line: 5 })
    expect(draft).toContain('p:middle {')
    expect(graphOf(tables())).toEqual(graphOf(withGraph(emptyTables, graph)))
    discardScript()
    expect(useScriptText.getState()).toMatchObject({ draft: undefined, problems: [], overtaken: false })
  })
  it('says when the canvas was edited meanwhile, and wins once it is repaired', async () => {
    typeScript('package a:b; let')
    await takeScript()
    edit('Delete back', (now) => withGraph(now, removeInstance(graphOf(now), 'back')))
    expect(useScriptText.getState()).toMatchObject({ draft: 'package a:b; let', overtaken: true })
    // The package that went with the instance is not in the library here.
    typeScript('package a:b; let only = new p:middleware { ... };')
    expect(await takeScript()).toBe(true)
    expect(Object.keys(graphOf(tables()).instances)).toEqual(['only'])
    expect(tables().positions['only']).toEqual({ x: 1, y: 2 })
  })
  it('waits for a component that nobody read yet', async () => {
    const { byHash } = useDecoded.getState()
    useDecoded.setState({ byHash: new Map([...byHash].map(([hash]) => [hash, { state: 'loading' }])) })
    typeScript(wired)
    expect(await takeScript()).toBe(false)
    expect(useScriptText.getState()).toMatchObject({ pending: true, problems: [] })
    useDecoded.setState({ byHash })
    await expect.poll(() => useScriptText.getState().draft).toBeUndefined()
    expect(wires()).toEqual([`front ${handler}`])
  })
  it('with only a comment more is kept without a change of the graph', async () => {
    const before = graphOf(tables())
    const text = `// Mine.\n${scriptText(tables())}`
    typeScript(text)
    expect(await takeScript()).toBe(true)
    expect(graphOf(tables())).toBe(before)
    expect(scriptText(tables())).toBe(text)
  })
})

describe('the text of an edited graph', () => {
  it('keeps what a person wrote around what still holds', async () => {
    typeScript(wired)
    await takeScript()
    edit('Delete back', (now) => withGraph(now, removeInstance(graphOf(now), 'back')))
    const text = scriptText(tables())
    expect(text).toContain('// The front.')
    expect(text).not.toContain('p:mik-handler')
    expect(problemsOfText(text, tables())).toEqual([])
  })
})
