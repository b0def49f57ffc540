import { GuestTrap, Refusal, type Session } from './session.ts'
import { always, Pollable, Signal, until, type Condition } from './wait.ts'

/** `wasi:io/error.error`: opaque to the guest except for its text; other interfaces look inside through `cause`. */
export class IoError {
  readonly #text: string
  /** What a downcast function (`http-error-code`, `filesystem-error-code`) answers for this error. */
  readonly cause: unknown

  constructor(text: string, cause?: unknown) {
    this.#text = text
    this.cause = cause
  }

  toDebugString(): string {
    return this.#text
  }
}

export type StreamError = { readonly tag: 'closed' } | { readonly tag: 'last-operation-failed'; readonly val: IoError }

export const closed = (): Refusal<StreamError> => new Refusal({ tag: 'closed' })
export const failed = (error: IoError): Refusal<StreamError> =>
  new Refusal({ tag: 'last-operation-failed', val: error })

/** Where the bytes of an input stream come from. */
export interface Source extends Condition {
  /** At most `max` bytes, undefined when there are none yet. Throws {@link closed} at the end, {@link failed} on errors. */
  take(max: number): Uint8Array | undefined
  close?(): void
}

/** Where the bytes of an output stream go. `ready` and `wait` speak of room (and of a flush that was asked for). */
export interface Sink extends Condition {
  /** Bytes it takes now. Throws {@link closed} or {@link failed}. */
  room(): number
  write(bytes: Uint8Array): void
  /** Asks that everything written be handed on. */
  flush(): void
  close?(): void
}

/** One read hands over at most this much; a longer one comes in parts, as the interface allows. */
const readLimit = 1024 * 1024

const lengthOf = (length: bigint): number => (length > BigInt(readLimit) ? readLimit : Number(length))
const empty = new Uint8Array()
/** More in one call is not output but a way to use up memory. */
const zeroesLimit = 64n * 1024n * 1024n

/** A view into the guest's memory changes as soon as the guest goes on: keep a copy of it. */
const owned = (bytes: Uint8Array): Uint8Array => (bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice())

/** `wasi:io/streams.input-stream` */
export class InputStream {
  readonly session: Session
  readonly source: Source
  /** The guest let go of it. */
  isDropped = false

  constructor(session: Session, source: Source) {
    this.session = session
    this.source = source
  }

  read(length: bigint): Uint8Array {
    this.session.check()
    return this.source.take(lengthOf(length)) ?? empty
  }

  blockingRead(length: bigint): Uint8Array | Promise<Uint8Array> {
    const max = lengthOf(length)
    this.session.check()
    const bytes = this.source.take(max)
    return bytes ?? (max === 0 ? empty : this.#readLater(max))
  }

  async #readLater(max: number): Promise<Uint8Array> {
    for (;;) {
      await until(this.session, this.source)
      const bytes = this.source.take(max)
      if (bytes) return bytes
    }
  }

  skip(length: bigint): bigint {
    return BigInt(this.read(length).length)
  }

  blockingSkip(length: bigint): bigint | Promise<bigint> {
    const bytes = this.blockingRead(length)
    return bytes instanceof Uint8Array ? BigInt(bytes.length) : bytes.then((later) => BigInt(later.length))
  }

  subscribe(): Pollable {
    return new Pollable(this.session, this.source)
  }

  [Symbol.dispose](): void {
    this.isDropped = true
    this.source.close?.()
  }
}

/**
 * `wasi:io/streams.output-stream`. What waits takes writes of any size; what does not wait takes as much as `check-write`
 * tells, and ends the guest for more, as the interface says.
 */
export class OutputStream {
  readonly session: Session
  readonly sink: Sink
  /** The guest let go of it. */
  isDropped = false

  constructor(session: Session, sink: Sink) {
    this.session = session
    this.sink = sink
  }

  checkWrite(): bigint {
    this.session.check()
    return BigInt(this.sink.room())
  }

  write(bytes: Uint8Array): void {
    this.#checkRoom('write', BigInt(bytes.length))
    if (bytes.length > 0) this.sink.write(owned(bytes))
  }

  #checkRoom(name: string, length: bigint): void {
    this.session.check()
    const room = this.sink.room()
    if (length > BigInt(room)) throw new GuestTrap(`${name} of ${length} bytes where check-write permits ${room}`)
  }

  blockingWriteAndFlush(bytes: Uint8Array): void | Promise<void> {
    this.session.check()
    this.sink.room()
    if (bytes.length > 0) this.sink.write(owned(bytes))
    return this.blockingFlush()
  }

  flush(): void {
    this.session.check()
    this.sink.room()
    this.sink.flush()
  }

  blockingFlush(): void | Promise<void> {
    this.flush()
    const wait = until(this.session, this.sink)
    if (!wait) return
    return wait.then(() => {
      // A failure of what was flushed shows here.
      this.sink.room()
    })
  }

  writeZeroes(length: bigint): void {
    this.#checkRoom('write-zeroes', length)
    if (length > 0n) this.sink.write(new Uint8Array(Number(length)))
  }

  blockingWriteZeroesAndFlush(length: bigint): void | Promise<void> {
    this.session.check()
    this.sink.room()
    if (length > zeroesLimit)
      throw new GuestTrap(`${length} zeroes were to be written in one call (at most ${zeroesLimit})`)
    if (length > 0n) this.sink.write(new Uint8Array(Number(length)))
    return this.blockingFlush()
  }

  splice(from: InputStream, length: bigint): bigint {
    const room = BigInt(this.sink.room())
    const bytes = from.read(length < room ? length : room)
    if (bytes.length > 0) this.sink.write(bytes)
    return BigInt(bytes.length)
  }

  async blockingSplice(from: InputStream, length: bigint): Promise<bigint> {
    for (;;) {
      await until(this.session, this.sink)
      if (length === 0n) return this.splice(from, length)
      await until(this.session, from.source)
      const moved = this.splice(from, length)
      if (moved > 0n) return moved
    }
  }

  subscribe(): Pollable {
    return new Pollable(this.session, this.sink)
  }

  [Symbol.dispose](): void {
    this.isDropped = true
    this.sink.close?.()
  }
}

/** Bytes that arrive over time, with back-pressure to whoever brings them. */
export class ByteQueue implements Source {
  readonly #chunks: Uint8Array[] = []
  readonly #signal = new Signal()
  readonly #consumed: (bytes: number) => void
  #end: Refusal<StreamError> | undefined
  #draining = false
  /** Bytes that wait to be taken. */
  length = 0

  /** `consumed` hears how many bytes the guest took, so that more may be sent. */
  constructor(consumed: (bytes: number) => void = () => {}) {
    this.#consumed = consumed
  }

  push(chunk: Uint8Array): void {
    if (this.#end || chunk.length === 0) return
    if (this.#draining) return this.#consumed(chunk.length)
    this.#chunks.push(chunk)
    this.length += chunk.length
    this.#signal.notify()
  }

  /** No more bytes; with an error, the reader hears it after what already came. */
  end(error?: IoError): void {
    this.#end ??= error ? failed(error) : closed()
    this.#signal.notify()
  }

  get ended(): boolean {
    return this.#end !== undefined
  }

  ready(): boolean {
    return this.length > 0 || this.#end !== undefined
  }

  wait(): Promise<void> {
    return this.#signal.wait()
  }

  take(max: number): Uint8Array | undefined {
    const first = this.#chunks[0]
    if (!first) {
      if (this.#end) throw this.#end
      return undefined
    }
    if (max === 0) return undefined
    const taken = first.length <= max ? first : first.subarray(0, max)
    if (taken === first) this.#chunks.shift()
    else this.#chunks[0] = first.subarray(max)
    this.length -= taken.length
    this.#consumed(taken.length)
    return taken
  }

  /** What is left and what still comes is thrown away, and counted as consumed. */
  drain(): void {
    this.#draining = true
    const left = this.length
    this.#chunks.length = 0
    this.length = 0
    if (left > 0) this.#consumed(left)
  }
}

/** An input stream over bytes that are all there. */
export function sourceOf(bytes: Uint8Array): Source {
  const queue = new ByteQueue()
  queue.push(bytes)
  queue.end()
  return queue
}

/** Takes everything at once: for output that somebody else keeps within bounds. */
export function sinkTo(write: (bytes: Uint8Array) => void): Sink {
  return { ...always, room: () => 64 * 1024, write, flush: () => {} }
}

/** How much is held of a body that nobody takes off yet. */
const unattachedRoom = 1024 * 1024
const attachedRoom = 64 * 1024

/**
 * A body on its way out. Bytes written before anybody takes them off are held; afterwards they are passed on as long as
 * the taker says that it has room.
 */
export class BodySink implements Sink {
  readonly #held: Uint8Array[] = []
  readonly #signal = new Signal()
  #heldBytes = 0
  #take: ((bytes: Uint8Array) => boolean) | undefined
  #full = false
  #failure: Refusal<StreamError> | undefined
  #whenDrained: (() => void) | undefined
  /** Bytes written so far. */
  written = 0
  #flushed: (() => void) | undefined

  /**
   * `take` gets every chunk and answers whether it wants more at once; if not, call {@link resume} later. `flushed` hears
   * that the guest wants what it wrote to be on its way.
   */
  attach(take: (bytes: Uint8Array) => boolean, flushed?: () => void): void {
    this.#flushed = flushed
    this.#take = take
    this.#pump()
  }

  resume(): void {
    this.#full = false
    this.#pump()
    this.#signal.notify()
  }

  /** Whoever takes the bytes is gone. */
  fail(error?: IoError): void {
    this.#failure ??= error ? failed(error) : closed()
    this.#held.length = 0
    this.#heldBytes = 0
    this.#signal.notify()
  }

  /** Calls back once everything written has been taken. */
  finish(done: () => void): void {
    this.#failure ??= closed()
    this.#whenDrained = done
    this.#pump()
  }

  #pump(): void {
    while (this.#take && !this.#full) {
      const chunk = this.#held.shift()
      if (!chunk) break
      this.#heldBytes -= chunk.length
      this.#full = !this.#take(chunk)
    }
    if (this.#take && this.#held.length === 0 && this.#whenDrained) {
      const done = this.#whenDrained
      this.#whenDrained = undefined
      done()
    }
  }

  room(): number {
    if (this.#failure) throw this.#failure
    if (!this.#take) return Math.max(0, unattachedRoom - this.#heldBytes)
    return this.#full ? 0 : attachedRoom
  }

  write(bytes: Uint8Array): void {
    this.written += bytes.length
    this.#held.push(bytes)
    this.#heldBytes += bytes.length
    this.#pump()
  }

  flush(): void {
    this.#flushed?.()
  }

  ready(): boolean {
    if (this.#failure) return true
    return this.#take ? !this.#full : this.#heldBytes < unattachedRoom
  }

  wait(): Promise<void> {
    return this.#signal.wait()
  }
}
