import { peel, type Extern, type TypeNode } from '../types/graph.ts'
import { parseName } from '../types/names.ts'
import { walkExtern } from '../types/walk.ts'
import { ownTypes } from './imported-types.ts'
import { planProblem, type Plan, type PlannedExport, type PlanProblem } from './plan.ts'

/**
 * Exports that are valid and yet make a world that no WIT can say: it has one home for every type, and many of the tools
 * that print, bind and run components go through WIT. Better said here than by a tool that gives up.
 */
export function checkPrintable(
  plan: Pick<Plan, 'instances' | 'imports' | 'exports' | 'types'>,
  report: (problem: PlanProblem) => void,
): void {
  checkDeclared(plan.types, report)
  const homes = new Map<string, PlannedExport>()
  let doubled = false
  for (const each of plan.exports) {
    const { name, source, extern } = each
    if (source.kind === 'bag' || extern.kind === 'function') continue
    const types = typesOf(extern)
    if (types.length === 0) continue
    if (source.kind === 'import') {
      doubled = true
      report(
        unprintable(name, `the export "${name}" would give types of the import "${source.import}" a second home`, {
          hint: 'Leave the export away: whoever uses the composition takes these types from where they come from.',
        }),
      )
      continue
    }
    const made = plan.instances.get(source.instance)
    // Two instances of one component have different resources, but the very same records, enums and the like.
    const valuesOnly = types.some((type) => peel(type).kind !== 'resource')
    for (const owner of [source.instance, ...(valuesOnly && made ? [`package ${made.hash}`] : [])]) {
      const key = JSON.stringify([owner, ...source.path])
      const other = homes.get(key)
      if (!other) homes.set(key, each)
      else {
        doubled = true
        report(
          unprintable(name, `the exports "${other.name}" and "${name}" have the same types`, {
            hint: 'Every type has one home in WIT: export the interface once, or from two different components.',
          }),
        )
        break
      }
    }
  }
  if (!doubled) checkRenamed(plan, report)
}

/** Types that a script declares are exported as they are, which a world of WIT cannot do. */
function checkDeclared(types: Plan['types'], report: (problem: PlanProblem) => void): void {
  const [first] = types
  if (!first) return
  const names = types.map(({ name }) => `"${name}"`).join(', ')
  report(
    unprintable(
      first.name,
      types.length === 1
        ? `the declared type ${names} is exported by itself`
        : `the declared types ${names} are exported by themselves`,
      {
        hint: 'It is valid, and tools that go through WIT cannot read it. An import with its interface inline, `import n: interface { … };`, needs no declaration.',
      },
    ),
  )
}

/** An interface under a plain name is nobody's to use types from. */
function checkRenamed(plan: Pick<Plan, 'imports' | 'exports'>, report: (problem: PlanProblem) => void): void {
  const items = [
    ...plan.imports.map((each) => ({ ...each, what: 'import' as const })),
    ...plan.exports.map((each) => ({ ...each, what: 'export' as const })),
  ].filter(({ extern }) => extern.kind === 'instance')
  const renamed = new Map<TypeNode, (typeof items)[number]>()
  for (const item of items)
    if (parseName(item.name).kind !== 'interface') for (const type of typesOf(item.extern)) renamed.set(type, item)
  if (renamed.size === 0) return
  for (const item of items) {
    let home: (typeof items)[number] | undefined
    const seen = new Set<TypeNode>()
    walkExtern(item.extern, (type) => {
      const found = renamed.get(type)
      if (found !== undefined && found !== item) home ??= found
      if (home !== undefined || seen.has(type)) return false
      seen.add(type)
      return true
    })
    if (!home) continue
    report(
      planProblem(
        'graph.unprintable',
        `the ${item.what} "${item.name}" uses types of the ${home.what} "${home.name}", which has a plain name`,
        {
          [item.what]: item.name,
          hint: `Give "${home.name}" the name of its interface: types can be used from nowhere else.`,
        },
      ),
    )
  }
}

function typesOf(extern: Extern): TypeNode[] {
  const types: TypeNode[] = []
  ownTypes(extern, (type) => types.push(type))
  return types
}

function unprintable(name: string, message: string, rest: { readonly hint: string }): PlanProblem {
  return planProblem('graph.unprintable', message, { export: name, ...rest })
}
