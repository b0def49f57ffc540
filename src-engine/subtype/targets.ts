import type { ComponentType, Extern, TypeNode } from '../types/graph.ts'
import { compareVersions, matchNames, splitVersion } from '../types/names.ts'
import { bindTypes, Substitution } from '../types/substitute.ts'
import { describeExtern } from '../wit/print-types.ts'
import { checkBound, openExports, openTypes } from './check.ts'
import { describeDifference, type Difference } from './difference.ts'
import { explainByNames } from './hints.ts'

/** One thing that keeps a component out of a world. */
export interface TargetFailure {
  readonly side: 'import' | 'export'
  readonly name: string
  /** Nothing of that name is there, or what is there differs. */
  readonly difference?: Difference
  /** What was asked for, in words. */
  readonly wanted: string
  /** What usually causes this, and what to do. */
  readonly hint?: string
}

export interface TargetOptions {
  /** `exact`: versions must be equal; `compatible` (default): as hosts match them, 0.2.0 with 0.2.12. */
  readonly versions?: 'exact' | 'compatible'
}

/** One import or export, of the component, the world or both, and how the two agree on it. */
export interface FitItem {
  readonly side: 'import' | 'export'
  /** As the component calls it; as the world does where the component has none. */
  readonly name: string
  /** As the world calls it, when that is another version. */
  readonly worldName?: string
  /**
   * `fits`: both have it and it agrees. `differs`: both have it, it does not. `missing`: the world asks for this export,
   * or the component for this import, and the other has none. `spare`: offered and not used; nothing is wrong with that.
   */
  readonly state: 'fits' | 'differs' | 'missing' | 'spare'
  /** What was asked for, in words. */
  readonly wanted: string
  readonly difference?: Difference
  /** What usually causes a difference or a lack, and what to do. */
  readonly hint?: string
}

/** What there is to say of an item, in a sentence; nothing of one that fits under the same name. */
export function describeFit({ side, state, worldName, difference }: FitItem): string | undefined {
  switch (state) {
    case 'differs':
      return difference ? describeDifference(difference) : 'It differs from what the world has.'
    case 'missing':
      return side === 'import'
        ? 'The world does not offer it.'
        : 'The world asks for it, and nothing is exported under this name.'
    case 'spare':
      return side === 'import' ? 'Offered, not used.' : 'The world does not ask for it.'
    case 'fits':
      return worldName === undefined ? undefined : `as ${worldName}`
  }
}

/**
 * How a component and a world agree, item by item: imports in the component's order and then what the world offers beyond
 * them, exports in the world's order and then what the component has beyond them. The component fits when nothing is
 * `missing` and nothing `differs`. (As `wac targets` and `wasm-tools component targets`.)
 */
export function fitWorld(component: ComponentType, world: ComponentType, options: TargetOptions = {}): FitItem[] {
  const items: FitItem[] = []
  const find = (externs: ReadonlyMap<string, Extern>, name: string): string | undefined => {
    if (externs.has(name) || options.versions === 'exact') return externs.has(name) ? name : undefined
    return [...externs.keys()]
      .filter((candidate) => matchNames(candidate, name) !== 'no')
      .sort((left, right) => compareVersions(splitVersion(left).version, splitVersion(right).version))
      .at(-1)
  }
  const judge = (
    base: Pick<FitItem, 'side' | 'name' | 'worldName'>,
    supply: Extern | undefined,
    demand: Extern,
    map: Map<TypeNode, TypeNode>,
  ) => {
    const wanted = describeExtern(demand)
    if (!supply) {
      const offers = base.side === 'import' ? world.imports : component.exports
      items.push({ ...base, state: 'missing', wanted, ...versionHint(base, offers.keys()) })
      return
    }
    // The world is a component's own where one is given as the world: what it makes itself is open.
    const taken = base.side === 'export' ? openExports(demand, supply, world) : openTypes(demand, supply)
    const open = new Map([...map, ...taken])
    const [found] = checkBound(supply, new Substitution(open).extern(demand), { limit: 1 })
    if (found) {
      const { name, worldName = name } = base
      const [given, asked] = base.side === 'import' ? [worldName, name] : [name, worldName]
      const difference = explainByNames(found, given, asked)
      const { hint } = difference
      items.push({ ...base, state: 'differs', wanted, difference, ...(hint === undefined ? {} : { hint }) })
    } else items.push({ ...base, state: 'fits', wanted })
    bindTypes(demand, supply, (from, to) => map.set(from, to))
  }
  const named = (side: FitItem['side'], name: string, worldName: string | undefined) =>
    worldName === undefined || worldName === name ? { side, name } : { side, name, worldName }
  // The world supplies the component's imports …
  const given = new Map<TypeNode, TypeNode>()
  const used = new Set<string>()
  for (const [name, extern] of component.imports) {
    const offered = find(world.imports, name)
    if (offered !== undefined) used.add(offered)
    judge(named('import', name, offered), world.imports.get(offered ?? ''), extern, given)
  }
  for (const [name, extern] of world.imports)
    if (!used.has(name)) items.push({ side: 'import', name, state: 'spare', wanted: describeExtern(extern) })
  // … and the component, in the world's terms, supplies the world's exports.
  const inWorld = new Substitution(given)
  const asked = new Map<TypeNode, TypeNode>()
  const served = new Set<string>()
  for (const [worldName, extern] of world.exports) {
    const name = find(component.exports, worldName)
    if (name !== undefined) served.add(name)
    const supply = component.exports.get(name ?? '')
    judge(named('export', name ?? worldName, worldName), supply && inWorld.extern(supply), extern, asked)
  }
  for (const [name, extern] of component.exports)
    if (!served.has(name)) items.push({ side: 'export', name, state: 'spare', wanted: describeExtern(extern) })
  return items
}

/**
 * May a component run in a world? It may import only what the world offers, and must export all that the world asks for.
 * An empty list means yes. Names are those of the side that asks.
 */
export function checkTarget(
  component: ComponentType,
  world: ComponentType,
  options: TargetOptions = {},
): TargetFailure[] {
  return fitWorld(component, world, options).flatMap(({ worldName, state, ...item }) => {
    if (state === 'fits' || state === 'spare') return []
    return [{ ...item, name: item.side === 'export' ? (worldName ?? item.name) : item.name }]
  })
}

/** Another version of what is missing is there: why that will not do. */
function versionHint({ side, name }: Pick<FitItem, 'side' | 'name'>, offers: Iterable<string>): { hint?: string } {
  const { base } = splitVersion(name)
  const other = [...offers].find((offered) => splitVersion(offered).base === base)
  if (other === undefined) return {}
  const who = side === 'import' ? 'The world offers' : 'The component exports'
  return {
    hint:
      matchNames(other, name) === 'no'
        ? `${who} ${other}: these versions promise no compatibility. Build both against one version.`
        : `${who} ${other}, which would do if versions need not be equal.`,
  }
}
