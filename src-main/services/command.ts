/** Commands run from the window: arguments, input and grants in, output and exit code back as events. */
import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { StringDecoder } from 'node:string_decoder'
import { fail, problemOf } from '../../src-engine/error.ts'
import type { CallName, CommandEvent, CommandRun, Emit, Handlers } from '../../src-preload/contract.ts'
import type { Contents } from '../project/contents.ts'
import { runCommand } from '../runtime/command.ts'
import { checkPatterns } from '../runtime/patterns.ts'
import type { Tools } from '../tools/tools.ts'
import type { Composer } from './composer.ts'
import { refuseInvalid } from './composition.ts'
import type { ProjectHolder } from './project.ts'

/** Output is told in steps of this many milliseconds. */
const step = 40
/** Characters of one run that a window is told; the rest is only counted. */
const outputLimit = 2_000_000

interface Options {
  readonly tools: Tools
  readonly cacheFolder: string
  readonly contents: Contents
  readonly composer: Composer
  readonly projects: ProjectHolder
  readonly emit: Emit
}

interface Running {
  readonly control: AbortController
  readonly over: Promise<void>
}

export function commandHandlers({ tools, cacheFolder, contents, composer, projects, emit }: Options): {
  readonly handlers: Pick<Handlers, Extract<CallName, `command.${string}`>>
  dispose(): Promise<void>
} {
  const running = new Map<string, Running>()
  let next = 1

  async function bytesOf(source: CommandRun['source']): Promise<Uint8Array> {
    if ('hash' in source) return contents.bytes(source.hash)
    const made = await composer.compose(source.graph)
    refuseInvalid(made)
    return made.bytes
  }

  /** Guest path → absolute directory that is there. Throws `input.not-found`. */
  async function directoriesOf(given: CommandRun['directories']): Promise<Record<string, string>> {
    const found: Record<string, string> = {}
    for (const [guest, host] of Object.entries(given)) {
      const path = resolve((await projects.current()).folder, host)
      const about = await stat(path).catch(() => undefined)
      if (!about?.isDirectory()) {
        throw fail('input.not-found', `${path} is no directory, so it cannot be given as ${guest}`, {
          where: { file: path },
          hint: 'Create it, or check the path',
        })
      }
      found[guest] = path
    }
    return found
  }

  async function execute(
    run: string,
    asked: CommandRun,
    bytes: Uint8Array,
    directories: Record<string, string>,
    control: AbortController,
  ): Promise<void> {
    const teller = new Teller(run, emit)
    const began = performance.now()
    const duration = (): number => performance.now() - began
    try {
      const { exitCode, problem, trap } = await runCommand({
        tools,
        cacheFolder,
        path: asked.name,
        bytes,
        arguments: [asked.name, ...asked.arguments],
        environment: asked.environment,
        directories,
        allowHosts: asked.allowHosts,
        allowNet: asked.allowNet,
        stdin: textOf(asked.stdin),
        onOutput: (source, chunk) => teller.bytes(source, chunk),
        onNotice: (text) => teller.add('host', text.endsWith('\n') ? text : `${text}\n`),
        signal: control.signal,
      })
      teller.end({
        exitCode,
        duration: duration(),
        ...(problem ? { problem } : {}),
        ...(trap === undefined ? {} : { trap }),
      })
    } catch (thrown) {
      teller.end({ exitCode: 1, duration: duration(), problem: problemOf(thrown) })
    }
  }

  return {
    handlers: {
      async 'command.start'(asked) {
        checkPatterns(asked)
        const [bytes, directories] = await Promise.all([bytesOf(asked.source), directoriesOf(asked.directories)])
        const run = `command-${next++}`
        const control = new AbortController()
        const over = execute(run, asked, bytes, directories, control).finally(() => running.delete(run))
        running.set(run, { control, over })
        return { run }
      },
      async 'command.stop'({ run }) {
        running.get(run)?.control.abort()
        return {}
      },
    },
    async dispose() {
      const all = [...running.values()]
      for (const { control } of all) control.abort()
      await Promise.all(all.map(({ over }) => over))
    },
  }
}

async function* textOf(text: string): AsyncIterable<Uint8Array> {
  if (text !== '') yield Buffer.from(text)
}

/** Gathers output and tells it in steps, characters whole. */
class Teller {
  readonly #run: string
  readonly #emit: Emit
  readonly #decoders = { stdout: new StringDecoder(), stderr: new StringDecoder() }
  #output: CommandEvent['output'] = []
  #told = 0
  #timer: NodeJS.Timeout | undefined

  constructor(run: string, emit: Emit) {
    this.#run = run
    this.#emit = emit
  }

  bytes(source: 'stdout' | 'stderr', chunk: Uint8Array): void {
    this.add(source, this.#decoders[source].write(Buffer.from(chunk)))
  }

  add(source: CommandEvent['output'][number]['source'], text: string): void {
    if (text === '' || this.#told > outputLimit) return
    this.#told += text.length
    const last = this.#output.at(-1)
    if (last?.source === source) last.text += text
    else this.#output.push({ source, text })
    if (this.#told > outputLimit)
      this.#output.push({ source: 'host', text: '\nmore than 2 MB of output: the rest is not shown\n' })
    this.#timer ??= setTimeout(() => this.#tell(), step)
  }

  end(ended: NonNullable<CommandEvent['ended']>): void {
    for (const source of ['stdout', 'stderr'] as const) this.add(source, this.#decoders[source].end())
    this.#tell(ended)
  }

  #tell(ended?: CommandEvent['ended']): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const output = this.#output
    this.#output = []
    this.#emit('command.event', { run: this.#run, output, ...(ended ? { ended } : {}) })
  }
}
