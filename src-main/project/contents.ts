import { createHash } from 'node:crypto'
import { decode, type DecodedComponent } from '../../src-engine/binary/decode.ts'
import { fail, withPlace } from '../../src-engine/error.ts'
import { readWhole } from './files.ts'

/** Bytes kept in memory at most; everything can be read again from its file. */
const budget = 128 * 1024 * 1024

/** Lower-case hexadecimal SHA-256. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

interface Entry {
  /** Files that held these bytes when they were read. */
  readonly files: Set<string>
  /** Bytes that are in no file: composed ones. */
  pinned?: Uint8Array
  bytes?: Uint8Array
  decoded?: DecodedComponent
}

/** Every component seen in this session by the hash of its bytes. */
export class Contents {
  readonly #entries = new Map<string, Entry>()
  #held = 0

  /** Reads a file and remembers where its bytes are. Throws `input.*` for a file that cannot be read. */
  async addFile(path: string): Promise<{ readonly hash: string; readonly bytes: Uint8Array }> {
    const bytes = await readWhole(path)
    const hash = sha256(bytes)
    this.#entry(hash).files.add(path)
    this.#hold(hash, bytes)
    return { hash, bytes }
  }

  /** Remembers bytes that are in no file, for as long as the session lasts. */
  addBytes(bytes: Uint8Array): string {
    const hash = sha256(bytes)
    this.#entry(hash).pinned = bytes
    return hash
  }

  /** The bytes of a hash, from memory or from one of its files. Throws `input.gone` when no file holds them any more. */
  async bytes(hash: string): Promise<Uint8Array> {
    const entry = this.#entries.get(hash)
    const known = entry?.pinned ?? entry?.bytes
    if (known) return known
    for (const file of entry?.files ?? []) {
      const bytes = await readWhole(file).catch(() => undefined)
      if (bytes && sha256(bytes) === hash) {
        this.#hold(hash, bytes)
        return bytes
      }
      entry?.files.delete(file)
    }
    throw fail('input.gone', 'the component is no longer in the file it was read from', {
      hint: 'Open its file again.',
    })
  }

  /** The decoded component of a hash. Throws `input.*` naming the file. */
  async decoded(hash: string): Promise<DecodedComponent> {
    const entry = this.#entry(hash)
    if (entry.decoded) return entry.decoded
    const bytes = await this.bytes(hash)
    try {
      return (entry.decoded = decode(bytes))
    } catch (thrown) {
      const [file] = entry.files
      throw file === undefined ? thrown : withPlace(thrown, { file })
    }
  }

  #entry(hash: string): Entry {
    let entry = this.#entries.get(hash)
    if (!entry) this.#entries.set(hash, (entry = { files: new Set() }))
    return entry
  }

  #hold(hash: string, bytes: Uint8Array): void {
    const entry = this.#entry(hash)
    if (!entry.bytes) this.#held += bytes.length
    entry.bytes = bytes
    // Oldest first: the map keeps the order of insertion.
    for (const [other, { bytes: held }] of this.#entries) {
      if (this.#held <= budget) break
      if (other === hash || !held) continue
      this.#held -= held.length
      delete this.#entries.get(other)?.bytes
    }
  }
}
