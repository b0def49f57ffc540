/**
 * Makes a core module tell when it was refused memory: each `memory.grow` goes through a small function of ours that
 * notes a failure in a global. Everything is added behind what is there, so no index changes. With it a guest that gives
 * up for want of memory is told apart from one that traps for another reason.
 */
import { ByteReader } from '../../src-engine/binary/reader.ts'
import { ByteWriter } from '../../src-engine/binary/writer.ts'
import { Scanner, Unsafe } from './direct/code-scan.ts'
import { coreImports } from './direct/core-imports.ts'
import { countOf, sectionIds as ids, sectionsOf, withItems, type ModuleSection } from './direct/module-sections.ts'

/** Name of the exported global: 1 once a request for memory was refused. */
export const refusedName = 'patchbay:refused'

const [func, i32] = [0x60, 0x7f]

/** The module with its growth watched; as it was when it never grows, or is of a kind that we cannot change safely. */
export function watchGrowth(module: Uint8Array): Uint8Array {
  const { added, instead, note } = watchAndScan(module)
  return note === undefined ? module : withItems(module, added, instead)
}

/** What is to be changed of a module, as `withItems` takes it: with what else there is to change it is copied once. */
export interface Watch {
  readonly added: ReadonlyMap<number, readonly Uint8Array[]>
  readonly instead: ReadonlyMap<number, readonly Uint8Array[]>
  /** Index of the global that is added; undefined when nothing changes. */
  readonly note?: number
  /** Undefined when there was no reason to walk through the code. */
  readonly restorable: boolean | undefined
}

/**
 * How growth is watched, and whether the code can be undone by restoring memories and globals, as `isRestorable` has it: one
 * walk through the code answers both.
 */
export function watchAndScan(module: Uint8Array): Watch {
  const unchanged: Watch = { added: new Map(), instead: new Map(), restorable: undefined }
  const sections = sectionsOf(module)
  const find = (id: number): ModuleSection | undefined => sections.find((section) => section.id === id)
  const [types, functions, memories, code] = [ids.type, ids.function, ids.memory, ids.code].map(find)
  if (!types || !functions || !memories || !code) return unchanged
  const kinds = coreImports(module, { start: 0, end: module.length }).map(([, , kind]) => kind)
  // An imported memory belongs to another module; one with 64-bit addresses grows by other numbers.
  if (kinds.includes(2) || (new ByteReader(module, memories.start + 1, memories.end).u32() & 4) !== 0) return unchanged
  const typeCount = plainTypes(module, types)
  if (typeCount === undefined) return unchanged
  const globals = find(ids.global)
  const functionIndex = kinds.filter((kind) => kind === 0).length + countOf(module, functions)
  const globalIndex = kinds.filter((kind) => kind === 3).length + (globals ? countOf(module, globals) : 0)
  const bodies = rewrite(module, code, new ByteWriter().u8(0x10).u32(functionIndex).finish())
  if (!bodies) return { ...unchanged, restorable: false }
  if (bodies === 'never grows') return { ...unchanged, restorable: true }
  const helper = new ByteWriter()
    // no locals; grow by the parameter, keep the answer; when it is -1, note it; answer
    .raw(Uint8Array.of(0, 0x20, 0, 0x40, 0, 0x22, 0, 0x41, 0x7f, 0x46, 0x04, 0x40, 0x41, 1, 0x24))
    .u32(globalIndex)
    .raw(Uint8Array.of(0x0b, 0x20, 0, 0x0b))
    .finish()
  return {
    added: new Map([
      [ids.type, [Uint8Array.of(func, 1, i32, 1, i32)]],
      [ids.function, [number(typeCount)]],
      [ids.global, [Uint8Array.of(i32, 1, 0x41, 0, 0x0b)]],
      [ids.export, [new ByteWriter().name(refusedName).u8(3).u32(globalIndex).finish()]],
    ]),
    instead: new Map([[ids.code, [number(countOf(module, code) + 1), ...bodies, number(helper.length), helper]]]),
    note: globalIndex,
    restorable: true,
  }
}

const number = (value: number): Uint8Array => new ByteWriter().u32(value).finish()

/** Bodies with their sizes, `call` in place of every `memory.grow`. Undefined for code that we cannot read, or that a snapshot cannot undo. */
function rewrite(module: Uint8Array, code: ModuleSection, call: Uint8Array): Uint8Array[] | 'never grows' | undefined {
  try {
    const scanner = new Scanner(module, code.start)
    const bodies: Uint8Array[] = []
    let sites: { readonly start: number; readonly end: number }[] = []
    scanner.onGrow = (start, end) => void sites.push({ start, end })
    const count = scanner.u32()
    // Those that stay as they are go over together.
    let kept = scanner.at
    for (let left = count; left > 0; left--) {
      const header = scanner.at
      const size = scanner.u32()
      const start = scanner.at
      const stop = start + size
      if (sites.length > 0) sites = []
      scanner.body(stop)
      if (scanner.at !== stop) return undefined
      if (sites.length === 0) continue
      const pieces: Uint8Array[] = []
      let at = start
      for (const site of sites) {
        pieces.push(module.subarray(at, site.start), call)
        at = site.end
      }
      pieces.push(module.subarray(at, stop))
      const body = Buffer.concat(pieces)
      bodies.push(module.subarray(kept, header), number(body.length), body)
      kept = stop
    }
    if (scanner.at !== code.end) return undefined
    if (bodies.length === 0) return 'never grows'
    return [...bodies, module.subarray(kept, code.end)]
  } catch (thrown) {
    if (thrown instanceof Unsafe) return undefined
    throw thrown
  }
}

/** How many types there are; undefined when some are no plain function types, whose indices count otherwise. */
function plainTypes(module: Uint8Array, section: ModuleSection): number | undefined {
  const scanner = new Scanner(module, section.start)
  try {
    const count = scanner.u32()
    for (let left = count; left > 0; left--) {
      if (scanner.byte() !== func) return undefined
      for (const _ of [0, 1]) for (let values = scanner.u32(); values > 0; values--) scanner.valueType()
    }
    return scanner.at === section.end ? count : undefined
  } catch (thrown) {
    if (thrown instanceof Unsafe) return undefined
    throw thrown
  }
}

/** Reads and clears what the instances noted. Undefined when none of them can tell. */
export function takeRefusal(globals: readonly WebAssembly.Global[]): boolean | undefined {
  if (globals.length === 0) return undefined
  let refused = false
  for (const global of globals) {
    if (global.value === 0) continue
    refused = true
    global.value = 0
  }
  return refused
}

/** The notes of the instances whose modules were changed by {@link watchGrowth}. */
export function refusalsOf(instances: Iterable<WebAssembly.Instance>): readonly WebAssembly.Global[] {
  const found: WebAssembly.Global[] = []
  for (const { exports } of instances) {
    const note = exports[refusedName]
    if (note instanceof WebAssembly.Global) found.push(note)
  }
  return found
}
