import { declareImport, readDeclared } from '../compose/declared-import.ts'
import type { CompositionGraph, DeclaredType, GraphImport } from '../compose/graph.ts'
import { PatchbayError } from '../error.ts'
import { WitPackages } from '../wit/packages.ts'
import type { TypeOfHash } from './statements.ts'

/**
 * The WIT that a script may name, and beside it the interfaces of the graph's own imports: what they declare, and what the
 * components ask for that take them. So a script can be read and changed though the files of its WIT are not there.
 */
export function witAround(wit: WitPackages | undefined, graph: CompositionGraph, typeOf: TypeOfHash): WitPackages {
  const all = wit?.copy() ?? new WitPackages()
  for (const entry of Object.values(graph.imports)) {
    const declared = entry.declared ?? asked(entry, graph, typeOf)
    if (!declared || 'problem' in readDeclared(declared)) continue
    const own = new WitPackages()
    own.addFolder([{ path: 'import', text: declared.wit }])
    for (const each of own.all()) if (!all.find(each.name, each.version)) all.add(each)
  }
  return all
}

/** The type of an import that its taker gives it; undefined where no WIT can say it. */
function asked({ typeOf: taker }: GraphImport, graph: CompositionGraph, typeOf: TypeOfHash): DeclaredType | undefined {
  const instance = taker && graph.instances[taker.instance]
  const type = instance && typeOf(graph.packages[instance.package]?.hash ?? '')
  if (!taker || !type) return undefined
  try {
    return declareImport(type, taker.name)
  } catch (thrown) {
    if (thrown instanceof PatchbayError) return undefined
    throw thrown
  }
}
