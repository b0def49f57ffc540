/**
 * How to bring a component to life without generated code: which core modules to instantiate in which order, and what each
 * of their imports is. Plain data: it crosses threads.
 */

/** A value type as the Canonical ABI needs it: names resolved, resources as indices into {@link Plan.resources}. */
export type AbiType =
  | { readonly kind: PrimitiveKind }
  | { readonly kind: 'list'; readonly element: AbiType; readonly length?: number }
  | { readonly kind: 'record'; readonly fields: readonly (readonly [string, AbiType])[] }
  | { readonly kind: 'tuple'; readonly items: readonly AbiType[] }
  | { readonly kind: 'variant'; readonly cases: readonly (readonly [string, AbiType | undefined])[] }
  | { readonly kind: 'enum'; readonly names: readonly string[] }
  | { readonly kind: 'flags'; readonly names: readonly string[] }
  | { readonly kind: 'option'; readonly some: AbiType }
  | { readonly kind: 'result'; readonly ok: AbiType | undefined; readonly error: AbiType | undefined }
  | { readonly kind: 'own' | 'borrow'; readonly resource: number }

export type PrimitiveKind =
  'bool' | 's8' | 'u8' | 's16' | 'u16' | 's32' | 'u32' | 's64' | 'u64' | 'f32' | 'f64' | 'char' | 'string'

export interface FunctionPlan {
  readonly parameters: readonly AbiType[]
  readonly result: AbiType | undefined
}

export type Encoding = 'utf8' | 'utf16' | 'latin1+utf16'

/** Canonical options of a lift or lower. */
export interface Options {
  readonly encoding: Encoding
  readonly memory?: CoreReference
  readonly realloc?: CoreReference
  readonly postReturn?: CoreReference
}

/** Something of the core level that an import can be bound to. */
export type CoreReference =
  /** An export of a core instance made before. */
  | { readonly kind: 'export'; readonly instance: number; readonly name: string }
  /** A component function, callable from core code of component instance `component`. */
  | {
      readonly kind: 'lower'
      readonly component: number
      readonly target: FunctionReference
      readonly type: FunctionPlan
      readonly options: Options
    }
  | {
      readonly kind: 'resource-new' | 'resource-rep' | 'resource-drop'
      readonly component: number
      readonly resource: number
    }

/** A component function. */
export type FunctionReference =
  /** `interface` without its version; empty for a function of the world itself. */
  { readonly kind: 'host'; readonly interface: string; readonly name: string } | LiftedFunction

/** A core function seen as a component function. */
export interface LiftedFunction {
  readonly kind: 'lift'
  readonly component: number
  readonly core: CoreReference
  readonly type: FunctionPlan
  readonly options: Options
  /** It may wait, by itself or through what it calls. */
  readonly waits: boolean
}

export type ResourcePlan =
  | { readonly kind: 'host'; readonly interface: string; readonly name: string }
  | { readonly kind: 'guest'; readonly component: number; readonly destructor?: CoreReference }

export interface InstantiationPlan {
  /** Index of the core module in the order of the file. */
  readonly module: number
  readonly imports: readonly { readonly module: string; readonly name: string; readonly source: CoreReference }[]
}

export interface Plan {
  /** Byte ranges of the core modules that are instantiated. */
  readonly modules: readonly { readonly start: number; readonly end: number }[]
  readonly instantiations: readonly InstantiationPlan[]
  readonly resources: readonly ResourcePlan[]
  /** How many component instances there are: each has its own table of handles. */
  readonly components: number
  /** Functions of exported interfaces, by `interface#function` without version, and those of the world by their name. */
  readonly exports: Readonly<Record<string, LiftedFunction>>
  /** Interfaces and functions that the component imports, without versions. */
  readonly imports: readonly string[]
  /** Names that it exports, with versions. */
  readonly exported: readonly string[]
}

/** Interface names lose their version: one host serves all of 0.2. */
export const withoutVersion = (name: string): string => name.replace(/@[^@]*$/, '')
