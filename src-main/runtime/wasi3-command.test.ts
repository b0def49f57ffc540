import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTools, type Tools } from '../tools/tools.ts'
import { runCommand, type CommandOptions, type CommandResult } from './command.ts'

const path = join(import.meta.dirname, '../../test/fixtures/wasi3/command.wasm')
let folder: string
let granted: string
let tools: Tools
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'patchbay-wasi3-command-test-'))
  granted = join(folder, 'granted')
  await mkdir(granted)
  tools = createTools()
})
afterAll(async () => {
  await tools.dispose()
  await rm(folder, { recursive: true, force: true })
})

interface Told extends CommandResult {
  readonly stdout: string
  readonly stderr: string
  readonly notices: readonly string[]
}

async function run(args: readonly string[], rest: Partial<CommandOptions> = {}): Promise<Told> {
  const out = { stdout: '', stderr: '' }
  const notices: string[] = []
  const result = await runCommand({
    tools,
    cacheFolder: join(folder, 'cache'),
    path,
    arguments: ['command', ...args],
    onOutput: (source, bytes) => {
      out[source] += Buffer.from(bytes).toString('latin1')
    },
    onNotice: (text) => void notices.push(text),
    ...rest,
  })
  return { ...result, ...out, notices }
}

async function* input(chunk: Uint8Array, times: number): AsyncIterable<Uint8Array> {
  for (let at = 0; at < times; at++) yield chunk
}

describe('a command of WASI 0.3', () => {
  it('gets arguments and environment, and says on both streams what it has to say', async () => {
    expect(await run(['greet', 'a', 'b c'], { environment: { NAME: 'you' } })).toMatchObject({
      exitCode: 0,
      stdout: 'hello you: ["a", "b c"]\n',
      stderr: 'to the side\n',
    })
  })

  it('ends with the code it chose, or with what went wrong', async () => {
    expect(await run(['fail'])).toMatchObject({ exitCode: 1, stdout: '' })
    expect(await run(['exit', '7'])).toMatchObject({ exitCode: 7, stdout: 'going\n' })
    const trapped = await run(['trap'])
    expect(trapped).toMatchObject({ exitCode: 1, problem: { code: 'runtime.trap' } })
    expect(trapped.trap).toContain('unreachable')
  })

  it('copies megabytes through at its reader’s pace, and stops reading where it likes', async () => {
    const chunk = Buffer.alloc(
      100_000,
      Uint8Array.from({ length: 251 }, (_, at) => at),
    )
    let unread = 0
    let most = 0
    let size = 0
    const copied = await run(['cat'], {
      stdin: input(chunk, 30),
      onOutput: async (_source, bytes) => {
        unread += bytes.length
        most = Math.max(most, unread)
        await new Promise(setImmediate)
        unread -= bytes.length
        size += bytes.length
      },
    })
    expect([copied.exitCode, size]).toEqual([0, 3_000_000])
    expect(most).toBeLessThan(1_000_000)
    expect(await run(['read-some'], { stdin: input(Buffer.from('only some'), 1000) })).toMatchObject({
      exitCode: 0,
      stdout: 'only ',
    })
  })

  it('loses nothing that it wrote before it came to its end', async () => {
    expect((await run(['hurry'])).stdout.length).toBe(200_000)
  })

  it('knows the time, waits, and has random numbers', async () => {
    expect((await run(['clocks'])).stdout).toBe('true true true true\n')
    expect((await run(['random'])).stdout).toBe('32 false 7 false\n')
  })

  it('is refused sockets by name', async () => {
    const { stdout, notices } = await run(['sockets'])
    expect(stdout).toBe('Err(ErrorCode::AccessDenied)\n'.repeat(3))
    expect(notices.map((text) => /denied: (.*?)\./.exec(text)?.[1])).toEqual([
      'creating a TCP socket',
      'creating a UDP socket',
      'looking up the name "name',
    ])
  })

  it('reads and writes files below granted directories only', async () => {
    await writeFile(join(folder, 'outside'), 'secret')
    const { stdout, exitCode } = await run(['files'], { directories: { '/': granted } })
    expect([exitCode, stdout.trimEnd().split('\n')]).toEqual([0, expectedFiles])
    expect(await readFile(join(granted, 'new.txt'), 'utf8')).toBe('hello')
    expect((await stat(join(folder, 'outside'))).size).toBe(6)
    expect((await run(['files'])).stdout).toBe('granted []')
  })

  it('copies a file by streams alone', async () => {
    const bytes = Buffer.alloc(
      1_000_000,
      Uint8Array.from({ length: 253 }, (_, at) => at),
    )
    await writeFile(join(granted, 'from'), bytes)
    expect((await run(['copy', 'from', 'to'], { directories: { '/': granted } })).exitCode).toBe(0)
    expect((await readFile(join(granted, 'to'))).equals(bytes)).toBe(true)
    expect((await run(['copy', 'missing', 'to'], { directories: { '/': granted } })).exitCode).toBe(1)
  })
})

const expectedFiles = [
  'granted ["/"]',
  'write Ok(())',
  'over Ok(())',
  'append Ok(())',
  'read Ok("World!")',
  'past Ok([])',
  'stat DescriptorType::RegularFile 12 true',
  'size Ok(()) Ok(5)',
  'flags Ok(DescriptorFlags { bits: 3 }) Ok(DescriptorType::RegularFile)',
  'sync Ok(()) Ok(()) Ok(())',
  'times Ok(())',
  'then Some(1000000000)',
  'times at Ok(())',
  'mkdir Ok(())',
  'again Err(ErrorCode::Exist)',
  'link Ok(())',
  'symlink Ok(())',
  'readlink Ok("new.txt")',
  'rename Ok(())',
  'list ["new.txt:DescriptorType::RegularFile", "soft:DescriptorType::SymbolicLink", "sub:DescriptorType::Directory"] Ok(())',
  'list file 0 Err(ErrorCode::NotDirectory)',
  'read directory Err(ErrorCode::IsDirectory)',
  'write directory Err(ErrorCode::IsDirectory)',
  'write read-only Err(ErrorCode::BadDescriptor)',
  'same true false',
  'hash true',
  'missing Err(ErrorCode::NoEntry)',
  'escape Err(ErrorCode::NotPermitted)',
  'absolute Err(ErrorCode::NotPermitted)',
  'orphan "hello" Ok(())',
  'rmdir full Err(ErrorCode::NotEmpty)',
  'unlink Ok(()) Ok(())',
  'rmdir Ok(())',
]
