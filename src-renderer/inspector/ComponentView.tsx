import { useEffect } from 'react'
import type { CompositionGraph } from '../../src-engine/compose/graph.ts'
import type { LibraryItem } from '../../src-preload/contract.ts'
import { runCommand } from '../commands/registry.ts'
import { ensureDecoded, forgetFailures, useDecoded } from '../state/decoded.ts'
import { graphOf } from '../state/document.ts'
import { openDialog } from '../state/layout.ts'
import { usePlan } from '../state/plan.ts'
import { useProject } from '../state/project.ts'
import { useSelection } from '../state/selection.ts'
import { SizeView } from '../size/SizeView.tsx'
import { Button } from '../ui/Button.tsx'
import { EmptyState } from '../ui/EmptyState.tsx'
import { ProblemNotice } from '../ui/ProblemNotice.tsx'
import { Section } from '../ui/Section.tsx'
import { Spinner } from '../ui/Spinner.tsx'
import { Tabs } from '../ui/Tabs.tsx'
import { formatBytes } from '../ui/format.ts'
import { Overview } from './Overview.tsx'
import { PortList } from './PortList.tsx'
import { WitView } from './WitView.tsx'
import { importState } from './import-state.ts'
import styles from './inspector.module.css'
import { useInspectorTab } from './tabs.ts'

const tabIds = ['overview', 'interfaces', 'wit', 'size']

interface ComponentViewProps {
  /** Undefined when the project no longer has the file. */
  readonly item: LibraryItem | undefined
  readonly instance: string | undefined
}

/** A component of the library, or one instance of it on the canvas. */
export function ComponentView({ item, instance }: ComponentViewProps) {
  const [tab, setTab] = useInspectorTab(tabIds)
  const entry = useProject((project) =>
    instance === undefined ? undefined : project.tables.packages[project.tables.instances[instance]?.package ?? ''],
  )
  const hash = item?.hash ?? entry?.hash
  return (
    <>
      <header className={styles.header}>
        <h2 className={styles.title} data-testid="inspector-title">
          {instance ?? item?.name}
        </h2>
        <div className={styles.subtitle}>
          {instance !== undefined && <span>{item?.name ?? entry?.name}</span>}
          {instance !== undefined && entry?.version !== undefined && <span>@{entry.version}</span>}
          {instance === undefined && <span>{origins[item?.origin ?? 'project']}</span>}
          {item?.summary && <span>{formatBytes(item.summary.size)}</span>}
          {instance !== undefined && entry && (
            <button
              type="button"
              className={styles.link}
              title="Embed the component in the result, or leave it to be supplied"
              aria-label={`How ${entry.name} gets into the result: ${entry.link === 'import' ? 'imported' : 'embedded'}`}
              onClick={() => void runCommand('composition.link')}
              data-testid="inspector-link"
            >
              {entry.link === 'import' ? 'imported' : 'embedded'}
            </button>
          )}
        </div>
      </header>
      <div className={styles.fill}>
        <Tabs
          label="Inspector"
          value={tab}
          onChange={setTab}
          tabs={[
            {
              id: 'overview',
              label: 'Overview',
              content: item ? (
                <Overview item={item} />
              ) : (
                <EmptyState title="The file is gone">
                  The project no longer has the component this instance is made of.
                </EmptyState>
              ),
            },
            { id: 'interfaces', label: 'Interfaces', content: <Interfaces hash={hash} instance={instance} /> },
            { id: 'wit', label: 'WIT', content: <WitView hash={hash} /> },
            {
              id: 'size',
              label: 'Size',
              content: (
                <SizeView
                  hash={hash}
                  name={item?.name ?? entry?.name ?? 'component'}
                  id={item?.origin === 'sample' ? undefined : item?.id}
                />
              ),
            },
          ]}
        />
      </div>
    </>
  )
}

const origins = { project: 'in this project', folder: 'in the project’s folder', sample: 'sample' }

/** Names under which the composition exports this export of an instance, or something inside it. */
function exportedNames(graph: CompositionGraph, instance: string, name: string): readonly string[] {
  return Object.keys(graph.exports).filter((outer) => {
    const source = graph.exports[outer]?.source
    return source?.kind === 'instance' && source.instance === instance && source.path[0] === name
  })
}

function Interfaces({ hash, instance }: { readonly hash: string | undefined; readonly instance: string | undefined }) {
  const decoded = useDecoded(({ byHash }) => (hash === undefined ? undefined : byHash.get(hash)))
  const plan = usePlan((planned) => planned.plan)
  const graph = useProject((project) => graphOf(project.tables))
  const port = useSelection((selection) => selection.port)
  useEffect(() => {
    if (hash !== undefined) ensureDecoded([hash])
  }, [hash])
  if (hash === undefined) return <EmptyState title="No interfaces yet">The file is not there to be read.</EmptyState>
  if (!decoded || decoded.state === 'loading') {
    return (
      <div className={styles.waiting}>
        <Spinner label="Reading the interfaces" />
      </div>
    )
  }
  if (decoded.state === 'failed') {
    return (
      <div className={styles.page}>
        <ProblemNotice
          problem={decoded.problem}
          actions={
            <Button
              size="small"
              onClick={() => {
                forgetFailures()
                ensureDecoded([hash])
              }}
            >
              Try again
            </Button>
          }
        />
      </div>
    )
  }
  const { imports, exports } = decoded.component.type
  const marked = port !== undefined && port.instance === instance ? port : undefined
  return (
    <div className={styles.ports}>
      <Section title={`Imports · ${imports.size}`} className={styles.section}>
        <PortList
          label="Imports"
          externs={imports}
          none="It needs nothing from outside."
          marked={marked?.side === 'in' ? marked.name : undefined}
          {...(instance === undefined ? {} : { stateOf: (name: string) => importState(plan, instance, name) })}
        />
      </Section>
      <Section
        title={`Exports · ${exports.size}`}
        className={styles.section}
        end={
          instance !== undefined && (
            <Button size="small" onClick={() => openDialog({ kind: 'exports', instance })}>
              Export from the composition…
            </Button>
          )
        }
      >
        <PortList
          label="Exports"
          externs={exports}
          none="It gives nothing to others."
          {...(instance === undefined ? {} : { exportedAs: (name: string) => exportedNames(graph, instance, name) })}
          marked={marked?.side === 'out' ? marked.name : undefined}
        />
      </Section>
    </div>
  )
}
