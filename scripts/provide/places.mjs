import { randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The checkout. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/**
 * Where fetched tools live: outside `node_modules`, shared by all checkouts of this user, safe to delete.
 * `PATCHBAY_CACHE` names another folder.
 */
export function cacheFolder() {
  if (process.env.PATCHBAY_CACHE) return process.env.PATCHBAY_CACHE
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'patchbay')
  if (process.platform === 'win32')
    return join(process.env.LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'), 'patchbay', 'Cache')
  return join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'patchbay')
}

/** Milliseconds after which a temporary folder belongs to nobody. */
const abandoned = 24 * 60 * 60 * 1000

/**
 * Makes the folder `name` of the cache in one step: `fill` works in a temporary folder, which is renamed when it is whole.
 * An interrupted or failed fill leaves nothing that could be taken for the tool. Two at once: the first one wins.
 * @param {string} name
 * @param {(folder: string, scratch: string) => Promise<void>} fill `scratch` is for what is thrown away afterwards
 * @returns {Promise<string>} the folder
 */
export async function fillCache(name, fill) {
  const cache = cacheFolder()
  const target = join(cache, name)
  const work = join(cache, `.part-${process.pid}-${randomBytes(4).toString('hex')}`)
  mkdirSync(cache, { recursive: true })
  for (const left of readdirSync(cache)) {
    const path = join(cache, left)
    if (left.startsWith('.part-') && Date.now() - statSync(path, { throwIfNoEntry: false })?.mtimeMs > abandoned)
      rmSync(path, { recursive: true, force: true })
  }
  const clean = () => rmSync(work, { recursive: true, force: true })
  const interrupted = (signal) => {
    clean()
    process.exit(signal === 'SIGINT' ? 130 : 143)
  }
  process.once('SIGINT', interrupted)
  process.once('SIGTERM', interrupted)
  try {
    await mkdir(join(work, 'whole'), { recursive: true })
    await mkdir(join(work, 'scratch'))
    await fill(join(work, 'whole'), join(work, 'scratch'))
    await place(join(work, 'whole'), target, work)
    return target
  } finally {
    process.off('SIGINT', interrupted)
    process.off('SIGTERM', interrupted)
    await rm(work, { recursive: true, force: true })
  }
}

/** Moves a whole folder to its place. What lies there already is broken or somebody else's just as whole one: it makes room. */
async function place(whole, target, work) {
  for (let attempt = 0; ; attempt++) {
    try {
      return await rename(whole, target)
    } catch (error) {
      if (!['ENOTEMPTY', 'EEXIST', 'EPERM'].includes(error.code) || attempt === 5) throw error
    }
    await rename(target, join(work, `old-${attempt}`)).catch(() => undefined)
  }
}
