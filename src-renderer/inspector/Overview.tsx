import { ArrowRight, Hammer, Plus } from 'lucide-react'
import type { LibraryItem } from '../../src-preload/contract.ts'
import { runCommand } from '../commands/registry.ts'
import { putOnCanvas } from '../library/place-item.ts'
import { showSource } from '../state/build.ts'
import { freePosition } from '../state/composition.ts'
import { showDrawer } from '../state/layout.ts'
import { useProject } from '../state/project.ts'
import { Badge } from '../ui/Badge.tsx'
import { Button } from '../ui/Button.tsx'
import { ProblemNotice } from '../ui/ProblemNotice.tsx'
import { Section } from '../ui/Section.tsx'
import { formatBytes } from '../ui/format.ts'
import { notify, showProblem } from '../ui/notify.tsx'
import styles from './inspector.module.css'
import { purposeOf } from './purpose.ts'

/** What the file is, what it is good for, and what to do with it next. */
export function Overview({ item }: { readonly item: LibraryItem }) {
  const { summary } = item
  const purpose = summary && purposeOf(summary)
  return (
    <div className={styles.page} data-testid="inspector-overview">
      {item.problem && <ProblemNotice problem={item.problem} />}
      {item.status === 'source' && (
        <div className={styles.purpose}>
          <Badge tone="info">Not built yet</Badge>
          <p>Its source is in the project; build it and the component can be wired.</p>
          <Button look="primary" size="small" icon={<Hammer size={13} />} onClick={() => build(item.id)}>
            Build
          </Button>
        </div>
      )}
      {purpose && (
        <div className={styles.purpose} data-purpose={purpose.kind}>
          <Badge tone={tones[purpose.kind] ?? 'neutral'}>{purpose.label}</Badge>
          <p>{purpose.text}</p>
          {purpose.next !== undefined && (
            <p className={styles.next}>
              <ArrowRight size={13} aria-hidden /> <span>{purpose.next}</span>
            </p>
          )}
        </div>
      )}
      {item.description !== undefined && <p className={styles.description}>{item.description}</p>}
      <Actions item={item} />
      <Section title="File" className={styles.section}>
        <dl className={styles.facts} data-selectable>
          {summary && (
            <>
              <dt>Size</dt>
              <dd>
                {formatBytes(summary.size)}{' '}
                <span className={styles.faint}>({summary.size.toLocaleString('en')} bytes)</span>
              </dd>
              <dt>Kind</dt>
              <dd>{summary.kind === 'module' ? 'core module' : summary.kind}</dd>
              <dt>Interfaces</dt>
              <dd>
                {summary.world.imports.length} imported, {summary.world.exports.length} exported
              </dd>
            </>
          )}
          <dt>Path</dt>
          <dd className={styles.path}>{item.path}</dd>
          {item.source !== undefined && (
            <>
              <dt>Source</dt>
              <dd className={styles.path}>{item.source}</dd>
            </>
          )}
          {item.hash !== undefined && (
            <>
              <dt>SHA-256</dt>
              <dd>
                <button
                  type="button"
                  className={styles.copyable}
                  title="Copy the whole hash"
                  onClick={() => void copy(item.hash ?? '')}
                >
                  {item.hash.slice(0, 16)}…
                </button>
              </dd>
            </>
          )}
        </dl>
      </Section>
      {summary && Object.keys(summary.producers).length > 0 && <Producers producers={summary.producers} />}
    </div>
  )
}

const tones = {
  handler: 'ok',
  bridge: 'ok',
  middleware: 'ok',
  command: 'info',
  library: 'accent',
  'needs-bridge': 'warning',
  module: 'warning',
  unknown: 'danger',
  wit: 'neutral',
  inert: 'neutral',
} as const

function Actions({ item }: { readonly item: LibraryItem }) {
  const instances = useProject(
    (project) => Object.values(project.tables.instances).filter((instance) => instance.package === item.id).length,
  )
  if (item.status !== 'ready') return null
  return (
    <div className={styles.actions}>
      {item.summary?.kind === 'component' && (
        <Button
          size="small"
          icon={<Plus size={13} />}
          onClick={() => void putOnCanvas(item, freePosition(useProject.getState().tables))}
        >
          {instances === 0 ? 'Put on the canvas' : 'Add another instance'}
        </Button>
      )}
      {item.source !== undefined && item.origin !== 'sample' && (
        <Button size="small" icon={<Hammer size={13} />} onClick={() => openSource(item.id)}>
          Open source
        </Button>
      )}
    </div>
  )
}

function Producers({ producers }: { readonly producers: Readonly<Record<string, Readonly<Record<string, string>>>> }) {
  const words: Readonly<Record<string, string>> = { language: 'Language', 'processed-by': 'Tools', sdk: 'SDK' }
  return (
    <Section title="Made with" className={styles.section}>
      <dl className={styles.facts} data-selectable>
        {Object.entries(producers).map(([field, tools]) => (
          <div key={field} className={styles.factRow}>
            <dt>{words[field] ?? field}</dt>
            <dd>
              {Object.entries(tools)
                .map(([tool, version]) => (version === '' ? tool : `${tool} ${version}`))
                .join(', ')}
            </dd>
          </div>
        ))}
      </dl>
    </Section>
  )
}

function openSource(id: string): void {
  showSource(id)
  showDrawer('build')
}

function build(id: string): void {
  openSource(id)
  void runCommand('build.build')
}

async function copy(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text)
    notify('Copied')
  } catch {
    showProblem({
      code: 'clipboard.denied',
      message: 'The clipboard cannot be written.',
      hint: 'Select the text and copy it by keyboard instead.',
    })
  }
}
