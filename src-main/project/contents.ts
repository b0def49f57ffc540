import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { setImmediate } from 'node:timers/promises'
import { decode, type DecodedComponent } from '../../src-engine/binary/decode.ts'
import { identify } from '../../src-engine/binary/identify.ts'
import { fail, withPlace } from '../../src-engine/error.ts'
import { summarize, summarizeDecoded } from '../../src-engine/inspect.ts'
import type { ComponentSummary } from '../../src-preload/contract.ts'
import type { Source } from '../tools/engine-jobs.ts'
import { readWhole } from './files.ts'

/** Bytes of files kept in memory at most, unless told otherwise; every file can be read again. */
const defaultBudget = 128 * 1024 * 1024
/** Bytes hashed in one go: a few milliseconds, so that the window stays alive beside a large file. */
const chunk = 4 * 1024 * 1024
/** Nanoseconds. Times of files are coarse: one changed this lately may change again without a new time. */
const unsettled = 100_000_000n

/** Lower-case hexadecimal SHA-256. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** The same without holding up everything else while a large file is hashed. */
async function sha256Patiently(bytes: Uint8Array): Promise<string> {
  const hash = createHash('sha256')
  for (let at = 0; at < bytes.length; at += chunk) {
    if (at > 0) await setImmediate()
    hash.update(bytes.subarray(at, at + chunk))
  }
  return hash.digest('hex')
}

interface Entry {
  /** Files that held these bytes when they were read. */
  readonly files: Set<string>
  readonly size: number
  /** In memory; what is in no file is the last to go. */
  bytes?: Uint8Array
  decoded?: DecodedComponent
  summary?: ComponentSummary
}

/** Every component seen in this session by the hash of its bytes. Entries are kept in the order of their last use. */
export class Contents {
  readonly #entries = new Map<string, Entry>()
  /** What each file held, and the stamp that tells whether it still does. */
  readonly #read = new Map<string, { readonly stamp: string; readonly hash: string }>()
  readonly #budget: number
  #held = 0

  constructor({ budget = defaultBudget }: { readonly budget?: number } = {}) {
    this.#budget = budget
  }

  /**
   * The hash and size of a file, from before where the file was not touched since. Throws `input.*` for a file that cannot
   * be read.
   */
  async file(path: string): Promise<{ readonly hash: string; readonly size: number }> {
    const known = this.#read.get(path)
    if (known && known.stamp === (await stampOf(path))) {
      const entry = this.#entries.get(known.hash)
      if (entry) return { hash: known.hash, size: entry.size }
    }
    const { hash, bytes } = await this.addFile(path)
    return { hash, size: bytes.length }
  }

  /** Reads a file and remembers where its bytes are. Throws `input.*` for a file that cannot be read. */
  async addFile(path: string): Promise<{ readonly hash: string; readonly bytes: Uint8Array }> {
    // Before reading: a file that changes meanwhile has another stamp the next time.
    const stamp = await stampOf(path)
    const bytes = await readWhole(path)
    const hash = await sha256Patiently(bytes)
    if (stamp === undefined) this.#read.delete(path)
    else this.#read.set(path, { stamp, hash })
    this.#hold(hash, bytes).files.add(path)
    return { hash, bytes }
  }

  /** Remembers bytes that are in no file, until too many others were remembered after them. Pass their hash if it is known. */
  addBytes(bytes: Uint8Array, hash = sha256(bytes)): string {
    this.#hold(hash, bytes)
    return hash
  }

  /** The bytes of a hash, from memory or from one of its files. Throws `input.gone` when no file holds them any more. */
  async bytes(hash: string): Promise<Uint8Array> {
    const entry = this.#entries.get(hash)
    if (entry?.bytes) {
      this.#touch(hash, entry)
      return entry.bytes
    }
    for (const file of entry?.files ?? []) {
      const bytes = await readWhole(file).catch(() => undefined)
      if (bytes && (await sha256Patiently(bytes)) === hash) {
        this.#hold(hash, bytes)
        return bytes
      }
      entry?.files.delete(file)
    }
    throw fail('input.gone', 'the component is no longer in the file it was read from', {
      hint: 'Open its file again; compose again what was composed.',
    })
  }

  /** Where somebody else finds the bytes of a hash: the file that was seen to hold them, else the bytes. Throws `input.gone`. */
  async source(hash: string): Promise<Source> {
    const entry = this.#entries.get(hash)
    for (const file of entry?.files ?? []) {
      const stamp = this.#read.get(file)
      if (entry && stamp?.hash === hash && stamp.stamp === (await stampOf(file))) return { file, size: entry.size }
    }
    return { bytes: await this.bytes(hash) }
  }

  /** The decoded component of a hash. Throws `input.*` naming the file. */
  async decoded(hash: string): Promise<DecodedComponent> {
    const entry = this.#entries.get(hash)
    if (entry?.decoded) return entry.decoded
    const bytes = await this.bytes(hash)
    try {
      const decoded = decode(bytes)
      const now = this.#entries.get(hash)
      if (now) now.decoded = decoded
      return decoded
    } catch (thrown) {
      const [file] = entry?.files ?? []
      throw file === undefined ? thrown : withPlace(thrown, { file })
    }
  }

  /** What can be said of the bytes of a hash, core modules among them. Throws `input.*` naming the file. */
  async summary(hash: string): Promise<ComponentSummary> {
    const known = this.#entries.get(hash)?.summary
    if (known) return known
    const bytes = await this.bytes(hash)
    const told =
      identify(bytes).kind === 'module' ? summarize(bytes) : summarizeDecoded(await this.decoded(hash), bytes.length)
    const summary: ComponentSummary = {
      kind: told.kind,
      size: told.size,
      world: {
        imports: told.world.imports.map((item) => ({ ...item })),
        exports: told.world.exports.map((item) => ({ ...item })),
      },
      producers: Object.fromEntries(Object.entries(told.producers).map(([field, tools]) => [field, { ...tools }])),
      runnable: { ...told.runnable },
    }
    const entry = this.#entries.get(hash)
    if (entry) entry.summary = summary
    return summary
  }

  #hold(hash: string, bytes: Uint8Array): Entry {
    const entry = this.#entries.get(hash) ?? { files: new Set<string>(), size: bytes.length }
    if (!entry.bytes) this.#held += bytes.length
    entry.bytes = bytes
    this.#touch(hash, entry)
    // First what can be read again, then what was only in memory.
    for (const inFile of [true, false]) {
      for (const [other, each] of this.#entries) {
        if (this.#held <= this.#budget) return entry
        if (other === hash || !each.bytes || each.files.size > 0 !== inFile) continue
        this.#held -= each.bytes.length
        if (inFile) delete each.bytes
        else this.#entries.delete(other)
      }
    }
    return entry
  }

  #touch(hash: string, entry: Entry): void {
    this.#entries.delete(hash)
    this.#entries.set(hash, entry)
  }
}

/** Changes with every change of a file; undefined where that cannot be told: no file, or one that was just written. */
async function stampOf(path: string): Promise<string | undefined> {
  const about = await stat(path, { bigint: true }).catch(() => undefined)
  if (!about) return undefined
  const latest = about.mtimeNs > about.ctimeNs ? about.mtimeNs : about.ctimeNs
  if (BigInt(Date.now()) * 1_000_000n - latest < unsettled) return undefined
  return `${about.dev}:${about.ino}:${about.size}:${about.mtimeNs}:${about.ctimeNs}`
}
