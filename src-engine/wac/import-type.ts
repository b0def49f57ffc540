import type { Extern } from '../types/graph.ts'
import { printInterface } from '../wit/print.ts'
import { printFunction } from '../wit/print-types.ts'

/** The type of an import as WAC writes it: interfaces by their name, everything else spelled out. */
export function printImportType(name: string, extern: Extern | undefined): string {
  if (extern?.kind === 'function') return printFunction(extern.type)
  if (extern?.kind === 'instance' && !name.includes('/'))
    return printInterface('inline', extern.type).replace(/^interface inline/, 'interface')
  return name
}
