/** Which settings hold for which handler: common ones, a tenant's, its own. */
import type { HandlerSettings, RunSettings } from './running.ts'

/** Defaults of every limit; bytes and milliseconds. */
export const defaults = {
  timeout: 30_000,
  memory: 128 * 1024 * 1024,
  maxBody: 10_000_000,
  concurrency: 100,
  /** Requests one instance serves with `pool`. */
  reuse: 100,
  /** Failures in a row. */
  failures: 5,
  /** For how long a breaker is open. */
  open: 30_000,
} as const

/** A handler's place: its own name, and the tenant it belongs to. */
export interface HandlerPlace {
  readonly name: string
  readonly tenant?: string | undefined
}

/** What a handler is called on the outside, unique among all: `name`, or `tenant/name`. */
export const fullName = ({ name, tenant }: HandlerPlace): string => (tenant === undefined ? name : `${tenant}/${name}`)

/** The place that a full name stands for. */
export function placeOf(full: string): HandlerPlace {
  const slash = full.indexOf('/')
  return slash < 0 ? { name: full } : { tenant: full.slice(0, slash), name: full.slice(slash + 1) }
}

/** The settings that hold for one handler. */
export function settingsOf(settings: RunSettings, place: HandlerPlace): HandlerSettings {
  return merge(inheritedBy(settings, place), settings.handlers?.[fullName(place)])
}

/** What holds for a handler as long as nothing is said of it alone. A tenant's handlers get the common limits, but none of the common grants. */
export function inheritedBy(settings: RunSettings, place: Pick<HandlerPlace, 'tenant'>): HandlerSettings {
  if (place.tenant === undefined) return settings
  return merge(limitsOnly(settings), settings.tenants?.[place.tenant])
}

/** The settings without what they grant. */
export function limitsOnly(settings: HandlerSettings): HandlerSettings {
  const { environment: _, secrets: __, directories: ___, allowHosts: ____, allowNet: _____, ...limits } = settings
  return limits
}

/** What is said later replaces what was said before; environment, directories and secrets add up, and so do the parts of a breaker. */
function merge(base: HandlerSettings, over: HandlerSettings | undefined): HandlerSettings {
  if (!over) return base
  const given = Object.fromEntries(Object.entries(over).filter(([, value]) => value !== undefined))
  return {
    ...base,
    ...given,
    ...(base.breaker && over.breaker ? { breaker: { ...base.breaker, ...over.breaker } } : {}),
    environment: { ...base.environment, ...over.environment },
    directories: { ...base.directories, ...over.directories },
    secrets: [...new Set([...(base.secrets ?? []), ...(over.secrets ?? [])])],
  }
}
