const encoder = new TextEncoder()

/** Grows a run of bytes; numbers are written in their shortest LEB128 form. */
export class ByteWriter {
  #bytes = new Uint8Array(256)
  #length = 0

  get length(): number {
    return this.#length
  }

  u8(byte: number): this {
    this.#reserve(1)
    this.#bytes[this.#length++] = byte
    return this
  }

  /** Unsigned LEB128. */
  u32(value: number): this {
    let rest = value
    while (rest >= 0x80) {
      this.u8((rest % 128) | 0x80)
      rest = Math.floor(rest / 128)
    }
    return this.u8(rest)
  }

  /** Signed LEB128, as type indices need where a primitive may stand as well. */
  s33(value: number): this {
    let rest = value
    for (;;) {
      const low = ((rest % 128) + 128) % 128
      rest = Math.floor(rest / 128)
      if ((rest === 0 && low < 0x40) || (rest === -1 && low >= 0x40)) return this.u8(low)
      this.u8(low | 0x80)
    }
  }

  /** UTF-8 with its length before it. */
  name(text: string): this {
    const encoded = encoder.encode(text)
    return this.u32(encoded.length).raw(encoded)
  }

  raw(bytes: Uint8Array): this {
    this.#reserve(bytes.length)
    this.#bytes.set(bytes, this.#length)
    this.#length += bytes.length
    return this
  }

  /** A vector: its count, then each item. */
  vector<Item>(items: readonly Item[], write: (item: Item, writer: ByteWriter) => void): this {
    this.u32(items.length)
    for (const item of items) write(item, this)
    return this
  }

  /** A section: id, size and what `write` puts into it. */
  section(id: number, write: (body: ByteWriter) => void): this {
    const body = new ByteWriter()
    write(body)
    return this.u8(id).u32(body.length).raw(body.finish())
  }

  /** The bytes written so far; the writer must not be used again. */
  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#length)
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + more))
    grown.set(this.#bytes.subarray(0, this.#length))
    this.#bytes = grown
  }
}

/** A file made of pieces that are joined once, at the end: embedding fourteen megabytes copies them a single time. */
export class ChunkedOutput {
  readonly #chunks: Uint8Array[] = []
  #length = 0

  get length(): number {
    return this.#length
  }

  /** Takes the bytes as they are; the caller must not change them before {@link join}. */
  push(bytes: Uint8Array): this {
    this.#chunks.push(bytes)
    this.#length += bytes.length
    return this
  }

  /** Everything in one array. */
  join(): Uint8Array {
    const result = new Uint8Array(this.#length)
    let at = 0
    for (const chunk of this.#chunks) {
      result.set(chunk, at)
      at += chunk.length
    }
    return result
  }
}

/** Adds a section whose payload are bytes as they are. */
export function pushSection(output: ChunkedOutput, id: number, payload: Uint8Array): void {
  output.push(new ByteWriter().u8(id).u32(payload.length).finish()).push(payload)
}
