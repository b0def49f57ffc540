import { type FormEvent, useState } from 'react'
import { problemOf } from '../../src-engine/error.ts'
import type { LibraryItem } from '../../src-preload/contract.ts'
import { removeFromCanvas, renameNode, renameWorldExport } from '../state/composition.ts'
import { closeDialog, useLayout } from '../state/layout.ts'
import { adoptLibrary, useProject } from '../state/project.ts'
import { client } from '../state/session.ts'
import { selectLibraryItem } from '../state/selection.ts'
import { Button } from '../ui/Button.tsx'
import { Dialog } from '../ui/Dialog.tsx'
import { TextField } from '../ui/Field.tsx'
import { formatCount } from '../ui/format.ts'
import { ProblemNotice } from '../ui/ProblemNotice.tsx'
import { renameProblem } from '../composition/exports.ts'
import { mergeItems } from './place-item.ts'

/** Rename and remove: small questions with an answer that can go wrong. */
export function LibraryDialogs() {
  const dialog = useLayout((layout) => layout.dialog)
  const library = useProject((project) => project.library)
  if (dialog?.kind === 'rename-instance')
    return (
      <Rename
        key={dialog.instance}
        title="Rename instance"
        label="Name on the canvas and in .wac"
        hint="Lower-case words joined by hyphens."
        name={dialog.instance}
        rename={async (name) => renameNode(dialog.instance, name)}
      />
    )
  if (dialog?.kind === 'rename-export')
    return (
      <Rename
        key={dialog.name}
        title="Rename export"
        label="Name of the export"
        hint="An interface name such as my:service/api@1.0.0, or a plain name."
        name={dialog.name}
        rename={async (name) => renameWorldExport(dialog.name, name)}
        check={(name) => renameProblem(dialog.name, name)}
      />
    )
  if (dialog?.kind === 'rename-project-item') {
    const item = library.find((candidate) => candidate.id === dialog.id)
    return item ? (
      <Rename
        key={item.id}
        title="Rename component"
        label="File name"
        hint="The file in the project folder gets this name; wires stay."
        name={item.name.replace(/\.wasm$/i, '')}
        rename={async (name) => mergeItems([(await client().call('components.rename', { id: item.id, name })).item])}
      />
    ) : null
  }
  if (dialog?.kind === 'remove-item') {
    const item = library.find((candidate) => candidate.id === dialog.id)
    return item ? <Remove key={item.id} item={item} /> : null
  }
  return null
}

interface RenameProps {
  readonly title: string
  readonly label: string
  readonly hint: string
  readonly name: string
  readonly rename: (name: string) => Promise<void>
  /** What is wrong with a name while it is typed. */
  readonly check?: (name: string) => string | undefined
}

function Rename({ title, label, hint, name: before, rename, check }: RenameProps) {
  const [name, setName] = useState(before)
  const [error, setError] = useState<string>()
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    try {
      if (name.trim() !== before) await rename(name.trim())
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
            Rename
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

function Remove({ item }: { readonly item: LibraryItem }) {
  const instances = useProject((project) => project.tables.instances)
  const [problem, setProblem] = useState<ReturnType<typeof problemOf>>()
  const used = Object.entries(instances).flatMap(([id, instance]) => (instance.package === item.id ? [id] : []))
  const remove = async (): Promise<void> => {
    try {
      await client().call('components.remove', { id: item.id })
      if (used.length > 0) removeFromCanvas(used, [])
      selectLibraryItem(undefined)
      adoptLibrary(useProject.getState().library.filter((other) => other.id !== item.id))
      closeDialog()
    } catch (thrown) {
      setProblem(problemOf(thrown))
    }
  }
  return (
    <Dialog
      open
      onClose={closeDialog}
      title={`Remove ${item.name}?`}
      description={
        used.length === 0
          ? 'It leaves the project; the file itself stays where it is.'
          : `It leaves the project together with ${formatCount(used.length, 'instance')} on the canvas (${used.join(', ')}); the file itself stays where it is.`
      }
      width="28rem"
      testId="remove-dialog"
      footer={
        <>
          <Button onClick={closeDialog}>Cancel</Button>
          <Button look="danger" onClick={() => void remove()}>
            Remove
          </Button>
        </>
      }
    >
      {problem && <ProblemNotice problem={problem} />}
    </Dialog>
  )
}
