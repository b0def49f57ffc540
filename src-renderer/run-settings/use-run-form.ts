import { useState } from 'react'
import type { RunSettings } from '../../src-preload/contract.ts'
import { inheritedBy, placeOf } from '../../src-preload/run-inheritance.ts'
import type { OpenDialog } from '../state/layout.ts'
import { useProject } from '../state/project.ts'
import { type RunForm, exceptionFor, formOf } from './form.ts'
import { rebase } from './rebase.ts'

type Asked = Extract<OpenDialog, { readonly kind: 'run-settings' }>

interface Editing {
  readonly form: RunForm
  /** What the file said when the form was made, or followed it last. */
  readonly before: RunSettings
  readonly wasFollowed: boolean
}

const nothing: RunSettings = {}

/** The form of the project's run settings; follows the file where nobody touched it. */
export function useRunForm(asked: Asked): Editing & { readonly change: (part: Partial<RunForm>) => void } {
  const run = useProject((project) => project.base?.run) ?? nothing
  const [editing, setEditing] = useState<Editing>(() => ({
    form: withAsked(formOf(run), run, asked),
    before: run,
    wasFollowed: false,
  }))
  // The file was changed, or the project saved: what it says is worked in before anything is drawn.
  if (editing.before !== run) {
    const isNews = JSON.stringify(editing.before) !== JSON.stringify(run)
    const form = isNews ? rebase(editing.form, editing.before, run) : editing.form
    setEditing({ form, before: run, wasFollowed: isNews || editing.wasFollowed })
  }
  const change = (part: Partial<RunForm>): void =>
    setEditing((now) => ({ ...now, form: { ...now.form, ...part }, wasFollowed: false }))
  return { ...editing, change }
}

/** The form with an exception for the handler that is asked for; a list of its own begins with what it inherits. */
function withAsked(form: RunForm, run: RunSettings, { handler, field }: Asked): RunForm {
  if (handler === undefined || field === undefined) return form
  const known = form.handlers.find(({ name }) => name === handler) ?? exceptionFor(handler)
  const inherited = (inheritedBy(run, placeOf(handler))[field] ?? []).join('\n')
  const isOwn = field === 'allowHosts' ? known.form.ownHosts : known.form.ownNet
  const list = field === 'allowHosts' ? { ownHosts: true } : { ownNet: true }
  const opened = isOwn ? known : { ...known, form: { ...known.form, ...list, [field]: inherited } }
  return { ...form, handlers: [...form.handlers.filter(({ id }) => id !== known.id), opened] }
}

/** The section that is asked for. */
export function firstSection({ handler }: Asked, form: RunForm): string {
  const found = form.handlers.find(({ name }) => name === handler)
  return found ? `handlers.${found.id}` : 'common'
}
