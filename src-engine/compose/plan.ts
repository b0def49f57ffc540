import type { DecodedComponent } from '../binary/decode.ts'
import type { Problem, ProblemPlace } from '../error.ts'
import type { ComponentType, Extern, InstanceType, TypeExtern, TypeNode } from '../types/graph.ts'
import { parseName } from '../types/names.ts'
import type { InstanceId, PackageId } from './graph.ts'

/** Finds a decoded component by the hash of its bytes; undefined when it is not there (missing, broken). */
export type DecodedOf = (hash: string) => DecodedComponent | undefined

/** Where an argument or export comes from, once everything is known. */
export type PlannedSource =
  | { readonly kind: 'import'; readonly import: string; readonly path: readonly string[] }
  | { readonly kind: 'instance'; readonly instance: InstanceId; readonly path: readonly string[] }
  /** An instance put together from single items: a function passed where an interface is asked for. */
  | { readonly kind: 'bag'; readonly items: readonly { readonly name: string; readonly source: PlannedSource }[] }

/** One import of the composed component. */
export interface PlannedImport {
  readonly name: string
  /** Type in terms of the composed component. */
  readonly extern: Extern
  /** Who needs it, under which names. */
  readonly wantedBy: readonly { readonly instance: InstanceId; readonly name: string }[]
  /** A WASI host gives it; anything else has to come from a component. See {@link hostGives}. */
  readonly host: boolean
  /** The graph names it explicitly. */
  readonly explicit: boolean
  /** Why it is not one with another version of itself: `kept apart from "…": …`. */
  readonly apart?: string
}

export interface PlannedArgument {
  readonly name: string
  readonly source: PlannedSource
  /** The wire is in the graph; otherwise the plan added it. */
  readonly wired: boolean
}

export interface PlannedInstance {
  readonly id: InstanceId
  readonly package: PackageId
  readonly hash: string
  /** In the order of the component's imports. */
  readonly arguments: readonly PlannedArgument[]
  /** Exports in terms of the composed component. */
  readonly exports: InstanceType
  /** What each type of the component's imports stands for outside. */
  readonly types: ReadonlyMap<TypeNode, TypeNode>
}

export interface PlannedExport {
  readonly name: string
  readonly source: PlannedSource
  readonly extern: Extern
  /** Added because another export mentions its types. */
  readonly companion: boolean
}

/** A type that the composition declares and exports. */
export interface PlannedType {
  readonly name: string
  readonly extern: TypeExtern
}

/** A problem with the place in the graph that a canvas can point at. */
export interface PlanProblem extends Problem {
  readonly instance?: InstanceId
  /** Import of the instance. */
  readonly import?: string
  /** Export of the composition. */
  readonly export?: string
}

/**
 * Everything about a composition except its bytes: what the canvas needs at every edit. With problems it still holds
 * whatever could be planned, but only a plan without problems can be encoded.
 */
export interface Plan {
  readonly name?: string
  /** Instances, providers first. */
  readonly order: readonly InstanceId[]
  readonly instances: ReadonlyMap<InstanceId, PlannedInstance>
  /** In the order they are written. */
  readonly imports: readonly PlannedImport[]
  readonly exports: readonly PlannedExport[]
  /** Written before the exports, each behind those it mentions. */
  readonly types: readonly PlannedType[]
  /** Names of the exports that were added. */
  readonly companions: readonly string[]
  readonly problems: readonly PlanProblem[]
  /** Valid and encoded all the same, but somebody will stumble over it: what no WIT can say, resources handed out without their interface. */
  readonly warnings: readonly PlanProblem[]
  /** What the result needs of a host beyond WASI 0.2, from all components. */
  readonly features: readonly string[]
  /** Packages in first-use order, equal bytes once. */
  readonly packages: readonly {
    readonly id: PackageId
    readonly hash: string
    readonly name: string
    readonly version?: string
    /** Set when the component is not embedded but imported: the name of that import. */
    readonly importedAs?: string
  }[]
  /** Where a type lives: an outer import or an instance, with the path to it. */
  readonly owners: ReadonlyMap<TypeNode, TypeOwner>
}

export type TypeOwner =
  | { readonly kind: 'import'; readonly import: string; readonly path: readonly string[] }
  | { readonly kind: 'instance'; readonly instance: InstanceId; readonly path: readonly string[] }

/** A problem of a plan. */
export function planProblem(
  code: `graph.${string}`,
  message: string,
  at: {
    readonly instance?: InstanceId
    readonly import?: string
    readonly export?: string
    readonly hint?: string
    readonly path?: readonly string[]
  },
): PlanProblem {
  const { hint, path, ...place } = at
  const steps = [at.instance, at.import, at.export].filter((step) => step !== undefined)
  const where: ProblemPlace = { path: [...steps, ...(path ?? [])] }
  return { code, message, where, ...(hint === undefined ? {} : { hint }), ...place }
}

const hostPackages = new Set(['cli', 'clocks', 'filesystem', 'http', 'io', 'random', 'sockets'])

/** What the host calls. */
const called = new Set(['http/incoming-handler', 'http/handler', 'cli/run'])

/**
 * Does a WASI host give this interface? Those of the WASI 0.2 and 0.3 releases, without what the host
 * calls instead: handlers and commands.
 */
export function hostGives(name: string): boolean {
  const parsed = parseName(name)
  if (parsed.kind !== 'interface' || !/^0\.[23]\.\d+(-|$)/.test(parsed.version ?? '')) return false
  const [namespace, packageName = ''] = parsed.package.split(':')
  if (namespace !== 'wasi' || !hostPackages.has(packageName)) return false
  return !called.has(`${packageName}/${parsed.interface}`)
}

/** The type of the composed component: what it asks for and what it gives. */
export function typeOfPlan(plan: Plan): ComponentType {
  return {
    kind: 'component',
    imports: new Map(plan.imports.map(({ name, extern }) => [name, extern])),
    exports: new Map([...plan.types, ...plan.exports].map(({ name, extern }) => [name, extern])),
  }
}
