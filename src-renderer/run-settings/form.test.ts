import { describe, expect, it } from 'vitest'
import { runSettings, type RunSettings } from '../../src-preload/contract.ts'
import { pair } from './fields.ts'
import { type RunForm, exceptionFor, formOf, sectionOf, settingsOf } from './form.ts'

const full: RunSettings = {
  port: 8080,
  isolation: 'pool',
  reuse: 12,
  engine: 'direct',
  timeout: 2500,
  memory: 50_000_000,
  maxBody: 500_001,
  concurrency: 7,
  breaker: { failures: 2, open: 1500 },
  rate: { perSecond: 100, burst: 20 },
  clientRate: { perSecond: 0.5 },
  environment: { A: 'b=c', EMPTY: '', LINES: 'one\ntwo' },
  secrets: ['API_KEY'],
  directories: { '/data': 'data' },
  allowHosts: ['*.example.org:443'],
  allowNet: ['db.local:5432', 'listen:8080'],
  static: { '/assets': 'public' },
  compression: false,
  ownRoutes: false,
  components: true,
  tenantFolder: 'tenants',
  rules: { 'api.localhost/': 'acme/api', '/x': 'y' },
  tenants: { acme: { timeout: 1, breaker: false, allowHosts: ['a.test'] } },
  handlers: {
    'acme/api': { isolation: 'request', rate: false, breaker: {} },
    // Less than is granted to all: a list that is empty is not one that is not there.
    y: { allowHosts: [], allowNet: [], environment: { B: '1' } },
  },
}
const errorsOf = (form: RunForm) => settingsOf(form).errors
const common = (part: Partial<RunForm['common']>): RunForm => {
  const form = formOf({})
  return { ...form, common: { ...form.common, ...part } }
}

describe('the form of run settings', () => {
  it('says everything it reads', () => {
    expect(runSettings.parse(full)).toEqual(full)
    expect(settingsOf(formOf(full))).toEqual({ settings: full, errors: {}, missing: {} })
    expect(settingsOf(formOf({})).settings).toEqual({})
    expect(settingsOf(formOf({ breaker: false })).settings).toEqual({ breaker: false })
  })

  it('shows numbers as a person writes them, and changes none that nobody touched', () => {
    expect(formOf(full).common).toMatchObject({ timeout: '2.5', maxBody: String(0.500001), memory: '47.6837158203125' })
    const odd = { timeout: 1234.5, memory: 1, maxBody: 3 }
    expect(settingsOf(formOf(odd)).settings).toEqual({ ...odd, timeout: 1235 })
  })

  it('takes away what was emptied', () => {
    const form = formOf(full)
    const emptied = {
      ...form,
      rules: [],
      common: { ...form.common, timeout: '', environment: [], failures: '', open: ' ' },
    }
    const { settings } = settingsOf({ ...emptied, compression: true, tenants: [] })
    for (const key of ['timeout', 'environment', 'breaker', 'compression', 'rules', 'tenants'])
      expect(settings).not.toHaveProperty(key)
    expect(settings.handlers).toEqual(full.handlers)
  })

  it.each([
    ['timeout', '-1', 'A number above 0'],
    ['memory', '5000', 'at most 4096'],
    ['concurrency', '1.5', 'A whole number'],
    ['reuse', '0', 'A whole number above 0, at most 1000000'],
    ['reuse', '1000001', 'at most 1000000'],
    ['failures', 'x', 'A whole number'],
    ['rate', '10/m', '100:20'],
    ['clientRate', '0', 'or off'],
    ['secrets', 'KEY=value', '"KEY=value" is no name'],
    ['allowHosts', 'fine.test\nhttp://a.test', '"http://a.test" is no host'],
    ['allowNet', 'listen:70000', '"listen:70000" is no target'],
  ] as const)('says beside %s what is wrong with %j', (field, text, expected) => {
    expect(errorsOf(common({ [field]: text }))).toEqual({ [`common.${field}`]: expect.stringContaining(expected) })
  })

  it('says beside each row what is wrong, and what is missing only when it is to be saved', () => {
    const form = formOf({})
    const [twice, bad, half, empty] = [pair('/a', 'x'), pair('a b/', 'x'), pair('/b'), pair()]
    const rules = settingsOf({ ...form, rules: [pair('/a', 'y'), twice, bad, half, empty] })
    expect(rules.errors).toEqual({
      [`rules.${twice.id}.name`]: '/a is there twice: remove one',
      [`rules.${bad.id}.name`]: expect.stringContaining('api.localhost/'),
    })
    expect(rules.missing).toEqual({ [`rules.${half.id}.value`]: 'Which handler it leads to' })
    const [relative, nameless] = [pair('data', 'd'), pair('', 'd')]
    const directories = settingsOf(common({ directories: [relative, nameless] }))
    expect(directories.errors).toEqual({
      [`common.directories.${relative.id}.name`]: 'A path in the guest begins with /',
    })
    expect(directories.missing).toEqual({
      [`common.directories.${nameless.id}.name`]: expect.stringContaining('/data'),
    })
    const prefix = pair('files', 'd')
    expect(errorsOf({ ...form, static: [prefix], port: '70000' })).toEqual({
      [`static.${prefix.id}.name`]: expect.stringContaining('/assets'),
      port: 'A whole number above 0, at most 65535',
    })
    const spaced = pair('A B', '1')
    expect(Object.keys(errorsOf(common({ environment: [spaced] })))).toEqual([`common.environment.${spaced.id}.name`])
  })

  it('knows the exception and the section that a mistake belongs to', () => {
    const form = formOf({})
    const api = exceptionFor('api')
    const wrong = { ...api, form: { ...api.form, timeout: 'soon' } }
    const named = exceptionFor('a b')
    const errors = errorsOf({ ...form, handlers: [wrong], tenants: [named] })
    expect(Object.keys(errors).map(sectionOf).sort()).toEqual([`handlers.${api.id}`, `tenants.${named.id}`])
    expect(['common.timeout', 'rules.3.name', 'port', 'static.1.name'].map(sectionOf)).toEqual([
      'common',
      'rules',
      'serving',
      'serving',
    ])
  })
})
