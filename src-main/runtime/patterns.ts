import { fail } from '../../src-engine/error.ts'
import { isNetPattern, parsePattern } from '../../src-preload/run-words.ts'

/** Throws `usage.allow-host` and `usage.allow-net` for text that names nothing a guest could reach. */
export function checkPatterns({
  allowHosts,
  allowNet,
}: {
  readonly allowHosts: readonly string[]
  readonly allowNet: readonly string[]
}): void {
  const host = allowHosts.find((pattern) => !parsePattern(pattern))
  if (host !== undefined) {
    throw fail('usage.allow-host', `"${host}" is no host pattern`, {
      hint: 'Write *, a host name or *.domain, each with an optional :port.',
    })
  }
  const net = allowNet.find((pattern) => !isNetPattern(pattern))
  if (net !== undefined) {
    throw fail('usage.allow-net', `"${net}" is no network pattern`, {
      hint: 'Write *, a host name, an address or *.domain, each with an optional :port, or listen:PORT.',
    })
  }
}
