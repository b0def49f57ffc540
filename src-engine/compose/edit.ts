import { fail } from '../error.ts'
import {
  argumentKey,
  type CompositionGraph,
  type GraphArgument,
  type GraphExport,
  type GraphPackage,
  type GraphSource,
  type InstanceId,
  type PackageId,
} from './graph.ts'

/** Edits of a graph. Each returns a new graph; untouched tables stay the same objects, so `deltaBetween` is cheap. */

/** Adds a package, or changes one in place. */
export function setPackage(graph: CompositionGraph, id: PackageId, entry: GraphPackage): CompositionGraph {
  return { ...graph, packages: { ...graph.packages, [id]: entry } }
}

/** A name made fit for an instance: lower-case kebab. */
export function kebab(name: string): string {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '')
  const text = words.join('-').replace(/^[0-9-]+/, '')
  return text === '' ? 'component' : text
}

/** An id that no instance has: the base, or the base with a number. */
export function freeInstanceId(graph: CompositionGraph, base: string): InstanceId {
  const stem = kebab(base)
  let id = stem
  for (let count = 2; Object.hasOwn(graph.instances, id); count++) id = `${stem}-${count}`
  return id
}

/** Adds an instance of a package under a free id made from the package's name. */
export function addInstance(
  graph: CompositionGraph,
  packageId: PackageId,
  base?: string,
): { readonly graph: CompositionGraph; readonly instance: InstanceId } {
  const entry = graph.packages[packageId]
  if (!entry) throw fail('graph.unknown-package', `the graph has no package "${packageId}"`)
  const instance = freeInstanceId(graph, base ?? entry.name.slice(entry.name.lastIndexOf(':') + 1))
  return { graph: { ...graph, instances: { ...graph.instances, [instance]: { package: packageId } } }, instance }
}

/** Removes an instance with its wires, exports and the explicit imports typed by it; a package nobody instantiates goes too. */
export function removeInstance(graph: CompositionGraph, instance: InstanceId): CompositionGraph {
  const touches = (source: GraphSource) => source.kind === 'instance' && source.instance === instance
  const { [instance]: removed, ...instances } = graph.instances
  if (!removed) return graph
  const used = Object.values(instances).some((other) => other.package === removed.package)
  const { [removed.package]: unused, ...others } = graph.packages
  return {
    ...graph,
    packages: used || !unused ? graph.packages : others,
    instances,
    arguments: filter(graph.arguments, (argument) => argument.instance !== instance && !touches(argument.source)),
    imports: filter(graph.imports, (entry) => entry.typeOf.instance !== instance),
    exports: filter(graph.exports, (entry) => !touches(entry.source)),
  }
}

/** Draws a wire; an import has one at most, so an older one goes. */
export function connect(
  graph: CompositionGraph,
  instance: InstanceId,
  name: string,
  source: GraphSource,
): CompositionGraph {
  const argument: GraphArgument = { instance, name, source }
  return { ...graph, arguments: { ...graph.arguments, [argumentKey(instance, name)]: argument } }
}

/** Removes the wire that ends at this import. */
export function disconnect(graph: CompositionGraph, instance: InstanceId, name: string): CompositionGraph {
  const { [argumentKey(instance, name)]: removed, ...rest } = graph.arguments
  return removed ? { ...graph, arguments: rest } : graph
}

/** Exports a source under a name. Throws `graph.duplicate-export` when the name is taken by something else. */
export function addExport(graph: CompositionGraph, name: string, source: GraphSource): CompositionGraph {
  const taken = graph.exports[name]
  if (taken && JSON.stringify(taken.source) !== JSON.stringify(source)) {
    throw fail('graph.duplicate-export', `the composition already exports "${name}"`, {
      hint: 'Rename or remove the other export first.',
    })
  }
  return { ...graph, exports: { ...graph.exports, [name]: { source } } }
}

export function removeExport(graph: CompositionGraph, name: string): CompositionGraph {
  const { [name]: removed, ...rest } = graph.exports
  return removed ? { ...graph, exports: rest } : graph
}

/** Gives an export another name. */
export function renameExport(graph: CompositionGraph, from: string, to: string): CompositionGraph {
  const entry = graph.exports[from]
  if (!entry || from === to) return graph
  return addExport(removeExport(graph, from), to, entry.source)
}

/** Renames an instance everywhere. Throws `graph.duplicate-instance` when the name is taken, `graph.name` when it is no name. */
export function renameInstance(graph: CompositionGraph, from: InstanceId, to: InstanceId): CompositionGraph {
  const entry = graph.instances[from]
  if (!entry || from === to) return graph
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(to))
    throw fail('graph.name', `"${to}" is no name for an instance`, { hint: 'Use lower-case words joined by hyphens.' })
  if (Object.hasOwn(graph.instances, to)) throw fail('graph.duplicate-instance', `there is already an instance "${to}"`)
  const { [from]: moved, ...others } = graph.instances
  const source = (old: GraphSource): GraphSource =>
    old.kind === 'instance' && old.instance === from ? { ...old, instance: to } : old
  const wires = Object.values(graph.arguments).map((argument): GraphArgument => ({
    ...argument,
    instance: argument.instance === from ? to : argument.instance,
    source: source(argument.source),
  }))
  return {
    ...graph,
    instances: moved ? { ...others, [to]: moved } : graph.instances,
    arguments: Object.fromEntries(wires.map((argument) => [argumentKey(argument.instance, argument.name), argument])),
    imports: mapValues(graph.imports, (entry2) =>
      entry2.typeOf.instance === from ? { typeOf: { ...entry2.typeOf, instance: to } } : entry2,
    ),
    exports: mapValues(graph.exports, (each): GraphExport => ({ source: source(each.source) })),
  }
}

/** A package was built again: the same id with other bytes. Wires stay; the plan says which no longer fit. */
export function replacePackage(graph: CompositionGraph, id: PackageId, hash: string): CompositionGraph {
  const entry = graph.packages[id]
  return entry && entry.hash !== hash ? setPackage(graph, id, { ...entry, hash }) : graph
}

function filter<Row>(table: Readonly<Record<string, Row>>, keep: (row: Row) => boolean): Readonly<Record<string, Row>> {
  const entries = Object.entries(table)
  const kept = entries.filter(([, row]) => keep(row))
  return kept.length === entries.length ? table : Object.fromEntries(kept)
}

function mapValues<Row>(
  table: Readonly<Record<string, Row>>,
  change: (row: Row) => Row,
): Readonly<Record<string, Row>> {
  return Object.fromEntries(Object.entries(table).map(([key, row]) => [key, change(row)]))
}
