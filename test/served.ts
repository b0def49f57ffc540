/** A runtime with real guests behind a real socket, for tests: what it tells is kept, and requests see every byte. */
import { mkdtemp, rm } from 'node:fs/promises'
import { request as httpRequest, type Agent, type IncomingHttpHeaders } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import type { LogLine, RequestRecord, RunSettings, RunStatus } from '../src-preload/contract.ts'
import { createRuntime, type Runtime, type RuntimeOptions, type StartOptions } from '../src-main/runtime/runtime.ts'
import { createTools, type Tools } from '../src-main/tools/tools.ts'

/** The guest with a behaviour for every first segment of the path. */
export const behaviours = join(import.meta.dirname, 'fixtures/guests/behaviours.wasm')

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly raw: readonly string[]
  readonly trailers: NodeJS.Dict<string>
  readonly body: Buffer
  /** One character for each byte. */
  readonly text: string
  /** The connection ended before the answer was complete. */
  readonly broken: boolean
  readonly id: string
}

export interface Sending {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Buffer | string
  readonly trailers?: Readonly<Record<string, string>>
  readonly agent?: Agent
  readonly onChunk?: (chunk: Buffer) => void
  /** The body ends when the first piece of the answer is here; the guest may wait for that. */
  readonly endsAfterFirst?: boolean
}

export class Served {
  readonly lines: LogLine[] = []
  readonly records = new Map<string, RequestRecord>()
  port = 0
  /** Told of every record; set to look at them as they come. */
  keepsRecords = true
  readonly #options: Partial<RuntimeOptions>
  readonly #waiting = new Set<() => void>()
  #parts: { readonly folder: string; readonly tools: Tools; readonly runtime: Runtime } | undefined

  constructor(options: Partial<RuntimeOptions> = {}) {
    this.#options = options
  }

  get #all(): { readonly folder: string; readonly tools: Tools; readonly runtime: Runtime } {
    if (!this.#parts) throw new Error('not open yet')
    return this.#parts
  }

  get runtime(): Runtime {
    return this.#all.runtime
  }

  get tools(): Tools {
    return this.#all.tools
  }

  /** A folder for the test; the cache is in it. */
  get folder(): string {
    return this.#all.folder
  }

  get cacheFolder(): string {
    return join(this.folder, 'cache')
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/`
  }

  /** Process id of the guests. Throws when there is none: a signal to process 0 would go to the tests themselves. */
  get guestPid(): number {
    const pid = this.runtime.guestPid()
    if (pid === undefined) throw new Error('there is no guest process')
    return pid
  }

  async open(): Promise<void> {
    const folder = await mkdtemp(join(tmpdir(), 'patchbay-served-test-'))
    const tools = createTools()
    const runtime = createRuntime({
      tools,
      cacheFolder: join(folder, 'cache'),
      onLines: (news) => {
        this.lines.push(...news)
        this.#wake()
      },
      onRecords: (news) => {
        if (!this.keepsRecords) return
        for (const one of news) this.records.set(one.id, one)
        this.#wake()
      },
      ...this.#options,
    })
    this.#parts = { folder, tools, runtime }
  }

  async close(): Promise<void> {
    const { runtime, tools, folder } = this.#all
    await runtime.dispose()
    await tools.dispose()
    await rm(folder, { recursive: true, force: true })
  }

  /** Serves; without handlers the guest with all behaviours, as `guest`. */
  async start(settings: RunSettings = {}, rest: Partial<StartOptions> = {}): Promise<RunStatus> {
    const status = await this.runtime.start({
      handlers: [{ name: 'guest', path: behaviours }],
      settings,
      ...rest,
    })
    this.port = Number(new URL(status.url ?? '').port)
    this.lines.length = 0
    return status
  }

  send(path: string, sending: Sending = {}): Promise<Answer> {
    const { method = 'GET', headers = {}, body, trailers, agent, onChunk, endsAfterFirst } = sending
    return new Promise((resolve, reject) => {
      const request = httpRequest({ host: '127.0.0.1', port: this.port, path, method, headers, agent: agent ?? false })
      request.on('error', reject)
      request.on('response', (message) => {
        const chunks: Buffer[] = []
        message.on('data', (chunk: Buffer) => {
          chunks.push(chunk)
          onChunk?.(chunk)
          if (endsAfterFirst) request.end()
        })
        message.on('error', () => {})
        message.on('close', () => {
          const whole = Buffer.concat(chunks)
          resolve({
            status: message.statusCode ?? 0,
            headers: message.headers,
            raw: message.rawHeaders,
            trailers: message.trailers,
            body: whole,
            text: whole.toString('latin1'),
            broken: !message.complete,
            id: String(message.headers['x-request-id']),
          })
        })
      })
      if (trailers) request.addTrailers(trailers)
      if (endsAfterFirst) request.write(body ?? 'so far')
      else request.end(body)
    })
  }

  /** Waits until `find` finds something in what was told so far. */
  async told<Value>(find: () => Value | undefined): Promise<Value> {
    for (;;) {
      const found = find()
      if (found !== undefined) return found
      await new Promise<void>((resolve) => this.#waiting.add(resolve))
    }
  }

  /** A line with this text in it; `id`: of this request. */
  line(part: string, id?: string, source?: LogLine['source']): Promise<LogLine> {
    const isIt = (line: LogLine): boolean =>
      line.text.includes(part) &&
      (id === undefined || line.request === id) &&
      (source === undefined || line.source === source)
    return this.told(() => this.lines.find(isIt))
  }

  /** The record once it was answered. */
  answered(id: string): Promise<RequestRecord> {
    return this.told(() => (this.records.get(id)?.state === 'active' ? undefined : this.records.get(id)))
  }

  /** The record once the guest is through as well, which may be after its answer. */
  finished(id: string): Promise<RequestRecord> {
    return this.told(() => {
      const found = this.records.get(id)
      return found && found.state !== 'active' && found.spans.some(({ name }) => name === 'guest') ? found : undefined
    })
  }

  /** Settles when nothing is under way any more. */
  idle(): Promise<void> {
    return until(() => this.runtime.traffic().every(({ active, queued }) => active === 0 && queued === 0))
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve()
    this.#waiting.clear()
  }
}

/** One for all tests of the file, or of the group that it is called in. */
export function serving(options?: Partial<RuntimeOptions>): Served {
  const served = new Served(options)
  beforeAll(() => served.open())
  afterAll(() => served.close())
  return served
}

/** Looks again and again until it holds: for what nobody tells of. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 5))
}
