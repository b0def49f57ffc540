import type { TypeNode } from '../types/graph.ts'
import type { GraphSource } from './graph.ts'
import type { TypeOwner } from './plan.ts'

/** The name a type has where it lives; a resource has none of its own before it is exported. */
export function nameWithin(type: TypeNode, path: readonly string[] | undefined): string {
  return path?.at(-1) ?? (type.kind === 'named' || type.kind === 'resource' ? type.name : type.kind)
}

/** A resource and where it comes from, in words: `resource "fields" of the host's "wasi:http/types@0.2.12"`. */
export function describeResource(resource: TypeNode, owner: TypeOwner | undefined): string | undefined {
  if (!owner) return undefined
  const name = `resource "${nameWithin(resource, owner.path)}"`
  if (owner.kind === 'import') return `${name} of the host's "${owner.import}"`
  const holder = owner.path.slice(0, -1).join(' › ')
  return `${name} of ${holder === '' ? '' : `"${holder}" of `}component "${owner.instance}"`
}

/** The name that a wire begins at: the item, the export or import, else the instance itself. */
export function nameOfSource(source: GraphSource): string {
  return source.path.at(-1) ?? (source.kind === 'import' ? source.import : source.instance)
}
