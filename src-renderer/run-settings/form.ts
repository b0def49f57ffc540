/** The run settings of a project as a form: everything of it is text or a choice, and nothing is lost while it is wrong. */
import type { RunSettings } from '../../src-preload/contract.ts'
import { isHandlerName, isStaticPrefix, parseRule } from '../../src-preload/run-words.ts'
import { PatchbayError } from '../../src-engine/error.ts'
import { type Errors, Findings, type Pair, numberOf, pair, pairsOf, tableOf } from './fields.ts'
import { type ScopeForm, scopeFormOf, scopeOf, withoutGaps } from './scope-form.ts'

/** What differs for one handler or tenant. */
export interface Exception {
  readonly id: number
  readonly name: string
  readonly form: ScopeForm
}

export interface RunForm {
  readonly common: ScopeForm
  readonly port: string
  readonly engine: '' | 'direct' | 'jco'
  /** Serve the components of the project beside the composition. */
  readonly components: boolean
  readonly compression: boolean
  readonly ownRoutes: boolean
  /** Prefix → folder. */
  readonly static: readonly Pair[]
  /** `HOST/PATH` → handler. */
  readonly rules: readonly Pair[]
  readonly tenantFolder: string
  readonly tenants: readonly Exception[]
  readonly handlers: readonly Exception[]
}

export const exceptionFor = (name: string, settings = {}): Exception => ({
  id: pair().id,
  name,
  form: scopeFormOf(settings),
})

const exceptionsOf = (table: RunSettings['handlers']): Exception[] =>
  Object.entries(table ?? {}).map(([name, settings]) => exceptionFor(name, settings))

export function formOf(settings: RunSettings): RunForm {
  // What is common has nobody to inherit from: a list that is empty is none, and fresh instances are the default.
  const common = scopeFormOf(settings)
  return {
    common: {
      ...common,
      isolation: common.isolation === 'request' ? '' : common.isolation,
      ownHosts: true,
      ownNet: true,
    },
    port: settings.port ? String(settings.port) : '',
    engine: settings.engine === undefined || settings.engine === 'auto' ? '' : settings.engine,
    components: settings.components ?? false,
    compression: settings.compression ?? true,
    ownRoutes: settings.ownRoutes ?? true,
    static: pairsOf(settings.static),
    rules: pairsOf(settings.rules),
    tenantFolder: settings.tenantFolder ?? '',
    tenants: exceptionsOf(settings.tenants),
    handlers: exceptionsOf(settings.handlers),
  }
}

export interface ReadForm {
  readonly settings: RunSettings
  /** What is wrong as it stands, by field. */
  readonly errors: Errors
  /** What is still to be filled in. */
  readonly missing: Errors
}

/** What the form says. Fields that are wrong are left out of the settings: they are not to be saved then. */
export function settingsOf(form: RunForm): ReadForm {
  const findings = new Findings()
  const { allowHosts = [], allowNet = [], ...common } = scopeOf(form.common, 'common', findings)
  const settings: RunSettings = {
    ...common,
    allowHosts: allowHosts.length > 0 ? allowHosts : undefined,
    allowNet: allowNet.length > 0 ? allowNet : undefined,
    port: numberOf(form.port, 1, { most: 65_535, whole: true }, (text) => findings.wrong('port', text)),
    engine: form.engine === '' ? undefined : form.engine,
    components: form.components ? true : undefined,
    compression: form.compression ? undefined : false,
    ownRoutes: form.ownRoutes ? undefined : false,
    static: tableOf(form.static, 'static', findings, {
      name: (name) => (isStaticPrefix(name) ? undefined : 'A path such as /assets, plain letters only'),
      noName: 'The path, such as /assets',
      noValue: 'Which folder it is',
    }),
    rules: tableOf(form.rules, 'rules', findings, {
      name: ruleProblem,
      noName: 'A host, a path or both, such as api.localhost/ or /v2',
      noValue: 'Which handler it leads to',
    }),
    tenantFolder: form.tenantFolder.trim() === '' ? undefined : form.tenantFolder.trim(),
    tenants: exceptionTable(form.tenants, 'tenants', findings),
    handlers: exceptionTable(form.handlers, 'handlers', findings),
  }
  return { settings: withoutGaps(settings), errors: findings.errors, missing: findings.missing }
}

/** Why this is no host or path of a rule. */
function ruleProblem(pattern: string): string | undefined {
  try {
    parseRule(pattern, 'handler')
    return undefined
  } catch (thrown) {
    if (!(thrown instanceof PatchbayError)) throw thrown
    return 'Write a host, a path or both, such as api.localhost/, *.example.test/ or /v2'
  }
}

/** Why nobody can be called this; a tenant's handler is `tenant/name`. */
export function nameProblem(name: string, kind: 'handlers' | 'tenants'): string | undefined {
  const parts = kind === 'handlers' ? name.split('/') : [name]
  if (parts.length <= 2 && parts.every(isHandlerName)) return undefined
  return kind === 'handlers' ? 'A name without spaces, or TENANT/NAME' : 'A name without spaces and /'
}

function exceptionTable(
  exceptions: readonly Exception[],
  kind: 'handlers' | 'tenants',
  findings: Findings,
): RunSettings['handlers'] {
  const table: NonNullable<RunSettings['handlers']> = {}
  for (const { id, name, form } of exceptions) {
    const problem = nameProblem(name, kind)
    if (problem !== undefined) findings.wrong(`${kind}.${id}.name`, problem)
    table[name] = scopeOf(form, `${kind}.${id}`, findings)
  }
  return exceptions.length === 0 ? undefined : table
}

/** The section that a finding belongs to: `common`, `serving`, `rules`, `tenants`, `handlers.3`, … */
export function sectionOf(key: string): string {
  const [first = '', second = ''] = key.split('.')
  if (first === 'handlers' || first === 'tenants') return `${first}.${second}`
  return first === 'common' || first === 'rules' ? first : 'serving'
}
