/** The samples at work: composed by our engine, run by our runtime. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request as httpRequest } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { planComposition } from '../../src-engine/compose/build-plan.ts'
import { encodeComposition } from '../../src-engine/compose/encode.ts'
import type { RunSettings } from '../../src-preload/contract.ts'
import { Bench, sample } from '../../test/components.ts'
import { runCommand } from '../runtime/command.ts'
import { createRuntime, type Runtime } from '../runtime/runtime.ts'
import { createTools, type Tools } from '../tools/tools.ts'

let folder: string
let tools: Tools
let runtime: Runtime
let url = ''
const lines: string[] = []
let written: () => void = () => {}

/** What a guest writes comes on another way than its answer. */
async function line(text: string): Promise<void> {
  while (!lines.includes(text)) {
    await new Promise<void>((resolve) => {
      written = resolve
    })
  }
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'patchbay-test-samples-'))
  tools = createTools()
  runtime = createRuntime({
    tools,
    cacheFolder: folder,
    onLines: (added) => {
      lines.push(...added.map(({ text }) => text))
      written()
    },
  })
})
afterAll(async () => {
  await runtime.dispose()
  await tools.dispose()
  await rm(folder, { recursive: true, force: true })
})

function compose(bench: Bench): Uint8Array {
  const plan = planComposition(bench.graph, bench.decodedOf)
  expect(plan.problems).toEqual([])
  return encodeComposition(plan, bench.bytesOf)
}

async function serve(bytes: Uint8Array, settings: RunSettings = {}): Promise<void> {
  expect(await tools.validate(bytes)).toEqual({ ok: true })
  const status = await runtime.start({ handlers: [{ name: 'sample', bytes }], settings: { port: 0, ...settings } })
  expect(status.handlers.map(({ problem }) => problem)).toEqual([undefined])
  url = status.url ?? ''
}

interface Answer {
  readonly status: number
  readonly headers: NodeJS.Dict<string | string[]>
  readonly body: Buffer
}
function send(
  path: string,
  {
    method = 'GET',
    headers = {},
    body,
  }: { method?: string; headers?: Record<string, string>; body?: Buffer | string } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(new URL(path, url), { method, headers, agent: false }, (message) => {
      const chunks: Buffer[] = []
      message.on('data', (chunk: Buffer) => chunks.push(chunk))
      message.on('error', reject)
      message.on('end', () =>
        resolve({ status: message.statusCode ?? 0, headers: message.headers, body: Buffer.concat(chunks) }),
      )
    })
    request.on('error', reject)
    request.end(body)
  })
}

const handler = 'wasi:http/incoming-handler@0.2.12'
const core = 'mik:core/handler@0.1.0'

describe('the first project', () => {
  it('answers with the header of the middleware once the wire is drawn', async () => {
    const bench = new Bench()
      .add(sample('mik-handler'), 'mik-handler')
      .add(sample('middleware'), 'middleware')
      .add(sample('bridge'), 'bridge')
      .wire(`mik-handler › ${core}`, `middleware › ${core}`)
      .wire(`middleware › ${core}`, `bridge › ${core}`)
      .export(`bridge › ${handler}`)
    // One instance for all requests: what it keeps from one must not harm the next.
    await serve(compose(bench), { isolation: 'none', environment: { MIK_MAX_BODY_SIZE: '3000000' } })

    const hello = await send('/some/path?with=query')
    expect(hello).toMatchObject({
      status: 200,
      headers: { 'x-patchbay': 'middleware', 'content-type': 'text/plain; charset=utf-8' },
    })
    expect(hello.body.toString()).toBe('Hello from mik-handler! You asked for /some/path?with=query\n')
    await line('middleware: GET /some/path?with=query -> 200')

    for (const size of [0, 1, 4096, 4097, 65_537, 2_999_999]) {
      const body = Buffer.alloc(size, 'patch')
      const echo = await send('/', { method: 'POST', body, headers: { 'content-type': 'text/x-patch' } })
      expect([size, echo.status, echo.headers['x-patchbay']]).toEqual([size, 200, 'middleware'])
      if (size > 0) expect([echo.headers['content-type'], Buffer.compare(echo.body, body)]).toEqual(['text/x-patch', 0])
    }

    const large = await send('/large"path', { method: 'PUT', body: Buffer.alloc(3_000_001) })
    expect(large).toMatchObject({ status: 413, headers: { 'content-type': 'application/problem+json' } })
    expect(JSON.parse(large.body.toString())).toMatchObject({
      title: 'Content Too Large',
      status: 413,
      instance: '/large%22path',
    })
    const trace = await send('/', { method: 'PROPFIND' })
    expect([trace.status, JSON.parse(trace.body.toString()).detail]).toEqual([501, expect.stringContaining('PROPFIND')])
    const latin = await send('/latin', { headers: { 'x-name': 'J\u00fcrgen' } })
    expect(latin.status).toBe(200)
    await line('[bridge] header x-name left out: its value is not UTF-8')
    for (let round = 0; round < 50; round++) expect((await send(`/round/${round}`)).status).toBe(200)
  })
})

describe('other samples', () => {
  it('http-logger stands in front of hello', async () => {
    await serve(
      compose(
        new Bench()
          .add(sample('hello'), 'hello')
          .add(sample('http-logger'), 'logger')
          .wire(`hello › ${handler}`, `logger › ${handler}`)
          .export(`logger › ${handler}`),
      ),
    )
    const answer = await send('/a?b')
    expect(answer.body.toString()).toBe('Hello from a component! You asked for /a?b\n')
    await line('http-logger: GET /a?b')
    await line('hello: GET /a?b')
  })

  it('counter counts in keyvalue while the instance lives', async () => {
    const store = 'patchbay:keyvalue/store@0.1.0'
    const bench = new Bench()
      .add(sample('keyvalue'), 'keyvalue')
      .add(sample('counter'), 'counter')
      .wire(`keyvalue › ${store}`, `counter › ${store}`)
      .export(`counter › ${handler}`)
    await serve(compose(bench), { isolation: 'none' })
    for (const expected of ['/x was asked for 1 time\n', '/x was asked for 2 times\n', '/x was asked for 3 times\n']) {
      expect((await send('/x?ignored')).body.toString()).toBe(expected)
    }
    expect((await send('/y')).body.toString()).toBe('/y was asked for 1 time\n')
    expect((await send(`/${'k'.repeat(300)}`)).status).toBe(507)
  })

  it('hello-js answers like hello', async () => {
    await serve(sample('hello-js'))
    expect((await send('/a/%C3%BC?b=c')).body.toString()).toBe('Hello from JavaScript! You asked for /a/%C3%BC?b=c\n')
    await line('hello-js: GET /a/%C3%BC?b=c')
  })

  it('the calculator of the guide calculates', async () => {
    const add = 'docs:adder/add@0.1.0'
    const calculate = 'docs:calculator/calculate@0.1.0'
    const run = 'wasi:cli/run@0.2.12'
    const bench = new Bench()
      .add(sample('adder'), 'adder')
      .add(sample('calculator'), 'calculator')
      .add(sample('calculator-command'), 'command')
      .wire(`adder › ${add}`, `calculator › ${add}`)
      .wire(`calculator › ${calculate}`, `command › ${calculate}`)
      .export(`command › ${run}`)
    const path = join(folder, 'calculator.wasm')
    await writeFile(path, compose(bench))
    const execute = async (...rest: string[]): Promise<[number, string]> => {
      let output = ''
      const { exitCode } = await runCommand({
        tools,
        cacheFolder: folder,
        path,
        arguments: ['calculator', ...rest],
        onOutput: (_, bytes) => void (output += Buffer.from(bytes).toString()),
      })
      return [exitCode, output]
    }
    expect(await execute('1', '2', 'add')).toEqual([0, '1 + 2 = 3\n'])
    expect(await execute('1', 'two', 'add')).toEqual([1, expect.stringContaining('X and Y are whole numbers')])
  })
})
