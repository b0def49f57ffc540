/** What was built once is not built again: components by the content of everything that went into them. */
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { z } from 'zod'
import { fail } from '../../src-engine/error.ts'

const entrySchema = z.object({
  hash: z.string(),
  /** Files outside of the source folder and what they held. */
  inputs: z.record(z.string(), z.string()),
})

const kept = 40
const ignored = new Set(['node_modules', '.git', 'dist', 'target', '.DS_Store'])
const limits = { files: 5000, bytes: 256 * 1024 * 1024 }

export function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** Names and contents of a source folder as one hash; installed packages count by their lock file. */
export async function hashSources(folder: string): Promise<string> {
  const hash = createHash('sha256')
  const counted = { files: 0, bytes: 0 }
  const add = async (path: string): Promise<void> => {
    const bytes = await readFile(path)
    counted.files++
    counted.bytes += bytes.length
    if (counted.files > limits.files || counted.bytes > limits.bytes) {
      throw fail('input.too-large', `${folder} holds more than sources: over ${limits.files} files or 256 MiB`, {
        where: { file: folder },
        hint: 'Move what is not a source out of the folder',
      })
    }
    hash.update(`${relative(folder, path).split(sep).join('/')}\0${bytes.length}\0`)
    hash.update(bytes)
  }
  const walk = async (at: string): Promise<void> => {
    const entries = await readdir(at, { withFileTypes: true })
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (ignored.has(entry.name)) continue
      if (entry.isDirectory()) await walk(join(at, entry.name))
      else if (entry.isFile()) await add(join(at, entry.name))
    }
  }
  await walk(folder)
  const installed = join(folder, 'node_modules', '.package-lock.json')
  if (await stat(installed).catch(() => undefined)) await add(installed)
  return hash.digest('hex')
}

export interface BuildCache {
  /** The component that this key gave, when it is whole and no file outside of the folder has changed since. */
  find(key: string): Promise<Uint8Array | undefined>
  store(key: string, component: Uint8Array, inputs: readonly string[]): Promise<void>
}

export function createBuildCache(folder: string): BuildCache {
  return {
    async find(key) {
      const place = join(folder, key)
      try {
        const entry = entrySchema.parse(JSON.parse(await readFile(join(place, 'entry.json'), 'utf8')))
        const bytes = await readFile(join(place, 'component.wasm'))
        if (sha256(bytes) !== entry.hash) throw fail('internal.cache', 'The entry is damaged')
        for (const [path, held] of Object.entries(entry.inputs)) {
          if (sha256(await readFile(path)) !== held) return undefined
        }
        const now = new Date()
        await utimes(place, now, now)
        return bytes
      } catch {
        await rm(place, { recursive: true, force: true })
        return undefined
      }
    },

    async store(key, component, inputs) {
      await mkdir(folder, { recursive: true })
      const held: Record<string, string> = {}
      for (const path of inputs) held[path] = sha256(await readFile(path))
      const half = await mkdtemp(join(folder, 'half-'))
      await writeFile(join(half, 'component.wasm'), component)
      await writeFile(join(half, 'entry.json'), JSON.stringify({ hash: sha256(component), inputs: held }))
      await rm(join(folder, key), { recursive: true, force: true })
      // Another build of the same sources may have been quicker; its entry is as good.
      await rename(half, join(folder, key)).catch(() => rm(half, { recursive: true, force: true }))
      await prune(folder)
    },
  }
}

async function prune(folder: string): Promise<void> {
  const entries = await Promise.all(
    (await readdir(folder)).map(async (name) => ({
      name,
      time: (await stat(join(folder, name)).catch(() => undefined))?.mtimeMs ?? 0,
    })),
  )
  entries.sort((a, b) => b.time - a.time)
  for (const { name } of entries.slice(kept)) await rm(join(folder, name), { recursive: true, force: true })
}
