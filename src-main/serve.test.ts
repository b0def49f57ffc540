import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type IncomingHttpHeaders, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decode, encode } from '@msgpack/msgpack'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { answerFrame } from '../src-preload/contract.ts'
import { type WorkbenchServer, serveWorkbench } from './serve.ts'
import { createServices } from './services/services.ts'

let folder: string
let server: WorkbenchServer

function start(port = 0): Promise<WorkbenchServer> {
  return serveWorkbench({
    port,
    rendererFolder: join(folder, 'renderer'),
    services: (parts) =>
      createServices({ ...parts, userFolder: join(folder, 'user'), projectPath: join(folder, 'project') }),
  })
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'patchbay-serve-'))
  await mkdir(join(folder, 'renderer'))
  await mkdir(join(folder, 'project'))
  await writeFile(join(folder, 'renderer', 'index.html'), '<!doctype html><title>Patchbay</title>')
  await writeFile(join(folder, 'renderer', 'empty.css'), '')
  server = await start()
})
afterAll(async () => {
  await server.close()
  await rm(folder, { recursive: true })
})

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** As no browser would: any header, any path. */
function ask(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port: server.port, path, method, headers, agent: false }, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => (body += chunk))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }))
    })
    sent.on('error', reject).end()
  })
}

async function cookie(): Promise<string> {
  const { headers } = await ask(new URL(server.link()).pathname + new URL(server.link()).search)
  return headers['set-cookie']?.[0]?.split(';')[0] ?? ''
}

describe('requests', () => {
  it('trades a link for a cookie once, and the cookie for the page', async () => {
    const link = new URL(server.link())
    const first = await ask(link.pathname + link.search)
    expect(first.status).toBe(200)
    expect(first.body).toContain('url=/')
    expect(first.headers['cache-control']).toBe('no-store')
    const pair = first.headers['set-cookie']?.[0]?.split(';')[0] ?? ''
    expect((await ask(link.pathname + link.search)).status).toBe(403)
    // Who holds the session may click the old link again.
    expect((await ask(link.pathname + link.search, { cookie: pair })).status).toBe(200)

    const page = await ask('/', { cookie: pair })
    expect(page).toMatchObject({ status: 200, body: '<!doctype html><title>Patchbay</title>' })
    expect(page.headers['content-security-policy']).toContain("script-src 'self' 'wasm-unsafe-eval'")
    expect(page.headers['content-security-policy']).toContain(`connect-src 'self' ws://127.0.0.1:${server.port}`)
    expect(await ask('/empty.css', { cookie: pair })).toMatchObject({ status: 200, body: '' })
    expect(await ask('/', { cookie: pair }, 'HEAD')).toMatchObject({ status: 200, body: '' })
  })

  it('answers nobody without the session, and tells what to do', async () => {
    for (const path of ['/', '/index.html', '/workbench', '/nothing', `/?token=${'A'.repeat(43)}`, '/?token=']) {
      const answer = await ask(path)
      expect(answer.status).toBe(403)
      expect(answer.body).toContain('terminal')
      expect(answer.body).not.toContain('<title>Patchbay</title>')
    }
  })

  it('answers only to its own names, from its own origin, to reading', async () => {
    const pair = await cookie()
    const own = `127.0.0.1:${server.port}`
    const status = async (headers: Record<string, string>, method = 'GET'): Promise<number> =>
      (await ask('/', { cookie: pair, ...headers }, method)).status
    expect(await status({ host: own, origin: `http://${own}` })).toBe(200)
    expect(await status({ host: `localhost:${server.port}` })).toBe(200)
    expect(await status({ host: 'evil.example' })).toBe(403)
    expect(await status({ host: `evil.example:${server.port}` })).toBe(403)
    expect(await status({ host: `127.0.0.1:${server.port + 1}` })).toBe(403)
    expect(await status({ origin: 'http://evil.example' })).toBe(403)
    expect(await status({ origin: 'null' })).toBe(403)
    expect(await status({ origin: `http://127.0.0.1:${server.port + 1}` })).toBe(403)
    expect(await status({ 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' })).toBe(403)
    expect(await status({}, 'POST')).toBe(405)
    expect(await status({}, 'OPTIONS')).toBe(405)
  })

  it('gives nothing outside the page’s folder', async () => {
    const pair = await cookie()
    await writeFile(join(folder, 'secret.txt'), 'secret')
    for (const path of [
      '/../secret.txt',
      '/%2e%2e/secret.txt',
      '/..%2fsecret.txt',
      '//etc/passwd',
      '/\\..\\secret.txt',
      'http://127.0.0.1/index.html',
    ]) {
      const answer = await ask(path, { cookie: pair })
      expect(answer.status).toBe(404)
      expect(answer.body).not.toContain('secret')
    }
  })
})

describe('the socket', () => {
  function open(headers: Record<string, string>): Promise<WebSocket | number> {
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(`ws://127.0.0.1:${server.port}/workbench`, { headers })
      socket.once('open', () => resolve(socket))
      socket.once('unexpected-response', (_request, response) => {
        resolve(response.statusCode ?? 0)
        response.destroy()
      })
      socket.once('error', reject)
    })
  }

  async function connected(): Promise<WebSocket> {
    const socket = await open({ cookie: await cookie(), origin: server.origin })
    if (typeof socket === 'number') throw new Error(`refused with ${socket}`)
    return socket
  }

  function answered(socket: WebSocket): Promise<unknown> {
    return new Promise((resolve, reject) => {
      socket.once('message', (data) => resolve(data instanceof Uint8Array ? answerFrame.parse(decode(data)) : data))
      socket.once('close', (code) => reject(new Error(`closed with ${code}`)))
    })
  }

  it('opens for our page only', async () => {
    const pair = await cookie()
    expect(await open({ origin: server.origin })).toBe(403)
    expect(await open({ cookie: pair })).toBe(403)
    expect(await open({ cookie: pair, origin: 'http://evil.example' })).toBe(403)
    expect(await open({ cookie: pair, origin: `http://127.0.0.1:${server.port + 1}` })).toBe(403)
    expect(await open({ cookie: pair, origin: server.origin, host: 'evil.example' })).toBe(403)
    expect(await open({ cookie: `${pair}x`, origin: server.origin })).toBe(403)
  })

  it('answers calls, and what is wrong with them', async () => {
    const socket = await connected()
    socket.send(encode({ id: 1, call: 'workbench.describe', input: {} }))
    expect(await answered(socket)).toMatchObject({ id: 1, reply: { ok: true, output: { host: 'browser' } } })
    socket.send(encode({ id: 2, call: 'no.such', input: {} }))
    expect(await answered(socket)).toMatchObject({
      id: 2,
      reply: { ok: false, problem: { code: 'contract.unknown-call' } },
    })
    socket.send(encode({ id: 3, call: '__proto__', input: {} }))
    expect(await answered(socket)).toMatchObject({
      id: 3,
      reply: { ok: false, problem: { code: 'contract.unknown-call' } },
    })
    socket.send(encode({ id: 4, call: 'project.open', input: { path: 5 } }))
    expect(await answered(socket)).toMatchObject({
      id: 4,
      reply: { ok: false, problem: { code: 'contract.bad-input', message: expect.stringContaining('path') } },
    })
    socket.send(encode({ id: 5, call: 'window.openExternal', input: { url: 'https://example.com/' } }))
    expect(await answered(socket)).toMatchObject({
      id: 5,
      reply: { ok: false, problem: { code: 'window.refused-url' } },
    })
    socket.terminate()
  })

  it('closes on what is no frame, and stays for the others', async () => {
    const other = await connected()
    for (const garbage of [
      'text',
      encode('a string'),
      encode({ id: 'x' }),
      new Uint8Array([0xc1]),
      new Uint8Array(0),
    ]) {
      const socket = await connected()
      const closed = new Promise((resolve) => socket.once('close', resolve))
      socket.send(garbage)
      expect([1003, 1007]).toContain(await closed)
    }
    other.send(encode({ id: 1, call: 'workbench.describe', input: {} }))
    expect(await answered(other)).toMatchObject({ id: 1, reply: { ok: true } })
    other.terminate()
  })
})

describe('the port', () => {
  it('in use is told with what to do', async () => {
    await expect(start(server.port)).rejects.toMatchObject({
      problem: { code: 'serve.port-in-use', hint: expect.stringContaining('--port') },
    })
  })

  it('is free again after closing, also with windows connected', async () => {
    const second = await start()
    const link = new URL(second.link())
    await fetch(link)
    await second.close()
    await second.close()
    const third = await start(second.port)
    expect(third.port).toBe(second.port)
    await third.close()
  })
})
