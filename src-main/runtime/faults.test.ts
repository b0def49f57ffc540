import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { fork } from 'node:child_process'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { RunSettings } from '../../src-preload/contract.ts'
import { behaviours, Served, serving, until, type Answer } from '../../test/served.ts'
import { heldNow, openFiles, resident } from '../../test/usage.ts'
import type { StartOptions } from './runtime.ts'

const headTime = 600
/** Open files here of a spare process that came up meanwhile; open files there of one worker. */
const spareFiles = 6
const workerFiles = 12

const served = serving({ headTime })
const { send, line, told } = {
  send: served.send.bind(served),
  line: served.line.bind(served),
  told: served.told.bind(served),
}
let started = 0
let startedGuest = 0
let guestOf: number | undefined

/** Sends bytes as they are; answers with everything that comes back until the connection ends. */
function raw(...parts: readonly (string | Buffer)[]): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(served.port, '127.0.0.1')
    let got = ''
    socket.on('data', (chunk) => (got += chunk.toString('latin1')))
    socket.on('error', () => {})
    socket.on('close', () => resolve(got))
    for (const part of parts) socket.write(part)
  })
}

async function start(settings: RunSettings = {}, rest: Partial<StartOptions> = {}): Promise<void> {
  const { handlers } = await served.start(settings, rest)
  expect(handlers.map(({ state }) => state)).toEqual(handlers.map(() => 'ready'))
  started = await openFiles(process.pid)
  startedGuest = await openFiles(served.guestPid)
  guestOf = served.guestPid
}

const problemOf = ({ status, text }: Answer): readonly [number, string] => [
  status,
  String((JSON.parse(text) as { code: string }).code),
]

/** After every fault: it answers, nothing is under way, no file is left open, and no worker is left over. */
afterEach(async () => {
  const { runtime } = served
  expect(await send('/hello')).toMatchObject({ status: 200, text: 'hello\n' })
  await served.idle()
  for (const { workers } of runtime.traffic()) expect(workers).toBeLessThanOrEqual(4)
  // Each worker has one connection; it has its line there, and what its loop and its messages need.
  const more = 4 * runtime.traffic().length
  await until(async () => (await openFiles(process.pid)) <= started + more + spareFiles)
  if (runtime.guestPid() === guestOf)
    await until(async () => (await openFiles(guestOf)) <= startedGuest + more * workerFiles)
})

describe.each(['direct', 'jco'] as const)('a guest on the engine %s that', (engine) => {
  // The same guest several times: faults are told apart by what each may have.
  beforeAll(() =>
    start(
      {
        engine,
        breaker: false,
        handlers: {
          hurried: { timeout: 300 },
          small: { memory: 16 * 1024 * 1024 },
          kept: { memory: 16 * 1024 * 1024, isolation: 'none' },
        },
      },
      {
        handlers: ['guest', 'hurried', 'small', 'kept'].map((name) => ({ name, path: behaviours })),
        single: true,
      },
    ),
  )

  it('never answers: 504 after the time limit', async () => {
    const answer = await send('/run/hurried/sleep=600000')
    expect(problemOf(answer)).toEqual([504, 'runtime.timeout'])
    expect((await served.answered(answer.id)).problem?.code).toBe('runtime.timeout')
    await line('did not finish within 0.3 s', answer.id)
  })

  it('sleeps past the limit in a host call of the clock, or among many timers', async () => {
    expect((await send('/run/hurried/until=600000')).status).toBe(504)
    expect(await send('/pollables=2000')).toMatchObject({ status: 200, text: '1' })
  })

  it('returns without an answer: 502', async () => {
    expect(problemOf(await send('/none'))).toEqual([502, 'runtime.no-response'])
  })

  it('answers twice: the second traps, and the first was not out yet', async () => {
    const answer = await send('/twice')
    expect(problemOf(answer)).toEqual([502, 'runtime.trap'])
    expect(await served.answered(answer.id)).toMatchObject({ state: 'failed', problem: { code: 'runtime.trap' } })
    await line('handle', answer.id)
  })

  it('writes after finishing: the answer stands whole, the trap is told', async () => {
    const { id, ...answer } = await send('/write-after')
    const record = await told(() => (served.records.get(id)?.state === 'failed' ? served.records.get(id) : undefined))
    expect(record).toMatchObject({ problem: { code: 'runtime.trap' } })
    if (answer.status === 200) expect(answer).toMatchObject({ text: 'all of it\n', broken: false })
    else expect(answer.status).toBe(502)
  })

  it('floods stdout: it is cut, and told', async () => {
    const answer = await send(`/flood=${engine === 'jco' ? 10_000 : 100_000}`)
    expect(answer).toMatchObject({ status: 200, text: 'flooded\n' })
    await line('the rest is not shown', answer.id)
    expect(served.lines.filter(({ request }) => request === answer.id).length).toBeLessThan(10_000)
    expect(served.runtime.history().lines.length).toBeLessThan(20_000)
  })

  it('opens 10 000 streams', async () => {
    expect(await send('/streams=10000')).toMatchObject({ status: 200, text: 'opened\n' })
  })

  it('allocates to the limit: 507 exactly when memory was refused', async () => {
    const full = await send('/run/small/memory')
    expect(problemOf(full)).toEqual([507, 'runtime.memory'])
    // Asked for too much at once, holding next to nothing.
    expect((await send('/run/small/malloc-null=1000')).status).toBe(507)
    // Refused, but it knew what to do.
    expect(await send('/run/small/grow-politely')).toMatchObject({ status: 200, text: 'refused\n' })
    // Nearly full, and trapping for a reason of its own.
    expect((await send('/run/small/fill-and-trap=200')).status).toBe(502)
    await line('of at most 16 MiB', full.id)
    expect((await send('/run/small/hello')).status).toBe(200)
  })

  it('was refused memory by an earlier request of the same instance: that is not held against a later one', async () => {
    expect((await send('/run/kept/grow-politely')).status).toBe(200)
    expect((await send('/run/kept/trap')).status).toBe(502)
  })

  it('recurses without end: 502 with the reason', async () => {
    expect((await send('/recurse')).status).toBe(502)
    const answer = await send('/deep')
    expect([answer.status, answer.text]).toEqual([502, expect.stringContaining('the call stack is exhausted')])
  })

  it('traps after the head was sent: cut off, not completed', async () => {
    const answer = await send('/late-trap', { method: 'POST', endsAfterFirst: true })
    expect(answer).toMatchObject({ status: 200, text: 'before the trap\n', broken: true })
    expect(await served.answered(answer.id)).toMatchObject({ state: 'failed', problem: { code: 'runtime.trap' } })
    await line('trapHere', answer.id)
  })
})

describe('a guest that nobody waits for any more', () => {
  const isolations = ['request', 'pool', 'none'] as const
  beforeAll(() =>
    start(
      {
        handlers: {
          ...Object.fromEntries(isolations.map((isolation) => [isolation, { isolation }])),
          lingering: { timeout: 300, breaker: { failures: 2, open: 600_000 } },
        },
      },
      { handlers: ['guest', 'lingering', ...isolations].map((name) => ({ name, path: behaviours })), single: true },
    ),
  )

  async function leave(path: string, id: string, begun?: () => Promise<unknown>): Promise<void> {
    const client = connect(served.port, '127.0.0.1')
    client.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nX-Request-Id: ${id}\r\n\r\n`)
    await told(() => served.records.get(id))
    await begun?.()
    client.destroy()
    expect((await served.answered(id)).problem?.code).toBe('runtime.client-gone')
  }

  it.each(isolations)('is freed when its client leaves, also in isolation %s', async (isolation) => {
    // Some have begun, some wait for an instance, some are cut off while they write.
    const leaving = ['/sleep=600000', '/big=500000000', '/sleep=600000', '/big=500000000', '/chunks=60000']
    await Promise.all(leaving.map((path, at) => leave(`/run/${isolation}${path}`, `${isolation}-${at}`)))
    await served.idle()
    expect((await send(`/run/${isolation}/served`)).text).toBe('1')
    // One that does not come back has nearly all of its time left, and keeps a processor busy.
    const id = `${isolation}-loop`
    await leave(`/run/${isolation}/loop`, id, () => line('about to loop', id))
    await line('its worker is ended and replaced', id)
    await served.idle()
    expect((await send(`/run/${isolation}/served`)).text).toBe('1')
  })

  it('is ended when it goes on for as long again after its answer', async () => {
    for (const path of ['/run/lingering/sleep-after-answer=600000', '/run/lingering/loop-after-answer']) {
      const answer = await send(path)
      expect([answer.status, answer.text]).toEqual([200, 'all of it\n'])
      await line('after its answer was out', answer.id)
      const record = await told(() =>
        served.records.get(answer.id)?.state === 'failed' ? served.records.get(answer.id) : undefined,
      )
      expect(record).toMatchObject({ status: 200, problem: { code: 'runtime.timeout' } })
    }
    await line('its worker is ended and replaced')
    expect((await send('/run/lingering/hello')).status).toBe(503)
  })
})

describe('a loop', () => {
  it('costs its own request: what else its worker had begun is begun anew elsewhere', async () => {
    await start({ timeout: 2500 })
    // The sleeper has begun on the worker when the loop comes; its timer cannot ring there any more.
    const sleeper = send('/sleep=500')
    await until(() => served.runtime.traffic()[0]?.active === 1)
    await send('/hello')
    const loop = send('/loop')
    expect(await sleeper).toMatchObject({ status: 200, text: 'slept\n' })
    expect(served.runtime.traffic()[0]?.active).toBe(1)
    const looped = await loop
    expect(looped.status).toBe(504)
    await line('about to loop', looped.id)
    await line('begun anew')
    await line('its worker is ended and replaced')
  })

  it('of one handler is not felt by another', async () => {
    const handlers = ['looping', 'other'].map((name) => ({ name, path: behaviours }))
    await served.start({ timeout: 1500 }, { handlers, single: false })
    let isLooping = true
    const loop = send('/run/looping/loop').finally(() => (isLooping = false))
    await until(() => served.runtime.traffic()[0]?.active === 1)
    const answers = await Promise.all(Array.from({ length: 20 }, () => send('/run/other/hello')))
    expect(answers.map((answer) => answer.status)).toEqual(answers.map(() => 200))
    // Not one of them had to wait for the end of the loop, nor for its own time limit.
    expect(isLooping).toBe(true)
    expect((await loop).status).toBe(504)
    expect((await send('/run/looping/hello')).status).toBe(200)
    expect(served.runtime.traffic().map(({ workers }) => workers)).toEqual([expect.any(Number), 1])
    await start()
  })

  it('explains to a request that may not be repeated what held it up', async () => {
    await start({ timeout: 1000 })
    const sleeper = send('/sleep=500', { method: 'POST' })
    await until(() => served.runtime.traffic()[0]?.active === 1)
    await send('/hello')
    const loop = send('/loop')
    const answer = await sleeper
    expect(answer.status).toBe(504)
    expect(answer.text).toMatch(/request \S+ keeps its worker busy/)
    expect((await loop).status).toBe(504)
  })
})

describe('the guest process', () => {
  it('is killed while a request is under way: 502, others go on, and it comes back', async () => {
    await start()
    const victims = [send('/sleep=5000'), send('/sleep=5000', { method: 'POST' })]
    await until(() => served.runtime.traffic()[0]?.active === 2)
    // The first may have come with them; by the second it is known that they were begun.
    for (let round = 0; round < 2; round++) await send('/hello')
    process.kill(served.guestPid, 'SIGKILL')
    // Sent before anybody here can know: they must find their way to the new process.
    const others = await Promise.all(Array.from({ length: 20 }, () => send('/hello')))
    expect(others.every(({ status }) => status === 200)).toBe(true)
    for (const answer of await Promise.all(victims)) expect(problemOf(answer)).toEqual([502, 'runtime.guest-died'])
    await line('the guest process ended: killed by SIGKILL')
  })

  it.each(['direct', 'jco'] as const)(
    'has a spare with the code of the engine %s, which takes its place',
    async (engine) => {
      await start({ engine })
      const { runtime } = served
      await until(() => runtime.sparePid() !== undefined)
      const spare = runtime.sparePid()
      process.kill(served.guestPid, 'SIGKILL')
      expect((await send('/hello')).status).toBe(200)
      expect(runtime.guestPid()).toBe(spare)
      if (engine === 'jco') return
      // One that dies unused is nobody's loss.
      await until(() => runtime.sparePid() !== undefined)
      const second = runtime.sparePid()
      if (second !== undefined) process.kill(second, 'SIGKILL')
      await until(() => runtime.sparePid() === undefined)
      expect((await send('/hello')).status).toBe(200)
    },
  )

  it('finds the cache emptied when it comes back: the code is made ready anew', async () => {
    for (const engine of ['direct', 'jco'] as const) {
      await start({ engine })
      await rm(served.cacheFolder, { recursive: true })
      process.kill(served.guestPid, 'SIGKILL')
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
    const prepared = join(served.cacheFolder, 'prepared')
    const hash = createHash('sha256').update(readFileSync(behaviours)).digest('hex')
    const entry = (await readdir(prepared)).find((name) => name.startsWith(`${hash}-direct-`)) ?? ''
    const file = join(prepared, entry, 'module-0.wasm')
    const whole = await readFile(file)
    await writeFile(file, damage(whole))
    // With another limit what is compiled already does not do.
    await start({ engine: 'direct', memory: mebibytes * 1024 * 1024 })
    await told(() =>
      served.runtime.history().lines.find(({ text }) => text.includes('is damaged (module-0.wasm): it is made anew')),
    )
    expect((await send('/hello')).status).toBe(200)
    expect((await readFile(file)).equals(whole)).toBe(true)
  })

  it('refuses a component that needs more memory than the limit to start', async () => {
    const status = await served.start(
      { handlers: { large: { memory: 1024 * 1024 } } },
      {
        handlers: [
          { name: 'guest', path: behaviours },
          { name: 'large', bytes: await served.tools.parseWat(handlerOf('(memory 32)')) },
        ],
        single: true,
      },
    )
    expect(status.handlers).toMatchObject([
      { state: 'ready' },
      { state: 'failed', problem: { code: 'runtime.memory' } },
    ])
    const answer = await send('/run/large/')
    expect([answer.status, answer.text]).toEqual([507, expect.stringContaining('2 MiB of memory to start')])
  })

  it('gives up a component that computes on and on while it starts', async () => {
    const other = new Served({ startTime: 500 })
    await other.open()
    try {
      const bytes = await other.tools.parseWat(handlerOf('(memory 1) (func $s (loop $l (br $l))) (start $s)'))
      const { handlers } = await other.start({}, { handlers: [{ name: 'endless', bytes }] })
      expect(handlers).toMatchObject([{ state: 'failed', problem: { code: 'runtime.start' } }])
      const answer = await other.send('/')
      expect([answer.status, answer.text]).toEqual([500, expect.stringContaining('did not start within 0.5 s')])
    } finally {
      await other.close()
    }
  })

  it('stands 1000 connections that send slowly, and ends them', async () => {
    await start()
    const open = (): Promise<Socket> =>
      new Promise((resolve, reject) => {
        const socket = connect(served.port, '127.0.0.1', () => resolve(socket))
        socket.on('error', reject)
      })
    const sockets = await Promise.all(Array.from({ length: 1000 }, open))
    for (const socket of sockets) socket.write('GET /hello HTTP/1.1\r\nHost: x\r\nX-Slow')
    const others = await Promise.all(Array.from({ length: 20 }, () => send('/hello')))
    expect(others.every(({ status }) => status === 200)).toBe(true)
    const whole = (socket: Socket): Promise<string> =>
      new Promise((resolve) => {
        let got = ''
        socket.on('data', (chunk) => (got += chunk.toString()))
        socket.on('close', () => resolve(got))
      })
    const answers = await Promise.all(sockets.map(whole))
    expect(answers.every((answer) => answer.startsWith('HTTP/1.1 408') && answer.includes('http.head-too-slow'))).toBe(
      true,
    )
  })

  const head = 'GET /hello HTTP/1.1\r\nHost: x\r\n'
  const post = 'POST /count HTTP/1.1\r\nHost: x\r\n'
  it.each([
    ['no HTTP at all', 'nonsense\r\n\r\n'],
    ['a bad method', 'GE@T /hello HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['a method that is none', 'NOTHING /hello HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['a bad version', 'GET /hello HTTP/9.9\r\nHost: x\r\n\r\n'],
    ['no version', 'GET /hello HTTP\r\nHost: x\r\n\r\n'],
    ['no host', 'GET /hello HTTP/1.1\r\n\r\n'],
    ['two hosts', 'GET /hello HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n'],
    ['a length and chunks', `${post}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['chunks and a length', `${post}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n`],
    ['two lengths', `${post}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello`],
    ['a negative length', `${post}Content-Length: -1\r\n\r\n`],
    ['chunked not last', `${post}Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n`],
    ['a null byte in a header', `${head}X-Null: a\0b\r\n\r\n`],
    ['a null byte in the path', 'GET /hel\0lo HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['a bare line feed', `${head}X-A: b\nX-C: d\r\n\r\n`],
    ['a bare carriage return', `${head}X-A: b\rX-C: d\r\n\r\n`],
    ['a space before the colon', `${head}X-A : b\r\n\r\n`],
    ['a folded header', `${head}X-A: b\r\n c\r\n\r\n`],
    ['a header without a name', `${head}: b\r\n\r\n`],
  ])('answers 400 to %s', async (_what, text) => {
    const got = await raw(text)
    expect(got).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/)
    expect(got).toContain('application/problem+json')
    expect(got).toContain('"code":"http.malformed"')
    // One answer, whatever else the text could be taken for.
    expect(got.match(/HTTP\/1\.1 \d/g)).toHaveLength(1)
    const id = /X-Request-Id: (\S+)/i.exec(got)?.[1] ?? ''
    expect(await served.answered(id)).toMatchObject({ status: 400, problem: { code: 'http.malformed' } })
  })

  it('answers 431 to 10 MB of headers', async () => {
    const got = await raw(head, Buffer.alloc(10_000_000, 'X-Large: aaaaaaaaaaaaaaaaaaaaaaaa\r\n'))
    expect(got).toMatch(/^HTTP\/1\.1 431 /)
    expect(got).toContain('http.head-too-large')
  })

  it('tells whoever takes it for a proxy', async () => {
    const got = await raw('CONNECT example.test:443 HTTP/1.1\r\nHost: example.test:443\r\n\r\n')
    expect(got).toMatch(/^HTTP\/1\.1 405 /)
    const id = /X-Request-Id: (\S+)/i.exec(got)?.[1] ?? ''
    expect(await served.answered(id)).toMatchObject({ method: 'CONNECT', problem: { code: 'http.connect' } })
  })

  it('begins nothing that it could not tell the end of', async () => {
    // The first answer is the last of the connection.
    const first = 'POST /run/nobody HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello'
    const got = await raw(
      `${first}POST /hello HTTP/1.1\r\nHost: x\r\nX-Request-Id: behind\r\nContent-Length: 0\r\n\r\n`,
    )
    expect(got.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 404'])
    await send('/hello')
    expect(served.runtime.history().records.some(({ id }) => id === 'behind')).toBe(false)
  })

  it('ends a request whose chunks break off in garbage', async () => {
    const got = await raw(`${post}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n`)
    expect(got.startsWith('HTTP/1.1 200')).toBe(false)
  })

  it('frees the guest when the client leaves in the middle of an upload, or of a download', async () => {
    const upload = connect(served.port, '127.0.0.1')
    upload.write(`${post}X-Request-Id: uploading\r\nContent-Length: 1000000\r\n\r\nsome`)
    await told(() => served.records.get('uploading'))
    await send('/hello')
    upload.destroy()
    expect((await served.answered('uploading')).problem?.code).toBe('runtime.client-gone')
    const download = connect(served.port, '127.0.0.1')
    download.write('GET /big=500000000 HTTP/1.1\r\nHost: x\r\nX-Request-Id: downloading\r\n\r\n')
    await new Promise<void>((resolve) => download.once('data', () => resolve()))
    download.destroy()
    expect((await served.answered('downloading')).problem?.code).toBe('runtime.client-gone')
  })

  it(
    'answers 20 000 requests in a row with memory flat: growth under 5 % in both processes',
    { timeout: 120_000 },
    async () => {
      await start()
      served.keepsRecords = false
      const clients = fork(join(import.meta.dirname, '../../test/load.ts'), [String(served.port), '/hello'])
      const answered = (count: number): Promise<unknown> =>
        new Promise((resolve) => {
          clients.once('message', resolve)
          clients.send(count)
        })
      const held = async (): Promise<readonly number[]> => {
        const here = await heldNow()
        return [here.resident, here.heap, await resident(served.guestPid)]
      }
      // Until code is optimized, the records are full, and the collector of the guests has taken what it takes at most.
      expect(await answered(10_000)).toBe(10_000)
      // What goes up once, such as another worker on a busy machine, does not again; a leak goes up each time.
      let growth = Infinity
      for (let tries = 0; tries < 3 && growth >= 1.05; tries++) {
        const before = await held()
        expect(await answered(20_000)).toBe(20_000)
        const after = await held()
        growth = Math.max(...after.map((now, at) => now / (before[at] ?? 0)))
      }
      clients.disconnect()
      expect(growth).toBeLessThan(1.05)
      await served.idle()
      expect(served.runtime.history().records.length).toBeLessThan(5000)
    },
  )
})

/** A component whose handler traps, with this in its core module. */
const handlerOf = (parts: string): string => `(component
  (import "wasi:http/types@0.2.12" (instance $types
    (export "incoming-request" (type (sub resource))) (export "response-outparam" (type (sub resource)))))
  (alias export $types "incoming-request" (type $request)) (alias export $types "response-outparam" (type $out))
  (core module $m ${parts} (func (export "handle") (param i32 i32) unreachable))
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
