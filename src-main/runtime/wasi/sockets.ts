/** wasi:sockets: every door is there, and locked. A guest that tries is told so, and the user sees who tried what. */
import { Refusal, type SessionSlot } from './session.ts'

class Network {}
class TcpSocket {}
class UdpSocket {}
class IncomingDatagramStream {}
class OutgoingDatagramStream {}
class ResolveAddressStream {}

export function createSockets(slot: SessionSlot) {
  const deny = (what: string) => (): never => {
    slot.current.count('sockets denied')
    slot.current.events.notice(`denied: ${what}. Sockets are not granted to guests`)
    throw new Refusal('access-denied')
  }
  return {
    'wasi:sockets/network': { Network, networkErrorCode: (): undefined => undefined },
    'wasi:sockets/instance-network': { instanceNetwork: (): Network => new Network() },
    'wasi:sockets/tcp': { TcpSocket },
    'wasi:sockets/tcp-create-socket': { createTcpSocket: deny('creating a TCP socket') },
    'wasi:sockets/udp': { UdpSocket, IncomingDatagramStream, OutgoingDatagramStream },
    'wasi:sockets/udp-create-socket': { createUdpSocket: deny('creating a UDP socket') },
    'wasi:sockets/ip-name-lookup': {
      ResolveAddressStream,
      resolveAddresses(_network: Network, name: string): never {
        return deny(`looking up the name "${name}"`)()
      },
    },
  }
}
