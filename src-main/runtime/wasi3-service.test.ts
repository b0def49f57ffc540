import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, request as httpRequest, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { planComposition } from '../../src-engine/compose/build-plan.ts'
import { encodeComposition } from '../../src-engine/compose/encode.ts'
import type { LogLine, RequestRecord } from '../../src-preload/contract.ts'
import { Bench } from '../../test/components.ts'
import { createTools, type Tools } from '../tools/tools.ts'
import { createRuntime, type Runtime } from './runtime.ts'

const guest = (name: string): Uint8Array =>
  readFileSync(join(import.meta.dirname, `../../test/fixtures/wasi3/${name}.wasm`))

const middleware = (): Uint8Array =>
  readFileSync(join(import.meta.dirname, '../../resources/samples/middleware-async/middleware-async.wasm'))

/** The middleware before the service, wired by ourselves. */
function composed(): Uint8Array {
  const handler = 'wasi:http/handler@0.3.0'
  const bench = new Bench()
    .add(guest('service'), 'service')
    .add(middleware(), 'middleware')
    .wire(`service › ${handler}`, `middleware › ${handler}`)
    .export(`middleware › ${handler}`)
  const plan = planComposition(bench.graph, bench.decodedOf)
  expect(plan.problems).toEqual([])
  return encodeComposition(plan, bench.bytesOf)
}

let folder: string
let tools: Tools
let runtime: Runtime
let upstream: Server
/** Of the server that guests may call. */
let outside = ''
let url = ''
/** Ends the connection of the last request for `/drop` in the middle of its answer. */
let drop: () => void = () => {}
const lines: LogLine[] = []
const records = new Map<string, RequestRecord>()

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'patchbay-wasi3-service-test-'))
  tools = createTools()
  runtime = createRuntime({
    tools,
    cacheFolder: folder,
    onLines: (news) => void lines.push(...news),
    onRecords: (news) => news.forEach((record) => records.set(record.id, record)),
  })
  upstream = createServer((request, response) => {
    if (request.url === '/hang') return
    if (request.url === '/drop') {
      response.writeHead(200, { 'Content-Length': 100 }).write('abc')
      drop = () => response.destroy()
      return
    }
    if (request.url === '/trailers') {
      response.writeHead(201, { Trailer: 'x-after' }).write('body')
      response.addTrailers({ 'x-after': 'all' })
      return response.end()
    }
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('error', () => {})
    request.on('end', () => {
      const body = Buffer.concat(chunks)
      if (request.url === '/echo') return response.end(body)
      response.end(`${request.method} ${body.length} ${JSON.stringify(request.trailers)}`)
    })
  })
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve))
  const { port } = upstream.address() as AddressInfo
  outside = `http://127.0.0.1:${port}`
  const service = guest('service')
  const status = await runtime.start({
    handlers: [
      { name: 'service', bytes: service },
      { name: 'shared', bytes: service },
      { name: 'composed', bytes: composed() },
    ],
    settings: {
      maxBody: 100e6,
      breaker: false,
      allowHosts: [`127.0.0.1:${port}`],
      handlers: { shared: { isolation: 'none' } },
    },
  })
  expect(status.handlers.map(({ state, wasi, engine }) => [state, wasi, engine])).toEqual(
    Array.from({ length: 3 }, () => ['ready', '0.3', 'jco']),
  )
  url = status.url ?? ''
}, 60_000)
afterAll(async () => {
  await runtime.dispose()
  upstream.closeAllConnections()
  upstream.close()
  await tools.dispose()
  await rm(folder, { recursive: true, force: true })
})

interface Answer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
  readonly trailers: IncomingMessage['trailers']
  readonly isWhole: boolean
  readonly id: string
}

/** A request whose answer is read to its end, or to where it breaks off. */
function ask(
  path: string,
  {
    body,
    trailers,
    method = body ? 'POST' : 'GET',
    heard,
  }: { body?: Buffer; trailers?: Record<string, string>; method?: string; heard?: () => void } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(`${url}run/${path}`, { method, agent: false }, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => {
        chunks.push(chunk)
        heard?.()
      })
      answer.on('error', () => {})
      answer.on('close', () =>
        resolve({
          status: answer.statusCode ?? 0,
          headers: answer.headers,
          body: Buffer.concat(chunks),
          trailers: answer.trailers,
          isWhole: answer.complete,
          id: String(answer.headers['x-request-id']),
        }),
      )
    })
    request.on('error', reject)
    if (trailers) request.setHeader('Trailer', Object.keys(trailers).join(', '))
    if (body) request.write(body)
    if (trailers) request.addTrailers(Object.entries(trailers))
    request.end()
  })
}

const text = async (path: string, options?: Parameters<typeof ask>[1]): Promise<string> =>
  (await ask(path, options)).body.toString()

/** The record once the guest is through as well, which may be after its answer. */
async function recordOf({ id }: Pick<Answer, 'id'>): Promise<RequestRecord> {
  for (;;) {
    const record = records.get(id)
    if (record && record.state !== 'active' && record.spans.some(({ name }) => name === 'guest')) return record
    await new Promise(setImmediate)
  }
}

async function lineWith(part: string): Promise<LogLine> {
  for (;;) {
    const found = lines.find((line) => line.text.includes(part))
    if (found) return found
    await new Promise(setImmediate)
  }
}

const megabytes = Buffer.alloc(
  3_000_000,
  Uint8Array.from({ length: 251 }, (_, at) => at),
)

describe.each(['service', 'composed'])('trailers and bodies of %s', (name) => {
  it('take megabytes and trailers in, and give both back', async () => {
    const answer = await ask(`${name}/echo`, { body: megabytes, trailers: { 'x-sum': '3' } })
    expect(answer.body.equals(megabytes)).toBe(true)
    expect(answer.trailers).toEqual({ 'x-sum': '3' })
    expect(await text(`${name}/trailers`, { body: Buffer.from('abc'), trailers: { 'x-sum': '3' } })).toBe(
      '3 ["x-sum=3"]',
    )
    expect(await text(`${name}/trailers`, { body: Buffer.from('abc') })).toBe('3 none')
  })

  it('come from the guest, too', async () => {
    const answer = await ask(`${name}/sum`, { body: Buffer.from([1, 2, 3]) })
    expect([answer.body.toString(), answer.trailers]).toEqual(['3 bytes, whole', { 'x-sum': '6' }])
    const pieces = (await ask(`${name}/pieces?5`)).body
    expect(pieces.length).toBe(5 * 64 * 1024)
    expect([0, 1, 2, 3, 4].map((piece) => pieces[piece * 64 * 1024 + 7])).toEqual([0, 1, 2, 3, 4])
  })

  it.each(['broken', 'lies'])('tell when they are not whole: /%s', async (path) => {
    const answer = await ask(`${name}/${path}`)
    // Where nothing is out yet the client gets a problem instead.
    if (answer.status !== 502) expect([answer.body.length, answer.isWhole]).toEqual([4, false])
    expect((await recordOf(answer)).problem?.code).toBe('runtime.body-unfinished')
  })
})

describe('a middleware of 0.3', () => {
  it('sees every answer on its way, which none of 0.2 can', async () => {
    const answer = await ask('composed/pieces?2')
    expect(answer.headers['x-through']).toBe('middleware-async')
    expect((await lineWith('/pieces?2: 131072 bytes')).request).toBe(answer.id)
  })

  it('passes on what goes wrong behind it', async () => {
    expect(await ask('composed/refuse')).toMatchObject({
      status: 502,
      headers: { 'content-type': 'application/problem+json' },
    })
    expect((await recordOf(await ask('composed/trap'))).problem?.code).toBe('runtime.trap')
    expect(await text('composed/served')).toBe('1 0')
  })
})

describe('an outgoing request of 0.3', () => {
  it('streams both ways, trailers included', async () => {
    expect(await text(`service/get?${outside}/x`)).toBe('GET 0 {}')
    const answer = await ask(`service/get?${outside}/trailers`)
    expect(answer).toMatchObject({ status: 201, trailers: { 'x-after': 'all' }, headers: { 'x-immutable': 'no' } })
    expect((await ask(`service/proxy?${outside}/echo`, { body: megabytes })).body.equals(megabytes)).toBe(true)
    expect(
      await text(`service/proxy?${outside}/x`, { body: Buffer.from('ab'), trailers: { 'x-sum': '3' }, method: 'PUT' }),
    ).toBe('PUT 2 {"x-sum":"3"}')
    expect(await text(`service/send-trailers?${outside}/x`)).toBe('POST 3 {"x-sum":"3"} Ok(())')
  })

  it('fails by name', async () => {
    expect(await text('service/get?http://127.0.0.1:1/x')).toBe('ErrorCode::HttpRequestDenied')
    expect(await text(`service/get-slow?${outside}/hang`)).toBe('ErrorCode::HttpResponseTimeout')
    expect(await text(`service/send-broken?${outside}/x`)).toBe(
      'Err(ErrorCode::LoopDetected) Err(ErrorCode::LoopDetected)',
    )
    const dropped = await ask(`service/get?${outside}/drop`, { heard: () => drop() })
    expect([dropped.body.toString(), dropped.isWhole]).toEqual(['abc', false])
  })

  it('is denied where it is not allowed, for all to see', async () => {
    const denied = await ask('service/get?http://elsewhere.test/x')
    expect(denied.body.toString()).toBe('ErrorCode::HttpRequestDenied')
    expect((await lineWith('elsewhere.test')).text).toContain('denied: GET http://elsewhere.test/x')
    expect((await recordOf(denied)).spans.find((span) => span.name === 'outgoing HTTP')?.detail).toContain('denied')
  })
})

describe('messages of 0.3', () => {
  it('take what is valid only', async () => {
    expect((await text('service/setters')).split('\n')).toEqual([
      ...['"BREW" true', '"bad method" false', '"" false', '"GE\\nT" false'].map((each) => `method ${each}`),
      ...['"/a?b=c" true', '"" true', '"*" true', '"/a b" false', '"/a\\nb" false', '"/%zz" true'].map(
        (each) => `path ${each}`,
      ),
      ...['"ws+x" true', '"9p" false', '"" false', '"a b" false'].map((each) => `scheme ${each}`),
      ...['"a.test:80" true', '"[::1]:8080" true', '"" false', '"a b" false', '"a/b" false', '"user@a" false'].map(
        (each) => `authority ${each}`,
      ),
      ...['99 false', '100 true', '200 true', '599 true', '999 true', '1000 false'].map((each) => `status ${each}`),
      'none true',
      'kept Method::Other("BREW") None 999',
      'headers Err(HeaderError::Immutable)',
      'options Some(Err(RequestOptionsError::Immutable))',
    ])
    expect((await text('service/fields')).split('\n')).toEqual([
      'Err(HeaderError::InvalidSyntax)',
      'Err(HeaderError::InvalidSyntax)',
      'Err(HeaderError::Forbidden)',
      'Ok(())',
      'Ok(())',
      '[[97], [255]] true',
      'Ok([[97], [255]])',
      '[]',
      'Err(HeaderError::Forbidden)',
    ])
  })
})

describe('a guest of 0.3 that', () => {
  it('has something to say when its answer is out is heard', async () => {
    const { id } = await ask('service/lies')
    while (
      !lines.some((line) => line.request === id && line.text === 'sent: Err(ErrorCode::HttpResponseBodySize(Some(4)))')
    )
      await new Promise(setImmediate)
  })

  it('traps when its answer has begun costs that answer', async () => {
    const late = await ask('service/trap-late')
    expect([late.body.toString(), late.isWhole]).toEqual(['begun', false])
    const { problem, status } = await recordOf(late)
    expect([problem?.code, status]).toEqual(['runtime.trap', 200])
    while (!lines.some((line) => line.source === 'trap' && line.request === late.id)) await new Promise(setImmediate)
  })

  it('runs out of memory is a 507', async () => {
    expect((await ask('service/grow')).status).toBe(507)
    expect(await text('service/served')).toBe('1 0')
  })
})

describe('a client that leaves in the middle', () => {
  it('takes nobody with it', async () => {
    const before = lines.length
    const staying = ask('service/sum', { body: megabytes })
    for (const [path, method] of [
      ['sum', 'POST'],
      ['echo', 'POST'],
      ['pieces?100000', 'GET'],
      ['forever', 'GET'],
    ] as const) {
      const id = `leaving-${path.replace(/\W.*/, '')}`
      const request = httpRequest(`${url}run/service/${path}`, {
        method,
        agent: false,
        headers: { 'X-Request-Id': id },
      })
      request.on('error', () => {})
      if (method === 'POST') request.write('some')
      else request.end()
      while (!records.has(id)) await new Promise(setImmediate)
      await text('service/served')
      request.destroy()
      expect((await recordOf({ id })).problem?.code).toBe('runtime.client-gone')
    }
    expect((await staying).body.toString()).toBe('3000000 bytes, whole')
    expect(await text('service/served')).toBe('1 0')
    expect(lines.slice(before).filter(({ source, request }) => source === 'host' && request === undefined)).toEqual([])
  })
})

describe('one instance for all requests', () => {
  const begun = async (): Promise<number> => Number((await text('shared/served')).split(' ')[0])

  /** A request that is under way when this settles, and the way to end it in the middle. */
  async function leaver(path: string, body = false): Promise<() => Promise<void>> {
    const before = await begun()
    const request = httpRequest(`${url}run/${path}`, { method: body ? 'POST' : 'GET', agent: false })
    request.on('error', () => {})
    if (body) request.write('some')
    else request.end()
    while ((await begun()) < before + 2);
    return () =>
      new Promise((resolve) => {
        request.on('close', () => resolve())
        request.destroy()
      })
  }

  it('outlives clients that leave in the middle, and so do the others', async () => {
    const before = await begun()
    const staying = httpRequest(`${url}run/shared/sum`, { method: 'POST', agent: false })
    const answer = new Promise<string>((resolve, reject) => {
      staying.on('error', reject)
      staying.on('response', (response) => {
        let got = ''
        response.on('data', (chunk: Buffer) => (got += chunk.toString())).on('end', () => resolve(got))
      })
    })
    staying.write('ab')
    const leaving = [
      await leaver('shared/sum', true),
      await leaver('shared/sleep'),
      await leaver('shared/forever'),
      await leaver('shared/pieces?100000'),
      await leaver(`shared/proxy?${outside}/x`, true),
      await leaver(`shared/get?${outside}/hang`),
    ]
    for (const leave of leaving) await leave()
    // Those that read or wrote a body learn that nobody is there any more, and come to their end.
    while (Number((await text('shared/served')).split(' ')[1]) < 2);
    staying.end('c')
    expect(await answer).toBe('3 bytes, whole')
    expect(await begun()).toBeGreaterThan(before + 7)
  })

  it('ends with a trap after an answer has begun, and tells whose it was', async () => {
    const request = httpRequest(`${url}run/shared/sum`, { method: 'POST', agent: false })
    const other = new Promise<IncomingMessage>((resolve, reject) => request.on('response', resolve).on('error', reject))
    const before = await begun()
    request.write('ab')
    while ((await begun()) < before + 2);
    const late = await ask('shared/trap-late')
    expect((await recordOf(late)).problem?.message).not.toContain('shared')
    expect((await other).statusCode).toBe(502)
    expect((await recordOf({ id: String((await other).headers['x-request-id']) })).problem?.message).toContain('shared')
    expect(await text('shared/served')).toBe('1 0')
  })
})
