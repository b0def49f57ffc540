/** Taking items of an import together that several components ask for. */
import { checkBound } from '../subtype/check.ts'
import type { Difference } from '../subtype/difference.ts'
import { freshNamed, freshResource, peel, type Extern, type InstanceType, type TypeNode } from '../types/graph.ts'
import type { Substitution } from '../types/substitute.ts'
import type { ImportedTypes } from './imported-types.ts'

/** An interface that still grows. */
export interface MutableInstance {
  readonly exports: Map<string, Extern>
  readonly nested: Map<string, MutableInstance>
  readonly type: InstanceType
}

/** Takes back what a merge did, last thing first. */
export type Undo = (() => void)[]

export const noExports: InstanceType = { kind: 'instance', exports: new Map() }

export function emptyInstance(): MutableInstance {
  const exports = new Map<string, Extern>()
  return { exports, nested: new Map(), type: { kind: 'instance', exports } }
}

/** The instance of that name inside, made when nothing has the name; undefined when something else has it. */
export function nestedIn(into: MutableInstance, name: string, undo: Undo): MutableInstance | undefined {
  const known = into.nested.get(name)
  if (known || into.exports.has(name)) return known
  const nested = emptyInstance()
  into.nested.set(name, nested)
  into.exports.set(name, { kind: 'instance', type: nested.type })
  undo.push(() => {
    into.nested.delete(name)
    into.exports.delete(name)
  })
  return nested
}

/** The first contributor's view of an item that is no instance. */
export function first(extern: Extern, types: ImportedTypes, anchor: Substitution): Extern {
  if (extern.kind !== 'type') return anchor.extern(extern)
  if (extern.bound === 'resource') {
    const resource = freshResource(nameOf(extern.type))
    types.map.set(extern.type, resource)
    return { ...extern, type: resource }
  }
  const of = extern.type.kind === 'named' ? extern.type.of : extern.type
  const named = freshNamed(nameOf(extern.type), anchor.type(of))
  types.map.set(extern.type, named)
  const { structure } = extern
  return { ...extern, type: named, ...(structure ? { structure: anchor.structure(structure) } : {}) }
}

/** Compares an item that is neither a type nor an interface with the one already there. */
export function mergeValue(
  known: Extern,
  asked: Extern,
  anchor: Substitution,
  path: readonly string[],
): Difference | undefined {
  const asking = anchor.extern(asked)
  const [asks] = checkBound(known, asking, { limit: 1 })
  const [gives] = asks || known.kind === 'function' ? [] : checkBound(asking, known, { limit: 1 })
  const difference = asks ?? (gives && { ...gives, expected: gives.found, found: gives.expected })
  return difference && { ...difference, path: [...path, ...difference.path] }
}

/** Unifies a type that is asked for again with the one already there. */
export function mergeType(
  known: Extern & { kind: 'type' },
  asked: Extern & { kind: 'type' },
  types: ImportedTypes,
  anchor: Substitution,
  path: readonly string[],
  undo: Undo,
): Difference | undefined {
  if (known.structure || asked.structure) {
    types.map.set(asked.type, known.type)
    return mergeValue(known, asked, anchor, path)
  }
  const have = peel(known.type)
  if (asked.bound === 'resource') {
    types.map.set(asked.type, known.type)
    return have.kind === 'resource'
      ? undefined
      : { reason: 'resource', path, expected: 'a value type', found: 'a resource' }
  }
  const wanted = anchor.type(asked.type.kind === 'named' ? asked.type.of : asked.type)
  const given = peel(wanted)
  types.map.set(asked.type, known.type)
  if (have.kind === 'resource' && given.kind === 'resource') {
    // One component was built against a trimmed interface that declares the resource, the other knows whose it is.
    if (have !== given && known.type === have) {
      have.forward = wanted
      undo.push(() => delete have.forward)
    } else if (have !== given)
      return {
        reason: 'resource',
        path,
        expected: `resource "${nameOf(have)}" of one interface`,
        found: `resource "${nameOf(given)}" of another`,
      }
    return undefined
  }
  const [difference] = checkBound(
    { kind: 'type', type: known.type, bound: 'eq' },
    { kind: 'type', type: wanted, bound: 'eq' },
    { limit: 1 },
  )
  return difference && { ...difference, path: [...path, ...difference.path] }
}

export function sortDifference(known: Extern, asked: Extern, path: readonly string[]): Difference {
  return { reason: 'sort', path, expected: `a ${known.kind}`, found: `a ${asked.kind}` }
}

function nameOf(type: TypeNode): string {
  return type.kind === 'named' || type.kind === 'resource' ? type.name : type.kind
}
