import { Search } from 'lucide-react'
import { type ComponentProps, type ReactNode, useId } from 'react'
import styles from './Field.module.css'
import { classes } from './classes.ts'

interface FieldProps {
  readonly label: string
  readonly hint?: ReactNode
  /** Shown instead of the hint, and read out with the input. */
  readonly error?: ReactNode
}

/** A labelled text input with a hint or an error beneath it. */
export function TextField({ label, hint, error, className, ...rest }: FieldProps & ComponentProps<'input'>) {
  const id = useId()
  const wrong = error !== undefined && error !== null && error !== false
  return (
    <div className={classes(styles.field, className)}>
      <label className={styles.label} htmlFor={id}>
        {label}
      </label>
      <Input id={id} aria-invalid={wrong || undefined} aria-describedby={`${id}-note`} {...rest} />
      <div id={`${id}-note`} className={wrong ? styles.error : styles.hint} role={wrong ? 'alert' : undefined}>
        {wrong ? error : hint}
      </div>
    </div>
  )
}

/** A bare text input; give it an `aria-label`. */
export function Input({ className, ...rest }: ComponentProps<'input'>) {
  return (
    <input type="text" spellCheck={false} autoComplete="off" {...rest} className={classes(styles.input, className)} />
  )
}

/** Several lines of something, one under the other, as a machine reads them; give it a label. */
export function TextArea({ className, ...rest }: ComponentProps<'textarea'>) {
  return <textarea rows={3} spellCheck={false} {...rest} className={classes(styles.input, styles.area, className)} />
}

/** A filter above a list. */
export function SearchField({ label, ...rest }: { readonly label: string } & ComponentProps<'input'>) {
  return (
    <div className={styles.search}>
      <Search size={13} aria-hidden />
      <Input type="search" aria-label={label} placeholder={label} {...rest} />
    </div>
  )
}

export function Checkbox({ children, className, ...rest }: ComponentProps<'input'>) {
  return (
    <label className={classes(styles.checkbox, className)}>
      <input type="checkbox" {...rest} />
      {children}
    </label>
  )
}

/** The platform's own drop-down, in our dress. */
export function Select({ className, ...rest }: ComponentProps<'select'>) {
  return <select {...rest} className={classes(styles.input, styles.select, className)} />
}
