import { peel, type TypeNode } from '../types/graph.ts'
import { ownTypes } from './imported-types.ts'
import { planProblem, type PlannedExport, type PlanProblem, type TypeOwner } from './plan.ts'
import { nameWithin } from './provenance.ts'

/**
 * Resources that an export names and hands out while the interface that owns them stays inside: valid, but whoever gets
 * one has a handle without constructor and methods, and a resource of its own where `use` was meant.
 */
export function checkLeaks(
  exports: readonly PlannedExport[],
  owners: ReadonlyMap<TypeNode, TypeOwner>,
  warn: (warning: PlanProblem) => void,
): void {
  /** Does an export give the interface that the resource lives in? */
  const isGiven = (owner: TypeOwner & { readonly kind: 'instance' }) =>
    exports.some(
      ({ source }) =>
        source.kind === 'instance' &&
        source.instance === owner.instance &&
        source.path.every((step, index) => step === owner.path[index]),
    )
  for (const { name, extern } of exports) {
    if (extern.kind !== 'instance') continue
    const told = new Set<TypeNode>()
    ownTypes(extern, (type) => {
      const resource = peel(type)
      const owner = owners.get(resource)
      if (resource.kind !== 'resource' || owner?.kind !== 'instance' || told.has(resource) || isGiven(owner)) return
      told.add(resource)
      const holder = owner.path.slice(0, -1).join(' › ')
      warn(
        planProblem(
          'graph.leaked-resource',
          `the export "${name}" hands out the resource "${nameWithin(resource, owner.path)}" of "${holder}" from "${owner.instance}", which stays inside`,
          { export: name, hint: `Export "${holder}" of "${owner.instance}" as well, so that it can be used.` },
        ),
      )
    })
  }
}
