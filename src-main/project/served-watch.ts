/** Follows the files of what is served: new ones, changed ones and those that vanish. */
import { basename } from 'node:path'
import { isSkipped } from './library.ts'

export interface ServedWatch {
  /** Folders and files. */
  readonly paths: readonly string[]
  /** How deep below a folder; default: all the way. */
  readonly depth?: number
  /** Called after a change, one call at a time; a burst of changes is one. */
  readonly changed: () => Promise<void>
  /** Hears why a call failed; the next change is told all the same. */
  readonly failed: (thrown: unknown) => void
}

/** Watches until the function that it answers with is called, which waits for a call under way. */
export async function watchServed({ paths, depth, changed, failed }: ServedWatch): Promise<() => Promise<void>> {
  const { watch } = await import('chokidar')
  const roots = new Set(paths)
  const watcher = watch([...paths], {
    ignoreInitial: true,
    ignored: (path) => !roots.has(path) && isSkipped(basename(path)),
    awaitWriteFinish: { stabilityThreshold: 100, pollInterval: 30 },
    ...(depth === undefined ? {} : { depth }),
  })
  let pending: Promise<void> = Promise.resolve()
  let waiting = false
  watcher.on('all', (_event, path) => {
    if (waiting || !/\.(wasm|wat|json)$/.test(path)) return
    waiting = true
    pending = pending.then(async () => {
      waiting = false
      await changed().catch(failed)
    })
  })
  // A watcher that fails (too many files) costs freshness, not what is served.
  watcher.on('error', () => undefined)
  await new Promise<void>((ready) => watcher.once('ready', () => ready()))
  return async () => {
    await watcher.close()
    await pending
  }
}
