import { FileText, FolderOpen } from 'lucide-react'
import { useEffect, useState } from 'react'
import { problemOf } from '../../src-engine/error.ts'
import type { CallOutput, LibraryItem, Problem } from '../../src-preload/contract.ts'
import { askFolder, askWit } from '../library/ask.ts'
import type { TargetChoice } from '../state/document.ts'
import { closeDialog, useLayout } from '../state/layout.ts'
import { relativePath, useProject } from '../state/project.ts'
import { client } from '../state/session.ts'
import { Button } from '../ui/Button.tsx'
import { Dialog } from '../ui/Dialog.tsx'
import { SearchField, TextField } from '../ui/Field.tsx'
import { ProblemNotice } from '../ui/ProblemNotice.tsx'
import { Spinner } from '../ui/Spinner.tsx'
import styles from './composition.module.css'
import { chooseTarget, nameOfWorld, worldOfTexts } from './target.ts'

type Places = CallOutput<'wit.places'>['places']

/** Chooses the world that the composition is compared with. */
export function TargetDialog() {
  const open = useLayout((layout) => layout.dialog?.kind === 'target-world')
  return open ? <Chooser /> : null
}

function Chooser() {
  const [places, setPlaces] = useState<Places>()
  const [problem, setProblem] = useState<Problem>()
  const [filter, setFilter] = useState('')
  const library = useProject((project) => project.library)
  const current = useProject((project) => project.tables.target['world'])
  useEffect(() => {
    client()
      .call('wit.places', {})
      .then(
        (answer) => setPlaces(answer.places),
        (thrown: unknown) => setProblem(problemOf(thrown)),
      )
  }, [])
  const choose = (choice: TargetChoice | undefined): void => {
    chooseTarget(choice)
    closeDialog()
  }
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean)
  const matches = (text: string): boolean => words.every((word) => text.toLowerCase().includes(word))
  const worlds = (origin: 'project' | 'builtin'): Choice[] =>
    (places ?? [])
      .filter((place) => place.origin === origin)
      .flatMap((place) =>
        place.worlds.map((world) => ({ choice: { place: place.id, world }, label: world, detail: place.label })),
      )
  const broken = (places ?? []).flatMap((place) => (place.problem ? [{ place, problem: place.problem }] : []))
  const groups: readonly { readonly title: string; readonly choices: readonly Choice[] }[] = [
    { title: 'In this project', choices: worlds('project') },
    { title: 'Brought by Patchbay', choices: worlds('builtin') },
    { title: 'What a component of the library needs and gives', choices: library.flatMap(componentChoice) },
  ]
  const shown = groups
    .map((group) => ({ ...group, choices: group.choices.filter(({ label, detail }) => matches(`${label} ${detail}`)) }))
    .filter((group) => group.choices.length > 0)
  return (
    <Dialog
      open
      onClose={closeDialog}
      title="Compare with a world"
      description="The composition may import only what the world offers, and must export what it asks for."
      width="38rem"
      testId="target-dialog"
      footer={
        <>
          {current && <Button onClick={() => choose(undefined)}>Compare with none</Button>}
          <span style={{ flex: 1 }} />
          <Button onClick={closeDialog}>Cancel</Button>
        </>
      }
    >
      <div className={styles.filter}>
        <SearchField
          label="Find a world"
          value={filter}
          autoFocus
          onChange={(event) => setFilter(event.target.value)}
        />
      </div>
      {problem && <ProblemNotice problem={problem} />}
      <div className={styles.choices}>
        {!places && !problem && (
          <div className={styles.waiting}>
            <Spinner label="Looking for worlds" />
          </div>
        )}
        {shown.map((group) => (
          <section key={group.title} className={styles.choiceGroup} aria-label={group.title}>
            <h3>{group.title}</h3>
            <ul>
              {group.choices.map(({ choice, label, detail }) => (
                <li key={`${choice.place} ${choice.world ?? ''}`}>
                  <button
                    type="button"
                    className={styles.choice}
                    aria-pressed={current?.place === choice.place && current.world === choice.world}
                    onClick={() => choose(choice)}
                  >
                    <span>{label}</span> <span className={styles.who}>{detail}</span>
                  </button>
                </li>
              ))}
            </ul>
          </section>
        ))}
        {places && shown.length === 0 && <p className={styles.none}>No world is called that.</p>}
        {broken.map(({ place, problem: why }) => (
          <ProblemNotice
            key={place.id}
            problem={{
              ...why,
              where: { ...why.where, file: [place.label, why.where?.file].filter(Boolean).join(' › ') },
            }}
            tone="warning"
          />
        ))}
      </div>
      <Other onChoose={choose} />
    </Dialog>
  )
}

interface Choice {
  readonly choice: TargetChoice
  readonly label: string
  readonly detail: string
}

function componentChoice(item: LibraryItem): Choice[] {
  if (item.status !== 'ready' || item.summary?.kind !== 'component') return []
  const { imports, exports } = item.summary.world
  return [
    {
      choice: { place: `component:${item.id}` },
      label: item.name,
      detail: `${imports.length} imports, ${exports.length} exports${item.origin === 'sample' ? ' · sample' : ''}`,
    },
  ]
}

/** WIT that lies anywhere else: a `.wit` file, or a folder of them. */
function Other({ onChoose }: { readonly onChoose: (choice: TargetChoice) => void }) {
  const folder = useProject((project) => project.folder)
  const [path, setPath] = useState('')
  const [world, setWorld] = useState('')
  const [problem, setProblem] = useState<Problem>()
  const use = async (): Promise<void> => {
    try {
      const place = path.trim()
      const texts = await client().call('wit.read', { place })
      const name = world.trim() === '' ? undefined : world.trim()
      worldOfTexts(texts, name)
      onChoose({ place, world: nameOfWorld(texts, name) })
    } catch (thrown) {
      setProblem(problemOf(thrown))
    }
  }
  const browse = (chosen: string | undefined): void => {
    if (chosen === undefined) return
    const near = relativePath(folder, chosen)
    setPath(near.startsWith('../..') || near === '' ? chosen : near)
    setProblem(undefined)
  }
  return (
    <details className={styles.other}>
      <summary>A world from elsewhere…</summary>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void use()
        }}
      >
        <div className={styles.otherPlace}>
          <TextField
            label="A .wit file or a folder of them"
            hint="Relative to the project, or from the root."
            value={path}
            onChange={(event) => {
              setPath(event.target.value)
              setProblem(undefined)
            }}
          />
          <Button icon={<FileText size={13} />} onClick={() => void askWit('File with WIT').then(browse)}>
            File…
          </Button>
          <Button icon={<FolderOpen size={13} />} onClick={() => void askFolder('Folder with WIT').then(browse)}>
            Folder…
          </Button>
        </div>
        <div className={styles.otherPlace}>
          <TextField
            label="World"
            hint="May be left empty where there is only one."
            value={world}
            onChange={(event) => {
              setWorld(event.target.value)
              setProblem(undefined)
            }}
          />
          <Button
            look="primary"
            type="submit"
            disabledReason={path.trim() === '' ? 'Name the file or folder first.' : undefined}
          >
            Use it
          </Button>
        </div>
        {problem && <ProblemNotice problem={problem} />}
      </form>
    </details>
  )
}
