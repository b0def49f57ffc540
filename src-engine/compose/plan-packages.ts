import type { CompositionGraph, GraphPackage, InstanceId } from './graph.ts'
import type { DecodedOf, Plan, PlannedImport, PlannedInstance } from './plan.ts'

/** How components that are not embedded are asked for: `unlocked` from a version on, `locked` by version and hash. */
export type DependencyNames = 'unlocked' | 'locked'

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
  dependencies: DependencyNames,
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
      ...(entry.link === 'import' ? { importedAs: dependencyName(entry, dependencies) } : {}),
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

/**
 * The import name of a component that is to be supplied later: any version from the one at hand on, or this version and these
 * bytes only. (Explainer.md, `depname`.)
 */
function dependencyName({ name, version, hash }: GraphPackage, dependencies: DependencyNames): string {
  if (dependencies === 'locked')
    return `locked-dep=<${name}${version === undefined ? '' : `@${version}`}>,integrity=<sha256-${base64Of(hash)}>`
  return version === undefined ? `unlocked-dep=<${name}>` : `unlocked-dep=<${name}@{>=${version}}>`
}

function base64Of(hexadecimal: string): string {
  const bytes = hexadecimal.match(/../g) ?? []
  return btoa(String.fromCharCode(...bytes.map((byte) => Number.parseInt(byte, 16))))
}
