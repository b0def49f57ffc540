/** Which requests go to which handler by host and path, beside `/run/<name>/`. */
import type { Rule } from '../../../src-preload/run-words.ts'

/** The host of a Host header: lower case, no trailing dot; `port` apart. */
function splitHost(header: string): { readonly name: string; readonly port: string } {
  const match = /^(\[[^\]]*\]|[^:]*)(?::(\d*))?$/.exec(header.toLowerCase())
  return { name: (match?.[1] ?? '').replace(/\.$/, ''), port: match?.[2] ?? '' }
}

export class Rules {
  readonly #byHost: readonly Rule[]
  readonly #byPath: readonly Rule[]

  /** The most exact rule wins: a full host over `*.domain` over any, then the longest path. */
  constructor(rules: readonly Rule[]) {
    const sorted = rules.toSorted(
      (left, right) => exactness(right) - exactness(left) || right.path.length - left.path.length,
    )
    this.#byHost = sorted.filter(({ host }) => host !== '')
    this.#byPath = sorted.filter(({ host }) => host === '')
  }

  /** For requests to a host that a rule names: such a host belongs to its handlers alone. */
  forHost(host: string | undefined, path: string): string | undefined {
    if (this.#byHost.length === 0 || host === undefined) return undefined
    const { name, port } = splitHost(host)
    return this.#byHost.find((rule) => matchesHost(rule.host, name, port) && matchesPath(rule.path, path))?.handler
  }

  forPath(path: string): string | undefined {
    return this.#byPath.find((rule) => matchesPath(rule.path, path))?.handler
  }
}

const exactness = ({ host }: Rule): number =>
  host === '' ? 0 : host.startsWith('*.') ? host.length : 1000 + host.length

function matchesHost(pattern: string, name: string, port: string): boolean {
  const wanted = splitHost(pattern)
  if (wanted.port !== '' && wanted.port !== port) return false
  return wanted.name.startsWith('*.') ? name.endsWith(wanted.name.slice(1)) : wanted.name === name
}

/** Whole segments only: `/v2` is no part of `/v20`. */
const matchesPath = (prefix: string, path: string): boolean =>
  path.startsWith(prefix) && (path.length === prefix.length || path[prefix.length] === '/')
