import { checkBound, openTypes } from '../subtype/check.ts'
import { describeDifference } from '../subtype/difference.ts'
import { explainByNames } from '../subtype/hints.ts'
import { peel, type Extern, type InstanceType, type Resource, type TypeNode } from '../types/graph.ts'
import { parseName } from '../types/names.ts'
import { descend } from '../types/walk.ts'
import { bindTypes, instantiateWith, Substitution } from '../types/substitute.ts'
import type { DecodedComponent } from '../binary/decode.ts'
import { nearest } from '../wac/inference.ts'
import { adapt, type Supply } from './adapt.ts'
import { checkLimits, checkLooseWires, checkNames, checkUnique } from './check-graph.ts'
import { checkLeaks } from './check-leaks.ts'
import { checkPrintable } from './check-printable.ts'
import { readDeclared } from './declared-import.ts'
import { planExports } from './export-plan.ts'
import { argumentKey, faceOfImport, type CompositionGraph, type GraphSource, type InstanceId } from './graph.ts'
import { orderImports } from './import-order.ts'
import { declarationsOf, ForeignType, ownTypes, type ImportedTypes, type Wanted } from './imported-types.ts'
import { orderInstances } from './order.ts'
import { describeConflict, OuterImports, type OuterImport } from './outer-imports.ts'
import { packageCycle } from './package-order.ts'
import { planPackages, type DependencyNames } from './plan-packages.ts'
import {
  planProblem,
  type DecodedOf,
  type Plan,
  type PlannedArgument,
  type PlannedImport,
  type PlannedInstance,
  type PlanProblem,
  type TypeOwner,
} from './plan.ts'
import { describeResource, nameOfSource, nameWithin } from './provenance.ts'
import { planTypes } from './type-plan.ts'

/** Choices that are not part of the graph. */
export interface PlanOptions {
  /** Add the exports that others need for their types; default true. With false they are problems. */
  readonly companions?: boolean
  /** How components that are to be supplied are asked for; default `unlocked`. */
  readonly dependencies?: DependencyNames
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
  readonly #imports: OuterImports
  /** Sources that name an import: the name may rise to a newer version until all instances are planned. */
  readonly #named: { readonly source: { import: string }; readonly entry: OuterImport }[] = []

  constructor(graph: CompositionGraph, decodedOf: DecodedOf) {
    this.#graph = graph
    this.#decodedOf = decodedOf
    this.#imports = new OuterImports((type) => this.#owned.get(type), Object.keys(graph.imports))
  }

  run(options: PlanOptions): Plan {
    const { order, cycles } = orderInstances(this.#graph)
    for (const cycle of cycles) this.#cycle(cycle)
    this.#declareImports()
    for (const id of order) this.#plan(id)
    this.#checkExplicit()
    checkLooseWires(this.#graph, this.#decodedOf, (problem) => this.#problem(problem))
    const plan = this.#finish(order, options)
    if (!packageCycle([...plan.imports, ...plan.exports])) return plan
    // Left to themselves, versions rise interface by interface; together they do when they would get entangled.
    this.#imports.raiseToPackages()
    const raised = this.#finish(order, options)
    const cycle = packageCycle([...raised.imports, ...raised.exports])
    return cycle ? { ...raised, problems: [...raised.problems, versionProblem(cycle)] } : raised
  }

  /** What can be said once all instances are planned: names, order, exports. */
  #finish(order: readonly InstanceId[], options: PlanOptions): Plan {
    const problems = [...this.#problems]
    const report = (problem: PlanProblem) => void problems.push(problem)
    const warnings: PlanProblem[] = []
    const warn = (warning: PlanProblem) => void warnings.push(warning)
    for (const { source, entry } of this.#named) source.import = entry.name
    const packages = planPackages(this.#graph, order, this.#instances, options.dependencies ?? 'unlocked')
    const imports = [
      ...orderImports(this.#imports.planned(), report).map((each) => this.#withFace(each)),
      ...packages.imports(this.#decodedOf),
    ]
    checkUnique(
      imports.map((each) => each.name),
      'import',
      report,
    )
    const owners = this.#owners()
    const { exports, companions } = planExports({
      graph: this.#graph,
      instances: this.#instances,
      imports,
      owners,
      companions: options.companions ?? true,
      broken: problems.length > 0,
      problem: report,
      warn,
    })
    const types = planTypes(this.#graph, imports, report)
    checkUnique(
      [...types, ...exports].map((each) => each.name),
      'export',
      report,
    )
    checkNames(exports, 'export', report)
    checkPrintable({ instances: this.#instances, imports, exports, types }, warn)
    checkLeaks(exports, owners, warn)
    checkNames(
      imports.filter((each) => each.explicit),
      'import',
      report,
    )
    checkLimits({ instances: this.#instances, imports, exports, packages: packages.list }, report)
    const features = new Set(packages.list.flatMap(({ hash }) => this.#decodedOf(hash)?.features ?? []))
    if ([...imports, ...exports].some(({ extern }) => extern.attributes?.implements !== undefined))
      features.add('implements')
    return {
      ...(this.#graph.name === undefined ? {} : { name: this.#graph.name }),
      order,
      instances: this.#instances,
      imports,
      exports,
      types,
      companions,
      problems,
      warnings,
      features: [...features].sort(),
      packages: packages.list,
      owners,
    }
  }

  /** An interface imported under a plain name says which one it is: the name alone would not. (Explainer.md, "implements".) */
  #withFace(planned: PlannedImport): PlannedImport {
    const { name, extern, explicit } = planned
    if (!explicit || extern.kind !== 'instance' || parseName(name).kind !== 'label') return planned
    const face = faceOfImport(this.#graph, name)
    if (parseName(face).kind !== 'interface') return planned
    return { ...planned, extern: { ...extern, attributes: { ...extern.attributes, implements: face } } }
  }

  #problem(problem: PlanProblem): void {
    this.#problems.push(problem)
  }

  #cycle(cycle: readonly InstanceId[]): void {
    const [instance = '', provider] = cycle
    const closing = Object.values(this.#graph.arguments)
      .filter(
        ({ source, instance: to }) => to === instance && source.kind === 'instance' && source.instance === provider,
      )
      .map(({ name }) => name)
      .sort()[0]
    this.#problem(
      planProblem('graph.cycle', `the wiring goes in a circle: ${cycle.join(' → ')}`, {
        instance,
        ...(closing === undefined ? {} : { import: closing }),
        hint: 'A component can only use what exists before it: remove one of these wires, or let one side call the other over the network.',
      }),
    )
  }

  /** Imports with a type of their own come first: wires are checked against them, not the other way round. */
  #declareImports(): void {
    for (const [name, { declared }] of Object.entries(this.#graph.imports).sort(byKey)) {
      if (!declared) continue
      const reading = readDeclared(declared)
      if ('problem' in reading) {
        const { message, where } = reading.problem
        const line = where?.line === undefined ? '' : ` (line ${where.line})`
        this.#problem(
          planProblem('graph.untyped-import', `the type of the import "${name}" cannot be read: ${message}${line}`, {
            import: name,
            hint: 'Declare the import again, or remove it.',
          }),
        )
        continue
      }
      const types: ImportedTypes = { map: new Map(), declared: declarationsOf(reading) }
      for (const [each, extern] of reading.type.imports) {
        const own = each === declared.name
        const difference = this.#imports.declare(extern, types, own ? name : each, !own)
        if (!difference) continue
        this.#problem(
          planProblem(
            'graph.conflict',
            `the import "${own ? name : each}" is declared twice, differently: ${describeDifference(difference)}`,
            { import: name, hint: 'Declare both from one version of the package.' },
          ),
        )
      }
    }
  }

  /** What a declared import gives to whoever takes it. */
  #declared(name: string, path: readonly string[], wanted: Wanted): Supply | undefined {
    const entry = this.#imports.find(name)
    if (!entry?.declared) return undefined
    const extern = descend(entry.extern, path)
    if (extern) {
      entry.wantedBy.push(wanted)
      return { extern, source: { kind: 'import', import: entry.name, path } }
    }
    this.#problem(
      planProblem('graph.unknown-export', `the import "${name}" has no "${path.join('" › "')}"`, {
        instance: wanted.instance,
        import: wanted.name,
        hint: 'Draw the wire from something it declares, or declare the import with it.',
      }),
    )
    return undefined
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
    if (decoded.witPackage) {
      this.#problem(
        planProblem('graph.no-code', `the file of "${id}" holds interfaces only: there is no code in it to run`, {
          instance: id,
          hint: 'It is a WIT package in binary form. Use it as a target world, and a component that implements it here.',
        }),
      )
      return
    }
    const types: ImportedTypes = { map: new Map(), declared: declarationsOf(decoded) }
    const planned: PlannedArgument[] = []
    for (const [name, extern] of decoded.type.imports) {
      const wanted = { instance: id, name }
      this.#declare(wanted, extern, types)
      const argument = this.#argument(wanted, extern, types)
      if (argument) planned.push(argument)
    }
    const exports = instantiateWith(decoded.type, types.map)
    this.#instances.set(id, { id, package: packageId, hash: entry.hash, arguments: planned, exports, types: types.map })
    this.#own(id, exports, types.map)
  }

  /** Records which types an instance makes: those of its exports that did not come in through its imports. */
  #own(instance: InstanceId, exports: InstanceType, map: ReadonlyMap<TypeNode, TypeNode>): void {
    const incoming = new Set(map.values())
    const outside = new Set([...incoming].map(peel))
    ownTypes({ kind: 'instance', type: exports }, (type, path) => {
      if (!incoming.has(type) && !this.#owned.has(type)) this.#owned.set(type, { instance, path })
      const of = peel(type)
      if (of.kind === 'resource' && !outside.has(of) && !this.#owned.has(of)) this.#owned.set(of, { instance, path })
    })
  }

  /** An explicit import that takes its type from here, though something else may be wired here. */
  #declare(wanted: Wanted, extern: Extern, types: ImportedTypes): void {
    const source = this.#graph.arguments[argumentKey(wanted.instance, wanted.name)]?.source
    for (const [name, { typeOf, declared }] of Object.entries(this.#graph.imports).sort(byKey)) {
      if (declared || typeOf?.instance !== wanted.instance || typeOf.name !== wanted.name) continue
      if (source?.kind === 'import' && source.import === name && source.path.length === 0) continue
      this.#leaveOpen(wanted, extern, { ...types, map: new Map(types.map) }, name, [], false)
    }
  }

  #argument(wanted: Wanted, extern: Extern, types: ImportedTypes): PlannedArgument | undefined {
    const source = this.#graph.arguments[argumentKey(wanted.instance, wanted.name)]?.source
    if (!source) {
      const derived = this.#derivedType(extern, types, false)
      if (derived) {
        bindTypes(extern, derived.extern, (from, to) => types.map.set(from, to))
        return { name: wanted.name, source: derived.source, wired: false }
      }
    }
    const from: GraphSource = source ?? { kind: 'import', import: wanted.name, path: [] }
    const isDeclared = from.kind === 'import' && this.#imports.find(from.import)?.declared === true
    if (from.kind === 'import' && !isDeclared)
      return this.#leaveOpen(wanted, extern, types, from.import, from.path, source !== undefined)
    const supplied =
      from.kind === 'import' ? this.#declared(from.import, from.path, wanted) : this.#supply(from, wanted)
    if (!supplied) return undefined
    const ownerOf = (type: TypeNode) => this.#ownerOf(type)
    const adapted = adapt(supplied, extern, wanted.name, { map: types.map, ownerOf })
    this.#fit(adapted.extern, extern, wanted, nameOfSource(from), types.map)
    return { name: wanted.name, source: adapted.source, wired: source !== undefined }
  }

  #leaveOpen(
    wanted: Wanted,
    extern: Extern,
    types: ImportedTypes,
    name: string,
    path: readonly string[],
    wired: boolean,
  ): PlannedArgument | undefined {
    try {
      const result = this.#imports.add(wanted, extern, types, { name, path })
      if ('import' in result) {
        const source = { kind: 'import' as const, import: name, path }
        this.#named.push({ source, entry: result.import })
        return { name: wanted.name, wired, source }
      }
      // A type that the world takes from an interface need not be imported by itself.
      const derived = path.length === 0 ? this.#derivedType(extern, types, true) : undefined
      if (derived) {
        bindTypes(extern, derived.extern, (from, to) => types.map.set(from, to))
        return { name: wanted.name, source: derived.source, wired }
      }
      this.#problem(
        planProblem('graph.conflict', describeConflict(wanted, result.conflict), {
          instance: wanted.instance,
          import: wanted.name,
          hint:
            result.conflict.difference.hint ??
            'Wire the import of one of them to a component, or build both against one version.',
        }),
      )
    } catch (thrown) {
      if (!(thrown instanceof ForeignType)) throw thrown
      this.#problem(foreignProblem(thrown, wanted))
    }
    return undefined
  }

  /** What a wire brings, or a problem that says why it brings nothing. */
  #supply(source: GraphSource & { readonly kind: 'instance' }, wanted: Wanted): Supply | undefined {
    const place = { instance: wanted.instance, import: wanted.name }
    const provider = this.#instances.get(source.instance)
    if (!provider) {
      if (!Object.hasOwn(this.#graph.instances, source.instance)) {
        this.#problem(
          planProblem('graph.no-instance', `there is no instance "${source.instance}"`, {
            ...place,
            hint: 'Remove the wire.',
          }),
        )
      }
      return undefined
    }
    const extern = descend({ kind: 'instance', type: provider.exports }, source.path)
    if (extern) return { extern, source }
    const meant = nearest(source.path[0] ?? '', provider.exports.exports.keys())
    this.#problem(
      planProblem('graph.unknown-export', `"${source.instance}" has no export "${source.path.join('" › "')}"`, {
        ...place,
        hint: meant
          ? `It exports "${meant}"; draw the wire from there.`
          : 'The component may have been built again without it.',
      }),
    )
    return undefined
  }

  /** Checks a wire and binds the types of the import to what is supplied. */
  #fit(supply: Extern, demand: Extern, wanted: Wanted, from: string, map: Map<TypeNode, TypeNode>): void {
    const asked = new Substitution(new Map([...map, ...openTypes(demand, supply)])).extern(demand)
    const provenance = (resource: Resource) => describeResource(resource, this.#ownerOf(resource))
    const [found, ...more] = checkBound(supply, asked, { provenance })
    if (found) {
      const difference = explainByNames(found, from, wanted.name)
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

  /** Where a type lives, as far as it is planned. */
  #ownerOf(type: TypeNode): TypeOwner | undefined {
    const owner = this.#owned.get(type)
    if (owner) return { kind: 'instance', ...owner }
    for (const entry of this.#imports.list()) {
      let found: readonly string[] | undefined
      ownTypes(entry.extern, (each, path) => {
        if (each === type) found = path
      })
      if (!found) continue
      const source = { kind: 'import' as const, import: entry.name, path: found }
      this.#named.push({ source, entry })
      return source
    }
    return undefined
  }

  /**
   * A type that the world takes from an imported interface: it comes from where that interface comes from. With `open` the
   * interface may be one that is left to the host.
   */
  #derivedType(extern: Extern, types: ImportedTypes, open: boolean): Supply | undefined {
    if (extern.kind !== 'type' || extern.type.kind !== 'named') return undefined
    const of = types.map.get(extern.type.of)
    const owner = of && (open ? this.#ownerOf(of) : this.#made(of))
    if (!of || !owner) return undefined
    return { source: owner, extern: { kind: 'type', type: of, bound: 'eq' } }
  }

  /** The owner of a type that a component of the composition makes. */
  #made(type: TypeNode): TypeOwner | undefined {
    const owner = this.#owned.get(type)
    return owner && { kind: 'instance', ...owner }
  }

  /** Explicit imports whose type is nowhere to be had. */
  #checkExplicit(): void {
    for (const [name, { typeOf, declared }] of Object.entries(this.#graph.imports).sort(byKey)) {
      if (declared) continue
      if (!typeOf) {
        this.#problem(
          planProblem('graph.untyped-import', `the import "${name}" has no type`, {
            import: name,
            hint: 'Wire it to an instance, or remove it.',
          }),
        )
        continue
      }
      const entry = this.#graph.instances[typeOf.instance]
      const decoded: DecodedComponent | undefined =
        entry && this.#decodedOf(this.#graph.packages[entry.package]?.hash ?? '')
      if (entry && (!decoded || decoded.type.imports.has(typeOf.name))) continue
      this.#problem(
        planProblem(
          'graph.untyped-import',
          entry
            ? `the import "${name}" is to be like "${typeOf.name}" of "${typeOf.instance}", which has no such import`
            : `the import "${name}" is to be like one of "${typeOf.instance}", which is not there`,
          { import: name, hint: 'Remove the import, or wire it to an instance again.' },
        ),
      )
    }
  }

  #owners(): Map<TypeNode, TypeOwner> {
    const owners = new Map<TypeNode, TypeOwner>()
    for (const { name, extern } of this.#imports.list())
      ownTypes(extern, (type, path) => owners.set(type, { kind: 'import', import: name, path }))
    for (const [type, owner] of this.#owned) if (!owners.has(type)) owners.set(type, { kind: 'instance', ...owner })
    return owners
  }
}

function byKey(left: readonly [string, unknown], right: readonly [string, unknown]): number {
  return left[0] < right[0] ? -1 : 1
}

function versionProblem(cycle: readonly string[]): PlanProblem {
  return planProblem(
    'graph.version-cycle',
    `interfaces of these versions would need types of each other: ${cycle.join(' → ')}`,
    { hint: 'No tool can print such a world. Build the components against one version of the package.' },
  )
}

function foreignProblem({ type, owner, path }: ForeignType, wanted: Wanted): PlanProblem {
  const resource = peel(type).kind === 'resource'
  const name = nameWithin(type, path)
  const from = `"${path.slice(0, -1).join(' › ')}" of "${owner}"`
  return planProblem(
    resource ? 'graph.foreign-resource' : 'graph.foreign-type',
    `the import "${wanted.name}" of "${wanted.instance}" uses the ${resource ? 'resource' : 'type'} "${name}", which comes from ${from}`,
    {
      instance: wanted.instance,
      import: wanted.name,
      hint: `The host cannot know a ${resource ? 'resource' : 'type'} of a component: wire "${wanted.name}" to a component as well, or leave both to the host.`,
    },
  )
}
