import type { CoreExternType, CoreModuleType } from '../types/graph.ts'
import { readCoreExtern, readCoreTypes, type CoreType } from './core-types.ts'
import { ByteReader } from './reader.ts'
import type { ByteRange } from './structure.ts'

/** The imports and exports of a core module, for the rare component that passes modules around. Code and data are stepped over. */
export function readModuleSurface(bytes: Uint8Array, range: ByteRange): CoreModuleType {
  const reader = new ByteReader(bytes, range.start + 8, range.end, 'core module')
  const types: CoreType[] = []
  const imports: { module: string; name: string; type: CoreExternType }[] = []
  const exports = new Map<string, CoreExternType>()
  const spaces: Record<number, CoreExternType[]> = { 0: [], 1: [], 2: [], 3: [], 4: [] }
  while (!reader.done) {
    const id = reader.u8()
    const body = reader.slice(reader.u32(), 'section of a core module')
    if (id === 1) for (let count = body.count(); count > 0; count--) readCoreTypes(body, (type) => types.push(type))
    else if (id === 2) {
      for (let count = body.count(); count > 0; count--) {
        const item = { module: body.name(), name: body.name() }
        const kind = body.peek()
        const type = readCoreExtern(body, types)
        imports.push({ ...item, type })
        spaces[kind]?.push(type)
      }
    } else if (id === 3) {
      for (let count = body.count(); count > 0; count--) {
        const type = types[body.u32()]
        spaces[0]?.push(type?.kind === 'func' ? type : { kind: 'func', parameters: ['?'], results: [] })
      }
    } else if (id === 7) {
      for (let count = body.count(); count > 0; count--) {
        const name = body.name()
        const kind = body.u8()
        const type = spaces[kind]?.[body.u32()]
        exports.set(name, type ?? unknownExport(kind))
      }
    }
  }
  return { kind: 'module', imports, exports }
}

/** Memories, tables, globals and tags that the module defines: their kind is enough to name them. */
function unknownExport(kind: number): CoreExternType {
  if (kind === 1) return { kind: 'table', element: 'funcref', minimum: 0n, is64: false }
  if (kind === 2) return { kind: 'memory', minimum: 0n, shared: false, is64: false }
  if (kind === 3) return { kind: 'global', type: 'i32', mutable: false }
  return { kind: 'tag', parameters: [] }
}
