import { type ReactNode, useId, useState } from 'react'
import { fail, problemOf } from '../../src-engine/error.ts'
import type { Problem } from '../../src-preload/contract.ts'
import { runCommand } from '../commands/registry.ts'
import { closeDialog, useLayout } from '../state/layout.ts'
import { changeRunSettings, useProject } from '../state/project.ts'
import { useRuntime } from '../state/runtime.ts'
import { Button } from '../ui/Button.tsx'
import { Dialog } from '../ui/Dialog.tsx'
import { Checkbox, Select, TextArea, TextField } from '../ui/Field.tsx'
import { ProblemNotice } from '../ui/ProblemNotice.tsx'
import { type RunForm, formOf, settingsOf } from './run-form.ts'
import styles from './run-settings.module.css'

/** Limits, grants and routes of a run: the `run` of the project file. */
export function RunSettingsDialog() {
  const open = useLayout((layout) => layout.dialog?.kind === 'run-settings')
  return open ? <OpenDialog /> : null
}

function OpenDialog() {
  const [before] = useState(() => useProject.getState().base?.run ?? {})
  const running = useRuntime((runtime) => runtime.status.state === 'running')
  const [form, setForm] = useState<RunForm>(() => formOf(before))
  const [tried, setTried] = useState(false)
  const [problem, setProblem] = useState<Problem>()
  const { settings, errors } = settingsOf(form, before)
  const formId = useId()
  const change = (part: Partial<RunForm>): void => setForm((now) => ({ ...now, ...part }))
  const save = async (restart: boolean): Promise<void> => {
    setTried(true)
    const [wrong] = Object.values(errors)
    if (wrong !== undefined)
      return setProblem(fail('usage.field', 'Some fields need another look', { hint: wrong }).problem)
    try {
      await changeRunSettings(settings)
      closeDialog()
      if (restart) await runCommand('run.restart')
    } catch (thrown) {
      setProblem(problemOf(thrown))
    }
  }
  const text = (field: keyof RunForm, label: string, hint: string, placeholder = '') => (
    <TextField
      label={label}
      hint={hint}
      placeholder={placeholder}
      error={tried ? errors[field] : undefined}
      value={String(form[field])}
      onChange={(event) => change({ [field]: event.target.value })}
      data-testid={`run-${field}`}
    />
  )
  const lines = (field: keyof RunForm, label: string, hint: string, placeholder: string) => (
    <Lines
      label={label}
      hint={hint}
      placeholder={placeholder}
      error={tried ? errors[field] : undefined}
      value={String(form[field])}
      onChange={(value) => change({ [field]: value })}
      testId={`run-${field}`}
    />
  )
  return (
    <Dialog
      open
      onClose={closeDialog}
      title="Run settings"
      description="Saved in patchbay.json; they hold from the next run on. Empty fields take the default."
      width="46rem"
      testId="run-settings"
      footer={
        <>
          <Button onClick={closeDialog}>Cancel</Button>
          {running && (
            <Button onClick={() => void save(true)} data-testid="run-settings-restart">
              Save and run again
            </Button>
          )}
          <Button look="primary" type="submit" form={formId} data-testid="run-settings-save">
            Save
          </Button>
        </>
      }
    >
      <form
        id={formId}
        className={styles.form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          void save(false)
        }}
      >
        {problem && <ProblemNotice problem={problem} />}
        <Group title="Limits">
          {text('port', 'Port', 'any free one', 'free')}
          {text('timeout', 'Time', 'seconds for a request', '30')}
          {text('memory', 'Memory', 'MiB for an instance', '128')}
          {text('maxBody', 'Body', 'MB of a request', '10')}
          {text('concurrency', 'At once', 'requests per handler', '100')}
          <Choice
            label="Instances"
            hint="what a request finds"
            value={form.isolation}
            onChange={(isolation) => change({ isolation })}
          >
            <option value="">Fresh (default)</option>
            <option value="pool">Reused</option>
            <option value="none">One for all</option>
          </Choice>
          <Choice
            label="Engine"
            hint="how guests are run"
            value={form.engine}
            onChange={(engine) => change({ engine })}
          >
            <option value="">Auto (default)</option>
            <option value="direct">Direct</option>
            <option value="jco">jco</option>
          </Choice>
        </Group>
        <Group title="Reliability">
          {text('failures', 'Failures in a row', 'until it is left alone', '5')}
          {text('open', 'Left alone for', 'seconds', '30')}
          {text('rate', 'Rate', 'requests a second[:burst]', 'no limit')}
          {text('clientRate', 'Rate of a client', 'requests a second[:burst]', 'no limit')}
          <div className={styles.wide}>
            <Checkbox checked={form.breaks} onChange={(event) => change({ breaks: event.target.checked })}>
              Leave a handler alone that keeps failing
            </Checkbox>
          </div>
        </Group>
        <Group title="Grants">
          {lines('environment', 'Environment', 'One NAME=VALUE a line.', 'LOG_LEVEL=debug')}
          {lines(
            'secrets',
            'Secrets',
            'Names; values come from the environment of Patchbay and are never shown.',
            'API_KEY',
          )}
          {lines('directories', 'Directories', 'One /in/the/guest=directory a line.', '/data=./data')}
          {lines(
            'allowHosts',
            'Hosts it may call',
            '*, host or *.domain, with an optional :port.',
            '*.example.org:443',
          )}
          {lines(
            'allowNet',
            'Sockets may reach',
            '*, host or *.domain, with an optional :port; listen:PORT to listen on this machine.',
            'db.local:5432',
          )}
        </Group>
        <Group title="Serving">
          {lines('static', 'Files', 'One /prefix=directory a line.', '/assets=./public')}
          <div className={styles.checks}>
            <Checkbox checked={form.compression} onChange={(event) => change({ compression: event.target.checked })}>
              Compress answers for clients that accept it
            </Checkbox>
            <Checkbox checked={form.ownRoutes} onChange={(event) => change({ ownRoutes: event.target.checked })}>
              Answer /-/health and /-/metrics
            </Checkbox>
          </div>
        </Group>
      </form>
    </Dialog>
  )
}

function Group({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <fieldset className={styles.group}>
      <legend>{title}</legend>
      {children}
    </fieldset>
  )
}

interface ChoiceProps<Value extends string> {
  readonly label: string
  readonly hint: string
  readonly value: Value
  readonly onChange: (value: Value) => void
  readonly children: ReactNode
}

function Choice<Value extends string>({ label, hint, value, onChange, children }: ChoiceProps<Value>) {
  const id = useId()
  return (
    <div className={styles.choice}>
      <label htmlFor={id}>{label}</label>
      {/* The options are the values of the type, and nothing else. */}
      <Select id={id} value={value} onChange={(event) => onChange(event.target.value as Value)}>
        {children}
      </Select>
      <div className={styles.hint}>{hint}</div>
    </div>
  )
}

interface LinesProps {
  readonly label: string
  readonly hint: string
  readonly placeholder: string
  readonly error: string | undefined
  readonly value: string
  readonly onChange: (value: string) => void
  readonly testId: string
}

function Lines({ label, hint, placeholder, error, value, onChange, testId }: LinesProps) {
  const id = useId()
  return (
    <div className={styles.choice}>
      <label htmlFor={id}>{label}</label>
      <TextArea
        id={id}
        placeholder={placeholder}
        aria-invalid={error !== undefined || undefined}
        aria-describedby={`${id}-note`}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        data-testid={testId}
      />
      <div
        id={`${id}-note`}
        className={error === undefined ? styles.hint : styles.error}
        role={error === undefined ? undefined : 'alert'}
      >
        {error ?? hint}
      </div>
    </div>
  )
}
