/**
 * The line between the workbench and a guest worker: a local socket that carries many requests at once. A frame is
 * `length u32 · kind u8 · stream u32` (little endian) and `length` bytes. Bodies are raw bytes; what every request needs
 * (its head, the head of its answer, a short answer as a whole) has a fixed layout, see message-frames.ts; the rest is
 * JSON. Each body flows only as far as the receiver gave credit for.
 */
import type { Writable } from 'node:stream'
import type { Problem } from '../../src-engine/error.ts'
import type { Denial } from '../../src-preload/running.ts'
import type { Difference } from './instance.ts'
import type { HeaderPair } from './wasi/fields.ts'
import type { HostSpan } from './wasi/session.ts'
import type { WorkerBoard } from './worker-board.ts'

export const kinds = {
  /** worker → workbench, first of all: {@link Hello}. */
  hello: 1,
  /** workbench → worker: a request's head. */
  request: 2,
  /** workbench → worker: {@link CommandHead}; its body is standard input. */
  command: 3,
  /** Both ways: a piece of the body. */
  body: 4,
  /** Both ways: the body is complete; {@link BodyTail}. */
  end: 5,
  /** Both ways: the receiver of a body has room for this many bytes more. */
  credit: 6,
  /** workbench → worker: nobody waits for the answer any more; the payload says why. */
  cancel: 7,
  /** worker → workbench: the guest runs, and the answer does not come at once. */
  started: 8,
  /** worker → workbench: the request lay here too long and was not begun; dispatch it again. */
  refused: 9,
  /** worker → workbench: the head of an answer whose body follows. */
  respond: 10,
  /** worker → workbench: an informational response. */
  inform: 11,
  /** worker → workbench: bytes of standard output or error. */
  stdout: 12,
  stderr: 13,
  /** worker → workbench: output of a request's guest; see {@link FrameWriter.output}. */
  output: 17,
  /** worker → workbench: the host has something to say about the guest; text. */
  notice: 14,
  /** worker → workbench: the guest was refused something; {@link DeniedNotice}. */
  denied: 18,
  /** worker → workbench: {@link Outcome}; the guest will do nothing more for this request. */
  done: 15,
  /** worker → workbench: a short answer and its outcome in one; the guest will do nothing more for this request. */
  answer: 16,
} as const

export interface DeniedNotice extends Denial {
  readonly text: string
}

/** Bytes of a body that may be under way without credit. */
export const initialCredit = 256 * 1024
/** A request that waited longer than this in a worker's inbox is not begun there any more. Milliseconds. */
export const staleAfter = 200

export interface Hello {
  readonly token: string
  readonly worker: number
}

export interface CommandHead {
  readonly id: string
  /** Instead of `wasi:cli/run`. */
  readonly call?: FunctionCall
}

/** An exported function to be called once. */
export interface FunctionCall {
  /** With its version; absent for a function of the world itself. */
  readonly interface?: string
  readonly name: string
  /** The values as one packed array. */
  readonly values: string
}

export interface BodyTail {
  readonly trailers?: readonly HeaderPair[]
}

export interface Outcome {
  readonly problem?: Problem
  /** When the guest began, milliseconds since the epoch. */
  readonly began: number
  /** For the log: the trap's message and where in the guest it happened. */
  readonly trap?: string
  /** Milliseconds. */
  readonly instantiate: number
  readonly guest: number
  /** Of the guest's time, spent waiting for the host. */
  readonly waited: number
  readonly spans: readonly HostSpan[]
  readonly calls: Readonly<Record<string, number>>
  /** Bytes of linear memory at the end. */
  readonly memory: number
  /** Of a probe: what the request found of those before; absent where that cannot be told. */
  readonly found?: Difference
  /** Of a command. */
  readonly exitCode?: number
  /** Of a call: packed `{ value }`, or `{ refusal }` for the error side of a result. */
  readonly value?: string
}

const headerLength = 9
const outputHeader = 5
/** Larger than anything either side sends; more means that the line carries something else. */
const lengthLimit = 256 * 1024 * 1024

/** Frames up to this size are gathered into one piece; larger payloads are handed on as they are. */
const gathered = 16 * 1024

export class FrameWriter {
  readonly #socket: Writable
  #buffer = Buffer.allocUnsafe(gathered)
  #used = 0
  #scheduled = false
  readonly #board: WorkerBoard | undefined
  #outputs = 0

  /** `board`: where output waits for the next flush, so that others can get at it. */
  constructor(socket: Writable, board?: WorkerBoard) {
    this.#socket = socket
    this.#board = board
  }

  /**
   * Output of a guest: `sequence u32 · source u8 · bytes`. It goes out before everything else that waits; should the
   * guest never come back, others find it on the board. Who has both tells from the number what he knows already.
   */
  output(stream: number, source: 'stdout' | 'stderr', bytes: Uint8Array): void {
    const length = outputHeader + bytes.length
    const sequence = ++this.#outputs
    const fill = (buffer: Buffer, at: number): void => {
      buffer.writeUInt32LE(sequence, at)
      buffer[at + 4] = source === 'stdout' ? 1 : 2
      buffer.set(bytes, at + outputHeader)
    }
    const framed = (buffer: Buffer, at: number): void =>
      fill(buffer, writeHeader(buffer, at, kinds.output, stream, length))
    if (this.#board?.append(headerLength + length, framed)) return this.#schedule()
    this.write(kinds.output, stream, length, fill)
    this.flush()
  }

  send(kind: number, stream: number, payload?: Uint8Array): void {
    const length = payload?.length ?? 0
    const at = this.#open(kind, stream, length, length <= gathered / 2 ? length : 0)
    if (payload && length > 0) {
      if (length <= gathered / 2) this.#buffer.set(payload, at)
      else {
        this.#handOver()
        this.#socket.write(payload)
      }
    }
    this.#schedule()
  }

  /** A frame whose `length` bytes `fill` writes straight into the buffer, from the given place on. */
  write(kind: number, stream: number, length: number, fill: (buffer: Buffer, at: number) => void): void {
    const at = this.#open(kind, stream, length, length)
    fill(this.#buffer, at)
    this.#schedule()
  }

  /** Writes the header of a frame; answers where its payload goes, for which there is room for `inline` bytes. */
  #open(kind: number, stream: number, length: number, inline: number): number {
    const size = headerLength + inline
    if (this.#used + size > this.#buffer.length) {
      this.#handOver()
      if (this.#buffer.length < size) this.#buffer = Buffer.allocUnsafe(Math.max(gathered, size))
    }
    const at = this.#used
    this.#used += size
    return writeHeader(this.#buffer, at, kind, stream, length)
  }

  #handOver(): void {
    if (this.#board && this.#board.used > 0) {
      this.#socket.write(Buffer.concat([this.#board.take(), this.#buffer.subarray(0, this.#used)]))
      this.#used = 0
      return
    }
    if (this.#used === 0) return
    // The socket may keep what it is given: it gets this part of the buffer for good, and we go on behind it.
    this.#socket.write(this.#buffer.subarray(0, this.#used))
    this.#buffer =
      this.#buffer.length - this.#used >= gathered / 4
        ? this.#buffer.subarray(this.#used)
        : Buffer.allocUnsafe(gathered)
    this.#used = 0
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    // What is done in one go travels in one piece.
    setImmediate(this.#whenIdle)
  }

  readonly #whenIdle = (): void => {
    this.#scheduled = false
    this.flush()
  }

  json(kind: number, stream: number, value: object): void {
    this.send(kind, stream, Buffer.from(JSON.stringify(value)))
  }

  text(kind: number, stream: number, text: string): void {
    this.send(kind, stream, Buffer.from(text))
  }

  credit(stream: number, bytes: number): void {
    const payload = Buffer.allocUnsafe(4)
    payload.writeUInt32LE(bytes, 0)
    this.send(kinds.credit, stream, payload)
  }

  /** The other side does not keep up: write less until `drained` is called. */
  get isFull(): boolean {
    return this.#socket.writableNeedDrain
  }

  onDrain(drained: () => void): void {
    this.#socket.on('drain', drained)
  }

  /** Hands everything to the system now: before a guest runs that may not come back. */
  flush(): void {
    this.#handOver()
  }
}

/** Answers where the payload goes. */
function writeHeader(buffer: Buffer, at: number, kind: number, stream: number, length: number): number {
  buffer.writeUInt32LE(length, at)
  buffer[at + 4] = kind
  buffer.writeUInt32LE(stream, at + 5)
  return at + headerLength
}

export class FrameReader {
  readonly #onFrame: (kind: number, stream: number, payload: Buffer) => void
  #chunks: Buffer[] = []
  #length = 0
  #needed = headerLength

  constructor(onFrame: (kind: number, stream: number, payload: Buffer) => void) {
    this.#onFrame = onFrame
  }

  /** Throws a RangeError when the bytes cannot be frames. */
  push(chunk: Buffer): void {
    this.#chunks.push(chunk)
    this.#length += chunk.length
    // A large frame arrives in many chunks: they are joined once, when it is whole.
    if (this.#length < this.#needed) return
    const buffer = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks, this.#length)
    this.#needed = headerLength
    let at = 0
    while (buffer.length - at >= headerLength) {
      const length = buffer.readUInt32LE(at)
      if (length > lengthLimit) throw new RangeError(`a frame of ${length} bytes`)
      const start = at + headerLength
      if (buffer.length - start < length) {
        this.#needed = headerLength + length
        break
      }
      this.#onFrame(buffer.readUInt8(at + 4), buffer.readUInt32LE(at + 5), buffer.subarray(start, start + length))
      at = start + length
    }
    this.#length = buffer.length - at
    this.#chunks = this.#length === 0 ? [] : [at === 0 ? buffer : buffer.subarray(at)]
  }
}

/** Reads a JSON payload. What it holds is the sender's word: both ends are Patchbay, and the token was checked first. */
export function parseFrame<Value extends object>(payload: Buffer): Value {
  return JSON.parse(payload.toString()) as Value
}
