import { Suspense, lazy } from 'react'
import type { Problem } from '../../src-preload/contract.ts'
import styles from './editor.module.css'

/** Lines and columns from 1; the end is where the next character would stand. */
export interface EditorMark {
  readonly message: string
  readonly hint?: string
  readonly line: number
  readonly column: number
  readonly endLine: number
  readonly endColumn: number
}

export interface CodeEditorProps {
  /** Accessible name. */
  readonly label: string
  readonly value: string
  /** Language id: `wit`, `wac`, `wat`, `json`, `javascript` … */
  readonly language: string
  /** Names the text: undo history and scroll place stay with it while the window lives. */
  readonly path?: string
  readonly readOnly?: boolean
  readonly onChange?: (text: string) => void
  /** Ctrl+S or Cmd+S inside the editor. */
  readonly onSave?: () => void
  /** Ctrl+Enter or Cmd+Enter inside the editor. */
  readonly onSubmit?: () => void
  /** Those with a line are drawn at it. */
  readonly problems?: readonly Problem[]
  /** Ranges that are underlined, with what is wrong there. */
  readonly marks?: readonly EditorMark[]
  /** Ctrl+Z or Cmd+Z, and redo; answering false leaves it to the editor's own history. */
  readonly onUndo?: () => boolean
  readonly onRedo?: () => boolean
  /** The text lost the focus. */
  readonly onBlur?: () => void
  /** Takes the focus when it is shown, and again for every new object. */
  readonly focus?: object
  /** Goes to a place; a new object goes there again. */
  readonly reveal?: { readonly line: number; readonly column?: number }
  readonly wrap?: boolean
  readonly lineNumbers?: boolean
  readonly placeholder?: string
  readonly testId?: string
}

const MonacoEditor = lazy(async () => ({ default: (await import('./MonacoEditor.tsx')).MonacoEditor }))

/** A text with colours, search and problems in place. Monaco loads when the first one is shown; until then the text stands there plain. */
export function CodeEditor(props: CodeEditorProps) {
  return (
    <Suspense
      fallback={
        <pre className={styles.plain} aria-busy="true" aria-label={props.label}>
          {props.value.slice(0, 20_000)}
        </pre>
      }
    >
      <MonacoEditor {...props} />
    </Suspense>
  )
}
