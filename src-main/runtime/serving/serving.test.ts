import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LogLine, RequestRecord, RunSettings } from '../../../src-preload/contract.ts'
import { createTools, type Tools } from '../../tools/tools.ts'
import { createRuntime, type Runtime, type StartOptions } from '../runtime.ts'

// Real guests behind real sockets: what the pieces do is proved beside them, here that they are wired.

let folder: string
let tools: Tools
let runtime: Runtime
let port = 0
let guest: Uint8Array
/** The same guest, except that it says "hallo". */
let other: Uint8Array
const lines: LogLine[] = []
const records = new Map<string, RequestRecord>()
let changed: () => void = () => {}

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  readonly text: string
}

interface Asking {
  readonly method?: string
  readonly headers?: Record<string, string>
  readonly onChunk?: () => void
}

function ask(path: string, { method = 'GET', headers = {}, onChunk }: Asking = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port, path, method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk)
        onChunk?.()
      })
      response.on('error', reject)
      response.on('end', () => {
        const body = Buffer.concat(chunks)
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body, text: body.toString() })
      })
    })
    request.on('error', reject)
    request.end()
  })
}

async function start(settings: RunSettings = {}, rest: Partial<StartOptions> = {}): Promise<void> {
  const status = await runtime.start({ handlers: [{ name: 'api', bytes: guest }], settings, ...rest })
  port = Number(new URL(status.url ?? '').port)
}

async function told<Value>(find: () => Value | undefined): Promise<Value> {
  for (;;) {
    const found = find()
    if (found !== undefined) return found
    await new Promise<void>((resolve) => (changed = resolve))
  }
}

const idOf = (answer: Answer): string => String(answer.headers['x-request-id'])
const record = (answer: Answer): Promise<RequestRecord> =>
  told(() => {
    const found = records.get(idOf(answer))
    return found && found.state !== 'active' && found.spans.some(({ name }) => name === 'guest') ? found : undefined
  })

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'patchbay-serving-test-'))
  const bytes = await readFile(join(import.meta.dirname, '../../../test/fixtures/guests/behaviours.wasm'))
  guest = bytes
  const at = bytes.indexOf('hello\n')
  other = Buffer.concat([bytes.subarray(0, at), Buffer.from('hallo\n'), bytes.subarray(at + 6)])
  tools = createTools()
  runtime = createRuntime({
    tools,
    version: '1.2.3',
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

describe('routes', () => {
  it('lead to handlers, tenants and hosts, each untouched', async () => {
    await start(
      {
        environment: { WHO: 'everybody' },
        tenants: { acme: { environment: { WHO: 'acme' } } },
        rules: { 'api.test/': 'two', '/docs': 'api' },
      },
      {
        handlers: [
          { name: 'api', bytes: guest },
          { name: 'two', bytes: other },
          { name: 'api', tenant: 'acme', bytes: guest },
          { name: 'only', tenant: 'acme', bytes: guest },
          { name: 'api', tenant: 'zeta', bytes: guest },
        ],
      },
    )
    const texts = async (...paths: string[]): Promise<string[]> =>
      Promise.all(paths.map(async (path) => (await ask(path)).text))
    expect(await texts('/run/api/hello', '/run/two/hello', '/tenant/acme/only/hello')).toEqual([
      'hello\n',
      'hallo\n',
      'hello\n',
    ])
    expect(await texts('/run/api/path/%2e/a%20b?x=%26&y', '/tenant/acme/api/path//?q=1')).toEqual([
      '/path/%2e/a%20b?x=%26&y',
      '/path//?q=1',
    ])
    expect(await texts('/run/api/environment', '/tenant/acme/api/environment', '/tenant/zeta/api/environment')).toEqual(
      ['WHO=everybody\n', 'WHO=acme\n', ''],
    )
    expect((await ask('/hello', { headers: { Host: 'API.test:80' } })).text).toBe('hallo\n')
    expect((await ask('/run/api/hello', { headers: { Host: 'api.test' } })).status).toBe(404)
    expect((await ask('/docs/x')).text).toBe('no such behaviour\n')
    for (const path of [
      '/',
      '/hello',
      '/tenant/zeta/only/hello',
      '/tenant/acme/two/hello',
      '/run/acme%2Fonly/hello',
      '/tenant/acme',
      '/run/nobody',
    ])
      expect([path, (await ask(path)).status]).toEqual([path, 404])
    expect((await ask('/run/nobody')).text).not.toContain('acme')
    expect(runtime.status().handlers.map(({ route }) => route)).toContain('/tenant/acme/only/')
    expect((await record(await ask('/tenant/acme/only/hello'))).handler).toBe('acme/only')
  })

  it('of the server stay reachable beside a single handler, or are left to it', async () => {
    await start()
    expect((await ask('/health')).text).toBe('no such behaviour\n')
    expect(JSON.parse((await ask('/-/health')).text)).toMatchObject({ status: 'ready', version: '1.2.3' })
    expect((await ask('/-/nothing')).status).toBe(404)
    await start({ ownRoutes: false })
    expect((await ask('/-/health')).text).toBe('no such behaviour\n')
    await start({}, { single: false })
    expect(JSON.parse((await ask('/health')).text)).toMatchObject({ handlers: [{ name: 'api' }] })
    expect((await ask('/metrics')).headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8')
  })

  it('are refused at the start when they cannot be', async () => {
    const problems = async (settings: RunSettings): Promise<string> =>
      start(settings).then(
        () => 'none',
        (thrown: Error & { problem?: { code: string } }) => thrown.problem?.code ?? String(thrown),
      )
    expect(await problems({ rules: { '/x': 'nobody' } })).toBe('usage.rule')
    expect(await problems({ rules: { 'a b': 'api' } })).toBe('usage.rule')
    expect(await problems({ static: { '/s': join(folder, 'none') } })).toBe('input.not-found')
    expect(await problems({ static: { assets: folder } })).toBe('usage.static')
    expect(await problems({ static: { '/': folder } })).toBe('usage.static')
    expect(await problems({ secrets: ['PATCHBAY_TEST_UNSET'] })).toBe('usage.secret')
    expect(await problems({ tenants: { acme: { allowHosts: ['a b'] } } })).toBe('usage.allow-host')
    expect(await problems({ handlers: { x: { allowNet: ['tcp://a'] } } })).toBe('usage.allow-net')
  })

  it('and handlers that settings name in vain are told', async () => {
    await start({ handlers: { apo: { timeout: 1 } }, tenants: { acme: { timeout: 1 } }, reuse: 5 })
    for (const who of ['handler "apo"', 'tenant "acme"', '"reuse" is of no effect'])
      expect((await told(() => lines.find(({ text }) => text.includes(who)))).source).toBe('host')
  })
})

describe('new code', () => {
  it('takes over without a dropped request, while those under way finish on the old', async () => {
    await start({}, { single: true })
    const slow = ask('/chunks=150', { headers: { 'X-Request-Id': 'under-way' } })
    await told(() => records.get('under-way'))
    let stop = false
    const seen: string[] = []
    const load = Promise.all(
      Array.from({ length: 4 }, async () => {
        while (!stop) {
          const { status, text } = await ask('/hello')
          seen.push(`${status} ${text.trim()}`)
        }
      }),
    )
    await told(() => (seen.length > 20 ? true : records.size < 0 ? true : undefined))
    await runtime.update([{ name: 'api', bytes: other }])
    const before = seen.length
    await told(() => (seen.length > before + 20 ? true : undefined))
    stop = true
    await load
    expect(new Set(seen)).toEqual(new Set(['200 hello', '200 hallo']))
    expect(seen.at(-1)).toBe('200 hallo')
    expect((await slow).text).toBe('chunk\n'.repeat(3))
    // What cannot run does not take over.
    await runtime.update([{ name: 'api', bytes: other.slice(0, 500) }])
    expect((await ask('/hello')).text).toBe('hallo\n')
    const said = (part: string): number => lines.filter(({ text }) => text.includes(part)).length
    await told(() => said('the one before goes on') || undefined)
    expect(runtime.status().handlers).toMatchObject([{ state: 'ready', problem: { code: 'runtime.invalid' } }])
    // Nor is it tried again while other files change; the old code by itself is as good as new.
    await runtime.update([{ name: 'api', bytes: other.slice(0, 500) }])
    await runtime.update([{ name: 'api', bytes: other }])
    expect(runtime.status().handlers[0]?.problem).toBeUndefined()
    expect([said('the one before goes on'), said('the new version is served')]).toEqual([1, 1])
  })

  it('lets an answer that streams finish before the end', async () => {
    await start()
    let chunks = 0
    const first = new Promise<void>((resolve) => {
      const answer = ask('/chunks=100', { onChunk: () => chunks++ === 0 && resolve() })
      streaming = answer
    })
    await first
    const stopped = runtime.stop()
    expect(chunks).toBe(1)
    expect((await streaming)?.text).toBe('chunk\n'.repeat(3))
    expect((await stopped).state).toBe('stopped')
  })
  let streaming: Promise<Answer> | undefined
})

describe('files and compression', () => {
  it('serves folders beside handlers', async () => {
    const site = join(folder, 'site')
    await mkdir(join(site, 'sub'), { recursive: true })
    await writeFile(join(site, 'a.css'), 'body{}'.repeat(400))
    await writeFile(join(site, 'sub/index.html'), 'sub')
    await start({ static: { '/static': site, '/static/deep/': join(site, 'sub') } })
    const answer = await ask('/static/a.css', { headers: { 'Accept-Encoding': 'gzip' } })
    expect(gunzipSync(answer.body).toString()).toBe('body{}'.repeat(400))
    expect((await ask('/static/deep/')).text).toBe('sub')
    expect(await ask('/static')).toMatchObject({ status: 301, headers: { location: '/static/' } })
    expect([(await ask('/static/../x')).status, (await ask('/statics')).text]).toEqual([400, 'no such behaviour\n'])
    const problem = await ask('/static/none')
    expect([problem.status, problem.headers['content-type']]).toEqual([404, 'application/problem+json'])
    expect(await told(() => records.get(idOf(answer)))).toMatchObject({
      status: 200,
      responseBytes: 2400,
      state: 'done',
    })
  })

  it('compresses what handlers answer, where it is worth it and wanted', async () => {
    await start()
    const long = `/path/${'a'.repeat(3000)}`
    const br = await ask(long, { headers: { 'Accept-Encoding': 'br, gzip' } })
    expect(brotliDecompressSync(br.body).toString()).toBe(long)
    expect(br.headers).toMatchObject({ 'content-encoding': 'br', vary: 'Accept-Encoding' })
    expect(br.headers['content-length']).toBeUndefined()
    const plain = await ask(long)
    expect([plain.text, plain.headers['content-encoding'], plain.headers.vary]).toEqual([
      long,
      undefined,
      'Accept-Encoding',
    ])
    expect(
      (await ask('/hello', { headers: { 'Accept-Encoding': 'gzip' } })).headers['content-encoding'],
    ).toBeUndefined()
    const head = await ask(long, { method: 'HEAD', headers: { 'Accept-Encoding': 'gzip' } })
    expect([head.status, head.body.length, head.headers['content-encoding']]).toEqual([200, 0, 'gzip'])
    await start({ compression: false })
    expect((await ask(long, { headers: { 'Accept-Encoding': 'br' } })).headers['content-encoding']).toBeUndefined()
  })
})

describe('traces', () => {
  const traceId = '0af7651916cd43dd8448eb211c80319c'
  it('go on into the guest and into its calls, and show in the record', async () => {
    const seen: IncomingHttpHeaders[] = []
    const upstream = createServer((request, response) => {
      seen.push(request.headers)
      response.end('up')
    })
    await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve))
    const target = `127.0.0.1:${(upstream.address() as AddressInfo).port}`
    await start({ allowHosts: [target] })
    const headers = { 'X-Target': target, traceparent: `00-${traceId}-b7ad6b7169203331-01`, tracestate: 'a=1' }
    const answer = await ask('/proxy/x', { headers })
    const kept = await record(answer)
    expect(kept.trace).toMatchObject({ id: traceId, parent: 'b7ad6b7169203331' })
    expect(answer.headers['traceparent']).toBe(`00-${traceId}-${kept.trace?.span}-01`)
    const call = kept.spans.find(({ name }) => name === 'outgoing HTTP')
    expect(seen[0]).toMatchObject({ traceparent: `00-${traceId}-${call?.id}-01`, tracestate: 'a=1' })
    expect(kept.spans[call?.parent ?? -1]?.name).toBe('guest')
    const echoed = (await ask('/headers', { headers })).text
    expect(echoed).toMatch(new RegExp(`traceparent: 00-${traceId}-(?!b7ad6b7169203331)[0-9a-f]{16}-01`))
    expect(echoed.match(/traceparent/gi)).toHaveLength(1)
    expect((await ask('/headers', { headers: { traceparent: 'wrong' } })).text).toMatch(/traceparent: 00-[0-9a-f]{32}-/)
    await new Promise((resolve) => upstream.close(resolve))
  })

  it('end where a redirect leads: the guest decides whether to go on', async () => {
    const seen: (string | undefined)[] = []
    const upstream = createServer((request, response) => {
      seen.push(request.url)
      response.writeHead(302, { Location: '/elsewhere' })
      response.end()
    })
    await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve))
    const target = `127.0.0.1:${(upstream.address() as AddressInfo).port}`
    await start({ allowHosts: [target] })
    expect([(await ask('/proxy/x', { headers: { 'X-Target': target } })).status, seen]).toEqual([302, ['/x']])
    await new Promise((resolve) => upstream.close(resolve))
  })

  it('tell what a guest did beside its own work', async () => {
    await start()
    const kept = await record(await ask('/log'))
    const spans = kept.spans.filter(({ parent }) => parent !== undefined && kept.spans[parent]?.name === 'guest')
    expect(spans.map(({ name, detail }) => `${name}: ${detail}`).sort()).toEqual([
      'stderr: 1 call, 24 B',
      'stdout: 1 call, 10 B',
    ])
    const denied = await record(await ask('/proxy/x', { headers: { 'X-Target': 'evil.test' } }))
    expect(denied.spans.find(({ name }) => name === 'outgoing HTTP')?.detail).toContain('denied')
    const line = await told(() => lines.find(({ text }) => text.startsWith('denied')))
    expect(line.denied).toEqual({ grant: 'allowHosts', pattern: 'evil.test:80' })
    expect(runtime.history().lines).toContainEqual(line)
  })
})

describe('reliability', () => {
  const trap = async (count: number): Promise<number[]> => {
    const statuses: number[] = []
    for (let round = 0; round < count; round++) statuses.push((await ask('/trap')).status)
    return statuses
  }

  it('leaves a failing handler alone until it is reset, and not for its own answers', async () => {
    await start({ breaker: { failures: 3, open: 600_000 } })
    for (let round = 0; round < 6; round++) expect((await ask('/status=500')).status).toBe(500)
    for (let round = 0; round < 6; round++) expect((await ask('/nothing')).status).toBe(404)
    expect(await trap(4)).toEqual([502, 502, 502, 503])
    const refused = await ask('/hello')
    expect(refused).toMatchObject({ status: 503, headers: { 'x-patchbay-handler': 'api' } })
    expect(JSON.parse(refused.text)).toMatchObject({ code: 'runtime.breaker-open' })
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(500)
    expect(runtime.status().handlers).toMatchObject([{ breaker: 'open', state: 'ready' }])
    expect(runtime.traffic()[0]?.breaker).toMatchObject({ state: 'open', failures: 3, opened: 1 })
    await told(() => lines.find(({ text }) => text.includes('the breaker opened after 3 failures')))
    // From a page in a browser it is refused: it did not come from the user.
    const origin = { Origin: 'https://evil.test' }
    expect((await ask('/-/breaker/api/reset', { method: 'POST', headers: origin })).status).toBe(403)
    expect((await ask('/-/breaker/api/reset')).status).toBe(405)
    expect((await ask('/-/breaker/nobody/reset', { method: 'POST' })).status).toBe(404)
    expect((await ask('/hello')).status).toBe(503)
    expect((await ask('/-/breaker/api/reset', { method: 'POST' })).status).toBe(204)
    expect((await ask('/hello')).status).toBe(200)
    await trap(3)
    runtime.resetBreaker('api')
    expect((await ask('/hello')).status).toBe(200)
    expect(() => runtime.resetBreaker('nobody')).toThrow('No handler named "nobody"')
  })

  it('leaves a handler alone that keeps trapping after its answers', async () => {
    await start({ breaker: { failures: 2, open: 600_000 } })
    for (let round = 0; round < 2; round++) {
      const answer = await ask('/trap-after-answer')
      expect(answer.text).toBe('all of it\n')
      await told(() => (records.get(idOf(answer))?.problem ? true : undefined))
    }
    expect((await ask('/hello')).status).toBe(503)
  })

  it('probes once when the time has passed', async () => {
    await start({ breaker: { failures: 1, open: 1 } })
    expect((await ask('/trap')).status).toBe(502)
    let answer = await ask('/hello')
    while (answer.status === 503) answer = await ask('/hello')
    expect([answer.text, runtime.status().handlers[0]?.breaker]).toEqual(['hello\n', 'closed'])
  })

  it('limits rates', async () => {
    await start({ rate: { perSecond: 0.001, burst: 2 } })
    const statuses = [await ask('/hello'), await ask('/hello'), await ask('/hello')]
    expect(statuses.map(({ status }) => status)).toEqual([200, 200, 429])
    expect(Number(statuses[2]?.headers['retry-after'])).toBeGreaterThan(900)
    await start({ clientRate: { perSecond: 0.001 } })
    expect([(await ask('/hello')).status, (await ask('/hello')).status]).toEqual([200, 429])
  })

  it('counts everything for Prometheus', async () => {
    await start({ breaker: { failures: 2 } }, { single: false })
    await ask('/run/api/path/x')
    await ask('/run/api/nothing')
    await trapOf('api', 2)
    await ask('/run/api/hello')
    await ask('/nowhere')
    const { text } = await ask('/metrics')
    for (const sample of [
      'patchbay_build_info{version="1.2.3"} 1',
      'patchbay_requests_total{handler="api",class="2xx"} 1',
      'patchbay_requests_total{handler="api",class="4xx"} 1',
      'patchbay_requests_total{handler="api",class="5xx"} 3',
      'patchbay_requests_total{handler="",class="4xx"} 1',
      'patchbay_problems_total{handler="api",code="runtime.trap"} 2',
      'patchbay_refused_total{handler="api",reason="breaker"} 1',
      'patchbay_breaker_state{handler="api"} 1',
      'patchbay_request_duration_seconds_count{handler="api"} 5',
      'patchbay_request_duration_seconds_bucket{handler="api",le="+Inf"} 5',
      'patchbay_handler_ready{handler="api"} 1',
    ])
      expect(text.split('\n')).toContain(sample)
    expect(text).toMatch(/^patchbay_guest_memory_bytes\{handler="api"\} [1-9]\d{4,}$/m)
    expect(text).toMatch(/^patchbay_cache_hits_total [1-9]/m)
    // Every line is a comment or a sample, and every family is announced once.
    expect(text).toMatch(/^(# (HELP|TYPE) \w+ .+\n|\w+(\{(\w+="([^"\\]|\\.)*",?)+\})? [-+\w.]+\n)+$/)
    const types = [...text.matchAll(/^# TYPE (\w+)/gm)].map(([, name]) => name)
    expect(new Set(types).size).toBe(types.length)
  })
  const trapOf = async (name: string, count: number): Promise<void> => {
    for (let round = 0; round < count; round++) await ask(`/run/${name}/trap`)
  }
})

describe('secrets', () => {
  it('reach the guest, and nobody who looks', async () => {
    const value = 'tops3cret-value'
    await start({ secrets: ['API_KEY'], environment: { PLAIN: 'x' } }, { secrets: { API_KEY: value } })
    expect((await ask('/environment')).text).toBe(`PLAIN=x\nAPI_KEY=${value}\n`)
    const answer = await ask(`/path?key=${value}`, { headers: { Authorization: `Bearer ${value}` } })
    const denied = await ask(`/proxy/${value}`, { headers: { 'X-Target': `${value}.test` } })
    await record(answer)
    await record(denied)
    const line = await told(() => lines.find(({ text }) => text.includes('denied') && text.includes('••••')))
    expect(line.denied).toEqual({ grant: 'allowHosts' })
    expect(records.get(idOf(answer))?.target).toBe('/path?key=••••')
    expect(JSON.stringify([...records.values(), lines, runtime.history(), runtime.status()])).not.toContain(value)
  })
})
