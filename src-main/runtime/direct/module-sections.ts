/** The sections of a core module, to be read one by one and put together again. (Core specification, 5.5.2.) */
import { ByteReader } from '../../../src-engine/binary/reader.ts'
import { ByteWriter } from '../../../src-engine/binary/writer.ts'

export const sectionIds = {
  type: 1,
  import: 2,
  function: 3,
  memory: 5,
  global: 6,
  export: 7,
  code: 10,
} as const

/** Sections in the order they must have; custom ones may stand anywhere. */
const order = [1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11]

export interface ModuleSection {
  readonly id: number
  /** Where the id stands. */
  readonly header: number
  /** The payload. */
  readonly start: number
  readonly end: number
}

/** Every section of the module at `start … end` of the bytes. Throws `input.truncated` where one is cut off. */
export function sectionsOf(bytes: Uint8Array, start = 0, end = bytes.length): ModuleSection[] {
  const reader = new ByteReader(bytes, Math.min(start + 8, end), end, 'core module')
  const sections: ModuleSection[] = []
  while (!reader.done) {
    const header = reader.at
    const id = reader.u8()
    const body = reader.slice(reader.u32(), 'section of a core module')
    sections.push({ id, header, start: body.at, end: body.end })
  }
  return sections
}

/** Number of items in a section. */
export const countOf = (bytes: Uint8Array, { start, end }: ModuleSection): number =>
  new ByteReader(bytes, start, end).count()

/** A whole section: id, size, payload. */
export function sectionBytes(id: number, ...payload: readonly Uint8Array[]): Uint8Array {
  const length = payload.reduce((sum, part) => sum + part.length, 0)
  return Buffer.concat([new ByteWriter().u8(id).u32(length).finish(), ...payload])
}

/**
 * The module with items added behind those that its sections have, by id of the section; what has no such section yet
 * gets one. `instead` replaces whole payloads.
 */
export function withItems(
  module: Uint8Array,
  added: ReadonlyMap<number, readonly Uint8Array[]>,
  instead: ReadonlyMap<number, readonly Uint8Array[]> = new Map(),
): Uint8Array {
  const sections = sectionsOf(module)
  const pending = new Set([...added.keys()].filter((id) => !sections.some((section) => section.id === id)))
  const parts: Uint8Array[] = [module.subarray(0, 8)]
  const addMissing = (before: number): void => {
    for (const id of pending) {
      if (order.indexOf(id) > before) continue
      const items = added.get(id) ?? []
      parts.push(sectionBytes(id, new ByteWriter().u32(items.length).finish(), ...items))
      pending.delete(id)
    }
  }
  for (const section of sections) {
    if (section.id !== 0) addMissing(order.indexOf(section.id))
    const payload = instead.get(section.id)
    const items = added.get(section.id)
    if (payload) parts.push(sectionBytes(section.id, ...payload))
    else if (items) {
      const reader = new ByteReader(module, section.start, section.end)
      const count = new ByteWriter().u32(reader.count() + items.length).finish()
      parts.push(sectionBytes(section.id, count, module.subarray(reader.at, section.end), ...items))
    } else parts.push(module.subarray(section.header, section.end))
  }
  addMissing(order.length)
  return Buffer.concat(parts)
}
