/** Between a chosen target world and what a script calls it. */
import { compareVersions, splitVersion } from '../../src-engine/types/names.ts'
import { sameTarget, targetOf } from '../../src-engine/wac/target.ts'
import { type Tables, type TargetChoice, scriptPlace } from '../state/document.ts'

/** What a script writes after `targets`; undefined for the world of a component, which has no name there. */
export function targetName(choice: TargetChoice | undefined): string | undefined {
  return choice?.world?.includes('/') === true ? choice.world : undefined
}

/** Where there is WIT, and the full names of its worlds. */
export interface WorldPlace {
  readonly id: string
  readonly worlds: readonly string[]
}

/** The target of a composition after a text was typed: as it was where the text means the same. */
export function targetAfter(text: string, before: Tables['target'], places: readonly WorldPlace[]): Tables['target'] {
  const said = targetOf(text)
  const known = targetName(before['world'])
  if (said === undefined) return known === undefined ? before : {}
  if (known !== undefined && sameTarget(known, said)) return before
  const found = places
    .flatMap(({ id, worlds }) => worlds.map((world): TargetChoice => ({ place: id, world })))
    .filter(({ world = '' }) => sameTarget(world, said))
    .sort((left, right) =>
      compareVersions(splitVersion(right.world ?? '').version, splitVersion(left.world ?? '').version),
    )
  const exact = before['world']?.exact === true ? { exact: true } : {}
  return { world: { ...(found[0] ?? { place: scriptPlace, world: said }), ...exact } }
}
