/** The raw items of one component scope, positions kept: what decompose, size and a linker read. */

/** Half-open byte range from the start of the file. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

export interface SectionRange extends ByteRange {
  readonly id: number
  /** First byte of the payload; `start` is where the id stands. */
  readonly payload: number
}

export type Sort =
  | 'core-function'
  | 'core-table'
  | 'core-memory'
  | 'core-global'
  | 'core-tag'
  | 'core-type'
  | 'core-module'
  | 'core-instance'
  | 'function'
  | 'value'
  | 'type'
  | 'component'
  | 'instance'

export interface SortIndex {
  readonly sort: Sort
  readonly index: number
}

/** How an item came into its index space. */
export type Origin =
  | { readonly kind: 'import'; readonly name: string }
  | { readonly kind: 'defined'; readonly range: ByteRange }
  | { readonly kind: 'alias-export'; readonly instance: number; readonly name: string }
  | { readonly kind: 'alias-outer'; readonly count: number; readonly index: number }
  | { readonly kind: 'export'; readonly index: number; readonly name: string }
  | { readonly kind: 'lift'; readonly range: ByteRange }
  | {
      readonly kind: 'instantiate'
      readonly component: number
      readonly arguments: readonly (SortIndex & { readonly name: string })[]
    }
  | { readonly kind: 'bag'; readonly exports: readonly (SortIndex & { readonly name: string })[] }

export interface CustomSection extends SectionRange {
  readonly name: string
  /** Where the content behind the name begins. */
  readonly content: number
}

export interface ScopeStructure {
  /** The component as a file of its own: preamble to last section. */
  readonly range: ByteRange
  readonly sections: readonly SectionRange[]
  readonly customs: readonly CustomSection[]
  /** Index spaces with the origin of each item. */
  readonly modules: readonly Origin[]
  readonly components: readonly Origin[]
  readonly instances: readonly Origin[]
  readonly functions: readonly Origin[]
  readonly types: readonly Origin[]
  readonly exports: readonly (SortIndex & { readonly name: string })[]
  readonly imports: readonly { readonly name: string }[]
}
