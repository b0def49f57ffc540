import { declareImport, readDeclared } from '../compose/declared-import.ts'
import { readDeclaredType } from '../compose/declared-type.ts'
import type { CompositionGraph, DeclaredType, GraphImport } from '../compose/graph.ts'
import { PatchbayError } from '../error.ts'
import { WitPackages, type WitPackage } from '../wit/packages.ts'
import type { TypeOfHash } from './statements.ts'

/**
 * The WIT that a script may name, and beside it the interfaces of the graph's own imports: what they declare, and what the
 * components ask for that take them. So a script can be read and changed though the files of its WIT are not there.
 */
export function witAround(wit: WitPackages | undefined, graph: CompositionGraph, typeOf: TypeOfHash): WitPackages {
  const all = wit?.copy() ?? new WitPackages()
  const imported = Object.values(graph.imports).flatMap((entry) => {
    const declared = entry.declared ?? asked(entry, graph, typeOf)
    return declared && !('problem' in readDeclared(declared)) ? [declared] : []
  })
  const types = Object.values(graph.types ?? {}).filter((declared) => !('problem' in readDeclaredType(declared)))
  const added = new Set<WitPackage>()
  for (const { wit: text } of [...imported, ...types]) {
    const own = new WitPackages()
    own.addFolder([{ path: 'import', text }])
    for (const each of own.all()) {
      const known = all.find(each.name, each.version)
      if (!known) {
        all.add(each)
        added.add(each)
      } else if (added.has(known)) {
        // Each declaration has as much of a package as it needs.
        for (const [name, face] of each.interfaces) if (!known.interfaces.has(name)) known.interfaces.set(name, face)
      }
    }
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
