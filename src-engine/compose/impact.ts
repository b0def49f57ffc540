import type { DecodedComponent } from '../binary/decode.ts'
import { describeDifference } from '../subtype/difference.ts'
import { checkTarget, type TargetFailure } from '../subtype/targets.ts'
import type { ComponentType } from '../types/graph.ts'
import { matchNames, splitVersion } from '../types/names.ts'
import { planComposition } from './build-plan.ts'
import { setPackage } from './edit.ts'
import { argumentKey, type CompositionGraph, type InstanceId } from './graph.ts'
import type { DecodedOf, PlanProblem } from './plan.ts'
import { replaceInstance } from './replace.ts'

/** An instance that a change breaks. */
export interface Impact {
  readonly instance: InstanceId
  /** The instance calls the interface, or implements it. */
  readonly side: 'consumer' | 'provider'
  /** Its import or export. */
  readonly name: string
  /** Why what it was built for is no longer so, in words. */
  readonly reason: string
  readonly hint?: string
  /** The wires that carry it, as `argumentKey`s. */
  readonly wires: readonly string[]
}

/**
 * Which instances of a composition break when the interfaces of a package change. `before` and `after` are worlds that
 * import all interfaces of the package (`worldOfPackage`). An instance breaks by what it was built for: a function that is
 * gone hurts only those who call it. What did not fit before is not told again.
 */
export function impactOf(
  before: ComponentType,
  after: ComponentType,
  graph: CompositionGraph,
  decodedOf: DecodedOf,
): Impact[] {
  return Object.keys(graph.instances)
    .sort()
    .flatMap((instance) => {
      const decoded = decodedOf(graph.packages[graph.instances[instance]?.package ?? '']?.hash ?? '')
      return decoded ? impactOn(instance, decoded, before, after, graph) : []
    })
}

function impactOn(
  instance: InstanceId,
  { type }: DecodedComponent,
  before: ComponentType,
  after: ComponentType,
  graph: CompositionGraph,
): Impact[] {
  const bases = new Set([...before.imports.keys(), ...after.imports.keys()].map((name) => splitVersion(name).base))
  const known = new Set(failuresOf(type, before, bases).map(({ side, name }) => `${side} ${name}`))
  return failuresOf(type, after, bases)
    .filter(({ side, name }) => !known.has(`${side} ${name}`))
    .map(({ side, name, difference }): Impact => {
      const next = [...after.imports.keys()].find((each) => splitVersion(each).base === splitVersion(name).base)
      const wires = Object.values(graph.arguments)
        .filter(({ instance: to, name: port, source }) =>
          side === 'import'
            ? to === instance && port === name
            : source.kind === 'instance' && source.instance === instance && source.path[0] === name,
        )
        .map((wire) => argumentKey(wire.instance, wire.name))
        .sort()
      return {
        instance,
        side: side === 'import' ? 'consumer' : 'provider',
        name,
        reason: difference
          ? describeDifference(difference)
          : next === undefined
            ? `"${splitVersion(name).base}" is gone`
            : `it is ${next} now, which promises no compatibility`,
        ...(difference?.hint === undefined ? {} : { hint: difference.hint }),
        wires,
      }
    })
}

/** What keeps a component from calling and implementing these interfaces, by the names the component has for them. */
function failuresOf(
  component: ComponentType,
  faces: ComponentType,
  bases: ReadonlySet<string>,
): Pick<TargetFailure, 'side' | 'name' | 'difference'>[] {
  const isMeant = (name: string) => bases.has(splitVersion(name).base)
  // Everything else it imports is there as it wants it.
  const others = [...component.imports].filter(([name]) => !isMeant(name))
  const offered = { ...component, imports: new Map([...others, ...faces.imports]), exports: new Map() }
  const called = checkTarget({ ...component, exports: new Map() }, offered)
  const demanded = new Map(
    [...faces.imports].filter(([name]) =>
      [...component.exports.keys()].some((each) => matchNames(each, name) !== 'no'),
    ),
  )
  const implemented = checkTarget(component, { ...component, exports: demanded }).map((failure) => ({
    ...failure,
    name: [...component.exports.keys()].find((each) => matchNames(each, failure.name) !== 'no') ?? failure.name,
  }))
  const renamed = [...component.exports.keys()].filter(
    (name) => isMeant(name) && ![...faces.imports.keys()].some((each) => matchNames(name, each) !== 'no'),
  )
  return [...called, ...implemented, ...renamed.map((name) => ({ side: 'export' as const, name }))]
}

/** What a replacement does to a composition. */
export interface Replacement {
  /** The instances of the component, in order. */
  readonly instances: readonly InstanceId[]
  /** What would be wrong then and is not now. */
  readonly breaks: readonly PlanProblem[]
}

/**
 * Replaces every instance of a component by another one in thought, as the canvas would, and plans again. `old` and `next`
 * are hashes; a composition without the old component has nothing to lose.
 */
export function impactOfReplacing(
  old: string,
  next: string,
  graph: CompositionGraph,
  decodedOf: DecodedOf,
): Replacement {
  const instances = Object.keys(graph.instances)
    .filter((id) => graph.packages[graph.instances[id]?.package ?? '']?.hash === old)
    .sort()
  const component = decodedOf(next)
  const first = graph.packages[graph.instances[instances[0] ?? '']?.package ?? '']
  if (!first || !component || old === next) return { instances, breaks: [] }
  const present = Object.keys(graph.packages).find((id) => graph.packages[id]?.hash === next)
  const id = present ?? `${next} candidate`
  const entry = graph.packages[id] ?? { ...first, hash: next }
  const replaced = instances.reduce(
    (now, instance) => replaceInstance(now, instance, id, component),
    setPackage(graph, id, entry),
  )
  const known = new Set(planComposition(graph, decodedOf).problems.map(keyOf))
  const breaks = planComposition(replaced, decodedOf).problems.filter((problem) => !known.has(keyOf(problem)))
  return { instances, breaks }
}

function keyOf({ code, message, instance, import: asked, export: given }: PlanProblem): string {
  return JSON.stringify([code, instance, asked, given, message])
}
