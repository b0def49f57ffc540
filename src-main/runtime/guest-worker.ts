/** The thread of one handler: takes requests off the line, gives each an instance, and sends back what it answers. */
import { connect, type Socket } from 'node:net'
import { parentPort, workerData } from 'node:worker_threads'
import { problemOf } from '../../src-engine/error.ts'
import type { WorkerSetup } from './control.ts'
import { runCommand } from './guest-command.ts'
import { FrameReader, FrameWriter, kinds, parseFrame, staleAfter } from './frames.ts'
import type { BodyTail, CommandHead, Hello, Outcome, RequestHead } from './frames.ts'
import { WorkerExchange } from './exchange.ts'
import { loadDirect } from './direct/maker.ts'
import type { Plan } from './direct/plan.ts'
import type { Instance } from './instance.ts'
import { InstancePool } from './instance-pool.ts'
import { loadReference } from './reference.ts'
import { judge } from './verdict.ts'
import { Request } from './wasi/http3.ts'
import { IncomingRequest, ResponseOutparam, type ErrorCode } from './wasi/http-types.ts'
import { Refusal, Session } from './wasi/session.ts'
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
}

/** Output of one run beyond this is cut: a guest that floods must not drown the others. */
const outputLimit = 256 * 1024

const { setup, code } = workerData as WorkerInput
const exchanges = new Map<number, { readonly exchange: WorkerExchange; readonly session: Session }>()
const inbox = new Map<number, WorkerExchange>()
const commands = new Map<number, { input(chunk: Buffer): void; end(): void; cancel(reason: string): void }>()

try {
  const maker =
    code.road === 'jco'
      ? await loadReference(code.script, code.modules)
      : loadDirect(code.plan, code.modules, code.restorable)
  const bootLine = (text: string): void => writer.text(kinds.notice, 0, text)
  const socket = connect(setup.address)
  const writer = new FrameWriter(socket)
  const pool = new InstancePool(maker, setup, {
    output: (source, bytes) => writer.send(source === 'stdout' ? kinds.stdout : kinds.stderr, 0, bytes),
    notice: bootLine,
  })
  // A component that does not link must say so now, not with the first request.
  if (!setup.command) await pool.prepare()
  serve(socket, writer, pool, maker)
  writer.json(kinds.hello, 0, { token: setup.token, worker: setup.worker } satisfies Hello)
} catch (thrown) {
  parentPort?.postMessage(linkProblem(thrown))
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

function serve(socket: Socket, writer: FrameWriter, pool: InstancePool, maker: Parameters<typeof runCommand>[0]): void {
  const reader = new FrameReader((kind, stream, payload) => {
    switch (kind) {
      case kinds.request: {
        const exchange = new WorkerExchange(stream, parseFrame<RequestHead>(payload), writer)
        inbox.set(stream, exchange)
        // Frames that came along, such as a cancellation, are read before the guest begins.
        setImmediate(begin, stream, writer, pool)
        return
      }
      case kinds.command:
        commands.set(stream, runCommand(maker, setup, stream, parseFrame<CommandHead>(payload), writer))
        return
      case kinds.body: {
        // The payload is a view into a larger buffer that lives no longer than the reader needs it: fine, nobody reuses it.
        const exchange = inbox.get(stream) ?? exchanges.get(stream)?.exchange
        if (exchange) exchange.body.queue.push(payload)
        else commands.get(stream)?.input(payload)
        return
      }
      case kinds.end: {
        const exchange = inbox.get(stream) ?? exchanges.get(stream)?.exchange
        if (exchange) exchange.endBody(parseFrame<BodyTail>(payload))
        else commands.get(stream)?.end()
        return
      }
      case kinds.credit:
        return exchanges.get(stream)?.exchange.credit(payload.readUInt32LE(0))
      case kinds.cancel: {
        inbox.delete(stream)
        const active = exchanges.get(stream)
        active?.exchange.close()
        active?.session.cancel(payload.toString())
        commands.get(stream)?.cancel(payload.toString())
        return
      }
    }
  })
  socket.on('data', (chunk) => reader.push(chunk))
  socket.on('error', () => process.exit(0))
  socket.on('close', () => process.exit(0))
}

function begin(stream: number, writer: FrameWriter, pool: InstancePool): void {
  const exchange = inbox.get(stream)
  if (!exchange) return
  inbox.delete(stream)
  if (Date.now() - exchange.sent > staleAfter) return writer.send(kinds.refused, stream)
  const session = new Session(setup.grants, outputOf(stream, writer))
  exchanges.set(stream, { exchange, session })
  writer.send(kinds.started, stream)
  writer.flush()
  void handle(stream, exchange, session, writer, pool)
}

async function handle(
  stream: number,
  exchange: WorkerExchange,
  session: Session,
  writer: FrameWriter,
  pool: InstancePool,
): Promise<void> {
  let problem: Problem | undefined
  let trap: string | undefined
  let instantiate = 0
  let memory = 0
  const lease = await pool.take(session).catch((thrown: unknown) => {
    ;({ problem, trap } = judge(thrown, 0, setup.memory))
    return undefined
  })
  const began = session.elapsed
  if (lease) {
    instantiate = began
    let healthy = false
    try {
      // A guest that was cut off while it waits need not come back.
      await session.orCancelled(serveOne(lease.instance, session, exchange))
      healthy = true
      if (!exchange.answered) {
        problem = fail('runtime.no-response', 'The handler returned without setting a response', {
          hint: 'Call response-outparam.set before returning',
        }).problem
      }
    } catch (thrown) {
      ;({ problem, trap } = judge(thrown, lease.instance.memory(), setup.memory))
    }
    memory = lease.instance.memory()
    lease.release(healthy)
  }
  const guest = session.elapsed - began
  exchange.guestOver(problem ? problem.message : 'the handler returned before the body was finished')
  session.close()
  await exchange.finished
  exchanges.delete(stream)
  const found = problem ?? exchange.problem
  writer.json(kinds.done, stream, {
    ...(found ? { problem: found } : {}),
    ...(trap === undefined ? {} : { trap }),
    instantiate,
    guest,
    waited: session.waited,
    spans: session.spans,
    calls: Object.fromEntries(session.calls),
    memory,
  } satisfies Outcome)
}

/** Settles when the guest has done what it will do for this request. */
async function serveOne(instance: Instance, session: Session, exchange: WorkerExchange): Promise<void> {
  if (!instance.answer) {
    await instance.handle?.(new IncomingRequest(session, exchange), new ResponseOutparam(exchange))
    return
  }
  try {
    const response = await instance.answer(Request.from(session, exchange))
    await response.answer(session, exchange)
  } catch (thrown) {
    if (!(thrown instanceof Refusal)) throw thrown
    exchange.refuse(thrown.payload as ErrorCode)
  }
}

function outputOf(stream: number, writer: FrameWriter): Session['events'] {
  let written = 0
  return {
    output(source, bytes) {
      if (written > outputLimit) return
      written += bytes.length
      writer.send(source === 'stdout' ? kinds.stdout : kinds.stderr, stream, bytes)
      if (written > outputLimit) writer.text(kinds.notice, stream, 'more than 256 KiB of output: the rest is not shown')
    },
    notice: (text) => writer.text(kinds.notice, stream, text),
  }
}
