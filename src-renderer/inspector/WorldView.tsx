import { CircleCheck, CircleDashed, CircleX, Code2, Save, TriangleAlert } from 'lucide-react'
import { useMemo, useState } from 'react'
import { problemOf } from '../../src-engine/error.ts'
import type { Plan } from '../../src-engine/compose/plan.ts'
import { shortName } from '../../src-engine/types/names.ts'
import type { CallOutput, Problem } from '../../src-preload/contract.ts'
import { runCommand } from '../commands/registry.ts'
import { scriptText } from '../composition/text.ts'
import { showComposition } from '../composition/view.ts'
import { CodeEditor } from '../editor/CodeEditor.tsx'
import { graphOf, mutable } from '../state/document.ts'
import { showDrawer } from '../state/layout.ts'
import { usePlan } from '../state/plan.ts'
import { useProject } from '../state/project.ts'
import { revealInstance } from '../state/selection.ts'
import { client } from '../state/session.ts'
import { Badge } from '../ui/Badge.tsx'
import { Button } from '../ui/Button.tsx'
import { EmptyState } from '../ui/EmptyState.tsx'
import { ProblemNotice } from '../ui/ProblemNotice.tsx'
import { Section } from '../ui/Section.tsx'
import { Spinner } from '../ui/Spinner.tsx'
import { Tabs } from '../ui/Tabs.tsx'
import { formatBytes, formatCount } from '../ui/format.ts'
import styles from './inspector.module.css'
import { useInspectorTab } from './tabs.ts'

type Composed = CallOutput<'composition.build'>

/** The composition as a whole: what it needs, what it gives, what it is as a script and as a component. */
export function WorldView() {
  const [tab, setTab] = useInspectorTab(['world', 'wac', 'composed'])
  const name = useProject((project) => project.name)
  const instances = useProject((project) => Object.keys(project.tables.instances).length)
  const plan = usePlan((planned) => planned.plan)
  return (
    <>
      <header className={styles.header}>
        <h2 className={styles.title} data-testid="inspector-title">
          Composition
        </h2>
        <div className={styles.subtitle}>
          <span>{name}</span>
          <span>{formatCount(instances, 'instance')}</span>
        </div>
      </header>
      {instances === 0 ? (
        <EmptyState title="Nothing on the canvas">
          Put components from the library on the canvas; what they make together is described here.
        </EmptyState>
      ) : (
        <div className={styles.fill}>
          <Tabs
            label="Inspector"
            value={tab}
            onChange={setTab}
            tabs={[
              { id: 'world', label: 'World', content: plan ? <World plan={plan} /> : <Reading /> },
              { id: 'wac', label: 'WAC', content: <Script /> },
              { id: 'composed', label: 'Result', content: <Result /> },
            ]}
          />
        </div>
      )}
    </>
  )
}

function Reading() {
  return (
    <div className={styles.waiting}>
      <Spinner label="Planning" />
    </div>
  )
}

function World({ plan }: { readonly plan: Plan }) {
  const missing = plan.imports.filter((entry) => !entry.host)
  const host = plan.imports.filter((entry) => entry.host)
  return (
    <div className={styles.page} data-testid="inspector-world">
      {plan.problems.length === 0 ? (
        <p className={styles.verdict}>
          {missing.length === 0 ? (
            <>
              <CircleCheck size={14} className={styles.good} aria-hidden /> It can be composed.
            </>
          ) : (
            <>
              <CircleDashed size={14} className={styles.open} aria-hidden /> It can be composed, but needs{' '}
              {formatCount(missing.length, 'more interface')} before a host can run it.
            </>
          )}
        </p>
      ) : (
        <p className={styles.verdict}>
          <CircleX size={14} className={styles.bad} aria-hidden />
          <span>{formatCount(plan.problems.length, 'problem')}</span>
          <Button size="small" onClick={() => showDrawer('problems')}>
            Show
          </Button>
        </p>
      )}
      {plan.warnings.length > 0 && (
        <p className={styles.verdict}>
          <TriangleAlert size={14} className={styles.open} aria-hidden />
          <span>{formatCount(plan.warnings.length, 'warning')}</span>
          <Button size="small" onClick={() => showDrawer('problems')}>
            Show
          </Button>
        </p>
      )}
      <Section title={`Exports · ${plan.exports.length}`} className={styles.section}>
        {plan.exports.length === 0 ? (
          <p className={styles.none}>Nothing is exported yet: draw a wire from an export to World exports.</p>
        ) : (
          <ul className={styles.plainList}>
            {plan.exports.map((entry) => (
              <li key={entry.name} title={entry.name}>
                <code>{shortName(entry.name)}</code>
                {entry.companion ? (
                  <Badge title="Added because another export needs its types">companion</Badge>
                ) : (
                  entry.source.kind === 'instance' && <Instance id={entry.source.instance} />
                )}
              </li>
            ))}
          </ul>
        )}
      </Section>
      <Section title={`Needs from others · ${missing.length}`} className={styles.section}>
        {missing.length === 0 ? (
          <p className={styles.none}>Nothing: a host with WASI can run it.</p>
        ) : (
          <ImportList imports={missing} />
        )}
      </Section>
      <Section title={`Given by the host · ${host.length}`} className={styles.section}>
        {host.length === 0 ? <p className={styles.none}>Nothing.</p> : <ImportList imports={host} />}
      </Section>
      {plan.features.length > 0 && (
        <Section title="Needs of a host beyond WASI 0.2" className={styles.section}>
          <p className={styles.chips}>
            {plan.features.map((feature) => (
              <Badge key={feature} tone="info">
                {feature}
              </Badge>
            ))}
          </p>
        </Section>
      )}
    </div>
  )
}

function ImportList({ imports }: { readonly imports: Plan['imports'] }) {
  return (
    <ul className={styles.plainList}>
      {imports.map((entry) => (
        <li key={entry.name}>
          <code title={entry.name}>{entry.name}</code>
          <WantedBy by={[...new Set(entry.wantedBy.map((one) => one.instance))]} port={entry.wantedBy[0]?.name} />
        </li>
      ))}
    </ul>
  )
}

/** Who needs an import: by name as long as they are few. */
function WantedBy({ by, port }: { readonly by: readonly string[]; readonly port: string | undefined }) {
  if (by.length > 2) {
    return (
      <span className={styles.faint} title={by.join(', ')}>
        {formatCount(by.length, 'instance')}
      </span>
    )
  }
  return (
    <span className={styles.wantedBy}>
      {by.map((id) => (
        <Instance key={id} id={id} {...(port === undefined ? {} : { port })} />
      ))}
    </span>
  )
}

function Instance({ id, port }: { readonly id: string; readonly port?: string | undefined }) {
  return (
    <button
      type="button"
      className={styles.link}
      onClick={() => revealInstance(id, port === undefined ? undefined : { side: 'in', name: port })}
    >
      {id}
    </button>
  )
}

/** The composition as a `.wac` script. */
function Script() {
  const tables = useProject((project) => project.tables)
  const plan = usePlan((planned) => planned.plan)
  // The plan changes when types arrive, which the script needs as well.
  const script = useMemo((): { readonly text: string } | { readonly problem: Problem } => {
    try {
      return { text: scriptText(tables) }
    } catch (thrown) {
      return { problem: problemOf(thrown) }
    }
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [tables, plan])
  if ('problem' in script) {
    return (
      <div className={styles.page}>
        <ProblemNotice problem={script.problem} tone="warning" />
      </div>
    )
  }
  return (
    <div className={styles.resultPage} data-testid="inspector-wac">
      <div className={styles.actions}>
        <Button size="small" icon={<Code2 size={13} />} onClick={() => showComposition('text')}>
          Edit beside the canvas
        </Button>
      </div>
      <div className={styles.fill}>
        <CodeEditor label="The composition as WAC" value={script.text} language="wac" readOnly lineNumbers={false} />
      </div>
    </div>
  )
}

/** Composes and shows what came out: size, the independent validator's verdict, the WIT. */
function Result() {
  const tables = useProject((project) => project.tables)
  const [composed, setComposed] = useState<{ readonly of: typeof tables; readonly result: Composed | Problem }>()
  const [busy, setBusy] = useState(false)
  const compose = async (): Promise<void> => {
    setBusy(true)
    const result = await client()
      .call('composition.build', { graph: mutable(graphOf(tables)) })
      .catch((thrown: unknown) => problemOf(thrown))
    setComposed({ of: tables, result })
    setBusy(false)
  }
  const result = composed?.result
  return (
    <div className={styles.resultPage} data-testid="inspector-composed">
      <div className={styles.actions}>
        <Button
          size="small"
          look={composed?.of === tables ? 'secondary' : 'primary'}
          disabled={busy}
          icon={busy ? <Spinner size={11} /> : undefined}
          onClick={() => void compose()}
          data-testid="compose"
        >
          {composed ? 'Compose again' : 'Compose'}
        </Button>
        <Button size="small" icon={<Save size={13} />} onClick={() => void runCommand('composition.save')}>
          Compose &amp; save…
        </Button>
        {composed && composed.of !== tables && <span className={styles.faint}>The canvas has changed since.</span>}
      </div>
      {!result && (
        <p className={styles.none}>
          Composes what is on the canvas, checks it with an independent validator and shows its world.
        </p>
      )}
      {result && 'code' in result && <ProblemNotice problem={result} />}
      {result && 'wit' in result && (
        <>
          <p className={styles.verdict}>
            {result.validation.ok ? (
              <>
                <CircleCheck size={14} className={styles.good} aria-hidden /> {formatBytes(result.size)}, valid
              </>
            ) : (
              <>{formatBytes(result.size)}</>
            )}
          </p>
          {!result.validation.ok && <ProblemNotice problem={result.validation.problem} />}
          <div className={styles.fill}>
            <CodeEditor
              label="WIT of the composed component"
              value={result.wit}
              language="wit"
              readOnly
              lineNumbers={false}
            />
          </div>
        </>
      )}
    </div>
  )
}
