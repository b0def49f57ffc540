import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
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
  const child = spawn(process.execPath, [join(root, 'src-main/cli.ts'), ...args], {
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
    await copyFile(join(guests, 'behaviours.wasm'), join(handlers, 'one-composed.wasm'))
    await copyFile(join(guests, 'command.wasm'), join(handlers, 'no-handler.wasm'))
    const { child, finished, out } = start(['run', handlers, '--watch'])
    const seen = async (text: string): Promise<void> => {
      while (!out.stderr.includes(text)) await once(child.stderr ?? child, 'data')
    }
    await seen('/run/one/')
    const url = out.stdout.trim()
    expect(await (await fetch(`${url}run/one/hello`)).text()).toBe('hello\n')
    await copyFile(join(guests, 'behaviours.wasm'), join(handlers, 'two.wasm'))
    await seen('serving one, two')
    expect(await (await fetch(`${url}run/two/hello`)).text()).toBe('hello\n')
    await rm(join(handlers, 'one-composed.wasm'))
    await seen('serving two')
    expect((await fetch(`${url}run/one/hello`)).status).toBe(404)
    child.kill('SIGINT')
    expect((await finished).code).toBe(0)
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
})

describe('units', () => {
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
