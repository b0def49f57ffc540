import type { ComponentType, Extern, TypeNode } from '../types/graph.ts'
import { compareVersions, matchNames, splitVersion } from '../types/names.ts'
import { bindTypes, Substitution } from '../types/substitute.ts'
import { describeExtern } from '../wit/print-types.ts'
import { checkBound, openTypes } from './check.ts'
import type { Difference } from './difference.ts'

/** One thing that keeps a component out of a world. */
export interface TargetFailure {
  readonly side: 'import' | 'export'
  readonly name: string
  /** Nothing of that name is there, or what is there differs. */
  readonly difference?: Difference
  /** What was asked for, in words. */
  readonly wanted: string
}

export interface TargetOptions {
  /** `exact`: versions must be equal; `compatible` (default): as hosts match them, 0.2.0 with 0.2.12. */
  readonly versions?: 'exact' | 'compatible'
}

/**
 * May a component run in a world? It may import only what the world offers, and must export all that the world asks for.
 * An empty list means yes. (As `wac targets` and `wasm-tools component targets`.)
 */
export function checkTarget(
  component: ComponentType,
  world: ComponentType,
  options: TargetOptions = {},
): TargetFailure[] {
  const failures: TargetFailure[] = []
  const find = (externs: ReadonlyMap<string, Extern>, name: string): Extern | undefined => {
    const exact = externs.get(name)
    if (exact || options.versions === 'exact') return exact
    const compatible = [...externs.keys()].filter((candidate) => matchNames(candidate, name) !== 'no')
    const best = compatible
      .sort((left, right) => compareVersions(splitVersion(left).version, splitVersion(right).version))
      .at(-1)
    return best === undefined ? undefined : externs.get(best)
  }
  const judge = (
    side: 'import' | 'export',
    name: string,
    supply: Extern | undefined,
    demand: Extern,
    map: Map<TypeNode, TypeNode>,
  ) => {
    const wanted = describeExtern(demand)
    if (!supply) {
      failures.push({ side, name, wanted })
      return
    }
    const open = new Map([...map, ...openTypes(demand, supply)])
    const [difference] = checkBound(supply, new Substitution(open).extern(demand), { limit: 1 })
    if (difference) failures.push({ side, name, wanted, difference })
    bindTypes(demand, supply, (from, to) => map.set(from, to))
  }
  // The world supplies the component's imports …
  const given = new Map<TypeNode, TypeNode>()
  for (const [name, extern] of component.imports) judge('import', name, find(world.imports, name), extern, given)
  // … and the component, in the world's terms, supplies the world's exports.
  const inWorld = new Substitution(given)
  const asked = new Map<TypeNode, TypeNode>()
  for (const [name, extern] of world.exports) {
    const supply = find(component.exports, name)
    judge('export', name, supply && inWorld.extern(supply), extern, asked)
  }
  return failures
}
