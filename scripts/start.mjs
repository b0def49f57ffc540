/**
 * `npm start [-- [--browser] [PATH]]`: brings what is missing, builds when stale, opens the workbench: in its own window, or in
 * the browser where there is no Electron or no display.
 */
import { spawn } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { bail, setup } from './setup.mjs'
import { build, isStale } from './provide/build.mjs'
import { hasDisplay } from './provide/display.mjs'
import { missingLibraries } from './provide/electron.mjs'
import { findNode } from './provide/node.mjs'
import { root } from './provide/places.mjs'
import { note, step } from './provide/report.mjs'

/** Milliseconds within which a window that cannot open gives up. */
const early = 15_000

const args = process.argv.slice(2)
const forced = args.includes('--browser')
// npm runs us in the checkout; paths are meant from where the person stands.
const own = args
  .filter((word) => word !== '--browser')
  .map((word) => {
    const path = resolve(process.env.INIT_CWD ?? process.cwd(), word)
    return !word.startsWith('-') && existsSync(path) ? path : word
  })

const screen = await hasDisplay()

try {
  const { electron, problem } = await setup({ electron: screen && !forced })
  if (isStale()) await step('Build', build, () => 'out')
  const libraries = electron ? await missingLibraries(electron.executable) : []
  if (forced) serve()
  else if (!screen) serve('There is no display here')
  else if (!electron) serve(`There is no Electron here (${problem})`)
  else if (libraries.length) serve(`Electron lacks libraries of the system here (${libraries.join(', ')})`)
  else openWindow(electron)
} catch (error) {
  bail(error)
}

function openWindow(electron) {
  note('Patchbay', `opening the window (Electron ${electron.version})`)
  const started = Date.now()
  const sandbox = sandboxArguments(electron.executable)
  // Chromium's own log is about buses and graphics; what is ours goes to the terminal all the same.
  const child = hand(electron.executable, [...sandbox, '--log-level=3', root, ...own])
  child.once('exit', (code, signal) => {
    const soon = Date.now() - started < early
    const crashed = code || ['SIGTRAP', 'SIGABRT', 'SIGSEGV', 'SIGILL', 'SIGBUS'].includes(signal)
    if (crashed && soon) return serve(`The window could not open (Electron ended with ${code ?? signal})`)
    if (code === 0 && Date.now() - started < 2000) note('Patchbay', 'shown in the window that was open already')
    process.exitCode = code ?? (signal ? 1 : 0)
  })
}

/** Chromium's sandbox does not start for root, and for others only where the system lets it make namespaces or its helper is setuid. */
function sandboxArguments(executable) {
  if (process.platform !== 'linux') return []
  if (process.getuid?.() === 0) return ['--no-sandbox']
  const helper = join(dirname(executable), 'chrome-sandbox')
  const found = statSync(helper, { throwIfNoEntry: false })
  if (found?.uid === 0 && found.mode & 0o4000) return []
  const forbidden = [
    ['/proc/sys/kernel/unprivileged_userns_clone', '0'],
    ['/proc/sys/kernel/apparmor_restrict_unprivileged_userns', '1'],
  ]
  if (!forbidden.some(([path, value]) => existsSync(path) && readFileSync(path, 'utf8').trim() === value)) return []
  note('Sandbox', `not permitted by this system. To have it: sudo chown root ${helper} && sudo chmod 4755 ${helper}`)
  return ['--no-sandbox']
}

function serve(reason) {
  if (reason) note('Patchbay', `${reason}: serving the workbench to your browser instead.`)
  const child = hand(findNode() ?? process.execPath, [
    resolve(root, 'out', 'main', 'cli.js'),
    'serve',
    ...(screen ? ['--open'] : []),
    ...own,
  ])
  child.once('exit', (code, signal) => {
    process.exitCode = code ?? (signal ? 1 : 0)
  })
}

/** Starts the workbench on this terminal; signals reach it, we end when it has ended, and it ends when the npm that runs us has. */
function hand(command, words) {
  const env = { ...process.env }
  // Set by some editors' terminals; it would make Electron a plain Node.
  delete env.ELECTRON_RUN_AS_NODE
  const child = spawn(command, words, { stdio: 'inherit', env })
  child.once('error', (error) => {
    console.error(`${command}: ${error.message}`)
    process.exitCode = 1
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.removeAllListeners(signal)
    process.on(signal, () => {
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
    })
  }
  // npm hands SIGTERM to a shell that keeps it to itself: then we are left with another parent.
  const parent = process.ppid
  setInterval(() => {
    if (process.ppid !== parent) child.kill()
  }, 500).unref()
  return child
}
