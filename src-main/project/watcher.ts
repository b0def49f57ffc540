import { basename, join } from 'node:path'
import { watch, type FSWatcher } from 'chokidar'
import { isSkipped } from './library.ts'

/** Milliseconds of calm before a burst of changes on disk is told once. */
const settle = 120

/** Tells when something changed in a project folder or in one of the files that belong to it. */
export class FolderWatcher {
  readonly #watcher: FSWatcher
  #timer: NodeJS.Timeout | undefined

  constructor(folder: string, changed: () => void) {
    this.#watcher = watch([folder, join(folder, 'components')], {
      ignoreInitial: true,
      depth: 1,
      // Thousands of packages that nobody lists; a component in such a folder is watched by its own path.
      ignored: (path) => path !== folder && isSkipped(basename(path)),
    })
    const tell = (): void => {
      clearTimeout(this.#timer)
      this.#timer = setTimeout(changed, settle)
    }
    this.#watcher.on('all', tell)
    // What came between the look at the folder and its being watched is a change that nobody else tells.
    this.#watcher.on('ready', tell)
    // A watcher that fails (too many files) costs freshness, not the project.
    this.#watcher.on('error', () => undefined)
  }

  /** Watches these files too, wherever they lie. */
  add(files: readonly string[]): void {
    this.#watcher.add([...files])
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer)
    await this.#watcher.close()
  }
}
