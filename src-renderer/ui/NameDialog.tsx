import { type FormEvent, useState } from 'react'
import { problemOf } from '../../src-engine/error.ts'
import { closeDialog } from '../state/layout.ts'
import { Button } from './Button.tsx'
import { Dialog } from './Dialog.tsx'
import { TextField } from './Field.tsx'

interface NameDialogProps {
  readonly title: string
  readonly label: string
  readonly hint: string
  /** What the field begins with. */
  readonly name: string
  /** On the button; by default `Rename`, which does nothing when the name stays. */
  readonly action?: string
  readonly onName: (name: string) => Promise<void> | void
  /** What is wrong with a name while it is typed. */
  readonly check?: (name: string) => string | undefined
}

/** Asks for one name that can be wrong. */
export function NameDialog({ title, label, hint, name: before, action, onName, check }: NameDialogProps) {
  const [name, setName] = useState(before)
  const [error, setError] = useState<string>()
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    try {
      if (action !== undefined || name.trim() !== before) await onName(name.trim())
      closeDialog()
    } catch (thrown) {
      const problem = problemOf(thrown)
      setError([problem.message, problem.hint].filter(Boolean).join(' '))
    }
  }
  return (
    <Dialog
      open
      onClose={closeDialog}
      title={title}
      width="26rem"
      testId="rename-dialog"
      footer={
        <>
          <Button onClick={closeDialog}>Cancel</Button>
          <Button look="primary" type="submit" form="rename">
            {action ?? 'Rename'}
          </Button>
        </>
      }
    >
      <form id="rename" onSubmit={(event) => void submit(event)}>
        <TextField
          label={label}
          hint={hint}
          error={error ?? check?.(name.trim())}
          value={name}
          autoFocus
          onFocus={(event) => event.target.select()}
          onChange={(event) => {
            setName(event.target.value)
            setError(undefined)
          }}
        />
      </form>
    </Dialog>
  )
}
