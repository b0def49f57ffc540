import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { installDependencies, missingDependency } from './provide/dependencies.mjs'
import { findElectron, provideElectron } from './provide/electron.mjs'
import { findNode, provideNode } from './provide/node.mjs'
import { cacheFolder } from './provide/places.mjs'
import { StepError, step } from './provide/report.mjs'

/**
 * Brings what is missing: dependencies, a Node that can suspend WebAssembly, Electron. One line per thing that was missing.
 * @param {{ electron: boolean }} wanted
 * @returns {Promise<{ electron?: { executable: string, version: string }, problem?: string }>}
 *   `problem` says why there is no Electron, where one was wanted: a browser can stand in for it
 */
export async function setup(wanted) {
  if (missingDependency()) await step('Dependencies', installDependencies, (done) => done)
  if (!findNode())
    await step('Node with JSPI', provideNode, (path) => `${path.slice(path.indexOf('node-'))} in ${cacheFolder()}`)
  if (!wanted.electron) return {}
  const found = findElectron()
  if (found) return { electron: found }
  try {
    return { electron: await step('Electron', provideElectron, ({ version, from }) => `${version} (${from})`) }
  } catch (error) {
    if (error instanceof StepError) return { problem: error.message }
    throw error
  }
}

/**
 * Ends the process on a failure that was already told, or tells it.
 * @param {unknown} error
 */
export function bail(error) {
  if (error instanceof StepError && error.details)
    console.error(error.details.trimEnd().split('\n').slice(-60).join('\n'))
  else if (!(error instanceof StepError)) console.error(error)
  process.exit(1)
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    const { electron, problem } = await setup({ electron: true })
    console.log(
      `Ready. Node ${findNode() === process.execPath ? process.versions.node : join(findNode() ?? '')}, ${electron ? `Electron ${electron.version}` : `no Electron: ${problem}`}.`,
    )
    if (problem) process.exitCode = 1
  } catch (error) {
    bail(error)
  }
}
