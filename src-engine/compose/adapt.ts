import { peel, type Extern, type TypeNode } from '../types/graph.ts'
import { shortName } from '../types/names.ts'
import type { PlannedSource, TypeOwner } from './plan.ts'

/** What arrives at an import: a source and its type in terms of the composition. */
export interface Supply {
  readonly extern: Extern
  readonly source: PlannedSource
}

/** What the adapter must know of the types around the import. */
export interface AdapterTypes {
  /** What a type of the consumer stands for in the composition. */
  readonly map: ReadonlyMap<TypeNode, TypeNode>
  readonly ownerOf: (type: TypeNode) => TypeOwner | undefined
}

/**
 * Shapes that differ only in the wrapping, joined without code: a function for an interface with that one function, and an
 * interface for a function that it has. Anything else comes back as it was.
 */
export function adapt(supply: Supply, demand: Extern, name: string, types: AdapterTypes): Supply {
  if (supply.extern.kind === 'function' && demand.kind === 'instance') return wrap(supply, demand, types) ?? supply
  if (supply.extern.kind === 'instance' && demand.kind === 'function') return unwrap(supply, name) ?? supply
  return supply
}

/** A bag with the function under the name that the interface gives it, and the types that the interface takes from elsewhere. */
function wrap(supply: Supply, demand: Extern & { readonly kind: 'instance' }, types: AdapterTypes): Supply | undefined {
  const items: { readonly name: string; readonly source: PlannedSource }[] = []
  const exports = new Map<string, Extern>()
  let functions = 0
  for (const [name, extern] of demand.type.exports) {
    if (extern.kind === 'function') {
      functions++
      items.push({ name, source: supply.source })
      exports.set(name, supply.extern)
      continue
    }
    const of = extern.kind === 'type' && extern.type.kind === 'named' ? types.map.get(extern.type.of) : undefined
    const owner = of && types.ownerOf(of)
    if (!of || !owner) return undefined
    items.push({ name, source: owner })
    exports.set(name, { kind: 'type', type: of, bound: peel(of).kind === 'resource' ? 'resource' : 'eq' })
  }
  if (functions !== 1) return undefined
  return { extern: { kind: 'instance', type: { kind: 'instance', exports } }, source: { kind: 'bag', items } }
}

/** The function of that name inside, or the only one there is. */
function unwrap(supply: Supply, name: string): Supply | undefined {
  if (supply.extern.kind !== 'instance' || supply.source.kind === 'bag') return undefined
  const functions = [...supply.extern.type.exports].filter(([, extern]) => extern.kind === 'function')
  const found =
    functions.find(([each]) => each === shortName(name)) ?? (functions.length === 1 ? functions[0] : undefined)
  if (!found) return undefined
  return { extern: found[1], source: { ...supply.source, path: [...supply.source.path, found[0]] } }
}
