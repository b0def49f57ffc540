import { readFile, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { z } from 'zod'
import { settings, type Settings } from '../../src-preload/contract.ts'
import { writeWhole } from './files.ts'

const recentLimit = 12
const recentFile = z.object({ folders: z.array(z.string()) })

/** Projects opened lately, newest first; folders that are gone are left out. */
export class RecentProjects {
  readonly #file: string

  constructor(userFolder: string) {
    this.#file = join(userFolder, 'recent.json')
  }

  async list(): Promise<{ readonly path: string; readonly name: string }[]> {
    const found: { path: string; name: string }[] = []
    for (const path of await this.#read()) {
      if (
        await stat(path).then(
          (about) => about.isDirectory(),
          () => false,
        )
      )
        found.push({ path, name: basename(path) })
    }
    return found
  }

  async add(folder: string): Promise<void> {
    const others = (await this.#read()).filter((path) => path !== folder)
    await writeWhole(this.#file, JSON.stringify({ folders: [folder, ...others].slice(0, recentLimit) }, null, 2))
  }

  async #read(): Promise<string[]> {
    try {
      return recentFile.parse(JSON.parse(await readFile(this.#file, 'utf8'))).folders
    } catch {
      return []
    }
  }
}

const defaults: Settings = { theme: 'system', welcomeDone: false, panels: {} }

/** Settings of the user; a file that cannot be read counts as the defaults. */
export class SettingsFile {
  readonly #file: string
  #turn: Promise<unknown> = Promise.resolve()

  constructor(userFolder: string) {
    this.#file = join(userFolder, 'settings.json')
  }

  async read(): Promise<Settings> {
    try {
      return { ...defaults, ...settings.partial().parse(JSON.parse(await readFile(this.#file, 'utf8'))) }
    } catch {
      return defaults
    }
  }

  /** Changes some settings; concurrent changes are made one after another. */
  async write(change: Partial<Settings>): Promise<Settings> {
    const next = this.#turn.then(async () => {
      const merged = { ...(await this.read()), ...change }
      await writeWhole(this.#file, JSON.stringify(merged, null, 2))
      return merged
    })
    this.#turn = next.catch(() => undefined)
    return next
  }
}
