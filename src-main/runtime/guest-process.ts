/**
 * The process that guests live in. It compiles their code, starts a worker for each handler and ends workers that no
 * longer answer; requests go straight from the workbench to the workers.
 */
import { readFileSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { Worker } from 'node:worker_threads'
import { fail, problemOf, type Problem } from '../../src-engine/error.ts'
import { entryPath } from '../entries.ts'
import {
  startTime,
  type Artifact,
  type ControlReply,
  type ControlRequest,
  type Purpose,
  type WorkerSetup,
} from './control.ts'
import type { LoadedCode, WorkerInput, WorkerOrder } from './guest-worker.ts'
import { readPlan } from './plan-file.ts'
import { withLimit } from './memory-limit.ts'
import { Standby } from './standby.ts'
import { WorkerBoard } from './worker-board.ts'

/** Electron's utility process and Node's child process speak to their parents in different ways. */
interface ParentLine {
  send(reply: ControlReply): void
  listen(onMessage: (message: ControlRequest) => void, onEnd: () => void): void
}

const artifacts = new Map<string, LoadedCode>()
interface RunningWorker {
  readonly thread: Worker
  /** It writes here even when it cannot speak. */
  readonly board: WorkerBoard
  /** What the last look at its board found. */
  seen: { readonly cleared: number; readonly used: number }
}

const workers = new Map<number, RunningWorker>()
/** Output that does not move for so long is that of a guest which does not come back. Milliseconds. */
const lookTime = 100
let looking: NodeJS.Timeout | undefined
/** Started before there is anything to do: the first handler does not wait for it. */
let waiting: Worker | undefined
let standby: Standby | undefined
const parent = parentLine()

parent.listen(
  (message) => {
    switch (message.type) {
      case 'load':
        return void load(message.artifact, message.memory)
      case 'unload':
        return unload(message.artifact)
      case 'spawn':
        return spawn(message.setup)
      case 'stand-by':
        return standBy(message.purpose)
      case 'kill':
        return void workers.get(message.worker)?.thread.terminate()
      case 'ask': {
        const running = workers.get(message.worker)
        if (!running) return
        tellOutput(message.worker, running)
        return parent.send({
          type: 'begun',
          worker: message.worker,
          stream: running.board.begun,
          working: running.board.working,
        })
      }
    }
  },
  // Without the workbench there is nobody to work for.
  () => process.exit(0),
)
parent.send({ type: 'alive' })
waiting = startThread()

async function load(artifact: Artifact, memory: number): Promise<void> {
  try {
    let bytes = 0
    const compiled = await Promise.all(
      Object.entries(artifact.modules).map(async ([name, { path, sha256 }]) => {
        const module = readModule(path)
        bytes += module.length
        return [name, await compile(module, { sha256, memory, checked: artifact.checked })] as const
      }),
    )
    const modules = Object.fromEntries(compiled)
    artifacts.set(
      artifact.key,
      artifact.road === 'jco'
        ? { road: 'jco', script: artifact.script, modules }
        : {
            road: 'direct',
            plan: await readPlan(artifact.plan),
            restorable: artifact.restorable,
            modules: Object.values(modules),
          },
    )
    parent.send({ type: 'loaded', artifact: artifact.key, bytes })
  } catch (thrown) {
    const problem = thrown instanceof WebAssembly.CompileError ? compileProblem(thrown) : problemOf(thrown)
    parent.send({ type: 'refused', artifact: artifact.key, problem })
  }
}

/** At once: in small pieces, as it would come otherwise, a large file takes three times as long. */
function readModule(path: string): Uint8Array<ArrayBuffer> {
  try {
    return readFileSync(path)
  } catch (thrown) {
    throw damaged(path, thrown instanceof Error ? thrown.message : String(thrown))
  }
}

/**
 * Compares the digest while other threads compile. Throws `runtime.damaged` when these are not the bytes that were made, and
 * a `CompileError` when they are not valid.
 */
async function compile(
  bytes: Uint8Array<ArrayBuffer>,
  { sha256, memory, checked }: { readonly sha256: string; readonly memory: number; readonly checked: boolean },
): Promise<WebAssembly.Module> {
  const compiling = (async () => withLimit(bytes, memory, (limited) => WebAssembly.compile(limited)))()
  // What damaged bytes compile to, or how they fail to, is nobody's business.
  compiling.catch(() => {})
  // Not loaded before it is needed: it would hold up the start.
  const { createHash } = process.getBuiltinModule('node:crypto')
  if (createHash('sha256').update(bytes).digest('hex') !== sha256) throw damaged('a core module', 'it was changed')
  const compiled = await compiling
  if (!checked && !WebAssembly.validate(bytes)) throw whyInvalid(bytes)
  return compiled
}

/** What the engine says of a module when it validates all of it. */
function whyInvalid(bytes: Uint8Array): Error {
  setFlagsFromString('--no-wasm-lazy-validation')
  try {
    // The engine knows what it compiled before by its bytes: with an empty section behind them it looks again.
    new WebAssembly.Module(Buffer.concat([bytes, Uint8Array.of(0, 1, 0)]))
    return new WebAssembly.CompileError('it is not valid')
  } catch (thrown) {
    return thrown instanceof Error ? thrown : new WebAssembly.CompileError(String(thrown))
  } finally {
    setFlagsFromString('--wasm-lazy-validation')
  }
}

const damaged = (what: string, why: string): Error =>
  fail('runtime.damaged', `The cache is damaged: ${what} cannot be used (${why})`, {
    hint: 'Empty it with: patchbay cache clear',
  })

/** Finds output that is stuck behind a guest, and tells it once. */
function look(): void {
  for (const [number, running] of workers) {
    const { cleared, used } = running.board
    if (used > running.seen.used && cleared === running.seen.cleared) tellOutput(number, running)
    else if (cleared !== running.seen.cleared) running.seen = { cleared, used: 0 }
  }
}

/** The worker sends the same once it can: who hears both knows by their numbers. */
function tellOutput(worker: number, running: RunningWorker): void {
  const { cleared, used } = running.board
  if (used > 0) parent.send({ type: 'output', worker, frames: running.board.read() })
  running.seen = { cleared, used }
}

const compileProblem = (error: Error): Problem =>
  fail('runtime.compile', `A core module does not compile: ${error.message.replace(/^WebAssembly\.\w+\(\): /, '')}`, {
    hint: 'The file is damaged or uses an instruction this engine does not have; build it again',
  }).problem

const startProblem = (handler: string, time: number): Problem =>
  fail('runtime.start', `${handler} did not start within ${time / 1000} s: it computes on and on`, {
    hint: 'Look at what it does when it is instantiated, before the first request',
  }).problem

function spawn(setup: WorkerSetup): void {
  const loaded = artifacts.get(setup.artifact)
  if (!loaded) {
    const problem = fail('internal.runtime', `The code of ${setup.handler} is not loaded`).problem
    return parent.send({ type: 'ended', worker: setup.worker, problem })
  }
  const board = new WorkerBoard()
  const { worker: _, address: __, token: ___, startTime: limit = startTime, ...purpose } = setup
  const ready = standby?.take(purpose, loaded)
  if (ready) standby = undefined
  const thread = ready ?? nextThread()
  let problem: Problem | undefined
  workers.set(setup.worker, { thread, board, seen: { cleared: 0, used: 0 } })
  looking ??= setInterval(look, lookTime)
  thread.removeAllListeners()
  thread.on('error', (error) => {
    problem = problemOf(error)
  })
  const timer = setTimeout(() => {
    problem = startProblem(setup.handler, limit)
    void thread.terminate()
  }, limit)
  thread.on('message', (message: Problem | 'serving') => {
    if (message === 'serving') clearTimeout(timer)
    else problem = message
  })
  thread.on('exit', () => {
    clearTimeout(timer)
    workers.delete(setup.worker)
    if (workers.size === 0) looking = void clearInterval(looking)
    parent.send({ type: 'ended', worker: setup.worker, ...(problem ? { problem } : {}) })
  })
  const order: WorkerOrder = { setup, board: board.shared }
  thread.postMessage(ready ? order : ({ purpose, code: loaded, order } satisfies WorkerInput))
}

function standBy(purpose: Purpose): void {
  const code = artifacts.get(purpose.artifact)
  const settled = (): void => parent.send({ type: 'standing-by' })
  if (!code || standby?.isFor(purpose, code)) return settled()
  standby?.drop()
  standby = new Standby(purpose, code, nextThread(), settled)
}

function unload(artifact: string): void {
  if (standby?.uses(artifacts.get(artifact))) {
    standby.drop()
    standby = undefined
  }
  artifacts.delete(artifact)
}

function nextThread(): Worker {
  const thread = waiting ?? startThread()
  waiting = undefined
  return thread
}

/** A worker that waits for its input. */
function startThread(): Worker {
  const thread = new Worker(entryPath('guest-worker'), {
    name: 'guest',
    env: {},
    // Much of what a request makes is gone when it ends: a small nursery keeps the process small. With a bound for what
    // lives longer (bodies and the memory of guests do not count), the engine tidies up before it takes more.
    resourceLimits: { maxYoungGenerationSizeMb: 16, maxOldGenerationSizeMb: 512 },
  })
  const lose = (): void => {
    if (waiting === thread) waiting = undefined
  }
  // One that does not come up is told of when it is needed: another is started then.
  thread.on('error', lose)
  thread.on('exit', lose)
  return thread
}

function parentLine(): ParentLine {
  // Only Electron's utility process has a parent port.
  const port: Electron.ParentPort | undefined = process.parentPort
  if (port) {
    return {
      send: (reply) => port.postMessage(reply),
      // When the parent goes, Electron ends this process too.
      listen: (onMessage) => void port.on('message', (event) => onMessage(event.data)),
    }
  }
  return {
    send: (reply) => void process.send?.(reply),
    listen(onMessage, onEnd) {
      process.on('message', onMessage)
      process.on('disconnect', onEnd)
    },
  }
}
