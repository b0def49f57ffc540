/**
 * What was made ready to run, kept on disk by content. An entry is complete or not there (written aside, then renamed);
 * every file of it has its digest, so one that was damaged is noticed and made anew. The entries that were not used for
 * the longest time go when all together grow over the bound.
 */
import { createHash, randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { fail } from '../../src-engine/error.ts'

const manifest = z.object({
  format: z.string(),
  /** `script` of the reference road. */
  script: z.string().optional(),
  /** `plan` of the direct road: a file. */
  plan: z.string().optional(),
  restorable: z.boolean().optional(),
  modules: z.array(z.string()),
  /** Version of the engine that found every function of the modules valid, after the validator had nothing against the component. */
  checked: z.string().optional(),
  /** File name → sha256. */
  digests: z.record(z.string(), z.string()),
  imports: z.array(z.string()),
  exports: z.array(z.string()),
})
export type Manifest = z.infer<typeof manifest>

/** An entry to be written: what the manifest says, and the files. */
export interface FreshEntry extends Omit<Manifest, 'format' | 'digests' | 'checked'> {
  readonly files: Readonly<Record<string, Uint8Array>>
}

export interface StoredEntry {
  readonly folder: string
  readonly manifest: Manifest
}

/** Bytes that all entries may hold together. */
export const cacheLimit = 1024 * 1024 * 1024
/** An entry younger than this may be in use by another Patchbay: it is not taken away to make room. Milliseconds. */
const restTime = 10 * 60_000
const manifestName = 'manifest.json'
/** The part of the cache folder that holds prepared components. */
const part = 'prepared'

/** Beginning of the temporary folders that are used where the cache cannot be written; the process follows. */
const placeName = 'patchbay-prepared-'

/** Takes away what processes that were killed left in the folder for temporary files. Never throws. */
export async function removeLeftovers(folder: string = tmpdir()): Promise<void> {
  for (const name of await foldersIn(folder)) {
    const owner = Number(new RegExp(`^${placeName}(\\d+)-`).exec(name)?.[1] ?? Number.NaN)
    if (owner > 0 && !isRunning(owner)) await rm(join(folder, name), { recursive: true, force: true }).catch(() => {})
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (thrown) {
    // Somebody else's is running, too.
    return codeOf(thrown) !== 'ESRCH'
  }
}

const manifestText = (entry: Manifest): string => JSON.stringify(entry, undefined, 1)

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

export class PreparedCache {
  readonly #folder: string
  readonly #limit: number
  readonly #notice: (text: string) => void

  /** `notice` hears of damage that was found and of entries that could not be kept. `limit` in bytes. */
  constructor(cacheFolder: string, notice: (text: string) => void = () => {}, limit = cacheLimit) {
    this.#folder = join(cacheFolder, part)
    this.#limit = limit
    this.#notice = notice
  }

  /**
   * The entry when every file of it is there and unchanged. `later`: whoever compiles the modules compares their digests,
   * so they are not read twice.
   */
  async read(name: string, format: string, modules: 'now' | 'later' = 'now'): Promise<StoredEntry | undefined> {
    const folder = join(this.#folder, name)
    let text: string
    try {
      text = await readFile(join(folder, manifestName), 'utf8')
    } catch (thrown) {
      if (isMissing(thrown) && !(await exists(folder))) return undefined
      return this.#damaged(name, manifestName)
    }
    let entry: Manifest
    try {
      entry = manifest.parse(JSON.parse(text))
    } catch {
      return this.#damaged(name, manifestName)
    }
    if (entry.format !== format) return undefined
    const lead = entry.script ?? entry.plan
    if (lead === undefined) return this.#damaged(name, manifestName)
    if (entry.modules.some((file) => entry.digests[file] === undefined)) return this.#damaged(name, manifestName)
    for (const file of modules === 'now' ? [lead, ...entry.modules] : [lead]) {
      const bytes = await readFile(join(folder, file)).catch(() => undefined)
      if (!bytes || sha256(bytes) !== entry.digests[file]) return this.#damaged(name, file)
    }
    const now = new Date()
    // When it was used last decides what goes first; a cache that may only be read does without.
    await utimes(join(folder, manifestName), now, now).catch(() => {})
    return { folder, manifest: entry }
  }

  /** Notes that this version of the engine found the modules valid. A cache that may only be read does without. */
  async noteChecked({ folder, manifest: entry }: StoredEntry, engine: string): Promise<void> {
    const aside = join(folder, `${manifestName}.${randomBytes(6).toString('hex')}`)
    try {
      await writeFile(aside, manifestText({ ...entry, checked: engine }))
      await rename(aside, join(folder, manifestName))
    } catch {
      await rm(aside, { force: true }).catch(() => {})
    }
  }

  /** Takes the entry away: what it was made from turned out to be no good. */
  async forget(name: string): Promise<void> {
    await rm(join(this.#folder, name), { recursive: true, force: true }).catch(() => {})
  }

  #damaged(name: string, file: string): undefined {
    this.#notice(`the cache entry ${name.slice(0, 12)}… is damaged (${file}): it is made anew`)
    return undefined
  }

  /**
   * Keeps what was made. Where the disk is full older entries make room; when that does not help, or the folder may not be
   * written, the files go to a temporary folder for as long as the system keeps it. Throws `runtime.cache` when there is no place at all.
   */
  async write(name: string, fresh: FreshEntry, format: string): Promise<StoredEntry> {
    const folder = join(this.#folder, name)
    try {
      const incoming = Object.values(fresh.files).reduce((sum, { length }) => sum + length, 0)
      // Looking through a full cache takes as long as writing.
      const bounding = this.#bound(name, this.#limit - incoming)
      return await this.#store(folder, fresh, format).finally(() => bounding)
    } catch (first) {
      // Another start may have made the same meanwhile.
      for (let tries = 0; tries < 5 && isTaken(first); tries++) {
        const winner = await this.read(name, format)
        if (winner) return winner
        const stored = await this.#store(folder, fresh, format).catch(() => undefined)
        if (stored) return stored
      }
      try {
        if (isFull(first)) {
          await this.#bound(name, 0)
          return await this.#store(folder, fresh, format)
        }
      } catch {
        // Still no room: the reason of the first attempt is the one to tell.
      }
      return this.#elsewhere(folder, fresh, format, first)
    }
  }

  async #elsewhere(folder: string, fresh: FreshEntry, format: string, reason: unknown): Promise<StoredEntry> {
    const told = reason instanceof Error ? reason.message : String(reason)
    try {
      const place = await mkdtemp(join(tmpdir(), `${placeName}${process.pid}-`))
      process.once('exit', () => rmSync(place, { recursive: true, force: true }))
      const stored = await this.#store(join(place, 'entry'), fresh, format)
      this.#notice(`the cache cannot be written (${told}): what was made ready is kept for this session only`)
      return stored
    } catch {
      throw fail('runtime.cache', `The cache folder cannot be written: ${told}`, {
        where: { file: folder },
        hint: 'Free some space, or choose another folder with PATCHBAY_USER_DATA',
        cause: reason,
      })
    }
  }

  async #store(folder: string, { files, ...rest }: FreshEntry, format: string): Promise<StoredEntry> {
    const aside = `${folder}.${randomBytes(6).toString('hex')}`
    const digests: Record<string, string> = {}
    try {
      await mkdir(aside, { recursive: true })
      for (const [file, content] of Object.entries(files)) {
        digests[file] = sha256(content)
        await writeFile(join(aside, file), content)
      }
      const entry: Manifest = { ...rest, format, digests }
      await writeFile(join(aside, manifestName), manifestText(entry))
      // What is there was found unusable before, or another start made it meanwhile: either way ours is as good.
      await rm(folder, { recursive: true, force: true })
      await rename(aside, folder)
      return { folder, manifest: entry }
    } catch (thrown) {
      await rm(aside, { recursive: true, force: true }).catch(() => {})
      throw thrown
    }
  }

  /**
   * Takes the oldest entries away until they hold at most `limit` bytes, `keep` not counted; never `keep` itself, nor what was
   * used just now.
   */
  async #bound(keep: string, limit: number): Promise<void> {
    const entries = (await listEntries(this.#folder)).filter(({ name }) => !name.startsWith(keep))
    let bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0)
    const resting = Date.now() - restTime
    for (const entry of entries.toSorted((left, right) => left.used - right.used)) {
      if (bytes <= limit) return
      if (entry.used > resting) continue
      await rm(join(this.#folder, entry.name), { recursive: true, force: true }).catch(() => {})
      bytes -= entry.bytes
    }
  }
}

export interface CacheEntry {
  readonly name: string
  readonly bytes: number
  /** When it was used last, milliseconds since the epoch. */
  readonly used: number
}

export interface CacheInfo {
  readonly folder: string
  readonly bytes: number
  /** Bytes that prepared components may hold; older ones go first. */
  readonly limit: number
  /** What is kept, by kind: `prepared` components, `builds`. */
  readonly kinds: Readonly<Record<string, readonly CacheEntry[]>>
}

/** What the cache folder holds. A folder that is not there is empty. */
export async function cacheInfo(cacheFolder: string): Promise<CacheInfo> {
  const kinds: Record<string, readonly CacheEntry[]> = {}
  let bytes = 0
  for (const kind of await foldersIn(cacheFolder)) {
    const entries = await listEntries(join(cacheFolder, kind))
    kinds[kind] = entries.toSorted((left, right) => right.used - left.used)
    bytes += entries.reduce((sum, entry) => sum + entry.bytes, 0)
  }
  return { folder: cacheFolder, bytes, limit: cacheLimit, kinds }
}

/** Empties the cache and answers what it held. What runs goes on: code that was loaded is loaded. Throws `runtime.cache`. */
export async function clearCache(cacheFolder: string): Promise<CacheInfo> {
  const before = await cacheInfo(cacheFolder)
  for (const kind of Object.keys(before.kinds)) {
    try {
      await rm(join(cacheFolder, kind), { recursive: true, force: true })
    } catch (thrown) {
      throw fail('runtime.cache', `${join(cacheFolder, kind)} cannot be removed`, {
        where: { file: join(cacheFolder, kind) },
        hint: 'Check who owns it',
        cause: thrown,
      })
    }
  }
  return before
}

async function listEntries(folder: string): Promise<CacheEntry[]> {
  const entries: CacheEntry[] = []
  for (const name of await foldersIn(folder)) {
    let bytes = 0
    let used = 0
    for (const file of await readdir(join(folder, name), { recursive: true }).catch(() => [])) {
      const about = await stat(join(folder, name, file)).catch(() => undefined)
      if (!about?.isFile()) continue
      bytes += about.size
      used = Math.max(used, about.mtimeMs)
    }
    entries.push({ name, bytes, used })
  }
  return entries
}

async function foldersIn(folder: string): Promise<string[]> {
  const found = await readdir(folder, { withFileTypes: true }).catch(() => [])
  return found.filter((entry) => entry.isDirectory()).map(({ name }) => name)
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )

const codeOf = (thrown: unknown): unknown => (thrown instanceof Error && 'code' in thrown ? thrown.code : undefined)

const isMissing = (thrown: unknown): boolean => codeOf(thrown) === 'ENOENT'
const isTaken = (thrown: unknown): boolean => codeOf(thrown) === 'ENOTEMPTY' || codeOf(thrown) === 'EEXIST'
const isFull = (thrown: unknown): boolean => codeOf(thrown) === 'ENOSPC' || codeOf(thrown) === 'EDQUOT'
