import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, dirname, extname, join } from 'node:path'
import { fail } from '../../src-engine/error.ts'
import type { WitFile } from '../../src-engine/wit/packages.ts'
import { unreadable } from './files.ts'

/** The texts of a WIT package and of the packages beside it, each folder one package; dependencies first. */
export interface WitFolders {
  readonly folders: readonly (readonly WitFile[])[]
  /** Which of the folders was named; the others are dependencies. */
  readonly main: number
}

/** No WIT package of this world is near this; a folder that is has something else in it. */
const mostFiles = 2000
const mostBytes = 8 * 1024 * 1024

/**
 * Reads a `.wit` file or a folder of them. What lies in its `deps` are the packages it uses, each a folder or a file.
 * Throws `input.*` for what cannot be read, and `input.no-wit` for a folder without WIT.
 */
export async function readWitFolders(path: string): Promise<WitFolders> {
  const about = await stat(path).catch((thrown: unknown) => {
    throw unreadable(path, thrown)
  })
  const reader = new Reader()
  const folders: WitFile[][] = []
  if (about.isFile()) {
    await reader.addDependencies(folders, join(dirname(path), 'deps'))
    folders.push([await reader.file(path)])
  } else {
    await reader.addDependencies(folders, join(path, 'deps'))
    const files = await reader.folder(path)
    if (files.length === 0)
      throw fail('input.no-wit', `${path} holds no .wit file`, {
        where: { file: path },
        hint: 'Name the folder that holds the package.',
      })
    folders.push(files)
  }
  return { folders, main: folders.length - 1 }
}

class Reader {
  #files = 0
  #bytes = 0

  async addDependencies(folders: WitFile[][], folder: string): Promise<void> {
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
    for (const entry of entries.sort((left, right) => (left.name < right.name ? -1 : 1))) {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) {
        await this.addDependencies(folders, join(path, 'deps'))
        folders.push(await this.folder(path))
      } else if (extname(entry.name) === '.wit') folders.push([await this.file(path)])
    }
  }

  async folder(folder: string): Promise<WitFile[]> {
    const names = (await readdir(folder)).filter((name) => extname(name) === '.wit').sort()
    const files: WitFile[] = []
    for (const name of names) files.push(await this.file(join(folder, name)))
    return files
  }

  async file(path: string): Promise<WitFile> {
    const text = await readFile(path, 'utf8').catch((thrown: unknown) => {
      throw unreadable(path, thrown)
    })
    this.#files++
    this.#bytes += text.length
    if (this.#files > mostFiles || this.#bytes > mostBytes)
      throw fail('input.too-large', `${path} and the files beside it are more WIT than can be read`, {
        where: { file: path },
        hint: `At most ${mostFiles} files with ${mostBytes / 1024 / 1024} MB in sum are read.`,
      })
    return { path: basename(path), text }
  }
}
