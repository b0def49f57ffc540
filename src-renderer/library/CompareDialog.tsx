import { ArrowLeftRight, CircleCheck, CircleX } from 'lucide-react'
import { useEffect, useMemo, useState } from 'react'
import { impactOfReplacing } from '../../src-engine/compose/impact.ts'
import type { PlanProblem } from '../../src-engine/compose/plan.ts'
import { compareComponents, type ItemChange } from '../../src-engine/wit/changes.ts'
import type { LibraryItem } from '../../src-preload/contract.ts'
import { DiffEditor } from '../editor/DiffEditor.tsx'
import { useWit } from '../inspector/answers.ts'
import { type Decoded, decodedOf, ensureDecoded, useDecoded } from '../state/decoded.ts'
import { graphOf } from '../state/document.ts'
import { closeDialog, openDialog, useLayout } from '../state/layout.ts'
import { useProject } from '../state/project.ts'
import { revealInstance } from '../state/selection.ts'
import { Badge } from '../ui/Badge.tsx'
import { Button, IconButton } from '../ui/Button.tsx'
import { Dialog } from '../ui/Dialog.tsx'
import { EmptyState } from '../ui/EmptyState.tsx'
import { Select } from '../ui/Field.tsx'
import { formatCount } from '../ui/format.ts'
import { ProblemNotice } from '../ui/ProblemNotice.tsx'
import { Spinner } from '../ui/Spinner.tsx'
import { Tabs } from '../ui/Tabs.tsx'
import styles from './Compare.module.css'

/** Two components of the library, or two versions of one: what changed, whom it breaks, and what it breaks here. */
export function CompareDialog() {
  const dialog = useLayout((layout) => layout.dialog)
  if (dialog?.kind !== 'compare') return null
  return <Compare key={`${dialog.id} ${dialog.other ?? ''}`} id={dialog.id} other={dialog.other} />
}

function Compare({ id, other: given }: { readonly id: string; readonly other: string | undefined }) {
  const library = useProject((project) => project.library)
  const [tab, setTab] = useState('changes')
  const items = library.filter((item) => item.status === 'ready' && item.summary?.kind === 'component')
  const before = items.find((item) => item.id === id)
  const other = given ?? (before && nearestOf(before, items))
  const after = items.find((item) => item.id === other)
  const left = useComponent(before)
  const right = useComponent(after)
  const changes = useMemo(
    () =>
      left?.state === 'ready' && right?.state === 'ready'
        ? compareComponents(left.component.type, right.component.type)
        : undefined,
    [left, right],
  )
  const failed = [left, right].find((one) => one?.state === 'failed')
  return (
    <Dialog
      open
      onClose={closeDialog}
      title="Compare two components"
      width="min(64rem, 92vw)"
      testId="compare-dialog"
      footer={<Button onClick={closeDialog}>Close</Button>}
    >
      <div className={styles.pick}>
        <Pick
          label="Before"
          value={id}
          items={items}
          onChange={(next) => openDialog({ kind: 'compare', id: next, ...(other === undefined ? {} : { other }) })}
        />
        <IconButton
          label="Swap the two"
          look="secondary"
          disabledReason={other === undefined ? 'Choose the other one first.' : undefined}
          onClick={() => other !== undefined && openDialog({ kind: 'compare', id: other, other: id })}
        >
          <ArrowLeftRight size={14} />
        </IconButton>
        <Pick
          label="After"
          value={other ?? ''}
          items={items}
          onChange={(next) => openDialog({ kind: 'compare', id, other: next })}
        />
      </div>
      <div className={styles.body}>
        {!before || !after ? (
          <EmptyState title="Choose two components">
            Components of the library, its samples and the project&#8217;s folder can be compared once they are built.
          </EmptyState>
        ) : failed?.state === 'failed' ? (
          <ProblemNotice problem={failed.problem} />
        ) : !changes ? (
          <div className={styles.waiting}>
            <Spinner label="Reading both components" />
          </div>
        ) : (
          <Tabs
            label="Comparison"
            value={tab}
            onChange={setTab}
            tabs={[
              {
                id: 'changes',
                label: `Changes · ${changes.length}`,
                content: <Changes before={before} after={after} changes={changes} />,
              },
              { id: 'wit', label: 'Side by side', content: <SideBySide before={before} after={after} /> },
            ]}
          />
        )}
      </div>
    </Dialog>
  )
}

/** What somebody most likely means to compare with: another file with the same beginning, else one with a common interface. */
function nearestOf(item: LibraryItem, items: readonly LibraryItem[]): string | undefined {
  const stem = (name: string): string =>
    name.replace(/\.wasm$/i, '').replace(/[-_.]?(v?\d[\d.]*|new|old|composed)$/i, '')
  const exports = new Set(item.summary?.world.exports.map(({ name }) => name.replace(/@.*$/, '')))
  const score = (other: LibraryItem): number =>
    (stem(other.name) === stem(item.name) ? 10 : 0) +
    (other.hash === item.hash ? -5 : 0) +
    (other.summary?.world.exports.some(({ name }) => exports.has(name.replace(/@.*$/, ''))) ? 2 : 0)
  return items
    .filter((other) => other.id !== item.id)
    .map((other) => ({ id: other.id, score: score(other) }))
    .sort((one, two) => two.score - one.score)[0]?.id
}

function useComponent(item: LibraryItem | undefined): Decoded | undefined {
  const hash = item?.hash
  useEffect(() => {
    if (hash !== undefined) ensureDecoded([hash])
  }, [hash])
  return useDecoded(({ byHash }) => (hash === undefined ? undefined : byHash.get(hash)))
}

function Pick({
  label,
  value,
  items,
  onChange,
}: {
  readonly label: string
  readonly value: string
  readonly items: readonly LibraryItem[]
  readonly onChange: (id: string) => void
}) {
  const origins = { project: 'Project', folder: 'Folder', sample: 'Samples' } as const
  return (
    <label className={styles.side}>
      <span>{label}</span>
      <Select value={value} onChange={(event) => onChange(event.target.value)}>
        {value === '' && <option value="">Choose a component</option>}
        {(['project', 'folder', 'sample'] as const).map((origin) => {
          const own = items.filter((item) => item.origin === origin)
          return own.length === 0 ? null : (
            <optgroup key={origin} label={origins[origin]}>
              {own.map((item) => (
                <option key={item.id} value={item.id}>
                  {item.name}
                </option>
              ))}
            </optgroup>
          )
        })}
      </Select>
    </label>
  )
}

function Changes({
  before,
  after,
  changes,
}: {
  readonly before: LibraryItem
  readonly after: LibraryItem
  readonly changes: readonly ItemChange[]
}) {
  const breaking = changes.filter(({ consumer, provider }) => consumer === 'breaking' || provider === 'breaking').length
  return (
    <div className={styles.changes}>
      <Impact before={before} after={after} />
      {changes.length === 0 ? (
        <p className={styles.none}>Their imports and exports are the same.</p>
      ) : (
        <p className={styles.none} role="status">
          {formatCount(changes.length, 'change')}, {breaking === 0 ? 'none' : breaking} breaking. The consumer uses an
          item, the provider implements it; the component itself has changed along.
        </p>
      )}
      <ul className={styles.list}>
        {changes.map((change, index) => (
          // Paths may repeat: one item can change in two ways.
          <Change key={`${change.path.join(' ')} ${index}`} change={change} />
        ))}
      </ul>
    </div>
  )
}

const words = { added: 'added', removed: 'removed', changed: 'changed', version: 'version' } as const

function Change({ change }: { readonly change: ItemChange }) {
  const { kind, path, before, after, consumer, provider, reason } = change
  return (
    <li className={styles.change} data-kind={kind}>
      <span className={styles.head}>
        <Badge>{words[kind]}</Badge>
        <span className={styles.path}>{path.join(' › ')}</span>
        <Badge tone={consumer === 'breaking' ? 'danger' : 'ok'}>consumer {consumer}</Badge>
        <Badge tone={provider === 'breaking' ? 'danger' : 'ok'}>provider {provider}</Badge>
      </span>
      {before !== undefined && (
        <code className={styles.before} data-selectable>
          {before}
        </code>
      )}
      {after !== undefined && (
        <code className={styles.after} data-selectable>
          {after}
        </code>
      )}
      <span className={styles.reason}>{reason}</span>
    </li>
  )
}

/** What breaks in this project when the one takes the place of the other. */
function Impact({ before, after }: { readonly before: LibraryItem; readonly after: LibraryItem }) {
  const graph = useProject((project) => graphOf(project.tables))
  const impact = useMemo(
    () =>
      before.hash === undefined || after.hash === undefined
        ? undefined
        : impactOfReplacing(before.hash, after.hash, graph, decodedOf),
    [graph, before.hash, after.hash],
  )
  if (!impact || impact.instances.length === 0)
    return <p className={styles.none}>No instance of {before.name} is on the canvas: nothing here depends on it.</p>
  const who = impact.instances.join(', ')
  if (impact.breaks.length === 0)
    return (
      <p className={styles.verdict}>
        <CircleCheck size={14} className={styles.good} aria-hidden />
        With {after.name} in the place of {before.name}, {who} would keep working.
      </p>
    )
  return (
    <section className={styles.impact} aria-label="What would break here" data-testid="compare-impact">
      <p className={styles.verdict}>
        <CircleX size={14} className={styles.bad} aria-hidden />
        With {after.name} in the place of {before.name} ({who}), {formatCount(impact.breaks.length, 'thing')} here would
        break:
      </p>
      <ul>
        {impact.breaks.map((problem) => (
          <li key={`${problem.instance ?? ''} ${problem.import ?? ''} ${problem.export ?? ''} ${problem.message}`}>
            <Break problem={problem} />
          </li>
        ))}
      </ul>
    </section>
  )
}

function Break({ problem }: { readonly problem: PlanProblem }) {
  const { instance } = problem
  const there = useProject((project) => instance !== undefined && Object.hasOwn(project.tables.instances, instance))
  return (
    <>
      {there && instance !== undefined && (
        <button
          type="button"
          className={styles.link}
          onClick={() => {
            closeDialog()
            revealInstance(instance, problem.import === undefined ? undefined : { side: 'in', name: problem.import })
          }}
        >
          {instance}
        </button>
      )}{' '}
      <span>{problem.message}</span>
      {problem.hint !== undefined && <span className={styles.reason}> {problem.hint}</span>}
    </>
  )
}

function SideBySide({ before, after }: { readonly before: LibraryItem; readonly after: LibraryItem }) {
  const left = useWit(before.hash === undefined ? undefined : { hash: before.hash })
  const right = useWit(after.hash === undefined ? undefined : { hash: after.hash })
  const failed = [left, right].find((answer) => answer.state === 'failed')
  if (failed?.state === 'failed') return <ProblemNotice problem={failed.problem} />
  if (left.state !== 'ready' || right.state !== 'ready')
    return (
      <div className={styles.waiting}>
        <Spinner label="Reading the WIT" />
      </div>
    )
  return (
    <DiffEditor
      label={`WIT of ${before.name} and of ${after.name}`}
      before={left.output.wit}
      after={right.output.wit}
      language="wit"
      testId="compare-wit"
    />
  )
}
