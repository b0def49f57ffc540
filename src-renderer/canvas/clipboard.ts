import { z } from 'zod'
import { addInstance, connect } from '../../src-engine/compose/edit.ts'
import type { CompositionGraph } from '../../src-engine/compose/graph.ts'
import { fail, problemOf } from '../../src-engine/error.ts'
import { intoProject } from '../library/place-item.ts'
import { removeFromCanvas, withPackage } from '../state/composition.ts'
import { type Position, type Tables, graphOf, withGraph, worldNode } from '../state/document.ts'
import { edit, useProject } from '../state/project.ts'
import { selectOnCanvas, useSelection } from '../state/selection.ts'
import { showProblem } from '../ui/notify.tsx'
import { placeInView, pointerPlace } from './flow.ts'

const source = z.object({ kind: z.literal('instance'), instance: z.string(), path: z.array(z.string()) })
/** What lies on the clipboard: instances by the hash of their component, so that another window can find them. */
const clip = z.object({
  patchbay: z.literal('clip'),
  version: z.literal(1),
  instances: z.record(z.string(), z.object({ package: z.string(), name: z.string(), hash: z.string() })),
  arguments: z.array(z.object({ instance: z.string(), name: z.string(), source })),
  positions: z.record(z.string(), z.object({ x: z.number(), y: z.number() })),
})
export type Clip = z.infer<typeof clip>

/** Instances of the tables with the wires among them. */
export function clipOf(tables: Tables, instances: Iterable<string>): Clip {
  const ids = [...instances].filter((id) => id !== worldNode && Object.hasOwn(tables.instances, id))
  const chosen = new Set(ids)
  const taken: Clip['instances'] = {}
  const positions: Clip['positions'] = {}
  for (const id of ids) {
    const packageId = tables.instances[id]?.package ?? ''
    const entry = tables.packages[packageId]
    if (!entry) continue
    taken[id] = { package: packageId, name: entry.name, hash: entry.hash }
    positions[id] = { ...(tables.positions[id] ?? { x: 0, y: 0 }) }
  }
  const wires = Object.values(tables.arguments).flatMap((wire) =>
    wire.source.kind === 'instance' && chosen.has(wire.instance) && chosen.has(wire.source.instance)
      ? [{ instance: wire.instance, name: wire.name, source: { ...wire.source, path: [...wire.source.path] } }]
      : [],
  )
  return { patchbay: 'clip', version: 1, instances: taken, arguments: wires, positions }
}

/** The clip as part of a graph whose packages are all there; names that are taken get a number. Returns the new instances. */
export function insertClip(
  tables: Tables,
  content: Clip,
  packageOf: (instance: string) => string,
  at: Position,
): { readonly tables: Tables; readonly instances: readonly string[] } {
  const places = Object.values(content.positions)
  const left = Math.min(...places.map(({ x }) => x))
  const top = Math.min(...places.map(({ y }) => y))
  const names = new Map<string, string>()
  const positions: Record<string, Position> = { ...tables.positions }
  let graph: CompositionGraph = graphOf(tables)
  for (const id of Object.keys(content.instances)) {
    const added = addInstance(graph, packageOf(id), id)
    graph = added.graph
    names.set(id, added.instance)
    const place = content.positions[id] ?? { x: left, y: top }
    positions[added.instance] = { x: Math.round(at.x + place.x - left), y: Math.round(at.y + place.y - top) }
  }
  for (const wire of content.arguments) {
    const to = names.get(wire.instance)
    const from = names.get(wire.source.instance)
    if (to !== undefined && from !== undefined)
      graph = connect(graph, to, wire.name, { ...wire.source, instance: from })
  }
  return { tables: withGraph({ ...tables, positions }, graph), instances: [...names.values()] }
}

/** The selection as text for the clipboard. */
export function copySelection(): string {
  return JSON.stringify(clipOf(useProject.getState().tables, useSelection.getState().instances), null, 2)
}

export function cutSelection(): string {
  const text = copySelection()
  removeFromCanvas(useSelection.getState().instances, [])
  return text
}

export function duplicateSelection(): void {
  const { tables } = useProject.getState()
  const content = clipOf(tables, useSelection.getState().instances)
  const places = Object.values(content.positions)
  if (places.length === 0) return
  const at = { x: Math.min(...places.map(({ x }) => x)) + 40, y: Math.min(...places.map(({ y }) => y)) + 40 }
  insert(
    content,
    (id) => content.instances[id]?.package ?? '',
    at,
    places.length === 1 ? 'Duplicate' : `Duplicate ${places.length} instances`,
  )
}

/** The clip in a text; undefined for text that is none of ours. */
export function readClip(text: string): Clip | undefined {
  if (!text.includes('"patchbay"')) return undefined
  try {
    return clip.parse(JSON.parse(text))
  } catch {
    return undefined
  }
}

/** Puts what was copied, here or in another window, under the pointer. Throws when a component is not known here. */
export async function pasteText(text: string): Promise<void> {
  const content = readClip(text)
  if (!content)
    throw fail('clipboard.foreign', 'There are no instances on the clipboard.', {
      hint: 'Copy some on a canvas first.',
    })
  const { library } = useProject.getState()
  const packages = new Map<string, string>()
  for (const [id, entry] of Object.entries(content.instances)) {
    const known =
      library.find((item) => item.origin === 'project' && item.hash === entry.hash) ??
      library.find((item) => item.hash === entry.hash)
    if (!known)
      throw fail('clipboard.unknown-component', `The component of ${id} (${entry.name}) is not in this project.`, {
        hint: 'Add its .wasm file to the library, then paste again.',
      })
    const own = await intoProject(known)
    packages.set(id, own.id)
  }
  const at = pointerPlace() ?? placeInView(useProject.getState().tables.positions)
  insert(content, (id) => packages.get(id) ?? '', at, 'Paste')
}

function insert(content: Clip, packageOf: (instance: string) => string, at: Position, label: string): void {
  let added: readonly string[] = []
  edit(label, (tables) => {
    const { library } = useProject.getState()
    let graph = graphOf(tables)
    for (const id of Object.keys(content.instances)) {
      const item = library.find((candidate) => candidate.id === packageOf(id))
      if (item) graph = withPackage(graph, item)
    }
    const inserted = insertClip(withGraph(tables, graph), content, packageOf, at)
    added = inserted.instances
    return inserted.tables
  })
  selectOnCanvas(added)
}

/** Takes part in the clipboard of the system: the same keys and menu items as for text. Returns the function that ends it. */
export function startClipboard(): () => void {
  const elsewhere = (event: ClipboardEvent): boolean =>
    (event.target instanceof Element &&
      event.target.closest('input, textarea, [contenteditable], .monaco-editor') !== null) ||
    (document.getSelection()?.toString() ?? '') !== ''
  const copy = (event: ClipboardEvent): void => {
    if (elsewhere(event) || useSelection.getState().instances.size === 0) return
    event.preventDefault()
    event.clipboardData?.setData('text/plain', event.type === 'cut' ? cutSelection() : copySelection())
  }
  const paste = (event: ClipboardEvent): void => {
    const text = event.clipboardData?.getData('text/plain') ?? ''
    if (elsewhere(event) || !readClip(text)) return
    event.preventDefault()
    pasteText(text).catch((thrown: unknown) => showProblem(problemOf(thrown)))
  }
  document.addEventListener('copy', copy)
  document.addEventListener('cut', copy)
  document.addEventListener('paste', paste)
  return () => {
    document.removeEventListener('copy', copy)
    document.removeEventListener('cut', copy)
    document.removeEventListener('paste', paste)
  }
}
