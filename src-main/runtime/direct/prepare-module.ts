/**
 * Makes the whole state of a core module reachable from outside: every memory and every mutable global that it defines is
 * exported under a name of ours, memories get a place for their limit, and refused growth is noted. Nothing else about it
 * changes.
 */
import { skipConstant } from '../../../src-engine/binary/constant.ts'
import { ByteReader } from '../../../src-engine/binary/reader.ts'
import { ByteWriter } from '../../../src-engine/binary/writer.ts'
import { watchAndScan } from '../growth.ts'
import { memoriesWithRoom } from '../memory-limit.ts'
import { isRestorable } from './code-scan.ts'
import { coreImports } from './core-imports.ts'
import { countOf, sectionIds as ids, sectionsOf, withItems, type ModuleSection } from './module-sections.ts'
import { globalPrefix, memoryPrefix } from './snapshot.ts'

export interface PreparedModule {
  readonly bytes: Uint8Array
  /** Its state is its memories and globals: a snapshot of those is complete. */
  readonly restorable: boolean
}

export function prepareModule(module: Uint8Array): PreparedModule {
  const watch = watchAndScan(module)
  const sections = sectionsOf(module)
  const code = sections.find(({ id }) => id === ids.code)
  const kinds = coreImports(module, { start: 0, end: module.length }).map(([, , kind]) => kind)
  const exports = [...(watch.added.get(ids.export) ?? [])]
  const add = (name: string, kind: number, index: number): void =>
    void exports.push(new ByteWriter().name(name).u8(kind).u32(index).finish())
  const globals = mutableGlobals(module, sections, kinds.filter((kind) => kind === 3).length)
  if (watch.note !== undefined) globals.push(watch.note)
  for (const index of globals) add(`${globalPrefix}${index}`, 3, index)
  const memories = sections.find(({ id }) => id === ids.memory)
  const imported = kinds.filter((kind) => kind === 2).length
  const defined = memories ? countOf(module, memories) : 0
  for (let at = 0; at < defined; at++) add(`${memoryPrefix}${imported + at}`, 2, imported + at)
  const room = memoriesWithRoom(module)
  return {
    bytes: withItems(
      module,
      exports.length === 0 ? watch.added : new Map([...watch.added, [ids.export, exports]]),
      room ? new Map([...watch.instead, [ids.memory, [room]]]) : watch.instead,
    ),
    restorable: watch.restorable ?? (code === undefined || isRestorable(module, code.start, code.end)),
  }
}

/** Indices of the mutable globals that the module defines. */
function mutableGlobals(module: Uint8Array, sections: readonly ModuleSection[], imported: number): number[] {
  const section = sections.find(({ id }) => id === ids.global)
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
