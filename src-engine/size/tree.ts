import { fail } from '../error.ts'
import { skipConstant } from '../binary/constant.ts'
import { readCoreExtern } from '../binary/core-types.ts'
import { identify, expectComponent } from '../binary/identify.ts'
import { ByteReader } from '../binary/reader.ts'

/** A run of bytes of a file and what it is for. Children lie inside it, in order, and add up to it exactly. */
export interface SizeNode {
  readonly name: string
  /** component, module, custom, types, imports, exports, code, function, data, segment, overhead … */
  readonly kind: string
  /** From the start of the file. */
  readonly offset: number
  /** Bytes. */
  readonly size: number
  readonly children?: readonly SizeNode[]
}

const componentSections: Readonly<Record<number, string>> = {
  1: 'module',
  2: 'core instances',
  3: 'core types',
  4: 'component',
  5: 'instances',
  6: 'aliases',
  7: 'types',
  8: 'canonical functions',
  9: 'start',
  10: 'imports',
  11: 'exports',
  12: 'values',
}
const moduleSections: Readonly<Record<number, string>> = {
  1: 'types',
  2: 'imports',
  3: 'functions',
  4: 'tables',
  5: 'memory',
  6: 'globals',
  7: 'exports',
  8: 'start',
  9: 'elements',
  10: 'code',
  11: 'data',
  12: 'data count',
  13: 'tags',
}
const depthLimit = 64

/**
 * Where every byte of a component or core module is: nested components, modules, sections, functions and data segments.
 * The leaves add up to the length of the file. Throws `input.*` with the offset for damaged files.
 */
export function sizeTree(bytes: Uint8Array): SizeNode {
  if (identify(bytes).kind === 'module')
    return moduleNode(bytes, { start: 0, end: bytes.length, name: 'module', head: 0 })
  expectComponent(bytes)
  return componentNode(bytes, { start: 0, end: bytes.length, name: 'component', head: 0 }, 0)
}

/** A file in the file: `head` bytes of section header before `start` belong to it. */
interface Part {
  readonly start: number
  readonly end: number
  readonly name: string
  readonly head: number
}

function leaf(name: string, kind: string, start: number, end: number): SizeNode {
  return { name, kind, offset: start, size: end - start }
}

function preamble(part: Part): SizeNode[] {
  return [leaf('header', 'overhead', part.start - part.head, Math.min(part.start + 8, part.end))]
}

function branch(part: Part, kind: string, children: SizeNode[]): SizeNode {
  return { name: part.name, kind, offset: part.start - part.head, size: part.end - part.start + part.head, children }
}

function componentNode(bytes: Uint8Array, part: Part, depth: number): SizeNode {
  const reader = new ByteReader(bytes, part.start + 8, part.end, depth === 0 ? 'file' : 'nested component')
  if (depth > depthLimit) throw reader.error('input.limit', `components nest more than ${depthLimit} deep`, part.start)
  const children = preamble(part)
  let modules = 0
  let components = 0
  while (!reader.done) {
    const start = reader.at
    const id = reader.u8()
    const body = reader.slice(reader.u32(), 'section')
    const inner = { start: body.at, end: body.end, head: body.at - start }
    if (id === 0) children.push(leaf(body.name(), 'custom', start, body.end))
    else if (id === 1) children.push(moduleNode(bytes, { ...inner, name: `module ${modules++}` }))
    else if (id === 4) children.push(componentNode(bytes, { ...inner, name: `component ${components++}` }, depth + 1))
    else {
      const name = componentSections[id]
      if (name === undefined) throw reader.error('input.unknown-opcode', `unknown section ${id}`, start)
      children.push(leaf(name, name, start, body.end))
    }
  }
  return branch(part, 'component', children)
}

function moduleNode(bytes: Uint8Array, part: Part): SizeNode {
  const reader = new ByteReader(bytes, Math.min(part.start + 8, part.end), part.end, 'core module')
  const sections: {
    readonly id: number
    readonly start: number
    readonly body: ByteReader
    readonly custom?: string
  }[] = []
  while (!reader.done) {
    const start = reader.at
    const id = reader.u8()
    const body = reader.slice(reader.u32(), 'section of a core module')
    if (id === 0) {
      const end = body.end
      const payload = body.at
      const custom = body.name()
      sections.push({ id, start, body: new ByteReader(bytes, payload, end, 'custom section'), custom })
    } else sections.push({ id, start, body })
  }
  const counted = importedFunctions(sections)
  // Without the imports nobody knows which function a name belongs to.
  const names = counted === undefined ? new Map<number, string>() : functionNames(sections)
  const imported = counted ?? 0
  const children = preamble(part)
  for (const { id, start, body, custom } of sections) {
    const { at, end } = body
    if (custom !== undefined) children.push(leaf(custom, 'custom', start, end))
    else if (id === 10)
      children.push({
        name: 'code',
        kind: 'code',
        offset: start,
        size: end - start,
        children: codeNodes(body, start, names, imported),
      })
    else if (id === 11)
      children.push({ name: 'data', kind: 'data', offset: start, size: end - start, children: dataNodes(body, start) })
    else {
      const name = moduleSections[id]
      if (name === undefined)
        throw fail('input.unknown-opcode', `unknown section ${id} in a core module`, { where: { offset: at } })
      children.push(leaf(name, name, start, end))
    }
  }
  return branch(part, 'module', children)
}

function codeNodes(body: ByteReader, start: number, names: ReadonlyMap<number, string>, imported: number): SizeNode[] {
  const count = body.count()
  const nodes = [leaf('header', 'overhead', start, body.at)]
  for (let index = 0; index < count; index++) {
    const at = body.at
    body.skip(body.u32())
    nodes.push(leaf(names.get(imported + index) ?? `function ${imported + index}`, 'function', at, body.at))
  }
  return closed(nodes, body)
}

function dataNodes(body: ByteReader, start: number): SizeNode[] {
  const count = body.count()
  const nodes = [leaf('header', 'overhead', start, body.at)]
  for (let index = 0; index < count; index++) {
    const at = body.at
    const mode = body.u32()
    if (mode > 2) throw body.unknown('kind of a data segment', mode)
    if (mode === 2) body.u32()
    if (mode !== 1) skipConstant(body)
    body.skip(body.u32())
    nodes.push(leaf(`segment ${index}`, 'segment', at, body.at))
  }
  return closed(nodes, body)
}

/** Bytes behind the last item count too. */
function closed(nodes: SizeNode[], body: ByteReader): SizeNode[] {
  if (!body.done) nodes.push(leaf('rest', 'overhead', body.at, body.end))
  return nodes
}

type Sections = readonly { readonly id: number; readonly body: ByteReader; readonly custom?: string }[]

/** Index → name, from the name section; a damaged one gives no names. */
function functionNames(sections: Sections): ReadonlyMap<number, string> {
  const names = new Map<number, string>()
  const section = sections.find(({ custom }) => custom === 'name')
  if (!section) return names
  const reader = new ByteReader(section.body.bytes, section.body.at, section.body.end, 'name section')
  try {
    reader.name()
    while (!reader.done) {
      const id = reader.u8()
      const body = reader.slice(reader.u32(), 'name section')
      if (id === 1) for (let count = body.count(); count > 0; count--) names.set(body.u32(), body.name())
    }
  } catch {
    return names
  }
  return names
}

/** How many functions are imported: defined ones are numbered behind them. Undefined where the imports cannot be read. */
function importedFunctions(sections: Sections): number | undefined {
  const section = sections.find(({ id }) => id === 2)
  if (!section) return 0
  const reader = new ByteReader(section.body.bytes, section.body.at, section.body.end, 'import section')
  try {
    let functions = 0
    for (let count = reader.count(); count > 0; count--) {
      reader.name()
      reader.name()
      if (readCoreExtern(reader, []).kind === 'func') functions++
    }
    return functions
  } catch {
    return undefined
  }
}
