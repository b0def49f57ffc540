import { spawn, type ChildProcess } from 'node:child_process'
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { commandLine } from '../../test/command-line.ts'

let root: string
let folder: string

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'patchbay-test-cli-'))
})
afterAll(() => rm(root, { recursive: true, force: true }))
beforeEach(async () => {
  folder = await mkdtemp(join(root, 'project-'))
})

function start(argumentList: readonly string[], cwd = folder): ChildProcess {
  return spawn(process.execPath, [commandLine, ...argumentList], {
    cwd,
    env: { ...process.env, PATCHBAY_USER_DATA: join(root, 'user') },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

function patchbay(
  argumentList: readonly string[],
  cwd?: string,
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = start(argumentList, cwd)
  const said = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    child[name]?.setEncoding('utf8').on('data', (text: string) => (said[name] += text))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, ...said }))
  })
}

describe('patchbay new and build', () => {
  it('go from nothing to a component', async () => {
    const created = await patchbay(['new', 'shouter', '-t', 'wat-library'])
    expect(created).toMatchObject({ code: 0, stdout: 'src/shouter/src/library.wat\n' })
    expect(JSON.parse(await readFile(join(folder, 'patchbay.json'), 'utf8')).components).toEqual({
      shouter: { path: 'components/shouter.wasm', source: 'src/shouter' },
    })
    const built = await patchbay(['build', '--json'], join(folder, 'src', 'shouter'))
    expect(built.code).toBe(0)
    const output = join(folder, 'components', 'shouter.wasm')
    const bytes = await readFile(output)
    expect(JSON.parse(built.stdout)).toMatchObject({
      components: [{ name: 'shouter', state: 'succeeded', output, size: bytes.length, cached: false, problems: [] }],
    })
    const again = await patchbay(['build'])
    expect(again.stdout).toContain('from the cache')

    await writeFile(join(folder, 'src', 'shouter', 'src', 'library.wat'), '(module\n  (func (result i33)))\n')
    const broken = await patchbay(['build', '--json'])
    expect(broken.code).toBe(3)
    expect(JSON.parse(broken.stdout)).toMatchObject({
      error: { code: 'input.wat', where: { file: 'src/library.wat', line: 2 } },
    })
    expect(broken.stderr).toContain('src/shouter/src/library.wat:2:')
    // A failed build leaves what was there.
    expect(Buffer.compare(await readFile(output), bytes)).toBe(0)
  })

  it('build a source folder that belongs to no project', async () => {
    const alone = join(folder, 'alone')
    await mkdir(alone)
    await writeFile(join(alone, 'patchbay.build.json'), '{"language":"wat","source":"a.wat"}')
    await writeFile(join(alone, 'a.wat'), '(component)')
    expect((await patchbay(['build', 'alone'])).stdout).toContain(join('alone', 'dist', 'alone.wasm'))
    expect((await patchbay(['build', 'alone', '-o', 'out.wasm'])).code).toBe(0)
    expect((await readFile(join(folder, 'out.wasm'))).subarray(0, 4).toString()).toBe('\0asm')
  })

  it('refuse what cannot be, and write nothing then', async () => {
    const answers = await Promise.all([
      patchbay(['new', 'Not A Name']),
      patchbay(['new', 'fine', '-t', 'none']),
      patchbay(['new']),
      patchbay(['build', 'nowhere']),
      patchbay(['build']),
    ])
    expect(answers.map(({ code }) => code)).toEqual([2, 2, 2, 3, 3])
    for (const { stderr } of answers) expect(stderr).toMatch(/^error: .+\n/)
    expect(await readdir(folder)).toEqual([])
  })

  it('watch the sources until interrupted', async () => {
    const source = join(folder, 'a.wat')
    await writeFile(join(folder, 'patchbay.build.json'), '{"language":"wat","source":"a.wat"}')
    await writeFile(source, '(component)')
    const child = start(['build', '--watch', '-o', 'out.wasm'])
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
    let text = ''
    let changed = false
    await new Promise<void>((resolve, reject) => {
      child.on('close', () => reject(new Error(`it ended early: ${text}`)))
      const heard = (data: Buffer): void => {
        text += data.toString()
        // Once before watching, once for the change.
        if (text.split('out.wasm').length > 2) resolve()
        else if (text.includes('Watching') && !changed) {
          changed = true
          void writeFile(source, '(component (component))')
        }
      }
      child.stdout?.on('data', heard)
      child.stderr?.on('data', heard)
    })
    child.kill('SIGINT')
    expect(await ended).toBe(0)
    // The result lies among the sources: it must not have started further builds.
    expect(text.split('out.wasm').length).toBe(3)
    expect((await readFile(join(folder, 'out.wasm'))).length).toBeGreaterThan(8)
  })
})
