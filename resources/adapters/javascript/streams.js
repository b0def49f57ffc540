/** The part of the Streams standard that bodies need: a readable stream with one reader. */

/** What belongs to an object alone; see url.js why these are no private fields. */
const queueKey = Symbol('queue')
const stateKey = Symbol('state')
const errorKey = Symbol('error')
/** Who waits for a chunk: `{ resolve, reject }`. */
const waitingKey = Symbol('waiting')
const sourceKey = Symbol('source')
const controllerKey = Symbol('controller')
/** A promise while the source starts. */
const startingKey = Symbol('starting')
const pullingKey = Symbol('pulling')
const readerKey = Symbol('reader')

const isPromise = (value) => typeof value?.then === 'function'

class Controller {
  constructor(stream) {
    this[sourceKey] = stream
  }
  get desiredSize() {
    const stream = this[sourceKey]
    return stream[stateKey] === 'open' ? 1 - stream[queueKey].length : 0
  }
  enqueue(chunk) {
    const stream = this[sourceKey]
    if (stream[stateKey] !== 'open') throw new TypeError('The stream is closed')
    const first = stream[waitingKey].shift()
    if (first) first.resolve({ value: chunk, done: false })
    else stream[queueKey].push(chunk)
  }
  close() {
    const stream = this[sourceKey]
    if (stream[stateKey] !== 'open') throw new TypeError('The stream is closed')
    end(stream)
  }
  error(reason) {
    fail(this[sourceKey], reason)
  }
}

function end(stream) {
  stream[stateKey] = 'closed'
  for (const { resolve } of stream[waitingKey].splice(0)) resolve({ value: undefined, done: true })
}

function fail(stream, reason) {
  if (stream[stateKey] !== 'open') return
  stream[stateKey] = 'failed'
  stream[errorKey] = reason
  stream[queueKey] = []
  for (const { reject } of stream[waitingKey].splice(0)) reject(reason)
}

async function pull(stream) {
  if (stream[pullingKey]) return
  stream[pullingKey] = true
  try {
    if (stream[startingKey]) await stream[startingKey]
    const source = stream[sourceKey]
    while (stream[waitingKey].length > 0 && stream[stateKey] === 'open' && source.pull) {
      const pulled = source.pull(stream[controllerKey])
      if (isPromise(pulled)) await pulled
    }
  } catch (reason) {
    fail(stream, reason)
  } finally {
    stream[pullingKey] = false
  }
}

function read(stream) {
  if (stream[queueKey].length > 0) return Promise.resolve({ value: stream[queueKey].shift(), done: false })
  if (stream[stateKey] === 'closed') return Promise.resolve({ value: undefined, done: true })
  if (stream[stateKey] === 'failed') return Promise.reject(stream[errorKey])
  return new Promise((resolve, reject) => {
    stream[waitingKey].push({ resolve, reject })
    pull(stream)
  })
}

/** Gives each chunk to `take`, one after the other; the stream is cancelled where that fails. */
export async function eachChunk(stream, take) {
  const reader = stream.getReader()
  try {
    for (;;) {
      const { value, done } = await reader.read()
      if (done) return
      const taken = take(value)
      if (isPromise(taken)) await taken
    }
  } finally {
    await reader.cancel()
    reader.releaseLock()
  }
}

export class ReadableStream {
  constructor(source = {}) {
    this[queueKey] = []
    this[stateKey] = 'open'
    this[errorKey] = undefined
    this[waitingKey] = []
    this[sourceKey] = source
    this[controllerKey] = new Controller(this)
    this[startingKey] = undefined
    this[pullingKey] = false
    this[readerKey] = undefined
    if (typeof source.start !== 'function') return
    this[startingKey] = new Promise((resolve) => resolve(source.start(this[controllerKey])))
    this[startingKey].then(
      () => (this[startingKey] = undefined),
      (reason) => fail(this, reason),
    )
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
    return this[readerKey] !== undefined
  }

  async cancel(reason) {
    if (this[stateKey] !== 'open') return
    this[queueKey] = []
    end(this)
    await this[sourceKey].cancel?.(reason)
  }

  getReader() {
    if (this[readerKey]) throw new TypeError('The stream has a reader already')
    const reader = {
      read: () => read(this),
      cancel: (reason) => this.cancel(reason),
      releaseLock: () => {
        if (this[readerKey] === reader) this[readerKey] = undefined
      },
    }
    this[readerKey] = reader
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
