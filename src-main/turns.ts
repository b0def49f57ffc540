/** Work that is done one after the other, in the order it was asked for. What fails holds up nothing behind it. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve()

  /** Does it when everything before is done; settles like it. */
  take<Value>(work: () => Promise<Value>): Promise<Value> {
    const mine = this.#last.then(work)
    this.#last = mine.catch(() => undefined)
    return mine
  }

  /** Settles when everything that was asked for so far is done. */
  async idle(): Promise<void> {
    await this.#last
  }
}
