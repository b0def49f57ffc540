/** `ip-address` and `ip-socket-address` of wasi:sockets/network, and as text. */
import { Refusal } from '../session.ts'

export type Family = 'ipv4' | 'ipv6'
export type IpAddress =
  { readonly tag: 'ipv4'; readonly val: readonly number[] } | { readonly tag: 'ipv6'; readonly val: ArrayLike<number> }
export type SocketAddress =
  | { readonly tag: 'ipv4'; readonly val: { readonly port: number; readonly address: ArrayLike<number> } }
  | {
      readonly tag: 'ipv6'
      readonly val: {
        readonly port: number
        readonly flowInfo: number
        readonly address: ArrayLike<number>
        readonly scopeId: number
      }
    }

/** A case of `error-code`. */
export type NetworkCode =
  | 'unknown'
  | 'access-denied'
  | 'not-supported'
  | 'invalid-argument'
  | 'timeout'
  | 'concurrency-conflict'
  | 'not-in-progress'
  | 'would-block'
  | 'invalid-state'
  | 'new-socket-limit'
  | 'address-not-bindable'
  | 'address-in-use'
  | 'remote-unreachable'
  | 'connection-refused'
  | 'connection-reset'
  | 'connection-aborted'
  | 'datagram-too-large'
  | 'name-unresolvable'
  | 'temporary-resolver-failure'
  | 'permanent-resolver-failure'

export const refuse = (code: NetworkCode): Refusal<NetworkCode> => new Refusal(code)

const codes: Readonly<Record<string, NetworkCode>> = {
  EACCES: 'access-denied',
  EADDRINUSE: 'address-in-use',
  EADDRNOTAVAIL: 'address-not-bindable',
  EAFNOSUPPORT: 'not-supported',
  EAI_AGAIN: 'temporary-resolver-failure',
  EAI_FAIL: 'permanent-resolver-failure',
  ECONNABORTED: 'connection-aborted',
  ECONNREFUSED: 'connection-refused',
  ECONNRESET: 'connection-reset',
  EHOSTUNREACH: 'remote-unreachable',
  EINVAL: 'invalid-argument',
  EMFILE: 'new-socket-limit',
  EMSGSIZE: 'datagram-too-large',
  ENETUNREACH: 'remote-unreachable',
  ENOTFOUND: 'name-unresolvable',
  EPIPE: 'connection-aborted',
  ETIMEDOUT: 'timeout',
}

/** What the system said, in the words of wasi:sockets. */
export function networkCodeOf(thrown: unknown): NetworkCode {
  const code = thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : ''
  return codes[code] ?? 'unknown'
}

const groups = (parts: ArrayLike<number>): string => Array.from(parts, (part) => part.toString(16)).join(':')

/** As Node and patterns write it: `127.0.0.1`, `::1`. */
export function hostText({ tag, val }: SocketAddress): string {
  return ipText(tag, val.address)
}

export function ipText(family: Family, parts: ArrayLike<number>): string {
  return family === 'ipv4' ? Array.from(parts).join('.') : new URL(`http://[${groups(parts)}]/`).hostname.slice(1, -1)
}

/** `127.0.0.1:80`, `[::1]:80`. */
export function addressText(address: SocketAddress): string {
  const host = hostText(address)
  return `${address.tag === 'ipv6' ? `[${host}]` : host}:${address.val.port}`
}

/** An address that Node tells, as the interface wants it. A zone (`%eth0`) is left out. */
export function ipAddressOf(text: string): IpAddress {
  if (!text.includes(':')) return { tag: 'ipv4', val: text.split('.').map(Number) }
  const plain = new URL(`http://[${text.replace(/%.*/, '')}]/`).hostname.slice(1, -1)
  const [head = '', tail] = plain.split('::')
  const read = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16))
  const [before, after] = [read(head), read(tail ?? '')]
  return { tag: 'ipv6', val: [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after] }
}

export function socketAddressOf(text: string, port: number): SocketAddress {
  const { tag, val } = ipAddressOf(text)
  return tag === 'ipv4'
    ? { tag, val: { port, address: val } }
    : { tag, val: { port, flowInfo: 0, address: val, scopeId: 0 } }
}

const all = (parts: ArrayLike<number>, value: number): boolean => Array.from(parts).every((part) => part === value)

export const isUnspecified = ({ val }: SocketAddress): boolean => all(val.address, 0)

export function isLoopback({ tag, val: { address } }: SocketAddress): boolean {
  return tag === 'ipv4' ? address[0] === 127 : all(Array.from(address).slice(0, 7), 0) && address[7] === 1
}

/** An IPv4 address in the clothes of an IPv6 one: sockets of 0.2 are of one family only. */
const isMapped = ({ tag, val: { address } }: SocketAddress): boolean =>
  tag === 'ipv6' && all(Array.from(address).slice(0, 5), 0) && address[5] === 0xffff

const isMulticast = ({ tag, val: { address } }: SocketAddress): boolean =>
  tag === 'ipv4' ? (address[0] ?? 0) >= 224 : ((address[0] ?? 0) & 0xff00) === 0xff00

/** Throws `invalid-argument` for what no socket of the family can be bound or talk to. */
export function checkAddress(family: Family, address: SocketAddress, side: 'local' | 'remote'): void {
  const wrong = address.tag !== family || isMapped(address) || isMulticast(address)
  if (wrong || (side === 'remote' && (isUnspecified(address) || address.val.port === 0)))
    throw refuse('invalid-argument')
}
