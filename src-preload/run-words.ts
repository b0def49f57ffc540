/** The small languages of run settings: what may stand in a field, in the file and on the command line. Both sides read them here. */
import { fail } from '../src-engine/error.ts'

/** What `reuse` may be at most: more is one instance for all in all but name. */
export const mostReuse = 1_000_000

export interface HostPattern {
  readonly host: string
  /** Any port when left out. */
  readonly port?: number
}

const patternText = /^(\*|(?:\*\.)?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?|\[[0-9a-f:.]+\])(?::(\d{1,5}))?$/i

/** Reads `*`, `host`, `*.domain`, `[::1]`, each with an optional `:port`. Undefined when the text is none of them. */
export function parsePattern(text: string): HostPattern | undefined {
  const match = patternText.exec(text.trim())
  if (!match?.[1]) return undefined
  const port = match[2] === undefined ? undefined : Number(match[2])
  if (port !== undefined && (port < 1 || port > 65535)) return undefined
  const host = canonical(match[1].toLowerCase())
  return host === undefined ? undefined : { host, ...(port === undefined ? {} : { port }) }
}

/** An address has many spellings (`[0:0::1]`, `127.1`): the one that URLs come to. Undefined when it is none. */
function canonical(host: string): string | undefined {
  const name = host.replace(/\.$/, '')
  if (name.startsWith('*')) return name
  const text = `http://${name}/`
  return URL.canParse(text) ? new URL(text).hostname : undefined
}

/** `listen:8080`, `listen:*`: the guest may listen on this port of the machine itself. */
export const listenText = /^listen:(\*|\d{1,5})$/i

/** Whether the text is a pattern of `allowNet`: as for hosts, or `listen:PORT`. */
export function isNetPattern(text: string): boolean {
  const listen = listenText.exec(text.trim())
  return listen ? listen[1] === '*' || Number(listen[1]) <= 65535 : parsePattern(text) !== undefined
}

/** Whether files can be served below this prefix. */
export const isStaticPrefix = (text: string): boolean => /^\/(?:[^/?#\s%]+\/?)*$/.test(text)

/** Whether this can be the name of a handler or a tenant. */
export const isHandlerName = (text: string): boolean => /^[^/?#\s]+$/.test(text) && text !== '.' && text !== '..'

/** Whether an environment variable can be called this. */
export const isVariableName = (text: string): boolean => /^[^=\s]+$/.test(text)

export interface Rule {
  /** Lower case, `*.domain`, with `:port` when the rule names one; empty = any host. */
  readonly host: string
  /** Begins with `/`, ends without one; empty = every path. */
  readonly path: string
  readonly handler: string
}

const hostText = /^(\*\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)*(:\d{1,5})?$|^\[[0-9a-f:.]+\](:\d{1,5})?$/

/** Reads `HOST/PATH`, where either part may be left out. Throws `usage.rule`. */
export function parseRule(pattern: string, handler: string): Rule {
  const slash = pattern.indexOf('/')
  const host = (slash < 0 ? pattern : pattern.slice(0, slash)).toLowerCase()
  const path = (slash < 0 ? '' : pattern.slice(slash)).replace(/\/+$/, '')
  if (pattern === '' || (host !== '' && !hostText.test(host)) || /[?#\s]/.test(path) || handler === '') {
    throw fail('usage.rule', `"${pattern}" → "${handler}" is no rule`, {
      hint: 'Write HOST/PATH=HANDLER, for example api.localhost/=api or /v2=next; *.domain stands for every host below it.',
    })
  }
  return { host, path, handler }
}
