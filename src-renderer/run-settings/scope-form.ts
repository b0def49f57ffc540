/** Limits and grants as text, the way a person fills them in: of all handlers, of a tenant's, of one. Empty = inherited. */
import type { HandlerSettings } from '../../src-preload/contract.ts'
import { isNetPattern, isVariableName, mostReuse, parsePattern } from '../../src-preload/run-words.ts'
import { type Findings, type Pair, linesOf, numberOf, pairsOf, rateOf, rateText, shown, tableOf } from './fields.ts'

export interface ScopeForm {
  readonly isolation: '' | 'request' | 'pool' | 'none'
  /** Requests of one instance; counts with `pool`. */
  readonly reuse: string
  /** Seconds. */
  readonly timeout: string
  /** MiB. */
  readonly memory: string
  /** MB. */
  readonly maxBody: string
  readonly concurrency: string
  readonly breaker: '' | 'on' | 'off'
  readonly failures: string
  /** Seconds. */
  readonly open: string
  readonly rate: string
  readonly clientRate: string
  readonly environment: readonly Pair[]
  /** Names, one a line. */
  readonly secrets: string
  /** Guest path → directory. */
  readonly directories: readonly Pair[]
  /** Whether the list stands in place of an inherited one, also when it is empty. */
  readonly ownHosts: boolean
  /** Patterns, one a line. */
  readonly allowHosts: string
  readonly ownNet: boolean
  /** Patterns for sockets, one a line. */
  readonly allowNet: string
}

export const mebibyte = 1024 * 1024
export const megabyte = 1e6

export function scopeFormOf(settings: HandlerSettings): ScopeForm {
  const { breaker, allowHosts, allowNet } = settings
  return {
    isolation: settings.isolation ?? '',
    reuse: shown(settings.reuse),
    timeout: shown(settings.timeout, 1000),
    memory: shown(settings.memory, mebibyte),
    maxBody: shown(settings.maxBody, megabyte),
    concurrency: shown(settings.concurrency),
    breaker: breaker === false ? 'off' : breaker && Object.keys(breaker).length === 0 ? 'on' : '',
    failures: breaker ? shown(breaker.failures) : '',
    open: breaker ? shown(breaker.open, 1000) : '',
    rate: rateText(settings.rate),
    clientRate: rateText(settings.clientRate),
    environment: pairsOf(settings.environment),
    secrets: (settings.secrets ?? []).join('\n'),
    directories: pairsOf(settings.directories),
    ownHosts: allowHosts !== undefined,
    allowHosts: (allowHosts ?? []).join('\n'),
    ownNet: allowNet !== undefined,
    allowNet: (allowNet ?? []).join('\n'),
  }
}

/** What the form says; what is not said is left out. Findings have the key `prefix.field`. */
export function scopeOf(form: ScopeForm, prefix: string, findings: Findings): HandlerSettings {
  const wrong = (field: keyof ScopeForm) => (text: string) => findings.wrong(`${prefix}.${field}`, text)
  const number = (
    field: 'reuse' | 'timeout' | 'memory' | 'maxBody' | 'concurrency' | 'failures' | 'open',
    unit: number,
    bounds = {},
  ) => numberOf(form[field], unit, bounds, wrong(field))
  const list = (
    field: 'secrets' | 'allowHosts' | 'allowNet',
    fits: (item: string) => boolean,
    next: string,
  ): string[] => {
    const items = linesOf(form[field])
    const bad = items.find((item) => !fits(item))
    if (bad !== undefined) wrong(field)(`"${bad}" ${next}`)
    return [...new Set(items)]
  }
  const secrets = list('secrets', isVariableName, 'is no name: the value comes from the environment of Patchbay')
  const hosts = list(
    'allowHosts',
    (item) => parsePattern(item) !== undefined,
    'is no host: write *, a name or *.domain, each with an optional :port',
  )
  const net = list(
    'allowNet',
    isNetPattern,
    'is no target: write *, a name, an address or *.domain, each with an optional :port, or listen:PORT',
  )
  const told: HandlerSettings = {
    isolation: form.isolation === '' ? undefined : form.isolation,
    reuse: number('reuse', 1, { most: mostReuse, whole: true }),
    timeout: number('timeout', 1000),
    memory: number('memory', mebibyte, { most: 4096 }),
    maxBody: number('maxBody', megabyte),
    concurrency: number('concurrency', 1, { whole: true }),
    breaker: breakerOf(form.breaker, number('failures', 1, { whole: true }), number('open', 1000)),
    rate: rateOf(form.rate, wrong('rate')),
    clientRate: rateOf(form.clientRate, wrong('clientRate')),
    environment: tableOf(form.environment, `${prefix}.environment`, findings, {
      name: (name) => (isVariableName(name) ? undefined : 'A name without spaces and ='),
      noName: 'The name is missing',
    }),
    secrets: secrets.length === 0 ? undefined : secrets,
    directories: tableOf(form.directories, `${prefix}.directories`, findings, {
      name: (name) => (name.startsWith('/') ? undefined : 'A path in the guest begins with /'),
      noName: 'Where the guest finds it, such as /data',
      noValue: 'Which folder it is',
    }),
    allowHosts: form.ownHosts ? hosts : undefined,
    allowNet: form.ownNet ? net : undefined,
  }
  return withoutGaps(told)
}

function breakerOf(
  state: ScopeForm['breaker'],
  failures: number | undefined,
  open: number | undefined,
): HandlerSettings['breaker'] {
  if (state === 'off') return false
  const parts = { ...(failures === undefined ? {} : { failures }), ...(open === undefined ? {} : { open }) }
  return state === 'on' || Object.keys(parts).length > 0 ? parts : undefined
}

/** Without the keys that say nothing. */
export function withoutGaps<Value extends object>(value: Value): Value {
  const kept = { ...value }
  for (const key in kept) if (kept[key] === undefined) delete kept[key]
  return kept
}
