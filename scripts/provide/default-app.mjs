import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * The application that a bare Electron runs: it loads the one named on its command line, as Electron's own does.
 * Electron takes a folder of this name for the archive it expects.
 */
const main = `
import { app } from 'electron'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

const preloads = []
let target
const words = process.argv.slice(1)
while (words.length && target === undefined) {
  const word = words.shift()
  if (word === '-r' || word === '--require') preloads.push(words.shift())
  else if (!word.startsWith('-')) target = resolve(word)
}
if (target === undefined || !existsSync(target)) {
  console.error(target === undefined ? 'usage: electron FOLDER' : 'no application at ' + target)
  app.exit(1)
} else {
  process.argv.splice(1, process.argv.length - 1, target, ...words)
  const require = createRequire(join(process.cwd(), 'electron.js'))
  for (const preload of preloads) if (preload) require(preload)
  const folder = statSync(target).isDirectory()
  const manifest = folder ? JSON.parse(readFileSync(join(target, 'package.json'), 'utf8')) : {}
  if (manifest.version) app.setVersion(manifest.version)
  if (manifest.productName ?? manifest.name) app.setName(manifest.productName ?? manifest.name)
  if (manifest.desktopName) app.setDesktopName(manifest.desktopName)
  if (folder) app.setAppPath(target)
  await import(pathToFileURL(folder ? join(target, manifest.main ?? 'index.js') : target).href)
}
`

/** @param {string} folder */
export async function writeDefaultApp(folder) {
  await mkdir(folder, { recursive: true })
  await writeFile(
    join(folder, 'package.json'),
    JSON.stringify({ name: 'electron', productName: 'Electron', type: 'module', main: 'main.mjs' }),
  )
  await writeFile(join(folder, 'main.mjs'), main)
}
