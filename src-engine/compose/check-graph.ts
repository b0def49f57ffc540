/** Checks of a graph that need no types. */
import type { Extern } from '../types/graph.ts'
import { strongKey } from '../types/names.ts'
import { descend } from '../types/walk.ts'
import { nearest } from '../wac/inference.ts'
import { argumentKey, type CompositionGraph, type GraphArgument } from './graph.ts'
import { planProblem, type DecodedOf, type Plan, type PlannedSource, type PlanProblem } from './plan.ts'

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

const label = '(?:[a-z][a-z0-9]*|[A-Z][A-Z0-9]*)(?:-(?:[a-z0-9]+|[A-Z0-9]+))*'
const lowerLabel = '[a-z][a-z0-9]*(?:-[a-z0-9]+)*'
const number = '(?:0|[1-9][0-9]*)'
const suffix = '[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*'
const plainName = new RegExp(`^${label}$`)
const interfaceName = new RegExp(
  `^${lowerLabel}:${lowerLabel}/${label}(?:@${number}\\.${number}\\.${number}(?:-${suffix})?(?:\\+${suffix})?)?$`,
)

/** Names that a person chose, where the format allows them. (Explainer.md, "Import and Export Definitions".) */
export function checkNames(
  items: readonly { readonly name: string; readonly extern: Extern }[],
  what: 'import' | 'export',
  report: Report,
): void {
  for (const { name, extern } of items) {
    if (plainName.test(name)) continue
    const isInterface = interfaceName.test(name)
    if (isInterface && extern.kind === 'instance') continue
    const message = isInterface
      ? `the ${what} "${name}" is a ${extern.kind}, but has the name of an interface`
      : `"${name}" cannot be the name of an ${what}`
    report(
      planProblem('graph.invalid-name', message, {
        [what]: name,
        hint: isInterface
          ? 'Give it a plain name: words joined by hyphens.'
          : 'Use words joined by hyphens, each in one case and the first beginning with a letter, or for an interface "namespace:package/interface@1.2.3".',
      }),
    )
  }
}

/** What validators take: 1,000 instances and 1,000 components in one component. */
const limit = 1000

/**
 * Counts as a validator does: besides the instances, every imported interface is an instance, every interface that is
 * taken out of one, and every one that is exported.
 */
export function checkLimits(plan: Pick<Plan, 'instances' | 'imports' | 'exports' | 'packages'>, report: Report): void {
  const taken = new Set<string>()
  const importOf = new Map(plan.imports.map((each) => [each.name, each.extern]))
  const take = (source: PlannedSource): void => {
    if (source.kind === 'bag') {
      taken.add(JSON.stringify(source))
      for (const item of source.items) take(item.source)
      return
    }
    const exports = source.kind === 'instance' ? plan.instances.get(source.instance)?.exports : undefined
    const holder: Extern | undefined =
      source.kind === 'import' ? importOf.get(source.import) : exports && { kind: 'instance', type: exports }
    const whole = holder && descend(holder, source.path)?.kind === 'instance'
    const root = source.kind === 'import' ? ['import', source.import] : ['instance', source.instance]
    for (let length = 1; length <= source.path.length - (whole ? 0 : 1); length++)
      taken.add(JSON.stringify([...root, ...source.path.slice(0, length)]))
  }
  let interfaces = plan.instances.size
  for (const { extern } of plan.imports) if (extern.kind === 'instance') interfaces++
  for (const { arguments: given } of plan.instances.values()) for (const { source } of given) take(source)
  for (const { source, extern } of plan.exports) {
    take(source)
    if (extern.kind === 'instance') interfaces++
  }
  for (const [count, what] of [
    [interfaces + taken.size, 'instances and interfaces between them'],
    [plan.packages.length, 'components'],
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
