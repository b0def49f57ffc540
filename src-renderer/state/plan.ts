import { create } from 'zustand'
import { planComposition } from '../../src-engine/compose/build-plan.ts'
import { type CompositionGraph, emptyGraph } from '../../src-engine/compose/graph.ts'
import type { Plan, PlanProblem } from '../../src-engine/compose/plan.ts'
import { problemOf } from '../../src-engine/error.ts'
import { decodedOf, ensureDecoded, useDecoded } from './decoded.ts'
import { graphOf } from './document.ts'
import { useProject } from './project.ts'

/** A problem of the composition and what it points at. */
export type CompositionProblem = PlanProblem

interface Planned {
  /** Undefined until the components of the graph were read. */
  readonly plan: Plan | undefined
  /** The graph that was planned. */
  readonly graph: CompositionGraph
  readonly problems: readonly CompositionProblem[]
}

/** Everything about the composition on the canvas except its bytes, planned anew after every edit. */
export const usePlan = create<Planned>()(() => ({ plan: undefined, graph: emptyGraph, problems: [] }))

/** Follows the project and the decoded components. Called once. */
export function startPlanning(): void {
  let waiting = false
  const replan = (): void => {
    waiting = false
    const graph = graphOf(useProject.getState().tables)
    ensureDecoded(Object.values(graph.packages).map((entry) => entry.hash))
    const { byHash } = useDecoded.getState()
    // Half-read graphs would show problems that are none.
    if (Object.values(graph.packages).some((entry) => byHash.get(entry.hash)?.state === 'loading')) return
    try {
      const plan = planComposition(graph, decodedOf)
      usePlan.setState({ plan, graph, problems: plan.problems })
    } catch (thrown) {
      // The planner promises never to throw; if it does, the person sees it and goes on working.
      usePlan.setState({ plan: undefined, graph, problems: [problemOf(thrown)] })
    }
  }
  const soon = (): void => {
    if (waiting) return
    waiting = true
    queueMicrotask(replan)
  }
  useProject.subscribe((now, before) => {
    if (graphOf(now.tables) !== graphOf(before.tables) || now.status !== before.status) soon()
  })
  useDecoded.subscribe(soon)
  soon()
}
