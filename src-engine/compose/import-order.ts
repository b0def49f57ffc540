import type { TypeNode } from '../types/graph.ts'
import { walkExtern } from '../types/walk.ts'
import { planProblem, type PlannedImport, type PlanProblem } from './plan.ts'

/** Puts every import behind those whose types it mentions; otherwise keeps the order. */
export function orderImports(
  imports: readonly PlannedImport[],
  problem: (problem: PlanProblem) => void,
): PlannedImport[] {
  const ownerOf = new Map<TypeNode, PlannedImport>()
  for (const each of imports) ownTypes(each, ownerOf)
  const order: PlannedImport[] = []
  const state = new Map<PlannedImport, 'open' | 'done'>()
  const visit = (each: PlannedImport): void => {
    if (state.get(each) === 'done') return
    if (state.get(each) === 'open') {
      problem(
        planProblem('graph.import-cycle', `the import "${each.name}" needs types of an import that needs its own`, {
          import: each.name,
          hint: 'Wire one of the two to a component.',
        }),
      )
      return
    }
    state.set(each, 'open')
    for (const needed of neededBy(each, ownerOf)) visit(needed)
    state.set(each, 'done')
    order.push(each)
  }
  for (const each of imports) visit(each)
  return order
}

function ownTypes(each: PlannedImport, into: Map<TypeNode, PlannedImport>): void {
  const own = (extern: PlannedImport['extern']): void => {
    if (extern.kind === 'type') into.set(extern.type, each)
    else if (extern.kind === 'instance') for (const inner of extern.type.exports.values()) own(inner)
  }
  own(each.extern)
}

function neededBy(each: PlannedImport, ownerOf: ReadonlyMap<TypeNode, PlannedImport>): Set<PlannedImport> {
  const needed = new Set<PlannedImport>()
  const seen = new Set<TypeNode>()
  walkExtern(each.extern, (type) => {
    if (seen.has(type)) return false
    seen.add(type)
    const owner = ownerOf.get(type)
    if (owner && owner !== each) {
      needed.add(owner)
      return false
    }
    return true
  })
  return needed
}
