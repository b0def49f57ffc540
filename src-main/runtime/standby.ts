/** A worker with an instance ready, before anybody asks for it: whoever needs one for the same purpose has it at once. */
import { isDeepStrictEqual } from 'node:util'
import type { Worker } from 'node:worker_threads'
import type { Purpose } from './control.ts'
import type { LoadedCode, WorkerInput } from './guest-worker.ts'

/** A guest that takes longer to start is not waited for. Milliseconds. */
const longest = 5000

export class Standby {
  readonly #purpose: Purpose
  readonly #code: LoadedCode
  readonly #thread: Worker
  readonly #settled: () => void
  readonly #timer: NodeJS.Timeout
  #gone = false

  /** `settled` is called when it is ready, and when it will never be. */
  constructor(purpose: Purpose, code: LoadedCode, thread: Worker, settled: () => void) {
    this.#purpose = purpose
    this.#code = code
    this.#thread = thread
    this.#settled = settled
    this.#timer = setTimeout(() => this.drop(), longest)
    thread.removeAllListeners()
    // It says so by any message; whatever is wrong with the guest is told when it is needed.
    thread.on('message', () => this.#settle())
    thread.on('error', () => this.drop())
    thread.on('exit', () => this.drop())
    thread.postMessage({ purpose, code } satisfies WorkerInput)
  }

  /** The thread, when it was made for this; it belongs to the caller then. */
  take(purpose: Purpose, code: LoadedCode): Worker | undefined {
    if (!this.isFor(purpose, code)) return undefined
    this.#leave()
    return this.#thread
  }

  /** Who it is for does not matter, what with does: an instance may have seen its grants while it started. */
  isFor(purpose: Purpose, code: LoadedCode): boolean {
    const { handler } = purpose
    return !this.#gone && code === this.#code && isDeepStrictEqual({ ...this.#purpose, handler }, purpose)
  }

  uses(code: LoadedCode | undefined): boolean {
    return code === this.#code
  }

  drop(): void {
    if (this.#gone) return
    this.#leave()
    void this.#thread.terminate()
  }

  #leave(): void {
    this.#gone = true
    this.#settle()
  }

  #settle(): void {
    clearTimeout(this.#timer)
    this.#settled()
  }
}
