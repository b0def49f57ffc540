/** Names of imports and exports: their grammar, their versions, and when two of them mean the same thing. */

/** A name taken apart. (Component Model, Explainer.md, "Import and Export Definitions".) */
export type ExternName =
  | { readonly kind: 'interface'; readonly package: string; readonly interface: string; readonly version?: string }
  | { readonly kind: 'label'; readonly label: string }
  | { readonly kind: 'constructor' | 'method' | 'static'; readonly resource: string; readonly function: string }
  /** `url=<…>`, `unlocked-dep=<…>` and the like: carried, never created. */
  | { readonly kind: 'opaque'; readonly text: string }

/** Takes a name apart; anything outside the grammar is opaque. */
export function parseName(name: string): ExternName {
  const member = /^\[(?:async )?(constructor|method|static)\]([^.]+)(?:\.(.+))?$/.exec(name)
  if (member) {
    const [, kind, resource = '', member2 = ''] = member
    return {
      kind: kind === 'constructor' ? 'constructor' : kind === 'method' ? 'method' : 'static',
      resource,
      function: member2,
    }
  }
  const face = /^([^/=<>@\s]+:[^/=<>@\s]+)\/([^@=<>\s]+)(?:@(.+))?$/.exec(name)
  if (face) {
    const [, packageName = '', interfaceName = '', version] = face
    return {
      kind: 'interface',
      package: packageName,
      interface: interfaceName,
      ...(version === undefined ? {} : { version }),
    }
  }
  return /[=<>:/]/.test(name) ? { kind: 'opaque', text: name } : { kind: 'label', label: name }
}

/** `wasi:http/types@0.2.3` → name without version, and the version. */
export function splitVersion(name: string): { readonly base: string; readonly version?: string } {
  const parsed = parseName(name)
  if (parsed.kind !== 'interface' || parsed.version === undefined) return { base: name }
  return { base: name.slice(0, name.length - parsed.version.length - 1), version: parsed.version }
}

interface Version {
  readonly numbers: readonly [number, number, number]
  readonly prerelease: readonly string[]
}

function parseVersion(text: string): Version | undefined {
  const match = /^(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?$/.exec(text)
  if (!match) return undefined
  const [, major, minor, patch, prerelease] = match
  return { numbers: [Number(major), Number(minor), Number(patch)], prerelease: prerelease?.split('.') ?? [] }
}

/**
 * What compatible versions have in common: the major, `0.minor` below 1.0. Undefined where only the exact version is
 * compatible: `0.0.z`, prereleases, unversioned names.
 */
export function trackOf(name: string): string | undefined {
  const { base, version } = splitVersion(name)
  // A canonical version says no more than the track; what it leaves out is an attribute of the name.
  if (/^(?:[1-9]\d*|0\.[1-9]\d*)$/.test(version ?? '')) return name
  const parsed = version === undefined ? undefined : parseVersion(version)
  if (!parsed || parsed.prerelease.length > 0) return undefined
  const [major, minor] = parsed.numbers
  if (major > 0) return `${base}@${major}`
  return minor > 0 ? `${base}@0.${minor}` : undefined
}

/** Semantic versioning precedence: negative, zero or positive; text that is no version comes first. */
export function compareVersions(left: string | undefined, right: string | undefined): number {
  const a = left === undefined ? undefined : parseVersion(left)
  const b = right === undefined ? undefined : parseVersion(right)
  if (!a || !b) return a ? 1 : b ? -1 : 0
  for (let index = 0; index < 3; index++) {
    const difference = (a.numbers[index] ?? 0) - (b.numbers[index] ?? 0)
    if (difference !== 0) return difference
  }
  if (a.prerelease.length === 0 || b.prerelease.length === 0) return b.prerelease.length - a.prerelease.length
  for (let index = 0; index < Math.max(a.prerelease.length, b.prerelease.length); index++) {
    const one = a.prerelease[index]
    const other = b.prerelease[index]
    if (one === undefined || other === undefined) return one === undefined ? -1 : 1
    if (one === other) continue
    const numeric = [/^\d+$/.test(one), /^\d+$/.test(other)] as const
    if (numeric[0] && numeric[1]) return Number(one) - Number(other)
    if (numeric[0] !== numeric[1]) return numeric[0] ? -1 : 1
    return one < other ? -1 : 1
  }
  return 0
}

export type NameMatch = 'exact' | 'newer' | 'older' | 'no'

/** Does the export name `supply` serve the import name `demand`? `newer` and `older` say how the supply's version stands to the demand's. */
export function matchNames(supply: string, demand: string): NameMatch {
  if (supply === demand) return 'exact'
  const track = trackOf(supply)
  if (track === undefined || track !== trackOf(demand)) return 'no'
  return compareVersions(splitVersion(supply).version, splitVersion(demand).version) < 0 ? 'older' : 'newer'
}

/**
 * The key under which names of one import or export list must differ: lower case, `[method]a.a` collides with `a`,
 * constructors stand apart. (Explainer.md, "Strongly-unique".)
 */
export function strongKey(name: string): string {
  const lower = name.toLowerCase()
  const member = /^\[(?:method|static)\](.+)$/.exec(lower)
  if (!member) return lower
  const [resource, label] = (member[1] ?? '').split('.')
  return resource === label ? (resource ?? '') : `${resource}.${label}`
}

/** `wasi:…` interfaces come from the host. */
export function isHostName(name: string): boolean {
  return name.startsWith('wasi:')
}

/** A name short enough for a port: `incoming-handler` of `wasi:http/incoming-handler@0.2.0`. */
export function shortName(name: string): string {
  const parsed = parseName(name)
  return parsed.kind === 'interface' ? parsed.interface : name
}
