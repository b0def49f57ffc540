/** Bytes of one block. Longer entries get a block of their own. */
const blockSize = 128 * 1024

interface Block {
  readonly bytes: Buffer
  /** Where each entry ends. */
  readonly ends: number[]
}

/**
 * The last entries of a history, as bytes outside the collector's heap: thousands of objects that live for seconds are
 * what a generational collector does worst. Bounded by number and size; the oldest go first, a block of them at a time.
 */
export class EntryLog {
  readonly #mostEntries: number
  readonly #mostBytes: number
  #blocks: Block[] = []
  #used = 0
  #count = 0
  #bytes = 0
  #dropped = 0
  /** Of a block that was dropped: the next one. Memory outside the heap is given back by large collections only. */
  #spare: Buffer | undefined

  /** Keeps at least the last `mostEntries`, unless they are more than `mostBytes`. */
  constructor(mostEntries: number, mostBytes: number) {
    this.#mostEntries = mostEntries
    this.#mostBytes = mostBytes
  }

  /** Number of the entry that comes next; the first one of all has number 0. */
  get end(): number {
    return this.#dropped + this.#count
  }

  /** Appends an entry of at most `room` bytes: `fill` writes it from the given place on and answers where it ends. */
  append(room: number, fill: (bytes: Buffer, at: number) => number): void {
    let block = this.#blocks.at(-1)
    if (!block || block.bytes.length - this.#used < room) {
      block = { bytes: this.#bytesFor(room), ends: [] }
      this.#blocks.push(block)
      this.#used = 0
    }
    const end = fill(block.bytes, this.#used)
    this.#bytes += end - this.#used
    this.#used = end
    block.ends.push(end)
    this.#count++
    this.#cut()
  }

  /** The entries from this number on, as far as they are still here; copies nothing, so use them before the next is appended. */
  *from(first: number): Generator<Buffer> {
    let number = this.#dropped
    for (const { bytes, ends } of this.#blocks) {
      for (let at = Math.max(0, first - number); at < ends.length; at++)
        yield bytes.subarray(at === 0 ? 0 : ends[at - 1], ends[at])
      number += ends.length
    }
  }

  #bytesFor(room: number): Buffer {
    const spare = room <= blockSize ? this.#spare : undefined
    this.#spare = undefined
    return spare ?? Buffer.allocUnsafeSlow(Math.max(blockSize, room))
  }

  #cut(): void {
    const [oldest] = this.#blocks
    if (!oldest || this.#blocks.length === 1) return
    const { length } = oldest.ends
    if (this.#count - length < this.#mostEntries && this.#bytes <= this.#mostBytes) return
    this.#blocks.shift()
    if (oldest.bytes.length === blockSize) this.#spare = oldest.bytes
    this.#count -= length
    this.#dropped += length
    this.#bytes -= oldest.ends.at(-1) ?? 0
  }
}
