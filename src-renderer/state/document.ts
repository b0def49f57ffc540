import { deltaBetween } from '../../src-engine/compose/delta.ts'
import { type CompositionGraph, type GraphPackage, emptyGraph } from '../../src-engine/compose/graph.ts'
import { importsPlaceKey, worldPlaceKey } from '../../src-engine/draw/diagram.ts'
import { targetOf } from '../../src-engine/wac/target.ts'
import type { ProjectDocument } from '../../src-preload/contract.ts'

export interface Position {
  readonly x: number
  readonly y: number
}

/** A frame with a name around nodes that belong together. */
export interface GroupRow extends Position {
  readonly name: string
  readonly width: number
  readonly height: number
  /** One of the colours of cables; absent: none. */
  readonly colour?: number | undefined
  /** Ids of instances and notes; a node is in one group at most. */
  readonly members: readonly string[]
}

/** Text on the canvas, with a little Markdown. */
export interface NoteRow extends Position {
  readonly text: string
  readonly width: number
  readonly height: number
}

/**
 * A world to compare the composition with: a place of `wit.places`, a path, `component:ID` of the library, or
 * {@link scriptPlace}.
 */
export type TargetChoice = NonNullable<ProjectDocument['target']>

/** Place of a target world that the script declares itself. */
export const scriptPlace = 'script'

/** The editable part of a project: the composition graph and the places of its nodes. Every edit is a delta over these tables. */
export interface Tables {
  readonly packages: CompositionGraph['packages']
  readonly instances: CompositionGraph['instances']
  readonly arguments: CompositionGraph['arguments']
  readonly imports: CompositionGraph['imports']
  readonly exports: CompositionGraph['exports']
  readonly types: NonNullable<CompositionGraph['types']>
  /** By instance id, {@link worldNode} or {@link importsNode}. */
  readonly positions: Readonly<Record<string, Position>>
  /** By `$group-N`. */
  readonly groups: Readonly<Record<string, GroupRow>>
  /** By `$note-N`. */
  readonly notes: Readonly<Record<string, NoteRow>>
  /** The world that the composition is meant for, under `world`. */
  readonly target: Readonly<Record<string, TargetChoice>>
  /** The `.wac` text as a person wrote it last, under `text`; what the graph says beyond it is worked in when it is shown. */
  readonly script: Readonly<Record<string, string>>
  /** A type alias would make this fit a record of tables by itself; an interface has to say so. */
  readonly [table: string]: Readonly<Record<string, unknown>>
}

/** The node that stands for the exports of the composition; no instance id can be this. */
export const worldNode = worldPlaceKey

/** The node that stands for the explicit imports of the composition. */
export const importsNode = importsPlaceKey

/** Is this one of the two nodes that stand for the outside? */
export function isWorld(id: string): boolean {
  return id === worldNode || id === importsNode
}

export const emptyTables: Tables = {
  packages: {},
  instances: {},
  arguments: {},
  imports: {},
  exports: {},
  types: {},
  positions: {},
  groups: {},
  notes: {},
  target: {},
  script: {},
}

export function tablesOf(document: ProjectDocument): Tables {
  const { packages, instances, arguments: wires, imports, exports, types = emptyTables.types } = document.graph
  const { positions, groups = {}, notes = {} } = document.view
  // What only the script says is the target as well.
  const said = document.target === undefined && document.script !== undefined ? targetOf(document.script) : undefined
  const world = document.target ?? (said === undefined ? undefined : { place: scriptPlace, world: said })
  const target = world === undefined ? emptyTables.target : { world }
  const script = document.script === undefined ? emptyTables.script : { text: document.script }
  return { packages, instances, arguments: wires, imports, exports, types, positions, groups, notes, target, script }
}

/** Newest first; two are enough to compare a state with the one before it. */
let graphs: readonly CompositionGraph[] = [emptyGraph]

/** The composition graph of the tables; the same object as long as only positions change. */
export function graphOf(tables: Tables): CompositionGraph {
  const { packages, instances, arguments: wires, imports, exports, types } = tables
  const declared = Object.keys(types).length > 0 ? types : undefined
  const known = graphs.find(
    (graph) =>
      graph.packages === packages &&
      graph.instances === instances &&
      graph.arguments === wires &&
      graph.imports === imports &&
      graph.exports === exports &&
      graph.types === declared,
  )
  if (known) return known
  const graph: CompositionGraph = {
    packages,
    instances,
    arguments: wires,
    imports,
    exports,
    ...(declared ? { types: declared } : {}),
  }
  graphs = [graph, ...graphs].slice(0, 4)
  return graph
}

/** The tables with another graph; positions and memberships of instances that are gone go too. */
export function withGraph(tables: Tables, graph: CompositionGraph): Tables {
  const { packages, instances, arguments: wires, imports, exports, types = emptyTables.types } = graph
  const kept = Object.entries(tables.positions).filter(([id]) => isWorld(id) || Object.hasOwn(instances, id))
  const positions = kept.length === Object.keys(tables.positions).length ? tables.positions : Object.fromEntries(kept)
  const { notes, target, script } = tables
  const groups = withoutMembers(tables.groups, (id) => Object.hasOwn(instances, id) || Object.hasOwn(notes, id))
  return { packages, instances, arguments: wires, imports, exports, types, positions, groups, notes, target, script }
}

/** The groups without members that are gone; the same object when all are there. */
export function withoutMembers(groups: Tables['groups'], there: (id: string) => boolean): Tables['groups'] {
  if (Object.values(groups).every(({ members }) => members.every(there))) return groups
  return Object.fromEntries(
    Object.entries(groups).map(([id, group]) => [id, { ...group, members: group.members.filter(there) }]),
  )
}

/** The document to save: `base` keeps what the window does not edit (name, settings, components). */
export function documentOf(
  base: ProjectDocument,
  tables: Tables,
  viewport: ProjectDocument['view']['viewport'],
): ProjectDocument {
  const graph = graphOf(tables)
  const { groups: _groups, notes: _notes, ...view } = base.view
  const groups = map(tables.groups, (group) => ({ ...group, members: [...group.members] }))
  const notes = map(tables.notes, (note) => ({ ...note }))
  const { target: _target, script: _script, ...rest } = base
  const target = tables.target['world']
  const script = tables.script['text']
  return {
    ...rest,
    ...(target === undefined ? {} : { target: { ...target } }),
    ...(script === undefined ? {} : { script }),
    graph: { ...(base.graph.name === undefined ? {} : { name: base.graph.name }), ...mutable(graph) },
    view: {
      ...view,
      positions: { ...tables.positions },
      ...(viewport ? { viewport } : {}),
      ...(Object.keys(groups).length > 0 ? { groups } : {}),
      ...(Object.keys(notes).length > 0 ? { notes } : {}),
    },
  }
}

/** The graph in the contract's shape, whose arrays and records are writable. */
export function mutable(graph: CompositionGraph): ProjectDocument['graph'] {
  const copySource = (source: CompositionGraph['exports'][string]['source']) => ({ ...source, path: [...source.path] })
  return {
    packages: { ...graph.packages },
    instances: { ...graph.instances },
    arguments: map(graph.arguments, (wire) => ({ ...wire, source: copySource(wire.source) })),
    imports: { ...graph.imports },
    exports: map(graph.exports, (entry) => ({ ...entry, source: copySource(entry.source) })),
    ...(graph.types ? { types: { ...graph.types } } : {}),
  }
}

function map<From, To>(table: Readonly<Record<string, From>>, change: (row: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(table).map(([key, row]) => [key, change(row)]))
}

/** The tables with the packages' hashes as the library has them now: a rebuilt file keeps its wires. Same object when nothing changed. */
export function refreshHashes(tables: Tables, hashes: ReadonlyMap<string, string>): Tables {
  const changed: Record<string, GraphPackage> = {}
  for (const [id, entry] of Object.entries(tables.packages)) {
    const hash = hashes.get(id)
    if (hash !== undefined && hash !== entry.hash) changed[id] = { ...entry, hash }
  }
  return Object.keys(changed).length === 0 ? tables : { ...tables, packages: { ...tables.packages, ...changed } }
}

/** Do two graphs say the same? Rows are compared, not objects. */
export function sameGraph(left: CompositionGraph, right: CompositionGraph): boolean {
  return left === right || deltaBetween('', tablesOfGraph(left), tablesOfGraph(right)).changes.length === 0
}

function tablesOfGraph({ packages, instances, arguments: wires, imports, exports, types = {} }: CompositionGraph) {
  return { packages, instances, arguments: wires, imports, exports, types }
}
