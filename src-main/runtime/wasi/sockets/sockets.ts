/** wasi:sockets: what a guest may do with the network beside HTTP. Everything it was not granted is refused and told. */
import { camel } from '../../direct/names.ts'
import { GuestTrap, Refusal, type SessionSlot } from '../session.ts'
import type { IoError } from '../streams.ts'
import { createNameLookup } from './name-lookup.ts'
import { createTcp } from './tcp.ts'
import { createUdp } from './udp.ts'

/** The one network there is; what may be done with it is the grants' business. */
class Network {}

export function createSockets(slot: SessionSlot) {
  return {
    'wasi:sockets/network': {
      Network,
      networkErrorCode({ cause }: IoError): string | undefined {
        return typeof cause === 'object' && cause !== null && 'network' in cause && typeof cause.network === 'string'
          ? cause.network
          : undefined
      },
    },
    'wasi:sockets/instance-network': { instanceNetwork: (): Network => new Network() },
    ...createTcp(slot),
    ...createUdp(slot),
    'wasi:sockets/ip-name-lookup': createNameLookup(slot),
  }
}

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

const tcp3 = `bind connect listen send receive get-local-address get-remote-address get-is-listening get-address-family
  set-listen-backlog-size ${getters(tcpOptions)} ${setters(tcpOptions)}`
const udp3 = `bind connect disconnect send receive get-local-address get-remote-address get-address-family
  ${getters(udpOptions)} ${setters(udpOptions)}`

/** The same of 0.3: every door is there, and locked. The error code is a variant. */
export function createSockets3(slot: SessionSlot) {
  const deny = (what: string) => (): never => {
    const { grants, events } = slot.current
    slot.current.count('sockets denied')
    const why =
      grants.allowNet.length === 0 ? 'Sockets are not granted to guests' : 'Sockets of WASI 0.3 are not served'
    events.notice(`denied: ${what}. ${why}`)
    throw new Refusal({ tag: 'access-denied' })
  }
  return {
    'wasi:sockets/types@0.3': {
      TcpSocket: Object.assign(locked(tcp3), { create: deny('creating a TCP socket') }),
      UdpSocket: Object.assign(locked(udp3), { create: deny('creating a UDP socket') }),
    },
    'wasi:sockets/ip-name-lookup@0.3': {
      resolveAddresses: (name: string): never => deny(`looking up the name "${name}"`)(),
    },
  }
}
