import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fail } from '../../src-engine/error.ts'
import { sha256 } from './contents.ts'
import { readWhole, writeWhole } from './files.ts'

/** The files a project had before they were stripped: `.patchbay/originals/<hash>.wasm`, and beside each stripped hash the name of its original. */
export class Originals {
  readonly #folder: string

  constructor(projectFolder: string) {
    this.#folder = join(projectFolder, '.patchbay', 'originals')
  }

  /** Keeps a file before it is stripped. */
  async keep(original: { readonly hash: string; readonly bytes: Uint8Array }, strippedHash: string): Promise<void> {
    await writeWhole(join(this.#folder, `${original.hash}.wasm`), original.bytes)
    await writeWhole(join(this.#folder, `${strippedHash}.from`), new TextEncoder().encode(`${original.hash}\n`))
  }

  /** The file that was stripped to this one; undefined if there is none, or it is not what it was any more. */
  async of(strippedHash: string): Promise<Uint8Array | undefined> {
    const hash = await readFile(join(this.#folder, `${strippedHash}.from`), 'utf8').catch(() => '')
    if (!/^[0-9a-f]{64}\n$/.test(hash)) return undefined
    const bytes = await readWhole(join(this.#folder, `${hash.trim()}.wasm`)).catch(() => undefined)
    return bytes && sha256(bytes) === hash.trim() ? bytes : undefined
  }

  /** The same, where it must be there. Throws `components.no-original`. */
  async take(strippedHash: string, name: string): Promise<Uint8Array> {
    const bytes = await this.of(strippedHash)
    if (bytes) return bytes
    throw fail('components.no-original', `what ${name} was before it was stripped is not kept`, {
      where: { file: this.#folder },
      hint: 'Build it again, or take it from where it came from.',
    })
  }
}
