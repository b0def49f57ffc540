/** wasi:sockets/ip-name-lookup over the system's resolver. */
import { Refusal, type Session, type SessionSlot } from '../session.ts'
import { Pollable, Signal, type Condition } from '../wait.ts'
import { accessOf } from './access.ts'
import { ipAddressOf, networkCodeOf, refuse, type IpAddress, type NetworkCode } from './addresses.ts'

/** `wasi:sockets/ip-name-lookup.resolve-address-stream` */
export class ResolveAddressStream implements Condition {
  readonly #session: Session
  readonly #signal = new Signal()
  #addresses: IpAddress[] | undefined
  #failure: NetworkCode | undefined

  constructor(session: Session) {
    this.#session = session
  }

  found(addresses: readonly IpAddress[]): void {
    this.#addresses = [...addresses]
    this.#signal.notify()
  }

  failed(code: NetworkCode): void {
    this.#failure = code
    this.#signal.notify()
  }

  ready(): boolean {
    return this.#addresses !== undefined || this.#failure !== undefined
  }

  wait(): Promise<void> {
    return this.#signal.wait()
  }

  resolveNextAddress(): IpAddress | undefined {
    this.#session.check()
    if (this.#failure) throw refuse(this.#failure)
    if (!this.#addresses) throw refuse('would-block')
    return this.#addresses.shift()
  }

  subscribe(): Pollable {
    return new Pollable(this.#session, this)
  }
}

const nameText = /^[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*\.?$/i

export function createNameLookup(slot: SessionSlot) {
  return {
    ResolveAddressStream,
    resolveAddresses(_network: unknown, given: string): ResolveAddressStream {
      const session = slot.current
      const access = accessOf(session)
      const literal = given.replace(/^\[(.*)\]$/, '$1')
      const stream = new ResolveAddressStream(session)
      const { isIP } = process.getBuiltinModule('node:net')
      if (isIP(literal) !== 0) {
        access.checkSocket(`looking up the name "${given}"`)
        stream.found([ipAddressOf(literal)])
        return stream
      }
      const name = asciiName(given)
      access.checkName(name)
      const ended = session.span('name lookup', name)
      process.getBuiltinModule('node:dns').lookup(name, { all: true, verbatim: true }, (error, addresses) => {
        if (error) {
          ended(error.message)
          stream.failed(networkCodeOf(error))
          return
        }
        for (const { address } of addresses) access.learn(name, address)
        ended(addresses.map(({ address }) => address).join(', '))
        stream.found(addresses.map(({ address }) => ipAddressOf(address)))
      })
      return stream
    },
  }
}

/** The name in letters that DNS knows. Throws `invalid-argument` when it is none. */
function asciiName(given: string): string {
  const name = process.getBuiltinModule('node:url').domainToASCII(given)
  // A URL's host ends where other parts begin: what comes after would be lost.
  if (/[\s/?#@:\\%]/.test(given) || name === '' || name.length > 254 || !nameText.test(name))
    throw new Refusal<NetworkCode>('invalid-argument')
  return name
}
