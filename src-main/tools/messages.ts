/** What travels between the workbench and the tools worker. */
import type { Problem } from '../../src-engine/error.ts'
import type { Plan } from '../runtime/direct/plan.ts'

/** Files of a transpiled component and what it asks for, as jco reports it. */
export interface Transpiled {
  /** File name → content; one `.js` and the core modules. */
  readonly files: Readonly<Record<string, Uint8Array>>
  readonly imports: readonly string[]
  readonly exports: readonly (readonly [string, 'function' | 'instance'])[]
}

/** The part of jco's transpile options that Patchbay uses. */
export interface TranspileOptions {
  readonly instantiation?: 'async' | 'sync'
  readonly asyncMode?: 'jspi'
  readonly asyncImports?: readonly string[]
  readonly asyncExports?: readonly string[]
  readonly map?: Readonly<Record<string, string>>
  readonly minify?: boolean
}

export interface EmbedOptions {
  /** The core module; may be left out with `dummy`. */
  readonly binary?: Uint8Array
  /** The text of one WIT package. */
  readonly witSource?: string
  /** A folder or file with WIT. */
  readonly witPath?: string
  readonly world?: string
  /** Makes a module that has the shape of the world and does nothing. */
  readonly dummy?: boolean
  readonly stringEncoding?: 'utf8' | 'utf16' | 'compact-utf16'
}

export type Producers = readonly (readonly [string, readonly (readonly [string, string])[]])[]

/** One module or component inside a binary, with what its `producers` section says. */
export interface Metadata {
  readonly kind: 'module' | 'component'
  readonly name?: string
  readonly range: readonly [number, number]
  readonly producers: Producers
}

/** A component as the direct engine runs it. */
export interface Linked {
  readonly plan: Plan
  /** Core modules in the plan's order, their state made reachable. */
  readonly modules: readonly Uint8Array[]
  /** A snapshot of memories and globals is the whole state of every instance. */
  readonly restorable: boolean
}

/** Every job of the worker: what goes in, what comes out. */
export interface Jobs {
  readonly wit: { readonly input: { readonly bytes: Uint8Array }; readonly output: string }
  readonly parse: { readonly input: { readonly text: string }; readonly output: Uint8Array }
  readonly print: { readonly input: { readonly bytes: Uint8Array }; readonly output: string }
  readonly new: {
    readonly input: {
      readonly bytes: Uint8Array
      readonly adapters: readonly (readonly [string, Uint8Array])[]
    }
    readonly output: Uint8Array
  }
  readonly embed: { readonly input: { readonly options: EmbedOptions }; readonly output: Uint8Array }
  readonly metadata: { readonly input: { readonly bytes: Uint8Array }; readonly output: readonly Metadata[] }
  readonly transpile: {
    readonly input: { readonly bytes: Uint8Array; readonly name: string; readonly options: TranspileOptions }
    readonly output: Transpiled
  }
  readonly link: {
    readonly input: { readonly bytes: Uint8Array; readonly blocking: readonly string[] }
    readonly output: Linked
  }
}
export type JobName = keyof Jobs

export type JobRequest = {
  readonly [Name in JobName]: { readonly id: number; readonly job: Name } & Jobs[Name]['input']
}[JobName]

/** A request on its way: large bytes are not sent twice when two jobs in a row are about the same. */
export type SentRequest = JobRequest & {
  /** The bytes are those that were kept of the request before. */
  readonly again?: boolean
  /** The next request is about the same bytes. */
  readonly keep?: boolean
}

/** A part of the bytes of a request that follows: large files are handed over piece by piece. */
export interface JobPiece {
  readonly id: number
  readonly at: number
  readonly total: number
  readonly piece: Uint8Array
}

export type JobReply =
  | { readonly id: number; readonly ok: true; readonly output: Jobs[JobName]['output'] }
  /** `refused`: the input is at fault. `crashed`: the tool itself broke and must not be used again. */
  | {
      readonly id: number
      readonly ok: false
      readonly kind: 'refused' | 'crashed'
      readonly message: string
      readonly problem?: Problem
    }
