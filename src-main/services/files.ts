import { readdir, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import type { CallName, Handlers } from '../../src-preload/contract.ts'
import { unreadable, writeWhole } from '../project/files.ts'
import type { ProjectHolder } from './project.ts'

/** Entries shown of one folder, at most. */
const limit = 2000

const endings = { component: '.wasm', wit: '.wit' }

/** Folders and files of a folder, for the picker that a browser has instead of a native dialog. */
export function fileHandlers(projects: ProjectHolder): Pick<Handlers, Extract<CallName, `files.${string}`>> {
  return {
    async 'files.save'({ path, bytes }) {
      const target = resolve((await projects.current()).folder, path)
      await writeWhole(target, bytes)
      return { path: target }
    },
    async 'files.list'({ path, kind }) {
      const ending = kind && endings[kind]
      const folder = path === '' || path === '~' ? homedir() : resolve(path)
      const entries = await readdir(folder, { withFileTypes: true }).catch((thrown: unknown) => {
        throw unreadable(folder, thrown)
      })
      const listed: { name: string; folder: boolean; project: boolean }[] = []
      for (const entry of entries) {
        if (entry.name.startsWith('.') || listed.length >= limit) continue
        const isFolder =
          entry.isDirectory() || (entry.isSymbolicLink() && (await isDirectory(join(folder, entry.name))))
        if (!isFolder && (ending === undefined || !entry.name.endsWith(ending))) continue
        const project =
          isFolder &&
          (await stat(join(folder, entry.name, 'patchbay.json')).then(
            () => true,
            () => false,
          ))
        listed.push({ name: entry.name, folder: isFolder, project })
      }
      listed.sort((left, right) => Number(right.folder) - Number(left.folder) || (left.name < right.name ? -1 : 1))
      const parent = dirname(folder)
      return parent === folder ? { path: folder, entries: listed } : { path: folder, parent, entries: listed }
    },
  }
}

async function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    (about) => about.isDirectory(),
    () => false,
  )
}
