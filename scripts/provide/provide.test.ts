import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32, deflateRawSync, gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { flipFuses } from './fuses.mjs'
import { fillCache } from './places.mjs'
import { integrityOf } from './registry.mjs'
import { countPlaywright, countVitest, describe as describeCount, sum } from './results.mjs'
import { unpackTar } from './tar.mjs'
import { unpackZip } from './zip.mjs'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'patchbay-provide-'))
})
afterEach(async () => {
  delete process.env.PATCHBAY_CACHE
  await rm(folder, { recursive: true, force: true })
})

interface Entry {
  readonly name: string
  readonly data: Buffer
  readonly mode?: number
  readonly type?: string
}

function tarOf(entries: readonly Entry[]): Buffer {
  const blocks: Buffer[] = []
  for (const { name, data, mode = 0o644, type = '0' } of entries) {
    const header = Buffer.alloc(512)
    header.write(name, 0, 100)
    header.write(mode.toString(8).padStart(7, '0'), 100)
    header.write(data.length.toString(8).padStart(11, '0'), 124)
    header.write(type, 156)
    blocks.push(header, data, Buffer.alloc((512 - (data.length % 512)) % 512))
  }
  return Buffer.concat([...blocks, Buffer.alloc(1024)])
}

function zipOf(entries: readonly Entry[]): Buffer {
  const local: Buffer[] = []
  const central: Buffer[] = []
  let offset = 0
  for (const { name, data, mode = 0o100644 } of entries) {
    const packed = deflateRawSync(data)
    const common = Buffer.alloc(26)
    common.writeUInt16LE(20, 0)
    common.writeUInt16LE(8, 4)
    common.writeUInt32LE(crc32(data), 10)
    common.writeUInt32LE(packed.length, 14)
    common.writeUInt32LE(data.length, 18)
    common.writeUInt16LE(name.length, 22)
    const head = Buffer.concat([Buffer.from('PK\u0003\u0004', 'latin1'), common, Buffer.from(name)])
    const tail = Buffer.alloc(14)
    tail.writeUInt32LE((mode << 16) >>> 0, 6)
    tail.writeUInt32LE(offset, 10)
    // Made on Unix, so that the mode counts.
    central.push(Buffer.concat([Buffer.from('PK\u0001\u0002\u0014\u0003', 'latin1'), common, tail, Buffer.from(name)]))
    local.push(head, packed)
    offset += head.length + packed.length
  }
  const directory = Buffer.concat(central)
  const end = Buffer.alloc(22)
  end.write('PK\u0005\u0006', 0, 'latin1')
  end.writeUInt16LE(entries.length, 8)
  end.writeUInt16LE(entries.length, 10)
  end.writeUInt32LE(directory.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...local, directory, end])
}

// Nothing that packs well.
const large = Buffer.from(Array.from({ length: 300_000 }, (_, index) => Math.imul(index * index, 2654435761) >>> 24))

describe('unpackTar', () => {
  async function unpack(tar: Buffer, choose: (name: string) => string | undefined = (name) => name): Promise<string> {
    await writeFile(join(folder, 'x.tgz'), gzipSync(tar))
    await unpackTar(join(folder, 'x.tgz'), join(folder, 'out'), choose)
    return join(folder, 'out')
  }

  it('writes the chosen files with their executable bit', async () => {
    const out = await unpack(
      tarOf([
        { name: 'package/bin/node', data: large, mode: 0o755 },
        { name: 'package/README.md', data: Buffer.from('read me') },
        { name: 'package/share/man', data: Buffer.from('left out') },
        { name: 'package/empty', data: Buffer.alloc(0) },
      ]),
      (name) => (name.includes('share') ? undefined : name.replace('package/', '')),
    )
    expect((await readFile(join(out, 'bin', 'node'))).equals(large)).toBe(true)
    expect((await stat(join(out, 'bin', 'node'))).mode & 0o111).not.toBe(0)
    expect((await stat(join(out, 'README.md'))).mode & 0o111).toBe(0)
    expect((await readdir(out)).sort()).toEqual(['README.md', 'bin', 'empty'])
  })

  it('reads long names, of pax and of GNU', async () => {
    const long = `package/${'d'.repeat(120)}/file`
    const record = ` path=${long}\n`
    const pax = `${record.length + 3}${record}`
    const out = await unpack(
      tarOf([
        { name: 'PaxHeader', data: Buffer.from(pax), type: 'x' },
        { name: 'short', data: Buffer.from('one') },
        { name: '././@LongLink', data: Buffer.from(`${long}2\0`), type: 'L' },
        { name: 'short', data: Buffer.from('two') },
      ]),
    )
    expect(await readFile(join(out, long), 'utf8')).toBe('one')
    expect(await readFile(join(out, `${long}2`), 'utf8')).toBe('two')
  })

  it('writes no links', async () => {
    const out = await unpack(
      tarOf([
        { name: 'link', data: Buffer.alloc(0), type: '2' },
        { name: 'file', data: Buffer.from('x') },
      ]),
    )
    expect(await readdir(out)).toEqual(['file'])
  })

  it.each(['../outside', 'package/../../outside', '/outside', 'C:/outside', '..\\outside'])(
    'refuses %s',
    async (name) => {
      await expect(unpack(tarOf([{ name, data: Buffer.from('x') }]))).rejects.toThrow(/outside/)
      expect(await readdir(folder)).not.toContain('outside')
    },
  )

  it('refuses an archive that ends too early, wherever it ends', async () => {
    const whole = tarOf([{ name: 'file', data: large.subarray(0, 2000) }])
    for (const length of [0, 100, 512, 700, 1024, 2400])
      await expect(unpack(whole.subarray(0, length))).rejects.toThrow(/ends/)
    const packed = gzipSync(whole)
    await writeFile(join(folder, 'cut.tgz'), packed.subarray(0, packed.length - 20))
    await expect(unpackTar(join(folder, 'cut.tgz'), join(folder, 'out'), (name) => name)).rejects.toThrow()
    await writeFile(join(folder, 'text.tgz'), 'not an archive')
    await expect(unpackTar(join(folder, 'text.tgz'), join(folder, 'out'), (name) => name)).rejects.toThrow()
  })
})

describe('unpackZip', () => {
  async function unpack(zip: Buffer, choose: (name: string) => string | undefined = (name) => name): Promise<string> {
    await writeFile(join(folder, 'x.zip'), zip)
    await unpackZip(join(folder, 'x.zip'), join(folder, 'out'), choose)
    return join(folder, 'out')
  }

  it('writes the chosen files with their modes', async () => {
    const out = await unpack(
      zipOf([
        { name: 'Cypress/', data: Buffer.alloc(0), mode: 0o040755 },
        { name: 'Cypress/Cypress', data: large, mode: 0o100755 },
        { name: 'Cypress/resources/app/secret', data: Buffer.from('left out') },
        { name: 'Cypress/LICENSE.electron.txt', data: Buffer.from('MIT') },
      ]),
      (name) => (name.includes('resources') ? undefined : name.replace('Cypress/', '')),
    )
    expect((await readFile(join(out, 'Cypress'))).equals(large)).toBe(true)
    expect((await stat(join(out, 'Cypress'))).mode & 0o777).toBe(0o755)
    expect((await readdir(out)).sort()).toEqual(['Cypress', 'LICENSE.electron.txt'])
  })

  it('refuses links, climbing names, damage and what is no zip', async () => {
    await expect(unpack(zipOf([{ name: 'link', data: Buffer.from('/etc/passwd'), mode: 0o120777 }]))).rejects.toThrow(
      /link/,
    )
    await expect(unpack(zipOf([{ name: '../outside', data: Buffer.from('x') }]))).rejects.toThrow()
    const good = zipOf([{ name: 'file', data: large }])
    const damaged = Buffer.from(good)
    damaged.writeUInt8(damaged.readUInt8(2000) ^ 0xff, 2000)
    await expect(unpack(damaged)).rejects.toThrow()
    await expect(unpack(good.subarray(0, good.length - 30))).rejects.toThrow()
    await expect(unpack(Buffer.from('not an archive'))).rejects.toThrow()
    expect(await readdir(folder)).not.toContain('outside')
  })
})

describe('flipFuses', () => {
  const sentinel = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX'

  it('changes the named fuses and nothing else, also across the reader’s pieces', async () => {
    for (const offset of [10, (1 << 20) - 16, (1 << 20) + 5, 3_000_000]) {
      const file = join(folder, `electron-${offset}`)
      const image = Buffer.alloc(offset + 200, 0xcc)
      image.write(`${sentinel}\u0001\u00081000111r`, offset, 'latin1')
      await writeFile(file, image)
      await flipFuses(file, { EnableNodeCliInspectArguments: true, LoadBrowserProcessSpecificV8Snapshot: false })
      const after = await readFile(file)
      expect(after.toString('latin1', offset + sentinel.length + 2, offset + sentinel.length + 10)).toBe('1001110r')
      image.write('1001110r', offset + sentinel.length + 2, 'latin1')
      expect(after.equals(image)).toBe(true)
    }
  })

  it('refuses what is no Electron, and fuses it does not know', async () => {
    const file = join(folder, 'other')
    await writeFile(file, 'no fuses here')
    await expect(flipFuses(file, { EnableNodeCliInspectArguments: true })).rejects.toThrow(/no Electron/)
    await writeFile(file, Buffer.from(`${sentinel}\u0002\u00080000000`, 'latin1'))
    await expect(flipFuses(file, { EnableNodeCliInspectArguments: true })).rejects.toThrow(/version 2/)
    await writeFile(file, Buffer.from(`${sentinel}\u0001\u00020000000`, 'latin1'))
    await expect(flipFuses(file, { EnableNodeCliInspectArguments: true })).rejects.toThrow(/no fuse/)
  })
})

describe('integrityOf', () => {
  it('writes hashes as npm does', async () => {
    await writeFile(join(folder, 'file'), large)
    expect(await integrityOf(join(folder, 'file'))).toBe(
      `sha512-${createHash('sha512').update(large).digest('base64')}`,
    )
  })
})

describe('fillCache', () => {
  beforeEach(() => {
    process.env.PATCHBAY_CACHE = join(folder, 'cache')
  })

  it('makes the folder in one step and leaves nothing else', async () => {
    const path = await fillCache('tool', async (into, scratch) => {
      await writeFile(join(scratch, 'archive'), 'x')
      await writeFile(join(into, 'tool'), 'whole')
      expect(await readdir(join(folder, 'cache'))).not.toContain('tool')
    })
    expect(await readFile(join(path, 'tool'), 'utf8')).toBe('whole')
    expect(await readdir(join(folder, 'cache'))).toEqual(['tool'])
  })

  it('leaves nothing when it fails', async () => {
    const broken = fillCache('tool', async (into) => {
      await writeFile(join(into, 'half'), 'x')
      throw new Error('the line broke')
    })
    await expect(broken).rejects.toThrow('the line broke')
    expect(await readdir(join(folder, 'cache'))).toEqual([])
  })

  it('replaces a broken one, and survives two at once', async () => {
    await mkdir(join(folder, 'cache', 'tool'), { recursive: true })
    await writeFile(join(folder, 'cache', 'tool', 'half'), 'x')
    const fill = (into: string): Promise<void> => writeFile(join(into, 'tool'), 'whole')
    await Promise.all([fillCache('tool', fill), fillCache('tool', fill)])
    expect(await readdir(join(folder, 'cache', 'tool'))).toEqual(['tool'])
    expect(await readdir(join(folder, 'cache'))).toEqual(['tool'])
  })
})

describe('results', () => {
  it('counts both reports, files that did not load among the failures', async () => {
    const vitest = join(folder, 'vitest.json')
    const playwright = join(folder, 'playwright.json')
    await writeFile(
      vitest,
      JSON.stringify({
        numPassedTests: 10,
        numFailedTests: 1,
        numPendingTests: 2,
        numTodoTests: 0,
        testResults: [
          { status: 'failed', assertionResults: [{ status: 'failed' }] },
          { status: 'failed', assertionResults: [] },
          { status: 'passed', assertionResults: [{ status: 'passed' }] },
        ],
      }),
    )
    await writeFile(
      playwright,
      JSON.stringify({
        stats: { expected: 5, unexpected: 0, flaky: 1, skipped: 0 },
        errors: [{ message: 'global setup' }],
      }),
    )
    const total = sum([countVitest(vitest), countPlaywright(playwright)])
    expect(total).toEqual({ passed: 16, failed: 3, skipped: 2 })
    expect(describeCount(total)).toBe('16 passed, 3 failed, 2 skipped')
    expect(describeCount({ passed: 1, failed: 0, skipped: 0 })).toBe('1 passed, 0 failed')
  })
})
