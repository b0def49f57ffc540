/** Keeps a guest inside the directory it was granted, whatever `..`, symbolic links or odd names it tries. */
import { lstatSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { Refusal } from './session.ts'

const linkLimit = 40
/** Drive letters, streams and separators hide in names on Windows. */
const unsafeName = process.platform === 'win32' ? /[\\:]/ : undefined

/**
 * The host path of `path` below `base`, walked one name after the other: a symbolic link on the way is followed only as
 * far as it stays inside. With `follow` false the last name is left as it is. Throws WASI error codes.
 */
export function resolveBelow(base: string, path: string, follow: boolean): string {
  if (path === '') throw new Refusal('no-entry')
  if (path.includes('\0')) throw new Refusal('illegal-byte-sequence')
  if (path.startsWith('/')) throw new Refusal('not-permitted')
  const pending = path.split('/').reverse()
  const walked: string[] = []
  let links = 0
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (name === '' || name === '.') continue
    if (name === '..') {
      if (walked.pop() === undefined) throw new Refusal('not-permitted')
      continue
    }
    if (unsafeName?.test(name)) throw new Refusal('illegal-byte-sequence')
    walked.push(name)
    const last = pending.every((rest) => rest === '' || rest === '.')
    if (last && !follow && !pending.includes('')) break
    const target = linkTarget(join(base, ...walked))
    if (target === undefined) continue
    if (++links > linkLimit) throw new Refusal('loop')
    if (/^([/\\]|[a-zA-Z]:)/.test(target)) throw new Refusal('not-permitted')
    walked.pop()
    pending.push(...target.split('/').reverse())
  }
  return join(base, ...walked)
}

function linkTarget(path: string): string | undefined {
  try {
    return lstatSync(path).isSymbolicLink() ? readlinkSync(path) : undefined
  } catch {
    // Not there (yet), or not for us: the operation itself says so.
    return undefined
  }
}
