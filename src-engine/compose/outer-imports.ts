import { checkBound, sameFunction, sameType } from '../subtype/check.ts'
import { describeDifference, stepOf, type Difference } from '../subtype/difference.ts'
import {
  freshNamed,
  freshResource,
  peel,
  type Extern,
  type InstanceType,
  type Resource,
  type TypeNode,
} from '../types/graph.ts'
import { compareVersions, isHostName, splitVersion, trackOf } from '../types/names.ts'
import { Substitution } from '../types/substitute.ts'
import type { InstanceId } from './graph.ts'
import type { PlannedImport } from './plan.ts'

/** Who asked for an import, for the conflict message. */
export interface Wanted {
  readonly instance: InstanceId
  readonly name: string
}

/** Two components need one import in ways that no single import satisfies. */
export interface MergeConflict {
  readonly difference: Difference
  readonly other: Wanted
}

interface MutableInstance {
  readonly exports: Map<string, Extern>
  readonly nested: Map<string, MutableInstance>
  readonly type: InstanceType
}

interface OuterImport {
  name: string
  extern: Extern
  readonly instance: MutableInstance | undefined
  readonly wantedBy: Wanted[]
  explicit: boolean
}

/** Stands for a type that a component inside the composition owns, where the host is asked to know it. */
export interface ForeignTypes {
  /** The owner of a type that is not the host's: which instance, and the interface and name it has there. */
  ownerOf(type: TypeNode): { readonly instance: InstanceId; readonly path: readonly string[] } | undefined
}

/** An import would have to mention a resource that a component of the composition owns. */
export class ForeignResource extends Error {
  readonly resource: Resource
  readonly owner: InstanceId
  readonly path: readonly string[]

  constructor(resource: Resource, owner: InstanceId, path: readonly string[]) {
    super(`resource ${resource.name}`)
    this.resource = resource
    this.owner = owner
    this.path = path
  }
}

/**
 * The imports of the composed component, collected from what the instances leave open. Equal names and compatible
 * versions become one import with the union of what is asked, under the highest version.
 */
export class OuterImports {
  readonly #byKey = new Map<string, OuterImport>()
  readonly #foreign: ForeignTypes

  constructor(foreign: ForeignTypes) {
    this.#foreign = foreign
  }

  /**
   * Adds an open import. `map` says what the types of the component's earlier imports stand for and learns what the types
   * of this one do. Answers the name it goes by, or the conflict; throws {@link ForeignResource}.
   */
  add(
    wanted: Wanted,
    extern: Extern,
    map: Map<TypeNode, TypeNode>,
    outerName: string,
    explicit: boolean,
  ): { readonly import: OuterImport } | { readonly conflict: MergeConflict } {
    const key = trackOf(outerName) ?? outerName
    let entry = this.#byKey.get(key)
    if (!entry) {
      const instance = extern.kind === 'instance' ? emptyInstance() : undefined
      const placeholder: Extern = instance ? { ...extern, kind: 'instance', type: instance.type } : extern
      entry = { name: outerName, extern: placeholder, instance, wantedBy: [], explicit }
      if (!instance) entry.extern = this.#first(extern, map)
      this.#byKey.set(key, entry)
    } else if (compareVersions(splitVersion(outerName).version, splitVersion(entry.name).version) > 0)
      entry.name = outerName
    entry.explicit ||= explicit
    const conflict = this.#merge(entry, extern, map)
    const other = entry.wantedBy[0]
    if (conflict && other) return { conflict: { difference: conflict, other } }
    entry.wantedBy.push(wanted)
    return { import: entry }
  }

  find(name: string): OuterImport | undefined {
    return this.#byKey.get(trackOf(name) ?? name)
  }

  list(): OuterImport[] {
    return [...this.#byKey.values()]
  }

  planned(): PlannedImport[] {
    return this.list().map(({ name, extern, wantedBy, explicit }) => ({
      name,
      extern,
      wantedBy,
      explicit,
      host: isHostName(name),
    }))
  }

  /** The first contributor of an import that is no instance. */
  #first(extern: Extern, map: Map<TypeNode, TypeNode>): Extern {
    if (extern.kind !== 'type') return this.#anchored(new Substitution(map).extern(extern))
    if (extern.bound === 'resource') {
      const resource = freshResource(nameOf(extern.type))
      map.set(extern.type, resource)
      return { ...extern, type: resource }
    }
    const of = extern.type.kind === 'named' ? extern.type.of : extern.type
    const named = freshNamed(nameOf(extern.type), this.#anchor(new Substitution(map).type(of)))
    map.set(extern.type, named)
    return { ...extern, type: named }
  }

  #merge(entry: OuterImport, extern: Extern, map: Map<TypeNode, TypeNode>): Difference | undefined {
    if (entry.extern.kind !== extern.kind) {
      return { reason: 'sort', path: [], expected: entry.extern.kind, found: extern.kind }
    }
    if (extern.kind === 'instance' && entry.instance) return this.#mergeInstance(entry.instance, extern.type, map, [])
    if (extern.kind === 'type' && entry.extern.kind === 'type') return mergeType(entry.extern, extern, map, [])
    const asked = this.#anchored(new Substitution(map).extern(extern))
    return checkBound(entry.extern, asked, { limit: 1 })[0] ?? checkBound(asked, entry.extern, { limit: 1 })[0]
  }

  #mergeInstance(
    into: MutableInstance,
    asked: InstanceType,
    map: Map<TypeNode, TypeNode>,
    path: readonly string[],
  ): Difference | undefined {
    for (const [name, extern] of asked.exports) {
      const step = [...path, stepOf(name)]
      const known = into.exports.get(name)
      if (known && known.kind !== extern.kind)
        return { reason: 'sort', path: step, expected: known.kind, found: extern.kind }
      if (extern.kind === 'type') {
        if (known?.kind === 'type') {
          const conflict = mergeType(known, extern, map, step)
          if (conflict) return conflict
        } else into.exports.set(name, this.#first(extern, map))
      } else if (extern.kind === 'instance') {
        let nested = into.nested.get(name)
        if (!nested) {
          nested = emptyInstance()
          into.nested.set(name, nested)
          into.exports.set(name, { kind: 'instance', type: nested.type })
        }
        const conflict = this.#mergeInstance(nested, extern.type, map, step)
        if (conflict) return conflict
      } else {
        const asking = this.#anchored(new Substitution(map).extern(extern))
        if (!known) into.exports.set(name, asking)
        else {
          const equal =
            known.kind === 'function' && asking.kind === 'function' ? sameFunction(known.type, asking.type) : false
          const difference = equal ? undefined : checkBound(known, asking, { limit: 1 })[0]
          if (difference) return { ...difference, path: [...step, ...difference.path] }
        }
      }
    }
    return undefined
  }

  /**
   * A type in an outer import can only mention other outer imports. A value type that a component inside owns is asked of
   * the host again, since only its structure counts; a resource cannot be.
   */
  #anchor(type: TypeNode): TypeNode {
    return this.#anchoring().type(type)
  }

  #anchored(extern: Extern): Extern {
    return this.#anchoring().extern(extern)
  }

  #anchoring(): Substitution {
    const anchored = new Map<TypeNode, TypeNode>()
    const lookUp = (type: TypeNode): TypeNode | undefined => {
      const owner = this.#foreign.ownerOf(type)
      if (!owner) return undefined
      const of = peel(type)
      if (of.kind === 'resource') throw new ForeignResource(of, owner.instance, owner.path)
      return this.#anchorValue(type, owner.path, of)
    }
    return new Substitution(new LazyMap(anchored, lookUp))
  }

  /** The same-named type of an import of that interface, made when it is not there. */
  #anchorValue(
    type: TypeNode,
    path: readonly string[],
    of: Exclude<TypeNode, { kind: 'resource' | 'named' }>,
  ): TypeNode {
    const [face, name] = path
    const structure = this.#anchor(of)
    if (face === undefined || name === undefined || path.length !== 2) return freshNamed(nameOf(type), structure)
    let entry = this.find(face)
    if (!entry) {
      const instance = emptyInstance()
      entry = { name: face, extern: { kind: 'instance', type: instance.type }, instance, wantedBy: [], explicit: false }
      this.#byKey.set(trackOf(face) ?? face, entry)
    }
    const known = entry.instance?.exports.get(name)
    if (known?.kind === 'type' && sameType(known.type, structure)) return known.type
    const named = freshNamed(name, structure)
    entry.instance?.exports.set(name, { kind: 'type', type: named, bound: 'eq' })
    return named
  }
}

/** A map that computes what it does not hold; `undefined` means «stays as it is». */
class LazyMap extends Map<TypeNode, TypeNode> {
  readonly #known: Map<TypeNode, TypeNode>
  readonly #compute: (type: TypeNode) => TypeNode | undefined

  constructor(known: Map<TypeNode, TypeNode>, compute: (type: TypeNode) => TypeNode | undefined) {
    super()
    this.#known = known
    this.#compute = compute
  }

  override get(type: TypeNode): TypeNode | undefined {
    const known = this.#known.get(type)
    if (known || (type.kind !== 'named' && type.kind !== 'resource')) return known
    const computed = this.#compute(type)
    if (computed) this.#known.set(type, computed)
    return computed
  }
}

function emptyInstance(): MutableInstance {
  const exports = new Map<string, Extern>()
  return { exports, nested: new Map(), type: { kind: 'instance', exports } }
}

/** Unifies a type that is asked for again with the one already there. */
function mergeType(
  known: Extern & { kind: 'type' },
  asked: Extern & { kind: 'type' },
  map: Map<TypeNode, TypeNode>,
  path: readonly string[],
): Difference | undefined {
  const have = peel(known.type)
  if (asked.bound === 'resource') {
    map.set(asked.type, known.type)
    return have.kind === 'resource'
      ? undefined
      : { reason: 'resource', path, expected: 'a value type', found: 'a resource' }
  }
  const of = asked.type.kind === 'named' ? asked.type.of : asked.type
  const wanted = new Substitution(map).type(of)
  const given = peel(wanted)
  map.set(asked.type, known.type)
  if (have.kind === 'resource' && given.kind === 'resource') {
    // One component was built against a trimmed interface that declares the resource, the other knows whose it is.
    if (have !== given) have.forward = wanted
    return undefined
  }
  if (sameType(wanted, known.type)) return undefined
  const [difference] = checkBound(
    { kind: 'type', type: known.type, bound: 'eq' },
    { kind: 'type', type: wanted, bound: 'eq' },
    { limit: 1 },
  )
  return difference
    ? { ...difference, path: [...path, ...difference.path] }
    : { reason: 'type', path, expected: nameOf(known.type), found: nameOf(asked.type) }
}

function nameOf(type: TypeNode): string {
  return type.kind === 'named' || type.kind === 'resource' ? type.name : type.kind
}

export function describeConflict(wanted: Wanted, conflict: MergeConflict): string {
  return `"${conflict.other.instance}" and "${wanted.instance}" need incompatible versions of the import "${wanted.name}": ${describeDifference(conflict.difference)}`
}
