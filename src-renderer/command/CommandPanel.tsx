import { CircleStop, Play, Terminal } from 'lucide-react'
import { type ReactNode, useEffect, useId, useMemo, useRef } from 'react'
import { runCommand } from '../commands/registry.ts'
import { useProject } from '../state/project.ts'
import { useSelection } from '../state/selection.ts'
import { Button } from '../ui/Button.tsx'
import { EmptyState } from '../ui/EmptyState.tsx'
import { Input, Select, TextArea } from '../ui/Field.tsx'
import { ProblemNotice } from '../ui/ProblemNotice.tsx'
import { runnables } from './commands.ts'
import styles from './command.module.css'
import { type CommandForm, inputOf } from './form.ts'
import { useCommand } from './store.ts'

/** Runs components that export wasi:cli/run: what a shell would give them on the left, what they answer on the right. */
export function CommandPanel() {
  const library = useProject((project) => project.library)
  const exports = useProject((project) => project.tables.exports)
  const all = useMemo(() => runnables(library, Object.keys(exports)), [library, exports])
  if (all.length === 0) {
    return (
      <EmptyState icon={<Terminal size={22} />} title="No component here is a command">
        Components that export wasi:cli/run are run from here, with arguments, environment, directories and input.
      </EmptyState>
    )
  }
  return (
    <div className={styles.root} data-testid="command">
      <Form all={all} />
      <Output />
    </div>
  )
}

function Form({ all }: { readonly all: ReturnType<typeof runnables> }) {
  const chosen = useCommand((view) => view.chosen)
  const selected = useSelection((selection) => selection.libraryItem)
  const form = useCommand((view) => view.form)
  const busy = useCommand((view) => view.run !== undefined || view.starting)
  const { errors } = useMemo(() => inputOf(form), [form])
  const shown = all.find(({ id }) => id === chosen) ?? all.find(({ id }) => id === selected) ?? all[0]
  const ids = useId()
  const change = (part: Partial<CommandForm>): void =>
    useCommand.setState((view) => ({ form: { ...view.form, ...part } }))
  const lines = (field: keyof CommandForm, label: string, placeholder: string) => (
    <Field label={label} id={`${ids}-${field}`} error={errors[field]}>
      <TextArea
        id={`${ids}-${field}`}
        rows={2}
        placeholder={placeholder}
        aria-invalid={errors[field] !== undefined || undefined}
        value={form[field]}
        onChange={(event) => change({ [field]: event.target.value })}
        data-testid={`command-${field}`}
      />
    </Field>
  )
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault()
        void runCommand('command.start')
      }}
    >
      <div className={styles.line}>
        <Select
          aria-label="Component"
          value={shown?.id}
          onChange={(event) => useCommand.setState({ chosen: event.target.value })}
          data-testid="command-component"
        >
          {all.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </Select>
        {busy ? (
          <Button
            icon={<CircleStop size={14} />}
            onClick={() => void runCommand('command.stop')}
            data-testid="command-stop"
          >
            Stop
          </Button>
        ) : (
          <Button look="primary" type="submit" icon={<Play size={14} />} data-testid="command-start">
            Run
          </Button>
        )}
      </div>
      <Field label="Arguments" id={`${ids}-arguments`} error={errors.arguments}>
        <Input
          id={`${ids}-arguments`}
          className={styles.words}
          placeholder="first 'second with spaces'"
          aria-invalid={errors.arguments !== undefined || undefined}
          value={form.arguments}
          onChange={(event) => change({ arguments: event.target.value })}
          data-testid="command-arguments"
        />
      </Field>
      {lines('stdin', 'Standard input', 'What it reads')}
      <div className={styles.grants}>
        {lines('environment', 'Environment', 'NAME=VALUE')}
        {lines('directories', 'Directories', '/data=./data')}
        {lines('allowHosts', 'Hosts it may call', '*.example.org:443')}
        {lines('allowNet', 'Sockets may reach', 'db.local:5432')}
      </div>
    </form>
  )
}

interface FieldProps {
  readonly label: string
  readonly id: string
  readonly error: string | undefined
  readonly children: ReactNode
}

function Field({ label, id, error, children }: FieldProps) {
  return (
    <div className={styles.field}>
      <label htmlFor={id}>{label}</label>
      {children}
      {error !== undefined && (
        <div className={styles.error} role="alert">
          {error}
        </div>
      )}
    </div>
  )
}

function Output() {
  const output = useCommand((view) => view.output)
  const ended = useCommand((view) => view.ended)
  const busy = useCommand((view) => view.run !== undefined || view.starting)
  const end = useRef<HTMLDivElement>(null)
  useEffect(() => {
    end.current?.scrollIntoView({ block: 'nearest' })
  }, [output, ended])
  return (
    <div className={styles.result}>
      <div
        className={styles.state}
        role="status"
        data-testid="command-state"
        data-failed={ended && ended.exitCode !== 0 ? '' : undefined}
      >
        {busy
          ? 'Running…'
          : ended
            ? `Exit code ${ended.exitCode} after ${printDuration(ended.duration)}`
            : 'Not run yet'}
      </div>
      <div
        className={styles.output}
        tabIndex={0}
        role="log"
        aria-label="Output of the command"
        data-selectable
        data-testid="command-output"
      >
        {output.map(({ source, text }, index) => (
          <span key={index} data-source={source}>
            {text}
          </span>
        ))}
        {ended?.trap !== undefined && <span data-source="trap">{`\n${ended.trap}\n`}</span>}
        {ended?.problem && <ProblemNotice problem={ended.problem} />}
        <div ref={end} />
      </div>
    </div>
  )
}

const printDuration = (milliseconds: number): string =>
  milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`
