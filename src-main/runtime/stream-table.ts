/** Room for this many streams that are open at once and close to each other; more are kept as well, with less ease. */
const slots = 1024

/**
 * What belongs to each open stream of a line. Streams are numbered one after another, so each has a slot of its own while
 * its neighbours come and go. A `Map` would do, but for this: it moves to a new table every few requests, and a table that
 * was left behind in the old generation keeps what it held, and by way of that the tables after it, until the next full
 * collection. Everything that a request made would outlive it, and each small collection would have it all to copy.
 */
export class StreamTable<Value extends object> {
  readonly #values: (Value | undefined)[] = Array.from({ length: slots })
  readonly #streams = new Uint32Array(slots)
  /** Streams whose slot belongs to a much older one that is still open. */
  readonly #others = new Map<number, Value>()

  get(stream: number): Value | undefined {
    const slot = stream % slots
    if (this.#streams[slot] === stream) return this.#values[slot]
    return this.#others.size === 0 ? undefined : this.#others.get(stream)
  }

  set(stream: number, value: Value): void {
    const slot = stream % slots
    if (this.#values[slot] !== undefined && this.#streams[slot] !== stream) return void this.#others.set(stream, value)
    this.#streams[slot] = stream
    this.#values[slot] = value
  }

  delete(stream: number): void {
    const slot = stream % slots
    if (this.#streams[slot] === stream) this.#values[slot] = undefined
    else if (this.#others.size > 0) this.#others.delete(stream)
  }

  /** What all open streams have; in no order. */
  values(): Value[] {
    return [...this.#values.filter((value) => value !== undefined), ...this.#others.values()]
  }
}
