/** Runs a command component once: `wasi:cli/run` with standard input, output and an exit code; or calls one function. */
import type { WorkerSetup } from './control.ts'
import { kinds, type CommandHead, type FrameWriter, type FunctionCall, type Outcome } from './frames.ts'
import type { Instance, InstanceMaker } from './instance.ts'
import { packValue, unpackValue } from './plain-values.ts'
import { judge } from './verdict.ts'
import { GuestExit, Refusal, Session } from './wasi/session.ts'
import { BodySink, ByteQueue } from './wasi/streams.ts'
import { fail } from '../../src-engine/error.ts'

/** What the worker does with frames of a command. */
export interface RunningCommand {
  input(chunk: Buffer): void
  end(): void
  cancel(reason: string): void
}

/** Starts the command; its outcome goes out as a `done` frame. */
export function runCommand(
  maker: InstanceMaker,
  setup: WorkerSetup,
  stream: number,
  head: CommandHead,
  writer: FrameWriter,
): RunningCommand {
  const session = new Session(setup.grants, {
    output: (source, bytes) => writer.send(source === 'stdout' ? kinds.stdout : kinds.stderr, stream, bytes),
    notice: (text) => writer.text(kinds.notice, stream, text),
  })
  const stdout = output(kinds.stdout)
  const stderr = output(kinds.stderr)
  writer.onDrain(() => {
    stdout.resume()
    stderr.resume()
  })
  const stdin = new ByteQueue((bytes) => writer.credit(stream, bytes))
  void execute()
  return {
    input: (chunk) => stdin.push(chunk),
    end: () => stdin.end(),
    cancel: (reason) => session.cancel(reason),
  }

  /** Unlike a handler's output, which is cut when it is too much, a command's is kept whole: it waits for its reader. */
  function output(kind: number): BodySink {
    const sink = new BodySink()
    const take = (bytes: Uint8Array): boolean => {
      writer.send(kind, stream, bytes)
      return !writer.isFull
    }
    // What it says before it loops or dies should be seen.
    sink.attach(take, () => writer.flush())
    return sink
  }

  async function run(instance: Instance): Promise<Pick<Outcome, 'exitCode'>> {
    if (!instance.run) throw fail('input.not-command', `${setup.handler} does not export wasi:cli/run`)
    return { exitCode: (await session.orCancelled(instance.run())) ? 0 : 1 }
  }

  async function call(instance: Instance, asked: FunctionCall): Promise<Pick<Outcome, 'exitCode' | 'value'>> {
    const values = unpackValue(asked.values)
    const given: readonly unknown[] = Array.isArray(values) ? values : []
    try {
      const value = await session.orCancelled(instance.call(asked.interface, asked.name, given))
      return { exitCode: 0, value: packValue({ value }) }
    } catch (thrown) {
      if (thrown instanceof Refusal) return { exitCode: 1, value: packValue({ refusal: thrown.payload }) }
      throw thrown
    }
  }

  async function execute(): Promise<void> {
    const began = session.elapsed
    let memory = 0
    let outcome: Pick<Outcome, 'problem' | 'trap' | 'exitCode' | 'value'>
    try {
      const instance = await maker.make({ current: session }, { stdin, stdout, stderr })
      try {
        outcome = head.call ? await call(instance, head.call) : await run(instance)
      } catch (thrown) {
        memory = instance.memory()
        outcome =
          thrown instanceof GuestExit
            ? { exitCode: thrown.code }
            : judge(thrown, memory, setup.memory, instance.refused())
      }
      memory = instance.memory()
    } catch (thrown) {
      outcome = thrown instanceof GuestExit ? { exitCode: thrown.code } : judge(thrown, memory, setup.memory)
    }
    session.close()
    writer.json(kinds.done, stream, {
      ...outcome,
      began: 0,
      instantiate: 0,
      guest: session.elapsed - began,
      waited: session.waited,
      spans: session.spans,
      calls: session.callCounts(),
      memory,
    } satisfies Outcome)
  }
}
