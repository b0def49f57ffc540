import { createHash } from 'node:crypto'
import { readFile, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { z } from 'zod'
import { kebab } from '../../src-engine/compose/edit.ts'
import { projectDocument, type ProjectDocument } from '../../src-preload/contract.ts'
import { printDocument } from './document.ts'
import { writeWhole } from './files.ts'

const entry = z.object({
  folder: z.string(),
  /** Text of the project file that the edits began from; empty when there was none. */ base: z.string(),
  document: projectDocument,
})

/** What a session that ended badly left behind. */
export interface Unsaved {
  readonly document: ProjectDocument
  /** Text of the project file that the edits began from; where the file is another by now, they do not fit it. */
  readonly base: string
}

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

  /** What was left unsaved. A journal that cannot be read is none. */
  async read(folder: string): Promise<Unsaved | undefined> {
    try {
      const { document, base, folder: of } = entry.parse(JSON.parse(await readFile(this.#file(folder), 'utf8')))
      return of === folder ? { document, base } : undefined
    } catch {
      return undefined
    }
  }

  /** Moves unsaved work that no longer fits its project into a file that a person can read. Answers its path. */
  async setAside(folder: string, document: ProjectDocument): Promise<string> {
    const text = printDocument(document)
    const mark = createHash('sha256').update(folder).update(text).digest('hex').slice(0, 8)
    const path = join(this.#folder, 'kept', `${kebab(basename(folder))}-${mark}.json`)
    await writeWhole(path, text)
    await this.clear(folder)
    return path
  }

  async clear(folder: string): Promise<void> {
    await rm(this.#file(folder), { force: true })
  }

  #file(folder: string): string {
    return join(this.#folder, `${createHash('sha256').update(folder).digest('hex').slice(0, 32)}.json`)
  }
}
