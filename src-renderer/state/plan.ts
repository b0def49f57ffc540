import { create } from 'zustand'
import type { PlanProblem } from '../../src-engine/compose/plan.ts'

/** A problem of the composition and what it points at. */
export type CompositionProblem = PlanProblem

interface Planned {
  readonly problems: readonly CompositionProblem[]
}

export const usePlan = create<Planned>()(() => ({ problems: [] }))
