import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { LogLine, RequestRecord, RunSettings } from '../../src-preload/contract.ts'
import { heapNow, openFiles, resident } from '../../test/usage.ts'
import { createTools, type Tools } from '../tools/tools.ts'
import { createRuntime, type Runtime } from './runtime.ts'

const guest = join(import.meta.dirname, '../../test/fixtures/guests/behaviours.wasm')
const headTime = 1000
/** Open files here of a spare process that came up meanwhile; open files there of one worker. */
const spareFiles = 6
const workerFiles = 12

interface Answer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly text: string
  readonly broken: boolean
  readonly id: string
}

let folder: string
let tools: Tools
let runtime: Runtime
let port = 0
let lines: LogLine[] = []
const records = new Map<string, RequestRecord>()
let changed: () => void = () => {}
let started = 0
let startedGuest = 0
let guestOf: number | undefined
let keepsRecords = true

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5))
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await turn()
}
async function told<Value>(find: () => Value | undefined): Promise<Value> {
  for (;;) {
    const found = find()
    if (found !== undefined) return found
    await new Promise<void>((resolve) => (changed = resolve))
  }
}
const line = (part: string, id?: string): Promise<LogLine> =>
  told(() => lines.find((one) => one.text.includes(part) && (id === undefined || one.request === id)))
const finished = (id: string): Promise<RequestRecord> =>
  told(() => (records.get(id)?.state === 'active' ? undefined : records.get(id)))

function send(
  path: string,
  { method = 'GET', agent, body, onHead }: { method?: string; agent?: Agent; body?: Buffer; onHead?: () => void } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port, path, method, agent: agent ?? false })
    request.on('error', reject)
    request.on('response', (message) => {
      let text = ''
      onHead?.()
      message.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')))
      message.on('error', () => {})
      message.on('close', () =>
        resolve({
          status: message.statusCode ?? 0,
          headers: message.headers,
          text,
          broken: !message.complete,
          id: String(message.headers['x-request-id']),
        }),
      )
    })
    request.end(body)
  })
}

/** Sends bytes as they are; answers with everything that comes back until the connection ends. */
function raw(...parts: readonly (string | Buffer)[]): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    let got = ''
    socket.on('data', (chunk) => (got += chunk.toString('latin1')))
    socket.on('error', () => {})
    socket.on('close', () => resolve(got))
    for (const part of parts) socket.write(part)
  })
}

async function start(settings: RunSettings = {}): Promise<void> {
  const status = await runtime.start({ handlers: [{ name: 'guest', path: guest }], settings })
  expect(status.handlers).toMatchObject([{ state: 'ready' }])
  port = Number(new URL(status.url ?? '').port)
  lines = []
  started = await openFiles(process.pid)
  startedGuest = await openFiles(runtime.guestPid())
  guestOf = runtime.guestPid()
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'patchbay-faults-test-'))
  tools = createTools()
  runtime = createRuntime({
    tools,
    cacheFolder: join(folder, 'cache'),
    headTime,
    onLines: (news) => {
      lines.push(...news)
      changed()
    },
    onRecords: (news) => {
      if (!keepsRecords) return
      for (const one of news) records.set(one.id, one)
      changed()
    },
  })
})
afterAll(async () => {
  await runtime.dispose()
  await tools.dispose()
  await rm(folder, { recursive: true, force: true })
})

/** After every fault: it answers, nothing is under way, no file is left open, and no worker is left over. */
afterEach(async () => {
  expect(await send('/hello')).toMatchObject({ status: 200, text: 'hello\n' })
  await until(() => runtime.traffic().every(({ active, queued }) => active === 0 && queued === 0))
  expect(runtime.traffic()[0]?.workers).toBeLessThanOrEqual(4)
  // Each worker has one connection.
  await until(async () => (await openFiles(process.pid)) <= started + 4 + spareFiles)
  // A worker has its line, and what its loop and its messages need.
  if (runtime.guestPid() === guestOf)
    await until(async () => (await openFiles(guestOf)) <= startedGuest + 4 * workerFiles)
})

describe.each(['direct', 'jco'] as const)('a guest on the engine %s that', (engine) => {
  it('never answers: 504 after the time limit', async () => {
    await start({ engine, timeout: 300 })
    const answer = await send('/sleep=600000')
    expect([answer.status, JSON.parse(answer.text).code]).toEqual([504, 'runtime.timeout'])
    expect((await finished(answer.id)).problem?.code).toBe('runtime.timeout')
    await line('did not finish within 0.3 s', answer.id)
  })

  it('sleeps past the limit in a host call of the clock, or among many timers', async () => {
    await start({ engine, timeout: 1000 })
    expect((await send('/until=600000')).status).toBe(504)
    expect(await send('/pollables=2000')).toMatchObject({ status: 200, text: '1' })
  })

  it('returns without an answer: 502', async () => {
    await start({ engine })
    expect(JSON.parse((await send('/none')).text)).toMatchObject({ status: 502, code: 'runtime.no-response' })
  })

  it('answers twice: the second traps, and the first was not out yet', async () => {
    await start({ engine })
    const answer = await send('/twice')
    expect([answer.status, JSON.parse(answer.text).code]).toEqual([502, 'runtime.trap'])
    expect(await finished(answer.id)).toMatchObject({ state: 'failed', problem: { code: 'runtime.trap' } })
    await line('handle', answer.id)
  })

  it('writes after finishing: the answer stands whole, the trap is told', async () => {
    await start({ engine })
    const answer = await send('/write-after')
    const record = await told(() => (records.get(answer.id)?.state === 'failed' ? records.get(answer.id) : undefined))
    expect(record).toMatchObject({ problem: { code: 'runtime.trap' } })
    if (answer.status === 200) expect(answer).toMatchObject({ text: 'all of it\n', broken: false })
    else expect(answer.status).toBe(502)
  })

  it('floods stdout: it is cut, and told', async () => {
    await start({ engine })
    const answer = await send(`/flood=${engine === 'jco' ? 10_000 : 100_000}`)
    expect(answer).toMatchObject({ status: 200, text: 'flooded\n' })
    await line('the rest is not shown', answer.id)
    expect(runtime.history().lines.length).toBeLessThan(20_000)
  })

  it('opens 10 000 streams', async () => {
    await start({ engine })
    expect(await send('/streams=10000')).toMatchObject({ status: 200, text: 'opened\n' })
  })

  it('allocates to the limit: 507 exactly when memory was refused', async () => {
    await start({ engine, memory: 16 * 1024 * 1024 })
    const full = await send('/memory')
    expect([full.status, JSON.parse(full.text).code]).toEqual([507, 'runtime.memory'])
    // Asked for too much at once, holding next to nothing.
    expect((await send('/malloc-null=1000')).status).toBe(507)
    // Refused, but it knew what to do.
    expect(await send('/grow-politely')).toMatchObject({ status: 200, text: 'refused\n' })
    // Nearly full, and trapping for a reason of its own.
    expect((await send('/fill-and-trap=200')).status).toBe(502)
    await line('of at most 16 MiB', full.id)
  })

  it('was refused memory by an earlier request of the same instance: that is not held against a later one', async () => {
    await start({ engine, memory: 16 * 1024 * 1024, isolation: 'none' })
    expect((await send('/grow-politely')).status).toBe(200)
    expect((await send('/trap')).status).toBe(502)
  })

  it('recurses without end: 502 with the reason', async () => {
    await start({ engine })
    expect((await send('/recurse')).status).toBe(502)
    const answer = await send('/deep')
    expect([answer.status, JSON.parse(answer.text).detail]).toEqual([
      502,
      expect.stringContaining('the call stack is exhausted'),
    ])
  })

  it('traps after the head was sent: cut off, not completed', async () => {
    await start({ engine })
    const answer = await send('/late-trap')
    expect(answer).toMatchObject({ status: 200, text: 'before the trap\n', broken: true })
    expect(await finished(answer.id)).toMatchObject({ state: 'failed', problem: { code: 'runtime.trap' } })
    await line('trapHere', answer.id)
  })
})

describe('a loop', () => {
  it('costs its own request: what else its worker had begun is begun anew elsewhere', async () => {
    await start({ timeout: 3000 })
    // The sleeper has begun on the worker when the loop comes; its timer cannot ring there any more.
    const sleeper = send('/sleep=500')
    await until(() => runtime.traffic()[0]?.active === 1)
    await send('/hello')
    const loop = send('/loop')
    expect(await sleeper).toMatchObject({ status: 200, text: 'slept\n' })
    expect(runtime.traffic()[0]?.active).toBe(1)
    const looped = await loop
    expect(looped.status).toBe(504)
    await line('about to loop', looped.id)
    await line('begun anew')
    await line('its worker is ended and replaced')
  })

  it('of one handler is not felt by another', async () => {
    const handlers = ['looping', 'other'].map((name) => ({ name, path: guest }))
    const status = await runtime.start({ handlers, single: false, settings: { timeout: 1500 } })
    port = Number(new URL(status.url ?? '').port)
    let isLooping = true
    const loop = send('/run/looping/loop').finally(() => (isLooping = false))
    await until(() => runtime.traffic()[0]?.active === 1)
    const answers = await Promise.all(Array.from({ length: 20 }, () => send('/run/other/hello')))
    expect(answers.map((answer) => answer.status)).toEqual(answers.map(() => 200))
    // Not one of them had to wait for the end of the loop, nor for its own time limit.
    expect(isLooping).toBe(true)
    expect((await loop).status).toBe(504)
    expect((await send('/run/looping/hello')).status).toBe(200)
    expect(runtime.traffic().map(({ workers }) => workers)).toEqual([expect.any(Number), 1])
    await start()
  })

  it('explains to a request that may not be repeated what held it up', async () => {
    await start({ timeout: 1000 })
    const sleeper = send('/sleep=500', { method: 'POST' })
    await until(() => runtime.traffic()[0]?.active === 1)
    await send('/hello')
    const loop = send('/loop')
    const answer = await sleeper
    expect(answer.status).toBe(504)
    expect(JSON.parse(answer.text).detail).toMatch(/request \S+ keeps its worker busy/)
    expect((await loop).status).toBe(504)
  })
})

describe('the guest process', () => {
  it('is killed while a request is under way: 502, others go on, and it comes back', async () => {
    await start()
    const victims = [send('/sleep=5000'), send('/sleep=5000', { method: 'POST' })]
    await until(() => runtime.traffic()[0]?.active === 2)
    // The first may have come with them; by the second it is known that they were begun.
    for (let round = 0; round < 2; round++) await send('/hello')
    process.kill(runtime.guestPid() ?? 0, 'SIGKILL')
    const others = await Promise.all(Array.from({ length: 20 }, () => send('/hello')))
    expect(others.every(({ status }) => status === 200)).toBe(true)
    for (const answer of await Promise.all(victims))
      expect([answer.status, JSON.parse(answer.text).code]).toEqual([502, 'runtime.guest-died'])
    await line('the guest process ended: killed by SIGKILL')
  })

  it.each(['direct', 'jco'] as const)(
    'has a spare with the code of the engine %s, which takes its place',
    async (engine) => {
      await start({ engine })
      for (let round = 0; round < 2; round++) {
        await until(() => runtime.sparePid() !== undefined)
        const spare = runtime.sparePid()
        process.kill(runtime.guestPid() ?? 0, 'SIGKILL')
        expect((await send('/hello')).status).toBe(200)
        expect(runtime.guestPid()).toBe(spare)
      }
      // One that dies unused is nobody's loss.
      await until(() => runtime.sparePid() !== undefined)
      process.kill(runtime.sparePid() ?? 0, 'SIGKILL')
      await until(() => runtime.sparePid() === undefined)
      expect((await send('/hello')).status).toBe(200)
    },
  )

  it('finds the cache emptied when it comes back: the code is made ready anew', async () => {
    for (const engine of ['direct', 'jco'] as const) {
      await start({ engine })
      await rm(join(folder, 'cache'), { recursive: true })
      process.kill(runtime.guestPid() ?? 0, 'SIGKILL')
      expect((await send('/hello')).status).toBe(200)
    }
  })
})

describe('the server', () => {
  it.each([
    ['cut off', 20, (whole: Buffer) => whole.subarray(0, 10)],
    ['changed', 21, (whole: Buffer) => Buffer.from(whole).fill(0x0b, whole.length - 9)],
  ])('tells of a cached module that is %s, and makes it anew', async (_what, mebibytes, damage) => {
    await start({ engine: 'direct' })
    const prepared = join(folder, 'cache/prepared')
    const hash = createHash('sha256').update(readFileSync(guest)).digest('hex')
    const entry = (await readdir(prepared)).find((name) => name.startsWith(`${hash}-direct-`)) ?? ''
    const file = join(prepared, entry, 'module-0.wasm')
    const whole = await readFile(file)
    await writeFile(file, damage(whole))
    // With another limit what is compiled already does not do.
    const status = await runtime.start({
      handlers: [{ name: 'guest', path: guest }],
      settings: { engine: 'direct', memory: mebibytes * 1024 * 1024 },
    })
    port = Number(new URL(status.url ?? '').port)
    await line('is damaged (module-0.wasm): it is made anew')
    expect((await send('/hello')).status).toBe(200)
    expect((await readFile(file)).equals(whole)).toBe(true)
  })

  it('refuses a component that needs more memory than the limit to start', async () => {
    const status = await runtime.start({
      handlers: [
        { name: 'guest', path: guest },
        { name: 'large', bytes: await tools.parseWat(largeHandler) },
      ],
      single: true,
      settings: { handlers: { large: { memory: 1024 * 1024 } } },
    })
    port = Number(new URL(status.url ?? '').port)
    expect(status.handlers).toMatchObject([
      { state: 'ready' },
      { state: 'failed', problem: { code: 'runtime.memory' } },
    ])
    const answer = await send('/run/large/')
    expect(JSON.parse(answer.text)).toMatchObject({
      status: 507,
      detail: expect.stringContaining('2 MiB of memory to start'),
    })
  })

  it('stands 1000 connections that send slowly, and ends them', async () => {
    await start()
    const sockets = await Promise.all(
      Array.from(
        { length: 1000 },
        () =>
          new Promise<Socket>((resolve, reject) => {
            const socket = connect(port, '127.0.0.1', () => resolve(socket))
            socket.on('error', reject)
          }),
      ),
    )
    for (const socket of sockets) socket.write('GET /hello HTTP/1.1\r\nHost: x\r\nX-Slow')
    expect(
      (await Promise.all(Array.from({ length: 20 }, () => send('/hello')))).every(({ status }) => status === 200),
    ).toBe(true)
    const answers = await Promise.all(
      sockets.map(
        (socket) =>
          new Promise<string>((resolve) => {
            let got = ''
            socket.on('data', (chunk) => (got += chunk.toString()))
            socket.on('close', () => resolve(got))
          }),
      ),
    )
    expect(answers.every((answer) => answer.startsWith('HTTP/1.1 408') && answer.includes('http.head-too-slow'))).toBe(
      true,
    )
  })

  const head = 'GET /hello HTTP/1.1\r\nHost: x\r\n'
  it.each([
    ['no HTTP at all', 'nonsense\r\n\r\n'],
    ['a bad method', 'GE@T /hello HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['a method that is none', 'NOTHING /hello HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['a bad version', 'GET /hello HTTP/9.9\r\nHost: x\r\n\r\n'],
    ['no version', 'GET /hello HTTP\r\nHost: x\r\n\r\n'],
    ['no host', 'GET /hello HTTP/1.1\r\n\r\n'],
    [
      'a length and chunks',
      `POST /count HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    ],
    [
      'chunks and a length',
      `POST /count HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n`,
    ],
    ['two lengths', `POST /count HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello`],
    ['a negative length', `POST /count HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n`],
    ['chunked not last', `POST /count HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n`],
    ['a null byte in a header', `${head}X-Null: a\0b\r\n\r\n`],
    ['a null byte in the path', 'GET /hel\0lo HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['a bare line feed', `${head}X-A: b\nX-C: d\r\n\r\n`],
    ['a bare carriage return', `${head}X-A: b\rX-C: d\r\n\r\n`],
    ['a space before the colon', `${head}X-A : b\r\n\r\n`],
    ['a folded header', `${head}X-A: b\r\n c\r\n\r\n`],
    ['a header without a name', `${head}: b\r\n\r\n`],
  ])('answers 400 to %s', async (_what, text) => {
    if (runtime.status().state !== 'running') await start()
    const got = await raw(text)
    expect(got).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/)
    expect(got).toContain('application/problem+json')
    expect(got).toContain('"code":"http.malformed"')
    // One answer, whatever else the text could be taken for.
    expect(got.match(/HTTP\/1\.1 \d/g)).toHaveLength(1)
    const id = /X-Request-Id: (\S+)/i.exec(got)?.[1] ?? ''
    expect(await finished(id)).toMatchObject({ status: 400, problem: { code: 'http.malformed' } })
  })

  it('answers 431 to 10 MB of headers', async () => {
    const got = await raw(head, Buffer.alloc(10_000_000, 'X-Large: aaaaaaaaaaaaaaaaaaaaaaaa\r\n'))
    expect(got).toMatch(/^HTTP\/1\.1 431 /)
    expect(got).toContain('http.head-too-large')
  })

  it('ends a request whose chunks break off in garbage', async () => {
    const got = await raw('POST /count HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n')
    expect(got.startsWith('HTTP/1.1 200')).toBe(false)
  })

  it('frees the guest when the client leaves in the middle of an upload, or of a download', async () => {
    await start()
    const upload = connect(port, '127.0.0.1')
    upload.write('POST /count HTTP/1.1\r\nHost: x\r\nX-Request-Id: uploading\r\nContent-Length: 1000000\r\n\r\nsome')
    await told(() => records.get('uploading'))
    await send('/hello')
    upload.destroy()
    expect((await finished('uploading')).problem?.code).toBe('runtime.client-gone')
    const download = connect(port, '127.0.0.1')
    download.write('GET /big=500000000 HTTP/1.1\r\nHost: x\r\nX-Request-Id: downloading\r\n\r\n')
    await new Promise<void>((resolve) => download.once('data', () => resolve()))
    download.destroy()
    expect((await finished('downloading')).problem?.code).toBe('runtime.client-gone')
  })

  it('answers 20 000 requests in a row with memory flat', { timeout: 60_000 }, async () => {
    await start()
    keepsRecords = false
    const agent = new Agent({ keepAlive: true, maxSockets: 8 })
    const rounds = async (count: number): Promise<void> => {
      let left = count
      const one = async (): Promise<void> => {
        while (left-- > 0) expect((await send('/hello', { agent })).status).toBe(200)
      }
      await Promise.all(Array.from({ length: 8 }, one))
    }
    await rounds(4000)
    const before = heapNow()
    // What a process holds goes up in steps, with how much it was given to do at once; a leak goes up all the time. So it
    // has to stand still somewhere: over 8000 requests in a row it grows by less than its part of 5 % in 20 000.
    const held: number[] = []
    for (let round = 0; round < 10; round++) {
      await rounds(2000)
      held.push(await resident(runtime.guestPid()))
    }
    agent.destroy()
    const growth = held.slice(4).map((now, at) => now - (held[at] ?? 0))
    expect(Math.min(...growth)).toBeLessThan((held[0] ?? 0) * 0.02 + 1)
    expect(heapNow()).toBeLessThan(before * 1.05)
    expect(runtime.traffic()[0]).toMatchObject({ requests: 24_000, active: 0, workers: 1 })
    expect(runtime.history().records.length).toBeLessThan(5000)
  })
})

/** Exports a handler that traps, and starts with 32 pages of memory. */
const largeHandler = `(component
  (import "wasi:http/types@0.2.12" (instance $types
    (export "incoming-request" (type (sub resource))) (export "response-outparam" (type (sub resource)))))
  (alias export $types "incoming-request" (type $request)) (alias export $types "response-outparam" (type $out))
  (core module $m (memory 32) (func (export "handle") (param i32 i32) unreachable))
  (core instance $i (instantiate $m))
  (type $handle (func (param "request" (own $request)) (param "response-out" (own $out))))
  (func $f (type $handle) (canon lift (core func $i "handle")))
  (component $wrap
    (import "request" (type $r (sub resource))) (import "out" (type $o (sub resource)))
    (import "f" (func $f (param "request" (own $r)) (param "response-out" (own $o))))
    (export $r2 "incoming-request" (type $r)) (export $o2 "response-outparam" (type $o))
    (export "handle" (func $f) (func (param "request" (own $r2)) (param "response-out" (own $o2)))))
  (instance $made (instantiate $wrap (with "request" (type $request)) (with "out" (type $out)) (with "f" (func $f))))
  (export "wasi:http/incoming-handler@0.2.12" (instance $made)))`
