/** The file was changed while its settings are edited: what nobody touched follows it, what was touched stays. */
import type { RunSettings } from '../../src-preload/contract.ts'
import { type Exception, type RunForm, formOf } from './form.ts'
import { scopeFormOf } from './scope-form.ts'

/** Whether two values say the same; ids of rows say nothing. */
function same(left: unknown, right: unknown): boolean {
  const text = (value: unknown): string =>
    JSON.stringify(value, (key, inner: unknown) => (key === 'id' ? undefined : inner))
  return text(left) === text(right)
}

/** Whether the form says something else than the settings it was made of. */
export const isChanged = (form: RunForm, before: RunSettings): boolean => !same(form, formOf(before))

/** `mine`, which was made of `before` and edited, on top of what the file says `now`. */
export function rebase(mine: RunForm, before: RunSettings, now: RunSettings): RunForm {
  const [old, fresh] = [formOf(before), formOf(now)]
  return {
    ...byField(mine, old, fresh),
    common: byField(mine.common, old.common, fresh.common),
    tenants: byName(mine.tenants, old.tenants, fresh.tenants),
    handlers: byName(mine.handlers, old.handlers, fresh.handlers),
  }
}

function byField<Form extends object>(mine: Form, old: Form, fresh: Form): Form {
  const result = { ...mine }
  for (const key in mine) if (same(mine[key], old[key])) result[key] = fresh[key]
  return result
}

function byName(
  mine: readonly Exception[],
  old: readonly Exception[],
  fresh: readonly Exception[],
): readonly Exception[] {
  const named = (list: readonly Exception[], name: string): Exception | undefined =>
    list.find((exception) => exception.name === name)
  const nothing = scopeFormOf({})
  const kept = mine.flatMap((exception) => {
    const was = named(old, exception.name)
    const is = named(fresh, exception.name)
    // Gone from the file, and nobody touched it here.
    if (was && !is && same(was.form, exception.form)) return []
    return [{ ...exception, form: byField(exception.form, was?.form ?? nothing, is?.form ?? nothing) }]
  })
  // One that was removed here comes back only when the file says something new of it.
  const added = fresh.filter(({ name, form }) => !named(mine, name) && !same(named(old, name)?.form, form))
  return [...kept, ...added]
}
