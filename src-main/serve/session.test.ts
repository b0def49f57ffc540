import { describe, expect, it } from 'vitest'
import { createSession } from './session.ts'

const pairOf = (setCookie: string): string => setCookie.split(';')[0] ?? ''

describe('session', () => {
  it('trades a token once', () => {
    const session = createSession(4000)
    const token = session.mint()
    expect(session.redeem(token)).toBe(true)
    expect(session.redeem(token)).toBe(false)
  })

  it('refuses tokens it never gave', () => {
    const session = createSession(4000)
    const token = session.mint()
    for (const other of ['', 'x', token.slice(1), `${token}x`, 'é'.repeat(43), createSession(4000).mint()])
      expect(session.redeem(other)).toBe(false)
    expect(session.redeem(token)).toBe(true)
  })

  it('keeps a bounded number of unopened links, the newest ones', () => {
    const session = createSession(4000)
    const first = session.mint()
    const later = Array.from({ length: 40 }, () => session.mint())
    expect(session.redeem(first)).toBe(false)
    expect(later.slice(-32).every((token) => session.redeem(token))).toBe(true)
  })

  it('knows its own cookie among others, and no other', () => {
    const session = createSession(4000)
    const pair = pairOf(session.cookie)
    expect(session.knows(pair)).toBe(true)
    expect(session.knows(`theme=dark; ${pair} ; x=y`)).toBe(true)
    expect(session.knows(undefined)).toBe(false)
    expect(session.knows('')).toBe(false)
    expect(session.knows(pair.replace('patchbay-4000', 'patchbay-4001'))).toBe(false)
    expect(session.knows(`${pair}x`)).toBe(false)
    expect(session.knows(pairOf(createSession(4000).cookie))).toBe(false)
    expect(session.cookie).toMatch(/; HttpOnly; SameSite=Strict$/)
  })
})
