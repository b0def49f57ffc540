/** Which hosts a guest may call. */

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
