/**
 * The syntax tree of WIT, shared by `.wit` files and by the declarations inside `.wac` scripts.
 * Every node keeps its span so that errors, outlines and references can point at it. (WIT.md of the Component Model.)
 */
import type { PrimitiveName } from '../types/graph.ts'
import type { Span } from './source.ts'

export interface Identifier {
  readonly name: string
  readonly span: Span
}

/** `namespace:name@version`. */
export interface PackageName {
  readonly name: string
  readonly version?: string
  readonly span: Span
}

/** `namespace:package/item@version`, or a bare name of the same package. */
export interface ItemPath {
  /** `namespace:package`; absent for a bare name. */
  readonly package?: string
  /** The item, with `/` between segments where a projection goes deeper. */
  readonly item: string
  readonly version?: string
  readonly span: Span
}

export type TypeExpression =
  | { readonly kind: 'primitive'; readonly name: PrimitiveName; readonly span: Span }
  | { readonly kind: 'name'; readonly name: string; readonly span: Span }
  | { readonly kind: 'list'; readonly element: TypeExpression; readonly length?: number; readonly span: Span }
  | { readonly kind: 'map'; readonly key: TypeExpression; readonly value: TypeExpression; readonly span: Span }
  | { readonly kind: 'option'; readonly some: TypeExpression; readonly span: Span }
  | { readonly kind: 'result'; readonly ok?: TypeExpression; readonly error?: TypeExpression; readonly span: Span }
  | { readonly kind: 'tuple'; readonly items: readonly TypeExpression[]; readonly span: Span }
  | { readonly kind: 'stream' | 'future'; readonly element?: TypeExpression; readonly span: Span }
  | { readonly kind: 'own' | 'borrow'; readonly resource: Identifier; readonly span: Span }

export interface Parameter {
  readonly name: Identifier
  readonly type: TypeExpression
}

export interface FunctionSignature {
  readonly async: boolean
  readonly parameters: readonly Parameter[]
  readonly result?: TypeExpression
  /** The function type that is meant, where one is named; only in WAC. */
  readonly alias?: Identifier
  readonly span: Span
}

/** `@since(version = …)`, `@unstable(feature = …)`, `@deprecated(version = …)`. */
export interface Gate {
  readonly name: string
  readonly argument: string
  readonly span: Span
}

interface Declared {
  readonly name: Identifier
  readonly span: Span
  readonly gates: readonly Gate[]
  /** Text of the doc comment without its markers. */
  readonly docs?: string
}

export interface FunctionDeclaration extends Declared {
  readonly kind: 'function'
  readonly signature: FunctionSignature
}

export interface ResourceMember extends Declared {
  readonly kind: 'method' | 'static' | 'constructor'
  readonly signature: FunctionSignature
}

export type TypeDeclaration = Declared &
  (
    | { readonly kind: 'alias'; readonly type: TypeExpression }
    | { readonly kind: 'record'; readonly fields: readonly Parameter[] }
    | {
        readonly kind: 'variant'
        readonly cases: readonly { readonly name: Identifier; readonly type?: TypeExpression }[]
      }
    | { readonly kind: 'enum' | 'flags'; readonly names: readonly Identifier[] }
    | { readonly kind: 'resource'; readonly members: readonly ResourceMember[] }
    /** `type f = func();`, only in WAC. */
    | { readonly kind: 'function-type'; readonly signature: FunctionSignature }
  )

export interface UseDeclaration {
  readonly kind: 'use'
  readonly path: ItemPath
  readonly names: readonly { readonly name: Identifier; readonly as?: Identifier }[]
  readonly span: Span
  readonly gates: readonly Gate[]
}

export type InterfaceItem = TypeDeclaration | FunctionDeclaration | UseDeclaration

export interface InterfaceDeclaration extends Declared {
  readonly kind: 'interface'
  readonly items: readonly InterfaceItem[]
}

/** What a world imports or exports under a name of its own, or by path. */
export type WorldExtern =
  | { readonly kind: 'path'; readonly path: ItemPath }
  | { readonly kind: 'function'; readonly name: Identifier; readonly signature: FunctionSignature }
  | { readonly kind: 'interface'; readonly name: Identifier; readonly items: readonly InterfaceItem[] }
  | { readonly kind: 'named-path'; readonly name: Identifier; readonly path: ItemPath }

export type WorldItem =
  | TypeDeclaration
  | UseDeclaration
  | {
      readonly kind: 'import' | 'export'
      readonly extern: WorldExtern
      readonly span: Span
      readonly gates: readonly Gate[]
    }
  | {
      readonly kind: 'include'
      readonly path: ItemPath
      readonly with: readonly { readonly name: Identifier; readonly as: Identifier }[]
      readonly span: Span
      readonly gates: readonly Gate[]
    }

export interface WorldDeclaration extends Declared {
  readonly kind: 'world'
  readonly items: readonly WorldItem[]
}

export interface TopLevelUse {
  readonly kind: 'top-level-use'
  readonly path: ItemPath
  readonly as?: Identifier
  readonly span: Span
}

/** `package a:b { … }` inside a file. */
export interface NestedPackage {
  readonly kind: 'package'
  readonly package: PackageName
  readonly items: readonly DocumentItem[]
  readonly span: Span
}

export type DocumentItem = InterfaceDeclaration | WorldDeclaration | TopLevelUse | NestedPackage

export interface WitDocument {
  readonly package?: PackageName
  readonly items: readonly DocumentItem[]
}
