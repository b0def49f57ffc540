import { ArrowDown, Check, Trash2, X } from 'lucide-react'
import { useState } from 'react'
import type { GraphSource } from '../../src-engine/compose/graph.ts'
import type { Problem } from '../../src-engine/error.ts'
import type { Extern } from '../../src-engine/types/graph.ts'
import { matchNames, shortName, splitVersion } from '../../src-engine/types/names.ts'
import { DiffEditor } from '../editor/DiffEditor.tsx'
import { removeFromCanvas } from '../state/composition.ts'
import { useDecoded } from '../state/decoded.ts'
import { graphOf } from '../state/document.ts'
import { usePlan } from '../state/plan.ts'
import { useProject } from '../state/project.ts'
import { exportWire, revealInstance } from '../state/selection.ts'
import { Badge } from '../ui/Badge.tsx'
import { Button } from '../ui/Button.tsx'
import { EmptyState } from '../ui/EmptyState.tsx'
import { ProblemNotice } from '../ui/ProblemNotice.tsx'
import { Section } from '../ui/Section.tsx'
import { Segmented } from '../ui/Segmented.tsx'
import styles from './inspector.module.css'
import { compareItems } from './interfaces.ts'
import { witOf } from './wit-text.ts'

/** One wire: both ends, the verdict, and their functions side by side. `wire` is a key of the selection. */
export function WireView({ wire }: { readonly wire: string }) {
  const tables = useProject((project) => project.tables)
  const problems = usePlan((plan) => plan.problems)
  const graph = graphOf(tables)
  const argument = graph.arguments[wire]
  if (argument) {
    const problem = problems.find((one) => one.instance === argument.instance && one.import === argument.name)
    return (
      <Ends
        wire={wire}
        source={argument.source}
        target={{ instance: argument.instance, name: argument.name }}
        problem={problem}
      />
    )
  }
  const name = Object.keys(graph.exports).find((candidate) => exportWire(candidate) === wire)
  const entry = name === undefined ? undefined : graph.exports[name]
  if (name === undefined || !entry) return <EmptyState title="The wire is gone" />
  return (
    <Ends
      wire={wire}
      source={entry.source}
      target={{ instance: undefined, name }}
      problem={problems.find((one) => one.export === name)}
    />
  )
}

interface EndsProps {
  readonly wire: string
  readonly source: GraphSource
  /** No instance = an export of the composition. */
  readonly target: { readonly instance: string | undefined; readonly name: string }
  readonly problem: Problem | undefined
}

function Ends({ wire, source, target, problem }: EndsProps) {
  const exported = useExtern(source.kind === 'instance' ? source.instance : undefined, 'exports', source.path[0])
  const imported = usePlan(({ plan }) =>
    source.kind === 'import' && source.path.length === 0
      ? plan?.imports.find(({ name }) => name === source.import)?.extern
      : undefined,
  )
  const given = exported ?? imported
  const asked = useExtern(target.instance, 'imports', target.name)
  const sourceName = source.path.at(-1) ?? (source.kind === 'import' ? source.import : source.instance)
  return (
    <>
      <header className={styles.header}>
        <h2 className={styles.title} data-testid="inspector-title">
          {shortName(target.name)}
        </h2>
        <div className={styles.subtitle}>{target.instance === undefined ? 'export of the composition' : 'wire'}</div>
      </header>
      <div className={styles.scroll}>
        <div className={styles.page}>
          <ol className={styles.ends}>
            <End
              label="From"
              instance={source.kind === 'instance' ? source.instance : undefined}
              side="out"
              name={sourceName}
              world="an import of the composition"
            />
            <ArrowDown size={14} className={styles.endArrow} aria-hidden />
            <End label="To" instance={target.instance} side="in" name={target.name} world="World exports" />
          </ol>
          {problem ? <ProblemNotice problem={problem} /> : <Verdict source={sourceName} target={target} />}
          {asked && given && <Comparison asked={asked} given={given} name={target.name} />}
          <div>
            <Button size="small" icon={<Trash2 size={13} />} onClick={() => removeFromCanvas([], [wire])}>
              {target.instance === undefined ? 'Remove the export' : 'Remove the wire'}
            </Button>
          </div>
        </div>
      </div>
    </>
  )
}

function Verdict({ source, target }: { readonly source: string; readonly target: EndsProps['target'] }) {
  const match = matchNames(source, target.name)
  if (target.instance === undefined) return null
  const { version } = splitVersion(source)
  return (
    <p className={styles.verdict} role="status">
      <Badge tone="ok">
        <Check size={11} aria-hidden /> fits
      </Badge>
      {match === 'newer' && <span>The export is of the newer version {version}, which is compatible.</span>}
      {match === 'older' && <span>The export is of the older version {version}; it has all that is asked for.</span>}
      {match === 'no' && <span>The names differ; the types agree.</span>}
    </p>
  )
}

interface EndProps {
  readonly label: string
  readonly instance: string | undefined
  readonly side: 'in' | 'out'
  readonly name: string
  readonly world: string
}

function End({ label, instance, side, name, world }: EndProps) {
  return (
    <li className={styles.end}>
      <span className={styles.endLabel}>{label}</span>
      {instance === undefined ? (
        <span>{world}</span>
      ) : (
        <button type="button" className={styles.link} onClick={() => revealInstance(instance, { side, name })}>
          {instance}
        </button>
      )}
      <code data-selectable>{name}</code>
    </li>
  )
}

const marks = {
  same: <Check size={11} aria-label="same" />,
  different: <X size={11} aria-label="different" />,
  missing: <X size={11} aria-label="missing" />,
  extra: null,
}

/** What an import asks for beside what an export gives: item by item, or both as WIT. */
export function Comparison({
  asked,
  given,
  name,
}: {
  readonly asked: Extern
  readonly given: Extern
  /** Of the import. */
  readonly name: string
}) {
  const [view, setView] = useState<'items' | 'text'>('items')
  return (
    <Section
      title="Asked for and given"
      className={styles.section}
      end={
        <Segmented
          label="Comparison"
          value={view}
          onChange={setView}
          options={[
            { value: 'items', label: 'Items' },
            { value: 'text', label: 'WIT' },
          ]}
        />
      }
    >
      {view === 'items' ? (
        <ComparedItems asked={asked} given={given} />
      ) : (
        <div className={styles.diff}>
          <DiffEditor
            label="WIT asked for and given"
            before={witOf(name, asked)}
            after={witOf(name, given)}
            language="wit"
            testId="wire-diff"
          />
        </div>
      )}
    </Section>
  )
}

function ComparedItems({ asked, given }: { readonly asked: Extern; readonly given: Extern }) {
  const items = compareItems(asked, given)
  return (
    <ul className={styles.compared} data-selectable>
      {items.map((item) => (
        <li key={item.name} data-verdict={item.verdict}>
          <span className={styles.mark}>{marks[item.verdict]}</span>
          <span className={styles.comparedText}>
            {item.asked !== undefined && <code>{item.asked}</code>}
            {item.verdict === 'different' && <code className={styles.givenLine}>{item.given}</code>}
            {item.verdict === 'missing' && <span className={styles.faint}> is not given</span>}
            {item.verdict === 'extra' && (
              <>
                <code>{item.given}</code> <span className={styles.faint}>is given too, nobody asks for it</span>
              </>
            )}
          </span>
        </li>
      ))}
    </ul>
  )
}

/** The type of an import or export of an instance, when its component is decoded. */
function useExtern(
  instance: string | undefined,
  side: 'imports' | 'exports',
  name: string | undefined,
): Extern | undefined {
  const hash = useProject(({ tables }) =>
    instance === undefined ? undefined : tables.packages[tables.instances[instance]?.package ?? '']?.hash,
  )
  const decoded = useDecoded(({ byHash }) => (hash === undefined ? undefined : byHash.get(hash)))
  if (decoded?.state !== 'ready' || name === undefined) return undefined
  return decoded.component.type[side].get(name)
}
