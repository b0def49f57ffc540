import { checkBound, openTypes } from '../subtype/check.ts'
import { describeDifference, type Difference } from '../subtype/difference.ts'
import { explainByNames } from '../subtype/hints.ts'
import type { Extern, Resource, TypeNode } from '../types/graph.ts'
import { matchNames, splitVersion } from '../types/names.ts'
import { Substitution } from '../types/substitute.ts'
import { descend } from '../types/walk.ts'
import { adapt } from './adapt.ts'
import { argumentKey, faceOfImport, type CompositionGraph, type GraphSource, type InstanceId } from './graph.ts'
import { declarationsOf } from './imported-types.ts'
import type { DecodedOf, Plan } from './plan.ts'
import { describeResource, nameOfSource } from './provenance.ts'

/** Would this wire fit? `newer` and `older` fit as well: they say how the version given stands to the one asked for. */
export interface Verdict {
  readonly fits: 'yes' | 'newer' | 'older' | 'no'
  /** The first thing that differs. */
  readonly difference?: Difference
  /** For a tooltip: why not, or how the versions stand. */
  readonly sentence?: string
  readonly hint?: string
}

/** One end of a wire: an import of an instance. */
export interface ImportPort {
  readonly instance: InstanceId
  readonly name: string
}

/** The composition as it is, planned: verdicts are given in its terms, with the origin of every resource. */
export interface VerdictContext {
  readonly graph: CompositionGraph
  readonly plan: Plan
  readonly decodedOf: DecodedOf
}

/**
 * What the plan would say to one wire, drawn or not. It looks at this wire alone: what else becomes possible or impossible
 * once it is drawn, the next plan tells.
 */
export function verdictOf(context: VerdictContext, source: GraphSource, port: ImportPort): Verdict {
  return new Judge(context).judge(source, port)
}

/** Verdicts for all imports of all instances at once, for a wire that begins at `source`; keyed by `argumentKey`. */
export function verdictsFrom(context: VerdictContext, source: GraphSource): Map<string, Verdict> {
  const judge = new Judge(context)
  const verdicts = new Map<string, Verdict>()
  for (const instance of context.plan.order)
    for (const name of judge.importsOf(instance).keys())
      verdicts.set(argumentKey(instance, name), judge.judge(source, { instance, name }))
  return verdicts
}

/** Verdicts for all exports of all instances at once, for a wire that ends at `port`; keyed by `argumentKey(instance, export)`. */
export function verdictsTo(context: VerdictContext, port: ImportPort): Map<string, Verdict> {
  const judge = new Judge(context)
  const verdicts = new Map<string, Verdict>()
  for (const [instance, { exports }] of context.plan.instances)
    for (const name of exports.exports.keys())
      verdicts.set(argumentKey(instance, name), judge.judge({ kind: 'instance', instance, path: [name] }, port))
  return verdicts
}

class Judge {
  readonly #context: VerdictContext
  readonly #upstream = new Map<InstanceId, ReadonlySet<InstanceId>>()

  constructor(context: VerdictContext) {
    this.#context = context
  }

  importsOf(instance: InstanceId): ReadonlyMap<string, Extern> {
    const planned = this.#context.plan.instances.get(instance)
    return (planned && this.#context.decodedOf(planned.hash)?.type.imports) ?? new Map()
  }

  judge(source: GraphSource, port: ImportPort): Verdict {
    const demand = this.importsOf(port.instance).get(port.name)
    const supply = this.#supply(source)
    if (!demand || !supply) return no(`${demand ? nameOfSource(source) : port.name} is not there.`)
    if (source.kind === 'instance' && this.#needs(source.instance).has(port.instance)) {
      return source.instance === port.instance
        ? no('A component cannot use itself.')
        : no(`${source.instance} already uses ${port.instance}: the two would need each other.`)
    }
    const { map, open } = this.#types(port)
    const owners = this.#context.plan.owners
    const given = this.#nameOf(source)
    const grown = this.#isOpen(source) && matchNames(given, port.name) !== 'no' ? lacking(supply, demand) : []
    const asked = grown.length === 0 ? demand : sharedPart(supply, demand)
    const adapted = adapt({ extern: supply, source }, asked, port.name, { map, ownerOf: (type) => owners.get(type) })
    const found = missing(adapted.extern, asked) ?? this.#difference(adapted.extern, asked, map, open)
    if (found) {
      const difference = explainByNames(found, given, port.name)
      const { hint } = difference
      return {
        fits: 'no',
        difference,
        sentence: `${describeDifference(difference)}.`,
        ...(hint === undefined ? {} : { hint }),
      }
    }
    const verdict = versions(given, port.name)
    return grown.length === 0 ? verdict : { ...verdict, sentence: `The import takes in ${grown.join(', ')} as well.` }
  }

  /** What is given, by the name of its type. */
  #nameOf(source: GraphSource): string {
    return source.kind === 'import' && source.path.length === 0
      ? faceOfImport(this.#context.graph, source.import)
      : nameOfSource(source)
  }

  /** An import that was declared without a type takes in whatever those who take it ask for. */
  #isOpen(source: GraphSource): boolean {
    return (
      source.kind === 'import' &&
      source.path.length === 0 &&
      this.#context.graph.imports[source.import]?.declared === undefined
    )
  }

  #supply(source: GraphSource): Extern | undefined {
    const { plan } = this.#context
    if (source.kind === 'import') {
      const found = plan.imports.find((each) => each.name === source.import)
      return found && descend(found.extern, source.path)
    }
    const instance = plan.instances.get(source.instance)
    return instance && descend({ kind: 'instance', type: instance.exports }, source.path)
  }

  /** What the types around this import stand for; its own are for the new wire to bind. */
  #types(port: ImportPort): { map: ReadonlyMap<TypeNode, TypeNode>; open: (type: TypeNode) => boolean } {
    const planned = this.#context.plan.instances.get(port.instance)
    const decoded = planned && this.#context.decodedOf(planned.hash)
    const declared = decoded && declarationsOf(decoded)
    return { map: planned?.types ?? new Map(), open: (type) => declared?.get(type)?.import === port.name }
  }

  #difference(
    supply: Extern,
    demand: Extern,
    map: ReadonlyMap<TypeNode, TypeNode>,
    open: (type: TypeNode) => boolean,
  ): Difference | undefined {
    const bound = openTypes(demand, supply)
    const seen = new LayeredMap((type) => bound.get(type) ?? (open(type) ? undefined : map.get(type)))
    const { owners } = this.#context.plan
    const provenance = (resource: Resource) => describeResource(resource, owners.get(resource))
    return checkBound(supply, new Substitution(seen).extern(demand), { provenance, limit: 1 })[0]
  }

  /** The instance and everything it uses. */
  #needs(instance: InstanceId): ReadonlySet<InstanceId> {
    const known = this.#upstream.get(instance)
    if (known) return known
    const providers = new Map<InstanceId, InstanceId[]>()
    for (const { instance: to, source } of Object.values(this.#context.graph.arguments)) {
      if (source.kind === 'instance') providers.set(to, [...(providers.get(to) ?? []), source.instance])
    }
    const found = new Set([instance])
    for (const each of found) for (const provider of providers.get(each) ?? []) found.add(provider)
    this.#upstream.set(instance, found)
    return found
  }
}

class LayeredMap extends Map<TypeNode, TypeNode> {
  readonly #get: (type: TypeNode) => TypeNode | undefined

  constructor(get: (type: TypeNode) => TypeNode | undefined) {
    super()
    this.#get = get
  }

  override get(type: TypeNode): TypeNode | undefined {
    return this.#get(type)
  }
}

/** Names of what is asked for and not given. */
function lacking(supply: Extern, demand: Extern): string[] {
  if (supply.kind !== 'instance' || demand.kind !== 'instance') return []
  return [...demand.type.exports.keys()].filter((name) => !supply.type.exports.has(name))
}

/** What is asked for as far as it is given. */
function sharedPart(supply: Extern, demand: Extern): Extern {
  if (supply.kind !== 'instance' || demand.kind !== 'instance') return demand
  const exports = new Map([...demand.type.exports].filter(([name]) => supply.type.exports.has(name)))
  return { ...demand, type: { ...demand.type, exports } }
}

/** The cheap part first: most pairs of interfaces differ already in the names of what they hold. */
function missing(supply: Extern, demand: Extern): Difference | undefined {
  if (supply.kind !== 'instance' || demand.kind !== 'instance') return undefined
  for (const [name, extern] of demand.type.exports) {
    if (supply.type.exports.has(name)) continue
    const only: Extern = { kind: 'instance', type: { kind: 'instance', exports: new Map([[name, extern]]) } }
    return checkBound(supply, only, { limit: 1 })[0]
  }
  return undefined
}

function versions(supply: string, demand: string): Verdict {
  const match = matchNames(supply, demand)
  if (match !== 'newer' && match !== 'older') return { fits: 'yes' }
  const given = splitVersion(supply).version ?? ''
  const asked = splitVersion(demand).version ?? ''
  return {
    fits: match,
    sentence:
      match === 'newer'
        ? `${given} is given where ${asked} is asked for: a newer version that fits.`
        : `${given} is given where ${asked} is asked for: older, but it has everything that is used.`,
  }
}

function no(sentence: string): Verdict {
  return { fits: 'no', sentence }
}
