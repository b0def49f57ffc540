/** wasi:sockets/tcp over Node's sockets: a guest calls out, or listens on the machine itself, where it was granted. */
import type { Server, Socket } from 'node:net'
import type { Session, SessionSlot } from '../session.ts'
import { BodySink, ByteQueue, InputStream, IoError, OutputStream } from '../streams.ts'
import { Pollable, Signal, type Condition } from '../wait.ts'
import { accessOf } from './access.ts'
import {
  addressText,
  checkAddress,
  hostText,
  networkCodeOf,
  refuse,
  socketAddressOf,
  type Family,
  type NetworkCode,
  type SocketAddress,
} from './addresses.ts'

/** Bytes that are read ahead of the guest. */
const readAhead = 64 * 1024

type State = 'unbound' | 'binding' | 'bound' | 'connecting' | 'connected' | 'starting' | 'listening' | 'closed'

/** What the guest set; 0.2 has it readable before there is a socket. */
interface Options {
  keepAlive: boolean
  /** Nanoseconds. */
  idle: bigint
  receiveBuffer: bigint
  sendBuffer: bigint
}

const hour = 3_600_000_000_000n

/** `wasi:sockets/tcp.tcp-socket` */
export class TcpSocket implements Condition {
  readonly #session: Session
  readonly #family: Family
  readonly #signal = new Signal()
  readonly #options: Options = { keepAlive: false, idle: 2n * hour, receiveBuffer: 65536n, sendBuffer: 65536n }
  #state: State = 'unbound'
  #failure: NetworkCode | undefined
  #settled = false
  #local: SocketAddress | undefined
  #remote: SocketAddress | undefined
  #server: Server | undefined
  #connection: Connection | undefined
  readonly #waiting: Socket[] = []
  readonly #forget: () => void

  constructor(session: Session, family: Family) {
    this.#session = session
    this.#family = family
    this.#forget = session.onClose(() => this.#close())
  }

  static #accepted(from: TcpSocket, socket: Socket): [TcpSocket, InputStream, OutputStream] {
    const accepted = new TcpSocket(from.#session, from.#family)
    const streams = accepted.#connected(socket)
    Object.assign(accepted.#options, from.#options)
    return [accepted, ...streams]
  }

  // --- waiting

  ready(): boolean {
    if (this.#state === 'binding' || this.#state === 'connecting') return this.#settled
    return this.#state === 'listening' ? this.#waiting.length > 0 : true
  }

  wait(): Promise<void> {
    return this.#signal.wait()
  }

  subscribe(): Pollable {
    return new Pollable(this.#session, this)
  }

  #settle(failure?: NetworkCode): void {
    this.#settled = true
    this.#failure = failure
    this.#signal.notify()
  }

  /** The outcome of what was started: throws `would-block` until there is one, and what it failed with. */
  #finish(state: State, failed: State): void {
    this.#session.check()
    if (this.#state !== state) throw refuse('not-in-progress')
    if (!this.#settled) throw refuse('would-block')
    if (this.#failure === undefined) return
    this.#state = failed
    throw refuse(this.#failure)
  }

  #expect(...states: readonly State[]): void {
    this.#session.check()
    if (!states.includes(this.#state)) throw refuse('invalid-state')
  }

  #begin(state: State): void {
    this.#state = state
    this.#settled = false
    this.#failure = undefined
  }

  // --- binding and listening

  startBind(_network: unknown, local: SocketAddress): void {
    this.#expect('unbound')
    checkAddress(this.#family, local, 'local')
    accessOf(this.#session).checkListen('TCP', local)
    this.#begin('binding')
    const server = process.getBuiltinModule('node:net').createServer({ allowHalfOpen: true, pauseOnConnect: true })
    this.#server = server
    server.on('error', (error) => this.#settle(networkCodeOf(error)))
    server.on('listening', () => {
      const bound = server.address()
      if (bound && typeof bound === 'object') this.#local = socketAddressOf(bound.address, bound.port)
      this.#settle()
    })
    // Whoever comes before the guest asks waits in line, as in the system's own backlog.
    server.on('connection', (socket) => {
      this.#waiting.push(socket)
      this.#signal.notify()
    })
    server.listen({ host: hostText(local), port: local.val.port, exclusive: true })
  }

  finishBind(): void {
    this.#finish('binding', 'unbound')
    this.#state = 'bound'
  }

  startListen(): void {
    this.#expect('bound')
    this.#begin('starting')
    this.#settle()
  }

  finishListen(): void {
    this.#finish('starting', 'closed')
    this.#state = 'listening'
    this.#session.span('socket', `listen at ${this.#local ? addressText(this.#local) : ''}`)()
  }

  accept(): [TcpSocket, InputStream, OutputStream] {
    this.#expect('listening')
    const socket = this.#waiting.shift()
    if (!socket) throw refuse('would-block')
    return TcpSocket.#accepted(this, socket)
  }

  // --- connecting

  startConnect(_network: unknown, remote: SocketAddress): void {
    this.#expect('unbound', 'bound')
    checkAddress(this.#family, remote, 'remote')
    accessOf(this.#session).checkRemote('TCP', remote)
    const from = this.#local && { localAddress: hostText(this.#local), localPort: this.#local.val.port }
    this.#server?.close()
    this.#server = undefined
    this.#begin('connecting')
    const ended = this.#session.span('TCP', addressText(remote))
    const socket = process.getBuiltinModule('node:net').connect({
      host: hostText(remote),
      port: remote.val.port,
      allowHalfOpen: true,
      ...from,
    })
    this.#connection = new Connection(this.#session, socket, ended)
    socket.once('connect', () => this.#settle())
    socket.once('error', (error) => {
      if (this.#state === 'connecting') this.#settle(networkCodeOf(error))
    })
  }

  finishConnect(): [InputStream, OutputStream] {
    this.#finish('connecting', 'closed')
    const { socket } = this.#connection ?? {}
    if (!socket) throw refuse('not-in-progress')
    return this.#connected(socket, this.#connection)
  }

  #connected(socket: Socket, known?: Connection): [InputStream, OutputStream] {
    const { localAddress, localPort, remoteAddress, remotePort } = socket
    if (localAddress !== undefined) this.#local = socketAddressOf(localAddress, localPort ?? 0)
    if (remoteAddress !== undefined) this.#remote = socketAddressOf(remoteAddress, remotePort ?? 0)
    const connection =
      known ??
      new Connection(
        this.#session,
        socket,
        this.#session.span('TCP', this.#remote && `from ${addressText(this.#remote)}`),
      )
    this.#connection = connection
    this.#state = 'connected'
    this.#applyKeepAlive()
    return connection.streams()
  }

  shutdown(which: 'receive' | 'send' | 'both'): void {
    this.#expect('connected')
    if (which !== 'send') this.#connection?.stopReceiving()
    if (which !== 'receive') this.#connection?.stopSending()
  }

  // --- what it is

  localAddress(): SocketAddress {
    if (this.#state === 'unbound' || this.#state === 'binding' || !this.#local) throw refuse('invalid-state')
    return this.#local
  }

  remoteAddress(): SocketAddress {
    if (this.#state !== 'connected' || !this.#remote) throw refuse('invalid-state')
    return this.#remote
  }

  isListening(): boolean {
    return this.#state === 'listening'
  }

  addressFamily(): Family {
    return this.#family
  }

  setListenBacklogSize(size: bigint): void {
    if (size === 0n) throw refuse('invalid-argument')
    if (this.#state === 'connecting' || this.#state === 'connected') throw refuse('invalid-state')
  }

  keepAliveEnabled(): boolean {
    return this.#options.keepAlive
  }

  setKeepAliveEnabled(enabled: boolean): void {
    this.#options.keepAlive = enabled
    this.#applyKeepAlive()
  }

  keepAliveIdleTime(): bigint {
    return this.#options.idle
  }

  setKeepAliveIdleTime(duration: bigint): void {
    if (duration === 0n) throw refuse('invalid-argument')
    this.#options.idle = duration
    this.#applyKeepAlive()
  }

  #applyKeepAlive(): void {
    const { keepAlive, idle } = this.#options
    const milliseconds = Number((idle < 24n * hour ? idle : 24n * hour) / 1_000_000n)
    this.#connection?.socket.setKeepAlive(keepAlive, milliseconds)
  }

  // Node has no way to these; a guest learns that instead of being told that it was done.

  keepAliveInterval(): bigint {
    throw refuse('not-supported')
  }

  setKeepAliveInterval(duration: bigint): void {
    throw refuse(duration === 0n ? 'invalid-argument' : 'not-supported')
  }

  keepAliveCount(): number {
    throw refuse('not-supported')
  }

  setKeepAliveCount(count: number): void {
    throw refuse(count === 0 ? 'invalid-argument' : 'not-supported')
  }

  hopLimit(): number {
    throw refuse('not-supported')
  }

  setHopLimit(limit: number): void {
    throw refuse(limit === 0 ? 'invalid-argument' : 'not-supported')
  }

  // Hints, by the interface's own words: what is asked for is remembered.

  receiveBufferSize(): bigint {
    return this.#options.receiveBuffer
  }

  setReceiveBufferSize(size: bigint): void {
    if (size === 0n) throw refuse('invalid-argument')
    this.#options.receiveBuffer = size
  }

  sendBufferSize(): bigint {
    return this.#options.sendBuffer
  }

  setSendBufferSize(size: bigint): void {
    if (size === 0n) throw refuse('invalid-argument')
    this.#options.sendBuffer = size
  }

  [Symbol.dispose](): void {
    this.#forget()
    this.#close()
  }

  #close(): void {
    this.#server?.close()
    for (const socket of this.#waiting.splice(0)) socket.destroy()
    this.#connection?.release()
  }
}

/** One connection: the socket and the two streams over it, closed when all three are let go. */
class Connection {
  readonly socket: Socket
  readonly #session: Session
  readonly #sink = new BodySink()
  readonly #queue: ByteQueue
  readonly #forget: () => void
  #holders = 1
  #isReleased = false

  constructor(session: Session, socket: Socket, ended: (outcome?: string) => void) {
    this.#session = session
    this.socket = socket
    this.#queue = new ByteQueue(() => {
      if (this.#queue.length < readAhead) socket.resume()
    })
    this.#forget = session.onClose(() => socket.destroy())
    socket.on('close', () => {
      this.#forget()
      ended(`${socket.bytesWritten} bytes out, ${socket.bytesRead} in`)
      this.#sink.fail()
      this.#queue.end()
    })
    socket.on('error', (error) => {
      const failure = new IoError(error.message, { network: networkCodeOf(error) })
      this.#queue.end(failure)
      this.#sink.fail(failure)
    })
  }

  streams(): [InputStream, OutputStream] {
    const { socket } = this
    socket.on('data', (chunk: Buffer) => {
      this.#queue.push(chunk)
      if (this.#queue.length >= readAhead) socket.pause()
    })
    socket.on('end', () => this.#queue.end())
    socket.on('drain', () => this.#sink.resume())
    this.#sink.attach((bytes) => socket.write(bytes))
    socket.resume()
    this.#holders += 2
    const [queue, sink] = [this.#queue, this.#sink]
    return [
      new InputStream(this.#session, {
        ready: () => queue.ready(),
        wait: () => queue.wait(),
        take: (max) => queue.take(max),
        close: () => this.#letGo(),
      }),
      new OutputStream(this.#session, {
        ready: () => sink.ready(),
        wait: () => sink.wait(),
        room: () => sink.room(),
        write: (bytes) => sink.write(bytes),
        flush: () => sink.flush(),
        close: () => this.#letGo(),
      }),
    ]
  }

  stopReceiving(): void {
    this.#queue.end()
    this.#queue.drain()
  }

  stopSending(): void {
    this.#sink.finish(() => this.socket.end())
  }

  /** The socket itself is let go; its streams may go on. */
  release(): void {
    if (this.#isReleased) return
    this.#isReleased = true
    this.#letGo()
  }

  #letGo(): void {
    if (--this.#holders > 0) return
    // What was written still goes out.
    this.#queue.drain()
    this.#sink.finish(() => this.socket.destroySoon())
  }
}

export function createTcp(slot: SessionSlot) {
  return {
    'wasi:sockets/tcp': { TcpSocket },
    'wasi:sockets/tcp-create-socket': {
      createTcpSocket(family: Family): TcpSocket {
        accessOf(slot.current).checkSocket('creating a TCP socket')
        return new TcpSocket(slot.current, family)
      },
    },
  }
}
