import { describe, expect, it } from 'vitest'
import type { RunSettings } from '../../src-preload/contract.ts'
import { type RunForm, exceptionFor, formOf, settingsOf } from './form.ts'
import { isChanged, rebase } from './rebase.ts'

const before: RunSettings = {
  timeout: 1000,
  memory: 1048576,
  rules: { '/a': 'a' },
  handlers: { api: { timeout: 5 }, old: { timeout: 1 } },
}
const edit = (form: RunForm): RunForm => ({
  ...form,
  common: { ...form.common, memory: '2' },
  handlers: form.handlers.map((one) => (one.name === 'api' ? { ...one, form: { ...one.form, rate: '7' } } : one)),
})

describe('a form whose file was changed meanwhile', () => {
  it('follows the file where nobody touched it, and keeps what was touched', () => {
    const now: RunSettings = {
      timeout: 9000,
      memory: 4 * 1048576,
      rules: { '/b': 'b' },
      handlers: { api: { timeout: 6 }, fresh: { timeout: 2 } },
    }
    expect(settingsOf(rebase(edit(formOf(before)), before, now)).settings).toEqual({
      timeout: 9000,
      memory: 2 * 1048576,
      rules: { '/b': 'b' },
      handlers: { api: { timeout: 6, rate: { perSecond: 7 } }, fresh: { timeout: 2 } },
    })
  })

  it('brings back no exception that was removed here, and keeps one that was edited when the file lost it', () => {
    const form = formOf(before)
    const without = { ...edit(form), handlers: edit(form).handlers.filter(({ name }) => name !== 'old') }
    expect(Object.keys(settingsOf(rebase(without, before, before)).settings.handlers ?? {})).toEqual(['api'])
    const lost = settingsOf(rebase(edit(form), before, { timeout: 1000 })).settings
    expect(lost.handlers).toEqual({ api: { rate: { perSecond: 7 } } })
    const added = { ...form, handlers: [...form.handlers, exceptionFor('mine', { timeout: 3 })] }
    expect(settingsOf(rebase(added, before, before)).settings.handlers).toHaveProperty('mine', { timeout: 3 })
  })

  it('knows whether anything was changed', () => {
    expect(isChanged(formOf(before), before)).toBe(false)
    expect(isChanged(edit(formOf(before)), before)).toBe(true)
  })
})
