import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { connect } from 'node:net'
import { findElectron, missingLibraries } from './electron.mjs'
import { StepError } from './report.mjs'
import { must, run } from './run.mjs'

/** Debian's and Ubuntu's packages for a window under a virtual display, and a browser. */
const packages = [
  'xvfb',
  'xauth',
  'libgtk-3-0',
  'libnss3',
  'libasound2',
  'libgbm1',
  'libatk-bridge2.0-0',
  'libcups2',
  'libxkbcommon0',
  'libxcomposite1',
  'libxdamage1',
  'libxrandr2',
  'libdrm2',
  'fonts-dejavu-core',
]
const browserPackage = 'chromium'

/** A program in PATH, or undefined. */
export function which(...names) {
  for (const name of names) {
    for (const folder of (process.env.PATH ?? '').split(delimiter)) {
      const path = join(folder, name)
      try {
        if (statSync(path).isFile()) {
          accessSync(path, constants.X_OK)
          return path
        }
      } catch {
        // Not here.
      }
    }
  }
  return undefined
}

/** A Chromium (or a relative of it) of the system; `PATCHBAY_CHROMIUM` names another one. */
export function findBrowser() {
  const chosen = process.env.PATCHBAY_CHROMIUM
  if (chosen) return existsSync(chosen) ? chosen : undefined
  const known = {
    darwin: [
      '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
      '/Applications/Chromium.app/Contents/MacOS/Chromium',
      '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
    ],
    win32: [
      'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
      'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
    ],
  }[process.platform]
  return (
    known?.find((path) => existsSync(path)) ??
    which('chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge')
  )
}

/** Whether a window can be shown here: a display that answers on Linux, always elsewhere. */
export async function hasDisplay() {
  if (process.platform !== 'linux') return true
  if (process.env.WAYLAND_DISPLAY) return true
  const display = process.env.DISPLAY
  if (!display) return false
  const local = /^(?:unix)?:(\d+)/.exec(display)
  // A forwarded display (ssh -X) has a host; it is taken at its word.
  if (!local) return true
  const reaches = (options) =>
    new Promise((resolve) => {
      const socket = connect(options)
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
      socket.once('connect', () => socket.destroy())
    })
  return (
    (await reaches({ path: `/tmp/.X11-unix/X${local[1]}` })) ||
    (await reaches({ path: `\0/tmp/.X11-unix/X${local[1]}` }))
  )
}

/** What the tests still need of the system: `missing` in words, and the packages to install. */
export async function missingForTests() {
  const missing = []
  const wanted = new Set()
  if (process.platform === 'linux') {
    if (!which('Xvfb') && !(await hasDisplay())) {
      missing.push('Xvfb')
      wanted.add('xvfb').add('xauth').add('fonts-dejavu-core')
    }
    const electron = findElectron()
    const libraries = electron ? await missingLibraries(electron.executable) : []
    if (libraries.length) {
      missing.push(
        `${libraries.length} libraries of Electron (${libraries.slice(0, 3).join(', ')}${libraries.length > 3 ? ' …' : ''})`,
      )
      for (const name of packages) wanted.add(name)
    }
  }
  if (!findBrowser()) {
    missing.push('a Chromium')
    wanted.add(browserPackage)
  }
  return { missing, packages: [...wanted] }
}

/** Whether packages can be installed without asking anybody: root on a system with apt. */
export function canInstall() {
  return process.platform === 'linux' && process.getuid?.() === 0 && which('apt-get') !== undefined
}

/**
 * Installs system packages.
 * @param {readonly string[]} names
 * @param {(text: string) => void} say
 */
export async function installPackages(names, say) {
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  say('apt-get update')
  // An index that is a little old is no reason to stop; the installation tells.
  await run('apt-get', ['update', '-q'], { env })
  const actual = []
  for (const name of names) actual.push(await nameHere(name))
  say(`apt-get install ${actual.join(' ')}`)
  await must(
    'apt-get could not install what the tests need',
    'apt-get',
    ['install', '-y', '-q', '--no-install-recommends', ...actual],
    { env, onLine: (line) => say(line.slice(0, 60)) },
  )
}

/** Newer releases call some libraries by another name (the change to 64-bit time). */
async function nameHere(name) {
  const renamed = `${name}t64`
  return (await run('apt-cache', ['show', '--no-all-versions', renamed])).code === 0 ? renamed : name
}

/** What to type where we may not. */
export function installCommand(names) {
  if (process.platform === 'darwin') return 'brew install --cask chromium'
  if (process.platform === 'win32') return 'winget install Google.Chrome'
  return which('apt-get')
    ? `sudo apt-get install ${names.join(' ')}`
    : `install ${names.join(', ')} with your package manager`
}

/** @param {{ missing: string[], packages: string[] }} lack */
export function assertNothingMissing(lack) {
  if (lack.missing.length)
    throw new StepError(`missing: ${lack.missing.join(', ')}. Type: ${installCommand(lack.packages)}`)
}
