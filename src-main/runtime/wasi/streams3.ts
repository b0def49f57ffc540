/** Streams and futures as 0.3 has them in the language: what the generated code hands over, and what it takes. */
import { Refusal, type Session } from './session.ts'
import type { Sink, Source } from './streams.ts'
import { until } from './wait.ts'

export type Result<Value, Failure> =
  { readonly tag: 'ok'; readonly val: Value } | { readonly tag: 'err'; readonly val: Failure }
/** `future<result<_, error-code>>` */
export type DoneFuture<Failure> = PromiseLike<Result<undefined, Failure>>

/** A stream that a guest reads or writes. */
export interface ByteStream {
  /** At most `count` bytes; the end is `done`, or null. */
  read?(options: { readonly count: number }): Promise<unknown>
  [Symbol.asyncIterator]?(): AsyncIterator<unknown>
  [Symbol.dispose]?(): void
}

export const chunkSize: number = 64 * 1024
export const success: Result<undefined, never> = { tag: 'ok', val: undefined }

/**
 * A stream for a guest to read. `take` gives the next item, and nothing at the end; `over` is called once: at the end, when
 * the guest drops its end, or with what `take` threw. Whoever reads sees an end in each case: why is told by a future.
 */
export class HostStream<Item> implements AsyncIterator<Item> {
  readonly #take: () => Item | undefined | Promise<Item | undefined>
  readonly #over: (thrown?: unknown) => void
  #isOver = false

  constructor(take: () => Item | undefined | Promise<Item | undefined>, over: (thrown?: unknown) => void) {
    this.#take = take
    this.#over = over
  }

  [Symbol.asyncIterator](): AsyncIterator<Item> {
    return this
  }

  async next(): Promise<IteratorResult<Item>> {
    if (this.#isOver) return ended
    try {
      const value = await this.#take()
      if (value !== undefined && !this.#isOver) return { done: false, value }
      this.#finish()
    } catch (thrown) {
      this.#finish(thrown)
    }
    return ended
  }

  async return(): Promise<IteratorResult<Item>> {
    this.#finish()
    return ended
  }

  [Symbol.dispose](): void {
    this.#finish()
  }

  #finish(thrown?: unknown): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#over(thrown)
  }
}

const ended: IteratorReturnResult<undefined> = { done: true, value: undefined }

/** Takes what a future has to give: its writer, mostly a task of the guest, waits until somebody does. */
export function forget(future: PromiseLike<unknown>): void {
  Promise.resolve(future).then(
    () => {},
    () => {},
  )
}

/** The next bytes of a source, as soon as there are any. Throws at its end what the source throws there. */
export async function takeBytes(session: Session, source: Source): Promise<Uint8Array> {
  for (;;) {
    await until(session, source)
    const chunk = source.take(chunkSize)
    if (chunk) return chunk
  }
}

/** The source came to its end, as opposed to an error. */
export const isEnd = (thrown: unknown): boolean =>
  thrown instanceof Refusal &&
  typeof thrown.payload === 'object' &&
  thrown.payload !== null &&
  'tag' in thrown.payload &&
  thrown.payload.tag === 'closed'

/** One piece of a guest's stream; undefined at its end. */
async function readChunk(
  stream: ByteStream,
  iterator: AsyncIterator<unknown> | undefined,
): Promise<Uint8Array | undefined> {
  const read: unknown = iterator ? await iterator.next() : await stream.read?.({ count: chunkSize })
  const { value, done } =
    typeof read === 'object' && read !== null && 'done' in read
      ? { value: 'value' in read ? read.value : undefined, done: read.done === true }
      : { value: read, done: read === null || read === undefined }
  if (value instanceof Uint8Array) return value
  if (Array.isArray(value)) return Uint8Array.from(value)
  if (typeof value === 'number') return Uint8Array.of(value)
  return done ? undefined : new Uint8Array()
}

/**
 * Copies a guest's stream to `write` until it ends, no faster than `ready` lets it. However it ends, the guest's end is
 * told: it must not wait for a reader that is gone.
 */
export async function pump(
  stream: ByteStream,
  write: (bytes: Uint8Array) => void,
  ready: () => Promise<void> | undefined = () => undefined,
): Promise<void> {
  const iterator = stream.read ? undefined : stream[Symbol.asyncIterator]?.()
  try {
    for (;;) {
      await ready()
      const chunk = await readChunk(stream, iterator)
      if (!chunk) return
      if (chunk.length > 0) write(chunk.slice())
    }
  } finally {
    drop(stream)
  }
}

/** Nobody reads the stream any more. */
export function drop(stream: ByteStream): void {
  try {
    stream[Symbol.dispose]?.()
  } catch {
    // It was dropped before, or its instance is gone.
  }
}

/**
 * A guest's stream for another guest to read: generated code by itself would hand it over byte by byte. `over` hears of its
 * end, whoever made it.
 */
export const passOn = (stream: ByteStream, over: () => void): HostStream<Uint8Array> =>
  new HostStream(
    () => readChunk(stream, undefined),
    () => {
      drop(stream)
      over()
    },
  )

/** Copies a guest's stream into a sink, each piece on its way at once. */
export const pumpInto = (session: Session, stream: ByteStream, sink: Sink): Promise<void> =>
  pump(
    stream,
    (bytes) => {
      sink.room()
      sink.write(bytes)
      sink.flush()
    },
    () => until(session, sink),
  )
