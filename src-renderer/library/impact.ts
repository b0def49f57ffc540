/** What would happen to this composition if a component were another one. */
import { planComposition } from '../../src-engine/compose/build-plan.ts'
import { setPackage } from '../../src-engine/compose/edit.ts'
import type { CompositionGraph } from '../../src-engine/compose/graph.ts'
import type { DecodedOf, PlanProblem } from '../../src-engine/compose/plan.ts'
import { replaceInstance } from '../canvas/replace.ts'

export interface Impact {
  /** Instances of the component on the canvas. */
  readonly instances: readonly string[]
  /** What would be wrong then and is not now. */
  readonly breaks: readonly PlanProblem[]
}

/** Replaces every instance of a package in thought, as the canvas would, and plans again. */
export function brokenByReplacing(
  graph: CompositionGraph,
  packageId: string,
  candidate: { readonly id: string; readonly hash: string },
  decodedOf: DecodedOf,
): Impact {
  const instances = Object.keys(graph.instances)
    .filter((id) => graph.instances[id]?.package === packageId)
    .sort()
  const component = decodedOf(candidate.hash)
  if (instances.length === 0 || !component) return { instances, breaks: [] }
  const id = Object.hasOwn(graph.packages, candidate.id) ? candidate.id : `${candidate.id} candidate`
  const known = graph.packages[id] ?? { name: 'candidate:candidate', hash: candidate.hash }
  const replaced = instances.reduce(
    (next, instance) => replaceInstance(next, instance, id, component),
    setPackage(graph, id, known),
  )
  const before = new Set(planComposition(graph, decodedOf).problems.map(keyOf))
  const breaks = planComposition(replaced, decodedOf).problems.filter((problem) => !before.has(keyOf(problem)))
  return { instances, breaks }
}

function keyOf({ code, message, instance, import: asked, export: given }: PlanProblem): string {
  return JSON.stringify([code, instance, asked, given, message])
}
