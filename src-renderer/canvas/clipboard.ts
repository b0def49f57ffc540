import { z } from 'zod'
import { addInstance, connect } from '../../src-engine/compose/edit.ts'
import type { CompositionGraph } from '../../src-engine/compose/graph.ts'
import { fail, problemOf } from '../../src-engine/error.ts'
import { intoProject } from '../library/place-item.ts'
import { removeFromCanvas, withPackage } from '../state/composition.ts'
import { projectDocument } from '../../src-preload/contract.ts'
import { freeGroupId, isNote, withNote } from '../state/annotations.ts'
import { type Position, type Tables, graphOf, withGraph } from '../state/document.ts'
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
  /** As in the project file; absent where there are none. */
  groups: projectDocument.shape.view.shape.groups,
  notes: projectDocument.shape.view.shape.notes,
})
export type Clip = z.infer<typeof clip>

/** Instances of the tables with the wires among them, groups with their members, notes. */
export function clipOf(tables: Tables, instances: Iterable<string>, annotations: Iterable<string> = []): Clip {
  const others = [...annotations]
  const members = others.flatMap((id) => tables.groups[id]?.members ?? [])
  const ids = [...new Set([...instances, ...members])].filter((id) => Object.hasOwn(tables.instances, id))
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
  const groups: NonNullable<Clip['groups']> = {}
  const notes: NonNullable<Clip['notes']> = {}
  for (const id of [...others, ...members]) {
    const group = tables.groups[id]
    const note = tables.notes[id]
    if (group) groups[id] = { ...group, members: [...group.members] }
    if (note) notes[id] = { ...note }
  }
  return {
    patchbay: 'clip',
    version: 1,
    instances: taken,
    arguments: wires,
    positions,
    ...(Object.keys(groups).length > 0 ? { groups } : {}),
    ...(Object.keys(notes).length > 0 ? { notes } : {}),
  }
}

/** The places of everything in a clip. */
function placesIn(content: Clip): readonly Position[] {
  return [content.positions, content.groups ?? {}, content.notes ?? {}].flatMap((table) => Object.values(table))
}

/** The clip as part of a graph whose packages are all there; names that are taken get a number. Returns the new instances. */
export function insertClip(
  tables: Tables,
  content: Clip,
  packageOf: (instance: string) => string,
  at: Position,
): { readonly tables: Tables; readonly instances: readonly string[]; readonly annotations: readonly string[] } {
  const places = placesIn(content)
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
  const instances = [...names.values()]
  let next = withGraph({ ...tables, positions }, graph)
  const annotations: string[] = []
  const put = (row: Position): Position => ({ x: Math.round(at.x + row.x - left), y: Math.round(at.y + row.y - top) })
  for (const [id, row] of Object.entries(content.notes ?? {})) {
    const added = withNote(next, put(row), row.text, row)
    next = added.tables
    names.set(id, added.id)
    annotations.push(added.id)
  }
  for (const row of Object.values(content.groups ?? {})) {
    const id = freeGroupId(next)
    const members = row.members.flatMap((member) => names.get(member) ?? [])
    next = { ...next, groups: { ...next.groups, [id]: { ...row, ...put(row), members } } }
    annotations.push(id)
  }
  return { tables: next, instances, annotations }
}

/** The selection as text for the clipboard. */
export function copySelection(): string {
  const { instances, annotations } = useSelection.getState()
  return JSON.stringify(clipOf(useProject.getState().tables, instances, annotations), null, 2)
}

export function cutSelection(): string {
  const text = copySelection()
  const { instances, annotations } = useSelection.getState()
  const { groups } = useProject.getState().tables
  // Cutting a group takes what is in it, as copying does.
  const members = [...annotations].flatMap((id) => groups[id]?.members ?? [])
  removeFromCanvas(
    [...instances, ...members.filter((id) => !isNote(id))],
    [],
    [...annotations, ...members.filter(isNote)],
  )
  return text
}

export function duplicateSelection(): void {
  const { tables } = useProject.getState()
  const { instances, annotations } = useSelection.getState()
  const content = clipOf(tables, instances, annotations)
  const places = placesIn(content)
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

/** What is on the clipboard instead of a clip of ours. */
function whyForeign(text: string): string {
  if (text.trim() === '') return 'The clipboard is empty.'
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || !('patchbay' in value))
      return 'The clipboard holds JSON that was not copied from a canvas.'
    const [issue] = clip.safeParse(value).error?.issues ?? []
    return `What is on the clipboard was not copied by this version of Patchbay: ${issue?.path.join('.') || 'clip'}: ${issue?.message ?? 'not readable'}.`
  } catch {
    return 'The clipboard holds text, no part of a canvas.'
  }
}

/** Puts what was copied, here or in another window, under the pointer. Throws when a component is not known here. */
export async function pasteText(text: string): Promise<void> {
  const content = readClip(text)
  if (!content) throw fail('clipboard.foreign', whyForeign(text), { hint: 'Copy nodes or notes on a canvas first.' })
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
  let added: ReturnType<typeof insertClip> | undefined
  edit(label, (tables) => {
    const { library } = useProject.getState()
    let graph = graphOf(tables)
    for (const id of Object.keys(content.instances)) {
      const item = library.find((candidate) => candidate.id === packageOf(id))
      if (item) graph = withPackage(graph, item)
    }
    const inserted = insertClip(withGraph(tables, graph), content, packageOf, at)
    added = inserted
    return inserted.tables
  })
  if (added) selectOnCanvas(added.instances, [], added.annotations)
}

function nothingSelected(): boolean {
  const { instances, annotations } = useSelection.getState()
  return instances.size + annotations.size === 0
}

/** Takes part in the clipboard of the system: the same keys and menu items as for text. Returns the function that ends it. */
export function startClipboard(): () => void {
  const elsewhere = (event: ClipboardEvent): boolean =>
    (event.target instanceof Element &&
      event.target.closest('input, textarea, [contenteditable], .monaco-editor') !== null) ||
    (document.getSelection()?.toString() ?? '') !== ''
  const copy = (event: ClipboardEvent): void => {
    if (elsewhere(event) || nothingSelected()) return
    event.preventDefault()
    event.clipboardData?.setData('text/plain', event.type === 'cut' ? cutSelection() : copySelection())
  }
  const paste = (event: ClipboardEvent): void => {
    const text = event.clipboardData?.getData('text/plain') ?? ''
    if (elsewhere(event)) return
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
