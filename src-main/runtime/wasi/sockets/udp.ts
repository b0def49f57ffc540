/** wasi:sockets/udp over Node's datagram sockets: only to and from those that a guest may talk to. */
import type { Socket } from 'node:dgram'
import { GuestTrap, type Session, type SessionSlot } from '../session.ts'
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

interface Datagram {
  readonly data: Uint8Array
  readonly remoteAddress: SocketAddress
}
interface OutgoingDatagram {
  readonly data: Uint8Array
  readonly remoteAddress: SocketAddress | undefined
}

/** Datagrams that wait for the guest; more are dropped, as any network does. */
const queueLimit = 256
/** Datagrams on their way out at once. */
const sendLimit = 64
const largestDatagram = 65507

/** `wasi:sockets/udp.udp-socket` */
export class UdpSocket implements Condition {
  readonly #session: Session
  readonly #family: Family
  readonly #signal = new Signal()
  #state: 'unbound' | 'binding' | 'bound' = 'unbound'
  #settled = false
  #failure: NetworkCode | undefined
  #socket: Socket | undefined
  #flow: Flow | undefined
  #hopLimit = 64
  #receiveBuffer = 65536n
  #sendBuffer = 65536n
  readonly #forget: () => void

  constructor(session: Session, family: Family) {
    this.#session = session
    this.#family = family
    this.#forget = session.onClose(() => this.#close())
  }

  ready(): boolean {
    return this.#state !== 'binding' || this.#settled
  }

  wait(): Promise<void> {
    return this.#signal.wait()
  }

  subscribe(): Pollable {
    return new Pollable(this.#session, this)
  }

  startBind(_network: unknown, local: SocketAddress): void {
    this.#session.check()
    if (this.#state !== 'unbound') throw refuse('invalid-state')
    checkAddress(this.#family, local, 'local')
    accessOf(this.#session).checkDatagrams(local)
    this.#state = 'binding'
    this.#settled = false
    this.#failure = undefined
    const socket = process
      .getBuiltinModule('node:dgram')
      .createSocket({ type: this.#family === 'ipv4' ? 'udp4' : 'udp6', ipv6Only: this.#family === 'ipv6' })
    this.#socket = socket
    const settle = (failure?: NetworkCode): void => {
      this.#settled = true
      this.#failure = failure
      this.#signal.notify()
    }
    socket.on('error', (error) => settle(networkCodeOf(error)))
    socket.bind({ address: hostText(local), port: local.val.port, exclusive: true }, () => settle())
  }

  finishBind(): void {
    this.#session.check()
    if (this.#state !== 'binding') throw refuse('not-in-progress')
    if (!this.#settled) throw refuse('would-block')
    this.#state = this.#failure === undefined ? 'bound' : 'unbound'
    if (this.#failure !== undefined) throw refuse(this.#failure)
    this.#socket?.setTTL(this.#hopLimit)
  }

  #bound(): Socket {
    this.#session.check()
    if (this.#state !== 'bound' || !this.#socket) throw refuse('invalid-state')
    return this.#socket
  }

  /** Streams to and from everybody, or one address only. Those handed out before end with this. */
  stream(remote: SocketAddress | undefined): [IncomingDatagramStream, OutgoingDatagramStream] {
    const socket = this.#bound()
    if (remote) {
      checkAddress(this.#family, remote, 'remote')
      accessOf(this.#session).checkRemote('UDP', remote)
    }
    this.#flow?.stop()
    this.#flow = new Flow(this.#session, socket, this.#family, remote)
    return [
      new IncomingDatagramStream(this.#session, this.#flow),
      new OutgoingDatagramStream(this.#session, this.#flow),
    ]
  }

  localAddress(): SocketAddress {
    const { address, port } = this.#bound().address()
    return socketAddressOf(address, port)
  }

  remoteAddress(): SocketAddress {
    const { remote } = this.#flow ?? {}
    if (!remote) throw refuse('invalid-state')
    return remote
  }

  addressFamily(): Family {
    return this.#family
  }

  unicastHopLimit(): number {
    return this.#hopLimit
  }

  setUnicastHopLimit(limit: number): void {
    if (limit === 0) throw refuse('invalid-argument')
    this.#hopLimit = limit
    if (this.#state === 'bound') this.#socket?.setTTL(limit)
  }

  // Hints, by the interface's own words: what is asked for is remembered.

  receiveBufferSize(): bigint {
    return this.#receiveBuffer
  }

  setReceiveBufferSize(size: bigint): void {
    if (size === 0n) throw refuse('invalid-argument')
    this.#receiveBuffer = size
  }

  sendBufferSize(): bigint {
    return this.#sendBuffer
  }

  setSendBufferSize(size: bigint): void {
    if (size === 0n) throw refuse('invalid-argument')
    this.#sendBuffer = size
  }

  [Symbol.dispose](): void {
    this.#forget()
    this.#close()
  }

  #close(): void {
    this.#flow?.stop()
    this.#socket?.close()
    this.#socket = undefined
  }
}

/** What goes through a socket from one call of `stream` to the next. */
class Flow {
  readonly remote: SocketAddress | undefined
  readonly family: Family
  readonly queue: Datagram[] = []
  readonly arrived = new Signal()
  readonly sent = new Signal()
  readonly #session: Session
  readonly #socket: Socket
  readonly #listen: (data: Buffer, from: { readonly address: string; readonly port: number }) => void
  readonly #ended: (outcome?: string) => void
  #isOver = false
  #count = { in: 0, out: 0 }
  underWay = 0

  constructor(session: Session, socket: Socket, family: Family, remote: SocketAddress | undefined) {
    this.#session = session
    this.#socket = socket
    this.family = family
    this.remote = remote
    this.#ended = session.span('UDP', remote && addressText(remote))
    this.#listen = (data, { address, port }) => this.#receive(data, socketAddressOf(address, port))
    socket.on('message', this.#listen)
  }

  /** Strangers are not heard: a guest gets nothing from whom it may not talk to. */
  #receive(data: Buffer, from: SocketAddress): void {
    const wanted = this.remote ? addressText(this.remote) === addressText(from) : true
    if (!wanted || this.queue.length >= queueLimit || !accessOf(this.#session).mayTalkTo(from)) return
    this.#count.in++
    this.queue.push({ data: new Uint8Array(data), remoteAddress: from })
    this.arrived.notify()
  }

  /** Throws what is wrong with the datagram. */
  send({ data, remoteAddress }: OutgoingDatagram): void {
    if (this.#isOver) throw refuse('invalid-state')
    const to = remoteAddress ?? this.remote
    if (!to) throw refuse('invalid-argument')
    if (this.remote && addressText(to) !== addressText(this.remote)) throw refuse('invalid-argument')
    checkAddress(this.family, to, 'remote')
    if (data.length > largestDatagram) throw refuse('datagram-too-large')
    accessOf(this.#session).checkRemote('UDP', to)
    this.underWay++
    this.#count.out++
    this.#socket.send(data.slice(), to.val.port, hostText(to), () => {
      this.underWay--
      this.sent.notify()
    })
  }

  stop(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#socket.off('message', this.#listen)
    this.#ended(`${this.#count.out} out, ${this.#count.in} in`)
  }
}

/** `wasi:sockets/udp.incoming-datagram-stream` */
export class IncomingDatagramStream {
  readonly #session: Session
  readonly #flow: Flow

  constructor(session: Session, flow: Flow) {
    this.#session = session
    this.#flow = flow
  }

  receive(max: bigint): Datagram[] {
    this.#session.check()
    return this.#flow.queue.splice(0, max > BigInt(queueLimit) ? queueLimit : Number(max))
  }

  subscribe(): Pollable {
    const { queue, arrived } = this.#flow
    return new Pollable(this.#session, { ready: () => queue.length > 0, wait: () => arrived.wait() })
  }
}

/** `wasi:sockets/udp.outgoing-datagram-stream` */
export class OutgoingDatagramStream {
  readonly #session: Session
  readonly #flow: Flow

  constructor(session: Session, flow: Flow) {
    this.#session = session
    this.#flow = flow
  }

  checkSend(): bigint {
    this.#session.check()
    return BigInt(sendLimit - this.#flow.underWay)
  }

  /** How many went out; the first that cannot is an error only when it is the first of all. */
  send(datagrams: readonly OutgoingDatagram[]): bigint {
    if (BigInt(datagrams.length) > this.checkSend())
      throw new GuestTrap(`send of ${datagrams.length} datagrams where check-send permits ${this.checkSend()}`)
    for (const [at, datagram] of datagrams.entries()) {
      try {
        this.#flow.send(datagram)
      } catch (thrown) {
        if (at === 0) throw thrown
        return BigInt(at)
      }
    }
    return BigInt(datagrams.length)
  }

  subscribe(): Pollable {
    const flow = this.#flow
    return new Pollable(this.#session, { ready: () => flow.underWay < sendLimit, wait: () => flow.sent.wait() })
  }
}

export function createUdp(slot: SessionSlot) {
  return {
    'wasi:sockets/udp': { UdpSocket, IncomingDatagramStream, OutgoingDatagramStream },
    'wasi:sockets/udp-create-socket': {
      createUdpSocket(family: Family): UdpSocket {
        accessOf(slot.current).checkSocket('creating a UDP socket')
        return new UdpSocket(slot.current, family)
      },
    },
  }
}
