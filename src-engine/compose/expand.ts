/** One instance becomes several: the graph inside its component takes its place. */
import { fail } from '../error.ts'
import { trackOf } from '../types/names.ts'
import type { TypeOf } from './collapse.ts'
import { addImport, connect, freeInstanceId, removeInstance, setPackage } from './edit.ts'
import {
  argumentKey,
  type CompositionGraph,
  type GraphArgument,
  type GraphSource,
  type InstanceId,
  type PackageId,
} from './graph.ts'

export interface Expansion {
  readonly graph: CompositionGraph
  /** The instances that came out, in the order of their names inside. */
  readonly instances: readonly InstanceId[]
  /** What could not be kept, in words. */
  readonly lost: readonly string[]
}

/**
 * Replaces an instance by the instances inside its component, all wires kept. `inner` is the graph that `decompose` gives;
 * its package ids must be those that the outer graph is to know them by. Throws `graph.unknown-instance`.
 */
export function expand(
  graph: CompositionGraph,
  instance: InstanceId,
  inner: CompositionGraph,
  typeOf: TypeOf,
): Expansion {
  if (!Object.hasOwn(graph.instances, instance))
    throw fail('graph.unknown-instance', `there is no instance "${instance}" in the composition`)
  const lost: string[] = []
  const names = new Map<InstanceId, InstanceId>()
  let next = graph
  for (const [id, { package: packageId }] of Object.entries(inner.instances)) {
    const entry = inner.packages[packageId]
    if (entry && !Object.hasOwn(next.packages, packageId)) next = setPackage(next, packageId, entry)
    const name = id === instance ? freeInstanceId(next, `${instance}-${id}`) : freeInstanceId(next, id)
    names.set(id, name)
    next = { ...next, instances: { ...next.instances, [name]: { package: packageId } } }
  }
  const given = new Map(
    Object.values(graph.arguments)
      .filter((wire) => wire.instance === instance)
      .map((wire) => [wire.name, wire.source]),
  )
  const wiredTo = (name: string): GraphSource | undefined => {
    const track = trackOf(name)
    const same = [...given.keys()].find((other) => other === name || (track !== undefined && trackOf(other) === track))
    return same === undefined ? undefined : given.get(same)
  }
  /** A source inside as one outside. */
  const outside = (source: GraphSource): GraphSource | undefined => {
    if (source.kind === 'instance') {
      const name = names.get(source.instance)
      return name === undefined ? undefined : { ...source, instance: name }
    }
    const from = wiredTo(source.import)
    if (from) return { ...from, path: [...from.path, ...source.path] }
    const typed = inner.imports[source.import]?.typeOf
    const taker = typed && names.get(typed.instance)
    if (!typed || taker === undefined) return undefined
    if (!Object.hasOwn(next.imports, source.import))
      next = addImport(next, source.import, { instance: taker, name: typed.name })
    return source
  }
  for (const wire of Object.values(inner.arguments)) rewire(wire)
  // Imports that the inner composition left open are those of the instance.
  for (const [id, name] of names) {
    const type = typeOf(inner.packages[inner.instances[id]?.package ?? '']?.hash ?? '')
    for (const wanted of type?.imports.keys() ?? []) {
      const source = Object.hasOwn(inner.arguments, argumentKey(id, wanted)) ? undefined : wiredTo(wanted)
      if (source) next = connect(next, name, wanted, source)
    }
  }
  // Who took something from the instance takes it from what gives it inside.
  for (const wire of Object.values(next.arguments)) {
    if (wire.source.kind !== 'instance' || wire.source.instance !== instance) continue
    const source = suppliedBy(wire.source)
    if (source) next = connect(next, wire.instance, wire.name, source)
    else lost.push(`the wire to "${wire.name}" of "${wire.instance}"`)
  }
  const exports = Object.entries(next.exports).map(([name, entry]) => {
    if (entry.source.kind !== 'instance' || entry.source.instance !== instance) return [name, entry] as const
    const source = suppliedBy(entry.source)
    if (!source) lost.push(`the export "${name}"`)
    return [name, source ? { source } : entry] as const
  })
  next = { ...next, exports: Object.fromEntries(exports), imports: retyped(next) }
  return { graph: removeInstance(next, instance), instances: [...names.values()], lost }

  function rewire(wire: GraphArgument): void {
    const to = names.get(wire.instance)
    const source = outside(wire.source)
    if (to !== undefined && source) next = connect(next, to, wire.name, source)
    else lost.push(`the wire to "${wire.name}" of "${wire.instance}"`)
  }

  function suppliedBy(source: GraphSource): GraphSource | undefined {
    const [name = '', ...rest] = source.path
    const inside = inner.exports[name]?.source
    const from = inside && outside(inside)
    return from && { ...from, path: [...from.path, ...rest] }
  }

  /** Explicit imports that the instance typed are typed by who takes them now. */
  function retyped(now: CompositionGraph): CompositionGraph['imports'] {
    return Object.fromEntries(
      Object.entries(now.imports).map(([key, row]) => {
        if (row.typeOf?.instance !== instance) return [key, row]
        const taker = Object.values(now.arguments).find(
          (wire) =>
            wire.instance !== instance &&
            wire.source.kind === 'import' &&
            wire.source.import === key &&
            wire.source.path.length === 0,
        )
        return [key, taker ? { typeOf: { instance: taker.instance, name: taker.name } } : row]
      }),
    )
  }
}

/**
 * A graph whose packages have other ids: `idOf` gives the id of each. Used when what was inside a file becomes known to a
 * project under names of its own.
 */
export function withPackageIds(graph: CompositionGraph, idOf: (id: PackageId) => PackageId): CompositionGraph {
  return {
    ...graph,
    packages: Object.fromEntries(Object.entries(graph.packages).map(([id, entry]) => [idOf(id), entry])),
    instances: Object.fromEntries(
      Object.entries(graph.instances).map(([id, row]) => [id, { ...row, package: idOf(row.package) }]),
    ),
  }
}

/** The names that a file gives its components, made different from those that a graph knows already. */
export function withFreePackageNames(graph: CompositionGraph, taken: ReadonlySet<string>): CompositionGraph {
  const used = new Set(taken)
  const packages = Object.entries(graph.packages).map(([id, entry]) => {
    let { name } = entry
    for (let count = 2; used.has(name); count++) name = `${entry.name}-${count}`
    used.add(name)
    return [id, { ...entry, name }] as const
  })
  return { ...graph, packages: Object.fromEntries(packages) }
}
