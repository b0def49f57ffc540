import { open } from 'node:fs/promises'

/** Marks the fuses in an Electron executable; after it one byte version, one byte count, then one ASCII digit per fuse. */
const sentinel = Buffer.from('dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX')

/** Positions in version 1 of the wire. */
const positions = { EnableNodeCliInspectArguments: 3, LoadBrowserProcessSpecificV8Snapshot: 6 }

const chunk = 1 << 20

/**
 * Sets fuses of an Electron executable in place.
 * @param {string} executable
 * @param {Partial<Record<keyof typeof positions, boolean>>} wanted
 */
export async function flipFuses(executable, wanted) {
  const file = await open(executable, 'r+')
  try {
    const at = await find(file)
    if (at === undefined) throw new Error(`${executable} has no fuses: it is no Electron`)
    const head = Buffer.alloc(2)
    await file.read(head, 0, 2, at)
    const [version, count] = head
    if (version !== 1) throw new Error(`${executable} has fuses of version ${version}, known is 1`)
    for (const [name, on] of Object.entries(wanted)) {
      const position = positions[name]
      if (position >= count) throw new Error(`${executable} has no fuse ${name}`)
      await file.write(Buffer.from(on ? '1' : '0'), 0, 1, at + 2 + position)
    }
  } finally {
    await file.close()
  }
}

/** Offset behind the sentinel. Reads in overlapping pieces: the executable is large. */
async function find(file) {
  const buffer = Buffer.alloc(chunk + sentinel.length)
  for (let offset = 0; ; offset += chunk) {
    const { bytesRead } = await file.read(buffer, 0, buffer.length, offset)
    const index = buffer.subarray(0, bytesRead).indexOf(sentinel)
    if (index >= 0) return offset + index + sentinel.length
    if (bytesRead < buffer.length) return undefined
  }
}
