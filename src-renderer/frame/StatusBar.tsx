import { CircleCheck, CircleX, TriangleAlert } from 'lucide-react'
import { useProblemCounts } from '../console/ProblemsPanel.tsx'
import { runCommand } from '../commands/registry.ts'
import { showDrawer } from '../state/layout.ts'
import { useProject } from '../state/project.ts'
import { useRuntime } from '../state/runtime.ts'
import { useSession } from '../state/session.ts'
import { formatCount } from '../ui/format.ts'
import { Tooltip } from '../ui/Tooltip.tsx'
import styles from './StatusBar.module.css'

/** How things stand: runtime, problems, project, workbench. */
export function StatusBar() {
  return (
    <footer className={styles.bar} aria-label="Status">
      <RuntimeState />
      <ProblemCount />
      <div className={styles.end}>
        <ProjectCounts />
        <Workbench />
      </div>
    </footer>
  )
}

const stateWords = {
  stopped: 'Stopped',
  starting: 'Starting…',
  running: 'Running',
  draining: 'Stopping…',
  failed: 'Failed',
}

function RuntimeState() {
  const status = useRuntime((runtime) => runtime.status)
  const active = useRuntime((runtime) => runtime.records.filter((record) => record.state === 'active').length)
  return (
    <div className={styles.item} data-testid="runtime-state">
      <span className={styles.dot} data-state={status.state} aria-hidden />
      <span>{stateWords[status.state]}</span>
      {status.state === 'running' && status.url !== undefined && (
        <Tooltip content="Copy the address" side="top">
          <button
            type="button"
            className={styles.button}
            data-testid="runtime-url"
            onClick={() => void runCommand('run.copyUrl')}
          >
            {status.url}
          </button>
        </Tooltip>
      )}
      {active > 0 && <span className={styles.faint}>{formatCount(active, 'request')} in flight</span>}
    </div>
  )
}

function ProblemCount() {
  const { problems, warnings } = useProblemCounts()
  const words = [
    ...(problems > 0 ? [formatCount(problems, 'problem')] : []),
    ...(warnings > 0 ? [formatCount(warnings, 'warning')] : []),
  ]
  return (
    <button type="button" className={styles.button} onClick={() => showDrawer('problems')} data-testid="problem-count">
      {problems > 0 ? (
        <CircleX size={12} className={styles.bad} aria-hidden />
      ) : warnings > 0 ? (
        <TriangleAlert size={12} className={styles.warning} aria-hidden />
      ) : (
        <CircleCheck size={12} aria-hidden />
      )}
      {words.length === 0 ? 'No problems' : words.join(', ')}
    </button>
  )
}

function ProjectCounts() {
  const instances = useProject((project) => Object.keys(project.tables.instances).length)
  const wires = useProject((project) => Object.keys(project.tables.arguments).length)
  return (
    <span className={styles.item}>
      {formatCount(instances, 'instance')}, {formatCount(wires, 'wire')}
    </span>
  )
}

function Workbench() {
  const workbench = useSession((session) => session.workbench)
  const connection = useSession((session) => session.connection)
  if (connection !== 'open') return <span className={styles.bad}>Disconnected</span>
  return workbench ? <span className={styles.item}>Patchbay {workbench.version}</span> : null
}
