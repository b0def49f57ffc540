import type { CompositionGraph } from '../../src-engine/compose/graph.ts'
import type { Tables } from '../state/document.ts'

/**
 * Instances that a text only renamed: of each component exactly one went and one came. Their nodes keep place and groups.
 */
export function renamesBetween(before: CompositionGraph, after: CompositionGraph): ReadonlyMap<string, string> {
  const byPackage = new Map<string, { gone: string[]; come: string[] }>()
  const note = (packageId: string) => {
    const entry = byPackage.get(packageId) ?? { gone: [], come: [] }
    byPackage.set(packageId, entry)
    return entry
  }
  for (const [id, { package: packageId }] of Object.entries(before.instances))
    if (!Object.hasOwn(after.instances, id)) note(packageId).gone.push(id)
  for (const [id, { package: packageId }] of Object.entries(after.instances))
    if (!Object.hasOwn(before.instances, id)) note(packageId).come.push(id)
  const renames = new Map<string, string>()
  for (const { gone, come } of byPackage.values()) {
    const [from] = gone
    const [to] = come
    if (from !== undefined && to !== undefined && gone.length === 1 && come.length === 1) renames.set(from, to)
  }
  return renames
}

/** The tables with places and memberships under the new names. */
export function withRenames(tables: Tables, renames: ReadonlyMap<string, string>): Tables {
  if (renames.size === 0) return tables
  const positions = Object.fromEntries(
    Object.entries(tables.positions).map(([id, place]) => [renames.get(id) ?? id, place]),
  )
  const groups = Object.fromEntries(
    Object.entries(tables.groups).map(([id, group]) => [
      id,
      { ...group, members: group.members.map((member) => renames.get(member) ?? member) },
    ]),
  )
  return { ...tables, positions, groups }
}
