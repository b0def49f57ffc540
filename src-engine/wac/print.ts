import type { CompositionGraph } from '../compose/graph.ts'
import { orderInstances } from '../compose/order.ts'
import { fail } from '../error.ts'
import { packageOfName, Statements, type PrintImportType, type TypeOfHash } from './statements.ts'

export type { PrintImportType, TypeOfHash } from './statements.ts'

/**
 * The graph as a WAC script. Reading it back gives the same graph: instance ids become `let` names, packages keep their
 * names and versions. Statements stand in topological order, equals sorted by id, so that equal graphs print alike.
 * Throws `wac.cycle` for a graph that no script can say and `wac.same-name` where two files claim one package name.
 */
export function printWac(graph: CompositionGraph, typeOf: TypeOfHash, printType: PrintImportType): string {
  const statements = new Statements(graph, typeOf, printType)
  checkPackageNames(graph, statements)
  const groups = [
    [`package ${packageNameOf(graph)};`],
    [...statements.types().values()],
    Object.keys(graph.imports)
      .sort()
      .map((name) => statements.import(name)),
    instancesInOrder(graph).map((id) => statements.let(id)),
    Object.keys(graph.exports)
      .sort()
      .map((name) => statements.export(name)),
    [...statements.typeExports().values()],
  ]
  const blocks = groups.filter((group) => group.length > 0).map((group) => group.join('\n'))
  return `${blocks.join('\n\n')}\n`
}

/** Interfaces and worlds that a script declares are of its package, so their package is the script's. */
function packageNameOf({ name, types = {} }: CompositionGraph): string {
  for (const declared of Object.values(types)) {
    const owner = packageOfName(declared.name)
    if (owner !== undefined) return owner
  }
  if (name !== undefined && /^[a-z][a-z0-9-]*(:[a-z][a-z0-9-]*)+$/.test(name)) return name
  const kebab = (name ?? 'composition')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+|-+$/g, '')
  return `local:${kebab || 'composition'}`
}

function checkPackageNames(graph: CompositionGraph, statements: Statements): void {
  const used = new Map<string, string>()
  for (const id of Object.keys(graph.packages).sort()) {
    const reference = statements.package(id)
    const other = used.get(reference)
    if (other !== undefined) {
      throw fail('wac.same-name', `"${other}" and "${id}" are both called ${reference}`, {
        hint: 'Give one of them another package name; a script knows packages by name.',
      })
    }
    used.set(reference, id)
  }
}

/** Instances with providers first. Throws for a circle: no script can say one. */
function instancesInOrder(graph: CompositionGraph): readonly string[] {
  const { order, cycles } = orderInstances(graph)
  const [cycle] = cycles
  if (!cycle) return order
  throw fail('wac.cycle', `the wiring goes in a circle: ${cycle.join(' → ')}`, { hint: 'Remove one of these wires.' })
}
