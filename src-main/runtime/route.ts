/** Which handler a request is for, and what path that handler sees. */

export type Route =
  | { readonly kind: 'handler'; readonly name: string; readonly target: string }
  | { readonly kind: 'health' }
  | { readonly kind: 'unknown-handler'; readonly name: string }
  | { readonly kind: 'unknown-path' }

/**
 * Path and query reach the guest as they came: nothing is decoded, resolved or tidied up. `single` is the handler that
 * gets every other path.
 */
export function route(target: string, names: { has(name: string): boolean }, single: string | undefined): Route {
  const local = target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '') || '/'
  const path = /^[^?#]*/.exec(local)?.[0] ?? ''
  const rest = local.slice(path.length)
  if (path === '/health') return { kind: 'health' }
  const match = /^\/run\/([^/]+)(\/.*)?$/s.exec(path)
  if (match?.[1] !== undefined) {
    const name = decode(match[1])
    if (!names.has(name)) return { kind: 'unknown-handler', name }
    return { kind: 'handler', name, target: (match[2] ?? '/') + rest }
  }
  if (single !== undefined) return { kind: 'handler', name: single, target: local }
  return { kind: 'unknown-path' }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
