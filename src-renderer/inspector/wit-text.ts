import type { Extern } from '../../src-engine/types/graph.ts'
import { parseName } from '../../src-engine/types/names.ts'
import { describeExtern, printNamedFunction } from '../../src-engine/wit/print-types.ts'
import { printInterface } from '../../src-engine/wit/print.ts'

/** One import or export as WIT for reading beside another. */
export function witOf(name: string, extern: Extern): string {
  const parsed = parseName(name)
  const label = parsed.kind === 'interface' ? parsed.interface : name
  if (extern.kind === 'instance') return printInterface(label, extern.type)
  if (extern.kind === 'function') return `${printNamedFunction(label, extern.type)};\n`
  return `${label}: ${describeExtern(extern)}\n`
}
