import { spawn } from 'node:child_process'
import { StepError } from './report.mjs'
import { root } from './places.mjs'

// Some tools colour whatever they are told.
// oxlint-disable-next-line no-control-regex
const colours = /\u001b\[[\d;]*m/g

/**
 * Runs a command to its end with its output kept.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ env?: Record<string, string | undefined>, cwd?: string, onLine?: (line: string) => void }} [options]
 * @returns {Promise<{ code: number, output: string }>} 127 when the command does not exist
 */
export function run(command, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: options.cwd ?? root,
      env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    const take = (chunk) => {
      const text = chunk.replace(colours, '')
      output += text
      if (options.onLine) for (const line of text.split('\n')) if (line.trim()) options.onLine(line.trim())
    }
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8')
      stream.on('data', take)
    }
    const forward = (signal) => child.kill(signal)
    process.once('SIGINT', forward)
    process.once('SIGTERM', forward)
    const done = (code) => {
      process.off('SIGINT', forward)
      process.off('SIGTERM', forward)
      resolve({ code, output })
    }
    child.once('error', (error) => {
      output += String(error.message)
      done(127)
    })
    child.once('close', (code, signal) => done(code ?? (signal ? 1 : 0)))
  })
}

/** As {@link run}, but a failure is a {@link StepError} with the output beneath. */
export async function must(message, command, args, options) {
  const result = await run(command, args, options)
  if (result.code !== 0) throw new StepError(message, result.output)
  return result.output
}

/** npm itself: the one that runs us, else the one in PATH. */
export function npm(args, options) {
  const script = process.env.npm_execpath
  if (script && /npm-cli\.[cm]?js$/.test(script)) return run(process.execPath, [script, ...args], options)
  // A .cmd file needs a shell; the arguments are ours, never the user's.
  if (process.platform === 'win32')
    return run(process.env.ComSpec ?? 'cmd.exe', ['/d', '/s', '/c', 'npm', ...args], options)
  return run('npm', args, options)
}
