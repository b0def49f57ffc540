/**
 * The line between the workbench and a guest worker: a local socket that carries many requests at once. A frame is
 * `length u32 · kind u8 · stream u32` (little endian) and `length` bytes; bodies are raw bytes, everything else JSON.
 * Each body flows only as far as the receiver gave credit for.
 */
import type { Socket } from 'node:net'
import type { Problem } from '../../src-engine/error.ts'
import type { HeaderPair } from './wasi/fields.ts'
import type { HostSpan } from './wasi/session.ts'

export const kinds = {
  /** worker → workbench, first of all: {@link Hello}. */
  hello: 1,
  /** workbench → worker: {@link RequestHead}. */
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
  /** worker → workbench: the guest is about to run. */
  started: 8,
  /** worker → workbench: the request lay here too long and was not begun; dispatch it again. */
  refused: 9,
  /** worker → workbench: {@link ResponseHead}. */
  respond: 10,
  /** worker → workbench: an informational response. */
  inform: 11,
  /** worker → workbench: bytes of standard output or error. */
  stdout: 12,
  stderr: 13,
  /** worker → workbench: the host has something to say about the guest; text. */
  notice: 14,
  /** worker → workbench: {@link Outcome}; the guest will do nothing more for this request. */
  done: 15,
} as const

/** Bytes of a body that may be under way without credit. */
export const initialCredit = 256 * 1024
/** A request that waited longer than this in a worker's inbox is not begun there any more. Milliseconds. */
export const staleAfter = 200

export interface Hello {
  readonly token: string
  readonly worker: number
}

export interface RequestHead {
  readonly id: string
  readonly method: string
  readonly target: string
  readonly scheme: 'HTTP' | 'HTTPS'
  readonly authority: string
  readonly headers: readonly HeaderPair[]
  /** False when no body will come: saves a frame. */
  readonly body: boolean
  /** When it was sent, milliseconds since the epoch. */
  readonly sent: number
}

export interface CommandHead {
  readonly id: string
}

export interface ResponseHead {
  readonly status: number
  readonly headers: readonly HeaderPair[]
}

export interface BodyTail {
  readonly trailers?: readonly HeaderPair[]
}

export interface Outcome {
  readonly problem?: Problem
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
  /** Of a command. */
  readonly exitCode?: number
}

const headerLength = 9
/** Larger than anything either side sends; more means that the line carries something else. */
const lengthLimit = 256 * 1024 * 1024

/** Frames up to this size are gathered into one piece; larger payloads are handed on as they are. */
const gathered = 16 * 1024

export class FrameWriter {
  readonly #socket: Socket
  #buffer = Buffer.allocUnsafe(gathered)
  #used = 0
  #scheduled = false

  constructor(socket: Socket) {
    this.#socket = socket
  }

  send(kind: number, stream: number, payload?: Uint8Array): void {
    const length = payload?.length ?? 0
    const header = this.#room(headerLength)
    const at = this.#used
    header.writeUInt32LE(length, at)
    header.writeUInt8(kind, at + 4)
    header.writeUInt32LE(stream, at + 5)
    this.#used += headerLength
    if (payload && length > 0) this.#append(payload)
    this.#schedule()
  }

  #append(payload: Uint8Array): void {
    if (payload.length <= gathered / 2) {
      this.#room(payload.length).set(payload, this.#used)
      this.#used += payload.length
      return
    }
    this.#handOver()
    this.#socket.write(payload)
  }

  /** The buffer, with at least `size` bytes left in it. */
  #room(size: number): Buffer {
    if (this.#used + size > this.#buffer.length) {
      this.#handOver()
      if (this.#buffer.length < size) this.#buffer = Buffer.allocUnsafe(gathered)
    }
    return this.#buffer
  }

  #handOver(): void {
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
    setImmediate(() => {
      this.#scheduled = false
      this.flush()
    })
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
    let buffer = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks, this.#length)
    this.#needed = headerLength
    while (buffer.length >= headerLength) {
      const length = buffer.readUInt32LE(0)
      if (length > lengthLimit) throw new RangeError(`a frame of ${length} bytes`)
      if (buffer.length < headerLength + length) {
        this.#needed = headerLength + length
        break
      }
      this.#onFrame(buffer.readUInt8(4), buffer.readUInt32LE(5), buffer.subarray(headerLength, headerLength + length))
      buffer = buffer.subarray(headerLength + length)
    }
    this.#chunks = buffer.length > 0 ? [buffer] : []
    this.#length = buffer.length
  }
}

/** Reads a JSON payload. What it holds is the sender's word: both ends are Patchbay, and the token was checked first. */
export function parseFrame<Value extends object>(payload: Buffer): Value {
  return JSON.parse(payload.toString()) as Value
}
