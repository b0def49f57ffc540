import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { request as httpRequest } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decode } from '../../src-engine/binary/decode.ts'
import { planComposition } from '../../src-engine/compose/build-plan.ts'
import { encodeComposition } from '../../src-engine/compose/encode.ts'
import type { LogLine } from '../../src-preload/contract.ts'
import { Bench, sample } from '../../test/components.ts'
import { createTools, type Tools } from '../tools/tools.ts'
import { createRuntime, type Runtime } from './runtime.ts'

const root = join(import.meta.dirname, '../..')
const engines = ['direct', 'jco'] as const

const handler = 'wasi:http/incoming-handler@0.2.12'
const core = 'mik:core/handler@0.1.0'
const store = 'patchbay:keyvalue/store@0.1.0'

/** Samples wired together: values and resources cross from guest to guest, and guests wait inside each other. */
const compositions: readonly (readonly [string, Bench])[] = [
  [
    'bridge, middleware, mik-handler',
    new Bench()
      .add(sample('mik-handler'), 'mik-handler')
      .add(sample('middleware'), 'middleware')
      .add(sample('bridge'), 'bridge')
      .wire(`mik-handler › ${core}`, `middleware › ${core}`)
      .wire(`middleware › ${core}`, `bridge › ${core}`)
      .export(`bridge › ${handler}`),
  ],
  [
    'two loggers before hello',
    new Bench()
      .add(sample('hello'), 'hello')
      .add(sample('http-logger'), 'inner')
      .add(sample('http-logger'), 'outer')
      .wire(`hello › ${handler}`, `inner › ${handler}`)
      .wire(`inner › ${handler}`, `outer › ${handler}`)
      .export(`outer › ${handler}`),
  ],
  [
    'counter with keyvalue',
    new Bench()
      .add(sample('keyvalue'), 'keyvalue')
      .add(sample('counter'), 'counter')
      .wire(`keyvalue › ${store}`, `counter › ${store}`)
      .export(`counter › ${handler}`),
  ],
]

/** Every sample that serves HTTP by itself, and the guest that does everything. */
function handlers(): { readonly name: string; readonly path: string }[] {
  const found = [{ name: 'behaviours', path: join(root, 'test/fixtures/guests/behaviours.wasm') }]
  const samples = join(root, 'resources/samples')
  for (const name of readdirSync(samples)) {
    const path = join(samples, name, `${name}.wasm`)
    if (!existsSync(path)) continue
    const { imports, exports } = decode(readFileSync(path)).type
    const serves = [...exports.keys()].some((exported) => exported.startsWith('wasi:http/incoming-handler'))
    if (serves && [...imports.keys()].every((imported) => /^wasi:(?!http\/incoming)/.test(imported)))
      found.push({ name, path })
  }
  return found
}

const requests: readonly (readonly [
  string,
  { readonly method?: string; readonly headers?: Record<string, string>; readonly body?: string }?,
])[] = [
  ['/'],
  ['/a/b?c=d&e=%20', { method: 'POST', body: 'some text', headers: { 'Content-Type': 'text/plain', 'X-Custom': 'ü' } }],
  ['/nothing', { method: 'DELETE' }],
  ['/hello', { method: 'HEAD' }],
  ['/path/x?y'],
  ['/status=204'],
  ['/status=999'],
  ['/status=1'],
  ['/headers', { headers: { 'X-A': '1', 'x-a': '2' } }],
  ['/echo', { method: 'POST', body: 'x'.repeat(70_000) }],
  ['/count', { method: 'PUT', body: 'abc' }],
  ['/method', { method: 'OPTIONS' }],
  ['/trailers'],
  ['/chunks=5'],
  ['/log'],
  ['/flood=200'],
  ['/short'],
  ['/unfinished'],
  ['/trap'],
  ['/late-trap'],
  ['/trap-after-answer'],
  ['/none'],
  ['/error'],
  ['/exit'],
  ['/recurse'],
  ['/memory'],
  ['/environment'],
  ['/file/x'],
  ['/socket'],
  ['/proxy/x', { headers: { 'X-Target': 'localhost:1' } }],
  ['/served'],
  ['/served'],
]

let folder: string
let tools: Tools
let runtime: Runtime
let lines: LogLine[] = []
let round = 10
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'patchbay-engines-test-'))
  tools = createTools()
  runtime = createRuntime({ tools, cacheFolder: folder, onLines: (news) => void lines.push(...news) })
})
afterAll(async () => {
  await runtime.dispose()
  await tools.dispose()
  await rm(folder, { recursive: true, force: true })
})

/** Everything a client can see of an answer, without what differs from one time to the next (how it is framed among it). */
function send(
  url: string,
  path: string,
  { method = 'GET', headers = {}, body }: NonNullable<(typeof requests)[number][1]> = {},
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port: new URL(url).port, path, method, headers, agent: false })
    request.on('error', reject)
    request.on('response', (message) => {
      const chunks: Buffer[] = []
      message.on('data', (chunk: Buffer) => chunks.push(chunk))
      message.on('error', () => {})
      message.on('close', () => {
        const shown = message.rawHeaders.filter(
          (_, at, raw) =>
            !/^(x-request-id|x-patchbay-duration|date|content-length|transfer-encoding|traceparent)$/i.test(
              raw[at - (at % 2)] ?? '',
            ),
        )
        const text = Buffer.concat(chunks)
          .toString('latin1')
          .replace(/"instance":"[^"]*"/, '')
          .replaceAll(/00-[0-9a-f]{32}-[0-9a-f]{16}-01/g, 'TRACE')
        resolve({
          status: message.statusCode,
          headers: shown,
          trailers: message.rawTrailers,
          text,
          whole: message.complete,
        })
      })
    })
    request.end(body)
  })
}

/** What the log says of each request, in the order of the requests. Offsets differ: the engines prepare modules differently. */
async function transcript(engine: (typeof engines)[number], bytes: Uint8Array): Promise<unknown[]> {
  round++
  const status = await runtime.start({
    handlers: [{ name: 'handler', bytes }],
    // Whether a body counts as streamed, and so as worth compressing, is a matter of time.
    settings: { engine, timeout: 4000, memory: 16 * 1024 * 1024, breaker: false, compression: false },
  })
  expect(status.handlers).toMatchObject([{ state: 'ready', engine }])
  lines = []
  const seen: unknown[] = []
  for (const [target, rest] of requests) {
    const id = `${engine.charAt(0)}-${seen.length}-${round}`
    seen.push({
      target,
      answer: await send(status.url ?? '', target, { ...rest, headers: { ...rest?.headers, 'X-Request-Id': id } }),
      id,
    })
  }
  await runtime.stop()
  return seen.map((one) => {
    const { id, ...rest } = one as { readonly id: string }
    const said = lines
      .filter(({ request }) => request === id)
      .map(({ source, text }) => `${source}: ${text.replace(/\(0x[0-9a-f]+\)/g, '')}`)
    return JSON.parse(
      JSON.stringify({ ...rest, said })
        .replaceAll(id, 'ID')
        .replaceAll(/: \w+\.trap[^"]*/g, ''),
    ) as unknown
  })
}

async function compare(bytes: Uint8Array): Promise<void> {
  const [direct, jco] = [await transcript('direct', bytes), await transcript('jco', bytes)]
  expect(direct).toEqual(jco)
}

describe('both engines', () => {
  it.each(handlers())('serve $name alike', ({ path }) => compare(readFileSync(path)))

  it.each(compositions)('serve the composition of %s alike', async (_name, bench) => {
    const plan = planComposition(bench.graph, bench.decodedOf)
    expect(plan.problems).toEqual([])
    await compare(encodeComposition(plan, bench.bytesOf))
  })
})
