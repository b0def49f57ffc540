/** The thread of one handler: takes requests off the line, gives each an instance, and sends back what it answers. */
import { connect, type Socket } from 'node:net'
import { parentPort } from 'node:worker_threads'
import { problemOf } from '../../src-engine/error.ts'
import { BootOutput } from './boot-output.ts'
import type { Purpose, WorkerSetup } from './control.ts'
import { runCommand } from './guest-command.ts'
import { FrameReader, FrameWriter, kinds, parseFrame } from './frames.ts'
import type { BodyTail, CommandHead, Hello } from './frames.ts'
import { GuestRequests } from './guest-requests.ts'
import { loadDirect } from './direct/maker.ts'
import type { Plan } from './direct/plan.ts'
import type { InstanceMaker } from './instance.ts'
import { InstancePool } from './instance-pool.ts'
import { loadReference } from './reference.ts'
import { judge } from './verdict.ts'
import { WorkerBoard } from './worker-board.ts'
import { fail, type Problem } from '../../src-engine/error.ts'

/** A component's code, compiled. */
export type LoadedCode =
  | { readonly road: 'jco'; readonly script: string; readonly modules: Readonly<Record<string, WebAssembly.Module>> }
  | {
      readonly road: 'direct'
      readonly plan: Plan
      readonly restorable: boolean
      readonly modules: readonly WebAssembly.Module[]
    }

/** The first that a worker hears: what it is for. Without an order it makes itself ready, says so, and gets one when it is needed. */
export interface WorkerInput {
  readonly purpose: Purpose
  readonly code: LoadedCode
  readonly order?: WorkerOrder
}

export interface WorkerOrder {
  readonly setup: WorkerSetup
  /** What others see while this thread is busy: the memory of a {@link WorkerBoard}. */
  readonly board: SharedArrayBuffer
}

const port = parentPort
if (!port) throw new Error('guest-worker runs as a worker only')
const commands = new Map<number, { input(chunk: Buffer): void; end(): void; cancel(reason: string): void }>()
const boot = new BootOutput()
/** Heard before anybody waits for it. */
const heard: unknown[] = []
let hear: () => void = () => {}
port.on('message', (message) => {
  heard.push(message)
  hear()
})

// Everything is loaded by now: a worker can be started before it is known what for.
const { purpose, code, order } = (await next()) as WorkerInput
// Generated code leaves promises behind that nobody waits for. What they say is told; whose they were nobody knows, and the
// requests that the worker has are not ended for it. A command has no others: it ends with what went wrong.
if (!purpose.command)
  process.on('unhandledRejection', (thrown) => {
    const { code, message } = judge(thrown, 0, Number.POSITIVE_INFINITY).problem
    // That work was taken away from the guest is no news.
    if (code !== 'runtime.cancelled') boot.notice(`a promise was rejected that nobody waited for. ${message}`)
  })
if (order) await serve(order, makeReady)
else {
  const ready = makeReady()
  // What went wrong is told to whoever needs the worker.
  await ready.catch(() => {})
  port.postMessage('ready')
  await serve((await next()) as WorkerOrder, () => ready)
}

async function next(): Promise<unknown> {
  while (heard.length === 0) await new Promise<void>((resolve) => (hear = resolve))
  return heard.shift()
}

interface Ready {
  readonly maker: InstanceMaker
  readonly pool: InstancePool
}

async function makeReady(): Promise<Ready> {
  const maker =
    code.road === 'jco'
      ? await loadReference(code.script, code.modules)
      : loadDirect(code.plan, code.modules, code.restorable)
  const pool = new InstancePool(maker, purpose, boot)
  // A component that does not link must say so now, not with the first request.
  if (!purpose.command) await pool.prepare()
  return { maker, pool }
}

async function serve({ setup, board: shared }: WorkerOrder, make: () => Promise<Ready>): Promise<void> {
  const board = new WorkerBoard(shared)
  const socket = connect(setup.address)
  const writer = new FrameWriter(socket, board)
  boot.flow(writer)
  try {
    const { maker, pool } = await make()
    listen(socket, writer, setup, new GuestRequests(setup, writer, pool, board), maker)
    writer.json(kinds.hello, 0, { token: setup.token, worker: setup.worker } satisfies Hello)
    port?.postMessage('serving')
  } catch (thrown) {
    port?.postMessage(linkProblem(thrown, setup.handler))
    process.exit(1)
  }
}

function linkProblem(thrown: unknown, handler: string): Problem {
  if (thrown instanceof WebAssembly.LinkError || thrown instanceof TypeError || thrown instanceof Error) {
    const { problem } = judge(thrown, 0, Number.POSITIVE_INFINITY)
    if (thrown instanceof WebAssembly.RuntimeError) {
      return { ...problem, message: `${handler} traps while it starts. ${problem.message}` }
    }
    return fail('runtime.link', `${handler} cannot be linked: ${thrown.message}`, {
      hint: 'Compose it with a component that exports what it still imports',
    }).problem
  }
  return problemOf(thrown)
}

function listen(
  socket: Socket,
  writer: FrameWriter,
  setup: WorkerSetup,
  requests: GuestRequests,
  maker: InstanceMaker,
): void {
  const reader = new FrameReader((kind, stream, payload) => {
    switch (kind) {
      case kinds.request:
        return requests.receive(stream, payload)
      case kinds.command:
        commands.set(stream, runCommand(maker, setup, stream, parseFrame<CommandHead>(payload), writer))
        return
      case kinds.body:
        if (!requests.push(stream, payload)) commands.get(stream)?.input(payload)
        return
      case kinds.end:
        if (!requests.end(stream, parseFrame<BodyTail>(payload))) commands.get(stream)?.end()
        return
      case kinds.credit:
        return requests.credit(stream, payload.readUInt32LE(0))
      case kinds.cancel: {
        const reason = payload.toString()
        if (!requests.cancel(stream, reason)) commands.get(stream)?.cancel(reason)
        return
      }
    }
  })
  socket.on('data', (chunk) => reader.push(chunk))
  socket.on('error', () => process.exit(0))
  socket.on('close', () => process.exit(0))
}
