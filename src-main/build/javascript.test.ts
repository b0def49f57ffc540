/** A handler in TypeScript with every convenience that it finds in its scope, built and served for real. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, request as httpRequest, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunSettings } from '../../src-preload/contract.ts'
import { createRuntime, type Runtime } from '../runtime/runtime.ts'
import { createTools, type Tools } from '../tools/tools.ts'
import { createBuilder, type Builder } from './builder.ts'
import { bundleSources } from './bundle.ts'

const source = `
import { double } from './double.ts'
import { word } from '../../../shared.ts'

console.log('loaded', Math.random() < 1)
const early = await Promise.resolve('early')
class Secret { #held = 7; get held() { return this.#held } }

const routes: Record<string, (request: Request, url: URL) => Promise<Response> | Response> = {
  '/double': (_, url) => new Response(String(double(Number(url.searchParams.get('n'))))),
  '/echo': (request) => new Response(request.body, { headers: { 'x-method': request.method } }),
  '/upper': async (request) => new Response((await request.text()).toUpperCase()),
  '/json': async (request) => Response.json({ got: await request.json(), early, held: new Secret().held }, { status: 201 }),
  '/headers': (request) => {
    const headers = new Headers({ 'X-One': 'ü', connection: 'close' })
    headers.append('set-cookie', 'a=1')
    headers.append('set-cookie', 'b=2')
    return new Response(JSON.stringify([...request.headers].filter(([name]) => name.startsWith('x-'))), { headers })
  },
  '/stream': () => new Response((async function* () {
    for (let i = 0; i < 3; i++) {
      yield 'chunk ' + i + '\\n'
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  })()),
  '/sse': () => {
    let count = 0
    return new Response(new ReadableStream({
      pull(controller) {
        if (count === 2) controller.close()
        else controller.enqueue(new TextEncoder().encode('data: ' + count++ + '\\n\\n'))
      },
    }), { headers: { 'content-type': 'text/event-stream' } })
  },
  '/timers': async () => {
    const order: string[] = []
    const cancelled = setTimeout(() => order.push('never'), 1)
    await Promise.all([
      new Promise<void>((resolve) => setTimeout(() => { order.push('late'); resolve() }, 20)),
      new Promise<void>((resolve) => setTimeout(() => { order.push('soon'); resolve() }, 1)),
      (async () => { order.push('now'); await null; order.push('job') })(),
      clearTimeout(cancelled),
    ])
    let ticks = 0
    await new Promise<void>((resolve) => { const id = setInterval(() => { if (++ticks === 3) { clearInterval(id); resolve() } }, 1) })
    return new Response(order.join(' ') + ' ' + ticks)
  },
  '/random': () => Response.json({ number: Math.random(), id: crypto.randomUUID(), bytes: [...crypto.getRandomValues(new Uint8Array(4))] }),
  '/fetch': async (_, url) => {
    const response = await fetch(url.searchParams.get('to') ?? '', { method: 'POST', body: 'ping', headers: { 'x-from': 'guest' } })
    return new Response(response.status + ' ' + response.headers.get('x-to') + ' ' + (await response.text()))
  },
  '/settled': async () => Response.json(await Promise.allSettled([Promise.reject(new Error('no')), 1, Promise.any([Promise.reject(2), 3]), Promise.race([4, 5])])),
  '/coding': () => {
    const coder = new TextEncoder()
    const texts = ['', 'plain', 'größer', 'a🎛b', '\\0', '%41%u1234 +', '漢字'.repeat(40000), 'a'.repeat(65535) + '🎛' + 'b'.repeat(65536) + 'ü']
    const bytes = coder.encode(texts[7])
    return Response.json({
      same: texts.map((text) => new TextDecoder().decode(coder.encode(text)) === text),
      half: [...coder.encode('x\\ud800y\\udc00')],
      bad: [[0xff, 0x41], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82]].map((list) => new TextDecoder().decode(new Uint8Array(list))),
      fatal: (() => { try { return new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array([0xff])) } catch (thrown) { return String(thrown) } })(),
      long: bytes.length + ' ' + bytes.slice(65535, 65539).join(),
      strings: [btoa('\\xff'), atob('/w==').charCodeAt(0), (() => { try { return btoa('ā') } catch (thrown) { return (thrown as Error).name } })()],
    })
  },
  '/urls': (request) => {
    const url = new URL(request.url)
    const changed = new URL(request.url)
    changed.pathname = '/other'
    changed.searchParams.set('a', '1 2')
    const same = new URL(request.url)
    return Response.json([url.search, changed.href.replace(url.host, 'host'), same.pathname, request.url === url.href].concat(
      ['http://a.test:80', 'http://a.test:8080/x/../y.z', 'http://A.test/%7e/./b', 'https://a.test:443/?q=\\'', 'http://a.test/a b#c', 'http://a.test:99999/'].map((text) => URL.parse(text)?.href ?? 'none')))
  },
  '/late': () => {
    const response = new Response('late')
    void Promise.resolve().then(() => response.headers.set('x-late', 'yes'))
    return response
  },
  '/order': async () => {
    const order: string[] = []
    const steps = [Promise.resolve(1).then(() => order.push('a')).then(() => order.push('c')), (async () => { await null; order.push('b') })()]
    await Promise.all(steps)
    const inner = { then(resolve: (value: string) => void) { resolve('thenable'); resolve('twice') } }
    order.push(await (inner as unknown as Promise<string>))
    order.push(await Promise.reject(new Error('thrown')).catch((thrown: Error) => thrown.message))
    order.push(await Promise.resolve('kept').finally(() => 'lost'))
    const broken = Object.defineProperty({}, 'then', { get() { throw new Error('no then') } })
    const strange = Object.defineProperty(Promise.resolve(), 'constructor', { get() { throw new Error('no class') } })
    for (const value of [broken, strange]) order.push(await (async () => { await value })().catch((thrown: Error) => thrown.message))
    const early = async (value: string = (() => { throw new Error('default') })()) => value
    order.push(await early().catch((thrown: Error) => thrown.message))
    return new Response(order.join(' '))
  },
  '/show': (request) => {
    console.log(request, Response.json({}))
    console.log('100%%')
    return new Response(JSON.stringify(request), { headers: { 'content-type': 'x/y' } })
  },
  '/boom': () => { throw new TypeError('boom') },
  '/reject': async () => { await null; throw 'only text' },
  '/nothing': () => undefined as unknown as Response,
  '/never': () => new Promise<Response>(() => {}),
  '/lost': () => { void Promise.reject(new Error('lost')); return new Response('fine') },
  '/breaks': () => new Response((async function* () { yield 'begun'; await new Promise((go) => setTimeout(go, 20)); throw new Error('midway') })()),
  '/word': () => new Response(word),
  '/empty': () => new Response(null, { status: 204 }),
  '/text': () => Response.json([
    new TextDecoder().decode(new Uint8Array([0xf0, 0x9f, 0x8e, 0x9b, 0xff])), btoa('hello'), atob('aGk='),
    new URL('../b?x=1#y', 'http://u:p@example.test:80/a/c').href, String(new URLSearchParams({ a: 'ä b', c: '&' })), typeof performance.now(),
  ]),
}

export default {
  async fetch(request: Request): Promise<Response> {
    const url = new URL(request.url)
    const route = routes[url.pathname]
    return route ? route(request, url) : new Response('no such path', { status: 404 })
  },
} satisfies { fetch(request: Request): Promise<Response> }
`

let folder: string
let tools: Tools
let builder: Builder
let runtime: Runtime
let upstream: Server
let url = ''
let upstreamUrl = ''
const lines: string[] = []
let written: () => void = () => {}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'patchbay-test-javascript-'))
  tools = createTools()
  builder = createBuilder({ tools, cacheFolder: folder })
  runtime = createRuntime({
    tools,
    cacheFolder: folder,
    onLines(added) {
      lines.push(...added.map(({ source: from, text }) => `${from}: ${text}`))
      written()
    },
  })
  upstream = createServer((request, response) => {
    request.on('data', (chunk: Buffer) => {
      response.setHeader('x-to', String(request.headers['x-from']))
      response.statusCode = 202
      response.end(`${request.method} ${chunk.toString()} pong`)
    })
  })
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve))
  const { port } = upstream.address() as AddressInfo
  upstreamUrl = `http://127.0.0.1:${port}`

  await builder.create(folder, 'kitchen', 'http-ts')
  const sources = join(folder, 'src', 'kitchen', 'src')
  await writeFile(join(sources, 'handler.ts'), source)
  await writeFile(join(sources, 'double.ts'), 'export const double = (n: number): number => n * 2\n')
  await writeFile(join(folder, 'shared.ts'), "export const word: string = 'one'\n")
  const { component, problems } = await builder.build(join(folder, 'src', 'kitchen'))
  expect(problems).toEqual([])
  const bytes = component?.bytes ?? new Uint8Array()
  // One instance for all requests: what one leaves behind would be seen by the next.
  const settings: RunSettings = { port: 0, isolation: 'none', allowHosts: [`127.0.0.1:${port}`] }
  const status = await runtime.start({ handlers: [{ name: 'kitchen', bytes }], settings })
  expect(status.handlers[0]?.problem).toBeUndefined()
  url = status.url ?? ''
})
afterAll(async () => {
  await runtime.dispose()
  await builder.dispose()
  await tools.dispose()
  upstream.close()
  await rm(folder, { recursive: true, force: true })
})

async function line(text: string | RegExp): Promise<string> {
  for (;;) {
    const found = lines.find((one) => (typeof text === 'string' ? one.includes(text) : text.test(one)))
    if (found !== undefined) return found
    await new Promise<void>((resolve) => {
      written = resolve
    })
  }
}

interface Answer {
  readonly status: number
  readonly headers: NodeJS.Dict<string | string[]>
  readonly text: string
  readonly chunks: number
  readonly broken: boolean
}
function send(
  path: string,
  { method = 'GET', headers = {}, body }: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(new URL(path, url), { method, headers, agent: false }, (message) => {
      const chunks: Buffer[] = []
      message.on('data', (chunk: Buffer) => chunks.push(chunk))
      message.on('error', () => {})
      message.on('close', () =>
        resolve({
          status: message.statusCode ?? 0,
          headers: message.headers,
          text: Buffer.concat(chunks).toString(),
          chunks: chunks.length,
          broken: !message.complete,
        }),
      )
    })
    request.on('error', reject)
    request.end(body)
  })
}
const text = async (path: string): Promise<string> => (await send(path)).text

describe('a handler in TypeScript', () => {
  it('answers, with several modules and classes', async () => {
    expect(await text('/double?n=21')).toBe('42')
    expect(await send('/nowhere')).toMatchObject({ status: 404, text: 'no such path' })
    expect(await line('loaded')).toBe('stdout: loaded true')
    expect(await send('/empty')).toMatchObject({ status: 204, text: '' })
    expect((await send('/double?n=1', { method: 'HEAD' })).text).toBe('')
  })

  it('reads and writes bodies', async () => {
    const large = 'größer '.repeat(40_000)
    expect(await send('/echo', { method: 'POST', body: large })).toMatchObject({
      text: large,
      headers: { 'x-method': 'POST' },
    })
    expect((await send('/upper', { method: 'PATCH', body: 'straße' })).text).toBe('STRASSE')
    const json = await send('/json', { method: 'POST', body: '{"a":[1]}' })
    expect([json.status, json.headers['content-type'], JSON.parse(json.text)]).toEqual([
      201,
      'application/json',
      { got: { a: [1] }, early: 'early', held: 7 },
    ])
    expect((await send('/json', { method: 'POST', body: '{' })).status).toBe(500)
    expect((await send('/echo', { method: 'POST' })).text).toBe('')
  })

  it('keeps headers apart, and names those the host refuses', async () => {
    const { text: got, headers } = await send('/headers', { headers: { 'X-A': '1', 'x-b': '2' } })
    expect(JSON.parse(got)).toEqual(
      expect.arrayContaining([
        ['x-a', '1'],
        ['x-b', '2'],
      ]),
    )
    expect(headers['set-cookie']).toEqual(['a=1', 'b=2'])
    await line('The header "connection" of the response was left out')
  })

  it('streams, waits and draws random numbers', async () => {
    const streamed = await send('/stream')
    expect([streamed.text, streamed.chunks]).toEqual(['chunk 0\nchunk 1\nchunk 2\n', 3])
    expect(await text('/sse')).toBe('data: 0\n\ndata: 1\n\n')
    expect(await text('/timers')).toBe('now job soon late 3')
    const [one, two] = [await text('/random'), await text('/random')]
    expect(one).not.toBe(two)
    expect(JSON.parse(await text('/settled'))).toMatchObject([
      { status: 'rejected' },
      { value: 1 },
      { value: 3 },
      { value: 4 },
    ])
    expect(JSON.parse(await text('/text'))).toEqual([
      '🎛\ufffd',
      'aGVsbG8=',
      'hi',
      'http://u:p@example.test/b?x=1#y',
      'a=%C3%A4+b&c=%26',
      'number',
    ])
  })

  it('codes text, takes addresses apart and keeps the order of promises', async () => {
    expect(JSON.parse(await text('/coding'))).toEqual({
      same: Array.from({ length: 8 }, () => true),
      half: [0x78, 0xef, 0xbf, 0xbd, 0x79, 0xef, 0xbf, 0xbd],
      bad: ['\ufffdA', '\ufffd\ufffd', '\ufffd\ufffd\ufffd', '\ufffd\ufffd\ufffd\ufffd', '\ufffd'],
      fatal: 'TypeError: The bytes are not UTF-8',
      long: '131077 240,159,142,155',
      strings: ['/w==', 255, 'InvalidCharacterError'],
    })
    expect(JSON.parse(await text('/urls?x=1'))).toEqual([
      '?x=1',
      'http://host/other?x=1&a=1+2',
      '/urls',
      true,
      'http://a.test/',
      'http://a.test:8080/y.z',
      'http://a.test/%7e/b',
      'https://a.test/?q=%27',
      'http://a.test/a%20b#c',
      'none',
    ])
    expect(await text('/order')).toBe('a b c thenable thrown kept no then no class default')
    expect((await send('/late')).headers['x-late']).toBe('yes')
  })

  it('shows a request as it is', async () => {
    const { text: shown, headers } = await send('/show', { headers: { 'x-a': '1' } })
    expect(JSON.parse(shown)).toMatchObject({ method: 'GET', url: `${url}show`, headers: { 'x-a': '1' } })
    expect(headers['content-type']).toBe('x/y')
    expect(await line('Request {')).toMatch(/method: "GET".*Headers \{.*Response \{ status: 200/)
    expect(await line('100%')).toBe('stdout: 100%%')
  })

  it('calls other servers that it may reach', async () => {
    expect(await text(`/fetch?to=${encodeURIComponent(upstreamUrl)}`)).toBe('202 guest POST ping pong')
    expect((await send(`/fetch?to=${encodeURIComponent('http://127.0.0.1:1/')}`)).status).toBe(500)
    await line(/fetch of http:\/\/127\.0\.0\.1:1\/ failed/)
  })

  it('says what failed and where in the sources', async () => {
    const boom = await send('/boom')
    expect([boom.status, boom.headers['content-type']]).toEqual([500, 'application/problem+json'])
    await line('TypeError: boom')
    const at = source.split('\n').findIndex((one) => one.includes("TypeError('boom')")) + 1
    expect(await line(`(src/handler.ts:${at})`)).not.toContain('handler.js')
    expect((await send('/reject')).status).toBe(500)
    await line('only text')
    expect((await send('/nothing')).status).toBe(500)
    await line('gave undefined where a Response was expected')
    expect((await send('/never')).status).toBe(500)
    await line('waits for something that never happens')
    expect((await send('/lost')).text).toBe('fine')
    await line('Nobody handled this rejection: Error: lost')
    const broken = await send('/breaks')
    expect([broken.status, broken.text, broken.broken]).toEqual([200, 'begun', true])
    await line('The response broke off: Error: midway')
    // And all of that did no harm to the instance.
    expect(await text('/double?n=4')).toBe('8')
  })
})

describe('the bundle', () => {
  it('lets async functions wait by our own promises, where those are there', async () => {
    const sources = join(folder, 'src', 'kitchen')
    const options = { folder: sources, entry: join(sources, 'src', 'handler.ts'), mapInterface: (name: string) => name }
    const plain = await bundleSources(options)
    const wrapper = "import 'patchbay:adapters/globals.js'\nexport * from 'patchbay:entry'\n"
    const wrapped = await bundleSources({ ...options, wrapper })
    expect([plain, wrapped].map((made) => made.ok && made.product.code.includes('asyncGeneratorStep'))).toEqual([
      true,
      false,
    ])
  })
})

describe('what changes outside of the folder', () => {
  it('is seen by the cache', async () => {
    const build = async () => (await builder.build(join(folder, 'src', 'kitchen'))).component
    expect(await text('/word')).toBe('one')
    expect((await build())?.cached).toBe(true)
    await writeFile(join(folder, 'shared.ts'), "export const word: string = 'two'\n")
    expect((await build())?.cached).toBe(false)
  })
})
