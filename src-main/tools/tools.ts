import { createHash } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { fail, problemOf, PatchbayError, type Problem } from '../../src-engine/error.ts'
import { entryPath } from '../entries.ts'
import { findUnvalidatableName } from './names.ts'
import type {
  EmbedOptions,
  JobName,
  JobPiece,
  JobReply,
  JobRequest,
  Jobs,
  Linked,
  Metadata,
  TranspileOptions,
  Transpiled,
} from './messages.ts'

export type { EmbedOptions, Linked, Metadata, Producers, TranspileOptions, Transpiled } from './messages.ts'

export type Verdict = { readonly ok: true } | { readonly ok: false; readonly problem: Problem }

/** jco's wasm-tools, in a worker that is thrown away when it breaks. All calls may be made at once; they run one after another. */
export interface Tools {
  /**
   * Judges a component by a validator that shares no code with ours. Never throws on account of the bytes. Verdicts are kept by
   * hash (SHA-256): pass it if it is known.
   */
  validate(bytes: Uint8Array, hash?: string): Promise<Verdict>
  /** The root world as WIT text. Throws `tools.invalid` when the bytes do not validate. */
  witOf(bytes: Uint8Array): Promise<string>
  /** Text format → binary. Throws `input.wat` with line and column. */
  parseWat(text: string): Promise<Uint8Array>
  /** Binary → text format. The text of a 14 MB component is some 100 MB: ask the user first. */
  printWat(bytes: Uint8Array): Promise<string>
  /** Core module with embedded types (+ adapters) → component. */
  componentNew(bytes: Uint8Array, adapters?: readonly (readonly [string, Uint8Array])[]): Promise<Uint8Array>
  /** Core module + WIT → core module with the types embedded; `dummy` makes one from the WIT alone. */
  componentEmbed(options: EmbedOptions): Promise<Uint8Array>
  metadata(bytes: Uint8Array): Promise<readonly Metadata[]>
  /** Component → JavaScript and core modules. */
  transpile(bytes: Uint8Array, name: string, options: TranspileOptions): Promise<Transpiled>
  /** Component → plan and core modules for the direct engine. Throws `runtime.direct` for what only jco runs. */
  link(bytes: Uint8Array, blocking: readonly string[]): Promise<Linked>
  /** Loads them ahead of the first job. */
  warm(): void
  dispose(): Promise<void>
}

export interface ToolsOptions {
  /** Milliseconds one job may take; default one minute. */
  readonly timeout?: number
}

interface Waiting {
  readonly request: JobRequest
  readonly resolve: (output: Jobs[JobName]['output']) => void
  readonly reject: (error: PatchbayError) => void
}

const remembered = 64
/** Bytes handed to the worker in one go. */
const pieceSize = 8 * 1024 * 1024

/** What the validator says of every start section inside another component, though there is one only in each. */
const startsInside = /cannot have more than one start function/
const unknownStart: Problem = {
  code: 'tools.unsupported-start',
  message: 'a component inside has a start function, which the validator does not know',
  hint: 'Start functions are not part of any released component model yet.',
}

/** Starts no worker before the first job, and keeps no process alive by itself. */
export function createTools({ timeout = 60_000 }: ToolsOptions = {}): Tools {
  const queue: Waiting[] = []
  const witTexts = new Map<string, Promise<string>>()
  let worker: Worker | undefined
  let current: Waiting | undefined
  let timer: NodeJS.Timeout | undefined
  let nextId = 1
  let disposed = false
  /** What the worker keeps of the last request, for the next is about the same. */
  let kept: Uint8Array | undefined

  function start(): Worker {
    const started = new Worker(entryPath('tools-worker'), { name: 'patchbay-tools' })
    started.on('message', (reply: JobReply) => {
      if (started === worker && current?.request.id === reply.id) settle(reply)
    })
    started.on('error', (error) => lost(started, error.message))
    started.on('exit', (code) => lost(started, `it ended with code ${code}`))
    return started
  }

  function lost(which: Worker, why: string): void {
    if (which !== worker) return
    replaceWorker()
    if (!current) return
    const { request, reject } = take()
    reject(crashed(request.job, why))
    advance()
  }

  function settle(reply: JobReply): void {
    const { request, resolve, reject } = take()
    if (reply.ok) resolve(reply.output)
    else if (reply.problem) reject(new PatchbayError(reply.problem))
    else if (reply.kind === 'refused') reject(refused(request.job, reply.message))
    else {
      replaceWorker()
      reject(crashed(request.job, reply.message))
    }
    advance()
  }

  function take(): Waiting {
    if (!current) throw fail('internal.tools', 'No job is running')
    const taken = current
    current = undefined
    clearTimeout(timer)
    return taken
  }

  function replaceWorker(): void {
    const old = worker
    worker = undefined
    kept = undefined
    void old?.terminate()
  }

  function advance(): void {
    if (current) return
    current = queue.shift()
    if (!current) return worker?.unref()
    worker ??= start()
    worker.ref()
    timer = setTimeout(() => {
      const { request, reject } = take()
      replaceWorker()
      reject(
        fail('tools.timeout', `wasm-tools did not finish "${request.job}" within ${timeout / 1000} s`, {
          hint: 'The file may be damaged or unusually large; try it again alone',
        }),
      )
      advance()
    }, timeout)
    void send(worker, current.request)
  }

  /**
   * Large files go over in pieces: handing over all at once would hold up everything else here. And once, when the next job
   * is about the same.
   */
  async function send(to: Worker, request: JobRequest): Promise<void> {
    const bytes = 'bytes' in request ? request.bytes : undefined
    if (!bytes || bytes.length <= pieceSize) {
      kept = undefined
      return to.postMessage(request)
    }
    const again = kept === bytes
    const { id } = request
    const total = bytes.length
    for (let at = 0; at < total && !again; at += pieceSize) {
      if (to !== worker || current?.request !== request) return
      const piece = new Uint8Array(bytes.subarray(at, at + pieceSize))
      to.postMessage({ id, at, total, piece } satisfies JobPiece, [piece.buffer])
      await setImmediate()
    }
    const next = queue[0]?.request
    const keep = next !== undefined && 'bytes' in next && next.bytes === bytes
    kept = keep ? bytes : undefined
    to.postMessage({ ...request, bytes: new Uint8Array(), again, keep })
  }

  function run<Name extends JobName>(request: JobRequest & { readonly job: Name }): Promise<Jobs[Name]['output']> {
    if (disposed) return Promise.reject(fail('internal.tools', 'The tools were closed'))
    return new Promise((resolve, reject) => {
      // The reply's type is fixed by the job that it answers, and a worker answers nothing else.
      queue.push({ request, resolve: resolve as Waiting['resolve'], reject })
      advance()
    })
  }

  function witOf(bytes: Uint8Array, known?: string): Promise<string> {
    const preamble = [0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00]
    if (!preamble.every((byte, at) => bytes[at] === byte)) {
      return Promise.reject(
        fail('input.not-component', 'These bytes are not a WebAssembly component', {
          where: { offset: 0 },
          hint: 'A core module becomes a component with its WIT embedded; other files cannot be used here',
        }),
      )
    }
    const name = findUnvalidatableName(bytes)
    if (name !== undefined) {
      return Promise.reject(
        fail('tools.unsupported-name', `"${name}" is a URL or dependency name, which the validator does not know`, {
          hint: 'Replace it with an interface name such as "ns:package/interface@1.0.0"',
        }),
      )
    }
    const hash = known ?? createHash('sha256').update(bytes).digest('hex')
    const told = witTexts.get(hash)
    if (told) return told
    const text = run({ id: nextId++, job: 'wit', bytes })
    witTexts.set(hash, text)
    // A verdict of the validator is final; a crash or time-out may be tried again.
    text.catch((thrown: unknown) => {
      if (problemOf(thrown).code !== 'tools.invalid') witTexts.delete(hash)
    })
    for (const oldest of witTexts.keys()) {
      if (witTexts.size <= remembered) break
      witTexts.delete(oldest)
    }
    return text
  }

  return {
    witOf: (bytes) => witOf(bytes),
    async validate(bytes, hash) {
      try {
        await witOf(bytes, hash)
        return { ok: true }
      } catch (thrown) {
        // Some valid components have a world that no WIT can say, and some of these break the printer down: as a part of
        // another one only the format counts.
        const problem = problemOf(thrown)
        if (startsInside.test(problem.message)) return { ok: false, problem: unknownStart }
        if (problem.code !== 'tools.invalid' && problem.code !== 'tools.crashed') return { ok: false, problem }
        return witOf(wrapped(bytes)).then(
          () => ({ ok: true }),
          () => ({ ok: false, problem }),
        )
      }
    },
    parseWat: (text) => run({ id: nextId++, job: 'parse', text }),
    printWat: (bytes) => run({ id: nextId++, job: 'print', bytes }),
    componentNew: (bytes, adapters = []) => run({ id: nextId++, job: 'new', bytes, adapters }),
    componentEmbed: (options) => run({ id: nextId++, job: 'embed', options }),
    metadata: (bytes) => run({ id: nextId++, job: 'metadata', bytes }),
    transpile: (bytes, name, options) => run({ id: nextId++, job: 'transpile', bytes, name, options }),
    link: (bytes, blocking) => run({ id: nextId++, job: 'link', bytes, blocking }),
    warm() {
      if (worker || disposed) return
      witOf(emptyComponent).catch(() => {})
    },
    async dispose() {
      disposed = true
      const closing = fail('internal.tools', 'The tools were closed')
      if (current) take().reject(closing)
      for (const { reject } of queue.splice(0)) reject(closing)
      const old = worker
      worker = undefined
      await old?.terminate()
    },
  }
}

const emptyComponent = Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00)

/** A component that holds these bytes as a part and is empty otherwise. */
function wrapped(bytes: Uint8Array): Uint8Array {
  const head = [0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00, 0x04]
  for (let left = bytes.length; ; left >>>= 7) {
    head.push(left > 0x7f ? (left & 0x7f) | 0x80 : left)
    if (left <= 0x7f) break
  }
  const whole = new Uint8Array(head.length + bytes.length)
  whole.set(head)
  whole.set(bytes, head.length)
  return whole
}

/** What jco said about the input, as a problem with the place where there is one. */
function refused(job: JobName, message: string): PatchbayError {
  const lines = message.trim().split('\n')
  const text = lines
    .map((line) => line.trim().replace(/^\d+: /, ''))
    .filter((line) => line !== '' && line !== 'Caused by:')
  const offset = /at offset 0x([0-9a-f]+)/.exec(message)?.[1]
  if (job === 'parse') {
    // A debug print of the parser's error; its lines and columns count from zero.
    const at = /line: (\d+), col: (\d+)/.exec(message)
    const said = /.*kind: (?:\w+\("((?:[^"\\]|\\.)*)"\)|(\w+))/s.exec(message)
    return fail('input.wat', said?.[1]?.replaceAll('\\"', '"') ?? said?.[2] ?? 'The text is not WebAssembly text', {
      where: at ? { line: Number(at[1]) + 1, column: Number(at[2]) + 1 } : undefined,
    })
  }
  const readable = text.map((line) => line.replace(/ ?\(at offset 0x[0-9a-f]+\)/, '')).join(': ')
  return fail('tools.invalid', readable || `wasm-tools refused "${job}"`, {
    where: offset === undefined ? undefined : { offset: Number.parseInt(offset, 16) },
  })
}

function crashed(job: JobName, message: string): PatchbayError {
  const lines = message.split('\n').filter((line) => line.trim() !== '')
  // A panic prints where in the tool it happened first, and what happened on the next line.
  const said = lines.find((line) => !/^thread .* panicked at|^note: run with/.test(line)) ?? lines[0] ?? message
  return fail('tools.crashed', `wasm-tools broke down during "${job}": ${said.trim()}`, {
    hint: 'It was restarted. The file probably uses something it does not know',
  })
}
