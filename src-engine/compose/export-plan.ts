import { peel, type Extern, type TypeNode } from '../types/graph.ts'
import { parseName } from '../types/names.ts'
import { nearest } from '../wac/inference.ts'
import type { CompositionGraph, GraphSource, InstanceId } from './graph.ts'
import { ownTypes } from './imported-types.ts'
import { descend, needsVisibility, partsOf, walkFunction, walkNames } from '../types/walk.ts'
import {
  planProblem,
  type PlannedExport,
  type PlannedImport,
  type PlannedInstance,
  type PlanProblem,
  type TypeOwner,
} from './plan.ts'

export interface ExportInput {
  readonly graph: CompositionGraph
  readonly instances: ReadonlyMap<InstanceId, PlannedInstance>
  readonly imports: readonly PlannedImport[]
  readonly owners: ReadonlyMap<TypeNode, TypeOwner>
  readonly companions: boolean
  /** There are problems already. */
  readonly broken: boolean
  readonly problem: (problem: PlanProblem) => void
  /** Valid, but no WIT can say it. */
  readonly warn: (warning: PlanProblem) => void
}

export interface ExportPlan {
  readonly exports: PlannedExport[]
  readonly companions: string[]
}

/**
 * Orders the exports so that every type one of them mentions is visible from outside before it: imported, or exported
 * earlier. Where that cannot be, the interface that owns the type is exported as well (a companion). The validator goes by
 * the very name of a type, not by its structure.
 */
export function planExports(input: ExportInput): ExportPlan {
  const required = new Set<TypeNode>()
  let valid: { readonly plan: ExportPlan; readonly problems: readonly PlanProblem[] } | undefined
  for (;;) {
    const problems: PlanProblem[] = []
    const plan = arrange({ ...input, problem: (problem) => void problems.push(problem) }, required)
    valid ??= { plan, problems }
    const [hindrance] = problems
    if (hindrance && valid.problems.length === 0) {
      // What cannot be put into words is valid still.
      input.warn({ ...hindrance, code: 'graph.unprintable' })
      return valid.plan
    }
    const entangled = entangledAliases(input, plan.exports).filter((alias) => !required.has(alias))
    if (entangled.length === 0) {
      for (const problem of problems) input.problem(problem)
      return plan
    }
    for (const alias of entangled) required.add(alias)
  }
}

/** Aliases in `required` must be visible although the validator would let them be hidden. */
function arrange(input: ExportInput, required: ReadonlySet<TypeNode>): ExportPlan {
  const visible = new Set<TypeNode>()
  for (const { extern } of input.imports) addTypes(extern, visible)
  const pending = requested(input)
  const done: PlannedExport[] = []
  const companions: string[] = []
  const refused = new Set<string>()
  const isReady = (each: PlannedExport) => hiddenType(each.extern, visible, required) === undefined
  for (;;) {
    // Functions come last, when every interface they may mention has its place: printers take types in file order.
    const faces = pending.filter(({ extern }) => extern.kind !== 'function')
    const next = faces.find(isReady)
    if (next) {
      pending.splice(pending.indexOf(next), 1)
      addTypes(next.extern, visible)
      done.push(next)
      continue
    }
    const first = faces[0] ?? pending.find((each) => !isReady(each))
    if (!first) break
    const hidden = hiddenType(first.extern, visible, required)
    const companion = hidden && companionFor(hidden, input)
    const taken = companion && [...pending, ...done].find((each) => each.name === companion.name)
    if (companion && input.companions && !taken && !refused.has(companion.name)) {
      pending.unshift(companion)
      companions.push(companion.name)
      continue
    }
    pending.splice(pending.indexOf(first), 1)
    refused.add(first.name)
    // A type of unknown origin came in over a wire that is broken: that one has its problem already.
    const consequence = input.broken && !(hidden && input.owners.has(hidden))
    if (!first.companion && !consequence) input.problem(hiddenProblem(first, hidden, taken, input))
  }
  return { exports: [...done, ...pending], companions: companions.filter((name) => !refused.has(name)) }
}

function requested(input: ExportInput): PlannedExport[] {
  const result: PlannedExport[] = []
  for (const name of Object.keys(input.graph.exports).sort()) {
    const source = input.graph.exports[name]?.source
    const extern = source && externOf(source, name, input)
    if (source && extern) result.push({ name, source, extern: underName(extern, name), companion: false })
  }
  return result
}

/** A full name says which interface it is: only a plain name may say it beside. (Binary.md, "implements".) */
function underName(extern: Extern, name: string): Extern {
  if (extern.attributes?.implements === undefined || parseName(name).kind === 'label') return extern
  const { implements: _, ...attributes } = extern.attributes
  return { ...extern, attributes }
}

function externOf(source: GraphSource, name: string, input: ExportInput): Extern | undefined {
  if (source.kind === 'import') {
    const found = input.imports.find((each) => each.name === source.import)
    const extern = found && descend(found.extern, source.path)
    if (!extern)
      input.problem(
        planProblem(
          'graph.unknown-import',
          `the export "${name}" takes the import "${source.import}", which is not there`,
          { export: name, hint: 'Remove the export, or wire the import.' },
        ),
      )
    return extern
  }
  const instance = input.instances.get(source.instance)
  if (!instance) {
    if (!Object.hasOwn(input.graph.instances, source.instance)) {
      input.problem(
        planProblem('graph.no-instance', `the export "${name}" comes from "${source.instance}", which is not there`, {
          export: name,
          hint: 'Remove the export.',
        }),
      )
    }
    return undefined
  }
  const extern = descend({ kind: 'instance', type: instance.exports }, source.path)
  if (extern) return extern
  const meant = nearest(source.path[0] ?? '', instance.exports.exports.keys())
  input.problem(
    planProblem('graph.unknown-export', `"${source.instance}" has no export "${source.path.join('" › "')}"`, {
      export: name,
      instance: source.instance,
      hint: meant ? `It exports "${meant}".` : 'The component may have been built again without it.',
    }),
  )
  return undefined
}

/** The first type mentioned by an export that is not visible when the export is made. */
function hiddenType(
  extern: Extern,
  visible: ReadonlySet<TypeNode>,
  required: ReadonlySet<TypeNode>,
): TypeNode | undefined {
  return find(extern, new Set(visible), new Set(), required)
}

/** `looked` holds names that were looked through already and hide nothing. */
function find(
  extern: Extern,
  visible: Set<TypeNode>,
  looked: Set<TypeNode>,
  required: ReadonlySet<TypeNode>,
): TypeNode | undefined {
  let hidden: TypeNode | undefined
  const visit = (type: TypeNode): boolean => {
    if (hidden || visible.has(type) || looked.has(type)) return false
    if (required.has(type) || needsVisibility(type)) hidden = type
    else looked.add(type)
    return !hidden
  }
  if (extern.kind === 'function') walkFunction(extern.type, visit)
  else if (extern.kind === 'type') {
    // Exporting a type makes its name visible; what it is made of must be visible already.
    const of = peel(extern.type)
    if (extern.type.kind === 'named' && required.has(extern.type.of)) visit(extern.type.of)
    if (of.kind !== 'resource') for (const part of partsOf(of)) walkNames(part, visit)
    if (!hidden) visible.add(extern.type)
  } else if (extern.kind === 'instance') {
    for (const inner of extern.type.exports.values()) hidden ??= find(inner, visible, looked, required)
  }
  return hidden
}

/**
 * Hidden aliases that one export mentions and another gives a name of its own. That is valid, but tools that print the
 * world take the first for a type without a home, and the second for a use of it.
 */
function entangledAliases(input: ExportInput, exports: readonly PlannedExport[]): TypeNode[] {
  const visible = new Set<TypeNode>()
  for (const { extern } of [...input.imports, ...exports]) addTypes(extern, visible)
  const renamed = new Set<TypeNode>()
  for (const { extern } of exports)
    ownTypes(extern, (type) => {
      for (let at = type; at.kind === 'named'; at = at.of) if (!visible.has(at)) renamed.add(at)
    })
  if (renamed.size === 0) return []
  const mentioned = new Set<TypeNode>()
  const visit = (type: TypeNode): boolean => {
    if (visible.has(type) || mentioned.has(type)) return false
    mentioned.add(type)
    return true
  }
  const mention = (extern: Extern): void => {
    if (extern.kind === 'function') walkFunction(extern.type, visit)
    else if (extern.kind === 'type') for (const part of partsOf(peel(extern.type))) walkNames(part, visit)
    else if (extern.kind === 'instance') for (const inner of extern.type.exports.values()) mention(inner)
  }
  for (const { extern } of exports) mention(extern)
  return [...renamed].filter((alias) => mentioned.has(alias))
}

function addTypes(extern: Extern, visible: Set<TypeNode>): void {
  if (extern.kind === 'type') visible.add(extern.type)
  else if (extern.kind === 'instance') for (const inner of extern.type.exports.values()) addTypes(inner, visible)
}

/** The export of the instance that owns a hidden type, under its own name. */
function companionFor(hidden: TypeNode, input: ExportInput): PlannedExport | undefined {
  const owner = input.owners.get(hidden)
  if (owner?.kind !== 'instance') return undefined
  const [name] = owner.path
  const instance = input.instances.get(owner.instance)
  const extern = name === undefined ? undefined : instance?.exports.exports.get(name)
  if (name === undefined || !extern) return undefined
  return { name, extern, companion: true, source: { kind: 'instance', instance: owner.instance, path: [name] } }
}

function hiddenProblem(
  each: PlannedExport,
  hidden: TypeNode | undefined,
  taken: PlannedExport | undefined,
  input: ExportInput,
): PlanProblem {
  const owner = hidden && input.owners.get(hidden)
  const name = hidden && (hidden.kind === 'named' || hidden.kind === 'resource') ? hidden.name : 'a type'
  const holder = owner?.kind === 'instance' ? owner : undefined
  const from = holder ? ` of "${holder.path[0] ?? ''}" from "${holder.instance}"` : ''
  const other = taken?.source.kind === 'instance' ? ` of "${taken.source.instance}"` : ''
  const hint = !holder
    ? 'Export the interface that owns the type as well.'
    : taken
      ? `That interface has to be exported as well, but its name is taken by the export${other}: export only one of the two.`
      : `Export "${holder.path[0] ?? ''}" of "${holder.instance}" as well, under its own name.`
  return planProblem(
    'graph.hidden-type',
    `the export "${each.name}" uses the type "${name}"${from}, which the composition would not make visible`,
    { export: each.name, hint },
  )
}
