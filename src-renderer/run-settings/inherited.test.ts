import { describe, expect, it } from 'vitest'
import { inheritedOf } from './inherited.ts'
import { deniedLately, withGrant } from './grant.ts'

const settings = {
  timeout: 5000,
  reuse: 7,
  rate: { perSecond: 9 },
  environment: { A: '1' },
  allowHosts: ['a.test'],
  breaker: { failures: 3 },
  tenants: { acme: { environment: { T: '1' }, breaker: false as const, memory: 1048576 } },
}

describe('what a field inherits', () => {
  it('is the default for all handlers, and says so', () => {
    expect(inheritedOf(settings, { kind: 'common' })).toMatchObject({
      timeout: { text: '30', from: 'default' },
      isolation: { text: 'request', from: 'default' },
      rate: { text: 'off', from: 'default' },
    })
  })
  it('is what all handlers have, limits and grants', () => {
    expect(inheritedOf(settings, { kind: 'handlers', name: 'api' })).toMatchObject({
      timeout: { text: '5', from: 'all handlers' },
      memory: { text: '128', from: 'default' },
      reuse: { text: '7', from: 'all handlers' },
      failures: { text: '3', from: 'all handlers' },
      open: { text: '30', from: 'default' },
      environment: { text: 'A', from: 'all handlers' },
      allowHosts: { text: 'a.test', from: 'all handlers' },
    })
  })
  it('is the tenant’s before that, and no grant of all', () => {
    expect(inheritedOf(settings, { kind: 'handlers', name: 'acme/api' })).toMatchObject({
      timeout: { text: '5', from: 'all handlers' },
      memory: { text: '1', from: 'tenant acme' },
      reuse: { text: '7', from: 'all handlers' },
      breaker: { text: 'off', from: 'tenant acme' },
      failures: { text: '5', from: 'tenant acme' },
      environment: { text: 'T', from: 'tenant acme' },
      allowHosts: { text: '', from: 'default' },
    })
    expect(inheritedOf(settings, { kind: 'tenants', name: 'acme' }).environment.text).toBe('')
  })
})

describe('a grant for what was denied', () => {
  it('is the handler’s alone, beside what it had', () => {
    const denied = { grant: 'allowHosts', pattern: 'b.test:80' } as const
    const granted = withGrant(settings, 'api', denied)
    expect(granted?.handlers).toEqual({ api: { allowHosts: ['a.test', 'b.test:80'] } })
    expect(granted?.allowHosts).toEqual(['a.test'])
    expect(withGrant(granted ?? {}, 'api', denied)).toBeUndefined()
    expect(withGrant(settings, 'acme/api', denied)?.handlers).toEqual({ 'acme/api': { allowHosts: ['b.test:80'] } })
    expect(withGrant({}, 'api', { grant: 'allowNet' })).toBeUndefined()
  })
  it('is offered where the settings of its handler are', () => {
    const line = (sequence: number, handler: string, pattern?: string) => ({
      sequence,
      time: 0,
      handler,
      source: 'host' as const,
      text: 'denied',
      denied: { grant: 'allowHosts' as const, ...(pattern === undefined ? {} : { pattern }) },
    })
    const lines = [
      line(1, 'api', 'a.test:1'),
      line(2, 'acme/api', 'b.test:1'),
      line(3, 'api', 'c.test:1'),
      line(4, 'api', 'a.test:1'),
      line(5, 'api'),
    ]
    expect(deniedLately(lines, { kind: 'common' }, 'allowHosts')).toEqual(['a.test:1', 'c.test:1'])
    expect(deniedLately(lines, { kind: 'tenants', name: 'acme' }, 'allowHosts')).toEqual(['b.test:1'])
    expect(deniedLately(lines, { kind: 'handlers', name: 'acme/api' }, 'allowHosts')).toEqual(['b.test:1'])
    expect(deniedLately(lines, { kind: 'common' }, 'allowNet')).toEqual([])
  })
})
