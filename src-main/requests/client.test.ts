import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createPlainServer, type AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { PatchbayError, type Problem } from '../../src-engine/error.ts'
import type { OutgoingRequest } from '../../src-preload/contract.ts'
import { bodyLimit, sendRequest } from './client.ts'

const open: { close(): void }[] = []
afterEach(() => {
  for (const server of open.splice(0)) server.close()
})

async function listen(server: Server | ReturnType<typeof createPlainServer>): Promise<string> {
  open.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address: AddressInfo | string | null = server.address()
  if (typeof address !== 'object' || !address) throw new Error('no address')
  return `http://127.0.0.1:${address.port}`
}

const serve = (listener: RequestListener): Promise<string> => listen(createServer(listener))
const get = (url: string, rest: Partial<OutgoingRequest> = {}): OutgoingRequest => ({
  id: '1',
  method: 'GET',
  url,
  headers: [],
  ...rest,
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

describe('sendRequest', () => {
  it('sends method, path, headers and body as they are written and reads the answer as it comes', async () => {
    const url = await serve((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        response.writeHead(207, 'Many Things', ['Set-Cookie', 'a=1', 'Set-Cookie', 'b=2', 'X-Request-Id', 'abc'])
        response.end(
          JSON.stringify({
            method: request.method,
            url: request.url,
            raw: request.rawHeaders,
            body: Buffer.concat(chunks).toString(),
          }),
        )
      })
    })
    const answer = await sendRequest({
      id: '1',
      method: 'PROPFIND',
      url: `${url}/a/../b%2Fc?q=ü&x=1#fragment`,
      headers: [
        ['X-Twice', 'one'],
        ['x-twice', 'two'],
      ],
      body: Buffer.from('hello'),
    })
    expect(answer).toMatchObject({ status: 207, statusText: 'Many Things', truncated: false, requestId: 'abc' })
    expect(answer.headers.filter(([name]) => name === 'Set-Cookie')).toEqual([
      ['Set-Cookie', 'a=1'],
      ['Set-Cookie', 'b=2'],
    ])
    expect(answer.timeToHeaders).toBeGreaterThan(0)
    expect(answer.duration).toBeGreaterThanOrEqual(answer.timeToHeaders)
    expect(answer.bodyBytes).toBe(answer.body.length)
    const seen: unknown = JSON.parse(Buffer.from(answer.body).toString())
    expect(seen).toMatchObject({ method: 'PROPFIND', url: '/a/../b%2Fc?q=%C3%BC&x=1', body: 'hello' })
    expect(JSON.stringify(seen)).toContain('"X-Twice","one","x-twice","two"')
  })

  it('keeps 16 MB of a body and counts the rest', async () => {
    const url = await serve((_request, response) => {
      response.write(Buffer.alloc(bodyLimit, 1))
      response.end(Buffer.alloc(1000, 2))
    })
    const answer = await sendRequest(get(url))
    expect(answer.truncated).toBe(true)
    expect(answer.body.length).toBe(bodyLimit)
    expect(answer.bodyBytes).toBe(bodyLimit + 1000)
  })

  it('names host and port when nothing listens', async () => {
    const url = await serve(() => {})
    const server = open.pop()
    await new Promise<void>((resolve) =>
      server && 'closeAllConnections' in server ? (server as Server).close(() => resolve()) : resolve(),
    )
    const problem = await problemFrom(sendRequest(get(url)))
    expect(problem.code).toBe('request.connection-refused')
    expect(problem.message).toContain(url.slice('http://'.length))
    expect(problem.hint).toContain('Run')
  })

  it('ends by its time limit and by cancellation', async () => {
    const url = await serve(() => {})
    expect((await problemFrom(sendRequest(get(url, { timeout: 40 })))).code).toBe('request.timeout')
    const control = new AbortController()
    const cancelled = problemFrom(sendRequest(get(url), control.signal))
    control.abort()
    expect((await cancelled).code).toBe('request.cancelled')
    expect((await problemFrom(sendRequest(get(url), control.signal))).code).toBe('request.cancelled')
  })

  it('tells an answer that breaks off from a whole one', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(200, { 'Content-Length': 100 })
      response.write('half', () => response.destroy())
    })
    const answer = await sendRequest(get(url))
    expect(answer).toMatchObject({ status: 200, bodyBytes: 4, truncated: false })
    expect(Buffer.from(answer.body).toString()).toBe('half')
    expect(answer.problem).toMatchObject({ code: 'request.incomplete', message: 'The answer broke off after 4 B' })
  })

  it('tells what there is of an answer that takes its time, each part once, and keeps it when it ends early', async () => {
    let more = (): void => {}
    const url = await serve((_request, response) => {
      response.write('one')
      more = () => void response.write('two')
    })
    const control = new AbortController()
    const parts: string[] = []
    const answer = await sendRequest(get(url), control.signal, ({ body, bodyBytes }) => {
      parts.push(`${Buffer.from(body).toString()} of ${bodyBytes}`)
      if (parts.length === 1) more()
      else control.abort()
    })
    expect(parts).toEqual(['one of 3', 'two of 6'])
    expect(Buffer.from(answer.body).toString()).toBe('onetwo')
    expect(answer.problem?.code).toBe('request.cancelled')
    const late = await sendRequest(get(url, { timeout: 40 }))
    expect([Buffer.from(late.body).toString(), late.problem?.code]).toEqual(['one', 'request.timeout'])
  })

  it('says when the other side does not speak HTTP, or says nothing', async () => {
    const garbage = await listen(createPlainServer((socket) => socket.end('SSH-2.0-nothing\r\n')))
    expect((await problemFrom(sendRequest(get(garbage)))).code).toBe('request.not-http')
    const silent = await listen(createPlainServer((socket) => socket.destroy()))
    expect((await problemFrom(sendRequest(get(silent)))).code).toBe('request.connection-reset')
  })

  it('refuses what cannot be sent', async () => {
    for (const url of ['', 'nonsense', 'ftp://a/b', 'http://', '/path']) {
      expect((await problemFrom(sendRequest(get(url)))).code).toBe('request.url')
    }
    expect((await problemFrom(sendRequest(get('http://127.0.0.1:1', { method: 'GE T' })))).code).toBe('request.method')
    expect((await problemFrom(sendRequest(get('http://127.0.0.1:1', { headers: [['a b', 'c']] })))).code).toBe(
      'request.header',
    )
    expect((await problemFrom(sendRequest(get('http://127.0.0.1:1', { headers: [['a', 'c\r\nd: e']] })))).code).toBe(
      'request.header',
    )
  })

  it('answers HEAD and 204 without waiting for a body', async () => {
    const url = await serve((request, response) => {
      response.writeHead(request.method === 'HEAD' ? 200 : 204, {
        'Content-Length': request.method === 'HEAD' ? 5000 : 0,
      })
      response.end()
    })
    expect(await sendRequest(get(url, { method: 'HEAD' }))).toMatchObject({ status: 200, bodyBytes: 0 })
    expect(await sendRequest(get(url))).toMatchObject({ status: 204, bodyBytes: 0 })
  })
})
