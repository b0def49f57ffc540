import { CircleAlert, Undo2 } from 'lucide-react'
import { useMemo, useState } from 'react'
import { runCommand } from '../commands/registry.ts'
import { problemOf } from '../../src-engine/error.ts'
import type { Problem } from '../../src-preload/contract.ts'
import { CodeEditor } from '../editor/CodeEditor.tsx'
import { useDecoded } from '../state/decoded.ts'
import { usePlan } from '../state/plan.ts'
import { redo, undo, useProject } from '../state/project.ts'
import { announce } from '../ui/announce.tsx'
import { Button } from '../ui/Button.tsx'
import { formatCount } from '../ui/format.ts'
import { ProblemNotice } from '../ui/ProblemNotice.tsx'
import { Spinner } from '../ui/Spinner.tsx'
import styles from './composition.module.css'
import type { ScriptProblem } from './script.ts'
import { discardScript, problemsOfText, scriptText, takeScript, typeScript, useScriptText } from './text.ts'
import { useCompositionView } from './view.ts'
import { useWitPackages } from './wit-packages.ts'

/** The composition as a `.wac` script that can be typed in; canvas and text are two views of one graph. */
export function TextPane() {
  const tables = useProject((project) => project.tables)
  const readOnly = useProject((project) => project.status !== 'ready')
  const generation = useProject((project) => project.generation)
  const decoded = useDecoded(({ byHash }) => byHash)
  const reading = usePlan(({ plan, problems }) => plan === undefined && problems.length === 0)
  const { draft, problems: mistakes, trouble, pending, overtaken } = useScriptText()
  const wit = useWitPackages(({ packages }) => packages)
  const [reveal, setReveal] = useState<{ readonly line: number; readonly column: number }>()
  const asked = useCompositionView((view) => view.asked)
  const focus = useMemo(() => (asked > 0 ? { asked } : undefined), [asked])
  // Types that arrive later change which short names are enough.
  const shown = useMemo((): { readonly text: string } | { readonly problem: Problem } => {
    try {
      return { text: scriptText(tables) }
    } catch (thrown) {
      return { problem: problemOf(thrown) }
    }
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [tables, decoded, wit])
  const misfits = useMemo(
    () => ('text' in shown ? problemsOfText(shown.text, tables) : []),
    // oxlint-disable-next-line react-hooks/exhaustive-deps
    [shown, tables, decoded, wit],
  )
  if (reading && draft === undefined)
    return (
      <div className={styles.waiting}>
        <Spinner label="Reading the components" />
      </div>
    )
  if ('problem' in shown && draft === undefined)
    return (
      <div className={styles.page}>
        <ProblemNotice problem={shown.problem} tone="warning" />
      </div>
    )
  const problems = draft === undefined ? misfits : mistakes
  const text = draft ?? ('text' in shown ? shown.text : '')
  const step = (move: () => string | undefined, word: string) => (): boolean => {
    // Letters of a text that makes no sense yet are taken back one by one, by the editor.
    const now = useScriptText.getState()
    if (now.draft !== undefined && now.problems.length > 0) return false
    void takeScript().then((taken) => {
      if (!taken) return
      const label = move()
      if (label !== undefined) announce(`${word}: ${label}`)
    })
    return true
  }
  return (
    <div
      className={styles.text}
      data-testid="composition-text"
      data-state={draft !== undefined && problems.length > 0 ? 'bad' : 'good'}
    >
      <div className={styles.editor}>
        <CodeEditor
          label="The composition as WAC"
          testId="composition-editor"
          value={text}
          language="wac"
          path={`composition-${generation}.wac`}
          readOnly={readOnly}
          wrap
          marks={problems}
          {...(reveal ? { reveal } : {})}
          {...(focus ? { focus } : {})}
          onChange={typeScript}
          onBlur={() => void takeScript()}
          onUndo={step(undo, 'Undone')}
          onRedo={step(redo, 'Done again')}
          onSave={() => void takeScript().then(() => runCommand('file.save'))}
        />
      </div>
      {trouble && <ProblemNotice problem={trouble} />}
      {problems.length > 0 && (
        <Problems
          problems={problems}
          kind={draft === undefined ? 'misfit' : overtaken ? 'overtaken' : 'mistake'}
          stale={pending}
          onChoose={setReveal}
        />
      )}
    </div>
  )
}

const heads = {
  misfit: 'The canvas says the same as this text.',
  mistake: 'The canvas keeps to the last text that made sense.',
  overtaken:
    'The canvas was edited since the text last made sense: repaired, the text wins; discarded, the canvas does.',
}

/** Why the text is not what the canvas shows, place by place. */
function Problems({
  problems,
  kind,
  stale,
  onChoose,
}: {
  readonly problems: readonly ScriptProblem[]
  /** Whether the graph has the text, or keeps to an earlier one. */
  readonly kind: keyof typeof heads
  readonly stale: boolean
  readonly onChoose: (place: { readonly line: number; readonly column: number }) => void
}) {
  return (
    <section className={styles.problems} aria-label="Problems of the text" data-testid="composition-problems">
      <div className={styles.problemsHead} role="status">
        <span>
          {heads[kind]} {formatCount(problems.length, 'problem')}.
        </span>
        {kind !== 'misfit' && (
          <Button size="small" icon={<Undo2 size={13} />} onClick={discardScript}>
            Discard what I typed
          </Button>
        )}
      </div>
      <ul data-stale={stale || undefined}>
        {problems.map((problem) => (
          <li key={`${problem.line}:${problem.column} ${problem.message}`}>
            <button
              type="button"
              className={styles.problem}
              onClick={() => onChoose({ line: problem.line, column: problem.column })}
            >
              <CircleAlert size={14} aria-hidden className={styles.bad} />
              <span className={styles.problemText}>
                <span>{problem.message}</span>
                {problem.hint !== undefined && <span className={styles.hint}>{problem.hint}</span>}
              </span>
              <span className={styles.place}>
                {problem.line}:{problem.column}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  )
}
