import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { problemOf } from '../../src-engine/error.ts'
import { createTools, type Tools } from '../tools/tools.ts'
import { runCommand, type CommandOptions, type CommandResult } from './command.ts'

const fixtures = join(import.meta.dirname, '../../test/fixtures/guests')
let folder: string
let tools: Tools
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'patchbay-command-test-'))
  tools = createTools()
})
afterAll(async () => {
  await tools.dispose()
  await rm(folder, { recursive: true, force: true })
})

async function run(
  args: readonly string[],
  rest: Partial<CommandOptions> = {},
): Promise<CommandResult & { stdout: string; stderr: string }> {
  const out = { stdout: '', stderr: '' }
  const result = await runCommand({
    tools,
    cacheFolder: folder,
    path: join(fixtures, 'command.wasm'),
    arguments: ['command', ...args],
    onOutput: (source, bytes) => {
      out[source] += Buffer.from(bytes).toString()
    },
    ...rest,
  })
  return { ...result, ...out }
}

async function* input(chunk: string, times: number): AsyncIterable<Uint8Array> {
  for (let at = 0; at < times; at++) yield Buffer.from(chunk)
}

describe('running a command component', () => {
  it('hands over arguments, environment and input, and takes output and exit code', async () => {
    const result = await run(['one', 'two words'], { environment: { KEY: 'value' }, stdin: input('from outside\n', 2) })
    expect(result).toEqual({
      exitCode: 0,
      stdout:
        'argument: command\nargument: one\nargument: two words\nenvironment: KEY=value\nfrom outside\nfrom outside\n',
      stderr: '',
    })
  })

  it('ends with the code the guest chose', async () => {
    expect((await run(['fail'])).exitCode).toBe(1)
    expect((await run(['exit'])).exitCode).toBe(1)
    const trapped = await run(['trap'])
    expect(trapped).toMatchObject({ exitCode: 1, stderr: 'giving up\n', problem: { code: 'runtime.trap' } })
    expect(trapped.trap).toContain('unreachable')
  })

  it('copies megabytes through while the reader is slow', async () => {
    let total = 0
    const result = await run([], {
      stdin: input('x'.repeat(100_000), 30),
      onOutput: async (_source, bytes) => {
        total += bytes.length
        await new Promise((resolve) => setImmediate(resolve))
      },
    })
    expect(result.exitCode).toBe(0)
    expect(total).toBe(3_000_000 + 'argument: command\n'.length)
  })

  it('is interrupted while it waits for input', async () => {
    const control = new AbortController()
    const waiting = run([], {
      stdin: (async function* () {
        yield Buffer.from('first')
        await new Promise(() => {})
      })(),
      onOutput: (_source, bytes) => {
        if (Buffer.from(bytes).includes('first')) control.abort()
      },
      signal: control.signal,
    })
    expect(await waiting).toMatchObject({ exitCode: 130, problem: { code: 'runtime.cancelled' } })
  })

  it('says why something is no command', async () => {
    const handler = await run([], { path: join(fixtures, 'behaviours.wasm') }).catch(problemOf)
    expect(handler).toMatchObject({ code: 'input.not-command', hint: expect.stringContaining('patchbay run') })
    expect(await run([], { path: join(folder, 'nowhere.wasm') }).catch(problemOf)).toMatchObject({
      code: 'input.not-found',
    })
  })
})
