import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './places.mjs'
import { StepError } from './report.mjs'
import { npm } from './run.mjs'

const lockPath = join(root, 'package-lock.json')

/**
 * Whether `node_modules` holds what the lock file names. Packages for other platforms may be missing.
 * @returns {string | undefined} why not, undefined when all is well
 */
export function missingDependency() {
  const wanted = packagesOf(lockPath)
  const found = packagesOf(join(root, 'node_modules', '.package-lock.json'))
  if (!wanted) return undefined
  if (!found) return 'nothing is installed yet'
  for (const [path, { version, optional, devOptional, link }] of Object.entries(wanted)) {
    if (!path || link || found[path]?.version === version) continue
    if (found[path] === undefined && (optional || devOptional)) continue
    return `${path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)}@${version} is missing`
  }
  return undefined
}

function packagesOf(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).packages ?? {}
  } catch {
    return undefined
  }
}

/**
 * `npm ci`; where the registry lacks packages that the lock file names for other platforms, `npm install` on the same lock.
 * @param {(text: string) => void} say
 * @returns {Promise<string>} what was done
 */
export async function installDependencies(say) {
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error']
  say('npm ci')
  const clean = await npm(['ci', ...quiet])
  if (clean.code === 0) return 'npm ci'
  say('npm ci failed, npm install')
  const lock = readFileSync(lockPath)
  const repaired = await npm(['install', ...quiet])
  // The lock file is the project's; a gap of somebody's registry is no reason to change it.
  writeFileSync(lockPath, lock)
  if (repaired.code === 0) return `npm install (npm ci failed: ${firstError(clean.output)})`
  throw new StepError('npm could not install the dependencies', `${clean.output}\n${repaired.output}`)
}

function firstError(output) {
  return /^npm (?:error|ERR!) (?!code)(.+)$/m.exec(output)?.[1] ?? 'no reason given'
}
