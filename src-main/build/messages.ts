/** What travels between the workbench and the build process. */
import type { Problem } from '../../src-engine/error.ts'
import type { Clang } from './c-compiler.ts'

export interface BuildJob {
  readonly kind: 'build'
  /** Folder with the sources. */
  readonly folder: string
  /** Folder for everything temporary; whoever sent the job removes it. */
  readonly work: string
  /** File that takes the component. */
  readonly output: string
  /** For sources in C. */
  readonly clang?: Clang
}

export type BuildReply =
  | { readonly kind: 'log'; readonly stream: 'stdout' | 'stderr' | 'info'; readonly text: string }
  | { readonly kind: 'progress'; readonly step: string; readonly done: number; readonly total: number }
  /** The component was written; `inputs` are files outside of the folder that went into it. */
  | { readonly kind: 'built'; readonly inputs: readonly string[] }
  | { readonly kind: 'failed'; readonly problems: readonly Problem[] }
