import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LogLine } from '../../src-preload/contract.ts'
import { createTools, type Tools } from '../tools/tools.ts'
import { createRuntime, type Runtime } from './runtime.ts'

const world = `package patchbay:guests;
world service { import wasi:http/types@0.3.0; export wasi:http/handler@0.3.0; }`

const source = `
import * as http from 'wasi:http/types@0.3.0'
let served = 0
const bytesOf = (text) => new Uint8Array([...text].map((character) => character.charCodeAt(0)))
const done = { tag: 'ok', val: undefined }
function respond(status, body, trailers = Promise.resolve(done)) {
  const fields = http.Fields.fromList([['content-type', bytesOf('text/plain')], ['x-twice', bytesOf('a')], ['x-twice', bytesOf('b')]])
  const [response] = http.Response.new(fields, body, trailers)
  response.setStatusCode(status)
  return response
}
async function* pieces(...texts) { for (const text of texts) yield bytesOf(text) }
export const handler = {
  async handle(request) {
    const path = request.getPathWithQuery()
    if (path === '/echo') return respond(200, ...http.Request.consumeBody(request, Promise.resolve(done)))
    if (path === '/empty') return respond(204, undefined)
    if (path === '/error') throw { tag: 'loop-detected' }
    if (path === '/throw') throw new Error('on purpose')
    if (path === '/loop') for (;;);
    if (path === '/held') {
      const mine = ++served
      const [body] = http.Request.consumeBody(request, Promise.resolve(done))
      let size = 0
      for await (const chunk of body) size += chunk.length
      return respond(200, pieces(mine + ' of ' + served + ', ' + size + ' bytes'))
    }
    if (path === '/count') return respond(200, pieces(String(served)))
    if (path === '/served') return respond(200, pieces(String(++served)))
    const names = request.getHeaders().copyAll().map(([name]) => name.toLowerCase())
    return respond(200, pieces(request.getMethod().tag, ' ', path, ' ', String(names.includes('host'))))
  },
}
`

let folder: string
let tools: Tools
let runtime: Runtime
let component: Uint8Array
let url = ''
const lines: LogLine[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'patchbay-wasi3-test-'))
  tools = createTools()
  runtime = createRuntime({ tools, cacheFolder: folder, onLines: (news) => void lines.push(...news) })
  const wit = join(folder, 'wit')
  await mkdir(wit)
  await cp(join(import.meta.dirname, '../../wit/wasi-0.3.0'), join(wit, 'deps'), { recursive: true })
  await writeFile(join(wit, 'world.wit'), world)
  const { componentize } = await import('componentize-qjs')
  component = (await componentize({ witPath: wit, jsSource: source, world: 'service' })).component
  const status = await runtime.start({ handlers: [{ name: 'service', bytes: component }], settings: { maxBody: 3e6 } })
  expect(status.handlers).toMatchObject([{ state: 'ready', wasi: '0.3', engine: 'jco' }])
  url = status.url ?? ''
})
afterAll(async () => {
  await runtime.dispose()
  await tools.dispose()
  await rm(folder, { recursive: true, force: true })
})

describe('a handler of WASI 0.3', () => {
  it('answers with a streamed body, and sees no headers of the connection', async () => {
    const answer = await fetch(`${url}a/b?c=d`, { method: 'PUT' })
    expect(answer.status).toBe(200)
    expect(answer.headers.get('x-twice')).toBe('a, b')
    expect(await answer.text()).toBe('put /a/b?c=d false')
    expect((await fetch(`${url}empty`)).status).toBe(204)
  })

  it('passes megabytes through without changing a byte', async () => {
    const body = Buffer.alloc(2_000_000)
    for (let at = 0; at < body.length; at += 4) body.writeUInt32LE(at, at)
    const answer = await fetch(`${url}echo`, { method: 'POST', body })
    expect(Buffer.from(await answer.arrayBuffer()).equals(body)).toBe(true)
  })

  it('turns errors and traps into answers', async () => {
    const refused = await fetch(`${url}error`)
    expect(refused.status).toBe(502)
    expect(await refused.json()).toMatchObject({
      code: 'runtime.handler-error',
      detail: expect.stringContaining('loop-detected'),
    })
    const trapped = await fetch(`${url}throw`)
    expect(trapped.status).toBe(502)
    expect(await trapped.json()).toMatchObject({ code: 'runtime.trap' })
    expect((await fetch(url)).status).toBe(200)
  })

  it('is fresh for each request by default, and kept where asked to', async () => {
    const count = async (): Promise<string> => (await fetch(`${url}served`)).text()
    expect([await count(), await count()]).toEqual(['1', '1'])
    const status = await runtime.start({
      handlers: [{ name: 'service', bytes: component }],
      settings: { isolation: 'none' },
    })
    url = status.url ?? ''
    expect([await count(), await count()]).toEqual(['1', '2'])
  })

  it('works on many requests at once in one instance', async () => {
    const bodies = Array.from({ length: 5 }, () => new TransformStream<Uint8Array, Uint8Array>())
    const before = Number(await (await fetch(`${url}served`)).text())
    const answers = bodies.map(async ({ readable }) => {
      const answer = await fetch(`${url}held`, { method: 'POST', body: readable, duplex: 'half' } as RequestInit)
      return answer.text()
    })
    const writers = bodies.map(({ writable }) => writable.getWriter())
    for (const writer of writers) await writer.write(new Uint8Array(100))
    // All of them were begun when the first one ends; they end in the other order.
    while (Number(await (await fetch(`${url}count`)).text()) < before + 5);
    for (const writer of writers.reverse()) await writer.close()
    const texts = await Promise.all(answers)
    expect(texts.map((text) => text.replace(/^\d+ /, ''))).toEqual(texts.map(() => `of ${before + 5}, 100 bytes`))
    expect(new Set(texts).size).toBe(5)
  })

  it('ends the others with the instance when one of them traps, and goes on in a new one', async () => {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
    const before = Number(await (await fetch(`${url}count`)).text())
    const held = fetch(`${url}held`, { method: 'POST', body: readable, duplex: 'half' } as RequestInit)
    await writable.getWriter().write(new Uint8Array(1))
    while (Number(await (await fetch(`${url}count`)).text()) === before);
    expect((await fetch(`${url}throw`)).status).toBe(502)
    expect(await (await held).json()).toMatchObject({ code: 'runtime.trap', detail: expect.stringContaining('shared') })
    expect(await (await fetch(`${url}count`)).text()).toBe('0')
  })

  it('is held to its time, and to so many requests at once', async () => {
    const settings = { timeout: 2000, concurrency: 1 }
    url = (await runtime.start({ handlers: [{ name: 'service', bytes: component }], settings })).url ?? ''
    const answers = await Promise.all([fetch(`${url}loop`), fetch(`${url}loop`)])
    expect(answers.map(({ status }) => status).sort()).toEqual([429, 504])
  })
})
