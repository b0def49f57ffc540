/**
 * A few values that come and go all the time, in no order. For what every request passes through, instead of a `Set`: for
 * the same reason as `StreamTable` instead of a `Map`.
 */
export class Bag<Value> {
  readonly #values: Value[] = []

  get size(): number {
    return this.#values.length
  }

  add(value: Value): void {
    this.#values.push(value)
  }

  has(value: Value): boolean {
    return this.#values.includes(value)
  }

  find(isIt: (value: Value) => boolean): Value | undefined {
    return this.#values.find(isIt)
  }

  /** False when it was not there. */
  delete(value: Value): boolean {
    const at = this.#values.indexOf(value)
    if (at < 0) return false
    const last = this.#values.pop()
    if (last !== undefined && at < this.#values.length) this.#values[at] = last
    return true
  }

  /** What is in it now: it may change meanwhile. */
  [Symbol.iterator](): Iterator<Value> {
    return this.#values.slice().values()
  }
}
