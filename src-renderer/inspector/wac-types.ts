import type { Extern } from '../../src-engine/types/graph.ts'
import { parseName } from '../../src-engine/types/names.ts'
import { describeExtern, printFunction, printNamedFunction } from '../../src-engine/wit/print-types.ts'

/** The type of a graph import as WAC writes it: a package path, a `func(…)`, or an inline interface. */
export function printExternType(name: string, extern: Extern | undefined): string {
  if (parseName(name).kind === 'interface' || !extern) return name
  if (extern.kind === 'function') return printFunction(extern.type)
  if (extern.kind !== 'instance') return describeExtern(extern)
  const items = [...extern.type.exports].flatMap(([item, type]) =>
    type.kind === 'function' ? [`  ${printNamedFunction(item, type.type)};`] : [],
  )
  return `interface {\n${items.join('\n')}\n}`
}
