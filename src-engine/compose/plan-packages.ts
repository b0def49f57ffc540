import type { CompositionGraph, InstanceId } from './graph.ts'
import type { DecodedOf, Plan, PlannedImport, PlannedInstance } from './plan.ts'

/** The components that a composition is made of. */
export interface PlannedPackages {
  /** In first-use order, equal bytes once. */
  readonly list: Plan['packages']
  /** The imports of those that are not embedded. */
  imports(decodedOf: DecodedOf): PlannedImport[]
}

export function planPackages(
  graph: CompositionGraph,
  order: readonly InstanceId[],
  instances: ReadonlyMap<InstanceId, PlannedInstance>,
): PlannedPackages {
  const list = new Map<string, Plan['packages'][number]>()
  const users = new Map<string, InstanceId[]>()
  for (const instance of order) {
    const planned = instances.get(instance)
    const entry = planned && graph.packages[planned.package]
    if (!entry) continue
    const { hash, name, version } = entry
    users.set(hash, [...(users.get(hash) ?? []), instance])
    if (list.has(hash)) continue
    list.set(hash, {
      id: planned.package,
      hash,
      name,
      ...(version === undefined ? {} : { version }),
      ...(entry.link === 'import' ? { importedAs: dependencyName(name, version) } : {}),
    })
  }
  return {
    list: [...list.values()],
    imports: (decodedOf) =>
      [...list.values()].flatMap(({ hash, importedAs }): PlannedImport[] => {
        const type = decodedOf(hash)?.type
        if (importedAs === undefined || !type) return []
        const wantedBy = (users.get(hash) ?? []).map((instance) => ({ instance, name: importedAs }))
        return [{ name: importedAs, extern: { kind: 'component', type }, wantedBy, host: false, explicit: false }]
      }),
  }
}

/** The import name of a component that is to be supplied later, as other composers write it. (Explainer.md, `depname`.) */
function dependencyName(name: string, version: string | undefined): string {
  return version === undefined ? `unlocked-dep=<${name}>` : `unlocked-dep=<${name}@{>=${version}}>`
}
