/** From what was asked for to what a handler gets: secrets, rules, folders, and every mistake before anything starts. */
import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { fail } from '../../../src-engine/error.ts'
import type { HandlerSettings, RunSettings } from '../../../src-preload/contract.ts'
import { defaults, fullName, settingsOf, type HandlerPlace } from '../../../src-preload/run-inheritance.ts'
import { isHandlerName, isStaticPrefix, parseRule } from '../../../src-preload/run-words.ts'
import type { Handler } from '../handler.ts'
import { checkPatterns } from '../patterns.ts'
import { Rules } from './rules.ts'

/** Shorter values would blot out half of every log line. */
const shortestSecret = 4
const isShort = (value: string): boolean => value.length < shortestSecret

/** Whether a secret of this name could be given to a handler: never what it is. */
export function secretState(
  name: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): 'set' | 'unset' | 'short' {
  const value = environment[name]
  return value === undefined ? 'unset' : isShort(value) ? 'short' : 'set'
}

/** Values of the secrets by name. `given` ones come from the command line, others from this process's environment. Throws `usage.secret`. */
export function secretsOf(
  names: readonly string[],
  given: Readonly<Record<string, string>>,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Record<string, string> {
  const values: Record<string, string> = {}
  for (const name of names) {
    const value = Object.hasOwn(given, name) ? given[name] : environment[name]
    if (value === undefined) {
      throw fail('usage.secret', `The secret ${name} has no value`, {
        hint: `Set ${name} in the environment that Patchbay is started in`,
      })
    }
    if (isShort(value)) {
      throw fail('usage.secret', `The secret ${name} is shorter than ${shortestSecret} characters`, {
        hint: 'It could not be hidden in logs; pass it as an ordinary variable, or use a longer one',
      })
    }
    values[name] = value
  }
  return values
}

/** What a handler is made with. */
export function limitsOf(
  settings: HandlerSettings,
  secrets: Readonly<Record<string, string>>,
): ConstructorParameters<typeof Handler>[4] {
  const { breaker, rate, clientRate } = settings
  return {
    isolation: settings.isolation ?? 'request',
    probe: false,
    reuse: settings.reuse ?? defaults.reuse,
    memory: settings.memory ?? defaults.memory,
    concurrency: settings.concurrency ?? defaults.concurrency,
    timeout: settings.timeout ?? defaults.timeout,
    maxBody: settings.maxBody ?? defaults.maxBody,
    admission: { breaker, rate, clientRate },
    grants: {
      environment: { ...settings.environment, ...secrets },
      arguments: [],
      directories: settings.directories ?? {},
      allowHosts: settings.allowHosts ?? [],
      allowNet: settings.allowNet ?? [],
    },
  }
}

/** Throws `usage.*` for what cannot be served so. */
/** `mayBeNone`: some are still to come. Throws `usage.*`. */
export function checkHandlers(handlers: readonly HandlerPlace[], settings: RunSettings, mayBeNone = false): void {
  if (handlers.length === 0 && !mayBeNone)
    throw fail('usage.no-handler', 'There is nothing to serve', { hint: 'Name at least one component' })
  const names = new Set<string>()
  for (const place of handlers) {
    const name = fullName(place)
    if (names.has(name))
      throw fail('usage.same-name', `Two handlers are named "${name}"`, { hint: 'Rename one of the files' })
    for (const part of [place.name, place.tenant ?? 'x'])
      if (!isHandlerName(part))
        throw fail('usage.handler-name', `"${part}" cannot be a handler's name`, {
          hint: 'Use letters, digits, - and _',
        })
    names.add(name)
  }
  const all = [settings, ...Object.values(settings.handlers ?? {}), ...Object.values(settings.tenants ?? {})]
  checkPatterns({
    allowHosts: all.flatMap(({ allowHosts = [] }) => allowHosts),
    allowNet: all.flatMap(({ allowNet = [] }) => allowNet),
  })
}

/** What is said of handlers and tenants that are not served, or of reuse where nothing is reused: of no effect. One sentence each. */
export function saidInVain(settings: RunSettings, handlers: readonly HandlerPlace[]): string[] {
  const names = new Set(handlers.map(fullName))
  const tenants = new Set(handlers.map(({ tenant }) => tenant))
  const served = `served: ${[...names].join(', ')}`
  const reusing = new Set(
    handlers.filter((place) => settingsOf(settings, place).isolation === 'pool').map((place) => fullName(place)),
  )
  return [
    ...(settings.reuse !== undefined && handlers.length > 0 && reusing.size === 0
      ? ['"reuse" is of no effect: it counts for the isolation "pool", which no handler has']
      : []),
    ...Object.entries(settings.handlers ?? {}).flatMap(([name, { reuse }]) =>
      reuse !== undefined && names.has(name) && !reusing.has(name)
        ? [`"reuse" of handler "${name}" is of no effect: its isolation is not "pool"`]
        : [],
    ),
    ...Object.keys(settings.handlers ?? {}).flatMap((name) =>
      names.has(name) ? [] : [`the settings of handler "${name}" are for nobody; ${served}`],
    ),
    ...Object.keys(settings.tenants ?? {}).flatMap((name) =>
      tenants.has(name) ? [] : [`the settings of tenant "${name}" are for nobody; ${served}`],
    ),
  ]
}

/** The rules, each with a handler that is there. Throws `usage.rule`. */
export function rulesOf(settings: RunSettings, names: { has(name: string): boolean }): Rules | undefined {
  const entries = Object.entries(settings.rules ?? {})
  for (const [pattern, handler] of entries) {
    if (names.has(handler)) continue
    throw fail('usage.rule', `The rule "${pattern}" leads to "${handler}", which is not served`, {
      hint: 'Name a handler that is: its file name without .wasm',
    })
  }
  return entries.length === 0 ? undefined : new Rules(entries.map(([pattern, handler]) => parseRule(pattern, handler)))
}

/** Static folders by prefix, without a slash at its end. Throws `usage.static`, and `input.not-found` for a folder that is not there. */
export async function staticsOf(settings: RunSettings, single: boolean): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  for (const [prefix, directory] of Object.entries(settings.static ?? {})) {
    if (!isStaticPrefix(prefix))
      throw fail('usage.static', `"${prefix}" is no path prefix`, { hint: 'Write it like /assets, plain letters only' })
    if (single && prefix === '/') {
      throw fail('usage.static', 'The single handler answers every path, so files cannot be served at /', {
        hint: 'Serve them below a prefix such as /static, or serve the folder of the handler',
      })
    }
    const root = resolve(directory)
    const about = await stat(root).catch(() => undefined)
    if (!about?.isDirectory()) {
      throw fail('input.not-found', `${root} is no folder, so it cannot be served at ${prefix}`, {
        where: { file: root },
        hint: 'Create it, or check the path',
      })
    }
    found.set(prefix.replace(/\/+$/, ''), root)
  }
  return found
}

/** The settings of a project with its directories made absolute: in the file they are relative to its folder. */
export function withAbsoluteFolders(settings: RunSettings, folder: string): RunSettings {
  const absolute = (table: Readonly<Record<string, string>>): Record<string, string> =>
    Object.fromEntries(Object.entries(table).map(([key, path]) => [key, resolve(folder, path)]))
  const each = <Settings extends HandlerSettings>(given: Settings): Settings =>
    given.directories ? { ...given, directories: absolute(given.directories) } : given
  const all = (table: Readonly<Record<string, HandlerSettings>>): Record<string, HandlerSettings> =>
    Object.fromEntries(Object.entries(table).map(([name, given]) => [name, each(given)]))
  return {
    ...each(settings),
    ...(settings.static ? { static: absolute(settings.static) } : {}),
    ...(settings.tenantFolder === undefined ? {} : { tenantFolder: resolve(folder, settings.tenantFolder) }),
    ...(settings.handlers ? { handlers: all(settings.handlers) } : {}),
    ...(settings.tenants ? { tenants: all(settings.tenants) } : {}),
  }
}
