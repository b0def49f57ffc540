import { resolve } from 'node:path'
import { fail } from '../../src-engine/error.ts'
import type { RunSettings } from '../../src-preload/contract.ts'
import { mostReuse } from '../../src-preload/run-words.ts'
import { grantOptions, readGrants } from './grants.ts'
import { parseDuration, parseSize } from './units.ts'
import { splitPair, type VerbArguments, type VerbContext, type VerbOption } from './verb.ts'

const isolations = ['request', 'pool', 'none'] as const
const engines = ['auto', 'direct', 'jco'] as const

/** How to serve, said on the command line. */
export const runOptions = {
  port: { type: 'string', value: 'N', description: 'port on 127.0.0.1; default any free one' },
  isolate: {
    type: 'string',
    value: 'request|pool|none',
    description: 'a fresh instance for each request (default), reused ones, or one',
  },
  reuse: { type: 'string', value: 'N', description: 'requests an instance serves with --isolate pool; default 100' },
  timeout: { type: 'string', value: 'TIME', description: 'wall time of one request; default 30s' },
  memory: { type: 'string', value: 'SIZE', description: 'memory of one instance; default 128MiB' },
  'max-body': { type: 'string', value: 'SIZE', description: 'size of one request body; default 10MB' },
  concurrency: { type: 'string', value: 'N', description: 'requests at work at once per handler; default 100' },
  engine: { type: 'string', value: 'auto|direct|jco', description: 'how guests are run; default auto' },
  breaker: {
    type: 'string',
    value: 'N[/TIME]|off',
    description: 'failures in a row after which a handler is left alone, and for how long; default 5/30s',
  },
  rate: {
    type: 'string',
    value: 'N[:BURST]|off',
    description: 'requests a second each handler takes; default no limit',
  },
  'client-rate': { type: 'string', value: 'N[:BURST]|off', description: 'the same for each client address' },
  rule: {
    type: 'string',
    multiple: true,
    value: 'HOST/PATH=NAME',
    description: 'send requests for a host, or below a path, to a handler; repeatable',
  },
  static: {
    type: 'string',
    multiple: true,
    value: 'DIR[=/PREFIX]',
    description: 'serve the files of a folder; prefix /static unless said; repeatable',
  },
  components: {
    type: 'boolean',
    description: 'serve the handlers among the components of the project too, each at /run/<name>/*',
  },
  tenants: {
    type: 'string',
    value: 'DIR',
    description: 'serve DIR/<tenant>/<name>.wasm at /tenant/<tenant>/<name>/*',
  },
  'no-compression': { type: 'boolean', description: 'never compress answers' },
  'no-own-routes': { type: 'boolean', description: 'leave /health, /metrics and /-/… to the handlers' },
  ...grantOptions,
  secret: {
    type: 'string',
    multiple: true,
    value: 'K[=V]',
    description: 'an environment variable that is never shown; without V taken from the environment; repeatable',
  },
} as const satisfies Record<string, VerbOption>

export interface GivenSettings {
  readonly settings: RunSettings
  /** Values that were given with the option itself. */
  readonly secrets: Record<string, string>
}

/** The options above over what a project says. Throws `usage.*` and `input.*`. */
export async function readSettings(context: VerbContext, project: RunSettings): Promise<GivenSettings> {
  const given = context.arguments
  const { secret, ...grants } = { ...(await readGrants(context)), secret: readSecrets(given) }
  const settings: RunSettings = {
    port: given.number('port', { min: 0, max: 65535, integer: true }),
    isolation: choice(given.text('isolate'), 'isolate', isolations),
    reuse: given.number('reuse', { min: 1, max: mostReuse, integer: true }),
    engine: choice(given.text('engine'), 'engine', engines),
    timeout: measured(given, 'timeout', parseDuration),
    memory: measured(given, 'memory', parseSize),
    maxBody: measured(given, 'max-body', parseSize),
    concurrency: given.number('concurrency', { min: 1, integer: true }),
    breaker: measured(given, 'breaker', parseBreaker),
    rate: measured(given, 'rate', parseRate),
    clientRate: measured(given, 'client-rate', parseRate),
    compression: given.flag('no-compression') ? false : undefined,
    ownRoutes: given.flag('no-own-routes') ? false : undefined,
    components: given.flag('components') ? true : undefined,
    tenantFolder: given.text('tenants'),
  }
  const said = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined))
  const rules = Object.fromEntries(given.list('rule').map((pair) => splitPair('--rule', pair)))
  return {
    settings: {
      ...project,
      ...said,
      environment: { ...project.environment, ...grants.environment },
      directories: { ...project.directories, ...grants.directories },
      allowHosts: [...(project.allowHosts ?? []), ...grants.allowHosts],
      allowNet: [...(project.allowNet ?? []), ...grants.allowNet],
      secrets: [...new Set([...(project.secrets ?? []), ...secret.names])],
      rules: { ...project.rules, ...rules },
      static: { ...project.static, ...readStatics(given, context.cwd) },
    },
    secrets: secret.values,
  }
}

function readSecrets(given: VerbArguments): { readonly names: string[]; readonly values: Record<string, string> } {
  const names: string[] = []
  const values: Record<string, string> = {}
  for (const text of given.list('secret')) {
    const at = text.indexOf('=')
    const name = at < 0 ? text : text.slice(0, at)
    if (name === '') {
      // The text may hold the value: it is not repeated.
      throw fail('usage.option', '--secret needs a name', { hint: 'For example --secret API_KEY.' })
    }
    names.push(name)
    if (at >= 0) values[name] = text.slice(at + 1)
  }
  return { names, values }
}

function readStatics(given: VerbArguments, cwd: string): Record<string, string> {
  const statics: Record<string, string> = {}
  for (const text of given.list('static')) {
    const at = text.lastIndexOf('=/')
    statics[at < 0 ? '/static' : text.slice(at + 1)] = resolve(cwd, at < 0 ? text : text.slice(0, at))
  }
  return statics
}

function measured<Value>(
  given: VerbArguments,
  option: string,
  parse: (option: string, text: string) => Value,
): Value | undefined {
  const text = given.text(option)
  return text === undefined ? undefined : parse(option, text)
}

/** `5`, `5/30s`, `off`. Throws `usage.number`. */
export function parseBreaker(option: string, text: string): Exclude<RunSettings['breaker'], undefined> {
  if (text === 'off') return false
  const [count = '', time] = text.split('/')
  if (!/^[1-9]\d{0,5}$/.test(count)) {
    throw fail('usage.number', `--${option} needs failures and a time such as 5/30s, or off, got "${text}"`, {
      hint: 'See patchbay run --help.',
    })
  }
  return { failures: Number(count), ...(time === undefined ? {} : { open: parseDuration(option, time) }) }
}

/** `100`, `0.5`, `100:20`, `off`. Throws `usage.number`. */
export function parseRate(option: string, text: string): Exclude<RunSettings['rate'], undefined> {
  if (text === 'off') return false
  const match = /^(\d+(?:\.\d+)?)(?:\/s)?(?::([1-9]\d{0,8}))?$/.exec(text)
  if (!match || !(Number(match[1]) > 0)) {
    throw fail('usage.number', `--${option} needs requests a second such as 100 or 100:20, got "${text}"`, {
      hint: 'Behind the colon: how many may come at once.',
    })
  }
  return { perSecond: Number(match[1]), ...(match[2] === undefined ? {} : { burst: Number(match[2]) }) }
}

function choice<Value extends string>(
  text: string | undefined,
  option: string,
  values: readonly Value[],
): Value | undefined {
  if (text === undefined) return undefined
  const found = values.find((value) => value === text)
  if (found === undefined) {
    throw fail('usage.option', `--${option} is one of ${values.join(', ')}, got "${text}"`, {
      hint: 'See patchbay run --help.',
    })
  }
  return found
}
