import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { provideNode } from './node.mjs'
import { root } from './places.mjs'
import { must } from './run.mjs'

const sources = ['src-engine', 'src-main', 'src-preload', 'src-renderer']
const files = ['electron.vite.config.ts', 'package.json', 'package-lock.json', 'tsconfig.json']
const out = join(root, 'out')
const stamp = join(out, '.sources')

/** Whether `out` is not what the sources would give. Names, sizes and times of all sources; tests do not count. */
export function isStale() {
  return !existsSync(join(out, 'main')) || readStamp() !== signature()
}

function readStamp() {
  try {
    return readFileSync(stamp, 'utf8')
  } catch {
    return ''
  }
}

function signature() {
  const hash = createHash('sha256')
  const add = (path) => {
    const found = statSync(path, { throwIfNoEntry: false })
    if (found) hash.update(`${path.slice(root.length)} ${found.size} ${found.mtimeMs}\n`)
  }
  const walk = (folder) => {
    for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) walk(path)
      else if (!/\.test\.tsx?$/.test(entry.name)) add(path)
    }
  }
  for (const folder of sources) walk(join(root, folder))
  for (const file of files) add(join(root, file))
  return hash.digest('hex')
}

/**
 * Builds `out` when it is stale. Two at once: the second waits for the first.
 * @param {(text: string) => void} [say]
 * @returns {Promise<boolean>} whether it was built
 */
export async function build(say = () => {}) {
  if (!isStale()) return false
  const release = await lock(say)
  try {
    if (!isStale()) return false
    const now = signature()
    say('electron-vite build')
    rmSync(stamp, { force: true })
    await must(
      'the build failed',
      await provideNode(),
      [join(root, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js'), 'build', '--logLevel', 'warn'],
      {
        env: buildEnvironment,
      },
    )
    writeFileSync(stamp, now)
    return true
  } finally {
    release()
  }
}

/** The targets of the build are those of the older of the two Electrons that setup may provide. */
export const buildEnvironment = { ELECTRON_MAJOR_VER: '33' }

async function lock(say) {
  const path = join(root, 'node_modules', '.patchbay-build')
  for (;;) {
    try {
      mkdirSync(path)
      writeFileSync(join(path, 'pid'), String(process.pid))
      return () => rmSync(path, { recursive: true, force: true })
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
      if (!isHeld(path)) rmSync(path, { recursive: true, force: true })
      say('waiting for another build')
      await wait(200)
    }
  }
}

/** Whether the process that made the lock still lives; a lock without a process is a moment old or abandoned. */
function isHeld(path) {
  try {
    process.kill(Number(readFileSync(join(path, 'pid'), 'utf8')), 0)
    return true
  } catch (error) {
    if (error.code === 'EPERM') return true
    const made = statSync(path, { throwIfNoEntry: false })
    return error.code === 'ENOENT' && made !== undefined && Date.now() - made.mtimeMs < 2000
  }
}
