import { create } from 'zustand'
import type { CompositionGraph } from '../../src-engine/compose/graph.ts'
import { announce } from '../ui/announce.tsx'
import { formatCount } from '../ui/format.ts'
import { type CompositionProblem, usePlan } from './plan.ts'
import { useProject } from './project.ts'

/** Wires that fitted until components were replaced by others, or by new builds. */
export interface Replaced {
  /** Ids of the packages and instances that are others now. */
  readonly names: readonly string[]
  readonly problems: readonly CompositionProblem[]
}

/** What the last new build or replacement broke, until it is closed or repaired. */
export const useReplaced = create<{ readonly report: Replaced | undefined }>()(() => ({ report: undefined }))

/** Watches the plan for wires that fitted before a component became another one. Returns the function that ends it. */
export function startReplacedReport(): () => void {
  let last = usePlan.getState()
  let project = useProject.getState().generation
  return usePlan.subscribe((now) => {
    const before = last
    const { report } = useReplaced.getState()
    const { generation } = useProject.getState()
    const same = generation === project
    last = now
    project = generation
    if (!same && report) useReplaced.setState({ report: undefined })
    const names = same && before.plan && now.plan ? changedComponents(before.graph, now.graph) : []
    const news = names.length === 0 ? [] : newProblems(before.problems, now.problems)
    if (news.length > 0) {
      useReplaced.setState({ report: { names, problems: news } })
      announce(`${formatCount(news.length, 'wire')} no longer fit: ${names.join(', ')} changed.`)
    } else if (report && same) {
      const keys = new Set(now.problems.map(keyOf))
      const left = report.problems.filter((problem) => keys.has(keyOf(problem)))
      if (left.length < report.problems.length)
        useReplaced.setState({ report: left.length === 0 ? undefined : { ...report, problems: left } })
    }
  })
}

/** Packages whose bytes are others than before, and instances that are of another package; sorted names. */
export function changedComponents(before: CompositionGraph, now: CompositionGraph): readonly string[] {
  const packages = Object.entries(now.packages).flatMap(([id, { hash }]) => {
    const old = before.packages[id]
    return old && old.hash !== hash ? [id] : []
  })
  const instances = Object.entries(now.instances).flatMap(([id, row]) => {
    const old = before.instances[id]
    return old && old.package !== row.package ? [id] : []
  })
  return [...new Set([...packages, ...instances])].sort()
}

/** Problems of wires and exports that were not there before. */
export function newProblems(
  before: readonly CompositionProblem[],
  now: readonly CompositionProblem[],
): readonly CompositionProblem[] {
  const known = new Set(before.map(keyOf))
  return now.filter((problem) => (problem.import ?? problem.export) !== undefined && !known.has(keyOf(problem)))
}

function keyOf({ instance = '', import: wanted = '', export: given = '' }: CompositionProblem): string {
  return `${instance} ${wanted} ${given}`
}
