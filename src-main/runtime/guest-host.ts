/** Starts the guest process and keeps it running: a utility process in Electron, else a child of this Node. */
import { fork } from 'node:child_process'
import { fail, type Problem } from '../../src-engine/error.ts'
import { entryPath } from '../entries.ts'
import type { Artifact, ControlReply, ControlRequest, WorkerSetup } from './control.ts'

/** A running guest process, whichever kind. */
interface GuestProcess {
  readonly pid: number | undefined
  send(message: ControlRequest): void
  end(): void
}

interface ProcessEvents {
  message(reply: ControlReply): void
  /** What the process itself printed: V8's last words, mostly. */
  printed(text: string): void
  ended(why: string): void
}

export interface GuestHostEvents {
  /** The process is gone; everything that ran in it is lost. It is started again with the next {@link GuestHost.load}. */
  readonly onDied: (why: string) => void
  readonly onWorkerEnded: (worker: number, problem: Problem | undefined) => void
  readonly onPrinted: (text: string) => void
  /** Answer to {@link GuestHost.ask}. */
  readonly onBegun?: (worker: number, stream: number) => void
}

interface Loading {
  readonly promise: Promise<void>
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

const startTime = 20_000

/** Flag under which older engines have WebAssembly's promise integration; newer ones have it anyway. */
const jspiFlag = '--experimental-wasm-jspi'

export class GuestHost {
  readonly #events: GuestHostEvents
  readonly #loading = new Map<string, Loading>()
  #process: Promise<GuestProcess> | undefined
  #running: GuestProcess | undefined
  /** Compiled code by key, with how many use it. */
  #loaded = new Map<string, number>()
  #closed = false

  constructor(events: GuestHostEvents) {
    this.#events = events
  }

  /** Process id, for people who look with their own tools. */
  get pid(): number | undefined {
    return this.#running?.pid
  }

  /** Starts the process ahead of its first use; when that fails, the use tells why. */
  warm(): void {
    this.#start().catch(() => {})
  }

  /** Starts the process when needed and compiles the component in it. Throws `runtime.compile`. */
  async load(artifact: Artifact, memory: number): Promise<string> {
    const running = await this.#start()
    const key = `${artifact.key}:${memory}`
    const users = this.#loaded.get(key)
    if (users !== undefined) {
      this.#loaded.set(key, users + 1)
      return key
    }
    let loading = this.#loading.get(key)
    if (!loading) {
      loading = deferred()
      this.#loading.set(key, loading)
      running.send({ type: 'load', artifact: { ...artifact, key }, memory })
      await loading.promise
    } else {
      await loading.promise
      this.#loaded.set(key, (this.#loaded.get(key) ?? 0) + 1)
    }
    return key
  }

  unload(key: string): void {
    const users = this.#loaded.get(key) ?? 0
    if (users > 1) this.#loaded.set(key, users - 1)
    else if (this.#loaded.delete(key)) this.#running?.send({ type: 'unload', artifact: key })
  }

  spawn(setup: WorkerSetup): void {
    if (this.#running) this.#running.send({ type: 'spawn', setup })
    else
      this.#events.onWorkerEnded(setup.worker, fail('runtime.guest-died', 'The guest process is not running').problem)
  }

  kill(worker: number): void {
    this.#running?.send({ type: 'kill', worker })
  }

  /** Asks how far a silent worker got; the answer comes although the worker itself cannot speak. */
  ask(worker: number): void {
    this.#running?.send({ type: 'ask', worker })
  }

  /** Ends the process and waits for nothing in it. */
  close(): void {
    this.#closed = true
    this.#running?.end()
  }

  #start(): Promise<GuestProcess> {
    if (this.#closed) return Promise.reject(fail('internal.runtime', 'The runtime was closed'))
    this.#process ??= this.#launch().catch((thrown: unknown) => {
      this.#process = undefined
      throw thrown
    })
    return this.#process
  }

  async #launch(): Promise<GuestProcess> {
    let launched: GuestProcess | undefined
    let alive: () => void = () => {}
    let refuse: (error: Error) => void = () => {}
    const ready = new Promise<void>((resolve, reject) => {
      alive = resolve
      refuse = reject
    })
    const events: ProcessEvents = {
      message: (reply) => {
        if (reply.type === 'alive') alive()
        else this.#hear(reply)
      },
      printed: (text) => this.#events.onPrinted(text),
      ended: (why) => {
        refuse(fail('runtime.guest-start', `The guest process did not start: ${why}`))
        if (launched === this.#running) this.#forgetProcess(why)
      },
    }
    const started = process.type === 'browser' ? await launchUtility(events) : launchChild(events)
    launched = started
    const timer = setTimeout(() => {
      refuse(fail('runtime.guest-start', `The guest process did not answer within ${startTime / 1000} s`))
      started.end()
    }, startTime)
    try {
      await ready
    } finally {
      clearTimeout(timer)
    }
    this.#running = started
    return started
  }

  #hear(reply: ControlReply): void {
    switch (reply.type) {
      case 'loaded':
        this.#loaded.set(reply.artifact, (this.#loaded.get(reply.artifact) ?? 0) + 1)
        this.#loading.get(reply.artifact)?.resolve()
        this.#loading.delete(reply.artifact)
        return
      case 'refused':
        this.#loading.get(reply.artifact)?.reject(fail(reply.problem.code, reply.problem.message, reply.problem))
        this.#loading.delete(reply.artifact)
        return
      case 'begun':
        return this.#events.onBegun?.(reply.worker, reply.stream)
      case 'ended':
        return this.#events.onWorkerEnded(reply.worker, reply.problem)
    }
  }

  #forgetProcess(why: string): void {
    this.#process = undefined
    this.#running = undefined
    this.#loaded = new Map()
    for (const { reject } of this.#loading.values())
      reject(fail('runtime.guest-died', `The guest process ended while it compiled: ${why}`))
    this.#loading.clear()
    if (!this.#closed) this.#events.onDied(why)
  }
}

function deferred(): Loading {
  let resolve: () => void = () => {}
  let reject: (error: Error) => void = () => {}
  const promise = new Promise<void>((accept, refuse) => {
    resolve = accept
    reject = refuse
  })
  return { promise, resolve, reject }
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
    execArgv: 'Suspending' in WebAssembly ? [] : [jspiFlag],
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
    execArgv: [`--js-flags=${jspiFlag}`],
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
