/** The syntax tree of a WAC script. (LANGUAGE.md of wac 0.10.) */
import type { Span } from '../wit/source.ts'
import type {
  FunctionSignature,
  Identifier,
  InterfaceDeclaration,
  InterfaceItem,
  ItemPath,
  PackageName,
  TypeDeclaration,
  WorldDeclaration,
} from '../wit/syntax.ts'
import type { Comment } from '../wit/tokens.ts'
import type { SourceText } from '../wit/source.ts'

export interface WacDocument {
  readonly source: SourceText
  readonly package: PackageName
  /** The world that the composition is meant for: `package a:b targets c:d/world;`. */
  readonly targets?: ItemPath
  readonly statements: readonly WacStatement[]
  readonly comments: readonly Comment[]
}

export type WacStatement = ImportStatement | LetStatement | ExportStatement | DeclarationStatement

/** A name given as an identifier or as a string. */
export interface ExternName {
  readonly name: string
  readonly span: Span
}

export interface ImportStatement {
  readonly kind: 'import'
  readonly name: Identifier
  readonly as?: ExternName
  readonly type: ImportType
  readonly span: Span
}

export type ImportType =
  | { readonly kind: 'path'; readonly path: ItemPath }
  | { readonly kind: 'function'; readonly signature: FunctionSignature; readonly span: Span }
  | { readonly kind: 'interface'; readonly items: readonly InterfaceItem[]; readonly span: Span }

export interface LetStatement {
  readonly kind: 'let'
  readonly name: Identifier
  readonly expression: Expression
  readonly span: Span
}

export interface ExportStatement {
  readonly kind: 'export'
  readonly expression: Expression
  readonly as?: ExternName
  /** `export e...;` */
  readonly spread: boolean
  readonly span: Span
}

export interface DeclarationStatement {
  readonly kind: 'declaration'
  readonly declaration: InterfaceDeclaration | WorldDeclaration | TypeDeclaration
  readonly span: Span
}

export type Expression =
  | { readonly kind: 'name'; readonly name: string; readonly span: Span }
  | NewExpression
  /** `e.name` or `e["full:name/x"]`. */
  | {
      readonly kind: 'access'
      readonly of: Expression
      readonly name: string
      readonly quoted: boolean
      readonly span: Span
    }

export interface NewExpression {
  readonly kind: 'new'
  readonly package: PackageName
  readonly arguments: readonly Argument[]
  /** The trailing `...`: imports that are left become imports of the composition. */
  readonly fill: boolean
  readonly span: Span
}

export type Argument =
  | {
      readonly kind: 'named'
      readonly name: ExternName
      readonly quoted: boolean
      readonly value: Expression
      readonly span: Span
    }
  | { readonly kind: 'shorthand'; readonly name: Identifier; readonly span: Span }
  | { readonly kind: 'spread'; readonly name: Identifier; readonly span: Span }
