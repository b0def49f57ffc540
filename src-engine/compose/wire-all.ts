import type { DecodedComponent } from '../binary/decode.ts'
import { planComposition } from './build-plan.ts'
import { addInstance, connect, setPackage } from './edit.ts'
import { argumentKey, type CompositionGraph, type GraphSource, type InstanceId, type PackageId } from './graph.ts'
import { hostGives, type DecodedOf, type Plan, type PlanProblem } from './plan.ts'
import { bestName, type Part } from './plug.ts'
import { verdictOf, type ImportPort, type Verdict } from './verdict.ts'

/** Somebody who has an export of the right name. */
export interface Candidate {
  /** Set when it is in the graph already, else it is a component of the library. */
  readonly instance?: InstanceId
  readonly package: PackageId
  readonly export: string
}

export interface Wiring {
  readonly graph: CompositionGraph
  /** Wires that were added, with the instances that were made for them. */
  readonly wired: readonly (ImportPort & { readonly by: Candidate & { readonly instance: InstanceId } })[]
  /** Left to the host. */
  readonly host: readonly ImportPort[]
  /** Nobody exports it. */
  readonly missing: readonly ImportPort[]
  /** Several would do. Never guessed: the user chooses. */
  readonly ambiguous: readonly (ImportPort & { readonly candidates: readonly Candidate[] })[]
  /** The name is there, the type is not. */
  readonly near: readonly (ImportPort & { readonly by: Candidate; readonly verdict: Verdict })[]
}

/**
 * Satisfies every open import, and those of the components that this brings in, from what is in the graph and else from
 * the library. What a WASI host gives stays with the host. Nothing is guessed: an import is wired when exactly one export
 * of its name, or of a compatible version of it, fits.
 */
export function wireAll(graph: CompositionGraph, library: readonly Part[], decodedOf: DecodedOf): Wiring {
  return new Wirer(graph, library, decodedOf).run()
}

class Wirer {
  #graph: CompositionGraph
  #plan: Plan | undefined
  readonly #library: readonly Part[]
  readonly #decodedOf: DecodedOf
  readonly #settled = new Set<InstanceId>()
  readonly #wired: Wiring['wired'][number][] = []
  readonly #host: ImportPort[] = []
  readonly #missing: ImportPort[] = []
  readonly #ambiguous: Wiring['ambiguous'][number][] = []
  readonly #near: Wiring['near'][number][] = []

  constructor(graph: CompositionGraph, library: readonly Part[], decodedOf: DecodedOf) {
    this.#graph = graph
    this.#library = library
    this.#decodedOf = decodedOf
  }

  run(roots: readonly InstanceId[] = Object.keys(this.#graph.instances).sort()): Wiring {
    for (const root of roots) this.#settle(root)
    return {
      graph: this.#graph,
      wired: this.#wired,
      host: this.#host,
      missing: this.#missing,
      ambiguous: this.#ambiguous,
      near: this.#near,
    }
  }

  /** Decides every open import of an instance, those of its providers first: they bring the types. */
  #settle(instance: InstanceId): void {
    if (this.#settled.has(instance)) return
    this.#settled.add(instance)
    for (const name of this.#importsOf(instance)) {
      const source = this.#graph.arguments[argumentKey(instance, name)]?.source
      if (source?.kind === 'instance') this.#settle(source.instance)
      else if (!source) this.#satisfy({ instance, name })
    }
  }

  #importsOf(instance: InstanceId): string[] {
    const imports = this.#decoded(instance)?.type.imports
    // A type of the world comes from where its interface comes from.
    return [...(imports ?? [])].flatMap(([name, extern]) => (extern.kind === 'type' ? [] : [name]))
  }

  #decoded(instance: InstanceId): DecodedComponent | undefined {
    const packageId = this.#graph.instances[instance]?.package ?? ''
    return this.#decodedOf(this.#graph.packages[packageId]?.hash ?? '')
  }

  #satisfy(port: ImportPort): void {
    const present = this.#present(port)
    const enough = hostGives(port.name) || present.some(({ verdict }) => verdict.fits !== 'no')
    const judged = enough ? present : [...present, ...this.#absent(port)]
    const fitting = judged.filter(({ verdict }) => verdict.fits !== 'no')
    const [only] = fitting
    const [near] = judged
    if (only && fitting.length === 1) this.#wire(port, only.candidate)
    else if (only) this.#ambiguous.push({ ...port, candidates: fitting.map(({ candidate }) => candidate) })
    else if (hostGives(port.name)) this.#host.push(port)
    else if (near) this.#near.push({ ...port, by: near.candidate, verdict: near.verdict })
    else this.#missing.push(port)
  }

  /** Draws the wire, unless it would spoil one that fits already: then everything is as before. */
  #wire(port: ImportPort, candidate: Candidate): void {
    const restore = this.#snapshot()
    const before = mismatches(this.#planned())
    const instance = candidate.instance ?? this.#add(candidate.package)
    if (instance === undefined) return
    this.#graph = connect(this.#graph, port.instance, port.name, sourceOf(instance, candidate))
    this.#plan = undefined
    this.#settle(instance)
    const spoiled = mismatches(this.#planned()).find((problem) => !before.some((each) => samePlace(each, problem)))
    if (!spoiled) {
      this.#wired.push({ ...port, by: { ...candidate, instance } })
      return
    }
    restore()
    const { message, hint } = spoiled
    const verdict: Verdict = { fits: 'no', sentence: `${message}.`, ...(hint === undefined ? {} : { hint }) }
    this.#near.push({ ...port, by: candidate, verdict })
  }

  #planned(): Plan {
    return (this.#plan ??= planComposition(this.#graph, this.#decodedOf))
  }

  #snapshot(): () => void {
    const graph = this.#graph
    const settled = [...this.#settled]
    const lists = [this.#wired, this.#host, this.#missing, this.#ambiguous, this.#near]
    const lengths = lists.map((list) => list.length)
    return () => {
      this.#graph = graph
      this.#plan = undefined
      this.#settled.clear()
      for (const each of settled) this.#settled.add(each)
      lists.forEach((list, index) => list.splice(lengths[index] ?? 0))
    }
  }

  #add(id: PackageId): InstanceId | undefined {
    const part = this.#library.find((each) => each.id === id)
    const added = part && withPart(this.#graph, part)
    if (added) this.#graph = added.graph
    this.#plan = undefined
    return added?.instance
  }

  #present(port: ImportPort): Judged[] {
    const named = Object.keys(this.#graph.instances)
      .sort()
      .flatMap((instance) => {
        const exports = instance === port.instance ? undefined : this.#decoded(instance)?.type.exports
        const name = bestName(exports?.keys() ?? [], port.name)
        return name === undefined ? [] : [{ instance, name }]
      })
    if (named.length === 0) return []
    for (const { instance } of named) this.#settle(instance)
    const context = { graph: this.#graph, plan: this.#planned(), decodedOf: this.#decodedOf }
    return named.map(({ instance, name }) => {
      const candidate = { instance, package: this.#graph.instances[instance]?.package ?? '', export: name }
      return { candidate, verdict: verdictOf(context, sourceOf(instance, candidate), port) }
    })
  }

  /** What the library has, judged as if an instance of it were there and took its types from what is there. */
  #absent(port: ImportPort): Judged[] {
    const here = new Set(Object.values(this.#graph.instances).map((each) => each.package))
    return this.#library.flatMap((part) => {
      const exports = here.has(part.id) ? undefined : this.#decodedOf(part.package.hash)?.type.exports
      const name = bestName(exports?.keys() ?? [], port.name)
      if (name === undefined) return []
      const added = withPart(this.#graph, part)
      const { graph } = new Wirer(added.graph, [], this.#decodedOf).run([added.instance])
      const context = { graph, plan: planComposition(graph, this.#decodedOf), decodedOf: this.#decodedOf }
      const candidate = { package: part.id, export: name }
      return [{ candidate, verdict: verdictOf(context, sourceOf(added.instance, candidate), port) }]
    })
  }
}

function mismatches(plan: Plan): PlanProblem[] {
  return plan.problems.filter((problem) => problem.code === 'graph.mismatch')
}

function samePlace(left: PlanProblem, right: PlanProblem): boolean {
  return left.instance === right.instance && left.import === right.import
}

interface Judged {
  readonly candidate: Candidate
  readonly verdict: Verdict
}

function withPart(graph: CompositionGraph, part: Part): { graph: CompositionGraph; instance: InstanceId } {
  return addInstance(setPackage(graph, part.id, part.package), part.id)
}

function sourceOf(instance: InstanceId, candidate: Candidate): GraphSource {
  return { kind: 'instance', instance, path: [candidate.export] }
}
