/**
 * Edits of a composition graph, shared by the window, WAC and the command line. Each is a pure function that gives a new
 * graph; tables that an edit does not touch stay the same objects, and `deltaBetween` gives the entry for undo.
 * Edits keep the graph well-formed, not correct: whether a wire fits is for the plan to say.
 */
import { fail } from '../error.ts'
import type { ComponentType } from '../types/graph.ts'
import { matchNames } from '../types/names.ts'
import {
  argumentKey,
  type CompositionGraph,
  type GraphArgument,
  type GraphExport,
  type GraphImport,
  type GraphInstance,
  type GraphPackage,
  type GraphSource,
  type InstanceId,
  type PackageId,
} from './graph.ts'

/** Adds a package, or replaces what is known of it. */
export function setPackage(graph: CompositionGraph, id: PackageId, entry: GraphPackage): CompositionGraph {
  return { ...graph, packages: { ...graph.packages, [id]: entry } }
}

/**
 * Says how a package gets into the result: embedded, or imported to be supplied later. Throws `graph.unknown-package`.
 */
export function linkPackage(graph: CompositionGraph, id: PackageId, link: 'embed' | 'import'): CompositionGraph {
  const entry = graph.packages[id]
  if (!entry) throw fail('graph.unknown-package', `there is no package "${id}" in the composition`)
  const { link: before = 'embed', ...rest } = entry
  return before === link ? graph : setPackage(graph, id, link === 'embed' ? rest : { ...rest, link })
}

/** Removes a package with all its instances. */
export function removePackage(graph: CompositionGraph, id: PackageId): CompositionGraph {
  const gone = Object.keys(graph.instances).filter((instance) => graph.instances[instance]?.package === id)
  const rest = gone.reduce(removeInstance, graph)
  return { ...rest, packages: without(rest.packages, id) }
}

/** Any text made fit for an instance: lower-case words joined by `-`, beginning with a letter. */
export function kebab(name: string): string {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '')
  const text = words.join('-').replace(/^[0-9-]+/, '')
  return text === '' ? 'component' : text
}

/** An id that no instance has: the base in kebab case, or that with a number. */
export function freeInstanceId(graph: CompositionGraph, base: string): InstanceId {
  const stem = kebab(base)
  let id = stem
  for (let count = 2; Object.hasOwn(graph.instances, id); count++) id = `${stem}-${count}`
  return id
}

/** Instantiates a package under a free id, made from the package's own name or from `base`. */
export function addInstance(
  graph: CompositionGraph,
  packageId: PackageId,
  base?: string,
): { readonly graph: CompositionGraph; readonly instance: InstanceId } {
  const entry = graph.packages[packageId]
  if (!entry) throw fail('graph.unknown-package', `there is no package "${packageId}" in the composition`)
  const instance = freeInstanceId(graph, base ?? entry.name.slice(entry.name.lastIndexOf(':') + 1))
  const row: GraphInstance = { package: packageId }
  return { graph: { ...graph, instances: { ...graph.instances, [instance]: row } }, instance }
}

/**
 * Removes an instance with the wires that begin or end at it and the exports it gives. A package that nobody instantiates
 * any more goes too; an explicit import that it typed is typed by another taker or goes.
 */
export function removeInstance(graph: CompositionGraph, id: InstanceId): CompositionGraph {
  const removed = graph.instances[id]
  if (!removed) return graph
  const instances = without(graph.instances, id)
  const used = Object.values(instances).some((other) => other.package === removed.package)
  const uses = ({ source }: { readonly source: GraphSource }) => source.kind === 'instance' && source.instance === id
  const wires = filterRows(graph.arguments, (wire) => wire.instance !== id && !uses(wire))
  return retypeImports({
    ...graph,
    packages: used ? graph.packages : without(graph.packages, removed.package),
    instances,
    arguments: wires,
    exports: filterRows(graph.exports, (entry) => !uses(entry)),
  })
}

/** Renames an instance; wires, exports and imports follow. */
export function renameInstance(graph: CompositionGraph, id: InstanceId, next: InstanceId): CompositionGraph {
  const instance = graph.instances[id]
  if (!instance) throw unknownInstance(id)
  if (id === next) return graph
  checkFree(graph, next)
  const source = (from: GraphSource): GraphSource =>
    from.kind === 'instance' && from.instance === id ? { ...from, instance: next } : from
  const wires = Object.values(graph.arguments).map((wire): [string, GraphArgument] => {
    const owner = wire.instance === id ? next : wire.instance
    return [argumentKey(owner, wire.name), { instance: owner, name: wire.name, source: source(wire.source) }]
  })
  return {
    ...graph,
    instances: { ...without(graph.instances, id), [next]: instance },
    arguments: Object.fromEntries(wires),
    imports: mapRows(graph.imports, (entry) =>
      entry.typeOf?.instance === id ? { ...entry, typeOf: { ...entry.typeOf, instance: next } } : entry,
    ),
    exports: mapRows(graph.exports, (entry) => ({ source: source(entry.source) })),
  }
}

/** Wires `source` to the import `name` of `instance`; a wire that ended there is replaced. */
export function connect(
  graph: CompositionGraph,
  instance: InstanceId,
  name: string,
  source: GraphSource,
): CompositionGraph {
  if (!Object.hasOwn(graph.instances, instance)) throw unknownInstance(instance)
  checkSource(graph, source)
  const wire: GraphArgument = { instance, name, source }
  return { ...graph, arguments: { ...graph.arguments, [argumentKey(instance, name)]: wire } }
}

/** Takes the wire away that ends at this import. */
export function disconnect(graph: CompositionGraph, instance: InstanceId, name: string): CompositionGraph {
  const key = argumentKey(instance, name)
  if (!Object.hasOwn(graph.arguments, key)) return graph
  return retypeImports({ ...graph, arguments: without(graph.arguments, key) })
}

/** Adds an explicit import of the composition, typed by an import of an instance. Wire it with {@link connect}. */
export function addImport(
  graph: CompositionGraph,
  name: string,
  typeOf: NonNullable<GraphImport['typeOf']>,
): CompositionGraph {
  if (!Object.hasOwn(graph.instances, typeOf.instance)) throw unknownInstance(typeOf.instance)
  if (Object.hasOwn(graph.imports, name)) throw taken('import', name)
  return { ...graph, imports: { ...graph.imports, [name]: { typeOf } } }
}

/** Gives an explicit import another name; its type stays, and what takes it follows. */
export function renameImport(graph: CompositionGraph, name: string, next: string): CompositionGraph {
  const entry = graph.imports[name]
  if (!entry) throw fail('graph.unknown-import', `the composition has no import "${name}"`)
  if (name === next) return graph
  if (Object.hasOwn(graph.imports, next)) throw taken('import', next)
  const source = (from: GraphSource): GraphSource =>
    from.kind === 'import' && from.import === name ? { ...from, import: next } : from
  return {
    ...graph,
    imports: { ...without(graph.imports, name), [next]: entry },
    arguments: mapRows(graph.arguments, (wire) => ({ ...wire, source: source(wire.source) })),
    exports: mapRows(graph.exports, (row) => ({ source: source(row.source) })),
  }
}

/** Removes an explicit import with the wires and exports that take it. */
export function removeImport(graph: CompositionGraph, name: string): CompositionGraph {
  const uses = ({ source }: { readonly source: GraphSource }) => source.kind === 'import' && source.import === name
  return {
    ...graph,
    imports: without(graph.imports, name),
    arguments: filterRows(graph.arguments, (wire) => !uses(wire)),
    exports: filterRows(graph.exports, (entry) => !uses(entry)),
  }
}

/** Exports `source` from the composition under `name`. */
export function addExport(graph: CompositionGraph, name: string, source: GraphSource): CompositionGraph {
  checkSource(graph, source)
  const known = graph.exports[name]
  if (known && JSON.stringify(known.source) !== JSON.stringify(source)) throw taken('export', name)
  const entry: GraphExport = { source }
  return { ...graph, exports: { ...graph.exports, [name]: entry } }
}

export function renameExport(graph: CompositionGraph, name: string, next: string): CompositionGraph {
  const entry = graph.exports[name]
  if (!entry) throw fail('graph.unknown-export', `the composition has no export "${name}"`)
  if (name === next) return graph
  if (Object.hasOwn(graph.exports, next)) throw taken('export', next)
  return { ...graph, exports: { ...without(graph.exports, name), [next]: entry } }
}

export function removeExport(graph: CompositionGraph, name: string): CompositionGraph {
  return Object.hasOwn(graph.exports, name) ? { ...graph, exports: without(graph.exports, name) } : graph
}

/** What {@link replacePackage} could not keep. */
export interface Replacement {
  readonly graph: CompositionGraph
  /** Wires whose import or export the new component does not have. */
  readonly droppedArguments: readonly GraphArgument[]
  /** Names of exports whose source the new component does not have. */
  readonly droppedExports: readonly string[]
}

/**
 * Puts other bytes behind a package. Wires stay where the new component has the import and export, under the same name
 * or one of a compatible version; the rest is dropped and listed. Types are not compared: a wire that no longer fits
 * should stay visible.
 */
export function replacePackage(
  graph: CompositionGraph,
  id: PackageId,
  entry: GraphPackage,
  type: ComponentType,
): Replacement {
  if (!Object.hasOwn(graph.packages, id))
    throw fail('graph.unknown-package', `there is no package "${id}" in the composition`)
  const isReplaced = (instance: InstanceId) => graph.instances[instance]?.package === id
  const droppedArguments: GraphArgument[] = []
  const droppedExports: string[] = []
  const move = (source: GraphSource): GraphSource | undefined => {
    const [first, ...rest] = source.path
    if (source.kind === 'import' || !isReplaced(source.instance) || first === undefined) return source
    const name = compatibleName(first, type.exports.keys())
    return name === undefined ? undefined : name === first ? source : { ...source, path: [name, ...rest] }
  }
  const wires: Record<string, GraphArgument> = {}
  for (const wire of Object.values(graph.arguments)) {
    const source = move(wire.source)
    const name = isReplaced(wire.instance) ? compatibleName(wire.name, type.imports.keys()) : wire.name
    const key = argumentKey(wire.instance, name ?? '')
    if (source === undefined || name === undefined || Object.hasOwn(wires, key)) droppedArguments.push(wire)
    else wires[key] = { instance: wire.instance, name, source }
  }
  const exports: Record<string, GraphExport> = {}
  for (const [name, { source }] of Object.entries(graph.exports)) {
    const moved = move(source)
    if (moved === undefined) droppedExports.push(name)
    else exports[name] = { source: moved }
  }
  const imports = mapRows(graph.imports, (entry) => {
    const { typeOf } = entry
    if (!typeOf || !isReplaced(typeOf.instance)) return entry
    return { ...entry, typeOf: { ...typeOf, name: compatibleName(typeOf.name, type.imports.keys()) ?? typeOf.name } }
  })
  const packages = { ...graph.packages, [id]: entry }
  const next = { ...graph, packages, arguments: wires, imports, exports }
  return { graph: retypeImports(next), droppedArguments, droppedExports }
}

function compatibleName(name: string, names: Iterable<string>): string | undefined {
  const all = [...names]
  return all.includes(name) ? name : all.find((other) => matchNames(other, name) !== 'no')
}

/** An explicit import is typed by somebody who takes it: when that one is gone another takes over, or the import goes. */
function retypeImports(graph: CompositionGraph): CompositionGraph {
  let imports = graph.imports
  for (const [name, { typeOf, declared }] of Object.entries(graph.imports)) {
    if (declared || !typeOf) continue
    const takers = Object.values(graph.arguments)
      .filter(({ source }) => source.kind === 'import' && source.import === name && source.path.length === 0)
      .sort((left, right) => (argumentKey(left.instance, left.name) < argumentKey(right.instance, right.name) ? -1 : 1))
    const [first] = takers
    if (takers.some((wire) => wire.instance === typeOf.instance && wire.name === typeOf.name)) continue
    if (first) imports = { ...imports, [name]: { typeOf: { instance: first.instance, name: first.name } } }
    else if (!Object.hasOwn(graph.instances, typeOf.instance)) {
      imports = without(imports, name)
    }
  }
  if (imports === graph.imports) return graph
  const known = ({ source }: { readonly source: GraphSource }) =>
    source.kind !== 'import' || Object.hasOwn(imports, source.import) || !Object.hasOwn(graph.imports, source.import)
  return {
    ...graph,
    imports,
    arguments: filterRows(graph.arguments, known),
    exports: filterRows(graph.exports, known),
  }
}

function checkFree(graph: CompositionGraph, id: InstanceId): void {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(id)) {
    throw fail('graph.invalid-name', `"${id}" cannot be the name of an instance`, {
      hint: `Use lower-case words joined by hyphens: "${kebab(id)}".`,
    })
  }
  if (Object.hasOwn(graph.instances, id)) {
    throw fail('graph.duplicate-name', `there is already an instance "${id}"`, { hint: 'Choose another name.' })
  }
}

function checkSource(graph: CompositionGraph, source: GraphSource): void {
  if (source.kind === 'instance' && !Object.hasOwn(graph.instances, source.instance))
    throw unknownInstance(source.instance)
}

function unknownInstance(id: InstanceId) {
  return fail('graph.unknown-instance', `there is no instance "${id}" in the composition`)
}

function taken(what: 'import' | 'export', name: string) {
  return fail('graph.duplicate-name', `the composition already has the ${what} "${name}"`, {
    hint: `Choose another name for one of them.`,
  })
}

function without<Row>(table: Readonly<Record<string, Row>>, key: string): Readonly<Record<string, Row>> {
  const { [key]: _, ...rest } = table
  return rest
}

function filterRows<Row>(
  table: Readonly<Record<string, Row>>,
  keep: (row: Row) => boolean,
): Readonly<Record<string, Row>> {
  const rows = Object.entries(table)
  const kept = rows.filter(([, row]) => keep(row))
  return kept.length === rows.length ? table : Object.fromEntries(kept)
}

function mapRows<Row>(table: Readonly<Record<string, Row>>, change: (row: Row) => Row): Readonly<Record<string, Row>> {
  const rows = Object.entries(table)
  return rows.length === 0 ? table : Object.fromEntries(rows.map(([key, row]) => [key, change(row)]))
}
