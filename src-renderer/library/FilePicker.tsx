import { ArrowUp, Box, Folder, FolderGit2, Upload } from 'lucide-react'
import { type ChangeEvent, type KeyboardEvent, useCallback, useEffect, useRef, useState } from 'react'
import { problemOf } from '../../src-engine/error.ts'
import type { CallOutput, FileKind, Problem } from '../../src-preload/contract.ts'
import { useProject } from '../state/project.ts'
import { client } from '../state/session.ts'
import { Button, IconButton } from '../ui/Button.tsx'
import { Dialog } from '../ui/Dialog.tsx'
import { Input, TextField } from '../ui/Field.tsx'
import { ProblemNotice } from '../ui/ProblemNotice.tsx'
import { classes } from '../ui/classes.ts'
import { answerQuestion, type Question, useQuestion } from './ask.ts'
import { takeFiles } from './FileDrop.tsx'
import styles from './FilePicker.module.css'

type Listing = CallOutput<'files.list'>

/** What the button says that ends it. */
const actions: Readonly<Record<Question['mode'], string>> = {
  component: 'Add',
  wit: 'Use this file',
  folder: 'Use this folder',
  save: 'Save',
}

/** Chooses files and folders of the machine the workbench runs on, where no native dialog can. */
export function FilePicker() {
  const question = useQuestion((now) => now.question)
  return question ? <Picker key={question.title} question={question} /> : null
}

function Picker({ question }: { readonly question: Question }) {
  const [listing, setListing] = useState<Listing>()
  const [typed, setTyped] = useState('')
  const [problem, setProblem] = useState<Problem>()
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const [name, setName] = useState(question.name)
  const upload = useRef<HTMLInputElement>(null)
  const show = useCallback((next: Listing): void => {
    setListing(next)
    setTyped(next.path)
    setChosen(new Set())
    setProblem(undefined)
  }, [])
  const { mode } = question
  const kind = mode === 'component' || mode === 'wit' ? mode : undefined
  const asked = useRef(0)
  const go = useCallback(
    (path: string): void => {
      const mine = ++asked.current
      // Whoever went on meanwhile is not taken back.
      const isLast = (): boolean => mine === asked.current
      listFolder(path, kind).then(
        (next) => {
          if (isLast()) show(next)
        },
        (thrown: unknown) => {
          if (isLast()) setProblem(problemOf(thrown))
        },
      )
    },
    [kind, show],
  )
  useEffect(() => {
    const { folder } = useProject.getState()
    // A project usually lies beside others; a file beside the project.
    go(mode === 'folder' ? parentOf(folder) : folder)
  }, [mode, go])

  const separator = listing?.path.includes('\\') ? '\\' : '/'
  const pathOf = (entry: string): string =>
    listing ? `${listing.path.replace(/[/\\]$/, '')}${separator}${entry}` : entry
  const ready = kind ? chosen.size > 0 : mode === 'save' ? name.trim() !== '' : listing !== undefined
  const finish = (): void => {
    if (!listing || !ready) return
    if (kind) answerQuestion([...chosen].map(pathOf))
    else answerQuestion([mode === 'save' ? pathOf(name.trim()) : listing.path])
  }
  const uploaded = (event: ChangeEvent<HTMLInputElement>): void => {
    const files = [...(event.target.files ?? [])]
    answerQuestion([])
    void takeFiles(files)
  }
  return (
    <Dialog
      open
      onClose={() => answerQuestion([])}
      title={question.title}
      width="38rem"
      testId="file-picker"
      footer={
        <>
          {mode === 'component' && (
            <>
              <input
                ref={upload}
                type="file"
                accept=".wasm"
                multiple
                hidden
                onChange={uploaded}
                data-testid="file-upload"
              />
              <Button className={styles.upload} icon={<Upload size={13} />} onClick={() => upload.current?.click()}>
                From this device…
              </Button>
            </>
          )}
          <Button onClick={() => answerQuestion([])}>Cancel</Button>
          <Button look="primary" disabled={!ready} onClick={finish}>
            {actions[mode]}
          </Button>
        </>
      }
    >
      <form
        className={styles.path}
        onSubmit={(event) => {
          event.preventDefault()
          go(typed)
        }}
      >
        <IconButton
          label="Folder above"
          look="secondary"
          disabledReason={listing?.parent === undefined ? 'This is the topmost folder.' : undefined}
          onClick={() => go(listing?.parent ?? '')}
        >
          <ArrowUp size={14} />
        </IconButton>
        <Input aria-label="Folder" value={typed} onChange={(event) => setTyped(event.target.value)} />
      </form>
      {problem && <ProblemNotice problem={problem} />}
      <ul className={styles.list} aria-label="Folders and files" onKeyDown={walk}>
        {listing?.entries.map((entry) => {
          const Icon = entry.project ? FolderGit2 : entry.folder ? Folder : Box
          const selected = chosen.has(entry.name)
          return (
            <li key={entry.name}>
              <button
                type="button"
                className={classes(styles.entry, selected && styles.chosen)}
                aria-pressed={entry.folder ? undefined : selected}
                onClick={() => {
                  if (entry.folder) {
                    go(pathOf(entry.name))
                    return
                  }
                  const next = new Set(mode === 'component' ? chosen : [])
                  if (selected) next.delete(entry.name)
                  else next.add(entry.name)
                  setChosen(next)
                }}
                onDoubleClick={() => !entry.folder && answerQuestion([pathOf(entry.name)])}
              >
                <Icon size={15} aria-hidden />
                {entry.name}
                {entry.project && <span className={styles.note}>project</span>}
              </button>
            </li>
          )
        })}
        {listing?.entries.length === 0 && <li className={styles.none}>Nothing here that Patchbay can open.</li>}
      </ul>
      {mode === 'save' && (
        <TextField label="File name" value={name} onChange={(event) => setName(event.target.value)} />
      )}
    </Dialog>
  )
}

function listFolder(path: string, kind: FileKind | undefined): Promise<Listing> {
  return client().call('files.list', kind ? { path, kind } : { path })
}

function parentOf(folder: string): string {
  return folder.replace(/[/\\][^/\\]*$/, '') || '/'
}

/** Arrow keys go from entry to entry. */
function walk(event: KeyboardEvent<HTMLUListElement>): void {
  const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
  if (step === 0) return
  const entries = [...event.currentTarget.querySelectorAll('button')]
  const next = entries[entries.findIndex((entry) => entry === document.activeElement) + step]
  if (!next) return
  event.preventDefault()
  next.focus()
}
