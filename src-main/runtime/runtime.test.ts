import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { createServer as createNetServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { PatchbayError, type Problem } from '../../src-engine/error.ts'
import type { LogLine, RunSettings, RunStatus } from '../../src-preload/contract.ts'
import { behaviours, serving, until, type Answer } from '../../test/served.ts'

const served = serving()
const send = served.send.bind(served)
const record = served.finished.bind(served)
const idOf = ({ id }: Answer): string => id
const line = (id: string, source: LogLine['source'], text: string): Promise<LogLine> => served.line(text, id, source)
// Failures come in a row here: the breaker has tests of its own.
const start = (settings: RunSettings = {}): Promise<RunStatus> => served.start({ breaker: false, ...settings })

async function problemFrom(work: Promise<unknown>): Promise<Problem> {
  try {
    await work
  } catch (thrown) {
    if (thrown instanceof PatchbayError) return thrown.problem
    throw thrown
  }
  throw new Error('nothing was thrown')
}

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
    expect(served.runtime.status().handlers).toMatchObject([{ engine, state: 'ready' }])
    expect(served.runtime.history().records.some(({ id }) => id === idOf(answer))).toBe(true)
  })

  it('passes path, query and percent-encoding untouched, on both routes', async () => {
    expect((await send('/path/a%20b/../c?x=1&y=%2F')).text).toBe('/path/a%20b/../c?x=1&y=%2F')
    expect((await send('/run/guest/path//x?q=%C3%BC')).text).toBe('/path//x?q=%C3%BC')
    expect((await send('/run/guest')).status).toBe(404)
    expect((await send(`/path/${'a'.repeat(5000)}`)).status).toBe(414)
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

  it('counts what it answers itself as it counts what guests answer', async () => {
    for (const [path, method] of [
      ['/none', 'GET'],
      ['/none', 'HEAD'],
      ['/run/nobody/', 'GET'],
    ] as const) {
      const answer = await send(path, { method })
      const { responseBytes } = await served.answered(idOf(answer))
      expect([method, responseBytes]).toEqual([method, Buffer.byteLength(answer.text)])
    }
  })

  it('names the guest function that trapped', async () => {
    const answer = await send('/trap')
    await line(idOf(answer), 'trap', 'trapHere')
    await line(idOf(answer), 'stderr', 'about to trap')
  })

  it('cuts off an answer whose guest fails half-way, and tells of a trap after a whole one', async () => {
    const late = await send('/late-trap', { method: 'POST', endsAfterFirst: true })
    expect(late).toMatchObject({ status: 200, text: 'before the trap\n', broken: true })
    expect(await record(idOf(late))).toMatchObject({ state: 'failed', status: 200, problem: { code: 'runtime.trap' } })
    const after = await send('/trap-after-answer')
    expect(after).toMatchObject({ status: 200, text: 'all of it\n', broken: false })
    await line(idOf(after), 'trap', 'unreachable')
    const kept = await served.told(() =>
      served.records.get(idOf(after))?.state === 'failed' ? served.records.get(idOf(after)) : undefined,
    )
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
})

describe('limits', () => {
  it('refuses bodies over the limit, told or counted, and requests over the concurrency', async () => {
    await start({ maxBody: 1000, concurrency: 1 })
    expect((await send('/count', { method: 'POST', body: Buffer.alloc(1000) })).text).toBe('1000')
    expect((await send('/count', { method: 'POST', body: Buffer.alloc(1001) })).status).toBe(413)
    const chunked = { 'Transfer-Encoding': 'chunked' }
    expect((await send('/count', { method: 'POST', body: Buffer.alloc(1001), headers: chunked })).status).toBe(413)
    // The guest lets go of what was refused half-way a moment after its answer.
    while (served.runtime.traffic()[0]?.active) await new Promise(setImmediate)
    const slow = send('/sleep=300', { headers: { 'X-Request-Id': 'slow' } })
    await served.told(() => served.records.get('slow'))
    const busy = await send('/hello')
    expect([busy.status, busy.headers['retry-after']]).toEqual([429, '1'])
    expect((await slow).status).toBe(200)
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
    const granted = join(served.folder, 'granted')
    await mkdir(granted)
    await writeFile(join(granted, 'open.txt'), 'you may read this')
    await writeFile(join(served.folder, 'secret.txt'), 'you may not')
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

  it.each(['direct', 'jco'] as const)(
    'replaces a pooled instance after 100 requests, on the engine %s',
    async (engine) => {
      await start({ isolation: 'pool', engine })
      const answers: string[] = []
      for (let round = 0; round < 102; round++) answers.push((await send('/served')).text)
      expect(answers).toEqual([...Array.from({ length: 100 }, (_, at) => String(at + 1)), '1', '2'])
      expect((await send('/trap')).status).toBe(502)
      expect((await send('/served')).text).toBe('1')
    },
  )

  it('replaces a pooled instance after as many requests as it is told, also when that changes while it runs', async () => {
    const answers = async (rounds: number): Promise<string[]> => {
      const found: string[] = []
      for (let round = 0; round < rounds; round++) found.push((await send('/served')).text)
      return found
    }
    await start({ isolation: 'pool', reuse: 2 })
    expect(await answers(5)).toEqual(['1', '2', '1', '2', '1'])
    await start({ isolation: 'pool', reuse: 2, handlers: { guest: { reuse: 3 } } })
    expect(await answers(4)).toEqual(['1', '2', '3', '1'])
  })

  it('reuses one instance where asked to, and drops it when it traps', async () => {
    await start({ isolation: 'none' })
    expect([(await send('/served')).text, (await send('/served')).text]).toEqual(['1', '2'])
    const both = await Promise.all([send('/sleep=50'), send('/served')])
    expect(both.map(({ status }) => status)).toEqual([200, 200])
    expect((await send('/trap')).status).toBe(502)
    expect((await send('/served')).text).toBe('1')
  })

  it('keeps others waiting for the one instance while it loops: there is never a second one with a state of its own', async () => {
    await start({ timeout: 1200, isolation: 'none' })
    expect((await send('/served')).text).toBe('1')
    let isLooping = true
    const loop = send('/loop').finally(() => (isLooping = false))
    await until(() => served.runtime.traffic()[0]?.active === 1)
    const other = send('/served')
    const seen = new Set<number | undefined>()
    await until(() => seen.add(served.runtime.traffic()[0]?.workers) && !isLooping)
    expect([...seen]).toEqual([1])
    expect((await loop).status).toBe(504)
    // It may be that its own time was over by then; if not, the next instance answered it.
    const { status, text } = await other
    expect(status === 504 || text === '1').toBe(true)
    expect((await send('/served')).text).toBe(status === 504 ? '1' : '2')
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
    expect(served.runtime.status()).toMatchObject({ state: 'failed', problem: { code: 'runtime.port-in-use' } })
    holder.close()
  })

  it('serves several handlers, of which broken ones tell why', async () => {
    const bytes = await readFile(behaviours)
    const library = await served.tools.parseWat('(component (import "a:b/c" (instance)) )')
    const status = await served.start(
      {},
      {
        handlers: [
          { name: 'good', bytes },
          { name: 'cut', bytes: bytes.subarray(0, bytes.length / 2) },
          { name: 'library', bytes: library },
          { name: 'gone', path: join(served.folder, 'no-such-file.wasm') },
        ],
      },
    )
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
    const prepared = join(served.cacheFolder, 'prepared')
    // Its own: other tests left entries of other components there.
    const hash = createHash('sha256')
      .update(await readFile(behaviours))
      .digest('hex')
    const entry = (await readdir(prepared)).find((name) => name.startsWith(`${hash}-direct-`))
    const script = join(prepared, String(entry), 'plan.json')
    const whole = await readFile(script, 'utf8')
    await writeFile(script, whole.slice(0, 100))
    await start()
    expect((await send('/hello')).status).toBe(200)
    expect((await readFile(script, 'utf8')) === whole).toBe(true)
  })

  it('turns nobody away when it is started again: what is under way ends where it began, what comes finds the new', async () => {
    await start({ environment: { WHO: 'before' } })
    const { port } = served
    const slow = send('/sleep=300', { headers: { 'X-Request-Id': 'slow' } })
    await served.told(() => served.records.get('slow'))
    let isOver = false
    const asked: Promise<Answer>[] = []
    const asking = (async () => {
      while (!isOver) {
        asked.push(send('/environment'))
        await asked.at(-1)
      }
    })()
    await start({ environment: { WHO: 'after' } })
    expect((await send('/environment')).text).toContain('WHO=after')
    isOver = true
    await asking
    const answers = await Promise.all(asked)
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]))
    expect(answers.filter(({ text }) => text.includes('WHO=before')).length).toBeGreaterThan(0)
    expect((await slow).text).toBe('slept\n')
    expect(served.port).toBe(port)
  })

  it('does not wait any longer when it is told to stop at once meanwhile', async () => {
    await start()
    const slow = send('/sleep=20000', { headers: { 'X-Request-Id': 'sleeper' } })
    await served.told(() => served.records.get('sleeper'))
    const stopped = served.runtime.stop()
    expect((await served.runtime.stop(0)).state).toBe('stopped')
    expect((await stopped).state).toBe('stopped')
    const { status, text } = await slow
    expect([status, JSON.parse(text)]).toMatchObject([503, { code: 'runtime.draining' }])
  })

  it('lets a request under way finish when it stops', async () => {
    await start()
    const slow = send('/sleep=200', { headers: { 'X-Request-Id': 'last' } })
    await served.told(() => served.records.get('last'))
    const stopped = await served.runtime.stop()
    expect(stopped.state).toBe('stopped')
    expect((await slow).text).toBe('slept\n')
    await expect(send('/hello')).rejects.toThrow('ECONNREFUSED')
  })
})
