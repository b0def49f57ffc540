/** Runs a command component once: `wasi:cli/run` with standard input, output and an exit code. */
import type { WorkerSetup } from './control.ts'
import { kinds, type CommandHead, type FrameWriter, type Outcome } from './frames.ts'
import type { InstanceMaker } from './instance.ts'
import { judge } from './verdict.ts'
import { GuestExit, Session } from './wasi/session.ts'
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
  _head: CommandHead,
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
    sink.attach((bytes) => {
      writer.send(kind, stream, bytes)
      return !writer.isFull
    })
    return sink
  }

  async function execute(): Promise<void> {
    const began = session.elapsed
    let memory = 0
    let outcome: Pick<Outcome, 'problem' | 'trap' | 'exitCode'>
    try {
      const instance = await maker.make({ current: session }, { stdin, stdout, stderr })
      try {
        if (!instance.run) throw fail('input.not-command', `${setup.handler} does not export wasi:cli/run`)
        outcome = { exitCode: (await session.orCancelled(instance.run())) ? 0 : 1 }
      } catch (thrown) {
        memory = instance.memory()
        outcome = thrown instanceof GuestExit ? { exitCode: thrown.code } : judge(thrown, memory, setup.memory)
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
      calls: Object.fromEntries(session.calls),
      memory,
    } satisfies Outcome)
  }
}
