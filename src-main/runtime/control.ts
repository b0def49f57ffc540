/** What the workbench and the guest process tell each other beside the requests: code, workers, ends. */
import type { Problem } from '../../src-engine/error.ts'
import type { Grants } from './wasi/session.ts'

/** A component made ready to run, as files on disk. */
export type Artifact = {
  /** Content hash of the component and what it was made for. */
  readonly key: string
  /** The engine validated every function of it once: a start need not do it again. */
  readonly checked: boolean
  /** The core modules by name, in the order of the plan: absolute paths, and the digests that say whether they are whole. */
  readonly modules: Readonly<Record<string, { readonly path: string; readonly sha256: string }>>
} & (
  | { readonly road: 'jco'; /** The script that instantiates it. */ readonly script: string }
  | { readonly road: 'direct'; /** The plan, as JSON. */ readonly plan: string; readonly restorable: boolean }
)

/** What a worker is for: all it needs to bring up an instance. */
export interface Purpose {
  readonly handler: string
  /** A command runs once and needs no instance in advance. */
  readonly command: boolean
  readonly artifact: string
  readonly isolation: 'request' | 'pool' | 'none'
  /** Tell with each request what it found of those before. */
  readonly probe: boolean
  /** With `pool`: requests one instance serves. */
  readonly reuse: number
  readonly grants: Grants
  /** Bytes of linear memory of one instance. */
  readonly memory: number
}

/** A worker that is to serve. */
export interface WorkerSetup extends Purpose {
  readonly worker: number
  /** Where to connect to, and the word that proves who connects. */
  readonly address: string
  readonly token: string
  /** It has so long until it serves; default {@link startTime}. Milliseconds. */
  readonly startTime?: number | undefined
}

/** Enough for large components on a busy machine; whoever needs more computes without end. Milliseconds. */
export const startTime = 30_000

export type ControlRequest =
  | { readonly type: 'load'; readonly artifact: Artifact; readonly memory: number }
  | { readonly type: 'unload'; readonly artifact: string }
  | { readonly type: 'spawn'; readonly setup: WorkerSetup }
  /** To have a worker with an instance ready, should one for this purpose be needed; in place of the one before. */
  | { readonly type: 'stand-by'; readonly purpose: Purpose }
  | { readonly type: 'kill'; readonly worker: number }
  /** Which request a silent worker is busy with. */
  | { readonly type: 'ask'; readonly worker: number }

export type ControlReply =
  | { readonly type: 'alive' }
  /** `bytes` of all its modules. */
  | { readonly type: 'loaded'; readonly artifact: string; readonly bytes: number }
  | { readonly type: 'refused'; readonly artifact: string; readonly problem: Problem }
  /** Answer to `stand-by`: the worker is ready, or there will be none. */
  | { readonly type: 'standing-by' }
  /** Answer to `ask`: the worker began every stream up to this one, and the guest of `working` ran last. */
  | { readonly type: 'begun'; readonly worker: number; readonly stream: number; readonly working: number }
  /** Output of a guest that does not come back, as frames of the line. */
  | { readonly type: 'output'; readonly worker: number; readonly frames: Uint8Array }
  /** A worker ended: killed, or by itself. */
  | { readonly type: 'ended'; readonly worker: number; readonly problem?: Problem }
