import type { GraphSource } from '../compose/graph.ts'
import type { Extern } from '../types/graph.ts'
import type { ImportStatement } from './syntax.ts'

/** What a name stands for while a script is read. */
export interface Value {
  readonly source: GraphSource
  /** Type, where it is known: imports get theirs from the argument they are passed as. */
  readonly type?: Extern
  /** External name it would be exported or passed under. */
  readonly name?: string
  /** Full name of its interface, where an import goes by another one. */
  readonly face?: string
  /** The import statement it comes from, when it is an import as a whole. */
  readonly imported?: ImportStatement
  /** Nothing is known of it: a mistake was told already, and more would only follow from it. */
  readonly broken?: boolean
}

export const broken: Value = { source: { kind: 'instance', instance: '', path: [] }, broken: true }
