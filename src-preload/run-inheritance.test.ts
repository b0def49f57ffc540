import { describe, expect, it } from 'vitest'
import { inheritedBy, placeOf, settingsOf } from './run-inheritance.ts'

describe('the settings of a handler', () => {
  const settings = {
    timeout: 1000,
    allowHosts: ['a.test'],
    environment: { A: '1', B: '1' },
    secrets: ['KEY'],
    breaker: { failures: 2, open: 500 },
    tenants: { acme: { memory: 5, environment: { T: '1' } } },
    handlers: {
      api: { timeout: 50, environment: { B: '2' }, secrets: ['KEY', 'OTHER'], breaker: { failures: 9 } },
      'acme/api': { allowHosts: [], breaker: false as const },
    },
  }
  it('are its own over the common ones: variables and secrets add up, so do the parts of a breaker', () => {
    expect(settingsOf(settings, { name: 'api' })).toMatchObject({
      timeout: 50,
      allowHosts: ['a.test'],
      environment: { A: '1', B: '2' },
      secrets: ['KEY', 'OTHER'],
      breaker: { failures: 9, open: 500 },
    })
  })
  it('of a tenant are its own over the tenant’s over the common limits; common grants are not the tenant’s', () => {
    const own = settingsOf(settings, placeOf('acme/api'))
    expect(own).toMatchObject({ timeout: 1000, memory: 5, environment: { T: '1' }, allowHosts: [], breaker: false })
    expect(own.secrets).toEqual([])
    expect(inheritedBy(settings, { tenant: 'other' })).not.toHaveProperty('allowHosts')
  })
  it('never hold undefined instead of what is inherited', () => {
    const handlers = { api: { timeout: undefined } }
    expect(settingsOf({ ...settings, handlers }, { name: 'api' }).timeout).toBe(1000)
  })
})
