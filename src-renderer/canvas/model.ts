/** What the canvas draws, derived from the one graph. Nothing here is state: the same graph gives the same drawing. */
import { readDeclared } from '../../src-engine/compose/declared-import.ts'
import { type CompositionGraph, type GraphSource, argumentKey } from '../../src-engine/compose/graph.ts'
import { hostGives } from '../../src-engine/compose/plan.ts'
import { splitVersion } from '../../src-engine/types/names.ts'
import type { LibraryItem, Problem } from '../../src-preload/contract.ts'
import { purposeOf } from '../inspector/purpose.ts'
import type { Decoded } from '../state/decoded.ts'
import { importsNode } from '../state/document.ts'
import type { CompositionProblem } from '../state/plan.ts'
import { exportWire } from '../state/selection.ts'
import { coloursOf } from './colours.ts'
import { type Port, type Purpose, portNamed, surfaceOf } from './ports.ts'

/** A port with what the graph says of it. */
export interface PortModel extends Port {
  readonly wired: boolean
  /** Another version of the same interface is on the canvas, so the version is worth its room. */
  readonly versioned: boolean
  /** The plan's sentence about this port. */
  readonly problem: string | undefined
}

export interface InstanceModel {
  readonly id: string
  readonly package: string
  /** File or sample name. */
  readonly packageName: string
  /** Bytes; undefined while unknown. */
  readonly size: number | undefined
  readonly colour: number
  readonly state: 'ready' | 'loading' | 'missing'
  /** Why it cannot be read. */
  readonly trouble: Problem | undefined
  /** What it is for, in two or three words; empty while unknown. */
  readonly purposeLabel: string
  /** How many instances are inside, for one that was composed. */
  readonly inside: number
  readonly purpose: Purpose | undefined
  readonly inputs: readonly PortModel[]
  /** Imports that the host gives, quiet until somebody wires them. */
  readonly hostInputs: readonly PortModel[]
  readonly outputs: readonly PortModel[]
  /** Problems of the instance as a whole. */
  readonly problems: readonly string[]
}

export interface WireModel {
  /** As in the selection. */
  readonly key: string
  /** `instance` is {@link importsNode} for an explicit import of the composition. */
  readonly from: { readonly instance: string; readonly name: string }
  /** `instance` is undefined for an export of the world. */
  readonly to: { readonly instance: string | undefined; readonly name: string }
  readonly colour: number
  readonly problem: string | undefined
}

export interface CanvasModel {
  readonly instances: readonly InstanceModel[]
  readonly wires: readonly WireModel[]
  /** Names of the composition's exports. */
  readonly exports: readonly string[]
  /** Names of its explicit imports. */
  readonly imports: readonly string[]
  /** The same as ports that give. */
  readonly importPorts: readonly PortModel[]
}

export interface ModelInput {
  readonly graph: CompositionGraph
  readonly library: readonly LibraryItem[]
  readonly decoded: ReadonlyMap<string, Decoded>
  readonly problems: readonly CompositionProblem[]
}

export function canvasModel({ graph, library, decoded, problems }: ModelInput): CanvasModel {
  const colours = coloursOf(Object.keys(graph.packages))
  const items = new Map(library.map((item) => [item.id, item]))
  const given = new Map<string, Set<string>>()
  const note = (instance: string, name: string): void => {
    given.set(instance, (given.get(instance) ?? new Set()).add(name))
  }
  for (const wire of Object.values(graph.arguments))
    if (wire.source.kind === 'instance') note(wire.source.instance, wire.source.path[0] ?? '')
  for (const { source } of Object.values(graph.exports))
    if (source.kind === 'instance') note(source.instance, source.path[0] ?? '')

  const byInstance = new Map<string, CompositionProblem[]>()
  for (const problem of problems) {
    if (problem.instance === undefined) continue
    byInstance.set(problem.instance, [...(byInstance.get(problem.instance) ?? []), problem])
  }

  const versions = versionsOn(graph, decoded)
  const instances = Object.entries(graph.instances)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([id, { package: packageId }]): InstanceModel => {
      const entry = graph.packages[packageId]
      const item = items.get(packageId)
      const known = entry && decoded.get(entry.hash)
      const own = byInstance.get(id) ?? []
      const base = {
        id,
        package: packageId,
        packageName: (item?.name ?? entry?.name ?? packageId).replace(/\.wasm$/i, ''),
        size: item?.summary?.size,
        purposeLabel: item?.summary ? purposeOf(item.summary).label.replace(/ · .*$/, '') : '',
        colour: colours.get(packageId) ?? 0,
        problems: own
          .filter((problem) => problem.import === undefined && problem.export === undefined)
          .map((problem) => problem.message),
      }
      if (known?.state !== 'ready') {
        const gone = item === undefined || item.status === 'missing' || item.status === 'broken'
        const trouble = item?.problem ?? (known?.state === 'failed' ? known.problem : undefined)
        return {
          ...base,
          ...remembered(graph, id),
          inside: 0,
          state: gone || trouble ? 'missing' : 'loading',
          trouble,
          purpose: undefined,
          // Why the file cannot be read says it all; the planner can only say that it could not.
          ...(trouble ? { problems: [] } : {}),
        }
      }
      const surface = surfaceOf(known.component)
      const left = remembered(graph, id)
      // A wire to a port that the component no longer has stays visible, so that it can be seen and moved.
      const lost = (ports: readonly PortModel[], known: readonly Port[], side: string): PortModel[] =>
        ports
          .filter((port) => !known.some(({ name }) => name === port.name))
          .map((port) => ({ ...port, problem: `${id} has no ${side} ${port.name} any more` }))
      const inputs = [
        ...surface.inputs.map((port): PortModel => ({
          ...port,
          versioned: versions.mixed(port.name),
          wired: Object.hasOwn(graph.arguments, argumentKey(id, port.name)),
          problem: own.find((problem) => problem.import === port.name)?.message,
        })),
        ...lost(left.inputs, surface.inputs, 'import'),
      ]
      const quiet = (port: PortModel): boolean =>
        !port.wired && port.problem === undefined && (hostGives(port.name) || port.kind === 'type')
      return {
        ...base,
        state: 'ready',
        trouble: item?.status === 'missing' || item?.status === 'broken' ? item.problem : undefined,
        purpose: surface.purpose,
        inside: surface.inside,
        inputs: inputs.filter((port) => !quiet(port)),
        hostInputs: inputs.filter(quiet),
        outputs: [
          ...surface.outputs.map((port): PortModel => ({
            ...port,
            versioned: versions.mixed(port.name),
            wired: given.get(id)?.has(port.name) ?? false,
            problem: own.find((problem) => problem.export === port.name)?.message,
          })),
          ...lost(left.outputs, surface.outputs, 'export'),
        ],
      }
    })

  const colourOf = (instance: string): number => colours.get(graph.instances[instance]?.package ?? '') ?? 0
  const wires: WireModel[] = []
  for (const [key, wire] of Object.entries(graph.arguments)) {
    wires.push({
      key,
      from: startOf(wire.source),
      to: { instance: wire.instance, name: wire.name },
      // What comes from outside has no colour of its own.
      colour: colourOf(wire.source.kind === 'instance' ? wire.source.instance : wire.instance),
      problem: problems.find((problem) => problem.instance === wire.instance && problem.import === wire.name)?.message,
    })
  }
  for (const [name, { source }] of Object.entries(graph.exports)) {
    wires.push({
      key: exportWire(name),
      from: startOf(source),
      to: { instance: undefined, name },
      colour: source.kind === 'instance' ? colourOf(source.instance) : 0,
      problem: problems.find((problem) => problem.instance === undefined && problem.export === name)?.message,
    })
  }
  wires.sort((left, right) => (left.key < right.key ? -1 : 1))
  const imports = Object.keys(graph.imports).sort()
  const importPorts = imports.map((name): PortModel => ({
    ...portNamed('out', name, kindOfImport(graph, name, decoded)),
    versioned: versions.mixed(name),
    wired: wires.some(({ from }) => from.instance === importsNode && from.name === name),
    problem: problems.find((one) => one.import === name && one.instance === undefined)?.message,
  }))
  return { instances, wires, exports: Object.keys(graph.exports).sort(), imports, importPorts }
}

/** The port where a wire begins. */
function startOf(source: GraphSource): WireModel['from'] {
  return source.kind === 'instance'
    ? { instance: source.instance, name: source.path[0] ?? '' }
    : { instance: importsNode, name: source.import }
}

/** What an import of the composition is; an interface where nobody knows. */
function kindOfImport(graph: CompositionGraph, name: string, decoded: ReadonlyMap<string, Decoded>): PortModel['kind'] {
  const { typeOf, declared } = graph.imports[name] ?? {}
  if (declared) {
    const reading = readDeclared(declared)
    return 'extern' in reading ? reading.extern.kind : 'instance'
  }
  const known = decoded.get(graph.packages[graph.instances[typeOf?.instance ?? '']?.package ?? '']?.hash ?? '')
  return (known?.state === 'ready' && known.component.type.imports.get(typeOf?.name ?? '')?.kind) || 'instance'
}

/** Ports of an instance whose component cannot be read: those its wires name, so that nothing hangs in the air. */
function remembered(graph: CompositionGraph, id: string): Pick<InstanceModel, 'inputs' | 'hostInputs' | 'outputs'> {
  const port = (side: 'in' | 'out', name: string): PortModel => ({
    ...portNamed(side, name, 'instance'),
    versioned: true,
    wired: true,
    problem: undefined,
  })
  const outputs = new Set<string>()
  for (const { source } of [...Object.values(graph.arguments), ...Object.values(graph.exports)])
    if (source.kind === 'instance' && source.instance === id && source.path[0] !== undefined)
      outputs.add(source.path[0])
  return {
    inputs: Object.values(graph.arguments)
      .filter((wire) => wire.instance === id)
      .map((wire) => port('in', wire.name)),
    hostInputs: [],
    outputs: [...outputs].map((name) => port('out', name)),
  }
}

/** Which interfaces are on the canvas in more than one version. */
function versionsOn(graph: CompositionGraph, decoded: ReadonlyMap<string, Decoded>): { mixed(name: string): boolean } {
  const found = new Map<string, Set<string>>()
  for (const { package: id } of Object.values(graph.instances)) {
    const known = decoded.get(graph.packages[id]?.hash ?? '')
    if (known?.state !== 'ready') continue
    for (const name of [...known.component.type.imports.keys(), ...known.component.type.exports.keys()]) {
      const { base, version } = splitVersion(name)
      if (version !== undefined) found.set(base, (found.get(base) ?? new Set()).add(version))
    }
  }
  return { mixed: (name) => (found.get(splitVersion(name).base)?.size ?? 0) > 1 }
}
