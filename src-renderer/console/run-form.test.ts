import { describe, expect, it } from 'vitest'
import { runSettings, type RunSettings } from '../../src-preload/contract.ts'
import { formOf, settingsOf } from './run-form.ts'

const full: RunSettings = {
  port: 8080,
  isolation: 'pool',
  engine: 'direct',
  timeout: 2500,
  memory: 64 * 1024 * 1024,
  maxBody: 500_000,
  concurrency: 7,
  breaker: { failures: 2, open: 1500 },
  rate: { perSecond: 100, burst: 20 },
  clientRate: { perSecond: 0.5 },
  environment: { A: 'b=c', EMPTY: '' },
  secrets: ['API_KEY'],
  directories: { '/data': 'data' },
  allowHosts: ['*.example.org:443'],
  allowNet: ['db.local:5432', 'listen:8080'],
  static: { '/assets': 'public' },
  compression: false,
  ownRoutes: false,
  rules: { '/x': 'y' },
  tenants: { acme: { timeout: 1 } },
}

describe('the form of run settings', () => {
  it('says everything it reads, and keeps what it does not show', () => {
    expect(settingsOf(formOf(full), full)).toEqual({ settings: full, errors: {} })
    expect(runSettings.parse(full)).toEqual(full)
    expect(settingsOf(formOf({}), {})).toEqual({ settings: {}, errors: {} })
    expect(settingsOf(formOf({ breaker: false }), {}).settings).toEqual({ breaker: false })
  })
  it('takes away what was emptied', () => {
    const emptied = { ...formOf(full), timeout: '', environment: '\n', failures: '', open: ' ', compression: true }
    const { settings } = settingsOf(emptied, full)
    expect(settings).not.toHaveProperty('timeout')
    expect(settings).not.toHaveProperty('environment')
    expect(settings).not.toHaveProperty('breaker')
    expect(settings).not.toHaveProperty('compression')
    expect(settings.rules).toEqual({ '/x': 'y' })
  })
  it('names each field that is wrong', () => {
    const wrong = {
      ...formOf({}),
      port: '70000',
      timeout: '-1',
      memory: 'much',
      concurrency: '1.5',
      rate: '10/m',
      environment: 'JUST A NAME',
      secrets: 'KEY=value',
      directories: 'data=/host',
      static: 'x',
    }
    expect(Object.keys(settingsOf(wrong, {}).errors).sort()).toEqual(
      Object.keys({
        port: 1,
        timeout: 1,
        memory: 1,
        concurrency: 1,
        rate: 1,
        environment: 1,
        secrets: 1,
        directories: 1,
        static: 1,
      }).sort(),
    )
  })
})
