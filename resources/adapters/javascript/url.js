/** URL and URLSearchParams for what HTTP needs: schemes with a host, and everything else kept as it is. */
import { decode, encode } from './text.js'

const ports = { 'http:': '80', 'https:': '443', 'ws:': '80', 'wss:': '443', 'ftp:': '21' }

function escape(text, allowed) {
  if (allowed.whole.test(text)) return text
  let out = ''
  for (const character of text) {
    if (allowed.one.test(character)) out += character
    else for (const byte of encode(character)) out += '%' + byte.toString(16).toUpperCase().padStart(2, '0')
  }
  return out
}
/** Text of these characters only, as a whole or one by one. */
const only = ({ source }) => ({ one: new RegExp(source), whole: new RegExp(`^${source}*$`) })
const inPath = only(/[\w\-.~!$&'()*+,;=:@/%[\]|\\^]/)
const inQuery = only(/[\w\-.~!$&()*+,;=:@/?%[\]|\\^`{}]/)
const inFragment = only(/[\w\-.~!$&'()*+,;=:@/?%[\]|\\^{}#]/)
const inUser = only(/[\w\-.~!$&'()*+,%]/)

function unescapeForm(text) {
  const source = encode(text.replace(/\+/g, ' '))
  const bytes = []
  for (let i = 0; i < source.length; i++) {
    const digits = source[i] === 0x25 ? String.fromCharCode(source[i + 1], source[i + 2]) : ''
    if (/^[0-9a-f]{2}$/i.test(digits)) {
      bytes.push(Number.parseInt(digits, 16))
      i += 2
    } else bytes.push(source[i])
  }
  return decode(new Uint8Array(bytes))
}

const inForm = only(/[\w\-.* ]/)
const escapeForm = (text) => escape(text, inForm).replace(/ /g, '+')

/**
 * What belongs to an object alone stands under a symbol. The build knows private fields only as weak maps, which cost more
 * than all the rest of a small request.
 */
const pairsKey = Symbol('pairs')
const changedKey = Symbol('changed')
const partsKey = Symbol('parts')
const paramsKey = Symbol('params')

export class URLSearchParams {
  constructor(init = '', changed = () => {}) {
    this[pairsKey] = []
    this[changedKey] = changed
    if (typeof init === 'object' && init !== null) {
      const entries = typeof init[Symbol.iterator] === 'function' ? init : Object.entries(init)
      for (const [name, value] of entries) this[pairsKey].push([String(name), String(value)])
      return
    }
    for (const part of String(init).replace(/^\?/, '').split('&')) {
      if (part === '') continue
      const at = part.indexOf('=')
      this[pairsKey].push(
        at < 0 ? [unescapeForm(part), ''] : [unescapeForm(part.slice(0, at)), unescapeForm(part.slice(at + 1))],
      )
    }
  }
  get size() {
    return this[pairsKey].length
  }
  append(name, value) {
    this[pairsKey].push([String(name), String(value)])
    this[changedKey]()
  }
  delete(name, value) {
    this[pairsKey] = this[pairsKey].filter(
      ([key, held]) => key !== String(name) || (value !== undefined && held !== String(value)),
    )
    this[changedKey]()
  }
  get(name) {
    return this[pairsKey].find(([key]) => key === String(name))?.[1] ?? null
  }
  getAll(name) {
    return this[pairsKey].filter(([key]) => key === String(name)).map(([, value]) => value)
  }
  has(name, value) {
    return this[pairsKey].some(([key, held]) => key === String(name) && (value === undefined || held === String(value)))
  }
  set(name, value) {
    const first = this[pairsKey].find(([key]) => key === String(name))
    if (!first) return this.append(name, value)
    first[1] = String(value)
    this[pairsKey] = this[pairsKey].filter((pair) => pair[0] !== String(name) || pair === first)
    this[changedKey]()
  }
  sort() {
    this[pairsKey].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    this[changedKey]()
  }
  forEach(callback, self) {
    for (const [name, value] of this[pairsKey]) callback.call(self, value, name, this)
  }
  *entries() {
    for (const [name, value] of this[pairsKey]) yield [name, value]
  }
  *keys() {
    for (const [name] of this[pairsKey]) yield name
  }
  *values() {
    for (const [, value] of this[pairsKey]) yield value
  }
  [Symbol.iterator]() {
    return this.entries()
  }
  toString() {
    return this[pairsKey].map(([name, value]) => `${escapeForm(name)}=${escapeForm(value)}`).join('&')
  }
}

function withoutDots(path) {
  if (!path.includes('.') && !path.includes('%')) return path
  const out = []
  const parts = path.split('/')
  parts.forEach((part, index) => {
    const plain = part.replace(/%2e/gi, '.')
    const last = index === parts.length - 1
    if (plain === '..') {
      if (out.length > 1) out.pop()
      if (last) out.push('')
    } else if (plain === '.') {
      if (last) out.push('')
    } else out.push(part)
  })
  return out.join('/')
}

/** The address of most requests: nothing in it is to be escaped or left out. */
const plainAddress =
  /^(https?:)\/\/([a-z0-9-]+(?:\.[a-z0-9-]+)*)(?::([1-9]\d{0,3}|[1-5]\d{4}))?((?:\/(?!\.)[\w\-.~!$&'()*+,;=:@]*)+)(\?[\w\-.~!$&()*+,;=:@/?%]+)?$/

function splitPlain(text) {
  const match = plainAddress.exec(text)
  if (match === null) return undefined
  const port = match[3] ?? ''
  const goesWithoutSaying = port === ports[match[1]]
  return {
    protocol: match[1],
    username: '',
    password: '',
    hostname: match[2],
    port: goesWithoutSaying ? '' : port,
    pathname: match[4],
    search: match[5] ?? '',
    hash: '',
    opaque: false,
    /** A URL writes it as the text that it was read from. */
    isText: !goesWithoutSaying,
  }
}

/** The parts of an absolute or relative reference; undefined when it is none. */
function split(text, base) {
  const source = text.trim().replace(/[\t\n\r]/g, '')
  const match = /^(?:([a-z][a-z0-9+.-]*):)?([^?#]*)(\?[^#]*)?(#.*)?$/i.exec(source)
  if (!match) return undefined
  const [, scheme, rest, query = '', fragment = ''] = match
  const protocol = scheme === undefined ? base?.protocol : `${scheme.toLowerCase()}:`
  if (protocol === undefined) return undefined
  const hash = fragment.length > 1 ? '#' + escape(fragment.slice(1), inFragment) : ''
  const search = query.length > 1 ? '?' + escape(query.slice(1), inQuery) : ''
  const special = protocol in ports
  const path = special ? rest.replace(/\\/g, '/') : rest
  if (scheme !== undefined && !special && !path.startsWith('//')) {
    return { protocol, username: '', password: '', hostname: '', port: '', pathname: path, search, hash, opaque: true }
  }
  if (scheme !== undefined || path.startsWith('//')) {
    const authority = /^\/*([^/]*)(.*)$/.exec(path)
    const user = /^(?:([^@]*)@)?(\[[0-9a-f:.]+\]|[^:@[\]]*)(?::(\d*))?$/i.exec(authority[1])
    if (!user || (special && user[2] === '') || Number(user[3] ?? 0) > 65535) return undefined
    let hostname = user[2].toLowerCase()
    if (special && !hostname.startsWith('[')) {
      try {
        hostname = decodeURIComponent(hostname)
      } catch {
        return undefined
      }
      if (/[\s#%/:<>?@[\\\]^|]/.test(hostname)) return undefined
    }
    const at = (user[1] ?? '').indexOf(':')
    const name = at < 0 ? (user[1] ?? '') : user[1].slice(0, at)
    const port = user[3] ? String(Number(user[3])) : ''
    return {
      protocol,
      username: escape(name, inUser),
      password: at < 0 ? '' : escape(user[1].slice(at + 1), inUser),
      hostname,
      port: port === ports[protocol] ? '' : port,
      pathname: withoutDots(escape(authority[2] || (special ? '/' : ''), inPath)),
      search,
      hash,
      opaque: false,
    }
  }
  if (base.opaque) return undefined
  let pathname = base.pathname
  if (path.startsWith('/')) pathname = withoutDots(escape(path, inPath))
  else if (path !== '') pathname = withoutDots(base.pathname.replace(/[^/]*$/, '') + escape(path, inPath))
  return { ...base, pathname, search: path === '' && query === '' ? base.search : search, hash }
}

/** What was taken apart last: the address of a request is mostly taken apart again by its handler. */
let latest = { text: undefined, parts: undefined }

function splitWhole(text) {
  if (text !== latest.text) latest = { text, parts: splitPlain(text) ?? split(text) }
  return latest.parts
}

/** The text as a URL writes it; that of most requests is so already. */
export function hrefOf(text) {
  const parts = splitWhole(text)
  return parts?.isText ? text : new URL(text).href
}

/** Parts are shared with {@link latest} until somebody changes them. */
function ownParts(url) {
  url[partsKey] = Object.assign({}, url[partsKey])
  return url[partsKey]
}

export class URL {
  constructor(url, base) {
    const outer = base === undefined ? undefined : split(String(base))
    const parts =
      base === undefined ? splitWhole(String(url)) : outer === undefined ? undefined : split(String(url), outer)
    if (!parts) throw new TypeError(`"${url}" is not a URL${base === undefined ? '' : ` relative to "${base}"`}`)
    this[partsKey] = parts
    this[paramsKey] = undefined
  }
  static canParse(url, base) {
    return URL.parse(url, base) !== null
  }
  static parse(url, base) {
    try {
      return new URL(url, base)
    } catch {
      return null
    }
  }
  get protocol() {
    return this[partsKey].protocol
  }
  set protocol(value) {
    const protocol = String(value).replace(/:.*$/s, '').toLowerCase() + ':'
    if (protocol in ports === this[partsKey].protocol in ports) ownParts(this).protocol = protocol
    if (this[partsKey].port === ports[protocol]) ownParts(this).port = ''
  }
  get username() {
    return this[partsKey].username
  }
  set username(value) {
    ownParts(this).username = escape(String(value), inUser)
  }
  get password() {
    return this[partsKey].password
  }
  set password(value) {
    ownParts(this).password = escape(String(value), inUser)
  }
  get hostname() {
    return this[partsKey].hostname
  }
  set hostname(value) {
    const parts = split(`${this.protocol}//${value}`)
    if (parts) ownParts(this).hostname = parts.hostname
  }
  get port() {
    return this[partsKey].port
  }
  set port(value) {
    const port = String(value)
    if (port === '' || (/^\d+$/.test(port) && Number(port) <= 65535))
      ownParts(this).port = port === ports[this.protocol] ? '' : port
  }
  get host() {
    return this.hostname + (this.port ? `:${this.port}` : '')
  }
  set host(value) {
    const parts = split(`${this.protocol}//${value}`)
    if (parts) Object.assign(ownParts(this), { hostname: parts.hostname, port: parts.port })
  }
  get origin() {
    return this[partsKey].opaque ? 'null' : `${this.protocol}//${this.host}`
  }
  get pathname() {
    return this[partsKey].pathname
  }
  set pathname(value) {
    if (!this[partsKey].opaque)
      ownParts(this).pathname = withoutDots(escape(String(value).replace(/^(?!\/)/, '/'), inPath))
  }
  get search() {
    return this[partsKey].search
  }
  set search(value) {
    const text = String(value).replace(/^\?/, '')
    ownParts(this).search = text ? '?' + escape(text, inQuery) : ''
    this[paramsKey] = undefined
  }
  get searchParams() {
    this[paramsKey] ??= new URLSearchParams(this[partsKey].search, () => {
      const text = this[paramsKey].toString()
      ownParts(this).search = text ? `?${text}` : ''
    })
    return this[paramsKey]
  }
  get hash() {
    return this[partsKey].hash
  }
  set hash(value) {
    const text = String(value).replace(/^#/, '')
    ownParts(this).hash = text ? '#' + escape(text, inFragment) : ''
  }
  get href() {
    const { protocol, username, password, pathname, search, hash, opaque } = this[partsKey]
    if (opaque) return protocol + pathname + search + hash
    const user = username || password ? `${username}${password ? `:${password}` : ''}@` : ''
    return `${protocol}//${user}${this.host}${pathname}${search}${hash}`
  }
  toString() {
    return this.href
  }
  toJSON() {
    return this.href
  }
}

Object.assign(globalThis, { URL, URLSearchParams })
