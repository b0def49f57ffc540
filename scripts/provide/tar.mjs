import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createGunzip } from 'node:zlib'

const block = 512

/**
 * Unpacks the files of a gzipped tar, as npm packs them, in one pass. Only ordinary files come out; a name that would leave
 * the folder is an error. `choose` maps a name in the archive to a path below `folder`, or undefined to leave it out.
 * @param {string} archive
 * @param {string} folder
 * @param {(name: string) => string | undefined} choose
 */
export async function unpackTar(archive, folder, choose) {
  const bytes = reader(createReadStream(archive).pipe(createGunzip()))
  let longName
  for (;;) {
    const header = await bytes.take(block)
    if (!header) throw new Error(`${archive}: the archive ends too early`)
    if (header.every((byte) => byte === 0)) return
    const size = numberAt(header, 124, 12)
    const type = String.fromCharCode(header[156])
    const padding = (block - (size % block)) % block
    if (type === 'x' || type === 'L') {
      const text = (await bytes.take(size))?.toString('utf8') ?? ''
      longName = type === 'L' ? text.replace(/\0.*$/s, '') : (paxPath(text) ?? longName)
      await bytes.take(padding)
      continue
    }
    const prefix = textAt(header, 345, 155)
    const name = longName ?? (prefix ? `${prefix}/` : '') + textAt(header, 0, 100)
    longName = undefined
    const wanted = type === '0' || type === '\0' ? choose(name) : undefined
    if (wanted === undefined) {
      if (!(await bytes.pass(size + padding))) throw new Error(`${archive}: the archive ends within ${name}`)
      continue
    }
    if (wanted.split(/[/\\]/).includes('..') || /^([/\\]|[A-Za-z]:)/.test(wanted))
      throw new Error(`${archive}: ${name} would be written outside the folder`)
    const path = join(folder, wanted)
    await mkdir(dirname(path), { recursive: true })
    const executable = (numberAt(header, 100, 8) & 0o111) !== 0
    const file = createWriteStream(path, { mode: executable ? 0o755 : 0o644 })
    const written = new Promise((resolve, reject) => file.once('finish', resolve).once('error', reject))
    const whole = await bytes.pass(size, (chunk) =>
      file.write(chunk) ? undefined : new Promise((resolve) => file.once('drain', resolve)),
    )
    file.end()
    await written
    if (!whole) throw new Error(`${archive}: the archive ends within ${name}`)
    await bytes.take(padding)
  }
}

/** @param {AsyncIterable<Buffer>} stream */
function reader(stream) {
  const source = stream[Symbol.asyncIterator]()
  let rest = Buffer.alloc(0)
  async function more() {
    const next = await source.next()
    if (next.done) return false
    rest = rest.length ? Buffer.concat([rest, next.value]) : next.value
    return true
  }
  return {
    /** Exactly `count` bytes, or undefined at the end. */
    async take(count) {
      while (rest.length < count) if (!(await more())) return undefined
      const taken = rest.subarray(0, count)
      rest = rest.subarray(count)
      return taken
    },
    /** Hands on `count` bytes in pieces; false when they are not there. */
    async pass(count, use) {
      let left = count
      while (left > 0) {
        if (!rest.length && !(await more())) return false
        const piece = rest.subarray(0, left)
        rest = rest.subarray(piece.length)
        left -= piece.length
        await use?.(piece)
      }
      return true
    },
  }
}

function textAt(header, start, length) {
  return header
    .subarray(start, start + length)
    .toString('utf8')
    .replace(/\0.*$/s, '')
}

function numberAt(header, start, length) {
  // Sizes from 8 GB on are binary; nothing we fetch is that large.
  if (header[start] & 0x80) throw new Error('a file in the archive is too large')
  const text = textAt(header, start, length).trim()
  const value = text ? Number.parseInt(text, 8) : 0
  if (!Number.isSafeInteger(value) || value < 0) throw new Error('the archive has a broken header')
  return value
}

/** The `path` of a pax header: lines of `LENGTH key=value\n`. */
function paxPath(text) {
  return /^\d+ path=(.*)$/m.exec(text)?.[1]
}
