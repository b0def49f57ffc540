import { createHash } from 'node:crypto'
import { createReadStream, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { StepError } from './report.mjs'
import { npm } from './run.mjs'

/**
 * Fetches one package from the registry that npm is configured for, and holds it against the integrity we know.
 * @param {string} spec `name@version`
 * @param {string} integrity `sha512-…`
 * @param {string} folder an empty folder
 * @returns {Promise<string>} the `.tgz`
 */
export async function fetchPackage(spec, integrity, folder) {
  const result = await npm([
    'pack',
    spec,
    '--pack-destination',
    folder,
    '--silent',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
  ])
  const file = readdirSync(folder).find((name) => name.endsWith('.tgz'))
  if (result.code !== 0 || !file) throw new StepError(`the registry did not give ${spec}`, result.output)
  const path = join(folder, file)
  const found = await integrityOf(path, integrity.slice(0, integrity.indexOf('-')))
  if (found !== integrity)
    throw new StepError(`${spec} from the registry is not the file we know: expected ${integrity}, got ${found}`)
  return path
}

/** @param {string} path @param {string} algorithm @returns {Promise<string>} in the form of npm's `integrity` */
export async function integrityOf(path, algorithm = 'sha512') {
  const hash = createHash(algorithm)
  for await (const chunk of createReadStream(path)) hash.update(chunk)
  return `${algorithm}-${hash.digest('base64')}`
}
