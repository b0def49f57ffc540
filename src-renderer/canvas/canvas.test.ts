import { describe, expect, it } from 'vitest'
import { planComposition } from '../../src-engine/compose/build-plan.ts'
import { addExport, addImport, addInstance, connect, disconnect, setPackage } from '../../src-engine/compose/edit.ts'
import { type CompositionGraph, emptyGraph } from '../../src-engine/compose/graph.ts'
import { decodedAmong, decodedSamples, libraryOf, sample } from '../../test/samples.ts'
import { type Tables, emptyTables, importsNode } from '../state/document.ts'
import { runGraph } from '../state/run-target.ts'
import { type Clip, clipOf, insertClip, readClip } from './clipboard.ts'
import { nextStep } from './coach-steps.ts'
import { Palette } from './colours.ts'
import { findInstances } from './find.ts'
import { placesFor } from './layout.ts'
import { mermaidOf } from '../../src-engine/draw/mermaid.ts'
import { canvasModel } from './model.ts'
import { neighbours } from './neighbours.ts'
import { newPortSlot, portKey } from './ports.ts'
import { replaceInstance } from '../../src-engine/compose/replace.ts'
import { bridgeOver, spliceInto } from './splice.ts'
import { bestPort, sourceOf, verdictsFor } from './verdicts.ts'
import { markOf } from './wiring.ts'

const handler = 'wasi:http/incoming-handler@0.2.12'
const names = ['hello', 'http-logger', 'keyvalue', 'counter', 'bridge', 'mik-handler']
const decodedOf = decodedAmong(names)
const decoded = decodedSamples(names)
const library = libraryOf(names)

function graphWith(...instances: string[]): CompositionGraph {
  return instances.reduce(
    (graph, name) =>
      addInstance(setPackage(graph, name, { name: `local:${name}`, hash: sample(name).hash }), name).graph,
    emptyGraph,
  )
}
function modelOf(graph: CompositionGraph) {
  return canvasModel({ graph, library, decoded, problems: planComposition(graph, decodedOf).problems })
}
const wired = connect(
  graphWith('hello', 'http-logger'),
  'http-logger',
  handler,
  sourceOf({ instance: 'hello', name: handler }),
)

describe('the canvas model', () => {
  it('has a node for each instance, ports by name, and the host folded away', () => {
    const model = modelOf(wired)
    expect(
      model.instances.map(({ id, purpose, state, inputs, hostInputs, outputs }) => ({
        id,
        purpose,
        state,
        inputs: inputs.map((port) => [port.label, port.wired]),
        host: hostInputs.every((port) => port.name.startsWith('wasi:')) && hostInputs.length > 0,
        outputs: outputs.map((port) => [port.label, port.wired]),
      })),
    ).toEqual([
      {
        id: 'hello',
        purpose: 'handler',
        state: 'ready',
        inputs: [],
        host: true,
        outputs: [['incoming-handler', true]],
      },
      {
        id: 'http-logger',
        purpose: 'middleware',
        state: 'ready',
        inputs: [['incoming-handler', true]],
        host: true,
        outputs: [['incoming-handler', false]],
      },
    ])
    expect(model.wires).toMatchObject([
      {
        key: `http-logger ${handler}`,
        from: { instance: 'hello' },
        to: { instance: 'http-logger' },
        problem: undefined,
      },
    ])
  })

  it('shows a component that is gone with the ports its wires name', () => {
    const model = canvasModel({ graph: wired, library: [], decoded: new Map(), problems: [] })
    expect(model.instances.map(({ state, inputs, outputs }) => [state, inputs.length, outputs.length])).toEqual([
      ['missing', 0, 1],
      ['missing', 1, 0],
    ])
    expect(model.wires).toHaveLength(1)
  })

  it('says what is wrong at the port where it is', () => {
    const crossed = connect(
      graphWith('keyvalue', 'http-logger'),
      'http-logger',
      handler,
      sourceOf({ instance: 'keyvalue', name: 'patchbay:keyvalue/store@0.1.0' }),
    )
    const model = modelOf(crossed)
    expect(model.instances.find(({ id }) => id === 'http-logger')?.inputs[0]?.problem).toBeTruthy()
    expect(model.wires[0]?.problem).toBeTruthy()
  })
})

describe('a component that was built anew', () => {
  it('keeps the ports its wires name, and says that they are gone', () => {
    // The middleware became a library: neither the import nor the export is there any more.
    const before = addExport(wired, handler, sourceOf({ instance: 'http-logger', name: handler }))
    const after = setPackage(before, 'http-logger', { name: 'local:http-logger', hash: sample('keyvalue').hash })
    const logger = modelOf(after).instances.find(({ id }) => id === 'http-logger')
    expect(
      [logger?.inputs, logger?.outputs].map((ports) => ports?.filter((port) => port.problem).map((port) => port.label)),
    ).toEqual([['incoming-handler'], ['incoming-handler']])
  })
})

describe('verdicts while a wire is drawn', () => {
  it('mark every port of the other instances, and the world', () => {
    const graph = graphWith('hello', 'http-logger', 'keyvalue', 'counter')
    const plan = planComposition(graph, decodedOf)
    const verdicts = verdictsFor({ graph, plan, decodedOf }, { instance: 'hello', side: 'out', name: handler })
    const marks = Object.fromEntries([...verdicts].map(([key, verdict]) => [key, markOf(verdict)]))
    expect(marks[portKey('http-logger', 'in', handler)]).toBe('yes')
    expect(marks[portKey('counter', 'in', 'patchbay:keyvalue/store@0.1.0')]).toBe('no')
    expect(marks[portKey('$world', 'in', newPortSlot)]).toBe('yes')
    expect(Object.keys(marks).some((key) => key.startsWith('hello '))).toBe(false)
    expect(verdicts.get(portKey('counter', 'in', 'patchbay:keyvalue/store@0.1.0'))?.sentence).toMatch(/\.$/)
  })

  it('refuse a circle in words', () => {
    const plan = planComposition(wired, decodedOf)
    const two = { graph: wired, plan, decodedOf }
    const back = verdictsFor(two, { instance: 'http-logger', side: 'out', name: handler })
    expect(back.has(portKey('hello', 'in', handler))).toBe(false)
    const pair = addInstance(graphWith('http-logger'), 'http-logger').graph
    const both = connect(pair, 'http-logger', handler, sourceOf({ instance: 'http-logger-2', name: handler }))
    const verdict = verdictsFor(
      { graph: both, plan: planComposition(both, decodedOf), decodedOf },
      { instance: 'http-logger', side: 'out', name: handler },
    ).get(portKey('http-logger-2', 'in', handler))
    expect(verdict).toMatchObject({ fits: 'no' })
    expect(verdict?.sentence).toContain('need each other')
  })

  it('find the port of a component that is not on the canvas yet', () => {
    const graph = graphWith('counter')
    const need = { instance: 'counter', side: 'in', name: 'patchbay:keyvalue/store@0.1.0' } as const
    const candidate = (name: string) => ({ id: `candidate-${name}`, hash: sample(name).hash })
    expect(bestPort(graph, decodedOf, candidate('keyvalue'), need)).toEqual({ name: need.name, exact: true })
    expect(bestPort(graph, decodedOf, candidate('hello'), need)).toBeUndefined()
    expect(
      bestPort(graph, decodedOf, candidate('http-logger'), { instance: 'counter', side: 'out', name: handler }),
    ).toEqual({ name: handler, exact: true })
  })
})

describe('explicit imports', () => {
  it('are a node of their own, with a wire to everybody who takes them', () => {
    const open = disconnect(wired, 'http-logger', handler)
    const declared = addImport(open, 'outer', { instance: 'http-logger', name: handler })
    const graph = connect(declared, 'http-logger', handler, { kind: 'import', import: 'outer', path: [] })
    const model = modelOf(graph)
    expect(model.imports).toEqual(['outer'])
    expect(model.wires.map(({ from, to }) => [from.instance, from.name, to.instance])).toContainEqual([
      importsNode,
      'outer',
      'http-logger',
    ])
    const places = placesFor(graph, model, { hello: { x: 0, y: 40 }, 'http-logger': { x: 400, y: 80 } }, () => 120)
    expect(places.get(importsNode)?.x).toBeLessThan(0)
  })

  it('are ports that say who takes them, judge what they could go to, and take middleware in', () => {
    const taken = { instance: 'http-logger', name: handler }
    const graph = connect(addImport(graphWith('bridge', 'http-logger'), 'outer', taken), 'http-logger', handler, {
      kind: 'import',
      import: 'outer',
      path: [],
    })
    expect(modelOf(graph).importPorts).toMatchObject([
      { side: 'out', name: 'outer', label: 'outer', kind: 'instance', wired: true },
    ])
    const two = addInstance(graph, 'http-logger').graph
    const context = { graph: two, plan: planComposition(two, decodedOf), decodedOf }
    const from = verdictsFor(context, { instance: importsNode, side: 'out', name: 'outer' })
    expect(from.get(portKey('http-logger-2', 'in', handler))).toEqual({ fits: 'yes' })
    expect(from.get(portKey('http-logger-2', 'in', 'wasi:cli/stderr@0.2.12'))?.fits).toBe('no')
    const to = verdictsFor(context, { instance: 'http-logger-2', side: 'in', name: handler })
    expect(to.get(portKey(importsNode, 'out', 'outer'))).toEqual({ fits: 'yes' })
    expect(to.get(portKey(importsNode, 'out', newPortSlot))).toEqual({ fits: 'yes' })
    const spliced = spliceInto(two, 'http-logger-2', `http-logger ${handler}`, sample('http-logger').component)
    expect(spliced.arguments[`http-logger-2 ${handler}`]?.source).toEqual(
      sourceOf({ instance: importsNode, name: 'outer' }),
    )
    expect(planComposition(spliced, decodedOf).problems).toEqual([])
  })

  it('that nobody takes are still there', () => {
    const graph = addImport(wired, 'outer', { instance: 'http-logger', name: handler })
    expect(modelOf(graph)).toMatchObject({ imports: ['outer'] })
    expect(modelOf(wired).imports).toEqual([])
  })
})

describe('splice', () => {
  it('puts a component into a wire, and out again', () => {
    const graph = addInstance(wired, 'http-logger').graph
    const spliced = spliceInto(graph, 'http-logger-2', `http-logger ${handler}`, sample('http-logger').component)
    expect(spliced.arguments[`http-logger-2 ${handler}`]?.source).toEqual(
      sourceOf({ instance: 'hello', name: handler }),
    )
    expect(spliced.arguments[`http-logger ${handler}`]?.source).toEqual(
      sourceOf({ instance: 'http-logger-2', name: handler }),
    )
    expect(planComposition(spliced, decodedOf).problems).toEqual([])
    const bridged = bridgeOver(spliced, 'http-logger-2')
    expect(bridged.arguments[`http-logger ${handler}`]?.source).toEqual(sourceOf({ instance: 'hello', name: handler }))
  })

  it('goes into an export of the world as well', () => {
    const graph = addExport(graphWith('hello', 'http-logger'), handler, sourceOf({ instance: 'hello', name: handler }))
    const spliced = spliceInto(graph, 'http-logger', `export ${handler}`, sample('http-logger').component)
    expect(spliced.exports[handler]?.source).toEqual(sourceOf({ instance: 'http-logger', name: handler }))
    expect(bridgeOver(spliced, 'http-logger').exports[handler]?.source).toEqual(
      sourceOf({ instance: 'hello', name: handler }),
    )
  })

  it('leaves a wire alone that the component cannot pass on', () => {
    const graph = addInstance(
      setPackage(wired, 'keyvalue', { name: 'local:keyvalue', hash: sample('keyvalue').hash }),
      'keyvalue',
    ).graph
    expect(spliceInto(graph, 'keyvalue', `http-logger ${handler}`, sample('keyvalue').component)).toBe(graph)
  })
})

describe('replacing an instance', () => {
  it('keeps name and wires, and lets the old package go', () => {
    const exported = addExport(wired, handler, sourceOf({ instance: 'http-logger', name: handler }))
    const graph = setPackage(exported, 'counter', { name: 'local:counter', hash: sample('counter').hash })
    const replaced = replaceInstance(graph, 'hello', 'counter', sample('counter').component)
    expect(replaced.instances['hello']).toEqual({ package: 'counter' })
    expect(Object.keys(replaced.packages).sort()).toEqual(['counter', 'http-logger'])
    expect(replaced.arguments).toEqual(graph.arguments)
    expect(planComposition(replaced, decodedOf).problems).toEqual([])
  })

  it('leaves a wire that has no port any more where it is, so that it can be seen', () => {
    const graph = setPackage(wired, 'keyvalue', { name: 'local:keyvalue', hash: sample('keyvalue').hash })
    const replaced = replaceInstance(graph, 'hello', 'keyvalue', sample('keyvalue').component)
    expect(replaced.arguments).toEqual(graph.arguments)
    expect(planComposition(replaced, decodedOf).problems).not.toEqual([])
    const outputs = modelOf(replaced).instances.find(({ id }) => id === 'hello')?.outputs
    expect(outputs?.filter((port) => port.problem).map((port) => port.name)).toEqual([handler])
  })
})

describe('Mermaid', () => {
  it('draws instances, wires and the world, whatever names hold', () => {
    const graph = addExport(wired, 'a "quoted" name', sourceOf({ instance: 'http-logger', name: handler }))
    expect(mermaidOf(modelOf(graph))).toBe(
      [
        'flowchart LR',
        '  n0["hello"]',
        '  n1["http-logger"]',
        '  world(["World exports"])',
        '  n1 -- "a #quot;quoted#quot; name" --> world',
        '  n0 -- "incoming-handler" --> n1',
        '',
      ].join('\n'),
    )
  })
})

describe('what Run would serve', () => {
  it('is the outermost handler when nothing is exported', () => {
    expect(runGraph(wired, decodedOf)).toMatchObject({
      added: { instance: 'http-logger', name: handler },
      candidates: ['http-logger'],
    })
  })
  it('is what is exported', () => {
    const graph = addExport(wired, handler, sourceOf({ instance: 'hello', name: handler }))
    expect(runGraph(graph, decodedOf)).toEqual({ graph, added: undefined, candidates: [] })
  })
  it('is asked for when two could be meant', () => {
    expect(runGraph(graphWith('hello', 'counter'), decodedOf)).toMatchObject({
      added: undefined,
      candidates: ['counter', 'hello'],
    })
  })
})

describe('finding', () => {
  const model = modelOf(addInstance(wired, 'hello').graph)
  it.each([
    ['logger', ['http-logger']],
    ['is:unsatisfied', []],
    ['is:unused', ['hello-2', 'http-logger']],
    ['imports:incoming', ['http-logger']],
    ['exports:incoming hello', ['hello', 'hello-2', 'http-logger']],
    ['is:unused hello-2', ['hello-2']],
    ['package:http-log', ['http-logger']],
    ['package:wasi:http', ['hello', 'hello-2', 'http-logger']],
    ['package:no-such', []],
    ['', []],
    ['nothing-like-this', []],
  ])('%s', (query, expected) => {
    const found = findInstances(model, query)
    if (query === 'exports:incoming hello') expect(found).toEqual(['hello', 'hello-2'])
    else expect(found).toEqual(expected)
  })
})

describe('neighbours', () => {
  it('follow wires up and down', () => {
    const graph = addInstance(wired, 'hello').graph
    expect([...neighbours(graph, ['http-logger'], 'up')]).toEqual(['hello'])
    expect([...neighbours(graph, ['hello'], 'down')]).toEqual(['http-logger'])
    expect([...neighbours(graph, ['hello-2'], 'down')]).toEqual([])
  })
})

describe('places for nodes without one', () => {
  it('are in columns from provider to consumer and cover nothing', () => {
    const places = placesFor(wired, modelOf(wired), {}, () => 100)
    const [hello, logger, world] = ['hello', 'http-logger', '$world'].map((id) => places.get(id)?.x ?? NaN)
    expect([hello, logger, world].every((x) => Number.isFinite(x))).toBe(true)
    expect((hello ?? 0) < (logger ?? 0) && (logger ?? 0) < (world ?? 0)).toBe(true)
  })
  it('leave what has a place where it is', () => {
    const places = placesFor(wired, modelOf(wired), { hello: { x: 0, y: 0 }, $world: { x: 9, y: 9 } }, () => 100)
    expect([...places.keys()]).toEqual(['http-logger'])
    expect(places.get('http-logger')?.y).toBeGreaterThanOrEqual(100)
  })
})

describe('the first steps', () => {
  it('go from the wire to Run to the answer', () => {
    const start = modelOf(graphWith('hello', 'http-logger'))
    expect(nextStep(start, false, false)).toEqual({
      kind: 'wire',
      from: { instance: 'hello', name: handler },
      to: { instance: 'http-logger', name: handler },
    })
    expect(nextStep(modelOf(wired), false, false)).toEqual({ kind: 'run' })
    expect(nextStep(modelOf(wired), true, false)).toEqual({ kind: 'send' })
    expect(nextStep(modelOf(wired), true, true)).toEqual({ kind: 'done' })
    const broken = modelOf(wired)
    const wires = broken.wires.map((wire) => ({ ...wire, problem: 'does not fit' }))
    expect(nextStep({ ...broken, wires }, false, false)).toBeUndefined()
    expect(nextStep(modelOf(emptyGraph), false, false)).toBeUndefined()
  })
})

describe('colours', () => {
  it('differ while there are colours, and stay when a package comes', () => {
    const palette = new Palette()
    const many = Array.from({ length: 12 }, (_, index) => `package-${index}`)
    expect(new Set(palette.colourOf(many).values()).size).toBe(12)
    const before = new Palette()
    const two = before.colourOf(['b', 'c'])
    const three = before.colourOf(['a', 'b', 'c'])
    expect([three.get('b'), three.get('c')]).toEqual([two.get('b'), two.get('c')])
    expect(before.colourOf(Array.from({ length: 40 }, (_, index) => `p${index}`)).size).toBe(40)
  })
})

describe('the clipboard', () => {
  const tables = { ...wired, name: {}, positions: { hello: { x: 10, y: 20 }, 'http-logger': { x: 110, y: 40 } } }
  const plain: Tables = {
    ...emptyTables,
    packages: wired.packages,
    instances: wired.instances,
    arguments: wired.arguments,
    imports: {},
    exports: {},
    positions: tables.positions,
    groups: {},
    notes: {},
    target: {},
    script: {},
  }

  it('carries instances and the wires among them as JSON', () => {
    const clip = clipOf(plain, ['hello', 'http-logger', '$world', 'gone'])
    expect(readClip(JSON.stringify(clip))).toEqual(clip)
    expect(Object.keys(clip.instances)).toEqual(['hello', 'http-logger'])
    expect(clip.arguments).toHaveLength(1)
    expect(clipOf(plain, ['http-logger']).arguments).toEqual([])
  })

  it('gives free names and keeps the arrangement', () => {
    const clip = clipOf(plain, ['hello', 'http-logger'])
    const { tables: after, instances } = insertClip(plain, clip, (id) => clip.instances[id]?.package ?? '', {
      x: 500,
      y: 500,
    })
    expect(instances).toEqual(['hello-2', 'http-logger-2'])
    expect(after.positions['http-logger-2']).toEqual({ x: 600, y: 520 })
    expect(after.arguments[`http-logger-2 ${handler}`]?.source).toMatchObject({ instance: 'hello-2' })
  })

  it.each([
    '',
    'hello',
    '{"patchbay":"clip"}',
    '{"patchbay":',
    '[]',
    '{"patchbay":"clip","version":2,"instances":{},"arguments":[],"positions":{}}',
  ])('leaves other text alone: %s', (text) => {
    expect(readClip(text)).toBeUndefined()
  })

  it('takes no names from a foreign clip that are no names', () => {
    const foreign: Clip = {
      patchbay: 'clip',
      version: 1,
      instances: { '../Evil Name': { package: 'hello', name: 'x', hash: 'y' } },
      arguments: [],
      positions: {},
      groups: {},
      notes: {},
    }
    const { instances } = insertClip(plain, foreign, () => 'hello', { x: 0, y: 0 })
    expect(instances).toEqual(['evil-name'])
  })
})
