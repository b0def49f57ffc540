import { type ReactNode, useId } from 'react'
import { Select, TextArea } from '../ui/Field.tsx'
import styles from './run-settings.module.css'

export function Group({
  title,
  hint,
  children,
}: {
  readonly title: string
  readonly hint?: string
  readonly children: ReactNode
}) {
  return (
    <fieldset className={styles.group}>
      <legend>{title}</legend>
      {hint !== undefined && <p className={styles.groupHint}>{hint}</p>}
      {children}
    </fieldset>
  )
}

/** What stands beneath a field: what is wrong with it, else what it means. */
export function Note({
  id,
  error,
  children,
}: {
  readonly id?: string
  readonly error?: string | undefined
  readonly children?: ReactNode
}) {
  return (
    <div
      id={id}
      className={error === undefined ? styles.hint : styles.error}
      role={error === undefined ? undefined : 'alert'}
    >
      {error ?? children}
    </div>
  )
}

interface ChoiceProps<Value extends string> {
  readonly label: string
  readonly hint: ReactNode
  readonly value: Value
  readonly options: readonly { readonly value: Value; readonly label: string }[]
  readonly onChange: (value: Value) => void
  readonly testId?: string
}

export function Choice<Value extends string>({ label, hint, value, options, onChange, testId }: ChoiceProps<Value>) {
  const id = useId()
  return (
    <div className={styles.field}>
      <label htmlFor={id}>{label}</label>
      <Select
        id={id}
        aria-describedby={`${id}-note`}
        value={value}
        onChange={(event) => {
          const chosen = options.find((option) => option.value === event.target.value)
          if (chosen) onChange(chosen.value)
        }}
        data-testid={testId}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </Select>
      <Note id={`${id}-note`}>{hint}</Note>
    </div>
  )
}

interface LinesProps {
  readonly label: string
  readonly hint: ReactNode
  readonly placeholder: string
  readonly error: string | undefined
  readonly value: string
  readonly onChange: (value: string) => void
  readonly testId: string
  readonly autoFocus?: boolean
}

/** One item a line. */
export function Lines({ label, hint, error, onChange, testId, ...rest }: LinesProps) {
  const id = useId()
  return (
    <div className={styles.field}>
      <label htmlFor={id}>{label}</label>
      <TextArea
        id={id}
        aria-invalid={error !== undefined || undefined}
        aria-describedby={`${id}-note`}
        onChange={(event) => onChange(event.target.value)}
        data-testid={testId}
        {...rest}
      />
      <Note id={`${id}-note`} error={error}>
        {hint}
      </Note>
    </div>
  )
}
