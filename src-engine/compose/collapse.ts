/** Several instances become one: the graph of what goes inside, and the graph around it. */
import { fail } from '../error.ts'
import type { ComponentType } from '../types/graph.ts'
import { matchNames, trackOf } from '../types/names.ts'
import { addExport, addImport, addInstance, connect, removeInstance, setPackage } from './edit.ts'
import {
  argumentKey,
  emptyGraph,
  type CompositionGraph,
  type GraphArgument,
  type GraphPackage,
  type GraphSource,
  type InstanceId,
  type PackageId,
} from './graph.ts'
import { roleName } from './role-names.ts'

/** The type of a component by the hash of its bytes; undefined when it cannot be read. */
export type TypeOf = (hash: string) => ComponentType | undefined

/** What goes inside, and how it is plugged in afterwards. */
export interface Collapse {
  /** A composition of its own: the instances with the wires among them. */
  readonly inner: CompositionGraph
  /** Wires that come from outside, and the import of the inner composition that they go to. */
  readonly inputs: readonly { readonly wire: GraphArgument; readonly name: string }[]
  /** What is taken from outside: an export of one of the instances, and the export of the inner composition for it. */
  readonly outputs: readonly { readonly instance: InstanceId; readonly export: string; readonly name: string }[]
}

/**
 * Takes instances out of a graph as a composition of their own. Imports that nobody wired stay open inside, so that they
 * become imports of the whole as they are now; only where one name is wired differently twice an import gets a name of its
 * own. Throws `graph.in-between` when something outside stands between two of the instances, and `graph.whole-instance` when an
 * instance is taken as a whole.
 */
export function collapse(graph: CompositionGraph, instances: readonly InstanceId[], typeOf: TypeOf): Collapse {
  const inside = new Set(instances.filter((id) => Object.hasOwn(graph.instances, id)))
  if (inside.size === 0)
    throw fail('graph.no-instance', 'there is nothing to collapse', { hint: 'Select instances first.' })
  checkNothingBetween(graph, inside)
  const packages = new Set([...inside].map((id) => graph.instances[id]?.package ?? ''))
  let inner: CompositionGraph = {
    ...emptyGraph,
    packages: Object.fromEntries(Object.entries(graph.packages).filter(([id]) => packages.has(id))),
    instances: Object.fromEntries(Object.entries(graph.instances).filter(([id]) => inside.has(id))),
  }
  const inputs: { wire: GraphArgument; name: string }[] = []
  const wires = Object.values(graph.arguments).filter(({ instance }) => inside.has(instance))
  const isInner = (source: GraphSource): boolean => source.kind === 'instance' && inside.has(source.instance)
  for (const wire of wires) if (isInner(wire.source)) inner = connect(inner, wire.instance, wire.name, wire.source)

  // Takers of one import share it inside; that is right only where all of them are given the same thing.
  const wanted = new Map<string, Set<string>>()
  for (const id of inside) {
    const type = typeOf(graph.packages[graph.instances[id]?.package ?? '']?.hash ?? '')
    const names = new Set([
      ...(type?.imports.keys() ?? []),
      ...wires.flatMap((wire) => (wire.instance === id ? [wire.name] : [])),
    ])
    for (const name of names) {
      const wire = graph.arguments[argumentKey(id, name)]
      if (wire && isInner(wire.source)) continue
      const track = trackOf(name) ?? name
      wanted.set(track, (wanted.get(track) ?? new Set()).add(wire ? JSON.stringify(wire.source) : ''))
    }
  }
  const apart = new Map<string, GraphArgument[]>()
  for (const wire of wires) {
    if (isInner(wire.source)) continue
    const track = trackOf(wire.name) ?? wire.name
    if (wanted.get(track)?.size === 1) inputs.push({ wire, name: wire.name })
    else {
      const key = `${track} ${JSON.stringify(wire.source)}`
      apart.set(key, [...(apart.get(key) ?? []), wire])
    }
  }
  for (const takers of apart.values()) {
    const [first] = takers
    if (!first) continue
    const who = [...new Set(takers.map(({ instance }) => instance))]
    const name = roleName(first.name, 'for', who, (each) => Object.hasOwn(inner.imports, each))
    inner = addImport(inner, name, { instance: first.instance, name: first.name })
    for (const wire of takers) {
      inner = connect(inner, wire.instance, wire.name, { kind: 'import', import: name, path: [] })
      inputs.push({ wire, name })
    }
  }

  const taken = takenFrom(graph, inside, typeOf)
  const outputs: { instance: InstanceId; export: string; name: string }[] = []
  for (const [instance, name] of taken) {
    const alone = taken.filter(([, other]) => other === name).length === 1
    const exported = alone ? name : roleName(name, 'of', [instance], (each) => Object.hasOwn(inner.exports, each))
    inner = addExport(inner, exported, { kind: 'instance', instance, path: [name] })
    outputs.push({ instance, export: name, name: exported })
  }
  return { inner, inputs, outputs }
}

/**
 * Puts one instance of the collapsed component where the instances were, with all their wires. `type` is what the composed
 * component turned out to be: the versions of its imports may be newer than those inside.
 */
export function plugCollapsed(
  graph: CompositionGraph,
  { inner, inputs, outputs }: Collapse,
  made: { readonly id: PackageId; readonly entry: GraphPackage; readonly type: ComponentType; readonly base: string },
): { readonly graph: CompositionGraph; readonly instance: InstanceId } {
  const added = addInstance(setPackage(graph, made.id, made.entry), made.id, made.base)
  const { instance } = added
  let next = added.graph
  const imports = [...made.type.imports.keys()]
  const asked = (name: string): string =>
    imports.includes(name) ? name : (imports.find((other) => matchNames(other, name) !== 'no') ?? name)
  for (const { wire, name } of inputs) next = connect(next, instance, asked(name), wire.source)
  const moved = (source: GraphSource): GraphSource => {
    if (source.kind !== 'instance') return source
    const output = outputs.find((each) => each.instance === source.instance && each.export === source.path[0])
    return output ? { kind: 'instance', instance, path: [output.name, ...source.path.slice(1)] } : source
  }
  const typed = new Map(inputs.map(({ wire, name }) => [argumentKey(wire.instance, wire.name), asked(name)]))
  next = {
    ...next,
    arguments: mapSources(next.arguments, moved),
    exports: mapSources(next.exports, moved),
    imports: Object.fromEntries(
      Object.entries(next.imports).map(([key, row]) => {
        const name = row.typeOf && typed.get(argumentKey(row.typeOf.instance, row.typeOf.name))
        return [key, name === undefined ? row : { typeOf: { instance, name } }]
      }),
    ),
  }
  return { graph: Object.keys(inner.instances).reduce(removeInstance, next), instance }
}

function mapSources<Row extends { readonly source: GraphSource }>(
  table: Readonly<Record<string, Row>>,
  change: (source: GraphSource) => GraphSource,
): Readonly<Record<string, Row>> {
  return Object.fromEntries(Object.entries(table).map(([key, row]) => [key, { ...row, source: change(row.source) }]))
}

/** What the outside takes; where it takes nothing, everything that the last of the instances offer. */
function takenFrom(graph: CompositionGraph, inside: ReadonlySet<InstanceId>, typeOf: TypeOf): [InstanceId, string][] {
  const found = new Map<string, [InstanceId, string]>()
  const feeding = new Set<InstanceId>()
  const take = (source: GraphSource): void => {
    if (source.kind !== 'instance' || !inside.has(source.instance)) return
    const [name] = source.path
    if (name === undefined)
      throw fail(
        'graph.whole-instance',
        `"${source.instance}" is taken as a whole, which no wire to a component inside can say`,
        {
          hint: 'Wire one of its exports instead.',
        },
      )
    found.set(argumentKey(source.instance, name), [source.instance, name])
  }
  for (const { instance, source } of Object.values(graph.arguments)) {
    if (!inside.has(instance)) take(source)
    else if (source.kind === 'instance') feeding.add(source.instance)
  }
  for (const { source } of Object.values(graph.exports)) take(source)
  if (found.size === 0) {
    for (const id of inside) {
      if (feeding.has(id)) continue
      const type = typeOf(graph.packages[graph.instances[id]?.package ?? '']?.hash ?? '')
      for (const name of type?.exports.keys() ?? []) found.set(argumentKey(id, name), [id, name])
    }
  }
  return [...found].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, each]) => each)
}

/** Something outside that takes from the instances and gives to them would need what needs it. */
function checkNothingBetween(graph: CompositionGraph, inside: ReadonlySet<InstanceId>): void {
  const reach = (forward: boolean): Set<InstanceId> => {
    const seen = new Set(inside)
    for (const id of seen)
      for (const { instance, source } of Object.values(graph.arguments)) {
        if (source.kind !== 'instance') continue
        const [near, far] = forward ? [source.instance, instance] : [instance, source.instance]
        if (near === id) seen.add(far)
      }
    return seen
  }
  const below = reach(true)
  const between = [...reach(false)].filter((id) => below.has(id) && !inside.has(id))
  const [first] = between
  if (first === undefined) return
  const names = between.map((id) => `"${id}"`).join(', ')
  throw fail(
    'graph.in-between',
    `${names} takes from the selected instances and gives to them: as one they would need themselves`,
    {
      hint: `Select ${names} too.`,
    },
  )
}
