import { checkBound, openTypes } from '../subtype/check.ts'
import { describeDifference } from '../subtype/difference.ts'
import { peel, type Extern, type InstanceType, type TypeNode } from '../types/graph.ts'
import { strongKey } from '../types/names.ts'
import { descend } from '../types/walk.ts'
import { bindTypes, instantiateWith, Substitution } from '../types/substitute.ts'
import type { DecodedComponent } from '../binary/decode.ts'
import { nearest } from '../wac/inference.ts'
import { planExports } from './export-plan.ts'
import { argumentKey, type CompositionGraph, type GraphSource, type InstanceId } from './graph.ts'
import { orderImports } from './import-order.ts'
import { orderInstances } from './order.ts'
import { describeConflict, ForeignResource, OuterImports, type Wanted } from './outer-imports.ts'
import {
  planProblem,
  type DecodedOf,
  type Plan,
  type PlannedArgument,
  type PlannedInstance,
  type PlannedSource,
  type PlanProblem,
  type TypeOwner,
} from './plan.ts'

/** Choices that are not part of the graph. */
export interface PlanOptions {
  /** Add the exports that others need for their types; default true. With false they are problems. */
  readonly companions?: boolean
}

/**
 * Plans a composition: order, arguments, merged imports, exports, every problem; no bytes. Never throws for a graph that
 * can be drawn. Deterministic, and independent of the order of the graph's tables.
 */
export function planComposition(graph: CompositionGraph, decodedOf: DecodedOf, options: PlanOptions = {}): Plan {
  return new Planner(graph, decodedOf).run(options)
}

class Planner {
  readonly #graph: CompositionGraph
  readonly #decodedOf: DecodedOf
  readonly #problems: PlanProblem[] = []
  readonly #instances = new Map<InstanceId, PlannedInstance>()
  readonly #owned = new Map<TypeNode, { readonly instance: InstanceId; readonly path: readonly string[] }>()
  readonly #imports = new OuterImports({ ownerOf: (type) => this.#owned.get(type) })

  constructor(graph: CompositionGraph, decodedOf: DecodedOf) {
    this.#graph = graph
    this.#decodedOf = decodedOf
  }

  run(options: PlanOptions): Plan {
    const { order, cycles } = orderInstances(this.#graph)
    for (const cycle of cycles) {
      this.#problem(
        planProblem('graph.cycle', `the wiring goes in a circle: ${cycle.join(' → ')}`, {
          instance: cycle[0] ?? '',
          hint: 'A component can only use what exists before it: remove one of these wires, or let one side call the other over the network.',
        }),
      )
    }
    for (const id of order) this.#plan(id)
    this.#checkLooseWires()
    const imports = orderImports(this.#imports.planned(), (problem) => this.#problem(problem))
    this.#checkUnique(
      imports.map((each) => each.name),
      'import',
    )
    const owners = this.#owners()
    const { exports, companions } = planExports({
      graph: this.#graph,
      instances: this.#instances,
      imports,
      owners,
      companions: options.companions ?? true,
      problem: (problem) => this.#problem(problem),
    })
    this.#checkUnique(
      exports.map((each) => each.name),
      'export',
    )
    const packages = this.#packages(order)
    const features = new Set(packages.flatMap(({ hash }) => this.#decodedOf(hash)?.features ?? []))
    return {
      ...(this.#graph.name === undefined ? {} : { name: this.#graph.name }),
      order,
      instances: this.#instances,
      imports,
      exports,
      companions,
      problems: this.#problems,
      features: [...features].sort(),
      packages,
      owners,
    }
  }

  #problem(problem: PlanProblem): void {
    this.#problems.push(problem)
  }

  #plan(id: InstanceId): void {
    const packageId = this.#graph.instances[id]?.package ?? ''
    const entry = this.#graph.packages[packageId]
    const decoded = entry && this.#decodedOf(entry.hash)
    if (!entry || !decoded) {
      this.#problem(
        planProblem('graph.missing-package', `the component of "${id}" cannot be read`, {
          instance: id,
          hint: `Open "${packageId}" in the library to see why, or remove the instance.`,
        }),
      )
      return
    }
    const map = new Map<TypeNode, TypeNode>()
    const planned: PlannedArgument[] = []
    for (const [name, extern] of decoded.type.imports) {
      const argument = this.#argument({ instance: id, name }, extern, decoded, map)
      if (argument) planned.push(argument)
    }
    const exports = instantiateWith(decoded.type, map)
    this.#instances.set(id, { id, package: packageId, hash: entry.hash, arguments: planned, exports, types: map })
    this.#own(id, exports, new Set(map.values()), [])
  }

  /** Records which types an instance makes: those of its exports that did not come in through its imports. */
  #own(instance: InstanceId, type: InstanceType, incoming: ReadonlySet<TypeNode>, path: readonly string[]): void {
    for (const [name, extern] of type.exports) {
      const at = [...path, name]
      if (extern.kind === 'instance') this.#own(instance, extern.type, incoming, at)
      if (extern.kind !== 'type' || incoming.has(extern.type)) continue
      if (!this.#owned.has(extern.type)) this.#owned.set(extern.type, { instance, path: at })
      const of = peel(extern.type)
      const outside = of.kind !== 'resource' || [...incoming].some((each) => peel(each) === of)
      if (!outside && !this.#owned.has(of)) this.#owned.set(of, { instance, path: at })
    }
  }

  #argument(
    wanted: Wanted,
    extern: Extern,
    decoded: DecodedComponent,
    map: Map<TypeNode, TypeNode>,
  ): PlannedArgument | undefined {
    const wire = this.#graph.arguments[argumentKey(wanted.instance, wanted.name)]
    if (wire?.source.kind === 'instance' && this.#isBackwards(wire.source.instance)) return undefined
    if (wire && !(wire.source.kind === 'import' && wire.source.path.length === 0)) {
      const supplied = this.#supply(wire.source, wanted)
      if (!supplied) return undefined
      this.#fit(supplied.extern, extern, wanted, map)
      return { name: wanted.name, source: supplied.source, wired: true }
    }
    const derived = wire ? undefined : this.#derivedType(wanted, extern, decoded)
    if (derived) {
      bindTypes(extern, derived.extern, (from, to) => map.set(from, to))
      return { name: wanted.name, source: derived.source, wired: false }
    }
    const outerName = wire?.source.kind === 'import' ? wire.source.import : wanted.name
    return this.#leaveOpen(wanted, extern, map, outerName, wire !== undefined)
  }

  /** A wire of a cycle: its provider is not planned yet. */
  #isBackwards(provider: InstanceId): boolean {
    return Object.hasOwn(this.#graph.instances, provider) && !this.#instances.has(provider)
  }

  #leaveOpen(
    wanted: Wanted,
    extern: Extern,
    map: Map<TypeNode, TypeNode>,
    outerName: string,
    explicit: boolean,
  ): PlannedArgument | undefined {
    try {
      const result = this.#imports.add(wanted, extern, map, outerName, explicit)
      if ('conflict' in result) {
        this.#problem(
          planProblem('graph.conflict', describeConflict(wanted, result.conflict), {
            instance: wanted.instance,
            import: wanted.name,
            hint:
              result.conflict.difference.hint ??
              'Wire the import of one of them to a component, or build both against one version.',
          }),
        )
        return undefined
      }
      const { import: entry } = result
      // The name may still rise to a newer version: it is read when the plan is finished.
      return {
        name: wanted.name,
        wired: explicit,
        source: {
          kind: 'import',
          path: [],
          get import() {
            return entry.name
          },
        },
      }
    } catch (thrown) {
      if (!(thrown instanceof ForeignResource)) throw thrown
      const owner = `"${thrown.path.slice(0, -1).join(' › ')}" of "${thrown.owner}"`
      this.#problem(
        planProblem(
          'graph.foreign-resource',
          `the import "${wanted.name}" of "${wanted.instance}" uses the resource "${thrown.resource.name}", which comes from ${owner}`,
          {
            instance: wanted.instance,
            import: wanted.name,
            hint: `The host cannot know a resource of a component: wire "${wanted.name}" to a component as well, or leave both to the host.`,
          },
        ),
      )
      return undefined
    }
  }

  /** What a wire brings, or a problem that says why it brings nothing. */
  #supply(
    source: GraphSource,
    wanted: Wanted,
  ): { readonly extern: Extern; readonly source: PlannedSource } | undefined {
    if (source.kind === 'import') {
      const extern = this.#imports.find(source.import)?.extern
      const found = extern && descend(extern, source.path)
      if (found) return { extern: found, source }
      this.#problem(
        planProblem(
          'graph.unknown-import',
          `there is no import "${[source.import, ...source.path].join('" › "')}" to take`,
          { instance: wanted.instance, import: wanted.name, hint: 'Wire the import as a whole first.' },
        ),
      )
      return undefined
    }
    const provider = this.#instances.get(source.instance)
    if (!provider) {
      if (!Object.hasOwn(this.#graph.instances, source.instance)) {
        this.#problem(
          planProblem('graph.no-instance', `there is no instance "${source.instance}"`, {
            instance: wanted.instance,
            import: wanted.name,
            hint: 'Remove the wire.',
          }),
        )
      }
      return undefined
    }
    const whole: Extern = { kind: 'instance', type: provider.exports }
    const extern = descend(whole, source.path)
    if (extern) return { extern, source }
    const first = source.path[0] ?? ''
    const meant = nearest(first, provider.exports.exports.keys())
    this.#problem(
      planProblem('graph.unknown-export', `"${source.instance}" has no export "${source.path.join('" › "')}"`, {
        instance: wanted.instance,
        import: wanted.name,
        hint: meant
          ? `It exports "${meant}"; draw the wire from there.`
          : 'The component may have been built again without it.',
      }),
    )
    return undefined
  }

  /** Checks a wire and binds the types of the import to what is supplied. */
  #fit(supply: Extern, demand: Extern, wanted: Wanted, map: Map<TypeNode, TypeNode>): void {
    const open = new Map([...map, ...openTypes(demand, supply)])
    const asked = new Substitution(open).extern(demand)
    const [difference, ...more] = checkBound(supply, asked, { provenance: (resource) => this.#provenance(resource) })
    if (difference) {
      const also = more.length > 0 ? ` (and ${more.length} more)` : ''
      this.#problem(
        planProblem(
          'graph.mismatch',
          `the wire to "${wanted.name}" of "${wanted.instance}" does not fit: ${describeDifference(difference)}${also}`,
          {
            instance: wanted.instance,
            import: wanted.name,
            path: difference.path,
            ...(difference.hint === undefined ? {} : { hint: difference.hint }),
          },
        ),
      )
    }
    bindTypes(demand, supply, (from, to) => map.set(from, to))
  }

  #provenance(resource: TypeNode): string | undefined {
    const owner = this.#owned.get(resource)
    if (owner) return `"${owner.path.slice(0, -1).join(' › ')}" of component "${owner.instance}"`
    for (const { name, extern } of this.#imports.list()) if (holds(extern, resource)) return `the host's "${name}"`
    return undefined
  }

  /** A type that the world takes from an interface which a wire supplies comes from the same place. */
  #derivedType(
    wanted: Wanted,
    extern: Extern,
    decoded: DecodedComponent,
  ): { readonly extern: Extern; readonly source: PlannedSource } | undefined {
    if (extern.kind !== 'type' || extern.type.kind !== 'named') return undefined
    for (const [name, candidate] of decoded.type.imports) {
      if (candidate.kind !== 'instance') continue
      const wire = this.#graph.arguments[argumentKey(wanted.instance, name)]
      if (wire?.source.kind !== 'instance') continue
      for (const [typeName, type] of candidate.type.exports) {
        if (type.kind !== 'type' || type.type !== extern.type.of) continue
        const supplied = this.#supply({ ...wire.source, path: [...wire.source.path, typeName] }, wanted)
        if (supplied) return supplied
      }
    }
    return undefined
  }

  /** Wires to imports that the component does not have (it was built again, or the file was written by hand). */
  #checkLooseWires(): void {
    for (const { instance, name } of Object.values(this.#graph.arguments).sort(byPlace)) {
      const entry = this.#graph.instances[instance]
      const decoded = entry && this.#decodedOf(this.#graph.packages[entry.package]?.hash ?? '')
      if (!entry)
        this.#problem(
          planProblem('graph.no-instance', `a wire leads to "${instance}", which is not there`, {
            instance,
            import: name,
            hint: 'Remove the wire.',
          }),
        )
      else if (decoded && !decoded.type.imports.has(name)) {
        const meant = nearest(name, decoded.type.imports.keys())
        this.#problem(
          planProblem('graph.unknown-import', `"${instance}" does not import "${name}"`, {
            instance,
            import: name,
            hint: meant ? `It imports "${meant}": draw the wire there.` : 'Remove the wire.',
          }),
        )
      }
    }
  }

  #checkUnique(names: readonly string[], what: 'import' | 'export'): void {
    const seen = new Map<string, string>()
    for (const name of names) {
      const other = seen.get(strongKey(name))
      if (other !== undefined) {
        const place = what === 'export' ? { export: name } : { import: name }
        this.#problem(
          planProblem(
            'graph.duplicate-name',
            `the ${what}s "${other}" and "${name}" of the composition are too much alike`,
            { ...place, hint: 'Names must differ in more than upper and lower case: rename one of them.' },
          ),
        )
      }
      seen.set(strongKey(name), name)
    }
  }

  #owners(): Map<TypeNode, TypeOwner> {
    const owners = new Map<TypeNode, TypeOwner>()
    for (const { name, extern } of this.#imports.list())
      ownTypes(extern, (type, path) => owners.set(type, { kind: 'import', import: name, path }), [])
    for (const [type, owner] of this.#owned) if (!owners.has(type)) owners.set(type, { kind: 'instance', ...owner })
    return owners
  }

  #packages(order: readonly InstanceId[]): Plan['packages'] {
    const seen = new Set<string>()
    const packages: Plan['packages'][number][] = []
    for (const instance of order) {
      const planned = this.#instances.get(instance)
      const entry = planned && this.#graph.packages[planned.package]
      if (!entry || seen.has(entry.hash)) continue
      seen.add(entry.hash)
      const { hash, name, version } = entry
      packages.push({
        id: planned.package,
        hash,
        name,
        link: entry.link ?? 'embed',
        ...(version === undefined ? {} : { version }),
      })
    }
    return packages
  }
}

function byPlace(
  left: { readonly instance: string; readonly name: string },
  right: { readonly instance: string; readonly name: string },
): number {
  return argumentKey(left.instance, left.name) < argumentKey(right.instance, right.name) ? -1 : 1
}

function ownTypes(
  extern: Extern,
  own: (type: TypeNode, path: readonly string[]) => void,
  path: readonly string[],
): void {
  if (extern.kind === 'type') own(extern.type, path)
  else if (extern.kind === 'instance')
    for (const [name, inner] of extern.type.exports) ownTypes(inner, own, [...path, name])
}

function holds(extern: Extern, resource: TypeNode): boolean {
  if (extern.kind === 'type') return peel(extern.type) === resource
  return extern.kind === 'instance' && [...extern.type.exports.values()].some((inner) => holds(inner, resource))
}
