/**
 * What a worker writes where the rest of its process can read it, since a guest that does not come back keeps it from
 * saying anything: which request it began last, which one it works on, and output that is not on its way yet. Sending each line of output at once
 * would cost more than many a guest does.
 */
const words = { begun: 0, lock: 1, used: 2, cleared: 3, working: 4 } as const
const headerBytes = 20
/** Bytes of output that may wait. */
const room = 32 * 1024
/** Waits of a millisecond for the other side; more means that it was ended while it wrote. */
const patience = 20

export class WorkerBoard {
  readonly shared: SharedArrayBuffer
  readonly #words: Int32Array
  readonly #bytes: Buffer

  constructor(shared: SharedArrayBuffer = new SharedArrayBuffer(headerBytes + room)) {
    this.shared = shared
    this.#words = new Int32Array(shared, 0, headerBytes / 4)
    this.#bytes = Buffer.from(shared, headerBytes)
  }

  /** The last stream that was begun. */
  get begun(): number {
    return Atomics.load(this.#words, words.begun)
  }

  set begun(stream: number) {
    Atomics.store(this.#words, words.begun, stream)
  }

  /** The stream of the request whose guest runs, or ran last. */
  get working(): number {
    return Atomics.load(this.#words, words.working)
  }

  set working(stream: number) {
    Atomics.store(this.#words, words.working, stream)
  }

  /** Bytes of output that wait. */
  get used(): number {
    return Atomics.load(this.#words, words.used)
  }

  /** How often output was taken off: a worker where this stands still does not send anything. */
  get cleared(): number {
    return Atomics.load(this.#words, words.cleared)
  }

  /** Appends `length` bytes that `fill` writes; false when there is no room for them. */
  append(length: number, fill: (bytes: Buffer, at: number) => void): boolean {
    const at = this.used
    if (at + length > room || !this.#lock()) return false
    fill(this.#bytes, at)
    Atomics.store(this.#words, words.used, at + length)
    this.#unlock()
    return true
  }

  /** A copy of everything that waits. */
  read(): Buffer {
    if (this.used === 0 || !this.#lock()) return Buffer.alloc(0)
    const bytes = this.#copy()
    this.#unlock()
    return bytes
  }

  /** The same, and nothing waits any more: for the worker itself, which alone writes and so needs no lock to read. */
  take(): Buffer {
    const bytes = this.#copy()
    Atomics.store(this.#words, words.used, 0)
    Atomics.add(this.#words, words.cleared, 1)
    return bytes
  }

  #copy(): Buffer {
    return Buffer.from(this.#bytes.subarray(0, this.used))
  }

  #lock(): boolean {
    for (let left = patience; Atomics.compareExchange(this.#words, words.lock, 0, 1) !== 0; left--) {
      if (left === 0) return false
      Atomics.wait(this.#words, words.lock, 1, 1)
    }
    return true
  }

  #unlock(): void {
    Atomics.store(this.#words, words.lock, 0)
    Atomics.notify(this.#words, words.lock)
  }
}
