import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { planComposition } from '../../src-engine/compose/build-plan.ts'
import { projectDocument, type ProjectState } from '../../src-preload/contract.ts'
import { decodedAmong, decodedSamples, libraryOf } from '../../test/samples.ts'
import {
  addInstanceOf,
  connectPorts,
  exportSource,
  importFromWorld,
  moveNodes,
  removeAndReconnect,
  removeFromCanvas,
  removeWorldImport,
  renameNode,
  renameWorldExport,
  renameWorldImport,
} from '../state/composition.ts'
import { type Tables, documentOf, graphOf, importsNode, tablesOf } from '../state/document.ts'
import { changeNote, withGroup, withNote, withoutGroups } from '../state/annotations.ts'
import { adoptProject, edit, redo, undo, useProject } from '../state/project.ts'
import { exportWire, selectOnCanvas } from '../state/selection.ts'
import { duplicateSelection } from './clipboard.ts'
import { canvasModel } from './model.ts'
import { nudge } from './nudge.ts'
import { sourceOf, verdictsFor } from './verdicts.ts'

const names = ['hello', 'http-logger', 'keyvalue', 'counter', 'middleware', 'mik-handler']
const decodedOf = decodedAmong(names)
const decoded = decodedSamples(names)
const library = libraryOf(names)
const empty: ProjectState = {
  folder: '/p',
  document: {
    version: 1,
    name: 'Random',
    components: Object.fromEntries(names.map((name) => [name, { path: `components/${name}.wasm` }])),
    graph: { packages: {}, instances: {}, arguments: {}, imports: {}, exports: {} },
    view: { positions: {} },
  },
  library,
  recovered: false,
  dirty: false,
}

const nodeSize = () => ({ width: 224, height: 120 })
const tables = (): Tables => useProject.getState().tables
const pick = <Item>(list: readonly Item[], at: number): Item | undefined => list[at % Math.max(1, list.length)]

/** One thing a person does; `at` and `by` choose among what is there at that moment. */
interface Action {
  readonly kind:
    | 'add'
    | 'remove'
    | 'reconnect'
    | 'connect'
    | 'cut'
    | 'export'
    | 'rename'
    | 'rename-export'
    | 'import'
    | 'connect-import'
    | 'rename-import'
    | 'delete-import'
    | 'move'
    | 'duplicate'
    | 'group'
    | 'ungroup'
    | 'note'
    | 'write'
    | 'nudge'
    | 'delete-annotation'
    | 'undo'
    | 'redo'
  readonly at: number
  readonly by: number
}

function perform({ kind, at, by }: Action): void {
  const graph = graphOf(tables())
  const instance = pick(Object.keys(graph.instances), at)
  switch (kind) {
    case 'add': {
      const item = pick(library, at)
      if (item) addInstanceOf(item, { x: by, y: at })
      return
    }
    case 'connect': {
      if (instance === undefined) return
      const plan = planComposition(graph, decodedOf)
      const outputs = [...(plan.instances.get(instance)?.exports.exports.keys() ?? [])]
      const name = pick(outputs, by)
      if (name === undefined) return
      const verdicts = verdictsFor({ graph, plan, decodedOf }, { instance, side: 'out', name })
      const fitting = [...verdicts].flatMap(([key, verdict]) => {
        const match = /^(\S+) in (.+)$/.exec(key)
        return verdict.fits !== 'no' && match?.[1] !== undefined && match[1] !== '$world' && match[2] !== undefined
          ? [[match[1], match[2]] as const]
          : []
      })
      const end = pick(fitting, by)
      if (end) connectPorts(end[0], end[1], sourceOf({ instance, name }))
      return
    }
    case 'export': {
      const hash = graph.packages[graph.instances[instance ?? '']?.package ?? '']?.hash
      const name = pick([...(decodedOf(hash ?? '')?.type.exports.keys() ?? [])], by)
      if (instance !== undefined && name !== undefined && !Object.hasOwn(graph.exports, name))
        exportSource(name, sourceOf({ instance, name }))
      return
    }
    case 'import': {
      const hash = graph.packages[graph.instances[instance ?? '']?.package ?? '']?.hash
      const name = pick([...(decodedOf(hash ?? '')?.type.imports.keys() ?? [])], by)
      if (instance !== undefined && name !== undefined) importFromWorld(instance, name)
      return
    }
    case 'connect-import': {
      const name = pick(Object.keys(graph.imports), at)
      if (name === undefined) return
      const plan = planComposition(graph, decodedOf)
      const from = { instance: importsNode, side: 'out', name } as const
      const fitting = [...verdictsFor({ graph, plan, decodedOf }, from)].flatMap(([key, verdict]) => {
        const [, to = '', port = ''] = /^(\S+) in (.+)$/.exec(key) ?? []
        return verdict.fits === 'no' || to === '$world' ? [] : [[to, port] as const]
      })
      const end = pick(fitting, by)
      if (end) connectPorts(end[0], end[1], sourceOf(from))
      return
    }
    case 'rename-import': {
      const name = pick(Object.keys(graph.imports), at)
      if (name !== undefined && !Object.hasOwn(graph.imports, `outer-${by}`)) renameWorldImport(name, `outer-${by}`)
      return
    }
    case 'delete-import': {
      const name = pick(Object.keys(graph.imports), at)
      if (name !== undefined) removeWorldImport(name)
      return
    }
    case 'cut': {
      const wire = pick([...Object.keys(graph.arguments), ...Object.keys(graph.exports).map(exportWire)], at)
      if (wire !== undefined) removeFromCanvas([], [wire])
      return
    }
    case 'remove':
      if (instance !== undefined) removeFromCanvas([instance], [])
      return
    case 'reconnect':
      if (instance !== undefined) removeAndReconnect([instance])
      return
    case 'rename':
      if (instance !== undefined && !Object.hasOwn(graph.instances, `named-${by}`)) renameNode(instance, `named-${by}`)
      return
    case 'rename-export': {
      const name = pick(Object.keys(graph.exports), at)
      if (name !== undefined && !Object.hasOwn(graph.exports, `renamed-${by}`)) renameWorldExport(name, `renamed-${by}`)
      return
    }
    case 'move':
      if (instance !== undefined) moveNodes(new Map([[instance, { x: at, y: by }]]))
      return
    case 'group': {
      const members = Object.keys(graph.instances).filter((_, index) => (index + at) % 3 !== 0)
      edit('Group', (now) => withGroup(now, [...members, ...Object.keys(now.notes)], nodeSize).tables)
      return
    }
    case 'ungroup': {
      const group = pick(Object.keys(tables().groups), at)
      if (group !== undefined) edit('Ungroup', (now) => withoutGroups(now, new Set([group])))
      return
    }
    case 'note':
      edit('Add note', (now) => withNote(now, { x: by, y: at }, `Note ${at}`).tables)
      return
    case 'write': {
      const note = pick(Object.keys(tables().notes), at)
      if (note !== undefined) edit('Edit note', (now) => changeNote(now, note, { text: `Text ${by}` }))
      return
    }
    case 'nudge': {
      const thing = pick([...Object.keys(graph.instances), ...Object.keys(tables().groups)], at)
      if (thing !== undefined) nudge([thing], { x: by * 8 - 160, y: at })
      return
    }
    case 'delete-annotation': {
      const thing = pick([...Object.keys(tables().notes), ...Object.keys(tables().groups)], at)
      if (thing !== undefined) removeFromCanvas([], [], [thing])
      return
    }
    case 'duplicate':
      selectOnCanvas(instance === undefined ? [] : [instance], [], by % 2 === 0 ? Object.keys(tables().groups) : [])
      duplicateSelection()
      return
    case 'undo':
      undo()
      return
    case 'redo':
      redo()
  }
}

/** The canvas draws the graph: nothing more, nothing less, nothing that hangs in the air. */
function expectCanvasEqualsGraph(): void {
  const graph = graphOf(tables())
  const model = canvasModel({ graph, library, decoded, problems: [] })
  expect(model.instances.map(({ id }) => id).sort()).toEqual(Object.keys(graph.instances).sort())
  const ports = new Map(model.instances.map((instance) => [instance.id, instance]))
  expect(model.imports).toEqual(Object.keys(graph.imports).sort())
  for (const wire of model.wires) {
    const given = wire.from.instance === importsNode ? model.importPorts : ports.get(wire.from.instance)?.outputs
    expect(given?.find((port) => port.name === wire.from.name)?.wired).toBe(true)
    if (wire.to.instance !== undefined)
      expect(ports.get(wire.to.instance)?.inputs.find((port) => port.name === wire.to.name)?.wired).toBe(true)
    else expect(model.exports).toContain(wire.to.name)
  }
  expect(model.wires.length).toBe(Object.keys(graph.arguments).length + Object.keys(graph.exports).length)
  for (const { package: id } of Object.values(graph.instances)) expect(graph.packages[id]).toBeDefined()
  const grouped = Object.values(tables().groups).flatMap(({ members }) => members)
  expect(new Set(grouped).size).toBe(grouped.length)
  for (const id of grouped) expect(graph.instances[id] ?? tables().notes[id]).toBeDefined()
  for (const id of Object.keys(tables().positions)) expect(graph.instances[id] ?? id).toBeDefined()
}

/** What would be written can be read, and is the same. */
function expectSavesAndLoads(): void {
  const { base } = useProject.getState()
  if (!base) throw new Error('no project')
  const written = JSON.stringify(documentOf(base, tables(), undefined))
  expect(tablesOf(projectDocument.parse(JSON.parse(written)))).toEqual(JSON.parse(JSON.stringify(tables())))
}

const kinds: readonly Action['kind'][] = [
  'add',
  'add',
  'add',
  'connect',
  'connect',
  'connect',
  'export',
  'cut',
  'remove',
  'reconnect',
  'rename',
  'rename-export',
  'import',
  'import',
  'connect-import',
  'rename-import',
  'delete-import',
  'move',
  'duplicate',
  'group',
  'group',
  'ungroup',
  'note',
  'write',
  'nudge',
  'nudge',
  'delete-annotation',
  'undo',
  'undo',
  'redo',
]
const action = fc.record({ kind: fc.constantFrom(...kinds), at: fc.nat(40), by: fc.nat(40) })

describe('whatever is done on the canvas', () => {
  it('leaves canvas and graph equal, can be saved and loaded, and can be taken back to the start', () => {
    fc.assert(
      fc.property(fc.array(action, { minLength: 1, maxLength: 25 }), (actions) => {
        adoptProject(empty)
        const start = tables()
        for (const each of actions) {
          perform(each)
          expectCanvasEqualsGraph()
        }
        expectSavesAndLoads()
        const end = tables()
        let steps = 0
        while (undo() !== undefined) steps++
        expect(tables()).toEqual(start)
        expect(useProject.getState().dirty).toBe(false)
        for (let step = 0; step < steps; step++) redo()
        // What was taken back in the end and not done again is still ahead; the state is the one of the end.
        expect(tables()).toEqual(end)
      }),
      { numRuns: 60, seed: 20261121 },
    )
  })

  it('every wire that the canvas allows is one the planner accepts', () => {
    fc.assert(
      fc.property(
        fc.array(
          action.filter(({ kind }) => kind === 'add' || kind === 'connect'),
          { minLength: 4, maxLength: 20 },
        ),
        (actions) => {
          adoptProject(empty)
          actions.forEach(perform)
          expect(planComposition(graphOf(tables()), decodedOf).problems).toEqual([])
        },
      ),
      { numRuns: 40, seed: 7 },
    )
  })
})
