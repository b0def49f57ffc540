/** Checks of a graph that need no types. */
import { strongKey } from '../types/names.ts'
import { nearest } from '../wac/inference.ts'
import { argumentKey, type CompositionGraph, type GraphArgument } from './graph.ts'
import { planProblem, type DecodedOf, type PlanProblem } from './plan.ts'

type Report = (problem: PlanProblem) => void

/** Wires to imports that the component does not have (it was built again, or the file was written by hand). */
export function checkLooseWires(graph: CompositionGraph, decodedOf: DecodedOf, report: Report): void {
  for (const { instance, name } of Object.values(graph.arguments).sort(byPlace)) {
    const entry = graph.instances[instance]
    const decoded = entry && decodedOf(graph.packages[entry.package]?.hash ?? '')
    if (!entry)
      report(
        planProblem('graph.no-instance', `a wire leads to "${instance}", which is not there`, {
          instance,
          import: name,
          hint: 'Remove the wire.',
        }),
      )
    else if (decoded && !decoded.type.imports.has(name)) {
      const meant = nearest(name, decoded.type.imports.keys())
      report(
        planProblem('graph.unknown-import', `"${instance}" does not import "${name}"`, {
          instance,
          import: name,
          hint: meant ? `It imports "${meant}": draw the wire there.` : 'Remove the wire.',
        }),
      )
    }
  }
}

/** Names of one list must differ in more than upper and lower case. (Explainer.md, "Strongly-unique".) */
export function checkUnique(names: readonly string[], what: 'import' | 'export', report: Report): void {
  const seen = new Map<string, string>()
  for (const name of names) {
    const other = seen.get(strongKey(name))
    if (other !== undefined) {
      report(
        planProblem(
          'graph.duplicate-name',
          `the ${what}s "${other}" and "${name}" of the composition are too much alike`,
          {
            [what]: name,
            hint: 'Names must differ in more than upper and lower case: rename one of them.',
          },
        ),
      )
    }
    seen.set(strongKey(name), name)
  }
}

/** What every engine takes: 1,000 instances and 1,000 components in one component. */
const limit = 1000

export function checkLimits(graph: CompositionGraph, report: Report): void {
  const hashes = new Set(Object.values(graph.instances).flatMap((each) => graph.packages[each.package]?.hash ?? []))
  for (const [count, what] of [
    [Object.keys(graph.instances).length, 'instances'],
    [hashes.size, 'components'],
  ] as const) {
    if (count <= limit) continue
    report(
      planProblem('graph.limit', `the composition has ${count} ${what}; engines take ${limit}`, {
        hint: 'Compose a part of it first and use the result as one component.',
      }),
    )
  }
}

function byPlace(left: GraphArgument, right: GraphArgument): number {
  return argumentKey(left.instance, left.name) < argumentKey(right.instance, right.name) ? -1 : 1
}
