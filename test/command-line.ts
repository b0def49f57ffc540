import { spawn } from 'node:child_process'
import { join } from 'node:path'

const built = process.env.PATCHBAY_ENTRIES

/** What runs as `patchbay`: the one built for this run of the tests, or the source. */
export const commandLine: string = built ? join(built, 'cli.js') : join(import.meta.dirname, '..', 'src-main', 'cli.ts')

export interface CommandAnswer {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs `patchbay` in a folder, as a shell would. */
export function runPatchbay(cwd: string, ...args: string[]): Promise<CommandAnswer> {
  const child = spawn(process.execPath, [commandLine, ...args], { cwd, stdio: ['ignore', 'pipe', 'pipe'] })
  const said = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said.stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said.stderr += text))
  return new Promise((resolve, reject) => child.on('error', reject).on('close', (code) => resolve({ code, ...said })))
}
