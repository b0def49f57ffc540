/** The part of the Streams standard that bodies need: a readable stream with one reader. */

export class ReadableStream {
  #queue = []
  #state = 'open'
  #error
  #waiting = []
  #source
  #controller
  #started
  #pulling = false
  #reader

  constructor(source = {}) {
    this.#source = source
    const stream = this
    this.#controller = {
      get desiredSize() {
        return stream.#state === 'open' ? 1 - stream.#queue.length : 0
      },
      enqueue: (chunk) => {
        if (this.#state !== 'open') throw new TypeError('The stream is closed')
        const first = this.#waiting.shift()
        if (first) first.resolve({ value: chunk, done: false })
        else this.#queue.push(chunk)
      },
      close: () => {
        if (this.#state !== 'open') throw new TypeError('The stream is closed')
        this.#state = 'closed'
        for (const { resolve } of this.#waiting.splice(0)) resolve({ value: undefined, done: true })
      },
      error: (reason) => this.#fail(reason),
    }
    this.#started = new Promise((resolve) => resolve(source.start?.(this.#controller)))
    this.#started.catch((reason) => this.#fail(reason))
  }

  /** A stream over anything that can be iterated. */
  static from(items) {
    const iterator = items[Symbol.asyncIterator]?.() ?? items[Symbol.iterator]()
    return new ReadableStream({
      async pull(controller) {
        const { value, done } = await iterator.next()
        if (done) controller.close()
        else controller.enqueue(await value)
      },
      async cancel() {
        await iterator.return?.()
      },
    })
  }

  get locked() {
    return this.#reader !== undefined
  }

  #fail(reason) {
    if (this.#state !== 'open') return
    this.#state = 'failed'
    this.#error = reason
    this.#queue = []
    for (const { reject } of this.#waiting.splice(0)) reject(reason)
  }

  async #pull() {
    if (this.#pulling) return
    this.#pulling = true
    try {
      await this.#started
      while (this.#waiting.length > 0 && this.#state === 'open' && this.#source.pull) {
        await this.#source.pull(this.#controller)
      }
    } catch (reason) {
      this.#fail(reason)
    } finally {
      this.#pulling = false
    }
  }

  #read() {
    if (this.#queue.length > 0) return Promise.resolve({ value: this.#queue.shift(), done: false })
    if (this.#state === 'closed') return Promise.resolve({ value: undefined, done: true })
    if (this.#state === 'failed') return Promise.reject(this.#error)
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject })
      this.#pull()
    })
  }

  async cancel(reason) {
    if (this.#state !== 'open') return
    this.#state = 'closed'
    this.#queue = []
    for (const { resolve } of this.#waiting.splice(0)) resolve({ value: undefined, done: true })
    await this.#source.cancel?.(reason)
  }

  getReader() {
    if (this.#reader) throw new TypeError('The stream has a reader already')
    const reader = {
      read: () => this.#read(),
      cancel: (reason) => this.cancel(reason),
      releaseLock: () => {
        if (this.#reader === reader) this.#reader = undefined
      },
    }
    this.#reader = reader
    return reader
  }

  async *[Symbol.asyncIterator]() {
    const reader = this.getReader()
    try {
      for (;;) {
        const { value, done } = await reader.read()
        if (done) return
        yield value
      }
    } finally {
      await reader.cancel()
      reader.releaseLock()
    }
  }
}

globalThis.ReadableStream = ReadableStream
