import { matchNames, splitVersion } from '../types/names.ts'
import type { Difference } from './difference.ts'

/** Interfaces of one purpose that a component in between turns into each other. */
const bridged: readonly (readonly [string, string])[] = [
  ['mik:core/handler', 'wasi:http/incoming-handler'],
  ['mik:core/handler', 'wasi:http/handler'],
]

/** A difference with the cause that the names of both sides give away, where they do. Its own hint is kept otherwise. */
export function explainByNames(difference: Difference, supply: string, demand: string): Difference {
  const hint = bridgeHint(supply, demand) ?? versionHint(difference, supply, demand)
  return hint === undefined ? difference : { ...difference, hint }
}

function bridgeHint(supply: string, demand: string): string | undefined {
  const [given, asked] = [splitVersion(supply).base, splitVersion(demand).base]
  const found = bridged.some((pair) => pair.includes(given) && pair.includes(asked)) && given !== asked
  return found ? `A bridge turns "${given}" into "${asked}": add one and wire through it.` : undefined
}

function versionHint(difference: Difference, supply: string, demand: string): string | undefined {
  // Where a resource comes from, and whether functions are asynchronous, says more than the versions do.
  if (difference.reason === 'resource' || difference.reason === 'async' || difference.reason === 'sort')
    return undefined
  const [given, asked] = [splitVersion(supply), splitVersion(demand)]
  if (given.base !== asked.base || given.version === asked.version) return undefined
  const versions = `${given.version ?? 'No version'} is given where ${asked.version ?? 'none'} is asked for`
  switch (matchNames(supply, demand)) {
    case 'older':
      return difference.reason === 'missing-export'
        ? `${versions}: the provider is older than what the consumer was built for. Build it against ${asked.version ?? 'the same version'}.`
        : `${versions}, and the two are not alike here: build both against one version.`
    case 'newer':
      return `${versions}, and the two are not alike here: build both against one version.`
    default:
      return `${versions}: these versions promise no compatibility. Build both against one version.`
  }
}
