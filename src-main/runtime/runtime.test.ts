import { createHash } from 'node:crypto'
import { mkdtemp, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer, request as httpRequest, type IncomingMessage } from 'node:http'
import { connect, createServer as createNetServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PatchbayError, type Problem } from '../../src-engine/error.ts'
import type { LogLine, RequestRecord, RunSettings } from '../../src-preload/contract.ts'
import { createTools, type Tools } from '../tools/tools.ts'
import { createRuntime, type Runtime } from './runtime.ts'

const guest = join(import.meta.dirname, '../../test/fixtures/guests/behaviours.wasm')

interface Answer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly raw: readonly string[]
  readonly trailers: IncomingMessage['trailers']
  readonly body: Buffer
  readonly text: string
  /** The connection ended before the answer was complete. */
  readonly broken: boolean
}

interface Sending {
  readonly method?: string
  readonly headers?: Record<string, string>
  readonly body?: Buffer | string
  readonly trailers?: Record<string, string>
  readonly onChunk?: (chunk: Buffer) => void
}

let folder: string
let tools: Tools
let runtime: Runtime
let url: string
const lines: LogLine[] = []
const records = new Map<string, RequestRecord>()
let changed: () => void = () => {}

/** Waits until `find` finds something in what the runtime told so far. */
async function told<Value>(find: () => Value | undefined): Promise<Value> {
  for (;;) {
    const found = find()
    if (found !== undefined) return found
    await new Promise<void>((resolve) => {
      changed = resolve
    })
  }
}

const record = (id: string): Promise<RequestRecord> =>
  told(() => {
    const found = records.get(id)
    return found && found.state !== 'active' && found.spans.some(({ name }) => name === 'guest') ? found : undefined
  })
const line = (id: string, source: LogLine['source'], text: string): Promise<LogLine> =>
  told(() => lines.find((one) => one.request === id && one.source === source && one.text.includes(text)))

function send(path: string, { method = 'GET', headers = {}, body, trailers, onChunk }: Sending = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port: new URL(url).port, path, method, headers, agent: false })
    request.on('error', reject)
    request.on('response', (message) => {
      const chunks: Buffer[] = []
      message.on('data', (chunk: Buffer) => {
        chunks.push(chunk)
        onChunk?.(chunk)
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
        })
      })
    })
    if (trailers) request.addTrailers(trailers)
    request.end(body)
  })
}

const idOf = (answer: Answer): string => String(answer.headers['x-request-id'])
const start = (settings: RunSettings = {}): Promise<void> =>
  // Failures come in a row here: the breaker has tests of its own.
  runtime
    .start({ handlers: [{ name: 'guest', path: guest }], settings: { breaker: false, ...settings } })
    .then((status) => {
      url = status.url?.slice(0, -1) ?? ''
    })

async function problemFrom(work: Promise<unknown>): Promise<Problem> {
  try {
    await work
  } catch (thrown) {
    if (thrown instanceof PatchbayError) return thrown.problem
    throw thrown
  }
  throw new Error('nothing was thrown')
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'patchbay-runtime-test-'))
  tools = createTools()
  runtime = createRuntime({
    tools,
    cacheFolder: join(folder, 'cache'),
    onLines: (news) => {
      lines.push(...news)
      changed()
    },
    onRecords: (news) => {
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

describe.each(['direct', 'jco'] as const)('a handler being served by the engine %s', (engine) => {
  beforeAll(() => start({ timeout: 5000, engine }))

  it('answers, with ids and durations, and keeps a record', async () => {
    const answer = await send('/hello')
    expect(answer).toMatchObject({ status: 200, text: 'hello\n', broken: false })
    expect(answer.headers).toMatchObject({ 'content-length': '6', 'x-patchbay-handler': 'guest' })
    expect(Number(answer.headers['x-patchbay-duration'])).toBeGreaterThan(0)
    const kept = await record(idOf(answer))
    expect(kept).toMatchObject({
      handler: 'guest',
      method: 'GET',
      target: '/hello',
      status: 200,
      state: 'done',
      responseBytes: 6,
    })
    expect(kept.spans.map(({ name }) => name).sort()).toEqual(['body', 'guest', 'instantiate', 'queue'])
    expect(runtime.status().handlers).toMatchObject([{ engine, state: 'ready' }])
    expect(runtime.history().records.some(({ id }) => id === idOf(answer))).toBe(true)
  })

  it('passes path, query and percent-encoding untouched, on both routes', async () => {
    expect((await send('/path/a%20b/../c?x=1&y=%2F')).text).toBe('/path/a%20b/../c?x=1&y=%2F')
    expect((await send('/run/guest/path//x?q=%C3%BC')).text).toBe('/path//x?q=%C3%BC')
    expect((await send('/run/guest')).status).toBe(404)
    expect((await send('/run/nobody/path')).headers['content-type']).toBe('application/problem+json')
  })

  it('knows every method', async () => {
    for (const [index, method] of ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'].entries()) {
      const answer = await send('/method', { method })
      expect(answer.text).toBe(method === 'HEAD' ? '' : String(index))
      if (method === 'HEAD') expect(answer.status).toBe(200)
    }
    expect((await send('/method', { method: 'PROPFIND' })).text).toBe('9')
  })

  it('keeps duplicate headers and bytes beyond ASCII, and refuses what breaks a message', async () => {
    const answer = await send('/headers', { headers: { 'X-Mine': 'a', Connection: 'close', TE: 'trailers' } })
    expect(answer.raw.filter((_, at) => answer.raw[at - 1]?.toLowerCase() === 'set-cookie')).toEqual(['a=1', 'b=2'])
    expect(answer.headers['x-latin']).toBe('caf\xe9')
    expect(answer.headers['x-split']).toBeUndefined()
    expect(answer.headers['bad name']).toBeUndefined()
    expect(answer.text).toContain('X-Mine: a\n')
    expect(answer.text.toLowerCase()).not.toMatch(/^(host|te|connection):/m)
  })

  it('ties output to its request', async () => {
    const answer = await send('/log')
    await line(idOf(answer), 'stdout', 'to stdout')
    await line(idOf(answer), 'stderr', 'to stderr, no line break')
  })

  it('cuts a flood of output, and answers all the same', async () => {
    if (engine === 'jco') return
    const answer = await send('/flood=50000')
    expect(answer.status).toBe(200)
    await line(idOf(answer), 'host', 'the rest is not shown')
    expect(lines.filter(({ request }) => request === idOf(answer)).length).toBeLessThan(10_000)
  })

  it('uses a sensible request id of the client', async () => {
    expect(idOf(await send('/hello', { headers: { 'X-Request-Id': `mine-${engine}` } }))).toBe(`mine-${engine}`)
    expect(idOf(await send('/hello', { headers: { 'X-Request-Id': `mine-${engine}` } }))).not.toBe(`mine-${engine}`)
    expect(idOf(await send('/hello', { headers: { 'X-Request-Id': 'not <sensible>' } }))).not.toContain('<')
  })

  it('gives every request a fresh instance', async () => {
    for (let round = 0; round < 3; round++) expect((await send('/served')).text).toBe('1')
  })

  it('sends a chunk before the guest ends, and trailers after it', async () => {
    const times: number[] = []
    const answer = await send('/chunks=60', { onChunk: () => times.push(performance.now()) })
    expect(answer.text).toBe('chunk\n'.repeat(3))
    expect(times.length).toBe(3)
    expect((times[2] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(80)
    const trailed = await send('/trailers')
    expect(trailed).toMatchObject({ text: 'body\n', trailers: { 'x-sum': '42' } })
  })

  it('echoes a body and its trailers, in pieces of any size', async () => {
    const body = Buffer.alloc(200_001, 'abc')
    const answer = await send('/echo', {
      method: 'POST',
      body,
      headers: { 'Transfer-Encoding': 'chunked' },
      trailers: { 'X-Last': 'yes' },
    })
    expect(answer.body.equals(body)).toBe(true)
    expect(answer.trailers).toEqual({ 'x-last': 'yes' })
    expect((await send('/echo', { method: 'POST', body: '' })).text).toBe('')
  })

  it('turns every failure of the guest into an answer with its reason', async () => {
    const cases: readonly (readonly [string, number, string])[] = [
      ['/trap', 502, 'runtime.trap'],
      ['/recurse', 502, 'runtime.trap'],
      ['/none', 502, 'runtime.no-response'],
      ['/error', 502, 'runtime.handler-error'],
      ['/exit', 502, 'runtime.exit'],
      ['/short', 502, 'runtime.body-unfinished'],
      ['/memory', 507, 'runtime.memory'],
      ['/status=101', 502, 'runtime.invalid-response'],
    ]
    for (const [path, status, code] of cases) {
      const answer = await send(path)
      expect([path, answer.status]).toEqual([path, status])
      expect(answer.headers['content-type']).toBe('application/problem+json')
      expect(JSON.parse(answer.text)).toMatchObject({ status, code, instance: idOf(answer), handler: 'guest' })
      expect((await record(idOf(answer))).problem?.code).toBe(code)
    }
    expect((await send('/hello')).status).toBe(200)
  })

  it('names the guest function that trapped', async () => {
    const answer = await send('/trap')
    await line(idOf(answer), 'trap', 'trapHere')
    await line(idOf(answer), 'stderr', 'about to trap')
  })

  it('cuts off an answer whose guest fails half-way, and tells of a trap after a whole one', async () => {
    const late = await send('/late-trap')
    expect(late).toMatchObject({ status: 200, text: 'before the trap\n', broken: true })
    expect(await record(idOf(late))).toMatchObject({ state: 'failed', status: 200, problem: { code: 'runtime.trap' } })
    const after = await send('/trap-after-answer')
    expect(after).toMatchObject({ status: 200, text: 'all of it\n', broken: false })
    await line(idOf(after), 'trap', 'unreachable')
    const kept = await told(() => (records.get(idOf(after))?.state === 'failed' ? records.get(idOf(after)) : undefined))
    expect(kept).toMatchObject({ status: 200, problem: { code: 'runtime.trap' } })
  })

  it('grants nothing by default, and shows who was denied what', async () => {
    expect((await send('/environment')).text).toBe('')
    expect((await send('/file/secret')).status).toBe(403)
    const socket = await send('/socket')
    expect(socket.status).toBe(403)
    await line(idOf(socket), 'host', 'TCP socket')
    const proxy = await send('/proxy/x', { headers: { 'X-Target': '127.0.0.1:9' } })
    expect(proxy.text).toBe('refused 15')
    await line(idOf(proxy), 'host', '127.0.0.1:9 is not on the list')
  })

  it('tells its health', async () => {
    expect(JSON.parse((await send('/-/health')).text)).toMatchObject({
      status: 'ready',
      handlers: [{ name: 'guest', state: 'ready' }],
    })
  })

  it('frees the guest when the client goes away', async () => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    socket.write(`GET /sleep=4000 HTTP/1.1\r\nHost: x\r\nX-Request-Id: leaver-${engine}\r\n\r\n`)
    await told(() => records.get(`leaver-${engine}`))
    socket.destroy()
    expect((await record(`leaver-${engine}`)).problem?.code).toBe('runtime.client-gone')
  })

  it('survives what is no HTTP, and a head without end', async () => {
    const reply = (text: string): Promise<string> =>
      new Promise((resolve) => {
        const socket = connect(Number(new URL(url).port), '127.0.0.1')
        let got = ''
        socket.on('data', (chunk) => (got += chunk.toString()))
        socket.on('error', () => {})
        socket.on('close', () => resolve(got))
        socket.end(text)
      })
    expect(await reply('nonsense\r\n\r\n')).toContain('400')
    expect(await reply(`GET / HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(100_000)}\r\n\r\n`)).toContain('431')
    expect((await send(`/path/${'a'.repeat(5000)}`)).status).toBe(414)
    expect((await send('/hello')).status).toBe(200)
  })

  it('answers 502 to what was under way when the guest process is killed, and goes on', async () => {
    const sleeping = send('/sleep=4000', { headers: { 'X-Request-Id': `victim-${engine}` } })
    await told(() => records.get(`victim-${engine}`))
    await send('/hello')
    process.kill(runtime.guestPid() ?? 0, 'SIGKILL')
    // Sent before anybody here can know: it must find its way to the new process.
    const next = send('/hello')
    const answer = await sleeping
    expect(answer.status).toBe(502)
    expect(JSON.parse(answer.text)).toMatchObject({ code: 'runtime.guest-died' })
    expect((await next).status).toBe(200)
    expect((await send('/hello')).status).toBe(200)
  })
})

describe('limits', () => {
  it('ends a loop at the time limit while others are answered', async () => {
    // Long enough for a busy machine to start the worker that answers the others.
    await start({ timeout: 4000 })
    let looping = true
    const loop = send('/loop').finally(() => (looping = false))
    const others = await Promise.all([send('/hello'), send('/sleep=50')])
    expect(others.map(({ status }) => status)).toEqual([200, 200])
    expect(looping).toBe(true)
    const answer = await loop
    expect(answer.status).toBe(504)
    expect(JSON.parse(answer.text)).toMatchObject({ code: 'runtime.timeout' })
    expect((await send('/hello')).status).toBe(200)
  })

  it('ends a guest that sleeps past the time limit', async () => {
    await start({ timeout: 400 })
    expect((await send('/sleep=20000')).status).toBe(504)
  })

  it('refuses bodies over the limit, told or counted, and requests over the concurrency', async () => {
    await start({ maxBody: 1000, concurrency: 1 })
    expect((await send('/count', { method: 'POST', body: Buffer.alloc(1000) })).text).toBe('1000')
    expect((await send('/count', { method: 'POST', body: Buffer.alloc(1001) })).status).toBe(413)
    const chunked = { 'Transfer-Encoding': 'chunked' }
    expect((await send('/count', { method: 'POST', body: Buffer.alloc(1001), headers: chunked })).status).toBe(413)
    // The guest lets go of what was refused half-way a moment after its answer.
    while (runtime.traffic()[0]?.active) await new Promise(setImmediate)
    const slow = send('/sleep=300', { headers: { 'X-Request-Id': 'slow' } })
    await told(() => records.get('slow'))
    const busy = await send('/hello')
    expect([busy.status, busy.headers['retry-after']]).toEqual([429, '1'])
    expect((await slow).status).toBe(200)
  })

  it('caps memory where the settings say', async () => {
    await start({ memory: 4 * 1024 * 1024 })
    expect((await send('/hello')).status).toBe(200)
    expect((await send('/memory')).status).toBe(507)
  })

  it('carries 50 MB up and down without changing a byte', async () => {
    await start({ maxBody: 60_000_000 })
    const body = Buffer.alloc(50_000_000)
    for (let at = 0; at < body.length; at += 4096) body.writeUInt32LE(at, at)
    const hash = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')
    const answer = await send('/echo', { method: 'POST', body })
    expect(answer.body.length).toBe(body.length)
    expect(hash(answer.body)).toBe(hash(body))
    const big = await send('/big=3000001')
    expect(big.body.length).toBe(3_000_001)
    expect(big.body.every((byte, at) => at % 9973 !== 0 || byte === ((at * 31 + (at >> 8)) & 0xff))).toBe(true)
  })
})

describe('grants and isolation', () => {
  it('makes sockets where something of the network was granted', async () => {
    await start({ allowNet: ['127.0.0.1:1'] })
    const socket = await send('/socket')
    expect(socket.status).toBe(200)
    expect((await record(idOf(socket))).spans.map(({ name }) => name)).not.toContain('sockets denied')
  })

  it('shows the environment and the directories that were granted, and nothing beside them', async () => {
    const granted = join(folder, 'granted')
    await mkdir(granted)
    await writeFile(join(granted, 'open.txt'), 'you may read this')
    await writeFile(join(folder, 'secret.txt'), 'you may not')
    await symlink('../secret.txt', join(granted, 'way-out'))
    await symlink('open.txt', join(granted, 'inside'))
    await start({ environment: { COLOUR: 'blue' }, directories: { '/data': granted } })
    expect((await send('/environment')).text).toBe('COLOUR=blue\n')
    expect((await send('/file/open.txt')).text).toBe('you may read this')
    expect((await send('/file/inside')).text).toBe('you may read this')
    for (const path of ['/file/../secret.txt', '/file/way-out', '/file//etc/passwd', '/file/x/../../secret.txt']) {
      expect((await send(path)).status).toBe(404)
    }
  })

  it('lets a handler call the hosts it may call', async () => {
    const upstream = createServer((request, response) => {
      response.writeHead(203)
      response.end(`upstream saw ${request.url}`)
    })
    await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve))
    const address: AddressInfo | string | null = upstream.address()
    const port = typeof address === 'object' && address ? address.port : 0
    await start({ allowHosts: [`127.0.0.1:${port}`] })
    const answer = await send('/proxy/x?y=1', { headers: { 'X-Target': `127.0.0.1:${port}` } })
    expect(answer).toMatchObject({ status: 203, text: 'upstream saw /x?y=1' })
    expect((await record(idOf(answer))).spans.find(({ name }) => name === 'outgoing HTTP')?.detail).toContain('203')
    await new Promise((resolve) => upstream.close(resolve))
    expect((await send('/proxy/x', { headers: { 'X-Target': `127.0.0.1:${port}` } })).text).toBe('failed 6')
  })

  it('reuses one instance where asked to, and drops it when it traps', async () => {
    await start({ isolation: 'none' })
    expect([(await send('/served')).text, (await send('/served')).text]).toEqual(['1', '2'])
    const both = await Promise.all([send('/sleep=50'), send('/served')])
    expect(both.map(({ status }) => status)).toEqual([200, 200])
    expect((await send('/trap')).status).toBe(502)
    expect((await send('/served')).text).toBe('1')
  })
})

describe('starting', () => {
  it('says which port is taken', async () => {
    const holder = createNetServer()
    await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve))
    const address: AddressInfo | string | null = holder.address()
    const port = typeof address === 'object' && address ? address.port : 0
    const problem = await problemFrom(start({ port }))
    expect(problem).toMatchObject({ code: 'runtime.port-in-use', message: `Port ${port} is already in use` })
    expect(runtime.status()).toMatchObject({ state: 'failed', problem: { code: 'runtime.port-in-use' } })
    holder.close()
  })

  it('serves several handlers, of which broken ones tell why', async () => {
    const bytes = await readFile(guest)
    const library = await tools.parseWat('(component (import "a:b/c" (instance)) )')
    const status = await runtime.start({
      handlers: [
        { name: 'good', bytes },
        { name: 'cut', bytes: bytes.subarray(0, bytes.length / 2) },
        { name: 'library', bytes: library },
        { name: 'gone', path: join(folder, 'no-such-file.wasm') },
      ],
    })
    url = status.url?.slice(0, -1) ?? ''
    expect(status.handlers.map(({ name, state }) => [name, state])).toEqual([
      ['good', 'ready'],
      ['cut', 'failed'],
      ['library', 'failed'],
      ['gone', 'failed'],
    ])
    expect((await send('/run/good/hello')).status).toBe(200)
    expect((await send('/hello')).status).toBe(404)
    const codes: string[] = []
    for (const name of ['cut', 'library', 'gone']) {
      const answer = await send(`/run/${name}/`)
      expect(answer.status).toBe(500)
      codes.push(String(JSON.parse(answer.text).code))
    }
    expect(codes).toEqual(['runtime.invalid', 'runtime.not-handler', 'input.not-found'])
  })

  it('makes a damaged cache entry anew', async () => {
    await start()
    const prepared = join(folder, 'cache/prepared')
    // Its own: other tests left entries of other components there.
    const hash = createHash('sha256')
      .update(await readFile(guest))
      .digest('hex')
    const entry = (await readdir(prepared)).find((name) => name.startsWith(`${hash}-direct-`))
    const script = join(prepared, String(entry), 'plan.json')
    const whole = await readFile(script, 'utf8')
    await writeFile(script, whole.slice(0, 100))
    await start()
    expect((await send('/hello')).status).toBe(200)
    expect((await readFile(script, 'utf8')) === whole).toBe(true)
  })

  it('lets a request under way finish when it stops', async () => {
    await start()
    const slow = send('/sleep=200', { headers: { 'X-Request-Id': 'last' } })
    await told(() => records.get('last'))
    const stopped = await runtime.stop()
    expect(stopped.state).toBe('stopped')
    expect((await slow).text).toBe('slept\n')
    await expect(send('/hello')).rejects.toThrow('ECONNREFUSED')
  })
})
