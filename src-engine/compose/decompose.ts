import { decode, type DecodedComponent } from '../binary/decode.ts'
import type { Origin, ScopeStructure, SortIndex } from '../binary/structure.ts'
import { fail, problemOf, type Problem } from '../error.ts'
import type { ComponentType, Extern } from '../types/graph.ts'
import { parseName, trackOf } from '../types/names.ts'
import { declareExported } from './declared-type.ts'
import { freeInstanceId, kebab, setPackage } from './edit.ts'
import {
  argumentKey,
  emptyGraph,
  type CompositionGraph,
  type DeclaredType,
  type GraphArgument,
  type GraphExport,
  type GraphImport,
  type GraphSource,
  type InstanceId,
} from './graph.ts'
import { readIndexNames, type IndexNames } from './index-names.ts'
import { nameOfSource } from './provenance.ts'

/** A composed file taken apart. */
export interface Decomposition {
  readonly graph: CompositionGraph
  /** The bytes of each package, by hash. */
  readonly packages: ReadonlyMap<string, Uint8Array>
  /** What the file has that a graph cannot say. Composing again gives the rest. */
  readonly problems: readonly Problem[]
}

/**
 * The graph inside a composed component, whoever composed it. `hashOf` gives the lower-case hexadecimal SHA-256 of bytes.
 * Throws `input.*` for a file that is no component and `decompose.one-piece` for one that was not composed.
 */
export function decompose(bytes: Uint8Array, hashOf: (bytes: Uint8Array) => string): Decomposition {
  const decoded = decode(bytes)
  const { structure } = decoded
  if (instancesInside(structure) === 0) {
    const isCode = hasCode(structure)
    throw fail('decompose.one-piece', 'this component is one piece: there are no components inside to take apart', {
      hint: isCode ? 'It has code of its own. Use it as it is.' : 'It instantiates no component.',
    })
  }
  return new Decomposer(bytes, decoded, hashOf).run()
}

/** How many instances of components a component holds beside nothing else: what {@link decompose} gives. 0 for one of one piece. */
export function instancesInside(structure: ScopeStructure): number {
  if (hasCode(structure)) return 0
  return structure.instances.filter((each) => each.kind === 'instantiate').length
}

function hasCode(structure: ScopeStructure): boolean {
  return structure.modules.some((each) => each.kind === 'defined') || structure.functions.some(isLift)
}

const isLift = (origin: Origin): boolean => origin.kind === 'lift'

/** Aliases of aliases; more than any composer writes, less than the call stack. */
const depthLimit = 200

class Decomposer {
  readonly #bytes: Uint8Array
  readonly #structure: ScopeStructure
  readonly #imported: ReadonlyMap<string, Extern>
  readonly #exported: ReadonlyMap<string, Extern>
  readonly #declared: Record<string, DeclaredType> = {}
  readonly #hashOf: (bytes: Uint8Array) => string
  readonly #names: IndexNames
  readonly #packages = new Map<string, Uint8Array>()
  /** Types of the packages, by hash. */
  readonly #types = new Map<string, ComponentType>()
  readonly #packageOf = new Map<number, string>()
  readonly #ids = new Map<number, InstanceId>()
  readonly #arguments: Record<string, GraphArgument> = {}
  readonly #imports: Record<string, GraphImport> = {}
  readonly #problems: Problem[] = []
  readonly #sources = new Map<string, GraphSource | undefined>()
  #depth = 0
  #graph: CompositionGraph

  constructor(bytes: Uint8Array, decoded: DecodedComponent, hashOf: (bytes: Uint8Array) => string) {
    this.#bytes = bytes
    this.#structure = decoded.structure
    this.#imported = decoded.type.imports
    this.#exported = decoded.type.exports
    this.#hashOf = hashOf
    this.#names = readIndexNames(bytes, decoded.structure.customs)
    this.#graph = decoded.name === undefined ? emptyGraph : { ...emptyGraph, name: decoded.name }
  }

  run(): Decomposition {
    this.#structure.instances.forEach((origin, index) => {
      if (origin.kind === 'instantiate') this.#instance(index, origin.component)
    })
    this.#structure.instances.forEach((origin, index) => {
      const id = this.#ids.get(index)
      if (origin.kind !== 'instantiate' || id === undefined) return
      for (const argument of origin.arguments) this.#argument(id, argument)
    })
    const exports = this.#exports()
    const { start } = this.#structure
    if (start) {
      const source = this.#source({ sort: 'function', index: start.function })
      const what = source ? nameOfSource(source) : `function ${start.function}`
      this.#problems.push({
        code: 'decompose.lost',
        message: `the file calls ${what} when it is instantiated, which a graph cannot say`,
        where: { offset: start.range.start },
      })
    }
    this.#checkImports()
    return {
      graph: {
        ...this.#graph,
        arguments: this.#arguments,
        imports: this.#imports,
        exports,
        ...(Object.keys(this.#declared).length > 0 ? { types: this.#declared } : {}),
      },
      packages: this.#packages,
      problems: this.#problems,
    }
  }

  #lost(message: string, path: readonly string[]): void {
    this.#problems.push({ code: 'decompose.lost', message, where: { path } })
  }

  #instance(index: number, component: number): void {
    const packageId = this.#package(component)
    const given = this.#names.instances.get(index)
    if (packageId === undefined) {
      this.#lost(`the instance "${given ?? index}" is of a component that is not in the file`, [String(index)])
      return
    }
    const name = this.#graph.packages[packageId]?.name ?? packageId
    const id = freeInstanceId(this.#graph, given ?? name.slice(name.lastIndexOf(':') + 1))
    this.#graph = { ...this.#graph, instances: { ...this.#graph.instances, [id]: { package: packageId } } }
    this.#ids.set(index, id)
  }

  /** The package of a component index; undefined for one that comes out of an instance. */
  #package(index: number): string | undefined {
    const known = this.#packageOf.get(index)
    if (known !== undefined) return known
    let origin = this.#structure.components[index]
    while (origin?.kind === 'export') origin = this.#structure.components[origin.index]
    if (origin?.kind === 'import') return this.#supplied(index, origin.name)
    if (origin?.kind !== 'defined') return undefined
    const bytes = this.#bytes.slice(origin.range.start, origin.range.end)
    const hash = this.#hashOf(bytes)
    const same = Object.entries(this.#graph.packages).find(([, entry]) => entry.hash === hash)
    const id = same ? same[0] : this.#addPackage(index, bytes, hash)
    this.#packageOf.set(index, id)
    return id
  }

  /** A component that the file only asks for. Its bytes are not known, nor their hash: that of its name stands in. */
  #supplied(index: number, name: string): string | undefined {
    const extern = this.#imported.get(name)
    if (extern?.kind !== 'component') return undefined
    const dependency = /^(?:un)?locked-dep=<([^@>]+)(?:@(?:\{>=)?([0-9][^}> ]*)[^>]*)?>/.exec(name)
    const [, full = name, version] = dependency ?? []
    const hash = this.#hashOf(new TextEncoder().encode(name))
    const id = this.#addEntry(full, version, hash, extern.type, 'import')
    this.#packageOf.set(index, id)
    this.#problems.push({
      code: 'decompose.supplied',
      message: `the component "${full}" is not in the file, it is to be supplied`,
      where: { path: [name] },
      hint: 'Add its file to the project and let the instance use it.',
    })
    return id
  }

  #addPackage(index: number, bytes: Uint8Array, hash: string): string {
    let decoded: DecodedComponent
    try {
      decoded = decode(bytes)
    } catch (thrown) {
      throw fail('decompose.entangled', `the component ${index} inside uses what is around it and cannot stand alone`, {
        hint: problemOf(thrown).message,
        cause: thrown,
      })
    }
    const given = this.#names.components.get(index) ?? decoded.name ?? nameByExports(decoded.type)
    const [name = '', version] = splitPackage(given ?? `component-${index}`)
    this.#packages.set(hash, bytes)
    return this.#addEntry(name, version, hash, decoded.type)
  }

  #addEntry(name: string, version: string | undefined, hash: string, type: ComponentType, link?: 'import'): string {
    const id = free(kebab(name.slice(name.lastIndexOf(':') + 1)), (each) => Object.hasOwn(this.#graph.packages, each))
    const taken = new Set(Object.values(this.#graph.packages).map((each) => each.name))
    const full = free(name.includes(':') ? name : `local:${kebab(name)}`, (each) => taken.has(each))
    this.#types.set(hash, type)
    this.#graph = setPackage(this.#graph, id, {
      name: full,
      hash,
      ...(version === undefined ? {} : { version }),
      ...(link ? { link } : {}),
    })
    return id
  }

  #argument(instance: InstanceId, argument: SortIndex & { readonly name: string }): void {
    const { name } = argument
    const packageId = this.#graph.instances[instance]?.package ?? ''
    const wanted = this.#types.get(this.#graph.packages[packageId]?.hash ?? '')?.imports.get(name)
    // Arguments that an engine ignores, and types that follow from the interfaces they belong to.
    if (!wanted || (wanted.kind === 'type' && wanted.bound === 'eq')) return
    const source = this.#source(argument)
    if (!source) {
      this.#lost(`the import "${name}" of "${instance}" is put together in a way that no wire can say`, [
        instance,
        name,
      ])
      return
    }
    if (source.kind === 'import' && source.path.length === 0) {
      const track = trackOf(name)
      if (source.import === name || (track !== undefined && trackOf(source.import) === track)) return
      this.#imports[source.import] ??= { typeOf: { instance, name } }
    }
    this.#arguments[argumentKey(instance, name)] = { instance, name, source }
  }

  /** Where an index comes from, in the terms of a graph; worked out once, and given up in absurd depths. */
  #source(item: SortIndex): GraphSource | undefined {
    const key = `${item.sort} ${item.index}`
    if (this.#sources.has(key) || this.#depth > depthLimit) return this.#sources.get(key)
    this.#depth++
    const source = this.#trace(item)
    this.#depth--
    this.#sources.set(key, source)
    return source
  }

  #trace({ sort, index }: SortIndex): GraphSource | undefined {
    const spaces: Partial<Record<SortIndex['sort'], readonly Origin[]>> = {
      instance: this.#structure.instances,
      function: this.#structure.functions,
      component: this.#structure.components,
      type: this.#structure.types,
      'core-module': this.#structure.modules,
    }
    const origin = spaces[sort]?.[index]
    switch (origin?.kind) {
      case 'import':
        return { kind: 'import', import: origin.name, path: [] }
      case 'export':
        return this.#source({ sort, index: origin.index })
      case 'alias-export': {
        const holder = this.#source({ sort: 'instance', index: origin.instance })
        return holder && { ...holder, path: [...holder.path, origin.name] }
      }
      case 'instantiate': {
        const id = this.#ids.get(index)
        return id === undefined ? undefined : { kind: 'instance', instance: id, path: [] }
      }
      case 'bag':
        return this.#bag(origin.exports)
      default:
        return undefined
    }
  }

  /** An instance put together from single items is a wire when it renames nothing, or wraps one function. */
  #bag(items: readonly (SortIndex & { readonly name: string })[]): GraphSource | undefined {
    const sources = items.map((item) => ({ item, source: this.#source(item) }))
    const functions = sources.filter(({ item }) => item.sort === 'function')
    const [first] = sources
    const holder = first?.source && { ...first.source, path: first.source.path.slice(0, -1) }
    const plain = sources.every(
      ({ item, source }) =>
        source !== undefined &&
        source.path.at(-1) === item.name &&
        JSON.stringify({ ...source, path: source.path.slice(0, -1) }) === JSON.stringify(holder),
    )
    if (holder && plain && items.length > 1) return holder
    const others = items.some((item) => item.sort !== 'function' && item.sort !== 'type')
    return functions.length === 1 && !others ? functions[0]?.source : plain ? holder : undefined
  }

  #exports(): Record<string, GraphExport> {
    const exports: Record<string, GraphExport> = {}
    for (const item of this.#structure.exports) {
      const source = this.#source(item)
      const declared =
        item.sort === 'type' && source?.kind !== 'instance' ? declareExported(this.#exported, item.name) : undefined
      if (declared) {
        this.#declared[item.name] = declared
        continue
      }
      if (source) exports[item.name] = { source }
      else this.#lost(`the export "${item.name}" is put together in a way that no wire can say`, [item.name])
    }
    return exports
  }

  /** An import that is only taken in parts, or only exported again, has nobody to be typed by. */
  #checkImports(): void {
    for (const [key, { instance, name, source }] of Object.entries(this.#arguments)) {
      if (source.kind !== 'import' || Object.hasOwn(this.#imports, source.import)) continue
      this.#lost(`the import "${source.import}" is taken in parts only by "${name}" of "${instance}"`, [instance, name])
      delete this.#arguments[key]
    }
  }
}

/** The package of the first interface that a component exports, WASI's aside: better than a number. */
function nameByExports(type: ComponentType): string | undefined {
  for (const name of type.exports.keys()) {
    const parsed = parseName(name)
    if (parsed.kind === 'interface' && !parsed.package.startsWith('wasi:'))
      return parsed.package.slice(parsed.package.lastIndexOf(':') + 1)
  }
  return undefined
}

/** `ns:name@1.2.3` as name and version. */
function splitPackage(text: string): [string, string?] {
  const at = text.indexOf('@')
  return at > 0 ? [text.slice(0, at), text.slice(at + 1)] : [text]
}

function free(base: string, taken: (name: string) => boolean): string {
  let name = base
  for (let count = 2; taken(name); count++) name = `${base}-${count}`
  return name
}
