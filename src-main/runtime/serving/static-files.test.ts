import { mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { createServer, request as httpRequest, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sendProblem } from '../problems.ts'
import { serveFile } from './static-files.ts'

let folder: string
let server: Server
const text = 'all work and no play\n'.repeat(500)
const modified = new Date('2024-05-06T07:08:09Z')

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

function ask(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  const { port } = server.address() as AddressInfo
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port, path, headers, method, agent: false }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
      )
    })
    request.on('error', reject)
    request.end()
  })
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'patchbay-static-test-'))
  const root = join(folder, 'site')
  await mkdir(join(root, 'sub'), { recursive: true })
  await mkdir(join(root, '.git'))
  await writeFile(join(root, 'index.html'), '<!doctype html>')
  await writeFile(join(root, 'sub/index.html'), 'below')
  await writeFile(join(root, 'text.txt'), text)
  await utimes(join(root, 'text.txt'), modified, modified)
  await writeFile(join(root, 'ten.bin'), '0123456789')
  await writeFile(join(root, 'empty.css'), '')
  await writeFile(join(root, 'ä b.json'), '{}')
  await writeFile(join(root, '.env'), 'SECRET=1')
  await writeFile(join(root, '.git/config'), 'hidden')
  await writeFile(join(folder, 'outside.txt'), 'outside')
  await symlink('../outside.txt', join(root, 'way-out.txt'))
  await symlink('..', join(root, 'up'))
  await symlink('.env', join(root, 'to-hidden'))
  await symlink('text.txt', join(root, 'inside.txt'))
  await symlink('loop', join(root, 'loop'))
  server = createServer((request, response) => {
    const path = (request.url ?? '').split('?')[0] ?? ''
    void serveFile({ request, response, root, path, headers: ['X-Request-Id', 'id'], compression: true }).then(
      (outcome) => 'problem' in outcome && sendProblem(response, outcome.problem, 'id'),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve))
  await rm(folder, { recursive: true, force: true })
})

describe('a folder of files', () => {
  it('is served with types, validators and ids', async () => {
    const answer = await ask('/text.txt')
    expect(answer.body.toString()).toBe(text)
    expect(answer).toMatchObject({
      status: 200,
      headers: {
        'content-type': 'text/plain; charset=utf-8',
        'content-length': String(text.length),
        'last-modified': 'Mon, 06 May 2024 07:08:09 GMT',
        'accept-ranges': 'bytes',
        'cache-control': 'no-cache',
        'x-content-type-options': 'nosniff',
        'x-request-id': 'id',
        vary: 'Accept-Encoding',
      },
    })
    expect(answer.headers.etag).toMatch(/^"[^"]+"$/)
    expect((await ask('/%C3%A4%20b.json')).headers['content-type']).toBe('application/json')
    expect((await ask('/ten.bin')).headers['content-type']).toBe('application/octet-stream')
    expect((await ask('/inside.txt')).status).toBe(200)
    expect(await ask('/empty.css')).toMatchObject({ status: 200, headers: { 'content-length': '0' } })
  })

  it('has index pages, and sends who forgot the slash there', async () => {
    expect((await ask('/')).body.toString()).toBe('<!doctype html>')
    expect((await ask('/sub/')).body.toString()).toBe('below')
    expect(await ask('/sub?a=1')).toMatchObject({ status: 301, headers: { location: '/sub/?a=1' } })
    expect((await ask('//sub')).headers.location).toBe('/sub/')
  })

  it('answers 304 to who has it already', async () => {
    const tag = (await ask('/text.txt')).headers.etag ?? ''
    const conditions: readonly Record<string, string>[] = [
      { 'If-None-Match': tag },
      { 'If-None-Match': `"other", W/${tag}` },
      { 'If-None-Match': '*' },
      { 'If-Modified-Since': modified.toUTCString() },
    ]
    for (const headers of conditions) {
      const answer = await ask('/text.txt', headers)
      expect([answer.status, answer.body.length, answer.headers['content-type']]).toEqual([304, 0, undefined])
    }
    expect((await ask('/text.txt', { 'If-None-Match': '"other"' })).status).toBe(200)
    // The tag decides where both are there.
    const both = { 'If-None-Match': '"other"', 'If-Modified-Since': modified.toUTCString() }
    expect((await ask('/text.txt', both)).status).toBe(200)
    expect((await ask('/text.txt', { 'If-Modified-Since': 'yesterday' })).status).toBe(200)
  })

  it.each([
    ['bytes=2-4', 206, '234', 'bytes 2-4/10'],
    ['bytes=7-', 206, '789', 'bytes 7-9/10'],
    ['bytes=-3', 206, '789', 'bytes 7-9/10'],
    ['bytes=-99', 206, '0123456789', 'bytes 0-9/10'],
    ['bytes=0-999', 206, '0123456789', 'bytes 0-9/10'],
    ['bytes=10-', 416, undefined, 'bytes */10'],
    ['bytes=-0', 416, undefined, 'bytes */10'],
    ['bytes=4-2', 200, '0123456789', undefined],
    ['bytes=0-1,3-4', 200, '0123456789', undefined],
    ['bytes=-', 200, '0123456789', undefined],
    ['lines=1-2', 200, '0123456789', undefined],
  ])('range %s → %i', async (range, status, body, said) => {
    const answer = await ask('/ten.bin', { Range: range })
    expect([answer.status, answer.headers['content-range']]).toEqual([status, said])
    if (body !== undefined) expect(answer.body.toString()).toBe(body)
  })

  it('gives a range only while the file is the same', async () => {
    const tag = (await ask('/text.txt')).headers.etag ?? ''
    const status = async (condition: string): Promise<number> =>
      (await ask('/text.txt', { Range: 'bytes=0-1', 'If-Range': condition })).status
    expect([await status(tag), await status(modified.toUTCString())]).toEqual([206, 206])
    expect([await status(`W/${tag}`), await status('"x"'), await status('Mon, 06 May 2020 07:08:09 GMT')]).toEqual([
      200, 200, 200,
    ])
  })

  it('compresses for who takes it, whole files only', async () => {
    const gzip = await ask('/text.txt', { 'Accept-Encoding': 'gzip' })
    expect(gunzipSync(gzip.body).toString()).toBe(text)
    expect(gzip.headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'Accept-Encoding' })
    expect([gzip.headers['content-length'], gzip.headers.etag?.startsWith('W/')]).toEqual([undefined, true])
    expect(brotliDecompressSync((await ask('/text.txt', { 'Accept-Encoding': 'gzip, br' })).body).toString()).toBe(text)
    const part = await ask('/text.txt', { 'Accept-Encoding': 'gzip', Range: 'bytes=0-2' })
    expect([part.status, part.headers['content-encoding'], part.body.toString()]).toEqual([206, undefined, 'all'])
    expect((await ask('/', { 'Accept-Encoding': 'gzip' })).headers['content-encoding']).toBeUndefined()
  })

  it('answers HEAD without a body, and refuses other methods', async () => {
    const head = await ask('/text.txt', {}, 'HEAD')
    expect([head.status, head.headers['content-length'], head.body.length]).toEqual([200, String(text.length), 0])
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS'])
      expect(await ask('/text.txt', {}, method)).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } })
  })

  it('never leaves the folder, and shows nothing hidden', async () => {
    for (const path of [
      '/../outside.txt',
      '/sub/../../outside.txt',
      '/%2e%2e/outside.txt',
      '/..%2foutside.txt',
      '/a%5c..%5cb',
      '/%00',
      '/%ff',
      '/./text.txt',
    ])
      expect([path, (await ask(path)).status]).toEqual([path, 400])
    for (const path of [
      '/way-out.txt',
      '/up/outside.txt',
      '/up/site/text.txt',
      '/.env',
      '/.git/config',
      '/to-hidden',
      '/loop',
      '/nothing',
      '/text.txt/more',
      `/${'a'.repeat(300)}`,
    ])
      expect([path, (await ask(path)).status]).toEqual([path, path === '/up/site/text.txt' ? 200 : 404])
  })
})
