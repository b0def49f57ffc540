import { fail } from '../../../src-engine/error.ts'
import { GuestTrap } from '../wasi/session.ts'

/** One memory of a guest: views that follow it when it grows. */
export class GuestMemory {
  readonly #memory: WebAssembly.Memory
  #bytes: Uint8Array<ArrayBuffer>
  #view: DataView<ArrayBuffer>
  #buffer: Buffer<ArrayBuffer>

  constructor(memory: WebAssembly.Memory) {
    this.#memory = memory
    const buffer = bufferOf(memory)
    this.#bytes = new Uint8Array(buffer)
    this.#view = new DataView(buffer)
    this.#buffer = Buffer.from(buffer)
  }

  #refresh(): void {
    const buffer = bufferOf(this.#memory)
    this.#bytes = new Uint8Array(buffer)
    this.#view = new DataView(buffer)
    this.#buffer = Buffer.from(buffer)
  }

  /** A grown memory leaves its old buffer with no bytes; asking the memory for its buffer costs more than all the rest. */
  get bytes(): Uint8Array<ArrayBuffer> {
    if (this.#bytes.length === 0) this.#refresh()
    return this.#bytes
  }

  get view(): DataView<ArrayBuffer> {
    if (this.#bytes.length === 0) this.#refresh()
    return this.#view
  }

  /** The same bytes with what Node can do with them. */
  get buffer(): Buffer<ArrayBuffer> {
    if (this.#bytes.length === 0) this.#refresh()
    return this.#buffer
  }

  /** The bytes `start … start + length`, still those of the guest. Traps outside the memory. */
  range(start: number, length: number): Uint8Array<ArrayBuffer> {
    const { bytes } = this
    if (start + length > bytes.length) throw outOfBounds()
    return bytes.subarray(start, start + length)
  }
}

function bufferOf(memory: WebAssembly.Memory): ArrayBuffer {
  const { buffer } = memory
  if (!(buffer instanceof ArrayBuffer))
    throw fail('runtime.direct', 'shared memories are not known to the direct engine')
  return buffer
}

export const outOfBounds = (): GuestTrap => new GuestTrap('a pointer reaches outside the memory')
