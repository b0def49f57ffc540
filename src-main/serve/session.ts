import { randomBytes, timingSafeEqual } from 'node:crypto'

/** Who may speak to the server: a link works once and is traded for a cookie that only our own page sends. */
export interface Session {
  /** A new token for a link. */
  mint(): string
  /** True the first time a minted token is given; the caller then sets {@link cookie}. */
  redeem(token: string): boolean
  /** Value of `Set-Cookie`. */
  readonly cookie: string
  /** Whether a `Cookie` header carries our session. */
  knows(cookieHeader: string | undefined): boolean
}

/** Links that were printed and never opened stay valid; more than these are not kept. */
const openLinks = 32

/** @param port Cookies are shared by all ports of a host, so the name carries the port. */
export function createSession(port: number): Session {
  const name = `patchbay-${port}`
  const secret = randomBytes(32).toString('base64url')
  const tokens: string[] = []
  return {
    cookie: `${name}=${secret}; Path=/; HttpOnly; SameSite=Strict`,
    mint() {
      const token = randomBytes(32).toString('base64url')
      tokens.push(token)
      if (tokens.length > openLinks) tokens.shift()
      return token
    },
    redeem(token) {
      const at = tokens.findIndex((open) => same(open, token))
      if (at < 0) return false
      tokens.splice(at, 1)
      return true
    },
    knows(cookieHeader) {
      for (const pair of cookieHeader?.split(';') ?? []) {
        const equals = pair.indexOf('=')
        if (equals > 0 && pair.slice(0, equals).trim() === name && same(pair.slice(equals + 1).trim(), secret))
          return true
      }
      return false
    },
  }
}

/** Compares secrets in a time that does not tell how much of them was right. */
function same(left: string, right: string): boolean {
  const a = Buffer.from(left)
  const b = Buffer.from(right)
  return a.length === b.length && timingSafeEqual(a, b)
}
