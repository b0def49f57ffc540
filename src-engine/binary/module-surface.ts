import type { CoreExternType, CoreModuleType } from '../types/graph.ts'
import { skipConstant } from './constant.ts'
import {
  readCoreExtern,
  readCoreTypes,
  readGlobalType,
  readMemoryType,
  readTableType,
  readTagType,
  type CoreType,
} from './core-types.ts'
import { ByteReader } from './reader.ts'
import type { ByteRange } from './structure.ts'

/** Sections of a core module that its surface is read from: types, imports, functions, tables, memories, globals, exports, tags. */
export const surfaceSections: ReadonlySet<number> = new Set([1, 2, 3, 4, 5, 6, 7, 13])

/** What each kind of export may refer to, imports first. */
interface Spaces {
  readonly func: CoreExternType[]
  readonly table: CoreExternType[]
  readonly memory: CoreExternType[]
  readonly global: CoreExternType[]
  readonly tag: CoreExternType[]
}
const kinds = ['func', 'table', 'memory', 'global', 'tag'] as const

/** The imports and exports of a core module: what a component that passes modules around is checked by. Code and data are stepped over. */
export function readModuleSurface(bytes: Uint8Array, range: ByteRange): CoreModuleType {
  const reader = new ByteReader(bytes, Math.min(range.start + 8, range.end), range.end, 'core module')
  const types: CoreType[] = []
  const imports: { module: string; name: string; type: CoreExternType }[] = []
  const exports = new Map<string, CoreExternType>()
  const spaces: Spaces = { func: [], table: [], memory: [], global: [], tag: [] }
  const each = (body: ByteReader, read: () => void) => {
    for (let count = body.count(); count > 0; count--) read()
  }
  while (!reader.done) {
    const id = reader.u8()
    const body = reader.slice(reader.u32(), 'section of a core module')
    switch (id) {
      case 1:
        each(body, () => readCoreTypes(body, types))
        break
      case 2:
        each(body, () => {
          const item = { module: body.name(), name: body.name(), type: readCoreExtern(body, types) }
          imports.push(item)
          spaces[item.type.kind].push(item.type)
        })
        break
      case 3:
        each(body, () => {
          const type = types[body.u32()]
          spaces.func.push(type?.kind === 'func' ? type : { kind: 'func', parameters: ['?'], results: [] })
        })
        break
      case 4:
        each(body, () => spaces.table.push(readTable(body, types)))
        break
      case 5:
        each(body, () => spaces.memory.push(readMemoryType(body)))
        break
      case 6:
        each(body, () => {
          spaces.global.push(readGlobalType(body, types))
          skipConstant(body)
        })
        break
      case 7:
        each(body, () => {
          const start = body.at
          const name = body.name()
          const kind = kinds[body.u8()]
          if (kind === undefined) throw body.unknown('kind of a core export', bytes[body.at - 1] ?? 0)
          const index = body.u32()
          const type = spaces[kind][index]
          if (!type)
            throw body.error(
              'input.malformed',
              `the core export \`${name}\` refers to ${kind} ${index}, which does not exist`,
              start,
            )
          exports.set(name, type)
        })
        break
      case 13:
        each(body, () => spaces.tag.push(readTagType(body, types)))
    }
  }
  return { kind: 'module', imports, exports }
}

/** A table may have an initial value: `0x40 0x00`, its type and an expression. */
function readTable(body: ByteReader, types: readonly CoreType[]): CoreExternType {
  if (body.peek() !== 0x40) return readTableType(body, types)
  body.skip(2)
  const type = readTableType(body, types)
  skipConstant(body)
  return type
}
