import { mkdtemp, open, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { problemOf } from '../../src-engine/error.ts'
import { Contents, sha256 } from './contents.ts'

const samples = join(import.meta.dirname, '..', '..', 'resources', 'samples')
const bytesOf = (name: string) => readFile(join(samples, name, `${name}.wasm`))
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'accepted',
    (thrown: unknown) => problemOf(thrown).code,
  )

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'patchbay-test-contents-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('contents', () => {
  it('sees every change of a file, also one within the same tick and of the same size', async () => {
    const contents = new Contents()
    const path = join(folder, 'a.wasm')
    for (let count = 0; count < 50; count++) {
      const bytes = Buffer.from(String(count).padStart(4, '0'))
      await writeFile(path, bytes)
      expect((await contents.file(path)).hash).toBe(sha256(bytes))
    }
  })

  it('sees a file put in the place of another one with the same size and time', async () => {
    const contents = new Contents()
    const path = join(folder, 'a.wasm')
    const past = new Date(Date.now() - 60_000)
    await writeFile(path, 'one')
    await utimes(path, past, past)
    await contents.file(path)
    await writeFile(join(folder, 'b'), 'two')
    await utimes(join(folder, 'b'), past, past)
    await rename(join(folder, 'b'), path)
    expect((await contents.file(path)).hash).toBe(sha256(Buffer.from('two')))
  })

  it('reads bytes again that memory had no room for, as long as the file holds them', async () => {
    const [hello, adder] = [await bytesOf('hello'), await bytesOf('adder')]
    const contents = new Contents({ budget: hello.length + 10 })
    const path = join(folder, 'hello.wasm')
    await writeFile(path, hello)
    const { hash } = await contents.file(path)
    await writeFile(join(folder, 'adder.wasm'), adder)
    await contents.file(join(folder, 'adder.wasm'))
    expect(sha256(await contents.bytes(hash))).toBe(hash)
    await contents.file(join(folder, 'adder.wasm'))
    await contents.bytes(sha256(adder))
    await writeFile(path, 'other')
    expect(await codeOf(contents.bytes(hash))).toBe('input.gone')
  })

  it('lets composed bytes go last, and then says so', async () => {
    const contents = new Contents({ budget: 100 })
    const path = join(folder, 'file')
    await writeFile(path, new Uint8Array(60))
    await contents.file(path)
    const first = contents.addBytes(new Uint8Array(50).fill(1))
    expect((await contents.bytes(first)).length).toBe(50)
    const second = contents.addBytes(new Uint8Array(90).fill(2))
    expect((await contents.bytes(second)).length).toBe(90)
    expect(await codeOf(contents.bytes(first))).toBe('input.gone')
  })

  it('gives others their turn while it reads 200 MB', async () => {
    const path = join(folder, 'large.wasm')
    const file = await open(path, 'w')
    await file.truncate(200 * 1024 * 1024)
    await file.close()
    let turns = 0
    let running = true
    const beat = (): void => {
      turns++
      if (running) setImmediate(beat)
    }
    beat()
    const { size } = await new Contents().file(path)
    running = false
    expect(size).toBe(200 * 1024 * 1024)
    // Fifty pieces, and a turn for everybody else between any two.
    expect(turns).toBeGreaterThan(40)
  })

  it('tells core modules, and names the file of what it cannot read', async () => {
    const contents = new Contents()
    const core = contents.addBytes(Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]))
    expect((await contents.summary(core)).kind).toBe('module')
    const path = join(folder, 'short.wasm')
    await writeFile(path, (await bytesOf('hello')).subarray(0, 3000))
    const { hash } = await contents.file(path)
    expect(await contents.summary(hash).catch(problemOf)).toMatchObject({
      code: 'input.truncated',
      where: { file: path },
    })
  })
})
