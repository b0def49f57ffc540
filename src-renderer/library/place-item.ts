import type { CompositionGraph } from '../../src-engine/compose/graph.ts'
import { PatchbayError, problemOf } from '../../src-engine/error.ts'
import type { LibraryItem } from '../../src-preload/contract.ts'
import { replaceInstance } from '../../src-engine/compose/replace.ts'
import { spliceInto } from '../canvas/splice.ts'
import { addInstanceOf, withPackage } from '../state/composition.ts'
import { type Decoded, ensureDecoded, useDecoded } from '../state/decoded.ts'
import { type Position, graphOf, withGraph } from '../state/document.ts'
import { adoptLibrary, edit, useProject } from '../state/project.ts'
import { client } from '../state/session.ts'
import { announce } from '../ui/announce.tsx'
import { showProblem } from '../ui/notify.tsx'

const dragType = 'application/x-patchbay-item'

/** Lets an item be dragged onto the canvas. */
export function dragItem(data: DataTransfer, item: LibraryItem): void {
  data.setData(dragType, item.id)
  data.setData('text/plain', item.name)
  data.effectAllowed = 'copy'
}

/** The item that is dropped; undefined for anything else. */
export function draggedItem(data: DataTransfer): LibraryItem | undefined {
  const id = data.getData(dragType)
  return id ? useProject.getState().library.find((item) => item.id === id) : undefined
}

/** The item as one of the project: a sample or a file of the folder is taken in first. */
export async function intoProject(item: LibraryItem): Promise<LibraryItem> {
  if (item.origin === 'project') return item
  const known = useProject
    .getState()
    .library.find((other) => other.origin === 'project' && other.hash === item.hash && other.name === item.name)
  if (known) return known
  const taken =
    item.origin === 'sample'
      ? (await client().call('components.addSample', { id: item.id })).item
      : (await client().call('components.add', { paths: [item.path] })).items[0]
  if (!taken) return item
  mergeItems([taken])
  return taken
}

/** Shows items at once that an answer brought; the event with the whole library follows. */
export function mergeItems(items: readonly LibraryItem[]): void {
  const news = new Map(items.map((item) => [item.id, item]))
  const { library } = useProject.getState()
  // A known item keeps its place in the list.
  const kept = library.map((other) => news.get(other.id) ?? other)
  const known = new Set(library.map((other) => other.id))
  adoptLibrary([...kept, ...items.filter((item) => !known.has(item.id))])
}

/**
 * Puts an instance of the item on the canvas; `wire` is the key of a wire it is dropped on and goes into, `plug` draws a
 * wire to the new instance. Shows what goes wrong; returns the instance.
 */
export async function putOnCanvas(
  item: LibraryItem,
  place: Position,
  wire?: string,
  plug?: (graph: CompositionGraph, instance: string) => CompositionGraph,
): Promise<string | undefined> {
  try {
    const own = await intoProject(item)
    const component = own.hash === undefined ? undefined : await whenDecoded(own.hash)
    const splice =
      wire !== undefined && component?.state === 'ready'
        ? (graph: CompositionGraph, instance: string) => spliceInto(graph, instance, wire, component.component)
        : undefined
    const instance = addInstanceOf(own, place, plug ?? splice)
    announce(`Added ${instance} to the canvas.`)
    return instance
  } catch (thrown) {
    showProblem(problemOf(thrown))
    return undefined
  }
}

/** Puts a component in the place of an instance, keeping its name, its place and the wires that still have a port. Shows what goes wrong. */
export async function replaceBy(instance: string, item: LibraryItem): Promise<void> {
  try {
    const own = await intoProject(item)
    const decoded = own.hash === undefined ? undefined : await whenDecoded(own.hash)
    if (decoded?.state !== 'ready') {
      if (decoded?.state === 'failed') throw new PatchbayError(decoded.problem)
      return
    }
    edit(`Replace ${instance}`, (tables) =>
      withGraph(tables, replaceInstance(withPackage(graphOf(tables), own), instance, own.id, decoded.component)),
    )
    announce(`${instance} is now ${own.name}.`)
  } catch (thrown) {
    showProblem(problemOf(thrown))
  }
}

/** Waits until a component was fetched and decoded, or failed to be. */
export function whenDecoded(hash: string): Promise<Decoded> {
  ensureDecoded([hash])
  return new Promise((resolve) => {
    const settled = (): boolean => {
      const entry = useDecoded.getState().byHash.get(hash)
      if (!entry || entry.state === 'loading') return false
      resolve(entry)
      return true
    }
    if (settled()) return
    const stop = useDecoded.subscribe(() => {
      if (settled()) stop()
    })
  })
}
