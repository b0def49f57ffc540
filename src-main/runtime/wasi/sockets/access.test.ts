import { describe, expect, it } from 'vitest'
import type { Denial } from '../../../../src-preload/running.ts'
import { Session } from '../session.ts'
import { isNetPattern } from '../../../../src-preload/run-words.ts'
import { accessOf, type NetworkAccess } from './access.ts'
import { ipAddressOf, ipText, socketAddressOf } from './addresses.ts'

function granted(...allowNet: string[]): {
  readonly access: NetworkAccess
  readonly told: string[]
  readonly denied: (Denial | undefined)[]
} {
  const told: string[] = []
  const denied: (Denial | undefined)[] = []
  const session = new Session(
    { environment: {}, arguments: [], directories: {}, allowHosts: ['*'], allowNet },
    {
      output() {},
      notice(text, what) {
        told.push(text)
        denied.push(what)
      },
    },
  )
  return { access: accessOf(session), told, denied }
}

describe('what sockets may reach', () => {
  it.each([
    ['*', true],
    ['db.local:5432', true],
    ['10.0.0.1', true],
    ['[::1]:80', true],
    ['*.example.org', true],
    ['listen:8080', true],
    ['Listen:*', true],
    ['listen:0', true],
    ['listen:70000', false],
    ['host:99999', false],
    ['a b', false],
    ['tcp://host', false],
    ['', false],
  ])('reads %j as a pattern: %j', (text, expected) => expect(isNetPattern(text)).toBe(expected))

  it.each([
    [['10.0.0.1:80'], '10.0.0.1', 80, true],
    [['10.0.0.1:80'], '10.0.0.1', 81, false],
    [['10.0.0.1'], '10.0.0.1', 81, true],
    [['[0:0::1]:80'], '::1', 80, true],
    [['[::1]:80'], '::2', 80, false],
    [['*:53'], '8.8.8.8', 53, true],
    [['listen:*'], '127.0.0.1', 80, false],
    [[], '127.0.0.1', 80, false],
  ] as const)('%j lets a guest talk to %s:%i: %j', (patterns, address, port, expected) =>
    expect(granted(...patterns).access.mayTalkTo(socketAddressOf(address, port))).toBe(expected),
  )

  it('extends the grant of a name to the addresses that were found for it, at its port', () => {
    const { access, told, denied } = granted('*.example.org:5432')
    access.checkName('DB.example.org.')
    expect(access.mayTalkTo(socketAddressOf('10.0.0.7', 5432))).toBe(false)
    access.learn('db.example.org', '10.0.0.7')
    expect(access.mayTalkTo(socketAddressOf('10.0.0.7', 5432))).toBe(true)
    expect(() => access.checkRemote('TCP', socketAddressOf('10.0.0.7', 22))).toThrow(
      expect.objectContaining({ payload: 'access-denied' }) as Error,
    )
    expect(told).toEqual([
      'denied: TCP to 10.0.0.7:22 (db.example.org). It is not on the list of allowed network targets',
    ])
    expect(denied).toEqual([{ grant: 'allowNet', pattern: 'db.example.org:22' }])
  })

  it('lets a guest listen on the machine itself, where that was asked for', () => {
    const { access, told, denied } = granted('listen:8080', 'elsewhere')
    access.checkListen('TCP', socketAddressOf('127.0.0.1', 8080))
    access.checkListen('TCP', socketAddressOf('::1', 8080))
    for (const [address, port] of [
      ['127.0.0.1', 8081],
      ['0.0.0.0', 8080],
      ['10.0.0.1', 8080],
    ] as const) {
      expect(() => access.checkListen('TCP', socketAddressOf(address, port))).toThrow(
        expect.objectContaining({ payload: 'access-denied' }) as Error,
      )
    }
    expect(told).toHaveLength(3)
    expect(denied.map((what) => what?.pattern)).toEqual(['listen:8081', undefined, undefined])
  })

  it.each(['0.0.0.0', '127.0.0.1', '::', '::1', '2001:db8::ff00:42:8329', 'fe80::1'])('keeps %s as it is', (text) => {
    const { tag, val } = ipAddressOf(text)
    expect(ipText(tag, val)).toBe(text)
  })
})
