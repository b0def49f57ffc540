import { createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'

/**
 * Unpacks the chosen files of a zip with their modes; checks every CRC. Names that climb are refused by the reader.
 * @param {string} archive
 * @param {string} folder
 * @param {(name: string) => string | undefined} choose maps a name in the archive to a path below `folder`, or undefined
 * @param {(done: number, total: number) => void} [progress] in bytes of the archive
 */
export async function unpackZip(archive, folder, choose, progress = () => {}) {
  // Loaded late: this file is read before the dependencies are installed.
  const { default: yauzl } = await import('yauzl')
  const { crc32 } = await import('node:zlib')
  const zip = await promisify(yauzl.open)(archive, { lazyEntries: true, autoClose: false })
  const openEntry = promisify(zip.openReadStream.bind(zip))
  try {
    await new Promise((resolve, reject) => {
      zip.on('error', reject)
      zip.on('end', resolve)
      zip.on('entry', (entry) => {
        extract(entry).then(() => zip.readEntry(), reject)
      })
      zip.readEntry()
    })
  } finally {
    zip.close()
  }

  async function extract(entry) {
    progress(entry.relativeOffsetOfLocalHeader, zip.fileSize)
    const wanted = entry.fileName.endsWith('/') ? undefined : choose(entry.fileName)
    if (wanted === undefined) return
    const mode = entry.externalFileAttributes >>> 16
    if ((mode & 0o170000) === 0o120000) throw new Error(`${entry.fileName} is a link`)
    const path = join(folder, wanted)
    await mkdir(dirname(path), { recursive: true })
    let sum = 0
    await pipeline(
      await openEntry(entry),
      async function* (chunks) {
        for await (const chunk of chunks) {
          if (crc32) sum = crc32(chunk, sum)
          yield chunk
        }
      },
      createWriteStream(path, { mode: mode & 0o777 || 0o644 }),
    )
    if (crc32 && sum !== entry.crc32) throw new Error(`${entry.fileName} is damaged in the archive`)
  }
}
