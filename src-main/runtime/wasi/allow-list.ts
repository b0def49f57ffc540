/** Which hosts a guest may call. */

import { parsePattern, type HostPattern } from '../../../src-preload/run-words.ts'

const known = new Map<string, HostPattern | undefined>()

/** The same few patterns are asked about with every call. */
function read(text: string): HostPattern | undefined {
  if (!known.has(text)) known.set(text, parsePattern(text))
  return known.get(text)
}

/** `*.example.org` means example.org and everything below it. */
export function allows(patterns: readonly string[], host: string, port: number): boolean {
  const name = host.toLowerCase().replace(/\.$/, '')
  return patterns.some((text) => {
    const pattern = read(text)
    if (!pattern || (pattern.port !== undefined && pattern.port !== port)) return false
    if (pattern.host === '*' || pattern.host === name) return true
    if (!pattern.host.startsWith('*.')) return false
    const domain = pattern.host.slice(2)
    return name === domain || name.endsWith(`.${domain}`)
  })
}
