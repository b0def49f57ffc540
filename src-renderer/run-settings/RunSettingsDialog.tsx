import { useEffect, useId, useRef, useState } from 'react'
import { fail, problemOf } from '../../src-engine/error.ts'
import type { Problem } from '../../src-preload/contract.ts'
import { runCommand } from '../commands/registry.ts'
import { type OpenDialog, closeDialog, useLayout } from '../state/layout.ts'
import { adoptRun, changeRunSettings, useProject } from '../state/project.ts'
import { useRuntime } from '../state/runtime.ts'
import { client } from '../state/session.ts'
import { Button } from '../ui/Button.tsx'
import { Dialog } from '../ui/Dialog.tsx'
import { ProblemNotice } from '../ui/ProblemNotice.tsx'
import { showProblem } from '../ui/notify.tsx'
import { sectionOf, settingsOf } from './form.ts'
import { isChanged } from './rebase.ts'
import styles from './run-settings.module.css'
import { Sections } from './Sections.tsx'
import { firstSection, useRunForm } from './use-run-form.ts'

type Asked = Extract<OpenDialog, { readonly kind: 'run-settings' }>

/** Limits, grants and routes of a run: the `run` of the project file. */
export function RunSettingsDialog() {
  const dialog = useLayout((layout) => layout.dialog)
  return dialog?.kind === 'run-settings' ? <OpenSettings asked={dialog} /> : null
}

function OpenSettings({ asked }: { readonly asked: Asked }) {
  const { form, before, change, wasFollowed } = useRunForm(asked)
  const running = useRuntime((runtime) => runtime.status.state === 'running')
  const unknown = useProject((project) => project.unknownRun)
  const [section, setSection] = useState(() => firstSection(asked, form))
  const [tried, setTried] = useState(false)
  const [leaving, setLeaving] = useState(false)
  const [problem, setProblem] = useState<Problem>()
  const formId = useId()
  const root = useRef<HTMLFormElement>(null)
  const { settings, errors, missing } = settingsOf(form)
  const shown = tried ? { ...missing, ...errors } : errors
  const changed = isChanged(form, before)

  useEffect(() => {
    // What an editor wrote meanwhile is not waited for until the folder's watcher sees it.
    client()
      .call('project.run', {})
      .then(adoptRun, (thrown: unknown) => showProblem(problemOf(thrown)))
  }, [])

  const close = (): void => {
    if (changed && !leaving) setLeaving(true)
    else closeDialog()
  }
  const save = async (restart: boolean): Promise<void> => {
    setTried(true)
    setLeaving(false)
    const [wrong] = Object.entries({ ...errors, ...missing })
    if (wrong) {
      setSection(sectionOf(wrong[0]))
      setProblem(
        fail('usage.field', 'Some fields need another look; nothing was saved yet', { hint: wrong[1] }).problem,
      )
      requestAnimationFrame(() => root.current?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus())
      return
    }
    try {
      await changeRunSettings(settings)
      closeDialog()
      if (restart) await runCommand('run.restart')
    } catch (thrown) {
      setProblem(problemOf(thrown))
    }
  }
  return (
    <Dialog
      open
      onClose={close}
      title="Run settings"
      description="Saved in patchbay.json; they hold from the next run on."
      width="58rem"
      testId="run-settings"
      footer={
        leaving ? (
          <>
            <span className={styles.leaving} role="alert">
              Your changes are not saved.
            </span>
            <Button look="danger" onClick={closeDialog} data-testid="run-settings-discard">
              Discard them
            </Button>
            {/* Not the button that was there before: only a new one takes the focus. */}
            <Button
              key="stay"
              look="primary"
              autoFocus
              onClick={() => setLeaving(false)}
              data-testid="run-settings-stay"
            >
              Go on editing
            </Button>
          </>
        ) : (
          <>
            <Button onClick={close}>Cancel</Button>
            {running && (
              <Button onClick={() => void save(true)} data-testid="run-settings-restart">
                Save and run again
              </Button>
            )}
            <Button look="primary" type="submit" form={formId} data-testid="run-settings-save">
              Save
            </Button>
          </>
        )
      }
    >
      <form
        id={formId}
        ref={root}
        className={styles.form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          void save(false)
        }}
      >
        {problem && <ProblemNotice problem={problem} />}
        {wasFollowed && (
          <p className={styles.followed} role="status" data-testid="run-settings-followed">
            The file was changed: what you had not touched shows what it says now.
          </p>
        )}
        {unknown.length > 0 && (
          <p className={styles.followed} data-testid="run-settings-unknown">
            patchbay.json also has <code>{unknown.join(', ')}</code>, which Patchbay does not know: kept, and of no
            effect.
          </p>
        )}
        <Sections
          section={section}
          onSection={setSection}
          form={form}
          onChange={(part) => {
            setProblem(undefined)
            change(part)
          }}
          settings={settings}
          errors={shown}
          wanted={asked.field}
        />
      </form>
    </Dialog>
  )
}
