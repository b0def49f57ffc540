import { sameType } from '../subtype/check.ts'
import { freshNamed, type Extern, type TypeExtern, type TypeNode } from '../types/graph.ts'
import { Substitution } from '../types/substitute.ts'
import { orderDeclared, readDeclaredType } from './declared-type.ts'
import type { CompositionGraph } from './graph.ts'
import { planProblem, type PlannedImport, type PlannedType, type PlanProblem } from './plan.ts'

/**
 * The types that a composition declares and exports, each behind those it mentions. One that is imported as well, because an
 * imported function mentions it, is that very type.
 */
export function planTypes(
  graph: CompositionGraph,
  imports: readonly PlannedImport[],
  problem: (problem: PlanProblem) => void,
): PlannedType[] {
  const types = graph.types ?? {}
  const planned: PlannedType[] = []
  /** By the name that scripts call it: what a type of that name in another declaration is. */
  const known = new Map<string, TypeNode>()
  const imported = new Map(imports.map(({ name, extern }) => [name, extern]))
  for (const name of orderDeclared(types)) {
    const declared = types[name]
    const reading = declared && readDeclaredType(declared)
    if (!reading) continue
    if ('problem' in reading) {
      const { message, where } = reading.problem
      const line = where?.line === undefined ? '' : ` (line ${where.line})`
      problem(
        planProblem('graph.unreadable-type', `the declared type "${name}" cannot be read: ${message}${line}`, {
          export: name,
          hint: 'Declare the type again in the text, or remove it.',
        }),
      )
      continue
    }
    if (reading.kind === 'interface' || reading.kind === 'world') {
      planned.push({ name, extern: reading.extern })
      continue
    }
    const map = new Map<TypeNode, TypeNode>()
    for (const [each, extern] of reading.world.imports) {
      const other = known.get(each)
      if (extern.kind === 'type' && other && sameType(extern.type, other)) map.set(extern.type, other)
    }
    const substitution = new Substitution(map)
    const { structure } = reading.extern
    const declaredHere: TypeExtern = {
      ...reading.extern,
      type: substitution.type(reading.extern.type),
      ...(structure ? { structure: substitution.structure(structure) } : {}),
    }
    const extern = asImported(declaredHere, imported.get(reading.label))
    planned.push({ name, extern })
    if (reading.kind === 'value') known.set(reading.label, extern.type)
  }
  return planned
}

/** The type of an import of that name, under a name of its own, where it is the same. */
function asImported(extern: TypeExtern, imported: Extern | undefined): TypeExtern {
  if (imported?.kind !== 'type' || extern.structure || extern.type.kind !== 'named') return extern
  return sameType(imported.type, extern.type)
    ? { ...extern, type: freshNamed(extern.type.name, imported.type) }
    : extern
}
