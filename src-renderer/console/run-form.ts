import type { RunSettings } from '../../src-preload/contract.ts'

/** The fields of the run settings as text, the way a person fills them in. Empty = the default. */
export interface RunForm {
  readonly port: string
  readonly isolation: '' | 'pool' | 'none'
  readonly engine: '' | 'direct' | 'jco'
  /** Seconds. */
  readonly timeout: string
  /** MiB. */
  readonly memory: string
  /** MB. */
  readonly maxBody: string
  readonly concurrency: string
  readonly breaks: boolean
  readonly failures: string
  /** Seconds. */
  readonly open: string
  readonly rate: string
  readonly clientRate: string
  /** `NAME=VALUE` lines. */
  readonly environment: string
  /** Names, one a line. */
  readonly secrets: string
  /** `GUEST=HOST` lines. */
  readonly directories: string
  /** Patterns, one a line. */
  readonly allowHosts: string
  /** Patterns for sockets, one a line. */
  readonly allowNet: string
  /** `PREFIX=DIRECTORY` lines. */
  readonly static: string
  readonly compression: boolean
  readonly ownRoutes: boolean
}

export type RunFormErrors = Partial<Record<keyof RunForm, string>>

const mebibyte = 1024 * 1024
const shown = (value: number | undefined, unit = 1): string =>
  value === undefined ? '' : String(Number((value / unit).toFixed(3)))
const pairs = (table: Readonly<Record<string, string>> | undefined): string =>
  Object.entries(table ?? {})
    .map(([name, value]) => `${name}=${value}`)
    .join('\n')
const rateText = (rate: RunSettings['rate']): string =>
  rate ? `${rate.perSecond}${rate.burst === undefined ? '' : `:${rate.burst}`}` : ''

export function formOf(settings: RunSettings): RunForm {
  const { breaker } = settings
  return {
    port: settings.port ? String(settings.port) : '',
    isolation: settings.isolation === undefined || settings.isolation === 'request' ? '' : settings.isolation,
    engine: settings.engine === undefined || settings.engine === 'auto' ? '' : settings.engine,
    timeout: shown(settings.timeout, 1000),
    memory: shown(settings.memory, mebibyte),
    maxBody: shown(settings.maxBody, 1e6),
    concurrency: shown(settings.concurrency),
    breaks: breaker !== false,
    failures: breaker ? shown(breaker.failures) : '',
    open: breaker ? shown(breaker.open, 1000) : '',
    rate: rateText(settings.rate),
    clientRate: rateText(settings.clientRate),
    environment: pairs(settings.environment),
    secrets: (settings.secrets ?? []).join('\n'),
    directories: pairs(settings.directories),
    allowHosts: (settings.allowHosts ?? []).join('\n'),
    allowNet: (settings.allowNet ?? []).join('\n'),
    static: pairs(settings.static),
    compression: settings.compression ?? true,
    ownRoutes: settings.ownRoutes ?? true,
  }
}

/** What the form says, over settings it does not show (handlers, tenants, rules); or what is wrong, by field. */
export function settingsOf(
  form: RunForm,
  before: RunSettings,
): { readonly settings: RunSettings; readonly errors: RunFormErrors } {
  const errors: Partial<Record<keyof RunForm, string>> = {}
  const number = (
    field: keyof RunForm,
    unit: number,
    bounds: { most?: number; whole?: boolean } = {},
  ): number | undefined => {
    const text = String(form[field]).trim()
    if (text === '') return undefined
    const value = Number(text)
    const fits = value > 0 && value <= (bounds.most ?? 1e12) && (!bounds.whole || Number.isInteger(value))
    if (!fits)
      errors[field] = `A ${bounds.whole ? 'whole ' : ''}number above 0${bounds.most ? `, at most ${bounds.most}` : ''}`
    return fits ? Math.round(value * unit) : undefined
  }
  const list = (field: keyof RunForm, pattern: RegExp, wrong: string): string[] | undefined => {
    const items = linesOf(String(form[field]))
    const bad = items.find((item) => !pattern.test(item))
    if (bad !== undefined) errors[field] = `${bad}: ${wrong}`
    return items.length === 0 ? undefined : items
  }
  const table = (field: keyof RunForm, key: RegExp, wrong: string): Record<string, string> | undefined => {
    const entries = linesOf(String(form[field])).map((line): [string, string] => {
      const at = line.indexOf('=')
      return at < 0 ? [line, ''] : [line.slice(0, at).trim(), line.slice(at + 1)]
    })
    const bad = entries.find(([name]) => !key.test(name))
    if (bad || linesOf(String(form[field])).some((line) => !line.includes('='))) errors[field] = wrong
    return entries.length === 0 ? undefined : Object.fromEntries(entries)
  }
  const rate = (field: 'rate' | 'clientRate'): RunSettings['rate'] => {
    const text = form[field].trim()
    if (text === '') return undefined
    const match = /^(\d+(?:\.\d+)?)(?::([1-9]\d*))?$/.exec(text)
    if (match && Number(match[1]) > 0)
      return { perSecond: Number(match[1]), ...(match[2] === undefined ? {} : { burst: Number(match[2]) }) }
    errors[field] = 'Requests a second such as 100, or 100:20 with a burst'
    return undefined
  }
  const failures = number('failures', 1, { whole: true })
  const open = number('open', 1000)
  const breaker: RunSettings['breaker'] = !form.breaks
    ? false
    : failures === undefined && open === undefined
      ? undefined
      : { ...(failures === undefined ? {} : { failures }), ...(open === undefined ? {} : { open }) }
  const told: RunSettings = {
    port: number('port', 1, { most: 65_535, whole: true }),
    isolation: form.isolation === '' ? undefined : form.isolation,
    engine: form.engine === '' ? undefined : form.engine,
    timeout: number('timeout', 1000),
    memory: number('memory', mebibyte, { most: 4096 }),
    maxBody: number('maxBody', 1e6),
    concurrency: number('concurrency', 1, { whole: true }),
    breaker,
    rate: rate('rate'),
    clientRate: rate('clientRate'),
    environment: table('environment', /^[^=\s]+$/, 'One NAME=VALUE a line'),
    secrets: list('secrets', /^[^=\s]+$/, 'a name only; its value comes from the environment'),
    directories: table('directories', /^\//, 'One /in/the/guest=directory a line'),
    allowHosts: list('allowHosts', /^\S+$/, 'write *, host or *.domain, each with an optional :port'),
    allowNet: list('allowNet', /^\S+$/, 'write *, host or *.domain, each with an optional :port, or listen:PORT'),
    static: table('static', /^\/[^\s%?#]*$/, 'One /prefix=directory a line'),
    compression: form.compression ? undefined : false,
    ownRoutes: form.ownRoutes ? undefined : false,
  }
  const settings = Object.fromEntries(Object.entries({ ...before, ...told }).filter(([, value]) => value !== undefined))
  return { settings, errors }
}

const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
