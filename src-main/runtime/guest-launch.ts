/** Starts one process for guests: a utility process in Electron, else a child of this Node. */
import { fork } from 'node:child_process'
import { entryPath } from '../entries.ts'
import type { ControlReply, ControlRequest } from './control.ts'

/** A running guest process, whichever kind. */
export interface GuestProcess {
  readonly pid: number | undefined
  send(message: ControlRequest): void
  end(): void
}

export interface ProcessEvents {
  message(reply: ControlReply): void
  /** What the process itself printed: V8's last words, mostly. */
  printed(text: string): void
  ended(why: string): void
}

/**
 * Functions are validated when they are compiled, not all at once: what the engine found valid before is not looked through
 * again at each start. The guest process validates what it sees for the first time (`compile` there).
 */
const lazyFlag = '--wasm-lazy-validation'
/** Flag under which older engines have WebAssembly's promise integration; newer ones have it anyway. */
const jspiFlag = '--experimental-wasm-jspi'

/** A process that was launched before anybody could hear it. */
interface Ahead {
  /** Tells everything that it said, and from then on at once. */
  take(events: ProcessEvents): GuestProcess
}

let ahead: Ahead | undefined

/** It is under way when this returns; `alive` is its first message. */
export async function launchGuests(events: ProcessEvents): Promise<GuestProcess> {
  const waiting = ahead
  ahead = undefined
  if (waiting) return waiting.take(events)
  return process.type === 'browser' ? launchUtility(events) : launchChild(events)
}

/** Starts a child of this Node for whoever asks next. `end` ends it when nobody did. */
export function launchAhead(): { end(): void } {
  let taker: ProcessEvents | undefined
  const kept: ((events: ProcessEvents) => void)[] = []
  const pass = (tell: (events: ProcessEvents) => void): void => {
    if (taker) tell(taker)
    else kept.push(tell)
  }
  const launched = launchChild({
    message: (reply) => pass((events) => events.message(reply)),
    printed: (text) => pass((events) => events.printed(text)),
    ended: (why) => pass((events) => events.ended(why)),
  })
  const mine: Ahead = {
    take(events) {
      taker = events
      for (const tell of kept.splice(0)) tell(events)
      return launched
    },
  }
  ahead = mine
  return {
    end() {
      if (ahead !== mine) return
      ahead = undefined
      launched.end()
    },
  }
}

/** Nothing of the workbench's own environment reaches guests; only what the system needs to start a process. */
function guestEnvironment(): Record<string, string> {
  const needed = ['ELECTRON_RUN_AS_NODE', 'SystemRoot', 'TEMP', 'TMP', 'TMPDIR']
  const environment: Record<string, string> = {}
  for (const name of needed) {
    const value = process.env[name]
    if (value !== undefined) environment[name] = value
  }
  return environment
}

function launchChild(events: ProcessEvents): GuestProcess {
  const child = fork(entryPath('guest-process'), [], {
    execArgv: 'Suspending' in WebAssembly ? [lazyFlag] : [lazyFlag, jspiFlag],
    env: guestEnvironment(),
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  child.on('message', (message) => events.message(message as ControlReply))
  child.stdout?.on('data', (chunk: Buffer) => events.printed(chunk.toString()))
  child.stderr?.on('data', (chunk: Buffer) => events.printed(chunk.toString()))
  child.on('error', (error) => {
    // One that ran tells by its exit how it ended; before that, a message to it may fail.
    if (child.pid === undefined) events.ended(error.message)
  })
  child.on('exit', (code, signal) => events.ended(signal ? `killed by ${signal}` : `exit code ${code}`))
  return {
    get pid() {
      return child.pid
    },
    send: (message) => {
      if (child.connected) child.send(message)
    },
    end: () => void child.kill('SIGKILL'),
  }
}

async function launchUtility(events: ProcessEvents): Promise<GuestProcess> {
  const { utilityProcess } = await import('electron')
  const child = utilityProcess.fork(entryPath('guest-process'), [], {
    // A bare engine flag is not understood here; V8's flags go in as one.
    execArgv: [`--js-flags=${jspiFlag} ${lazyFlag}`],
    env: guestEnvironment(),
    stdio: 'pipe',
    serviceName: 'Patchbay guests',
  })
  child.on('message', (message: ControlReply) => events.message(message))
  child.stdout?.on('data', (chunk: Buffer) => events.printed(chunk.toString()))
  child.stderr?.on('data', (chunk: Buffer) => events.printed(chunk.toString()))
  child.on('exit', (code) => events.ended(`exit code ${code}`))
  return {
    get pid() {
      return child.pid
    },
    send: (message) => child.postMessage(message),
    end: () => void child.kill(),
  }
}
