import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fail } from '../../src-engine/error.ts'
import { applicationRoot } from '../entries.ts'
import { serveUntilStopped } from './serve.ts'
import type { Verb } from './verb.ts'

export const open: Verb = {
  name: 'open',
  usage: '[PATH] [--browser]',
  examples: ['patchbay open', 'patchbay open my-project'],
  options: {
    browser: { type: 'boolean', description: 'in the browser, also where there is a window' },
    port: { type: 'string', value: 'N', description: 'port of the browser mode; default any free one' },
  },
  positionals: { max: 1 },
  details: ['PATH is a project, a folder with components, or a .wasm file; default is what was open last.'],
  async run(context) {
    const { arguments: given, output, cwd } = context
    const [path] = given.positionals
    const target = path === undefined ? undefined : resolve(cwd, path)
    if (target !== undefined && !existsSync(target)) {
      throw fail('input.not-found', `There is nothing at ${path}.`, {
        where: { file: target },
        hint: 'Name a project, a folder or a .wasm file.',
      })
    }
    const executable = findElectron()
    const reason = given.flag('browser') ? undefined : whyNoWindow(executable)
    if (executable !== undefined && reason === undefined && !given.flag('browser')) {
      const ended = await startWindow(executable, target)
      if (ended === undefined || ended === 0) {
        output.object({ window: true })
        return 0
      }
      output.note(
        `The window could not open (Electron ended with ${ended}): serving the workbench to your browser instead.`,
      )
    } else if (reason !== undefined) {
      output.note(`${reason}: serving the workbench to your browser instead.`)
    }
    return serveUntilStopped(context, true)
  },
}

/** The Electron that setup put into the checkout. */
function findElectron(): string | undefined {
  try {
    const home = join(applicationRoot, 'node_modules', 'electron')
    const executable = join(home, 'dist', readFileSync(join(home, 'path.txt'), 'utf8'))
    return existsSync(executable) ? executable : undefined
  } catch {
    return undefined
  }
}

function whyNoWindow(executable: string | undefined): string | undefined {
  if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY)
    return 'There is no display here'
  return executable === undefined ? 'There is no Electron here (npm run setup brings it)' : undefined
}

/** Milliseconds in which a window that cannot open has ended. */
const early = 2000

/** Starts the window for itself, as `code .` does; answers how it ended when it ended at once (0: another window took over). */
function startWindow(executable: string, target: string | undefined): Promise<number | string | undefined> {
  const sandbox = process.platform === 'linux' && process.getuid?.() === 0 ? ['--no-sandbox'] : []
  const { ELECTRON_RUN_AS_NODE: _plainNode, ...env } = process.env
  return new Promise((resolveEnd) => {
    const child = spawn(executable, [...sandbox, applicationRoot, ...(target === undefined ? [] : [target])], {
      detached: true,
      stdio: 'ignore',
      env,
    })
    const timer = setTimeout(() => {
      child.unref()
      resolveEnd(undefined)
    }, early)
    child.once('error', (error) => {
      clearTimeout(timer)
      resolveEnd(error.message)
    })
    child.once('exit', (code, signal) => {
      clearTimeout(timer)
      resolveEnd(code ?? signal ?? undefined)
    })
  })
}
