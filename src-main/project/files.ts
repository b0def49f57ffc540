import { randomUUID } from 'node:crypto'
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fail, type PatchbayError } from '../../src-engine/error.ts'

/** Largest file that is read as a component, bytes: beyond it a mistake is likelier than a component. */
export const fileLimit = 1024 * 1024 * 1024

/**
 * Reads a whole file. Every way this can fail is a typed error that names the file and the next step: `input.not-found`,
 * `input.directory`, `input.permission`, `input.too-large`, `input.unreadable`.
 */
export async function readWhole(path: string): Promise<Uint8Array> {
  try {
    const about = await stat(path)
    if (about.isDirectory())
      throw fail('input.directory', `${path} is a folder`, {
        where: { file: path },
        hint: 'Name a .wasm file inside it.',
      })
    if (!about.isFile())
      throw fail('input.unreadable', `${path} is not a file that can be read`, {
        where: { file: path },
        hint: 'Pipes and devices cannot be opened: save to a file first.',
      })
    if (about.size > fileLimit) {
      throw fail('input.too-large', `${path} has ${about.size} bytes, more than Patchbay opens (${fileLimit})`, {
        where: { file: path },
        hint: 'Check that this is the file you mean.',
      })
    }
    return await readAtOnce(path, about.size)
  } catch (thrown) {
    throw unreadable(path, thrown)
  }
}

/** In pieces, as `readFile` does it, a large file takes twice as long. */
async function readAtOnce(path: string, size: number): Promise<Uint8Array> {
  if (size === 0) return readFile(path)
  const bytes = Buffer.allocUnsafeSlow(size)
  const file = await open(path)
  try {
    let length = 0
    while (length < size) {
      const { bytesRead } = await file.read(bytes, length, size - length, length)
      if (bytesRead === 0) break
      length += bytesRead
    }
    return bytes.subarray(0, length)
  } finally {
    await file.close()
  }
}

/** What an error of the file system means to a person. Typed errors pass through. */
export function unreadable(path: string, thrown: unknown): unknown {
  const code = errorCode(thrown)
  const where = { file: path }
  if (code === undefined) return thrown
  const known: Record<string, () => PatchbayError> = {
    ENOENT: () =>
      fail('input.not-found', `${path} does not exist`, {
        where,
        hint: 'Check the name; it may have been moved or deleted.',
        cause: thrown,
      }),
    ENOTDIR: () =>
      fail('input.not-found', `${path} does not exist: a part of it is no folder`, {
        where,
        hint: 'Check the name.',
        cause: thrown,
      }),
    EISDIR: () =>
      fail('input.directory', `${path} is a folder`, { where, hint: 'Name a file inside it.', cause: thrown }),
    EACCES: () =>
      fail('input.permission', `${path} may not be read`, {
        where,
        hint: 'Change its permissions, or copy it to a place of your own.',
        cause: thrown,
      }),
    EPERM: () =>
      fail('input.permission', `${path} may not be read`, {
        where,
        hint: 'Change its permissions, or copy it to a place of your own.',
        cause: thrown,
      }),
    ELOOP: () =>
      fail('input.not-found', `${path} is a link that leads in a circle`, {
        where,
        hint: 'Repair the link.',
        cause: thrown,
      }),
    ENAMETOOLONG: () =>
      fail('input.not-found', `${path.slice(0, 100)}… is too long for a path`, {
        hint: 'Check the name.',
        cause: thrown,
      }),
  }
  return (
    known[code]?.() ??
    fail('input.unreadable', `${path} could not be read: ${code}`, {
      where,
      hint: 'Try again; the disk or the network folder may be gone.',
      cause: thrown,
    })
  )
}

/** `ENOENT` and the like; undefined for anything that is no error of the system. */
export function errorCode(thrown: unknown): string | undefined {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : undefined
}

/**
 * Writes a file whole or not at all: a temporary file beside it, flushed to the disk, then renamed over it. Makes missing
 * folders. Throws `project.cannot-write` with the next step.
 */
export async function writeWhole(path: string, data: string | Uint8Array): Promise<void> {
  const half = join(dirname(path), `.${randomUUID()}.part`)
  try {
    await mkdir(dirname(path), { recursive: true })
    const file = await open(half, 'w')
    try {
      await file.writeFile(data)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(half, path)
  } catch (thrown) {
    await rm(half, { force: true }).catch(() => undefined)
    const code = errorCode(thrown)
    if (code === undefined) throw thrown
    const hint =
      code === 'ENOSPC'
        ? 'The disk is full: free some space and try again.'
        : code === 'EACCES' || code === 'EPERM' || code === 'EROFS'
          ? 'Choose another place, or change the permissions of the folder.'
          : 'Choose another place.'
    throw fail('project.cannot-write', `${path} could not be written: ${code}`, {
      where: { file: path },
      hint,
      cause: thrown,
    })
  }
}
