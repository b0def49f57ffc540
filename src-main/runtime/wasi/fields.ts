import { GuestTrap, Refusal } from './session.ts'

export type HeaderError = { readonly tag: 'invalid-syntax' | 'forbidden' | 'immutable' }

/** Name and value; a value is a latin1 string, one character for each byte, as on the wire. */
export type HeaderPair = readonly [string, string]

const refuse = (tag: HeaderError['tag']): Refusal<HeaderError> => new Refusal({ tag })

/** Of all the fields of one message, bytes. */
const sizeLimit = 1024 * 1024

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

/** Headers of the connection, not of the message: the host's business, neither shown to guests nor taken from them. */
const forbidden = new Set([
  'connection',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
])

export const isForbidden = (name: string): boolean => forbidden.has(name.toLowerCase())

function checkName(name: string): void {
  if (!token.test(name)) throw refuse('invalid-syntax')
  if (isForbidden(name)) throw refuse('forbidden')
}

function textOf(value: Uint8Array): string {
  for (const byte of value) if ((byte < 0x20 && byte !== 0x09) || byte === 0x7f) throw refuse('invalid-syntax')
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('latin1')
}

function bytesOf(value: string): Uint8Array {
  const bytes = new Uint8Array(value.length)
  for (let at = 0; at < value.length; at++) bytes[at] = value.charCodeAt(at)
  return bytes
}

/** `wasi:http/types.fields`: an ordered multimap; names compare without case and keep the case they came in. */
export class Fields {
  #pairs: HeaderPair[] = []
  #immutable = false
  /** Characters that a guest put in. */
  #size = 0

  /** Headers of a message from outside, for reading only; what a guest may not see is left out. */
  static incoming(pairs: Iterable<HeaderPair>): Fields {
    const fields = new Fields()
    for (const pair of pairs) if (!isForbidden(pair[0])) fields.#pairs.push(pair)
    fields.#immutable = true
    return fields
  }

  static fromList(entries: readonly (readonly [string, Uint8Array])[]): Fields {
    const fields = new Fields()
    for (const [name, value] of entries) fields.append(name, value)
    return fields
  }

  /** The pairs as they go onto the wire. */
  get pairs(): readonly HeaderPair[] {
    return this.#pairs
  }

  /** The only value of `name`, as text. */
  text(name: string): string | undefined {
    for (const [key, value] of this.#pairs) if (key.length === name.length && key.toLowerCase() === name) return value
    return undefined
  }

  /** The same headers for reading only: what a message shows of the headers that it was made with. */
  frozen(): Fields {
    const fields = new Fields()
    fields.#pairs = this.#pairs
    fields.#immutable = true
    return fields
  }

  get(name: string): Uint8Array[] {
    const wanted = name.toLowerCase()
    const values: Uint8Array[] = []
    for (const [key, value] of this.#pairs) if (key.toLowerCase() === wanted) values.push(bytesOf(value))
    return values
  }

  has(name: string): boolean {
    const wanted = name.toLowerCase()
    return this.#pairs.some(([key]) => key.toLowerCase() === wanted)
  }

  set(name: string, values: readonly Uint8Array[]): void {
    this.#checkWritable()
    checkName(name)
    const texts = values.map(textOf)
    this.#remove(name)
    for (const text of texts) this.#add(name, text)
  }

  delete(name: string): void {
    this.#checkWritable()
    checkName(name)
    this.#remove(name)
  }

  append(name: string, value: Uint8Array): void {
    this.#checkWritable()
    checkName(name)
    this.#add(name, textOf(value))
  }

  /** No message may have so many, and what is put here is not in the guest's own memory. */
  #add(name: string, value: string): void {
    this.#size += name.length + value.length
    if (this.#size > sizeLimit) throw new GuestTrap(`header fields of more than ${sizeLimit} bytes`)
    this.#pairs.push([name, value])
  }

  entries(): [string, Uint8Array][] {
    return this.#pairs.map(([name, value]) => [name, bytesOf(value)])
  }

  /** The same in 0.3. */
  copyAll(): [string, Uint8Array][] {
    return this.entries()
  }

  getAndDelete(name: string): Uint8Array[] {
    const values = this.get(name)
    this.delete(name)
    return values
  }

  clone(): Fields {
    const fields = new Fields()
    fields.#pairs = [...this.#pairs]
    fields.#size = this.#size
    return fields
  }

  #checkWritable(): void {
    if (this.#immutable) throw refuse('immutable')
  }

  #remove(name: string): void {
    const wanted = name.toLowerCase()
    this.#pairs = this.#pairs.filter(([key, value]) => {
      const stays = key.toLowerCase() !== wanted
      if (!stays) this.#size -= key.length + value.length
      return stays
    })
  }
}
