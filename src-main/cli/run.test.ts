import { spawn, type ChildProcess } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { closeSync, existsSync, openSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { commandLine } from '../../test/command-line.ts'
import { newDocument } from '../project/document.ts'
import { parseBreaker, parseRate } from './run-settings.ts'
import { parseDuration, parseSize } from './units.ts'

const root = join(import.meta.dirname, '../..')
const guests = join(root, 'test/fixtures/guests')
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'patchbay-run-test-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

interface Finished {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

function start(args: readonly string[]): {
  readonly child: ChildProcess
  readonly finished: Promise<Finished>
  readonly out: { stdout: string; stderr: string }
} {
  const child = spawn(process.execPath, [commandLine, ...args], {
    cwd: folder,
    env: { ...process.env, PATCHBAY_USER_DATA: join(folder, 'user') },
  })
  const out = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk: Buffer) => (out.stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (out.stderr += chunk.toString()))
  return { child, out, finished: once(child, 'close').then(([code]: number[]) => ({ code: code ?? null, ...out })) }
}

async function cli(args: readonly string[], input = ''): Promise<Finished> {
  const { child, finished } = start(args)
  child.stdin?.end(input)
  return finished
}

/** Serves, calls `use` with the URL, then asks the process to end. */
async function served(args: readonly string[], use: (url: string) => Promise<void>): Promise<Finished> {
  const { child, finished, out } = start(['run', ...args])
  while (!out.stdout.includes('\n')) {
    await Promise.race([
      child.stdout ? once(child.stdout, 'data') : undefined,
      finished.then((result) => Promise.reject(new Error(result.stderr))),
    ])
  }
  await use(out.stdout.trim())
  child.kill('SIGTERM')
  return finished
}

describe('patchbay run', () => {
  it('prints the URL when it accepts, serves, logs, and ends with 0 when asked to', async () => {
    const result = await served([join(guests, 'behaviours.wasm'), '--env', 'COLOUR=red'], async (url) => {
      expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/)
      expect(await (await fetch(`${url}path/a?b=c`)).text()).toBe('/path/a?b=c')
      expect(await (await fetch(`${url}environment`)).text()).toBe('COLOUR=red\n')
      expect((await fetch(`${url}trap`)).status).toBe(502)
    })
    expect(result.code).toBe(0)
    expect(result.stderr).toContain('GET /path/a?b=c 200')
    expect(result.stderr).toMatch(/stderr: about to trap/)
    expect(result.stderr).toMatch(/trap: .*unreachable/)
  })

  it('serves every handler of a folder under its name, and follows changes with --watch', async () => {
    const handlers = join(folder, 'handlers')
    await mkdir(handlers)
    const guest = join(guests, 'behaviours.wasm')
    await copyFile(join(guests, 'command.wasm'), join(handlers, 'no-handler.wasm'))
    const { child, finished, out } = start(['run', handlers, '--watch'])
    const seen = async (text: string): Promise<void> => {
      while (!out.stderr.includes(text)) await once(child.stderr ?? child, 'data')
    }
    // There may be none as yet.
    await seen('nothing can be served yet')
    const url = out.stdout.trim()
    expect((await fetch(`${url}run/one/hello`)).status).toBe(404)
    await copyFile(guest, join(handlers, 'one-composed.wasm'))
    await seen('serving one\n')
    expect(await (await fetch(`${url}run/one/hello`)).text()).toBe('hello\n')
    await copyFile(guest, join(handlers, 'two.wasm'))
    await seen('serving one, two\n')
    expect(await (await fetch(`${url}run/two/hello`)).text()).toBe('hello\n')
    // What is written by halves takes nothing away, nor does it count anew what did not change.
    const bytes = await readFile(guest)
    await writeFile(join(handlers, 'two.wasm'), bytes.subarray(0, 9000))
    await seen('[two] host: the new version cannot run; the one before goes on')
    expect(await (await fetch(`${url}run/two/hello`)).text()).toBe('hello\n')
    expect(await (await fetch(`${url}metrics`)).text()).toContain(
      'patchbay_requests_total{handler="one",class="2xx"} 1\n',
    )
    // Nor one that was broken from the start: it says why.
    await writeFile(join(handlers, 'half.wasm'), bytes.subarray(0, 9000))
    await seen('[half] host: half is not a valid component')
    const half = await fetch(`${url}run/half/`)
    expect([half.status, await half.json()]).toEqual([500, expect.objectContaining({ code: 'runtime.invalid' })])
    await writeFile(join(handlers, 'replacing'), bytes)
    await rename(join(handlers, 'replacing'), join(handlers, 'half.wasm'))
    await seen('serving half, one, two\n')
    for (const name of ['one-composed', 'two', 'half']) await rm(join(handlers, `${name}.wasm`))
    await seen('serving nothing\n')
    expect((await fetch(`${url}run/one/hello`)).status).toBe(404)
    child.kill('SIGINT')
    expect((await finished).code).toBe(0)
  })

  it('answers for one handler while another loops, and says so', async () => {
    const handlers = join(folder, 'looping')
    await mkdir(handlers)
    for (const name of ['one.wasm', 'two.wasm']) await copyFile(join(guests, 'behaviours.wasm'), join(handlers, name))
    const { stderr } = await served([handlers, '--timeout', '1500ms'], async (url) => {
      let isLooping = true
      const loop = fetch(`${url}run/one/loop`).finally(() => (isLooping = false))
      for (let times = 0; times < 5; times++) {
        expect(await (await fetch(`${url}run/two/hello`)).text()).toBe('hello\n')
      }
      expect(isLooping).toBe(true)
      expect((await loop).status).toBe(504)
      expect(await (await fetch(`${url}run/one/hello`)).text()).toBe('hello\n')
    })
    expect(stderr).toContain('its worker is ended and replaced')
  })

  it('refuses what cannot be served, with the reason and the exit code', async () => {
    const command = await cli(['run', join(guests, 'command.wasm'), '--json'])
    expect(command.code).toBe(1)
    expect(JSON.parse(command.stdout)).toMatchObject({ error: { code: 'runtime.not-handler' } })
    expect((await cli(['run', join(root, 'package.json')])).code).toBe(3)
    expect((await cli(['run', join(folder, 'nowhere.wasm')])).code).toBe(3)
    const wrong = await cli(['run', '--timeout', 'soon', join(guests, 'behaviours.wasm')])
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('30s') })
  })
})

describe('patchbay run with everything around it', () => {
  it('serves tenants, rules and files, hides secrets, speaks in JSON lines, and writes what it saw', async () => {
    const tenants = join(folder, 'tenants')
    const site = join(folder, 'site')
    await mkdir(join(tenants, 'acme'), { recursive: true })
    await mkdir(site)
    await writeFile(join(site, 'a.txt'), 'a file')
    await copyFile(join(guests, 'behaviours.wasm'), join(tenants, 'acme/api.wasm'))
    const value = 'hush-hush-hush'
    const args = [join(guests, 'behaviours.wasm'), '--tenants', tenants, '--static', `${site}=/files`, '--json']
    const more = ['--rule', '/log=behaviours', '--secret', `KEY=${value}`, '--har', 'out.har', '--otel', 'out.json']
    const { child, finished, out } = start(['run', ...args, ...more])
    while (!out.stdout.includes('\n')) await once(child.stdout ?? child, 'data')
    const { url } = JSON.parse(out.stdout.split('\n')[0] ?? '') as { url: string }
    const text = async (path: string): Promise<string> => (await fetch(url + path)).text()
    expect(await text('tenant/acme/api/hello')).toBe('hello\n')
    expect(await text('tenant/acme/api/environment')).toBe('')
    expect(await text('run/behaviours/environment')).toBe(`KEY=${value}\n`)
    expect(await text('files/a.txt')).toBe('a file')
    expect(await text(`log?${value}`)).toBe('logged\n')
    expect(JSON.parse(await text('health'))).toMatchObject({ status: 'ready' })
    child.kill('SIGTERM')
    expect((await finished).code).toBe(0)
    const events = out.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { event?: string; text?: string; status?: number })
    expect(events.slice(1).every(({ event }) => event === 'request' || event === 'line')).toBe(true)
    expect(events.some(({ event, text: said }) => event === 'line' && said === 'to stdout')).toBe(true)
    const har = await readFile(join(folder, 'out.har'), 'utf8')
    expect((JSON.parse(har) as { log: { entries: unknown[] } }).log.entries).toHaveLength(5)
    const otel = await readFile(join(folder, 'out.json'), 'utf8')
    expect(JSON.parse(otel)).toMatchObject({ resourceSpans: expect.any(Array) })
    expect(out.stdout + out.stderr + har + otel).not.toContain(value)
  })

  it('takes the settings of a project, and serves its components where its canvas is empty', async () => {
    const project = join(folder, 'project')
    await mkdir(project)
    await copyFile(join(guests, 'behaviours.wasm'), join(project, 'api.wasm'))
    await mkdir(join(project, 'tenants', 'acme'), { recursive: true })
    await copyFile(join(guests, 'behaviours.wasm'), join(project, 'tenants', 'acme', 'api.wasm'))
    const document = {
      version: 1,
      name: 'p',
      components: {},
      graph: { packages: {}, instances: {}, arguments: {}, imports: {}, exports: {} },
      view: { positions: {} },
      run: {
        timout: 1,
        tenantFolder: 'tenants',
        environment: { A: '1' },
        handlers: { api: { environment: { B: '2' } } },
        static: { '/here': '.' },
      },
    }
    await writeFile(join(project, 'patchbay.json'), JSON.stringify(document))
    const result = await served([project, '--env', 'C=3'], async (url) => {
      expect(await (await fetch(`${url}run/api/environment`)).text()).toBe('A=1\nC=3\nB=2\n')
      expect(await (await fetch(`${url}tenant/acme/api/environment`)).text()).toBe('')
      expect((await fetch(`${url}here/api.wasm`)).headers.get('content-type')).toBe('application/wasm')
    })
    expect(result.code).toBe(0)
    expect(result.stderr).toContain('run has timout, which Patchbay does not know')
  })

  it('serves a composition at every path, and with --components the handlers of the project beside it', async () => {
    const project = join(folder, 'beside')
    await mkdir(join(project, 'components'), { recursive: true })
    const wasm = await readFile(join(guests, 'behaviours.wasm'))
    for (const name of ['one', 'two', 'beside']) await writeFile(join(project, 'components', `${name}.wasm`), wasm)
    const handler = 'wasi:http/incoming-handler@0.2.12'
    const source = { kind: 'instance', instance: 'one', path: [handler] }
    const document = {
      version: 1,
      name: 'p',
      components: Object.fromEntries(['one', 'two', 'beside'].map((id) => [id, { path: `components/${id}.wasm` }])),
      graph: {
        packages: { one: { name: 'local:one', hash: createHash('sha256').update(wasm).digest('hex') } },
        instances: { one: { package: 'one' } },
        arguments: {},
        imports: {},
        exports: { [handler]: { source } },
      },
      view: { positions: {} },
      run: {
        environment: { ALL: 'yes' },
        isolation: 'pool',
        reuse: 9,
        handlers: { two: { environment: { WHO: 'two' }, reuse: 2 } },
      },
    }
    await writeFile(join(project, 'patchbay.json'), JSON.stringify(document))
    const result = await served([project, '--components', '--reuse', '1'], async (url) => {
      expect(await (await fetch(`${url}environment`)).text()).toBe('ALL=yes\n')
      expect(await (await fetch(`${url}run/two/environment`)).text()).toBe('ALL=yes\nWHO=two\n')
      const answer = async (path: string): Promise<string> => (await fetch(`${url}${path}`)).text()
      expect([await answer('served'), await answer('served')]).toEqual(['1', '1'])
      // It was asked for its environment before.
      const two = [await answer('run/two/served'), await answer('run/two/served'), await answer('run/two/served')]
      expect(two).toEqual(['1', '1', '2'])
    })
    expect(result.code).toBe(0)
    expect(result.stderr).toContain(
      `${join('components', 'beside.wasm')} is not served: the composition is called "beside" too. Rename the file`,
    )
    expect(result.stderr).toMatch(/ {2}\/ +beside\n.*\/run\/one\/ +one\n.*\/run\/two\/ +two\n/)
  })

  it('says what is wrong with an option', async () => {
    const guest = join(guests, 'behaviours.wasm')
    const wrong: readonly (readonly [string[], number, string])[] = [
      [['--rule', '/x=nobody'], 2, 'usage.rule'],
      [['--static', join(folder, 'none')], 3, 'input.not-found'],
      [['--secret', 'PATCHBAY_TEST_UNSET'], 2, 'usage.secret'],
      [['--breaker', 'often'], 2, 'usage.number'],
      [['--reuse', '0'], 2, 'usage.number'],
      [['--allow-net', 'tcp://db'], 2, 'usage.allow-net'],
    ]
    const file = join(folder, 'wrong-reuse')
    await mkdir(file)
    await writeFile(
      join(file, 'patchbay.json'),
      JSON.stringify({ ...newDocument('x'), run: { handlers: { api: { reuse: 0.5 } } } }),
    )
    const { code, stdout } = await cli(['run', file, '--json'])
    expect(code).toBe(3)
    expect(JSON.parse(stdout)).toMatchObject({
      error: {
        code: 'input.project',
        message: expect.stringContaining('from 1 to 1000000'),
        where: { path: ['run', 'handlers', 'api', 'reuse'] },
      },
    })
    const results = await Promise.all(wrong.map(([args]) => cli(['run', guest, '--json', ...args])))
    for (const [index, [, code, problem]] of wrong.entries()) {
      expect(results[index]?.code).toBe(code)
      expect(JSON.parse(results[index]?.stdout ?? '')).toMatchObject({ error: { code: problem } })
    }
  })
})

describe('patchbay exec', () => {
  it('gives the command its arguments and input, and takes over its output and exit code', async () => {
    const result = await cli(
      ['exec', join(guests, 'command.wasm'), '--env', 'A=b', '--', 'fail', '--flag'],
      'typed in\n',
    )
    expect(result).toMatchObject({
      code: 1,
      stdout: 'argument: command.wasm\nargument: fail\nargument: --flag\nenvironment: A=b\ntyped in\n',
    })
    expect((await cli(['exec', join(guests, 'behaviours.wasm')])).code).toBe(3)
  })

  it.skipIf(!existsSync('/dev/full'))('fails when its output cannot be written', async () => {
    const full = openSync('/dev/full', 'w')
    const child = spawn(process.execPath, [commandLine, 'exec', join(guests, 'command.wasm')], {
      stdio: ['ignore', full, 'pipe'],
      env: { ...process.env, PATCHBAY_USER_DATA: join(folder, 'user') },
    })
    closeSync(full)
    let told = ''
    child.stderr?.on('data', (chunk: Buffer) => (told += chunk.toString()))
    expect(await once(child, 'close')).toEqual([1, null])
    expect(told).toContain('error: The output cannot be written')
  })
})

describe('units', () => {
  it('reads breakers and rates', () => {
    expect([parseBreaker('b', '5'), parseBreaker('b', '3/500ms'), parseBreaker('b', 'off')]).toEqual([
      { failures: 5 },
      { failures: 3, open: 500 },
      false,
    ])
    expect([parseRate('r', '100'), parseRate('r', '0.5/s:20'), parseRate('r', 'off')]).toEqual([
      { perSecond: 100 },
      { perSecond: 0.5, burst: 20 },
      false,
    ])
    for (const text of ['', '0', '-1', '1/', 'x', '5/soon']) expect(() => parseBreaker('b', text)).toThrow('--b needs')
    for (const text of ['', '0', '-1', '1:0', '1:', 'x', '5/m']) expect(() => parseRate('r', text)).toThrow('--r needs')
  })

  it('reads times and sizes', () => {
    expect([parseDuration('t', '500ms'), parseDuration('t', '2'), parseDuration('t', '1.5m')]).toEqual([
      500, 2000, 90_000,
    ])
    expect([parseSize('s', '10MB'), parseSize('s', '128MiB'), parseSize('s', '7')]).toEqual([
      10_000_000, 134_217_728, 7,
    ])
    for (const text of ['', '-1s', '0', 'x', '1e9', '5 parsecs'])
      expect(() => parseDuration('t', text)).toThrow('--t needs')
  })
})
