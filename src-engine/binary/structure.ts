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

/** Sorts by the byte that stands for them. */
export const sorts: Readonly<Record<number, Sort>> = {
  1: 'function',
  2: 'value',
  3: 'type',
  4: 'component',
  5: 'instance',
}
/** Core sorts by the byte behind 0x00. */
export const coreSorts: Readonly<Record<number, Sort>> = {
  0x00: 'core-function',
  0x01: 'core-table',
  0x02: 'core-memory',
  0x03: 'core-global',
  0x04: 'core-tag',
  0x10: 'core-type',
  0x11: 'core-module',
  0x12: 'core-instance',
}

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

/** The function that runs when the component is instantiated. */
export interface StartFunction {
  /** Index of the function. */
  readonly function: number
  /** How many values it gives. */
  readonly results: number
  /** The whole section. */
  readonly range: ByteRange
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
  readonly start?: StartFunction
}
