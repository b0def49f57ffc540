import { spawn } from 'node:child_process'

export interface CommandResult {
  /** Exit code; -1 when the program could not be started or was killed. */
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface CommandOptions {
  readonly cwd?: string
  readonly signal?: AbortSignal
  /** Milliseconds; the program is killed afterwards. */
  readonly timeout?: number
  /** Called with every piece of text as it comes. */
  readonly onText?: (stream: 'stdout' | 'stderr', text: string) => void
}

const kept = 1024 * 1024

/** Runs a program without a shell and gathers what it says, at most a megabyte of each stream. Never rejects. */
export function runCommand(
  program: string,
  argumentList: readonly string[],
  { cwd, signal, timeout, onText }: CommandOptions = {},
): Promise<CommandResult> {
  return new Promise((resolve) => {
    const said = { stdout: '', stderr: '' }
    const child = spawn(program, [...argumentList], {
      cwd,
      signal,
      timeout,
      killSignal: 'SIGKILL',
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
    })
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].setEncoding('utf8')
      child[stream].on('data', (text: string) => {
        if (said[stream].length < kept) said[stream] += text
        onText?.(stream, text)
      })
    }
    child.on('error', (error) => resolve({ code: -1, stdout: said.stdout, stderr: said.stderr || error.message }))
    child.on('close', (code) => resolve({ code: code ?? -1, ...said }))
  })
}
