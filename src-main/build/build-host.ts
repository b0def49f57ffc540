/** Starts the build process where we are: in Electron's utility process, else as a child of Node. */
import { fork } from 'node:child_process'
import type { Readable } from 'node:stream'
import { entryPath } from '../entries.ts'
import type { BuildJob, BuildReply } from './messages.ts'

export interface BuildHost {
  send(job: BuildJob): void
  kill(): void
  /** Set by whoever uses the process; one job at a time. */
  onReply: ((reply: BuildReply) => void) | undefined
  /** What ended it, where it did not end by {@link kill}. */
  onExit: ((why: string) => void) | undefined
  readonly alive: boolean
  /** Lets the workbench end although this process still waits for work. */
  rest(): void
  wake(): void
}

export async function startBuildHost(): Promise<BuildHost> {
  return process.versions.electron && process.type === 'browser' ? startUtility() : startChild()
}

function readLines(stream: Readable | null, name: 'stdout' | 'stderr', host: BuildHost): void {
  stream?.setEncoding('utf8')
  stream?.on('data', (text: string) => host.onReply?.({ kind: 'log', stream: name, text }))
}

function startChild(): BuildHost {
  const child = fork(entryPath('build-process'), [], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    serialization: 'advanced',
    // Not the flags of a test runner or debugger.
    execArgv: [],
  })
  let alive = true
  const host: BuildHost = {
    onReply: undefined,
    onExit: undefined,
    get alive() {
      return alive
    },
    send: (job) => child.send(job),
    kill() {
      alive = false
      host.onExit = undefined
      child.kill('SIGKILL')
    },
    rest() {
      child.unref()
      child.channel?.unref()
      for (const stream of [child.stdout, child.stderr])
        if (stream && 'unref' in stream && typeof stream.unref === 'function') stream.unref()
    },
    wake() {
      child.ref()
      child.channel?.ref()
    },
  }
  readLines(child.stdout, 'stdout', host)
  readLines(child.stderr, 'stderr', host)
  child.on('message', (reply: BuildReply) => host.onReply?.(reply))
  child.on('error', (error) => ended(error.message))
  child.on('exit', (code, signal) =>
    ended(signal === null ? `it ended with code ${code}` : `it was ended by ${signal}`),
  )
  function ended(why: string): void {
    if (!alive) return
    alive = false
    host.onExit?.(why)
  }
  return host
}

async function startUtility(): Promise<BuildHost> {
  const { utilityProcess } = await import('electron')
  const child = utilityProcess.fork(entryPath('build-process'), [], { stdio: 'pipe', serviceName: 'Patchbay build' })
  let alive = true
  const host: BuildHost = {
    onReply: undefined,
    onExit: undefined,
    get alive() {
      return alive
    },
    send: (job) => child.postMessage(job),
    kill() {
      alive = false
      host.onExit = undefined
      child.kill()
    },
    rest() {},
    wake() {},
  }
  child.on('message', (reply: BuildReply) => host.onReply?.(reply))
  child.on('exit', (code) => {
    if (!alive) return
    alive = false
    host.onExit?.(`it ended with code ${code}`)
  })
  child.on('spawn', () => {
    for (const name of ['stdout', 'stderr'] as const) {
      child[name]?.on('data', (data: Buffer) => host.onReply?.({ kind: 'log', stream: name, text: data.toString() }))
    }
  })
  return host
}
