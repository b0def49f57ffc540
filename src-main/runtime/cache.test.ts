import { execFileSync, spawn } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm, truncate, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { problemOf } from '../../src-engine/error.ts'
import { cacheInfo, clearCache, PreparedCache, removeLeftovers, type FreshEntry } from './cache.ts'

const fresh = (size: number): FreshEntry => ({
  plan: 'plan.json',
  modules: ['module-0.wasm'],
  imports: [],
  exports: ['a:b/c'],
  files: { 'plan.json': Buffer.from('{}'), 'module-0.wasm': Buffer.alloc(size, 7) },
})
const longAgo = (hours: number): Date => new Date(Date.now() - hours * 3_600_000)

let folder: string
let told: string[]
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'patchbay-cache-test-'))
  told = []
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const open = (limit?: number): PreparedCache => new PreparedCache(folder, (text) => void told.push(text), limit)
const age = (name: string, hours: number): Promise<void[]> =>
  Promise.all(
    ['manifest.json', 'plan.json', 'module-0.wasm'].map((file) =>
      utimes(join(folder, 'prepared', name, file), longAgo(hours), longAgo(hours)),
    ),
  )

describe('the cache of prepared components', () => {
  it('gives back what it was given, of the same format only', async () => {
    const written = await open().write('one', fresh(100), 'v1')
    expect(await open().read('one', 'v1')).toEqual(written)
    expect(await open().read('one', 'v2')).toBeUndefined()
    expect(await open().read('two', 'v1')).toBeUndefined()
    expect(told).toEqual([])
  })

  it.each([
    ['cut off', (entry: string) => truncate(join(entry, 'module-0.wasm'), 50)],
    ['changed', (entry: string) => writeFile(join(entry, 'plan.json'), '[]')],
    ['missing', (entry: string) => rm(join(entry, 'module-0.wasm'))],
    ['without a manifest', (entry: string) => rm(join(entry, 'manifest.json'))],
    ['no JSON', (entry: string) => writeFile(join(entry, 'manifest.json'), '{"format":')],
    [
      'without a digest',
      (entry: string) =>
        writeFile(
          join(entry, 'manifest.json'),
          JSON.stringify({
            format: 'v1',
            plan: 'plan.json',
            modules: ['module-0.wasm'],
            digests: {},
            imports: [],
            exports: [],
          }),
        ),
    ],
  ])('notices an entry that is %s, and tells', async (_what, damage) => {
    await open().write('one', fresh(100), 'v1')
    await damage(join(folder, 'prepared/one'))
    expect(await open().read('one', 'v1')).toBeUndefined()
    expect(told).toEqual([expect.stringContaining('is damaged')])
    await open().write('one', fresh(100), 'v1')
    expect(await open().read('one', 'v1')).toBeDefined()
  })

  it('agrees when the same is written several times at once', async () => {
    const all = await Promise.all(Array.from({ length: 8 }, () => open().write('one', fresh(1000), 'v1')))
    for (const { folder: place } of all) expect(place).toBe(join(folder, 'prepared/one'))
    expect(await readdir(join(folder, 'prepared'))).toEqual(['one'])
  })

  it('lets what was not used for longest go when it grows over its bound', async () => {
    for (const name of ['a', 'b', 'c']) await open().write(name, fresh(10_000), 'v1')
    await age('a', 5)
    await age('b', 9)
    await age('c', 7)
    // Reading is using.
    await open().read('b', 'v1')
    await open(25_000).write('d', fresh(10_000), 'v1')
    expect((await readdir(join(folder, 'prepared'))).sort()).toEqual(['b', 'd'])
  })

  it('tells what it holds, and empties', async () => {
    await open().write('a', fresh(1000), 'v1')
    await mkdir(join(folder, 'builds/x'), { recursive: true })
    await writeFile(join(folder, 'builds/x/file'), 'four')
    const info = await cacheInfo(folder)
    expect(Object.keys(info.kinds).sort()).toEqual(['builds', 'prepared'])
    expect(info.kinds['prepared']).toMatchObject([{ name: 'a' }])
    expect(info.bytes).toBeGreaterThan(1000)
    expect((await clearCache(folder)).bytes).toBe(info.bytes)
    expect(await cacheInfo(folder)).toMatchObject({ bytes: 0, kinds: {} })
    expect((await cacheInfo(join(folder, 'nowhere'))).bytes).toBe(0)
  })

  it('uses a temporary folder where it may not write, and tells', async () => {
    const file = join(folder, 'file')
    await writeFile(file, '')
    const cache = new PreparedCache(file, (text) => void told.push(text))
    const stored = await cache.write('one', fresh(100), 'v1')
    expect(stored.folder.startsWith(folder)).toBe(false)
    expect(told).toEqual([expect.stringContaining('for this session only')])
    await rm(join(stored.folder, '..'), { recursive: true })
  })

  it.runIf(mayMount())('makes room on a full disk, and goes elsewhere when that does not help', async () => {
    const small = join(folder, 'small')
    await mkdir(small)
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=128k', 'patchbay-test', small])
    try {
      const cache = new PreparedCache(small, (text) => void told.push(text))
      await cache.write('old', fresh(80_000), 'v1')
      const old = join(small, 'prepared/old')
      for (const file of await readdir(old)) await utimes(join(old, file), longAgo(1), longAgo(1))
      expect((await cache.write('new', fresh(80_000), 'v1')).folder).toBe(join(small, 'prepared/new'))
      expect(await readdir(join(small, 'prepared'))).toEqual(['new'])
      expect(told).toEqual([])
      const huge = await cache.write('huge', fresh(500_000), 'v1')
      expect(huge.folder.startsWith(small)).toBe(false)
      expect(told).toEqual([expect.stringMatching(/ENOSPC.*for this session only/)])
      expect((await readdir(join(small, 'prepared'))).filter((name) => name.startsWith('huge'))).toEqual([])
      await rm(join(huge.folder, '..'), { recursive: true })
    } finally {
      execFileSync('umount', [small])
    }
  })

  it('takes away what killed processes left in the folder for temporary files, and nothing else', async () => {
    const killed = spawn(process.execPath, ['-e', 'process.stdin.resume()'])
    const ended = new Promise((resolve) => killed.on('exit', resolve))
    const names = [`patchbay-prepared-${process.pid}-abc`, 'patchbay-prepared-abc', 'patchbay-other', 'other']
    for (const name of [...names, `patchbay-prepared-${killed.pid}-abc`])
      await mkdir(join(folder, name, 'entry'), { recursive: true })
    await removeLeftovers(folder)
    expect(await readdir(folder)).toHaveLength(5)
    killed.kill('SIGKILL')
    await ended
    await removeLeftovers(folder)
    expect((await readdir(folder)).toSorted()).toEqual(names.toSorted())
    await removeLeftovers(join(folder, 'nowhere'))
  })

  it('gives the reason when there is no place at all', async () => {
    const file = join(folder, 'file')
    await writeFile(file, '')
    const before = process.env['TMPDIR']
    process.env['TMPDIR'] = join(file, 'nothing')
    try {
      const problem = await new PreparedCache(file).write('one', fresh(1), 'v1').catch(problemOf)
      expect(problem).toMatchObject({ code: 'runtime.cache', hint: expect.stringContaining('PATCHBAY_USER_DATA') })
    } finally {
      if (before === undefined) delete process.env['TMPDIR']
      else process.env['TMPDIR'] = before
    }
  })
})

/** Small file systems can be made by root on Linux, unless a container forbids it. */
function mayMount(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false
  try {
    execFileSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'none', tmpdir()], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
