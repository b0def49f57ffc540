/**
 * The single truth of a composition. The canvas, the list view, `.wac` text and the encoder all derive from it.
 *
 * Tables are records keyed by id. The order of keys carries no meaning: everything that needs an order
 * (encoder, printer) sorts, so that an undone deletion gives the very same bytes as before.
 */

/** Key in {@link CompositionGraph.packages}; chosen once, stays when the file is rebuilt. */
export type PackageId = string
/** Key in {@link CompositionGraph.instances}; kebab-case, unique in the graph, also the name of the `let` in `.wac`. */
export type InstanceId = string

/** A component that can be instantiated: a file of the project, known by the hash of its bytes. */
export interface GraphPackage {
  /** Package name as in WAC, `namespace:name`. */
  readonly name: string
  /** Semantic version without `@`. */
  readonly version?: string
  /** Lower-case hexadecimal SHA-256 of the bytes. */
  readonly hash: string
  /** `embed` (default) puts the bytes into the result, `import` leaves the component to be supplied. */
  readonly link?: 'embed' | 'import'
}

/** One instantiation of a package. */
export interface GraphInstance {
  readonly package: PackageId
}

/** Where an argument or an export comes from. */
export type GraphSource =
  /** An instance as a whole (`path` empty), one of its exports, or an item inside an exported instance. */
  | { readonly kind: 'instance'; readonly instance: InstanceId; readonly path: readonly string[] }
  /** An import of the composed component, or an item inside it. */
  | { readonly kind: 'import'; readonly import: string; readonly path: readonly string[] }

/** One wire: what satisfies the import `name` of `instance`. */
export interface GraphArgument {
  readonly instance: InstanceId
  /** Exact import name of the consumer, e.g. `wasi:http/incoming-handler@0.2.0`. */
  readonly name: string
  readonly source: GraphSource
}

/** A type said in WIT: whole in itself, so that a project keeps its meaning wherever it is opened. */
export interface DeclaredType {
  /** A world that has it among its imports, or that is meant itself, then every package it needs, nested. */
  readonly wit: string
  /** Which import of that world is meant, or the full name of the world. */
  readonly name: string
}

/**
 * An explicit import of the composed component. Imports that nobody wired are added by the plan and need no entry.
 * Its type is that of somebody who takes it, or one of its own, against which every wire from it is checked.
 */
export interface GraphImport {
  /** The instance and import name whose type this import has. */
  readonly typeOf?: { readonly instance: InstanceId; readonly name: string }
  /** The type it was declared with; comes before `typeOf`. */
  readonly declared?: DeclaredType
}

/** One export of the composed component; the key in the table is its external name. */
export interface GraphExport {
  readonly source: GraphSource
}

export interface CompositionGraph {
  /** Name written into the component-name section. */
  readonly name?: string
  readonly packages: Readonly<Record<PackageId, GraphPackage>>
  readonly instances: Readonly<Record<InstanceId, GraphInstance>>
  /** Keyed by {@link argumentKey}. */
  readonly arguments: Readonly<Record<string, GraphArgument>>
  readonly imports: Readonly<Record<string, GraphImport>>
  readonly exports: Readonly<Record<string, GraphExport>>
  /**
   * Types that the composition declares: values, functions, interfaces, worlds. It exports them under the key. The name of
   * each declaration is what others mention it by.
   */
  readonly types?: Readonly<Record<string, DeclaredType>>
}

export const emptyGraph: CompositionGraph = { packages: {}, instances: {}, arguments: {}, imports: {}, exports: {} }

/** Key of the wire that ends at this import; an import has at most one. */
export function argumentKey(instance: InstanceId, name: string): string {
  return `${instance} ${name}`
}

/** What the type of an explicit import is called: its interface, which may differ from the name it is imported under. */
export function faceOfImport(graph: CompositionGraph, name: string): string {
  const entry = graph.imports[name]
  return entry?.declared?.name ?? entry?.typeOf?.name ?? name
}
