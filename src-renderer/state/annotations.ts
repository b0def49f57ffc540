/** Groups and notes: what stands on the canvas beside the graph. Pure functions over the tables, and the gestures made of them. */
import { type GroupRow, type NoteRow, type Position, type Tables, isWorld } from './document.ts'

/** Room between a group's frame and its members, in canvas units; the name stands in the upper part. */
export const groupPadding = 24
export const groupHeader = 34
/** What a frame or a note can be made no smaller than. */
export const smallestGroup = { width: 120, height: 80 } as const
export const smallestNote = { width: 96, height: 48 } as const
export const newNote = { width: 220, height: 96 } as const

export interface Size {
  readonly width: number
  readonly height: number
}
export interface Box extends Position, Size {}
/** The size of a node as it is drawn. */
export type SizeOf = (id: string) => Size

export function isGroup(id: string): boolean {
  return id.startsWith('$group-')
}

export function isNote(id: string): boolean {
  return id.startsWith('$note-')
}

export function isAnnotation(id: string): boolean {
  return isGroup(id) || isNote(id)
}

function freeId(table: Readonly<Record<string, unknown>>, stem: '$group-' | '$note-'): string {
  let count = 1
  while (Object.hasOwn(table, `${stem}${count}`)) count++
  return `${stem}${count}`
}

/** An id that no group has. */
export function freeGroupId(tables: Tables): string {
  return freeId(tables.groups, '$group-')
}

/** The group that a node belongs to. */
export function groupOf(groups: Tables['groups'], id: string): string | undefined {
  return Object.keys(groups).find((key) => groups[key]?.members.includes(id))
}

/** Where something on the canvas is; undefined for what has no place yet. */
export function placeOf(tables: Tables, id: string): Position | undefined {
  return tables.groups[id] ?? tables.notes[id] ?? tables.positions[id]
}

/** The smallest box around several. */
export function boxAround(boxes: readonly Box[]): Box | undefined {
  if (boxes.length === 0) return undefined
  const x = Math.min(...boxes.map((box) => box.x))
  const y = Math.min(...boxes.map((box) => box.y))
  return {
    x,
    y,
    width: Math.max(...boxes.map((box) => box.x + box.width)) - x,
    height: Math.max(...boxes.map((box) => box.y + box.height)) - y,
  }
}

/** The frame that leaves its members room. */
function frameAround(boxes: readonly Box[]): Box | undefined {
  const box = boxAround(boxes)
  return (
    box && {
      x: Math.round(box.x - groupPadding),
      y: Math.round(box.y - groupPadding - groupHeader),
      width: Math.round(box.width + 2 * groupPadding),
      height: Math.round(box.height + 2 * groupPadding + groupHeader),
    }
  )
}

function boxOf(tables: Tables, id: string, sizeOf: SizeOf): Box | undefined {
  const place = placeOf(tables, id)
  if (!place) return undefined
  const { width, height } = tables.groups[id] ?? tables.notes[id] ?? sizeOf(id)
  return { x: place.x, y: place.y, width, height }
}

/** Frames nodes as a new group; they leave the groups they were in. Returns the tables as they were when there is nothing to frame. */
export function withGroup(
  tables: Tables,
  members: readonly string[],
  sizeOf: SizeOf,
  name?: string,
): { readonly tables: Tables; readonly id: string | undefined } {
  const framed = members.filter((id) => !isWorld(id) && !isGroup(id) && placeOf(tables, id) !== undefined)
  const frame = frameAround(framed.flatMap((id) => boxOf(tables, id, sizeOf) ?? []))
  if (!frame) return { tables, id: undefined }
  const id = freeGroupId(tables)
  const row: GroupRow = { name: name ?? `Group ${id.slice(7)}`, ...frame, members: framed }
  return { tables: { ...tables, groups: { ...leaving(tables.groups, framed), [id]: row } }, id }
}

/** Removes groups; their members stay where they are. */
export function withoutGroups(tables: Tables, ids: ReadonlySet<string>): Tables {
  return { ...tables, groups: Object.fromEntries(Object.entries(tables.groups).filter(([id]) => !ids.has(id))) }
}

/** Removes groups and notes. */
export function withoutAnnotations(tables: Tables, ids: ReadonlySet<string>): Tables {
  if (ids.size === 0) return tables
  const left = withoutGroups(tables, ids)
  return {
    ...left,
    groups: leaving(left.groups, [...ids]),
    notes: Object.fromEntries(Object.entries(left.notes).filter(([id]) => !ids.has(id))),
  }
}

/** A new note. */
export function withNote(
  tables: Tables,
  place: Position,
  text = '',
  size: Size = newNote,
): { readonly tables: Tables; readonly id: string } {
  const id = freeId(tables.notes, '$note-')
  const row: NoteRow = { text, x: Math.round(place.x), y: Math.round(place.y), width: size.width, height: size.height }
  return { tables: { ...tables, notes: { ...tables.notes, [id]: row } }, id }
}

export function changeNote(tables: Tables, id: string, change: Partial<NoteRow>): Tables {
  const note = tables.notes[id]
  return note ? { ...tables, notes: { ...tables.notes, [id]: { ...note, ...change } } } : tables
}

export function changeGroup(tables: Tables, id: string, change: Partial<GroupRow>): Tables {
  const group = tables.groups[id]
  return group ? { ...tables, groups: { ...tables.groups, [id]: { ...group, ...change } } } : tables
}

function leaving(groups: Tables['groups'], ids: readonly string[]): Tables['groups'] {
  if (!Object.values(groups).some(({ members }) => members.some((id) => ids.includes(id)))) return groups
  return Object.fromEntries(
    Object.entries(groups).map(([key, group]) => [
      key,
      { ...group, members: group.members.filter((id) => !ids.includes(id)) },
    ]),
  )
}

/** Puts things to new places. A group takes its members along, but for those that are given a place themselves. */
export function moved(tables: Tables, places: ReadonlyMap<string, Position>): Tables {
  const all = new Map(places)
  for (const [id, to] of places) {
    const group = tables.groups[id]
    if (!group) continue
    for (const member of group.members) {
      const from = placeOf(tables, member)
      if (from && !places.has(member)) all.set(member, { x: from.x + to.x - group.x, y: from.y + to.y - group.y })
    }
  }
  const positions = { ...tables.positions }
  const groups = { ...tables.groups }
  const notes = { ...tables.notes }
  for (const [id, { x, y }] of all) {
    const group = groups[id]
    const note = notes[id]
    if (group) groups[id] = { ...group, x, y }
    else if (note) notes[id] = { ...note, x, y }
    else positions[id] = { x, y }
  }
  return { ...tables, positions, groups, notes }
}

/** After nodes were dragged or a frame was resized: who lies inside a frame belongs to it, who lies outside does not. */
export function rejoined(tables: Tables, ids: Iterable<string>, sizeOf: SizeOf): Tables {
  let { groups } = tables
  for (const id of ids) {
    const box = isWorld(id) || isGroup(id) ? undefined : boxOf(tables, id, sizeOf)
    if (!box) continue
    const middle = { x: box.x + box.width / 2, y: box.y + box.height / 2 }
    const around = Object.entries(groups)
      .filter(([, group]) => contains(group, middle))
      // Where frames overlap the smaller one is meant.
      .sort(([, left], [, right]) => left.width * left.height - right.width * right.height)[0]?.[0]
    const before = groupOf(groups, id)
    if (around === before) continue
    groups = leaving(groups, [id])
    const joined = around === undefined ? undefined : groups[around]
    if (around !== undefined && joined)
      groups = { ...groups, [around]: { ...joined, members: [...joined.members, id].sort() } }
  }
  return groups === tables.groups ? tables : { ...tables, groups }
}

/** Frames around their members again, after these were put elsewhere. Groups without members stay as they are. */
export function refitted(tables: Tables, ids: Iterable<string>, sizeOf: SizeOf): Tables {
  let next = tables
  for (const id of ids) {
    const members = next.groups[id]?.members ?? []
    const frame = frameAround(members.flatMap((member) => boxOf(next, member, sizeOf) ?? []))
    if (frame) next = changeGroup(next, id, frame)
  }
  return next
}

function contains(box: Box, { x, y }: Position): boolean {
  return x >= box.x && x <= box.x + box.width && y >= box.y && y <= box.y + box.height
}
