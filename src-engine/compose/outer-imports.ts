import { sameType } from '../subtype/check.ts'
import { describeDifference, stepOf, type Difference } from '../subtype/difference.ts'
import { freshNamed, peel, type Extern, type InstanceType, type TypeNode } from '../types/graph.ts'
import { compareVersions, parseName, splitVersion, trackOf } from '../types/names.ts'
import { Substitution } from '../types/substitute.ts'
import { ForeignType, typesOfImport, type ImportedTypes, type Wanted } from './imported-types.ts'
import type { InstanceId } from './graph.ts'
import {
  emptyInstance,
  first,
  mergeType,
  mergeValue,
  nestedIn,
  noExports,
  sortDifference,
  type MutableInstance,
  type Undo,
} from './merge-items.ts'
import { hostGives, type PlannedImport } from './plan.ts'

/** Two components need one import in ways that no single import satisfies. */
export interface MergeConflict {
  /** Expected by the one who asks now, found with the other. */
  readonly difference: Difference
  readonly other: Wanted
  /** The import that the two would share. */
  readonly import: string
}

/** One import of the composed component while it is collected; its name may still rise to a newer version. */
export interface OuterImport {
  name: string
  extern: Extern
  readonly instance: MutableInstance | undefined
  readonly wantedBy: Wanted[]
  readonly explicit: boolean
  /** It was declared with a type: stays though nobody takes it, and nothing is added to it. */
  declared?: boolean
  /** Names under which it was asked for. */
  readonly asked: Set<string>
  /** Why it is not one with another version of itself. */
  readonly apart?: string
}

/** The name an import goes by outside, with the path to the item inside that is meant. */
export interface Request {
  readonly name: string
  readonly path: readonly string[]
}

interface Merged {
  readonly name: string
  readonly path: string
  readonly entry: OuterImport
  readonly own: readonly (TypeNode | undefined)[]
  readonly taken: readonly (TypeNode | undefined)[]
}

type OwnerOf = (type: TypeNode) => { readonly instance: InstanceId; readonly path: readonly string[] } | undefined

/**
 * The imports of the composed component, collected from what the instances leave open. Equal names and compatible
 * versions become one import with the union of what is asked, under the highest version. Versions that ought to be
 * compatible and are not stand side by side, as hosts can give both; equal names cannot.
 */
export class OuterImports {
  /** Several only where versions of one track do not fit each other. */
  readonly #byKey = new Map<string, OuterImport[]>()
  /** By the import as a component declares it: how it was merged the last time. */
  readonly #merged = new Map<Extern, Merged>()
  readonly #ownerOf: OwnerOf
  readonly #explicit: readonly string[]

  /** `ownerOf` tells the types that an instance of the composition makes; `explicit` are the imports that the graph names. */
  constructor(ownerOf: OwnerOf, explicit: Iterable<string>) {
    this.#ownerOf = ownerOf
    this.#explicit = [...explicit].sort()
  }

  /**
   * Adds an open import. `types` says what the types of the component's earlier imports stand for and learns what the
   * types of this one do. Answers the import it became part of, or the conflict; throws {@link ForeignType}.
   */
  add(
    wanted: Wanted,
    extern: Extern,
    types: ImportedTypes,
    request: Request,
  ): { readonly import: OuterImport } | { readonly conflict: MergeConflict } {
    const repeated = this.#repeated(extern, types, request)
    if (repeated) {
      repeated.wantedBy.push(wanted)
      return { import: repeated }
    }
    let conflict: MergeConflict | undefined
    let entry: OuterImport | undefined
    for (const candidate of this.#candidates(request.name)) {
      const difference = this.#attempt(candidate, wanted, extern, types, request)
      if (!difference) {
        entry = candidate
        break
      }
      conflict ??= { difference, other: candidate.wantedBy[0] ?? wanted, import: candidate.name }
    }
    if (!entry) {
      if (conflict && !this.#mayStandApart(request.name)) return { conflict }
      const anchor = this.#anchoring(types, wanted)
      const made = request.path.length > 0 ? emptyInstance() : extern
      entry = this.#create(request.name, made, types, anchor, conflict)
      const difference = this.#attempt(entry, wanted, extern, types, request)
      if (difference) return { conflict: { difference, other: wanted, import: entry.name } }
    }
    entry.asked.add(request.name)
    if (!entry.explicit && compareVersions(splitVersion(request.name).version, splitVersion(entry.name).version) > 0) {
      entry.name = request.name
      // A version may be written half in the name, half in its attributes: they go together.
      const { attributes: _, ...rest } = entry.extern
      entry.extern = extern.attributes ? { ...rest, attributes: extern.attributes } : rest
    }
    entry.wantedBy.push(wanted)
    this.#remember(extern, types, request, entry)
    return { import: entry }
  }

  /** Merges what is asked into an import, all of it or nothing. */
  #attempt(
    entry: OuterImport,
    wanted: Wanted,
    extern: Extern,
    types: ImportedTypes,
    request: Request,
  ): Difference | undefined {
    const anchor = this.#anchoring(types, wanted)
    const undo: Undo = []
    const difference =
      request.path.length > 0
        ? this.#mergePath(entry, request.path, extern, types, anchor, undo)
        : this.#merge(entry, extern, types, anchor, undo)
    if (difference) for (const step of undo.reverse()) step()
    return difference
  }

  /** The imports that a name may become part of: the one that has it already, else those of compatible versions. */
  #candidates(name: string): readonly OuterImport[] {
    const entries = this.#byKey.get(this.#keyOf(name).key) ?? []
    const exact = entries.find((entry) => entry.asked.has(name))
    return exact ? [exact] : entries
  }

  /** Nothing is called like that yet, only other versions are. */
  #mayStandApart(name: string): boolean {
    const { key, explicit } = this.#keyOf(name)
    const entries = this.#byKey.get(key) ?? []
    return explicit === undefined && trackOf(name) !== undefined && !entries.some((entry) => entry.asked.has(name))
  }

  /**
   * Adds an import that the graph declares, and what it needs beside itself. `types` are those of the world that declares
   * it. Nothing is merged into `request.name` any more once {@link OuterImports.close} was called.
   */
  declare(extern: Extern, types: ImportedTypes, name: string, needed: boolean): Difference | undefined {
    const anchor = this.#anchoring(types, { instance: '', name })
    const entry = this.find(name) ?? this.#create(name, extern, types, anchor)
    entry.declared = entry.declared === true || !needed
    return this.#merge(entry, extern, types, anchor, [])
  }

  /** The second instance of a component asks for the same again: when it takes its types from the same places, so be it. */
  #repeated(extern: Extern, types: ImportedTypes, request: Request): OuterImport | undefined {
    const merged = this.#merged.get(extern)
    if (!merged || merged.name !== request.name || merged.path !== request.path.join()) return undefined
    const { own, taken } = typesOfImport(extern, types.declared)
    if (!taken.every((type, index) => types.map.get(type) === merged.taken[index])) return undefined
    own.forEach((type, index) => {
      const outer = merged.own[index]
      if (outer) types.map.set(type, outer)
    })
    return merged.entry
  }

  #remember(extern: Extern, types: ImportedTypes, request: Request, entry: OuterImport): void {
    const { own, taken } = typesOfImport(extern, types.declared)
    const outer = taken.map((type) => types.map.get(type))
    if (outer.some((type) => !type || this.#ownerOf(type))) return
    const merged = own.map((type) => types.map.get(type))
    this.#merged.set(extern, { name: request.name, path: request.path.join(), entry, own: merged, taken: outer })
  }

  /** The import that `name` is part of: that of the exact name, else one of a compatible version. */
  find(name: string): OuterImport | undefined {
    return this.#candidates(name)[0]
  }

  list(): OuterImport[] {
    return [...this.#byKey.values()].flat()
  }

  planned(): PlannedImport[] {
    return this.list()
      .filter(({ wantedBy, declared }) => declared !== undefined || wantedBy.length > 0)
      .map(({ name, extern, wantedBy, explicit, apart }) => ({
        name,
        extern,
        wantedBy,
        explicit,
        host: hostGives(name),
        ...(apart === undefined ? {} : { apart }),
      }))
  }

  /** Gives all interfaces of a package the highest version of their track; names that the graph chose stay. */
  raiseToPackages(): void {
    const highest = new Map<string, string>()
    const trackOfPackage = (name: string): string | undefined => {
      const parsed = parseName(name)
      const track = parsed.kind === 'interface' ? trackOf(name) : undefined
      return parsed.kind === 'interface' && track !== undefined
        ? `${parsed.package}${track.slice(track.indexOf('@'))}`
        : undefined
    }
    for (const { name } of this.list()) {
      const track = trackOfPackage(name)
      const { version } = splitVersion(name)
      if (track !== undefined && version !== undefined && compareVersions(version, highest.get(track)) > 0)
        highest.set(track, version)
    }
    for (const entries of this.#byKey.values()) {
      const [entry, ...apart] = entries
      if (!entry || apart.length > 0) continue
      const version = highest.get(trackOfPackage(entry.name) ?? '')
      if (!entry.explicit && version !== undefined) entry.name = `${splitVersion(entry.name).base}@${version}`
    }
  }

  /** What the graph names keeps that name, and takes in what is asked under a compatible version. */
  #keyOf(name: string): { readonly key: string; readonly explicit?: string } {
    const track = trackOf(name)
    const explicit = this.#explicit.includes(name)
      ? name
      : this.#explicit.find((each) => track !== undefined && trackOf(each) === track)
    return explicit === undefined ? { key: track ?? name } : { key: `=${explicit}`, explicit }
  }

  #create(
    asked: string,
    extern: Extern | MutableInstance,
    types: ImportedTypes,
    anchor: Substitution,
    conflict?: MergeConflict,
  ): OuterImport {
    const { key, explicit: given } = this.#keyOf(asked)
    const name = given ?? asked
    const explicit = given !== undefined
    const apart = conflict && {
      apart: `kept apart from "${conflict.import}": ${describeDifference(conflict.difference)}`,
    }
    const common = { name, wantedBy: [], explicit, asked: new Set<string>(), ...apart }
    let entry: OuterImport
    if (!('kind' in extern) || extern.kind === 'instance') {
      const instance = 'kind' in extern ? emptyInstance() : extern
      const attributes = 'kind' in extern && extern.attributes ? { attributes: extern.attributes } : {}
      const { type } = instance
      entry = { ...common, extern: { kind: 'instance', type, ...attributes }, instance }
    } else entry = { ...common, extern: first(extern, types, anchor), instance: undefined }
    this.#byKey.set(key, [...(this.#byKey.get(key) ?? []), entry])
    return entry
  }

  #merge(
    entry: OuterImport,
    extern: Extern,
    types: ImportedTypes,
    anchor: Substitution,
    undo: Undo,
  ): Difference | undefined {
    if (entry.extern.kind !== extern.kind) return sortDifference(entry.extern, extern, [])
    if (extern.kind === 'instance' && entry.instance)
      return this.#mergeInstance(entry.instance, extern.type, types, anchor, [], undo)
    if (extern.kind === 'type' && entry.extern.kind === 'type')
      return mergeType(entry.extern, extern, types, anchor, [], undo)
    return mergeValue(entry.extern, extern, anchor, [])
  }

  #mergePath(
    entry: OuterImport,
    path: readonly string[],
    extern: Extern,
    types: ImportedTypes,
    anchor: Substitution,
    undo: Undo,
  ): Difference | undefined {
    const last = path.at(-1)
    let into = entry.instance
    for (const name of path.slice(0, -1)) into = into && nestedIn(into, name, undo)
    if (!into || last === undefined) return sortDifference(entry.extern, { kind: 'instance', type: noExports }, [])
    return this.#mergeMember(into, last, extern, types, anchor, path.slice(0, -1), undo)
  }

  #mergeInstance(
    into: MutableInstance,
    asked: InstanceType,
    types: ImportedTypes,
    anchor: Substitution,
    path: readonly string[],
    undo: Undo,
  ): Difference | undefined {
    for (const [name, extern] of asked.exports) {
      const difference = this.#mergeMember(into, name, extern, types, anchor, path, undo)
      if (difference) return difference
    }
    return undefined
  }

  #mergeMember(
    into: MutableInstance,
    name: string,
    extern: Extern,
    types: ImportedTypes,
    anchor: Substitution,
    path: readonly string[],
    undo: Undo,
  ): Difference | undefined {
    const step = [...path, stepOf(name)]
    const known = into.exports.get(name)
    if (known && known.kind !== extern.kind) return sortDifference(known, extern, step)
    if (extern.kind === 'instance') {
      const nested = nestedIn(into, name, undo)
      return nested && this.#mergeInstance(nested, extern.type, types, anchor, step, undo)
    }
    if (!known) {
      into.exports.set(name, first(extern, types, anchor))
      undo.push(() => into.exports.delete(name))
    } else if (known.kind === 'type' && extern.kind === 'type')
      return mergeType(known, extern, types, anchor, step, undo)
    else return mergeValue(known, extern, anchor, step)
    return undefined
  }

  /**
   * Types of the component in terms of outer imports: an import can only mention other imports. A value type that a
   * component of the composition makes is asked of the host again, since only its structure counts; a resource cannot be.
   */
  #anchoring(types: ImportedTypes, wanted: Wanted): Substitution {
    const known = new Map<TypeNode, TypeNode>()
    const map = new LazyMap((type) => {
      const outer = types.map.get(type)
      if (!outer) return undefined
      const owner = this.#ownerOf(outer)
      if (!owner) return outer
      const of = peel(outer)
      if (of.kind === 'resource') {
        const maker = this.#ownerOf(of)
        if (maker) throw new ForeignType(of, maker.instance, maker.path)
        return of
      }
      let anchored = known.get(type)
      if (!anchored) known.set(type, (anchored = this.#anchorValue(type, outer, types, wanted, substitution)))
      return anchored
    })
    const substitution = new Substitution(map)
    return substitution
  }

  /** The type of that name in an outer import of the interface that the component took it from; made when it is not there. */
  #anchorValue(type: TypeNode, outer: TypeNode, types: ImportedTypes, wanted: Wanted, anchor: Substitution): TypeNode {
    const of = type.kind === 'named' ? anchor.type(type.of) : anchor.type(peel(outer))
    const place = types.declared.get(type)
    const name = place?.path.at(-1)
    if (!place || name === undefined) return of
    let entry = this.find(place.import)
    entry ??= this.#create(place.import, emptyInstance(), types, anchor)
    let into = entry.instance
    for (const step of place.path.slice(0, -1)) into = into && nestedIn(into, step, [])
    const known = into?.exports.get(name)
    if (!into || (known && !(known.kind === 'type' && sameType(known.type, of)))) {
      const owner = this.#ownerOf(outer)
      throw new ForeignType(type, owner?.instance ?? wanted.instance, owner?.path ?? place.path)
    }
    if (!entry.wantedBy.some((each) => each.instance === wanted.instance && each.name === wanted.name))
      entry.wantedBy.push(wanted)
    if (known?.kind === 'type') return known.type
    const named = freshNamed(name, of)
    into.exports.set(name, { kind: 'type', type: named, bound: 'eq' })
    return named
  }
}

/** A map whose values are computed; `undefined` means «stays as it is». */
class LazyMap extends Map<TypeNode, TypeNode> {
  readonly #compute: (type: TypeNode) => TypeNode | undefined

  constructor(compute: (type: TypeNode) => TypeNode | undefined) {
    super()
    this.#compute = compute
  }

  override get(type: TypeNode): TypeNode | undefined {
    return type.kind === 'named' || type.kind === 'resource' ? this.#compute(type) : undefined
  }
}

export function describeConflict(wanted: Wanted, conflict: MergeConflict): string {
  const { difference, other } = conflict
  const what =
    other.name === wanted.name
      ? `"${other.instance}" and "${wanted.instance}" need incompatible versions of the import "${wanted.name}"`
      : `"${other.instance}" needs "${other.name}" and "${wanted.instance}" needs "${wanted.name}", which one import "${conflict.import}" cannot be`
  const named = {
    ...difference,
    expected: `${difference.expected} for "${wanted.instance}"`,
    found: `${difference.found} for "${other.instance}"`,
  }
  return `${what}: ${describeDifference(named)}`
}
