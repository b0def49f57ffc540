/**
 * The type graph of a component.
 *
 * Types have *identity*: one object per introduced name. Two resources are the same only if they are the same object,
 * never because they are called the same. An alias gives the same object; an import or export of a type gives a new
 * {@link Resource} or {@link Named}. (Component Model, Explainer.md, "Type definitions" and "Type checking".)
 */

export type PrimitiveName =
  | 'bool'
  | 's8'
  | 'u8'
  | 's16'
  | 'u16'
  | 's32'
  | 'u32'
  | 's64'
  | 'u64'
  | 'f32'
  | 'f64'
  | 'char'
  | 'string'
  | 'error-context'

export interface Primitive {
  readonly kind: PrimitiveName
}
export interface RecordType {
  readonly kind: 'record'
  readonly fields: readonly Field[]
}
export interface Field {
  readonly name: string
  readonly type: ValueType
}
export interface VariantType {
  readonly kind: 'variant'
  readonly cases: readonly Case[]
}
export interface Case {
  readonly name: string
  readonly type?: ValueType
}
export interface EnumType {
  readonly kind: 'enum'
  readonly names: readonly string[]
}
export interface FlagsType {
  readonly kind: 'flags'
  readonly names: readonly string[]
}
export interface ListType {
  readonly kind: 'list'
  readonly element: ValueType
  /** Set for a fixed-length list. */ readonly length?: number
}
export interface MapType {
  readonly kind: 'map'
  readonly key: ValueType
  readonly value: ValueType
}
export interface TupleType {
  readonly kind: 'tuple'
  readonly items: readonly ValueType[]
}
export interface OptionType {
  readonly kind: 'option'
  readonly some: ValueType
}
export interface ResultType {
  readonly kind: 'result'
  readonly ok?: ValueType
  readonly error?: ValueType
}
export interface StreamType {
  readonly kind: 'stream'
  readonly element?: ValueType
}
export interface FutureType {
  readonly kind: 'future'
  readonly element?: ValueType
}
/** `own<r>` or `borrow<r>`; `resource` peels to a {@link Resource}. */
export interface HandleType {
  readonly kind: 'own' | 'borrow'
  readonly resource: TypeNode
}

/** A fresh abstract resource. `forward` unifies it with another one (merged imports). */
export interface Resource {
  readonly kind: 'resource'
  /** Unique in this process; for maps and debugging only, never in any output. */
  readonly uid: number
  /** Name it was introduced under, for messages. */
  readonly name: string
  forward?: TypeNode
}

/** A name introduced by `(type (eq …))`: equal to what it names, but an object of its own. */
export interface Named {
  readonly kind: 'named'
  readonly uid: number
  readonly name: string
  readonly of: TypeNode
}

export type DefinedType =
  | Primitive
  | RecordType
  | VariantType
  | EnumType
  | FlagsType
  | ListType
  | MapType
  | TupleType
  | OptionType
  | ResultType
  | StreamType
  | FutureType
  | HandleType

/** What may stand where a value type is expected. */
export type ValueType = DefinedType | Named
/** What a type index may hold, besides functions, instances and components. */
export type TypeNode = DefinedType | Named | Resource

export interface FunctionType {
  readonly kind: 'function'
  readonly async: boolean
  readonly parameters: readonly Field[]
  readonly result?: ValueType
}

export interface InstanceType {
  readonly kind: 'instance'
  readonly exports: ReadonlyMap<string, Extern>
}

export interface ComponentType {
  readonly kind: 'component'
  readonly imports: ReadonlyMap<string, Extern>
  readonly exports: ReadonlyMap<string, Extern>
}

export interface CoreModuleType {
  readonly kind: 'module'
  readonly imports: readonly { readonly module: string; readonly name: string; readonly type: CoreExternType }[]
  readonly exports: ReadonlyMap<string, CoreExternType>
}

export type CoreExternType =
  | {
      readonly kind: 'func'
      readonly parameters: readonly string[]
      readonly results: readonly string[]
      /** The whole type in words, where it comes from a file: equal for equal types, wherever they are defined. */
      readonly text?: string
    }
  | {
      readonly kind: 'table'
      readonly element: string
      readonly minimum: bigint
      readonly maximum?: bigint
      readonly is64: boolean
    }
  | {
      readonly kind: 'memory'
      readonly minimum: bigint
      readonly maximum?: bigint
      readonly shared: boolean
      readonly is64: boolean
    }
  | { readonly kind: 'global'; readonly type: string; readonly mutable: boolean }
  | { readonly kind: 'tag'; readonly parameters: readonly string[] }

/** Attributes of an import or export name (discriminator 0x02): they never take part in matching but are carried through. */
export interface NameAttributes {
  readonly implements?: string
  readonly versionSuffix?: string
  readonly externalId?: string
}

/** What a type may be that no value has: that of functions, of interfaces or of worlds. */
export type Structure = FunctionType | InstanceType | ComponentType

/** What an import asks for or an export gives. */
export type ExternType =
  | { readonly kind: 'function'; readonly type: FunctionType }
  | { readonly kind: 'instance'; readonly type: InstanceType }
  | { readonly kind: 'component'; readonly type: ComponentType }
  | { readonly kind: 'module'; readonly type: CoreModuleType }
  /**
   * A type: `bound: 'eq'` names an existing type, `'resource'` introduces an abstract one. Where it is the type of functions,
   * an interface or a world, `structure` has it, and `type` is no more than the name.
   */
  | {
      readonly kind: 'type'
      readonly type: TypeNode
      readonly bound: 'eq' | 'resource'
      readonly structure?: Structure
    }

export type Extern = ExternType & { readonly attributes?: NameAttributes }
export type TypeExtern = Extern & { readonly kind: 'type' }

let nextUid = 1

/** A new resource, different from every other. */
export function freshResource(name: string): Resource {
  return { kind: 'resource', uid: nextUid++, name }
}

/** A new name for `of`. */
export function freshNamed(name: string, of: TypeNode): Named {
  return { kind: 'named', uid: nextUid++, name, of }
}

/** A new name for a type that no value has. */
export function freshStructure(name: string, structure: Structure): TypeExtern {
  return { kind: 'type', type: freshNamed(name, { kind: 'tuple', items: [] }), bound: 'eq', structure }
}

/** What a name stands for in the end: follows {@link Named.of} and {@link Resource.forward}. */
export function peel(type: TypeNode): DefinedType | Resource {
  let at = type
  for (;;) {
    if (at.kind === 'named') at = at.of
    else if (at.kind === 'resource' && at.forward) at = at.forward
    else return at
  }
}
