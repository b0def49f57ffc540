import { useState } from 'react'
import { problemOf } from '../../src-engine/error.ts'
import type { LibraryItem } from '../../src-preload/contract.ts'
import { removeFromCanvas, renameNode } from '../state/composition.ts'
import { closeDialog, useLayout } from '../state/layout.ts'
import { adoptLibrary, useProject } from '../state/project.ts'
import { client } from '../state/session.ts'
import { selectLibraryItem } from '../state/selection.ts'
import { Button } from '../ui/Button.tsx'
import { Dialog } from '../ui/Dialog.tsx'
import { formatCount } from '../ui/format.ts'
import { NameDialog } from '../ui/NameDialog.tsx'
import { ProblemNotice } from '../ui/ProblemNotice.tsx'
import { mergeItems } from './place-item.ts'

/** Rename and remove: small questions with an answer that can go wrong. */
export function LibraryDialogs() {
  const dialog = useLayout((layout) => layout.dialog)
  const library = useProject((project) => project.library)
  if (dialog?.kind === 'rename-instance')
    return (
      <NameDialog
        key={dialog.instance}
        title="Rename instance"
        label="Name on the canvas and in .wac"
        hint="Lower-case words joined by hyphens."
        name={dialog.instance}
        onName={async (name) => renameNode(dialog.instance, name)}
      />
    )
  if (dialog?.kind === 'rename-project-item') {
    const item = library.find((candidate) => candidate.id === dialog.id)
    return item ? (
      <NameDialog
        key={item.id}
        title="Rename component"
        label="File name"
        hint="The file in the project folder gets this name; wires stay."
        name={item.name.replace(/\.wasm$/i, '')}
        onName={async (name) => mergeItems([(await client().call('components.rename', { id: item.id, name })).item])}
      />
    ) : null
  }
  if (dialog?.kind === 'remove-item') {
    const item = library.find((candidate) => candidate.id === dialog.id)
    return item ? <Remove key={item.id} item={item} /> : null
  }
  return null
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
