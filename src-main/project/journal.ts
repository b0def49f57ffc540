import { createHash } from 'node:crypto'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { projectDocument, type ProjectDocument } from '../../src-preload/contract.ts'
import { writeWhole } from './files.ts'

const entry = z.object({
  folder: z.string(),
  /** Text of the project file that the edits began from; empty when there was none. */ base: z.string(),
  document: projectDocument,
})

/** Unsaved edits of projects, kept in the user's folder until they are saved: a crash loses nothing. */
export class Journal {
  readonly #folder: string

  constructor(userFolder: string) {
    this.#folder = join(userFolder, 'journals')
  }

  /** Remembers the document as it is now; `base` is what the project file said when the edits began. */
  async write(folder: string, base: string, document: ProjectDocument): Promise<void> {
    await writeWhole(this.#file(folder), JSON.stringify({ folder, base, document }))
  }

  /** What was left unsaved, if the project file still is what the edits began from. A journal that cannot be read is none. */
  async read(folder: string, base: string): Promise<ProjectDocument | undefined> {
    try {
      const parsed = entry.parse(JSON.parse(await readFile(this.#file(folder), 'utf8')))
      return parsed.folder === folder && parsed.base === base ? parsed.document : undefined
    } catch {
      return undefined
    }
  }

  async clear(folder: string): Promise<void> {
    await rm(this.#file(folder), { force: true })
  }

  #file(folder: string): string {
    return join(this.#folder, `${createHash('sha256').update(folder).digest('hex').slice(0, 32)}.json`)
  }
}
