import { CircleCheck, CircleX, TriangleAlert } from 'lucide-react'
import { useMemo } from 'react'
import { type Problem, describePlace } from '../../src-engine/error.ts'
import { showPlace } from '../build/BuildOutput.tsx'
import { showSource, useBuild } from '../state/build.ts'
import { openDialog, showDrawer, showInspector } from '../state/layout.ts'
import { type CompositionProblem, usePlan } from '../state/plan.ts'
import { useProject } from '../state/project.ts'
import { settingsText, useRuntime } from '../state/runtime.ts'
import { revealInstance, selectLibraryItem } from '../state/selection.ts'
import { EmptyState } from '../ui/EmptyState.tsx'
import styles from './problems.module.css'

interface Listed {
  readonly key: string
  readonly problem: Problem
  /** Where it comes from, in a word. */
  readonly area: string
  readonly go: (() => void) | undefined
  /** Nothing is in the way, but it should be known. */
  readonly warning?: boolean
}

/** Everything that stands in the way: the composition, the run, builds, files. A click leads to the place. */
export function ProblemsPanel() {
  const problems = useProblems()
  if (problems.length === 0) return <EmptyState icon={<CircleCheck size={22} />} title="No problems" />
  return (
    <ul className={styles.list} aria-label="Problems" data-testid="problems">
      {problems.map(({ key, problem, area, go, warning }) => (
        <li key={key}>
          <button
            type="button"
            className={styles.row}
            onClick={go}
            aria-disabled={go === undefined}
            data-problem={problem.code}
          >
            {warning ? (
              <TriangleAlert size={13} className={styles.warning} aria-label="Warning" />
            ) : (
              <CircleX size={13} className={styles.icon} aria-hidden />
            )}
            <span className={styles.text}>
              <span>{problem.message}</span>
              {problem.hint !== undefined && <span className={styles.hint}>{problem.hint}</span>}
            </span>
            <span className={styles.place}>{[area, describePlace(problem.where)].filter(Boolean).join(' · ')}</span>
          </button>
        </li>
      ))}
    </ul>
  )
}

/** How much the panel lists: what stands in the way, and what should be known. */
export function useProblemCounts(): { readonly problems: number; readonly warnings: number } {
  const listed = useProblems()
  const warnings = listed.filter(({ warning }) => warning).length
  return { problems: listed.length - warnings, warnings }
}

function useProblems(): readonly Listed[] {
  const planned = usePlan((plan) => plan.problems)
  const warnings = usePlan((state) => state.plan?.warnings)
  const builds = useBuild((state) => state.builds)
  const library = useProject((project) => project.library)
  const status = useRuntime((runtime) => runtime.status)
  const refused = useRefusedStart()
  return useMemo(() => {
    const listed: Omit<Listed, 'key'>[] = []
    for (const problem of planned) listed.push({ problem, area: 'composition', go: placeOf(problem) })
    for (const problem of warnings ?? []) listed.push({ problem, area: 'composition', go: undefined, warning: true })
    if (refused) listed.push({ problem: refused, area: 'run', go: placeOfRefusal(refused) })
    if (status.problem) listed.push({ problem: status.problem, area: 'run', go: undefined })
    for (const handler of status.handlers) {
      if (handler.problem)
        listed.push({ problem: handler.problem, area: `run · ${handler.name}`, go: () => showDrawer('console') })
    }
    for (const item of library) {
      if (item.problem && item.origin === 'project')
        listed.push({ problem: item.problem, area: item.name, go: () => selectLibraryItem(item.id) })
    }
    for (const [component, build] of Object.entries(builds)) {
      if (build.state !== 'failed') continue
      for (const problem of build.problems)
        listed.push({ problem, area: `build · ${component}`, go: () => void showBuildProblem(component, problem) })
    }
    return listed.map((entry, index) => ({ ...entry, key: `${index} ${entry.problem.message}` }))
  }, [planned, warnings, builds, library, status, refused])
}

/** Why the last start was refused, as long as the composition and the settings are still those that were refused. */
export function useRefusedStart(): Problem | undefined {
  const refused = useRuntime((runtime) => runtime.refused)
  const plan = usePlan((state) => state.plan)
  const settings = useProject((project) => settingsText(project.base?.run))
  return refused && refused.plan === plan && refused.settings === settings ? refused.problem : undefined
}

/** The way to the instance, and its import, that a refusal names; to the settings for what they say. */
function placeOfRefusal({ code, where }: Problem): (() => void) | undefined {
  if (/^(usage\.|input\.not-found$)/.test(code)) return () => openDialog({ kind: 'run-settings' })
  const [instance, name] = where?.path ?? []
  if (instance === undefined || !Object.hasOwn(useProject.getState().tables.instances, instance)) return undefined
  return () => revealInstance(instance, name === undefined ? undefined : { side: 'in', name })
}

/** The way to what a problem of the composition points at. */
function placeOf({ instance, import: imported }: CompositionProblem): (() => void) | undefined {
  if (instance === undefined) return undefined
  return () => {
    revealInstance(instance, imported === undefined ? undefined : { side: 'in', name: imported })
    if (imported !== undefined) showInspector('interfaces')
  }
}

async function showBuildProblem(component: string, problem: Problem): Promise<void> {
  showSource(component)
  showDrawer('build')
  await showPlace(component, problem)
}
