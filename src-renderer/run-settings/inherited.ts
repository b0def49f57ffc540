/** What a handler or tenant gets while nothing is said of it alone, and from whom. */
import type { HandlerSettings, RunSettings } from '../../src-preload/contract.ts'
import { defaults, limitsOnly, placeOf } from '../../src-preload/run-inheritance.ts'
import { rateText, shown } from './fields.ts'
import { megabyte, mebibyte, type ScopeForm } from './scope-form.ts'

/** Whose settings are looked at. */
export type Scope = { readonly kind: 'common' } | { readonly kind: 'tenants' | 'handlers'; readonly name: string }

/** The text of a field that is left empty, and where it comes from: `default`, `all handlers`, `tenant acme`. */
export interface Inherited {
  readonly text: string
  readonly from: string
}

export type InheritedFields = Readonly<Record<Exclude<keyof ScopeForm, 'ownHosts' | 'ownNet'>, Inherited>>

interface Layer {
  readonly from: string
  readonly settings: HandlerSettings
}

const builtIn: InheritedFields = {
  isolation: said('request'),
  reuse: said(shown(defaults.reuse)),
  timeout: said(shown(defaults.timeout, 1000)),
  memory: said(shown(defaults.memory, mebibyte)),
  maxBody: said(shown(defaults.maxBody, megabyte)),
  concurrency: said(shown(defaults.concurrency)),
  breaker: said('on'),
  failures: said(shown(defaults.failures)),
  open: said(shown(defaults.open, 1000)),
  rate: said('off'),
  clientRate: said('off'),
  environment: said(''),
  secrets: said(''),
  directories: said(''),
  allowHosts: said(''),
  allowNet: said(''),
}

function said(text: string, from = 'default'): Inherited {
  return { text, from }
}

/** Nearest first. */
function layersAbove(settings: RunSettings, scope: Scope): Layer[] {
  if (scope.kind === 'common') return []
  const common: Layer = { from: 'all handlers', settings }
  // Nothing that is granted to all is granted to tenants.
  const limits: Layer = { from: 'all handlers', settings: limitsOnly(settings) }
  if (scope.kind === 'tenants') return [limits]
  const { tenant } = placeOf(scope.name)
  if (tenant === undefined) return [common]
  return [{ from: `tenant ${tenant}`, settings: settings.tenants?.[tenant] ?? {} }, limits]
}

/** What each field inherits. Variables, secrets and directories of all layers add up; of the rest the nearest counts. */
export function inheritedOf(settings: RunSettings, scope: Scope): InheritedFields {
  const layers = layersAbove(settings, scope)
  const nearest = (field: keyof InheritedFields, textOf: (from: HandlerSettings) => string | undefined): Inherited => {
    for (const { from, settings: layer } of layers) {
      const text = textOf(layer)
      if (text !== undefined) return said(text, from)
    }
    return builtIn[field]
  }
  const together = (field: keyof InheritedFields, itemsOf: (from: HandlerSettings) => readonly string[]): Inherited => {
    const found = layers.filter((layer) => itemsOf(layer.settings).length > 0)
    if (found.length === 0) return builtIn[field]
    const items = found.toReversed().flatMap((layer) => itemsOf(layer.settings))
    return said([...new Set(items)].join(', '), found.map(({ from }) => from).join(' and '))
  }
  const number = (value: number | undefined, unit?: number): string | undefined =>
    value === undefined ? undefined : shown(value, unit)
  const names = (table: Readonly<Record<string, string>> | undefined): string[] => Object.keys(table ?? {})
  return {
    isolation: nearest('isolation', ({ isolation }) => isolation),
    reuse: nearest('reuse', ({ reuse }) => number(reuse)),
    timeout: nearest('timeout', ({ timeout }) => number(timeout, 1000)),
    memory: nearest('memory', ({ memory }) => number(memory, mebibyte)),
    maxBody: nearest('maxBody', ({ maxBody }) => number(maxBody, megabyte)),
    concurrency: nearest('concurrency', ({ concurrency }) => number(concurrency)),
    breaker: nearest('breaker', ({ breaker }) => (breaker === undefined ? undefined : breaker ? 'on' : 'off')),
    // Behind a breaker that is off there is nothing to take over.
    failures: nearest('failures', ({ breaker }) =>
      breaker === false ? builtIn.failures.text : number(breaker?.failures),
    ),
    open: nearest('open', ({ breaker }) => (breaker === false ? builtIn.open.text : number(breaker?.open, 1000))),
    rate: nearest('rate', ({ rate }) => (rate === undefined ? undefined : rateText(rate))),
    clientRate: nearest('clientRate', ({ clientRate }) =>
      clientRate === undefined ? undefined : rateText(clientRate),
    ),
    environment: together('environment', ({ environment }) => names(environment)),
    secrets: together('secrets', ({ secrets = [] }) => secrets),
    directories: together('directories', ({ directories }) => names(directories)),
    allowHosts: nearest('allowHosts', ({ allowHosts }) => allowHosts?.join(', ')),
    allowNet: nearest('allowNet', ({ allowNet }) => allowNet?.join(', ')),
  }
}

/** ` · 5 from all handlers`, where it is not the default. */
export function origin(inherited: InheritedFields, field: keyof InheritedFields): string {
  const { text, from } = inherited[field]
  return from === 'default' ? '' : ` · ${text} from ${from}`
}
