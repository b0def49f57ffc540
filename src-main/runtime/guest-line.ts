/** The workbench's end of the lines to the guest workers: one private socket, a connection for each worker. */
import { randomBytes, timingSafeEqual } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Denial } from '../../src-preload/running.ts'
import { startTime } from './control.ts'
import {
  FrameReader,
  FrameWriter,
  kinds,
  parseFrame,
  type BodyTail,
  type DeniedNotice,
  type Hello,
  type Outcome,
} from './frames.ts'
import { readAnswer, readResponse, type Answer, type ResponseHead } from './message-frames.ts'
import { StreamTable } from './stream-table.ts'

/** Hears what a guest writes, and what the host says about it. */
interface Hearer {
  output(source: 'stdout' | 'stderr', bytes: Buffer): void
  notice(text: string, denied?: Denial): void
}

/** What comes back for one request. */
export interface StreamListener extends Hearer {
  started(): void
  /** Not begun there; dispatch it again. */
  refused(): void
  /** The whole answer, and that the guest is through. */
  answered(answer: Answer): void
  responded(head: ResponseHead): void
  informed(head: ResponseHead): void
  body(chunk: Buffer): void
  ended(tail: BodyTail): void
  credited(bytes: number): void
  done(outcome: Outcome): void
  /** The worker is gone; `sent`: it may have begun the request. */
  lost(sent: boolean): void
}

/** One worker, seen from the workbench. */
export class WorkerLink {
  readonly worker: number
  readonly writer: FrameWriter
  readonly #socket: Socket
  #streams = new StreamTable<StreamListener>()
  #nextStream = 1
  #lost = false
  /** Number of the last output that was told. */
  #outputs = 0
  /** When the worker last said anything; `performance.now()`. */
  heard = performance.now()
  /** Hears what it says outside of any request. */
  boot: Hearer = { output() {}, notice() {} }

  constructor(worker: number, socket: Socket, writer: FrameWriter) {
    this.worker = worker
    this.writer = writer
    this.#socket = socket
  }

  open(listener: StreamListener): number {
    const stream = this.#nextStream++
    if (this.#lost) queueMicrotask(() => listener.lost(false))
    else this.#streams.set(stream, listener)
    return stream
  }

  forget(stream: number): void {
    this.#streams.delete(stream)
  }

  receive(kind: number, stream: number, payload: Buffer): void {
    const listener = stream === 0 ? undefined : this.#streams.get(stream)
    const hearer = stream === 0 ? this.boot : listener
    if (!hearer) return
    switch (kind) {
      case kinds.started:
        return listener?.started()
      case kinds.refused:
        return listener?.refused()
      case kinds.answer:
        this.#streams.delete(stream)
        return listener?.answered(readAnswer(payload))
      case kinds.respond:
        return listener?.responded(readResponse(payload))
      case kinds.inform:
        return listener?.informed(readResponse(payload))
      case kinds.body:
        return listener?.body(payload)
      case kinds.end:
        return listener?.ended(parseFrame<BodyTail>(payload))
      case kinds.credit:
        return listener?.credited(payload.readUInt32LE(0))
      case kinds.stdout:
        return hearer.output('stdout', payload)
      case kinds.stderr:
        return hearer.output('stderr', payload)
      case kinds.output:
        return this.#output(hearer, payload)
      case kinds.notice:
        return hearer.notice(payload.toString())
      case kinds.denied: {
        const { text, ...denied } = parseFrame<DeniedNotice>(payload)
        return hearer.notice(text, denied)
      }
      case kinds.done:
        this.#streams.delete(stream)
        return listener?.done(parseFrame<Outcome>(payload))
    }
  }

  /** Output that came around the line, since the worker is too busy to send it. */
  receiveOutput(frames: Uint8Array): void {
    const reader = new FrameReader((kind, stream, payload) => this.receive(kind, stream, payload))
    reader.push(Buffer.from(frames.buffer, frames.byteOffset, frames.byteLength))
  }

  /** The same output may come on both ways: whichever comes first is told. */
  #output(listener: Hearer, payload: Buffer): void {
    const sequence = payload.readUInt32LE(0)
    if (sequence <= this.#outputs) return
    this.#outputs = sequence
    listener.output(payload[4] === 1 ? 'stdout' : 'stderr', payload.subarray(5))
  }

  /** Reads nothing more from this worker until {@link resume}; it feels that as back-pressure. */
  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  /** The connection ended: nobody will answer any more. */
  lose(): void {
    this.#lost = true
    const listeners = this.#streams.values()
    this.#streams = new StreamTable()
    for (const listener of listeners) listener.lost(true)
  }

  close(): void {
    this.#socket.destroy()
  }
}

interface Expected {
  readonly token: string
  readonly connected: (link: WorkerLink) => void
  readonly closed: () => void
}

/** Milliseconds a connection may take to say who it is: a worker does when it is ready. */
const helloTime = 2 * startTime

export class GuestLine {
  readonly address: string
  readonly #server: Server
  readonly #folder: string | undefined
  readonly #expected = new Map<number, Expected>()
  readonly #sockets = new Set<Socket>()

  private constructor(address: string, server: Server, folder: string | undefined) {
    this.address = address
    this.#server = server
    this.#folder = folder
  }

  /** Opens the socket where only this user can reach it. */
  static async open(): Promise<GuestLine> {
    const server = createServer()
    const folder = process.platform === 'win32' ? undefined : await mkdtemp(join(tmpdir(), 'patchbay-'))
    const address =
      folder === undefined ? `\\\\.\\pipe\\patchbay-${randomBytes(12).toString('hex')}` : join(folder, 'line')
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(address, resolve)
    })
    const line = new GuestLine(address, server, folder)
    server.on('connection', (socket) => line.#accept(socket))
    return line
  }

  /** Prepares for a worker; returns the word it must say. */
  expect(worker: number, connected: (link: WorkerLink) => void, closed: () => void): string {
    const token = randomBytes(24).toString('base64url')
    this.#expected.set(worker, { token, connected, closed })
    return token
  }

  forget(worker: number): void {
    this.#expected.delete(worker)
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
    if (this.#folder !== undefined) await rm(this.#folder, { recursive: true, force: true })
  }

  #accept(socket: Socket): void {
    let link: WorkerLink | undefined
    let expected: Expected | undefined
    const stranger = setTimeout(() => socket.destroy(), helloTime)
    this.#sockets.add(socket)
    const reader = new FrameReader((kind, stream, payload) => {
      if (link) return link.receive(kind, stream, payload)
      const hello = kind === kinds.hello ? parseFrame<Hello>(payload) : undefined
      expected = hello && this.#expected.get(hello.worker)
      if (!hello || !expected || !sameText(hello.token, expected.token)) return void socket.destroy()
      this.#expected.delete(hello.worker)
      clearTimeout(stranger)
      link = new WorkerLink(hello.worker, socket, new FrameWriter(socket))
      expected.connected(link)
    })
    socket.on('data', (chunk) => {
      if (link) link.heard = performance.now()
      try {
        reader.push(chunk)
      } catch (thrown) {
        // Not our frames, or nothing we can go on with: the line is cut, and what hung on it hears of it.
        link?.boot.notice(`the line to the guest broke: ${String(thrown)}`)
        socket.destroy()
      }
    })
    socket.on('error', () => socket.destroy())
    socket.on('close', () => {
      clearTimeout(stranger)
      this.#sockets.delete(socket)
      // First the handler stops using it, then what hung on it looks for another place.
      expected?.closed()
      link?.lose()
    })
  }
}

function sameText(left: unknown, right: string): boolean {
  if (typeof left !== 'string') return false
  const [a, b] = [Buffer.from(left), Buffer.from(right)]
  return a.length === b.length && timingSafeEqual(a, b)
}
