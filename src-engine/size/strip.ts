import { expectComponent, identify } from '../binary/identify.ts'
import { ByteReader } from '../binary/reader.ts'
import { ChunkedOutput, pushSection } from '../binary/writer.ts'

export interface StripOptions {
  /** Drop every custom section. */
  readonly all?: boolean
  /** Drop only custom sections whose name matches. */
  readonly delete?: RegExp
}

/** A custom section that went or stayed. */
export interface StripItem {
  readonly name: string
  /** `component`, `component › module 0` … */
  readonly where: string
  /** Bytes, header included. */
  readonly size: number
}

export interface StripReport {
  readonly before: number
  readonly after: number
  readonly removed: readonly StripItem[]
  readonly kept: readonly StripItem[]
}

const depthLimit = 64

/**
 * Drops custom sections at every depth by the rule of `wasm-tools strip`: by default all but `name`, `component-type:*` and
 * `dylink.0`; with `all` every one; with `delete` only those that match. Sizes are written in their shortest form, so a file
 * can shrink even where nothing goes. Throws `input.*` for damaged files.
 */
export function strip(
  bytes: Uint8Array,
  options: StripOptions = {},
): { readonly bytes: Uint8Array; readonly report: StripReport } {
  const module = identify(bytes).kind === 'module'
  if (!module) expectComponent(bytes)
  const removed: StripItem[] = []
  const kept: StripItem[] = []
  const drops = (name: string): boolean => {
    if (options.all === true) return true
    if (options.delete) return name.search(options.delete) >= 0
    return !(name === 'name' || name.startsWith('component-type:') || name === 'dylink.0')
  }
  const rewrite = (start: number, end: number, where: string, isModule: boolean, depth: number): Uint8Array => {
    const reader = new ByteReader(bytes, Math.min(start + 8, end), end, where)
    if (depth > depthLimit) throw reader.error('input.limit', `components nest more than ${depthLimit} deep`, start)
    const output = new ChunkedOutput().push(bytes.subarray(start, Math.min(start + 8, end)))
    let modules = 0
    let components = 0
    while (!reader.done) {
      const at = reader.at
      const id = reader.u8()
      const body = reader.slice(reader.u32(), 'section')
      const { at: payload, end: bodyEnd } = body
      if (id === 0) {
        const name = body.name()
        const list = drops(name) ? removed : kept
        list.push({ name, where, size: bodyEnd - at })
        if (list === kept) pushSection(output, id, bytes.subarray(payload, bodyEnd))
      } else if (!isModule && id === 1)
        pushSection(output, id, rewrite(payload, bodyEnd, `${where} › module ${modules++}`, true, depth + 1))
      else if (!isModule && id === 4)
        pushSection(output, id, rewrite(payload, bodyEnd, `${where} › component ${components++}`, false, depth + 1))
      else pushSection(output, id, bytes.subarray(payload, bodyEnd))
    }
    return output.join()
  }
  const result = rewrite(0, bytes.length, module ? 'module' : 'component', module, 0)
  return { bytes: result, report: { before: bytes.length, after: result.length, removed, kept } }
}
