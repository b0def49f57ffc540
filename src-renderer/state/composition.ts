/** What a person does to the composition, each one entry of the history. The canvas, the list view, menus and panels call these. */
import {
  addExport,
  addImport,
  addInstance,
  connect,
  disconnect,
  removeExport,
  removeImport,
  removeInstance,
  renameExport,
  renameImport,
  renameInstance,
  setPackage,
} from '../../src-engine/compose/edit.ts'
import { type CompositionGraph, type GraphSource, argumentKey } from '../../src-engine/compose/graph.ts'
import { freeImportName } from '../../src-engine/compose/role-names.ts'
import { fail } from '../../src-engine/error.ts'
import { bridgeOver } from '../canvas/splice.ts'
import { shortName } from '../../src-engine/types/names.ts'
import type { LibraryItem } from '../../src-preload/contract.ts'
import { kebab } from '../../src-engine/compose/edit.ts'
import { type Position, type Tables, graphOf, withGraph, isWorld } from './document.ts'
import { edit, useProject } from './project.ts'
import { type SizeOf, isGroup, moved, rejoined, withoutAnnotations } from './annotations.ts'
import { exportWire, selectOnCanvas, useSelection } from './selection.ts'

/** The item as a package of the graph, added when it is not there yet. */
export function withPackage(graph: CompositionGraph, item: LibraryItem): CompositionGraph {
  if (Object.hasOwn(graph.packages, item.id)) return graph
  if (item.hash === undefined) throw notReady(item)
  return setPackage(graph, item.id, { name: packageName(item), hash: item.hash })
}

/** WAC names packages `namespace:name`; a file has only a name. */
function packageName(item: LibraryItem): string {
  const taken = new Set(Object.values(useProject.getState().tables.packages).map((entry) => entry.name))
  const base = `local:${kebab(item.name.replace(/\.wasm$/i, ''))}`
  let name = base
  for (let count = 2; taken.has(name); count++) name = `${base}-${count}`
  return name
}

function notReady(item: LibraryItem): Error {
  if (item.problem)
    return fail(
      'components.not-ready',
      `${item.name} cannot be used: ${item.problem.message}`,
      item.problem.hint === undefined ? {} : { hint: item.problem.hint },
    )
  return fail('components.not-ready', `${item.name} is not built yet.`, {
    hint: 'Build it first; the result lands on the canvas.',
  })
}

/** Puts an instance of a library item on the canvas and selects it. Returns its id. Throws when the item is not ready. */
export function addInstanceOf(
  item: LibraryItem,
  position: Position,
  wire?: (graph: CompositionGraph, instance: string) => CompositionGraph,
): string {
  let id = ''
  edit(`Add ${item.name}`, (tables) => {
    const added = addInstance(withPackage(graphOf(tables), item), item.id, item.name.replace(/\.wasm$/i, ''))
    id = added.instance
    const graph = wire ? wire(added.graph, added.instance) : added.graph
    const next = withGraph(tables, graph)
    return { ...next, positions: { ...next.positions, [id]: position } }
  })
  selectOnCanvas([id])
  return id
}

/** The first instance of a library item; added beside the others when there is none. */
export function ensureInstanceOf(item: LibraryItem): string {
  const { tables } = useProject.getState()
  const found = Object.entries(tables.instances).find(([, instance]) => instance.package === item.id)
  return found ? found[0] : addInstanceOf(item, freePosition(tables))
}

/** A place beneath everything else, for nodes that were not put somewhere by hand. */
export function freePosition(tables: Tables): Position {
  const places = Object.entries(tables.positions).filter(([id]) => !isWorld(id))
  if (places.length === 0) return { x: 80, y: 80 }
  const lowest = places.reduce((best, place) => (place[1].y > best[1].y ? place : best))
  return { x: lowest[1].x, y: lowest[1].y + 240 }
}

/** Draws a wire from a source to an import. */
export function connectPorts(instance: string, name: string, source: GraphSource): void {
  edit(`Connect ${shortName(name)}`, (tables) => withGraph(tables, connect(graphOf(tables), instance, name, source)))
  selectOnCanvas([], [argumentKey(instance, name)])
}

/** Exports a source from the composition. Throws when the name is taken. */
export function exportSource(name: string, source: GraphSource): void {
  edit(`Export ${shortName(name)}`, (tables) => withGraph(tables, addExport(graphOf(tables), name, source)))
}

/** Gives an export of the composition another name. Throws when the name is taken. */
export function renameWorldExport(from: string, to: string): void {
  edit(`Rename export ${shortName(from)}`, (tables) => withGraph(tables, renameExport(graphOf(tables), from, to)))
}

/** Makes an import of an instance one of the composition, and wires it; under its own name where that is free. */
export function importFromWorld(instance: string, name: string, as?: string): void {
  edit(`Import ${shortName(name)}`, (tables) => {
    const graph = graphOf(tables)
    const taken = { instance, name }
    const outer = as ?? freeImportName(graph, taken)
    const added = addImport(graph, outer, taken)
    return withGraph(tables, connect(added, instance, name, { kind: 'import', import: outer, path: [] }))
  })
  selectOnCanvas([], [argumentKey(instance, name)])
}

/** Gives an import of the composition another name. Throws when the name is taken. */
export function renameWorldImport(from: string, to: string): void {
  edit(`Rename import ${shortName(from)}`, (tables) => withGraph(tables, renameImport(graphOf(tables), from, to)))
}

/** Removes an import of the composition with the wires from it. */
export function removeWorldImport(name: string): void {
  edit(`Delete import ${shortName(name)}`, (tables) => withGraph(tables, removeImport(graphOf(tables), name)))
  selectOnCanvas([])
}

/** Gives an instance another name; its node, wires and place stay. Throws when the name is taken or is none. */
export function renameNode(from: string, to: string): void {
  const selected = useSelection.getState().instances.has(from)
  edit(`Rename ${from}`, (tables) => {
    const graph = renameInstance(graphOf(tables), from, to)
    const { [from]: place, ...rest } = tables.positions
    const groups = Object.fromEntries(
      Object.entries(tables.groups).map(([id, group]) => [
        id,
        { ...group, members: group.members.map((member) => (member === from ? to : member)) },
      ]),
    )
    return withGraph({ ...tables, groups, positions: place ? { ...rest, [to]: place } : rest }, graph)
  })
  if (selected) selectOnCanvas([to])
}

/** Removes a wire: `key` as in the selection. */
export function removeWire(graph: CompositionGraph, key: string): CompositionGraph {
  const wire = graph.arguments[key]
  if (wire) return disconnect(graph, wire.instance, wire.name)
  const name = Object.keys(graph.exports).find((candidate) => exportWire(candidate) === key)
  return name === undefined ? graph : removeExport(graph, name)
}

/** Removes instances with all their wires, single wires, groups (their members stay) and notes, as one gesture. */
export function removeFromCanvas(
  instances: Iterable<string>,
  wires: Iterable<string>,
  annotations: Iterable<string> = [],
): void {
  const nodes = [...instances].filter((id) => !isWorld(id))
  const cables = [...wires]
  const others = new Set(annotations)
  const [first] = nodes
  const [only] = others
  const label =
    nodes.length === 0 && cables.length === 0 && only !== undefined
      ? others.size > 1
        ? `Delete ${others.size} groups and notes`
        : isGroup(only)
          ? `Ungroup ${useProject.getState().tables.groups[only]?.name ?? ''}`
          : 'Delete note'
      : nodes.length === 1
        ? `Delete ${first}`
        : nodes.length > 1
          ? `Delete ${nodes.length} instances`
          : cables.length === 1
            ? 'Delete wire'
            : 'Delete wires'
  edit(label, (tables) => {
    const wired = cables.reduce(removeWire, graphOf(tables))
    return withGraph(withoutAnnotations(tables, others), nodes.reduce(removeInstance, wired))
  })
  selectOnCanvas([])
}

/**
 * Puts nodes to new places as one gesture; groups take their members along. With `sizeOf` nodes join the frames they come to
 * lie in, and leave those they lie in no longer.
 */
export function moveNodes(
  places: ReadonlyMap<string, Position>,
  label = moveLabel(places.keys()),
  sizeOf?: SizeOf,
): void {
  edit(label, (tables) => {
    const next = moved(tables, places)
    return sizeOf ? rejoined(next, places.keys(), sizeOf) : next
  })
}

/** What moving these is called in the undo menu. */
export function moveLabel(ids: Iterable<string>): string {
  const [only, ...more] = [...ids]
  if (more.length > 0) return `Move ${more.length + 1} nodes`
  return only === undefined || !only.startsWith('$') || isWorld(only)
    ? 'Move node'
    : isGroup(only)
      ? 'Move group'
      : 'Move note'
}

/** Removes instances and wires what they stood between directly, where the names allow it. */
export function removeAndReconnect(instances: Iterable<string>): void {
  const nodes = [...instances].filter((id) => !isWorld(id))
  edit(
    nodes.length === 1 ? `Delete ${nodes[0]} and reconnect` : `Delete ${nodes.length} instances and reconnect`,
    (tables) =>
      withGraph(
        tables,
        nodes.reduce((graph, id) => removeInstance(bridgeOver(graph, id), id), graphOf(tables)),
      ),
  )
  selectOnCanvas([])
}
