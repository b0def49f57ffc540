/** Which handler a request is for, and what path that handler sees. */
import type { Rules } from './serving/rules.ts'

export type Route =
  | { readonly kind: 'handler'; readonly name: string; readonly target: string }
  /** `/-/…`, and `/health` and `/metrics` where no single handler owns every path; `path` without the prefix. */
  | { readonly kind: 'own'; readonly path: string }
  | { readonly kind: 'static'; readonly prefix: string; readonly path: string }
  | { readonly kind: 'unknown-handler'; readonly name: string }
  | { readonly kind: 'unknown-path' }

/** What requests are matched against. */
export interface Routes {
  readonly names: { has(name: string): boolean }
  /** The handler that gets every other path. */
  readonly single?: string | undefined
  readonly rules?: Rules | undefined
  /** Prefixes of static folders, longest first; `''` is the root. */
  readonly statics?: readonly string[]
  /** Whether Patchbay's own routes answer. */
  readonly own: boolean
}

const named = /^\/(?:run\/([^/]+)|tenant\/([^/]+)\/([^/]+))(\/.*)?$/s

/**
 * Path and query reach the guest as they came: nothing is decoded, resolved or tidied up. The order: own routes, hosts
 * that a rule names, static folders, `/run/`, `/tenant/`, paths that a rule names, the single handler.
 */
export function route(target: string, host: string | undefined, routes: Routes): Route {
  const local = target.startsWith('/') ? target : target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '') || '/'
  const path = pathOf(local)
  const { names, single, rules, statics, own } = routes
  if (own && path.startsWith('/-/')) return { kind: 'own', path: path.slice(2) }
  const hosted = rules?.forHost(host, path)
  if (hosted !== undefined) return toHandler(hosted, local, names)
  if (own && single === undefined && (path === '/health' || path === '/metrics')) return { kind: 'own', path }
  for (const prefix of statics ?? [])
    if (path.startsWith(prefix) && (prefix === '' || path.length === prefix.length || path[prefix.length] === '/'))
      if (prefix !== '') return { kind: 'static', prefix, path: path.slice(prefix.length) || '' }
  const match = path.startsWith('/run/') || path.startsWith('/tenant/') ? named.exec(path) : undefined
  if (match) {
    const [, name, tenant, part] = match
    const found = name !== undefined ? decode(name) : `${decode(tenant ?? '')}/${decode(part ?? '')}`
    return toHandler(found, (match[4] ?? '/') + local.slice(path.length), names, name !== undefined)
  }
  const ruled = rules?.forPath(path)
  if (ruled !== undefined) return toHandler(ruled, local, names)
  if (single !== undefined) return { kind: 'handler', name: single, target: local }
  if (statics?.includes('')) return { kind: 'static', prefix: '', path }
  return { kind: 'unknown-path' }
}

/** What stands before the query and the fragment. */
function pathOf(local: string): string {
  const end = local.search(/[?#]/)
  return end < 0 ? local : local.slice(0, end)
}

/** A tenant's handler is named `tenant/name`: no other route leads to it, whatever is encoded in a segment. */
function toHandler(name: string, target: string, names: Routes['names'], plain = false): Route {
  if (!names.has(name) || (plain && name.includes('/'))) return { kind: 'unknown-handler', name }
  return { kind: 'handler', name, target }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
