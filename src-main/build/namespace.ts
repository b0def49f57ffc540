/**
 * Names of interfaces inside a built component.
 *
 * The QuickJS builder links the runtime's own WASI imports while it takes the snapshot, and then `wasi:io` of the program and
 * `wasi:io` of the runtime are two things with one name. So the program is built against `wasj:`, and the names are put
 * right afterwards: first the runtime's imports move to another patch version of 0.2, then `wasj:` becomes `wasi:`.
 * All names keep their length, so no offset changes; core modules keep the names that they link by.
 */
import { fail } from '../../src-engine/error.ts'

export interface Renaming {
  readonly pattern: RegExp
  readonly replacement: string
}

const sections = { custom: 0, component: 4, instance: 5, alias: 6, type: 7, import: 10, export: 11 } as const

/** Renames in the component-level names of a component, at every depth. Changes a copy. */
export function renameInterfaces(component: Uint8Array, renamings: readonly Renaming[]): Uint8Array {
  const bytes = component.slice()
  renameWithin(bytes, 0, bytes.length, renamings)
  return bytes
}

/** The root's export section that holds nothing but a function of this name, cut out. Unchanged when there is none. */
export function dropFunctionExport(component: Uint8Array, name: string): Uint8Array {
  let found: { from: number; to: number } | undefined
  for (const section of sectionsOf(component, 0, component.length)) {
    if (section.id !== sections.export) continue
    const [count, at] = readNumber(component, section.from)
    const text = readName(component, at + 1)
    if (count === 1 && text.name === name && component[text.end] === 0x01)
      found = { from: section.start, to: section.to }
  }
  if (!found) return component
  const rest = new Uint8Array(component.length - (found.to - found.from))
  rest.set(component.subarray(0, found.from))
  rest.set(component.subarray(found.to), found.from)
  return rest
}

function renameWithin(bytes: Uint8Array, from: number, to: number, renamings: readonly Renaming[]): void {
  for (const section of sectionsOf(bytes, from, to)) {
    switch (section.id) {
      case sections.component:
        renameWithin(bytes, section.from, section.to, renamings)
        break
      case sections.alias:
        renameAliases(bytes, section.from, renamings)
        break
      case sections.instance:
      case sections.type:
      case sections.import:
      case sections.export:
        renameText(bytes, section.from, section.to, renamings)
        break
    }
  }
}

/** Aliases of core exports name what core modules link by and stay; all others are renamed. */
function renameAliases(bytes: Uint8Array, from: number, renamings: readonly Renaming[]): void {
  let [count, at] = readNumber(bytes, from)
  for (; count > 0; count--) {
    at += bytes[at] === 0x00 ? 2 : 1
    const target = bytes[at++]
    if (target === 0x02) {
      at = readNumber(bytes, readNumber(bytes, at)[1])[1]
      continue
    }
    at = readNumber(bytes, at)[1]
    const { end } = readName(bytes, at)
    if (target === 0x00) renameText(bytes, at, end, renamings)
    at = end
  }
}

function renameText(bytes: Uint8Array, from: number, to: number, renamings: readonly Renaming[]): void {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('latin1')
  for (const { pattern, replacement } of renamings) {
    for (const match of text.matchAll(pattern)) {
      const name = match[0].replace(pattern, replacement)
      if (name.length !== match[0].length) throw fail('internal.rename', `"${match[0]}" and "${name}" differ in length`)
      bytes.set(Buffer.from(name, 'latin1'), from + match.index)
    }
  }
}

function* sectionsOf(
  bytes: Uint8Array,
  from: number,
  to: number,
): Generator<{ id: number; start: number; from: number; to: number }> {
  for (let at = from + 8; at < to;) {
    const id = bytes[at] ?? 0
    const [size, body] = readNumber(bytes, at + 1)
    if (body + size > to)
      throw fail('input.truncated', 'A section ends after the end of the component', { where: { offset: at } })
    yield { id, start: at, from: body, to: body + size }
    at = body + size
  }
}

function readNumber(bytes: Uint8Array, at: number): [value: number, end: number] {
  let value = 0
  for (let shift = 0; shift < 35; shift += 7) {
    const byte = bytes[at++]
    if (byte === undefined) break
    value += (byte & 0x7f) * 2 ** shift
    if (byte < 0x80) return [value, at]
  }
  throw fail('input.truncated', 'A number in the component is cut off or too long', { where: { offset: at } })
}

function readName(bytes: Uint8Array, at: number): { name: string; end: number } {
  const [size, from] = readNumber(bytes, at)
  return { name: Buffer.from(bytes.subarray(from, from + size)).toString('utf8'), end: from + size }
}
