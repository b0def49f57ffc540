import { fail, problemOf, type Problem } from '../../src-engine/error.ts'
import { readWhole } from '../project/files.ts'
import type { Tools } from '../tools/tools.ts'
import { prepareComponent, unresolvedImports, type Engine } from './artifact.ts'
import { initialCredit, kinds, type CommandHead, type FunctionCall, type Outcome } from './frames.ts'
import { GuestHost } from './guest-host.ts'
import { GuestLine, type StreamListener, type WorkerLink } from './guest-line.ts'

export interface CommandOptions {
  readonly tools: Tools
  readonly cacheFolder: string
  /** Absolute path of the component, or what it is called when its bytes are given. */
  readonly path: string
  readonly bytes?: Uint8Array
  /** The first is the program's name, as a shell would give it. */
  readonly arguments: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  /** Guest path → absolute host path. */
  readonly directories?: Readonly<Record<string, string>>
  readonly allowHosts?: readonly string[]
  readonly allowNet?: readonly string[]
  /** Calls this instead of `wasi:cli/run`. */
  readonly call?: FunctionCall
  readonly engine?: Engine
  /** Bytes of linear memory; default 1 GiB. */
  readonly memory?: number
  /** Milliseconds; default: as long as it takes. */
  readonly timeout?: number
  readonly stdin?: AsyncIterable<Uint8Array>
  /** Bytes of output; while the promise is pending the guest waits. */
  readonly onOutput: (source: 'stdout' | 'stderr', bytes: Uint8Array) => void | Promise<void>
  /** What the host has to say: denials. */
  readonly onNotice?: (text: string) => void
  readonly signal?: AbortSignal
}

export interface CommandResult {
  /** As the guest ended; 1 when it trapped. */
  readonly exitCode: number
  readonly problem?: Problem
  /** The trap and where in the guest it happened. */
  readonly trap?: string
  /** Of a call: what it answered, packed. */
  readonly value?: string
}

const commandWorker = 0
const defaultMemory = 1024 * 1024 * 1024

/** Runs a command component (`wasi:cli/run`) to its end, in a process of its own. Throws when it cannot be started. */
export async function runCommand(options: CommandOptions): Promise<CommandResult> {
  const bytes = options.bytes ?? (await readWhole(options.path))
  const { artifact, imports, exports, verdict, noteChecked } = await prepareComponent({
    tools: options.tools,
    cacheFolder: options.cacheFolder,
    bytes,
    name: options.path,
    engine: options.engine,
    notice: options.onNotice,
  })
  if (!options.call && !exports.some((name) => /^wasi:cli\/run(@0\.[23]\.|$)/.test(name))) {
    throw fail('input.not-command', `${options.path} does not export wasi:cli/run, so there is nothing to run`, {
      where: { file: options.path },
      hint: exports.some((name) => name.startsWith('wasi:http/'))
        ? 'It is a handler: serve it with "patchbay run"'
        : 'Inspect it to see what it exports',
    })
  }
  const missing = unresolvedImports(imports)
  if (missing.length > 0) {
    throw fail('runtime.unresolved-import', `${options.path} imports ${missing.join(', ')}, which nothing provides`, {
      hint: 'Compose it with a component that exports it',
    })
  }
  const memory = options.memory ?? defaultMemory
  const line = await GuestLine.open()
  let lost: (problem: Problem) => void = () => {}
  const host = new GuestHost({
    onDied: (why) => lost(fail('runtime.guest-died', `The guest process ended: ${why}`).problem),
    onWorkerEnded: (_worker, problem) =>
      lost(problem ?? fail('runtime.guest-died', 'The guest ended unexpectedly').problem),
    onPrinted: (text) => options.onNotice?.(text.trimEnd()),
  })
  try {
    const [key] = await Promise.all([host.load(artifact, memory), verdict])
    await noteChecked()
    return await new Promise<CommandResult>((resolve, reject) => {
      const run = new CommandRun(options, resolve)
      lost = (problem) => (run.isRunning ? run.fail(problem) : reject(fail(problem.code, problem.message, problem)))
      const token = line.expect(
        commandWorker,
        (link) => run.start(link),
        () => run.fail(diedProblem()),
      )
      host.spawn({
        worker: commandWorker,
        handler: options.arguments[0] ?? options.path,
        command: true,
        address: line.address,
        token,
        artifact: key,
        isolation: 'request',
        probe: false,
        reuse: 1,
        memory,
        grants: {
          environment: options.environment ?? {},
          arguments: options.arguments,
          directories: options.directories ?? {},
          allowHosts: options.allowHosts ?? [],
          allowNet: options.allowNet ?? [],
        },
      })
    })
  } finally {
    host.close()
    await line.close()
  }
}

const diedProblem = (): Problem => fail('runtime.guest-died', 'The guest process ended before the command did').problem

class CommandRun implements StreamListener {
  readonly #options: CommandOptions
  readonly #resolve: (result: CommandResult) => void
  #link: WorkerLink | undefined
  #stream = 0
  #credit = initialCredit
  #wake: () => void = () => {}
  #over = false
  #timer: NodeJS.Timeout | undefined
  /** Output is handed on in the order it came, one piece after the other. */
  #writing: Promise<void> = Promise.resolve()
  #unwritten = 0

  constructor(options: CommandOptions, resolve: (result: CommandResult) => void) {
    this.#options = options
    this.#resolve = resolve
  }

  get isRunning(): boolean {
    return this.#link !== undefined
  }

  start(link: WorkerLink): void {
    const { timeout, signal } = this.#options
    this.#link = link
    this.#stream = link.open(this)
    link.writer.json(kinds.command, this.#stream, {
      id: 'command',
      ...(this.#options.call ? { call: this.#options.call } : {}),
    } satisfies CommandHead)
    void this.#feed()
    if (timeout !== undefined) {
      const problem = fail('runtime.timeout', `The command did not finish within ${timeout / 1000} s`).problem
      this.#timer = setTimeout(() => this.#end({ exitCode: 1, problem }), timeout)
    }
    const cancel = (): void =>
      this.#end({ exitCode: 130, problem: fail('runtime.cancelled', 'The command was interrupted').problem })
    if (signal?.aborted) cancel()
    else signal?.addEventListener('abort', cancel, { once: true })
  }

  async #feed(): Promise<void> {
    try {
      for await (const chunk of this.#options.stdin ?? []) {
        for (let at = 0; at < chunk.length; at += 65536) {
          while (this.#credit <= 0 && !this.#over) await new Promise<void>((resolve) => (this.#wake = resolve))
          if (this.#over) return
          const part = chunk.subarray(at, at + 65536)
          this.#credit -= part.length
          this.#link?.writer.send(kinds.body, this.#stream, part)
        }
      }
    } catch {
      // Input that breaks off ends there, as it does for any program.
    }
    if (!this.#over) this.#link?.writer.json(kinds.end, this.#stream, {})
  }

  credited(bytes: number): void {
    this.#credit += bytes
    this.#wake()
  }

  output(source: 'stdout' | 'stderr', bytes: Buffer): void {
    this.#unwritten += bytes.length
    if (this.#unwritten > initialCredit) this.#link?.pause()
    this.#writing = this.#writing.then(async () => {
      await this.#options.onOutput(source, bytes)
      this.#unwritten -= bytes.length
      if (this.#unwritten <= initialCredit) this.#link?.resume()
    })
  }

  notice(text: string): void {
    this.#options.onNotice?.(text)
  }

  done({ problem, trap, exitCode, value }: Outcome): void {
    this.#end({
      exitCode: exitCode ?? 1,
      ...(problem ? { problem } : {}),
      ...(trap === undefined ? {} : { trap }),
      ...(value === undefined ? {} : { value }),
    })
  }

  lost(): void {
    this.fail(diedProblem())
  }

  fail(problem: Problem): void {
    this.#end({ exitCode: 1, problem })
  }

  #end(result: CommandResult): void {
    if (this.#over) return
    this.#over = true
    clearTimeout(this.#timer)
    this.#wake()
    this.#writing.then(
      () => this.#resolve(result),
      (thrown: unknown) => this.#resolve({ ...result, exitCode: result.exitCode || 1, problem: problemOf(thrown) }),
    )
  }

  started(): void {}
  refused(): void {}
  answered(): void {}
  responded(): void {}
  informed(): void {}
  body(): void {}
  ended(): void {}
}
