/** wasi:sockets: every door is there, and locked. A guest that tries is told so, and the user sees who tried what. */
import { camel } from '../direct/names.ts'
import { GuestTrap, Refusal, type SessionSlot } from './session.ts'

class Network {}

/**
 * A resource that no guest ever holds, since making one is refused. Its methods are there all the same: generated code
 * looks for them when a component is linked.
 */
function locked(methods: string): new () => object {
  class Locked {}
  for (const method of methods.trim().split(/\s+/)) {
    Object.defineProperty(Locked.prototype, camel(method), {
      value(): never {
        throw new GuestTrap(`wasi:sockets: ${method} was called on a socket that was never handed out`)
      },
    })
  }
  return Locked
}

const tcpOptions = `hop-limit keep-alive-count keep-alive-enabled keep-alive-idle-time keep-alive-interval
  receive-buffer-size send-buffer-size`
const udpOptions = 'unicast-hop-limit receive-buffer-size send-buffer-size'
const setters = (options: string): string => options.replace(/\S+/g, 'set-$&')
const getters = (options: string): string => options.replace(/\S+/g, 'get-$&')

const tcp = `start-bind finish-bind start-connect finish-connect start-listen finish-listen accept local-address
  remote-address is-listening address-family set-listen-backlog-size subscribe shutdown ${tcpOptions} ${setters(tcpOptions)}`
const tcp3 = `bind connect listen send receive get-local-address get-remote-address get-is-listening get-address-family
  set-listen-backlog-size ${getters(tcpOptions)} ${setters(tcpOptions)}`
const udp = `start-bind finish-bind stream local-address remote-address address-family subscribe ${udpOptions} ${setters(udpOptions)}`
const udp3 = `bind connect disconnect send receive get-local-address get-remote-address get-address-family
  ${getters(udpOptions)} ${setters(udpOptions)}`

const creatingTcp = 'creating a TCP socket'
const creatingUdp = 'creating a UDP socket'
const lookingUp = (name: string): string => `looking up the name "${name}"`

const deny = (slot: SessionSlot, what: string, code: unknown) => (): never => {
  slot.current.count('sockets denied')
  slot.current.events.notice(`denied: ${what}. Sockets are not granted to guests`)
  throw new Refusal(code)
}

export function createSockets(slot: SessionSlot) {
  return {
    'wasi:sockets/network': { Network, networkErrorCode: (): undefined => undefined },
    'wasi:sockets/instance-network': { instanceNetwork: (): Network => new Network() },
    'wasi:sockets/tcp': { TcpSocket: locked(tcp) },
    'wasi:sockets/tcp-create-socket': { createTcpSocket: deny(slot, creatingTcp, 'access-denied') },
    'wasi:sockets/udp': {
      UdpSocket: locked(udp),
      IncomingDatagramStream: locked('receive subscribe'),
      OutgoingDatagramStream: locked('check-send send subscribe'),
    },
    'wasi:sockets/udp-create-socket': { createUdpSocket: deny(slot, creatingUdp, 'access-denied') },
    'wasi:sockets/ip-name-lookup': {
      ResolveAddressStream: locked('resolve-next-address subscribe'),
      resolveAddresses: (_network: Network, name: string): never => deny(slot, lookingUp(name), 'access-denied')(),
    },
  }
}

/** The same of 0.3, where the error code is a variant. */
export function createSockets3(slot: SessionSlot) {
  const code = { tag: 'access-denied' }
  return {
    'wasi:sockets/types@0.3': {
      TcpSocket: Object.assign(locked(tcp3), { create: deny(slot, creatingTcp, code) }),
      UdpSocket: Object.assign(locked(udp3), { create: deny(slot, creatingUdp, code) }),
    },
    'wasi:sockets/ip-name-lookup@0.3': {
      resolveAddresses: (name: string): never => deny(slot, lookingUp(name), code)(),
    },
  }
}
