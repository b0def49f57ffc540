import type { DecodedComponent } from '../binary/decode.ts'
import type { Extern, TypeNode } from '../types/graph.ts'
import { walkExtern } from '../types/walk.ts'
import type { InstanceId } from './graph.ts'

/** An import of an instance: who asks, and for what. */
export interface Wanted {
  readonly instance: InstanceId
  readonly name: string
}

/** The types that come into an instance through its imports, while it is planned. */
export interface ImportedTypes {
  /** What each stands for in the composition. */
  readonly map: Map<TypeNode, TypeNode>
  /** Where the component declares it. */
  readonly declared: ReadonlyMap<TypeNode, Declaration>
}

export interface Declaration {
  readonly import: string
  readonly path: readonly string[]
}

/** An import would have to mention a type that only a component of the composition can give. */
export class ForeignType extends Error {
  readonly type: TypeNode
  readonly owner: InstanceId
  readonly path: readonly string[]

  constructor(type: TypeNode, owner: InstanceId, path: readonly string[]) {
    super('an import mentions a type of a component')
    this.type = type
    this.owner = owner
    this.path = path
  }
}

type Declaring = Pick<DecodedComponent, 'type'>
const declarations = new WeakMap<Declaring, ReadonlyMap<TypeNode, Declaration>>()

/** Where a component declares the types of its imports; worked out once per component. */
export function declarationsOf(decoded: Declaring): ReadonlyMap<TypeNode, Declaration> {
  const known = declarations.get(decoded)
  if (known) return known
  const found = new Map<TypeNode, Declaration>()
  for (const [name, extern] of decoded.type.imports)
    ownTypes(extern, (type, path) => found.set(type, { import: name, path }))
  declarations.set(decoded, found)
  return found
}

/** Calls `own` for every type that an import or export introduces, with the path to it. */
export function ownTypes(
  extern: Extern,
  own: (type: TypeNode, path: readonly string[]) => void,
  path: readonly string[] = [],
): void {
  if (extern.kind === 'type') own(extern.type, path)
  else if (extern.kind === 'instance')
    for (const [name, inner] of extern.type.exports) ownTypes(inner, own, [...path, name])
}

/** The types that an import is made of: those it introduces, and those it takes from imports before it. */
export interface ImportTypes {
  readonly own: readonly TypeNode[]
  readonly taken: readonly TypeNode[]
}

const importTypes = new WeakMap<Extern, ImportTypes>()

/** The types of one import of a component; worked out once. */
export function typesOfImport(extern: Extern, declared: ReadonlyMap<TypeNode, Declaration>): ImportTypes {
  const known = importTypes.get(extern)
  if (known) return known
  const own = new Set<TypeNode>()
  ownTypes(extern, (type) => own.add(type))
  const taken = new Set<TypeNode>()
  const seen = new Set<TypeNode>()
  walkExtern(extern, (type) => {
    if (seen.has(type)) return false
    seen.add(type)
    if (own.has(type) || !declared.has(type)) return true
    taken.add(type)
    return false
  })
  const types = { own: [...own], taken: [...taken] }
  importTypes.set(extern, types)
  return types
}
