/** The thread of one handler: takes requests off the line, gives each an instance, and sends back what it answers. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { parentPort } from 'node:worker_threads'
import { problemOf } from '../../src-engine/error.ts'
import type { WorkerSetup } from './control.ts'
import { runCommand } from './guest-command.ts'
import { FrameReader, FrameWriter, kinds, parseFrame } from './frames.ts'
import type { BodyTail, CommandHead, Hello } from './frames.ts'
import { GuestRequests } from './guest-requests.ts'
import { loadDirect } from './direct/maker.ts'
import type { Plan } from './direct/plan.ts'
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

export interface WorkerInput {
  readonly setup: WorkerSetup
  readonly code: LoadedCode
  /** What others see while this thread is busy: the memory of a {@link WorkerBoard}. */
  readonly board: SharedArrayBuffer
}

if (!parentPort) throw new Error('guest-worker runs as a worker only')
// Everything is loaded by now: a worker can be started before it is known what for.
const [input] = await once(parentPort, 'message')
const { setup, code, board: shared } = input as WorkerInput
const board = new WorkerBoard(shared)
const commands = new Map<number, { input(chunk: Buffer): void; end(): void; cancel(reason: string): void }>()

try {
  const maker =
    code.road === 'jco'
      ? await loadReference(code.script, code.modules)
      : loadDirect(code.plan, code.modules, code.restorable)
  const bootLine = (text: string): void => writer.text(kinds.notice, 0, text)
  const socket = connect(setup.address)
  const writer = new FrameWriter(socket, board)
  const pool = new InstancePool(maker, setup, {
    output: (source, bytes) => writer.send(source === 'stdout' ? kinds.stdout : kinds.stderr, 0, bytes),
    notice: bootLine,
  })
  // A component that does not link must say so now, not with the first request.
  if (!setup.command) await pool.prepare()
  serve(socket, writer, new GuestRequests(setup, writer, pool, board), maker)
  writer.json(kinds.hello, 0, { token: setup.token, worker: setup.worker } satisfies Hello)
} catch (thrown) {
  parentPort.postMessage(linkProblem(thrown))
  process.exit(1)
}

function linkProblem(thrown: unknown): Problem {
  if (thrown instanceof WebAssembly.LinkError || thrown instanceof TypeError || thrown instanceof Error) {
    const { problem } = judge(thrown, 0, Number.POSITIVE_INFINITY)
    if (thrown instanceof WebAssembly.RuntimeError) {
      return { ...problem, message: `${setup.handler} traps while it starts. ${problem.message}` }
    }
    return fail('runtime.link', `${setup.handler} cannot be linked: ${thrown.message}`, {
      hint: 'Compose it with a component that exports what it still imports',
    }).problem
  }
  return problemOf(thrown)
}

function serve(
  socket: Socket,
  writer: FrameWriter,
  requests: GuestRequests,
  maker: Parameters<typeof runCommand>[0],
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
