import { Suspense, lazy } from 'react'
import styles from './editor.module.css'

export interface DiffEditorProps {
  /** Accessible name. */
  readonly label: string
  readonly before: string
  readonly after: string
  readonly language: string
  readonly testId?: string
}

const MonacoDiff = lazy(async () => ({ default: (await import('./MonacoDiff.tsx')).MonacoDiff }))

/** Two texts beside each other, what differs marked; one above the other where there is little room. */
export function DiffEditor(props: DiffEditorProps) {
  return (
    <Suspense
      fallback={
        <pre className={styles.plain} aria-busy="true" aria-label={props.label}>
          {props.after.slice(0, 20_000)}
        </pre>
      }
    >
      <MonacoDiff {...props} />
    </Suspense>
  )
}
