import { beforeEach, describe, expect, it } from 'vitest'
import type { Bridge, CallName, LibraryItem, ProjectState, Reply } from '../../src-preload/contract.ts'
import { clientOf } from './client.ts'
import { addInstanceOf, connectPorts, moveNodes, removeFromCanvas, renameNode } from './composition.ts'
import { emptyTables, graphOf, sameGraph } from './document.ts'
import { adoptLibrary, adoptProject, edit, redo, relativePath, saveProject, undo, useProject } from './project.ts'
import { selectOnCanvas, useSelection } from './selection.ts'
import { useSession } from './session.ts'

const hash = (digit: string): string => digit.repeat(64)
const item = (id: string, digit: string): LibraryItem => ({
  id,
  name: `${id}.wasm`,
  origin: 'project',
  path: `/p/components/${id}.wasm`,
  status: 'ready',
  hash: hash(digit),
})
const hello = item('hello', 'a')
const logger = item('logger', 'b')

const opened: ProjectState = {
  folder: '/p',
  document: {
    version: 1,
    name: 'Test',
    components: { hello: { path: 'components/hello.wasm' }, logger: { path: 'components/logger.wasm' } },
    graph: { packages: {}, instances: {}, arguments: {}, imports: {}, exports: {} },
    view: { positions: {} },
  },
  library: [hello, logger],
  recovered: false,
  dirty: false,
}

let asked: { readonly name: CallName; readonly input: unknown }[] = []
let answer: (name: CallName) => Promise<Reply> = () => Promise.resolve({ ok: true, output: {} })

beforeEach(() => {
  asked = []
  answer = () => Promise.resolve({ ok: true, output: {} })
  const bridge: Bridge = {
    invoke: (name, input) => {
      asked.push({ name, input })
      return answer(name)
    },
    subscribe: () => () => {},
    pathOf: () => undefined,
  }
  useSession.setState({ client: clientOf(bridge, 'browser', { current: () => 'open', subscribe: () => () => {} }) })
  adoptProject(opened)
})

const source = (instance: string) => ({ kind: 'instance', instance, path: ['a:b/c'] }) as const

describe('the document', () => {
  it('takes every gesture back and does it again, with its name', () => {
    addInstanceOf(hello, { x: 1, y: 2 })
    addInstanceOf(logger, { x: 3, y: 4 })
    connectPorts('logger', 'a:b/c', source('hello'))
    const after = useProject.getState().tables
    expect(useProject.getState().history.past.map((delta) => delta.label)).toEqual([
      'Add hello.wasm',
      'Add logger.wasm',
      'Connect c',
    ])
    expect([undo(), undo(), undo(), undo()]).toEqual(['Connect c', 'Add logger.wasm', 'Add hello.wasm', undefined])
    expect(useProject.getState().tables).toEqual(emptyTables)
    expect([redo(), redo(), redo(), redo()]).toEqual(['Add hello.wasm', 'Add logger.wasm', 'Connect c', undefined])
    expect(useProject.getState().tables).toEqual(after)
  })

  it('forgets what was taken back as soon as something else is done', () => {
    addInstanceOf(hello, { x: 0, y: 0 })
    undo()
    addInstanceOf(logger, { x: 0, y: 0 })
    expect(redo()).toBeUndefined()
    expect(Object.keys(useProject.getState().tables.instances)).toEqual(['logger'])
  })

  it('records nothing for a gesture that changes nothing', () => {
    addInstanceOf(hello, { x: 5, y: 5 })
    expect(edit('Nothing', (tables) => ({ ...tables }))).toBe(false)
    moveNodes(new Map([['hello', { x: 5, y: 5 }]]))
    expect(useProject.getState().history.past).toHaveLength(1)
  })

  it('removes an instance with its wires, package and place in one step', () => {
    addInstanceOf(hello, { x: 0, y: 0 })
    addInstanceOf(logger, { x: 9, y: 9 })
    connectPorts('logger', 'a:b/c', source('hello'))
    removeFromCanvas(['hello'], [])
    const { tables } = useProject.getState()
    expect([Object.keys(tables.instances), Object.keys(tables.arguments), Object.keys(tables.packages)]).toEqual([
      ['logger'],
      [],
      ['logger'],
    ])
    expect(tables.positions).toEqual({ logger: { x: 9, y: 9 } })
    undo()
    expect(Object.keys(useProject.getState().tables.arguments)).toEqual(['logger a:b/c'])
  })

  it('keeps place and wires of an instance that gets another name', () => {
    addInstanceOf(hello, { x: 7, y: 8 })
    addInstanceOf(logger, { x: 0, y: 0 })
    connectPorts('logger', 'a:b/c', source('hello'))
    selectOnCanvas(['hello'])
    renameNode('hello', 'greeter')
    const { tables } = useProject.getState()
    expect(tables.positions['greeter']).toEqual({ x: 7, y: 8 })
    expect(tables.arguments['logger a:b/c']?.source).toEqual(source('greeter'))
    expect([...useSelection.getState().instances]).toEqual(['greeter'])
    expect(() => renameNode('greeter', 'logger')).toThrow('logger')
    expect(() => renameNode('greeter', 'Not A Name')).toThrow('"Not A Name"')
  })

  it('lets go of a selection that is gone', () => {
    addInstanceOf(hello, { x: 0, y: 0 })
    expect([...useSelection.getState().instances]).toEqual(['hello'])
    undo()
    expect(useSelection.getState().instances.size).toBe(0)
  })

  it('refuses to add what is not built or broken, and says the next step', () => {
    expect(() => addInstanceOf({ ...hello, id: 'new', hash: undefined, status: 'source' }, { x: 0, y: 0 })).toThrow(
      'not built yet',
    )
    const broken: LibraryItem = {
      ...hello,
      id: 'bad',
      hash: undefined,
      status: 'broken',
      problem: { code: 'input.truncated', message: 'it ends too early', hint: 'Get it again.' },
    }
    expect(() => addInstanceOf(broken, { x: 0, y: 0 })).toThrow('it ends too early')
    expect(useProject.getState().history.past).toHaveLength(0)
  })
})

describe('unsaved changes', () => {
  it('are none after undo back to the saved state', () => {
    addInstanceOf(hello, { x: 0, y: 0 })
    expect(useProject.getState().dirty).toBe(true)
    undo()
    expect(useProject.getState().dirty).toBe(false)
  })

  it('made while the file is being written stay unsaved', async () => {
    addInstanceOf(hello, { x: 0, y: 0 })
    let written = (): void => {}
    answer = () =>
      new Promise((resolve) => (written = () => resolve({ ok: true, output: { path: '/p/patchbay.json' } })))
    const saving = saveProject()
    addInstanceOf(logger, { x: 0, y: 0 })
    written()
    await saving
    expect(useProject.getState().dirty).toBe(true)
    undo()
    expect(useProject.getState().dirty).toBe(false)
    expect(asked.map(({ name }) => name)).toEqual(['project.save'])
  })

  it('stay when the file cannot be written', async () => {
    addInstanceOf(hello, { x: 0, y: 0 })
    answer = () =>
      Promise.resolve({ ok: false, problem: { code: 'project.cannot-write', message: 'the disk is full' } })
    await expect(saveProject()).rejects.toThrow('the disk is full')
    expect([useProject.getState().dirty, useProject.getState().saving]).toEqual([true, false])
  })
})

describe('the library', () => {
  it('brings a rebuilt component into the graph without an entry in the history', () => {
    addInstanceOf(hello, { x: 0, y: 0 })
    const before = useProject.getState().history
    adoptLibrary([{ ...hello, hash: hash('c') }, logger])
    const { tables, history } = useProject.getState()
    expect(tables.packages['hello']?.hash).toBe(hash('c'))
    expect(history).toBe(before)
    undo()
    redo()
    expect(useProject.getState().tables.packages['hello']?.hash).toBe(hash('c'))
  })

  it('decides which components the project has', () => {
    adoptLibrary([hello, { ...item('extra', 'd'), path: '/elsewhere/extra.wasm' }])
    expect(useProject.getState().base?.components).toEqual({
      hello: { path: 'components/hello.wasm' },
      extra: { path: '../elsewhere/extra.wasm' },
    })
  })
})

describe('graphs and paths', () => {
  it('the graph is the same object while only places change', () => {
    addInstanceOf(hello, { x: 0, y: 0 })
    const graph = graphOf(useProject.getState().tables)
    moveNodes(new Map([['hello', { x: 50, y: 50 }]]))
    expect(graphOf(useProject.getState().tables)).toBe(graph)
    addInstanceOf(logger, { x: 0, y: 0 })
    undo()
    expect(sameGraph(graphOf(useProject.getState().tables), graph)).toBe(true)
  })

  it('paths are seen from the project folder on every system', () => {
    expect(relativePath('/a/b', '/a/b/c/d.wasm')).toBe('c/d.wasm')
    expect(relativePath('/a/b', '/a/x.wasm')).toBe('../x.wasm')
    expect(relativePath('C:\\p\\q', 'C:\\p\\q\\components\\a.wasm')).toBe('components/a.wasm')
  })
})
