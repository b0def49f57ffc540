import { Asterisk, Box, FunctionSquare } from 'lucide-react'
import { useMemo, useState } from 'react'
import { planComposition } from '../../src-engine/compose/build-plan.ts'
import type { CompositionGraph } from '../../src-engine/compose/graph.ts'
import { shortName } from '../../src-engine/types/names.ts'
import { decodedOf } from '../state/decoded.ts'
import { graphOf, withGraph } from '../state/document.ts'
import { closeDialog, useLayout } from '../state/layout.ts'
import { edit, useProject } from '../state/project.ts'
import { Button } from '../ui/Button.tsx'
import { Dialog } from '../ui/Dialog.tsx'
import { EmptyState } from '../ui/EmptyState.tsx'
import { Checkbox, Input } from '../ui/Field.tsx'
import styles from './composition.module.css'
import {
  type ChosenExports,
  chosenExports,
  type ExportChoice,
  exportChoices,
  nameProblem,
  pathKey,
  withExports,
} from './exports.ts'

/** Chooses what of one instance leaves the composition, and under which names. */
export function ExportDialog() {
  const dialog = useLayout((layout) => layout.dialog)
  if (dialog?.kind !== 'exports') return null
  return <Chooser key={dialog.instance} instance={dialog.instance} marked={dialog.port} />
}

function Chooser({ instance, marked }: { readonly instance: string; readonly marked: string | undefined }) {
  const graph = useProject((project) => graphOf(project.tables))
  const hash = graph.packages[graph.instances[instance]?.package ?? '']?.hash
  const type = hash === undefined ? undefined : decodedOf(hash)?.type
  const [chosen, setChosen] = useState<ChosenExports>(() => chosenExports(graph, instance))
  const root = useMemo(() => type && exportChoices(type, instance), [type, instance])
  const said = useMemo(() => complaintsOf(graph, instance, chosen), [graph, instance, chosen])
  const rows = root ? [root, ...root.inside.flatMap((choice) => [choice, ...choice.inside])] : []
  const wrong = rows.some((choice) => nameProblem(graph, instance, chosen, choice) !== undefined)
  const change = (choice: ExportChoice, name: string | undefined): void => {
    const next = new Map(chosen)
    if (name === undefined) next.delete(pathKey(choice.path))
    else next.set(pathKey(choice.path), name)
    setChosen(next)
  }
  const apply = (): void => {
    if (wrong) return
    edit(`Export from ${instance}`, (tables) => withGraph(tables, withExports(graphOf(tables), instance, chosen)))
    closeDialog()
  }
  const row = (choice: ExportChoice, depth: number) => (
    <Row
      key={pathKey(choice.path)}
      choice={choice}
      depth={depth}
      chosen={chosen}
      problem={nameProblem(graph, instance, chosen, choice)}
      complaint={said.problems.get(chosen.get(pathKey(choice.path)) ?? '')}
      marked={marked !== undefined && choice.path.length === 1 && choice.path[0] === marked}
      onChange={change}
    />
  )
  return (
    <Dialog
      open
      onClose={closeDialog}
      title={`Exports of ${instance}`}
      description="What is ticked can be reached from outside the composition, under the name beside it."
      width="46rem"
      testId="export-dialog"
      footer={
        <>
          <Button
            onClick={() =>
              setChosen(new Map([...chosen, ...(root?.inside ?? []).flatMap((choice) => spread(choice, chosen))]))
            }
            disabledReason={root ? undefined : 'The component cannot be read.'}
          >
            Tick all it offers
          </Button>
          <Button onClick={() => setChosen(new Map())}>Untick all</Button>
          <span style={{ flex: 1 }} />
          <Button onClick={closeDialog}>Cancel</Button>
          <Button
            look="primary"
            onClick={apply}
            disabledReason={wrong ? 'A name is not right yet.' : undefined}
            data-testid="export-apply"
          >
            Export
          </Button>
        </>
      }
    >
      {root ? (
        <form
          onSubmit={(event) => {
            event.preventDefault()
            apply()
          }}
        >
          <ul className={styles.exports} aria-label={`Exports of ${instance}`}>
            {row(root, 0)}
            {root.inside.map((choice) => (
              <li key={pathKey(choice.path)}>
                <ul>
                  {row(choice, 1)}
                  {choice.inside.length > 0 && (
                    <li>
                      <ul>{choice.inside.map((inner) => row(inner, 2))}</ul>
                    </li>
                  )}
                </ul>
              </li>
            ))}
          </ul>
          {said.companions.length > 0 && (
            <p className={styles.who} data-testid="export-companions">
              Exported as well, because their types are needed: {said.companions.map(shortName).join(', ')}.
            </p>
          )}
          {/* Enter in a field means Export. */}
          <button type="submit" hidden />
        </form>
      ) : (
        <EmptyState title="It cannot be read">
          What {instance} exports is known once its component can be read; the library says what is wrong.
        </EmptyState>
      )}
    </Dialog>
  )
}

function spread(choice: ExportChoice, chosen: ChosenExports): [string, string][] {
  const key = pathKey(choice.path)
  return chosen.has(key) ? [] : [[key, choice.name]]
}

interface RowProps {
  readonly choice: ExportChoice
  readonly depth: number
  readonly chosen: ChosenExports
  readonly problem: string | undefined
  readonly complaint: string | undefined
  readonly marked: boolean
  readonly onChange: (choice: ExportChoice, name: string | undefined) => void
}

function Row({ choice, depth, chosen, problem, complaint, marked, onChange }: RowProps) {
  const name = chosen.get(pathKey(choice.path))
  const Icon = depth === 0 ? Asterisk : choice.extern.kind === 'function' ? FunctionSquare : Box
  const kind =
    depth === 0 ? 'the instance as a whole' : choice.extern.kind === 'instance' ? 'interface' : choice.extern.kind
  const what = choice.path.length === 0 ? choice.label : choice.path.join(' › ')
  return (
    <li className={styles.exportRow} data-testid={`export-row-${choice.path.join(' ')}`}>
      <Checkbox
        checked={name !== undefined}
        autoFocus={marked}
        onChange={(event) => onChange(choice, event.target.checked ? choice.name : undefined)}
      >
        <span className={styles.exportLabel} title={what}>
          <Icon size={13} aria-hidden /> {depth === 0 ? 'Everything' : choice.label}
          <span className={styles.exportKind}>{kind}</span>
        </span>
      </Checkbox>
      {name === undefined ? (
        <span />
      ) : (
        <Input
          aria-label={`Name of the export ${what}`}
          aria-invalid={problem !== undefined || undefined}
          value={name}
          onChange={(event) => onChange(choice, event.target.value)}
        />
      )}
      {problem !== undefined ? (
        <span className={styles.wrong} role="alert">
          {problem}
        </span>
      ) : (
        complaint !== undefined && <span className={styles.wrong}>{complaint}</span>
      )}
    </li>
  )
}

/** What the plan would say of these exports: complaints by name, and what comes along. */
function complaintsOf(
  graph: CompositionGraph,
  instance: string,
  chosen: ChosenExports,
): { readonly problems: ReadonlyMap<string, string>; readonly companions: readonly string[] } {
  try {
    const plan = planComposition(withExports(graph, instance, chosen), decodedOf)
    const problems = plan.problems.flatMap((problem) =>
      problem.export === undefined || problem.instance !== undefined
        ? []
        : [[problem.export, [problem.message, problem.hint].filter(Boolean).join('. ')] as const],
    )
    return { problems: new Map(problems), companions: plan.companions }
  } catch {
    // Names that are half typed may be taken; the row says so.
    return { problems: new Map(), companions: [] }
  }
}
