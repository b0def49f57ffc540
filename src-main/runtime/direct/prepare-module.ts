/**
 * Makes the whole state of a core module reachable from outside: every memory and every mutable global that it defines is
 * exported under a name of ours, and refused growth is noted. Nothing else about it changes.
 */
import { ByteReader } from '../../../src-engine/binary/reader.ts'
import { watchGrowth } from '../growth.ts'
import { isRestorable } from './code-scan.ts'
import { coreImports } from './core-imports.ts'
import { globalPrefix, memoryPrefix } from './snapshot.ts'

export interface PreparedModule {
  readonly bytes: Uint8Array
  /** Its state is its memories and globals: a snapshot of those is complete. */
  readonly restorable: boolean
}

interface Section {
  readonly id: number
  /** Where the id stands. */
  readonly header: number
  readonly start: number
  readonly end: number
}

export function prepareModule(given: Uint8Array): PreparedModule {
  const module = watchGrowth(given)
  const sections = sectionsOf(module)
  const code = sections.find(({ id }) => id === 10)
  const kinds = coreImports(module, { start: 0, end: module.length }).map(([, , kind]) => kind)
  const added: { readonly name: string; readonly kind: number; readonly index: number }[] = []
  for (const index of mutableGlobals(module, sections, kinds.filter((kind) => kind === 3).length))
    added.push({ name: `${globalPrefix}${index}`, kind: 3, index })
  const memories = sections.find(({ id }) => id === 5)
  const imported = kinds.filter((kind) => kind === 2).length
  const defined = memories ? new ByteReader(module, memories.start, memories.end).count() : 0
  for (let at = 0; at < defined; at++)
    added.push({ name: `${memoryPrefix}${imported + at}`, kind: 2, index: imported + at })
  return {
    bytes: added.length === 0 ? module : withExports(module, sections, added),
    restorable: code === undefined || isRestorable(module, code.start, code.end),
  }
}

function sectionsOf(module: Uint8Array): Section[] {
  const reader = new ByteReader(module, 8, module.length, 'core module')
  const sections: Section[] = []
  while (!reader.done) {
    const header = reader.at
    const id = reader.u8()
    const body = reader.slice(reader.u32(), 'section of a core module')
    sections.push({ id, header, start: body.at, end: body.end })
  }
  return sections
}

/** Indices of the mutable globals that the module defines. */
function mutableGlobals(module: Uint8Array, sections: readonly Section[], imported: number): number[] {
  const section = sections.find(({ id }) => id === 6)
  if (!section) return []
  const reader = new ByteReader(module, section.start, section.end, 'global section')
  const found: number[] = []
  const count = reader.count()
  for (let at = 0; at < count; at++) {
    const type = reader.u8()
    if (type === 0x63 || type === 0x64) reader.s33()
    if (reader.u8() === 1) found.push(imported + at)
    skipConstant(reader)
  }
  return found
}

/** Steps over a constant expression. */
function skipConstant(reader: ByteReader): void {
  for (;;) {
    const opcode = reader.u8()
    if (opcode === 0x0b) return
    if (opcode === 0x43) reader.skip(4)
    else if (opcode === 0x44) reader.skip(8)
    else if (opcode === 0xfd) {
      reader.u32()
      reader.skip(16)
    } else if (opcode === 0x41 || opcode === 0x42 || opcode === 0x23 || opcode === 0xd0 || opcode === 0xd2) {
      while (reader.u8() >= 0x80);
    } else if (opcode < 0x6a || opcode > 0x7e) throw reader.unknown('constant instruction', opcode)
  }
}

function withExports(
  module: Uint8Array,
  sections: readonly Section[],
  added: readonly { readonly name: string; readonly kind: number; readonly index: number }[],
): Uint8Array {
  const existing = sections.find(({ id }) => id === 7)
  const before = existing ? new ByteReader(module, existing.start, existing.end) : undefined
  const count = (before?.count() ?? 0) + added.length
  const kept = existing && before ? module.subarray(before.at, existing.end) : new Uint8Array()
  const more = Buffer.concat(
    added.map(({ name, kind, index }) =>
      Buffer.concat([number(Buffer.byteLength(name)), Buffer.from(name), Buffer.from([kind]), number(index)]),
    ),
  )
  const payload = Buffer.concat([number(count), kept, more])
  const section = Buffer.concat([Buffer.from([7]), number(payload.length), payload])
  // Exports stand behind globals and tags, before start, elements, code and data.
  const next = sections.find(({ id }) => id === 8 || id === 9 || id === 10 || id === 11 || id === 12)
  const from = existing?.header ?? next?.header ?? module.length
  const to = existing?.end ?? from
  return Buffer.concat([module.subarray(0, from), section, module.subarray(to)])
}

function number(value: number): Buffer {
  const bytes: number[] = []
  let rest = value
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80)
    rest = Math.floor(rest / 0x80)
  }
  return Buffer.from([...bytes, rest])
}
