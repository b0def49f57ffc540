/** Headers, Request and Response of the Fetch standard, as far as a handler on a server needs them. */
import { eachChunk, ReadableStream } from './streams.js'
import { bytesOf, decode, encode, joinBytes } from './text.js'
import { hrefOf, URL, URLSearchParams } from './url.js'

/** What belongs to an object alone; see url.js why these are no private fields. */
const pairsKey = Symbol('pairs')
const contentKey = Symbol('content')
const usedKey = Symbol('used')
const headersKey = Symbol('headers')
const typeKey = Symbol('type')
const incomingKey = Symbol('incoming')
const methodKey = Symbol('method')
const signalKey = Symbol('signal')
const urlKey = Symbol('url')
const statusKey = Symbol('status')
const statusTextKey = Symbol('statusText')

/** Types that bodies bring by themselves. */
export const plainText = 'text/plain;charset=UTF-8'
export const formText = 'application/x-www-form-urlencoded;charset=UTF-8'

function nameOf(name) {
  const text = String(name).toLowerCase()
  if (!/^[!#$%&'*+\-.^_`|~0-9a-z]+$/.test(text)) throw new TypeError(`"${name}" is not a header name`)
  return text
}

function valueOf(value) {
  let text = String(value)
  if (/^[\t\n\r ]|[\t\n\r ]$/.test(text)) text = text.replace(/^[\t\n\r ]+|[\t\n\r ]+$/g, '')
  if (/[\0\n\r]/.test(text)) throw new TypeError('A header value has no line breaks')
  return text
}

export class Headers {
  constructor(init) {
    /** [lower-case name, value] in the order of appending. */
    this[pairsKey] = []
    if (init === undefined || init === null) return
    const entries = typeof init[Symbol.iterator] === 'function' ? init : Object.entries(init)
    for (const [name, value] of entries) this.append(name, value)
  }
  append(name, value) {
    this[pairsKey].push([nameOf(name), valueOf(value)])
  }
  set(name, value) {
    const key = nameOf(name)
    const text = valueOf(value)
    const at = this[pairsKey].findIndex(([held]) => held === key)
    if (at < 0) this[pairsKey].push([key, text])
    else {
      this[pairsKey][at] = [key, text]
      this[pairsKey] = this[pairsKey].filter(([held], index) => held !== key || index === at)
    }
  }
  delete(name) {
    const key = nameOf(name)
    this[pairsKey] = this[pairsKey].filter(([held]) => held !== key)
  }
  get(name) {
    const key = nameOf(name)
    const values = this[pairsKey].filter(([held]) => held === key).map(([, value]) => value)
    return values.length > 0 ? values.join(', ') : null
  }
  has(name) {
    return this.get(name) !== null
  }
  getSetCookie() {
    return this[pairsKey].filter(([name]) => name === 'set-cookie').map(([, value]) => value)
  }
  forEach(callback, self) {
    for (const [name, value] of this) callback.call(self, value, name, this)
  }
  /** Sorted by name, values of one name joined, cookies apart. */
  *entries() {
    for (const name of [...new Set(this[pairsKey].map(([held]) => held))].sort()) {
      if (name === 'set-cookie') for (const value of this.getSetCookie()) yield [name, value]
      else yield [name, this.get(name)]
    }
  }
  *keys() {
    for (const [name] of this.entries()) yield name
  }
  *values() {
    for (const [, value] of this.entries()) yield value
  }
  [Symbol.iterator]() {
    return this.entries()
  }
  /** The type that a body brings, where none is set. Both are known to be right. */
  addType(type) {
    if (!this[pairsKey].some(([held]) => held === 'content-type')) this[pairsKey].push(['content-type', type])
  }
  /** As they were appended, for the wire. */
  raw() {
    return this[pairsKey]
  }
  toJSON() {
    return Object.fromEntries(this)
  }
}

/** What may stand as a body, as a stream or bytes or null, with the type it brings. */
function bodyOf(body) {
  if (body === null || body === undefined) return { content: null }
  // It becomes bytes when somebody takes it.
  if (typeof body === 'string') return { content: body, type: plainText }
  if (body instanceof URLSearchParams) return { content: encode(body.toString()), type: formText }
  if (body instanceof ArrayBuffer || ArrayBuffer.isView(body)) return { content: bytesOf(body).slice() }
  if (body instanceof ReadableStream) return { content: body }
  if (typeof body === 'object' && (body[Symbol.asyncIterator] || body[Symbol.iterator]))
    return { content: ReadableStream.from(body) }
  return { content: encode(String(body)), type: plainText }
}

class Body {
  constructor(content) {
    this[contentKey] = content
    this[usedKey] = false
  }
  get body() {
    const content = this[contentKey]
    if (typeof content === 'string') this[contentKey] = ReadableStream.from([encode(content)])
    else if (content instanceof Uint8Array) this[contentKey] = ReadableStream.from([content])
    return this[contentKey]
  }
  get bodyUsed() {
    return this[usedKey] || (this[contentKey] instanceof ReadableStream && this[contentKey].locked)
  }
  /** Bytes where the body is known as a whole, else a stream, else null; the body is used afterwards. */
  takeContent() {
    if (this.bodyUsed) throw new TypeError('The body was used already')
    const content = this[contentKey]
    this[usedKey] = content !== null
    return typeof content === 'string' ? encode(content) : content
  }
  async bytes() {
    const content = this.takeContent()
    if (content === null) return new Uint8Array(0)
    if (content instanceof Uint8Array) return content
    const chunks = []
    await eachChunk(content, (chunk) => void chunks.push(typeof chunk === 'string' ? encode(chunk) : bytesOf(chunk)))
    return joinBytes(chunks)
  }
  async arrayBuffer() {
    const bytes = await this.bytes()
    return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)
  }
  async text() {
    return decode(await this.bytes()).replace(/^\ufeff/, '')
  }
  async json() {
    return JSON.parse(await this.text())
  }
  async formData() {
    throw new TypeError('formData is not available here; new URLSearchParams(await request.text()) reads simple forms')
  }
}

function headersOf(init, type) {
  const headers = new Headers(init)
  if (type) headers.addType(type)
  return headers
}

export class Request extends Body {
  constructor(input, init = {}) {
    const from = input instanceof Request ? input : undefined
    const method = String(init.method ?? from?.method ?? 'GET')
    const { content, type } = init.body === undefined && from ? { content: from.takeContent() } : bodyOf(init.body)
    const name = /^(get|head|post|put|delete|options|patch)$/i.test(method) ? method.toUpperCase() : method
    if (content !== null && (name === 'GET' || name === 'HEAD')) throw new TypeError(`A ${name} request has no body`)
    super(content)
    this[methodKey] = name
    this[urlKey] = from ? from.url : new URL(input).href
    this[headersKey] = headersOf(init.headers ?? from?.headers, type)
    this[signalKey] = init.signal ?? from?.signal ?? null
    this[incomingKey] = undefined
  }
  get method() {
    return this[methodKey]
  }
  get url() {
    return hrefOf(this[urlKey])
  }
  get headers() {
    return (this[headersKey] ??= new Headers(this[incomingKey].entries()))
  }
  get signal() {
    return this[signalKey]
  }
  clone() {
    throw new TypeError('clone is not available here; read the body once and keep it')
  }
  toJSON() {
    return { method: this.method, url: this.url, headers: this.headers, signal: this.signal }
  }
}

/**
 * A request that came in. Its headers are read when somebody asks for them, since many handlers never do: `incoming` gives
 * their `entries()`. `body`: a stream or null.
 */
export function incomingRequest(method, url, incoming, body) {
  const request = Object.create(Request.prototype)
  request[contentKey] = body
  request[usedKey] = false
  request[methodKey] = method
  request[urlKey] = url
  request[headersKey] = undefined
  request[signalKey] = null
  request[incomingKey] = incoming
  return request
}

export class Response extends Body {
  constructor(body = null, init = {}) {
    const status = Number(init.status ?? 200)
    if (!Number.isInteger(status) || status < 200 || status > 599)
      throw new RangeError(`${init.status} is not a status of a response (200 to 599)`)
    const { content, type } = bodyOf(body)
    if (content !== null && (status === 204 || status === 205 || status === 304))
      throw new TypeError(`A response with status ${status} has no body`)
    super(content)
    this[statusKey] = status
    this[statusTextKey] = String(init.statusText ?? '')
    this[urlKey] = init.url ?? ''
    this[typeKey] = type
    // Without headers of its own it mostly goes out without anybody looking at them.
    this[headersKey] = init.headers === undefined || init.headers === null ? undefined : headersOf(init.headers, type)
  }
  get status() {
    return this[statusKey]
  }
  get statusText() {
    return this[statusTextKey]
  }
  get url() {
    return this[urlKey]
  }
  get headers() {
    return (this[headersKey] ??= headersOf(undefined, this[typeKey]))
  }
  /** Where nobody looked at the headers and there are none but what the body brings: its type, or ''. Else undefined. */
  get onlyType() {
    return this[headersKey] === undefined ? (this[typeKey] ?? '') : undefined
  }
  get ok() {
    return this.status >= 200 && this.status < 300
  }
  static json(data, init = {}) {
    const headers = new Headers(init.headers)
    if (!headers.has('content-type')) headers.set('content-type', 'application/json')
    return new Response(JSON.stringify(data), { ...init, headers })
  }
  static redirect(url, status = 302) {
    if (![301, 302, 303, 307, 308].includes(status)) throw new RangeError(`${status} is not a redirect`)
    return new Response(null, { status, headers: { location: String(url) } })
  }
  static error() {
    return new Response(null, { status: 500 })
  }
  toJSON() {
    return { status: this.status, statusText: this.statusText, headers: this.headers, url: this.url }
  }
}

Object.assign(globalThis, { Headers, Request, Response })
