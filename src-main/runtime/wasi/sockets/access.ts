/** Which of the network a guest may use: what is granted, and the names that stand for addresses it was told. */
import { listenText, parsePattern } from '../../../../src-preload/run-words.ts'
import { allows } from '../allow-list.ts'
import type { Session } from '../session.ts'
import { addressText, hostText, isLoopback, isUnspecified, refuse, type SocketAddress } from './addresses.ts'

const accesses = new WeakMap<Session, NetworkAccess>()

export function accessOf(session: Session): NetworkAccess {
  let known = accesses.get(session)
  if (!known) accesses.set(session, (known = new NetworkAccess(session)))
  return known
}

export class NetworkAccess {
  readonly #session: Session
  readonly #remotes: readonly string[]
  readonly #ports: readonly string[]
  /** Address → names that were looked up for it. */
  readonly #names = new Map<string, Set<string>>()

  constructor(session: Session) {
    const { allowNet } = session.grants
    this.#session = session
    this.#remotes = allowNet.filter((text) => !listenText.test(text.trim()))
    this.#ports = allowNet.flatMap((text) => listenText.exec(text.trim())?.[1] ?? [])
  }

  /** Nothing of the network is granted: not even a socket is made. */
  get isClosed(): boolean {
    return this.#remotes.length === 0 && this.#ports.length === 0
  }

  /** Notes and tells that something was refused, and throws `access-denied`. `pattern` would allow just this. */
  deny(what: string, why: string, pattern?: string): never {
    this.#session.span('sockets denied', what)()
    const denied = { grant: 'allowNet', ...(pattern === undefined ? {} : { pattern }) } as const
    this.#session.events.notice(`denied: ${what}. ${why}`, denied)
    throw refuse('access-denied')
  }

  /** Throws `access-denied` unless anything at all is granted. */
  checkSocket(what: string): void {
    if (this.isClosed) this.deny(what, 'Sockets are not granted to guests')
  }

  /** Throws `access-denied` unless the guest may talk to this address. */
  checkRemote(protocol: 'TCP' | 'UDP', address: SocketAddress): void {
    if (this.mayTalkTo(address)) return
    const names = [...(this.#names.get(hostText(address)) ?? [])]
    const known = names.length > 0 ? ` (${names.join(', ')})` : ''
    this.deny(
      `${protocol} to ${addressText(address)}${known}`,
      'It is not on the list of allowed network targets',
      names[0] === undefined ? addressText(address) : `${names[0]}:${address.val.port}`,
    )
  }

  mayTalkTo(address: SocketAddress): boolean {
    const { port } = address.val
    const host = hostText(address)
    const ip = address.tag === 'ipv6' ? `[${host}]` : host
    if (allows(this.#remotes, ip, port)) return true
    return [...(this.#names.get(host) ?? [])].some((name) => allows(this.#remotes, name, port))
  }

  /** Throws `access-denied` unless the guest may listen there: on the machine itself, at a port that was named. */
  checkListen(protocol: 'TCP' | 'UDP', address: SocketAddress): void {
    const { port } = address.val
    const what = `${protocol} at ${addressText(address)}`
    if (!isLoopback(address)) this.deny(what, 'Guests listen on 127.0.0.1 and ::1 only')
    if (!this.#ports.some((granted) => granted === '*' || Number(granted) === port))
      this.deny(what, `Listening there is not granted: listen:${port}`, `listen:${port === 0 ? '*' : port}`)
  }

  /** Throws `access-denied` unless a datagram socket may be bound there: any free port is good for asking others. */
  checkDatagrams(address: SocketAddress): void {
    if (address.val.port !== 0 || !(isLoopback(address) || isUnspecified(address))) this.checkListen('UDP', address)
  }

  /** Throws `access-denied` unless the guest may look up this name. */
  checkName(name: string): void {
    const host = name.toLowerCase().replace(/\.$/, '')
    const named = this.#remotes.some((text) => {
      const pattern = parsePattern(text)
      return pattern !== undefined && allows([text], host, pattern.port ?? 0)
    })
    if (!named)
      this.deny(
        `looking up the name "${name}"`,
        this.isClosed ? 'Sockets are not granted to guests' : 'It is not on the list of allowed network targets',
        host,
      )
  }

  /** What was looked up: the name's grant holds for its addresses. */
  learn(name: string, address: string): void {
    const names = this.#names.get(address) ?? new Set()
    this.#names.set(address, names.add(name.toLowerCase()))
  }
}
