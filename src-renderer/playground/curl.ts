import { fail } from '../../src-engine/error.ts'
import { type Body, type RequestDraft, emptyBody, queryRows, row } from './request.ts'
import { shellWords } from './shell.ts'

/** A request read from a command, and what of the command has no place in it. */
export interface CurlRequest {
  readonly draft: RequestDraft
  /** One sentence for each part that was left out. */
  readonly notes: readonly string[]
}

/** Does this pasted text look like a curl command? */
export function isCurl(text: string): boolean {
  return /^\s*(?:\$\s+)?curl(?:\.exe)?\s/.test(text)
}

/** Short options that take a value, by their long names. */
const short: Readonly<Record<string, string>> = {
  X: 'request',
  H: 'header',
  d: 'data',
  F: 'form',
  u: 'user',
  A: 'user-agent',
  e: 'referer',
  b: 'cookie',
  m: 'max-time',
  T: 'upload-file',
  o: 'output',
  x: 'proxy',
  w: 'write-out',
  c: 'cookie-jar',
  r: 'range',
  E: 'cert',
  D: 'dump-header',
}
/** Options with a value that say nothing about the request itself. */
const elsewhere = new Set([
  'output',
  'write-out',
  'cookie-jar',
  'dump-header',
  'connect-timeout',
  'retry',
  'retry-delay',
  'retry-max-time',
  'max-redirs',
  'limit-rate',
  'proxy',
  'cert',
  'key',
  'cacert',
  'capath',
  'resolve',
  'connect-to',
  'interface',
  'ciphers',
  'tls-max',
  'stderr',
  'trace',
  'trace-ascii',
  'proto',
  'config',
])
/** Switches that change nothing here. */
const quiet = new Set([
  'silent',
  'show-error',
  'verbose',
  'include',
  'location',
  'compressed',
  'insecure',
  'fail',
  'no-buffer',
  'http1.1',
  'http1.0',
  'http2',
  'http2-prior-knowledge',
  'path-as-is',
  'globoff',
  'no-keepalive',
  'remote-name',
  'progress-bar',
  'ipv4',
  'ipv6',
  'fail-with-body',
  'no-progress-meter',
  'parallel',
  'location-trusted',
  'tcp-nodelay',
])
const shortSwitches: Readonly<Record<string, string>> = {
  s: 'silent',
  S: 'show-error',
  v: 'verbose',
  i: 'include',
  L: 'location',
  k: 'insecure',
  f: 'fail',
  N: 'no-buffer',
  I: 'head',
  G: 'get',
  O: 'remote-name',
  g: 'globoff',
  '#': 'progress-bar',
  '4': 'ipv4',
  '6': 'ipv6',
  '0': 'http1.0',
  Z: 'parallel',
}

interface Reading {
  method?: string
  url?: string
  headers: [string, string][]
  /** Pieces of `--data…`, joined by `&` as curl does. */
  data: string[]
  /** `--data-binary` and `--json` join without `&` and keep line breaks. */
  joined: string
  form: [string, string][]
  get: boolean
  head: boolean
  timeout?: number
  notes: string[]
}

/** Reads a curl command. Throws `curl.*` when it is none, or names no address. */
export function parseCurl(text: string): CurlRequest {
  const words = shellWords(text.trim().replace(/^\$\s+/, ''))
  if (!/^curl(?:\.exe)?$/.test(words[0] ?? ''))
    throw fail('curl.command', 'This is no curl command: it does not start with curl.', {
      hint: 'Paste a command such as curl -H "accept: text/plain" http://127.0.0.1:8080/.',
    })
  const reading: Reading = { headers: [], data: [], joined: '&', form: [], get: false, head: false, notes: [] }
  for (let at = 1; at < words.length; at++) {
    const word = words[at] ?? ''
    const take = (): string => {
      const value = words[++at]
      if (value === undefined)
        throw fail('curl.value', `The option ${word} ends the command but needs a value.`, {
          hint: 'Copy the whole command, with its last line.',
        })
      return value
    }
    if (word.startsWith('--') && word.length > 2) apply(reading, word.slice(2), take)
    else if (word.startsWith('-') && word.length > 1) applyShort(reading, word.slice(1), take)
    else if (reading.url === undefined) reading.url = word
    else reading.notes.push(`Only the first address was taken; ${word} was left out.`)
  }
  return finish(reading)
}

function applyShort(reading: Reading, letters: string, take: () => string): void {
  for (let at = 0; at < letters.length; at++) {
    const letter = letters[at] ?? ''
    const long = short[letter]
    if (long !== undefined) {
      const rest = letters.slice(at + 1)
      apply(reading, long, rest === '' ? take : () => rest)
      return
    }
    apply(reading, shortSwitches[letter] ?? `-${letter}`, take)
  }
}

function apply(reading: Reading, option: string, take: () => string): void {
  switch (option) {
    case 'request':
      reading.method = take()
      return
    case 'url':
      reading.url = take()
      return
    case 'header':
      addHeader(reading, take())
      return
    case 'user-agent':
      reading.headers.push(['user-agent', take()])
      return
    case 'referer':
      reading.headers.push(['referer', take()])
      return
    case 'cookie': {
      const value = take()
      if (value.includes('=')) reading.headers.push(['cookie', value])
      else reading.notes.push(`Cookies from the file ${value} were left out.`)
      return
    }
    case 'user':
      reading.headers.push(['authorization', `Basic ${base64(take())}`])
      return
    case 'range':
      reading.headers.push(['range', `bytes=${take()}`])
      return
    case 'data':
    case 'data-ascii':
    case 'data-binary': {
      const value = take()
      if (value.startsWith('@'))
        reading.notes.push(`The body comes from the file ${value.slice(1)}: choose it under Body, File.`)
      else reading.data.push(option === 'data-binary' ? value : value.replace(/\r?\n/g, ''))
      return
    }
    case 'data-raw':
      reading.data.push(take())
      return
    case 'data-urlencode':
      reading.data.push(urlEncoded(take(), reading))
      return
    case 'json':
      reading.data.push(take())
      reading.joined = ''
      addDefault(reading, 'content-type', 'application/json')
      addDefault(reading, 'accept', 'application/json')
      return
    case 'form':
    case 'form-string': {
      const value = take()
      const equals = value.indexOf('=')
      const [name, content] = equals < 0 ? [value, ''] : [value.slice(0, equals), value.slice(equals + 1)]
      if (option === 'form' && /^[@<]/.test(content))
        reading.notes.push(`The form field ${name} comes from the file ${content.slice(1)} and was left out.`)
      else reading.form.push([name, content])
      return
    }
    case 'upload-file':
      reading.method ??= 'PUT'
      reading.notes.push(`The body comes from the file ${take()}: choose it under Body, File.`)
      return
    case 'max-time': {
      const seconds = Number(take())
      if (seconds > 0) reading.timeout = seconds * 1000
      return
    }
    case 'get':
      reading.get = true
      return
    case 'head':
      reading.head = true
      return
    default:
      if (elsewhere.has(option)) {
        const value = take()
        if (option !== 'output' && option !== 'write-out') reading.notes.push(`--${option} ${value} was left out.`)
      } else if (option === 'insecure') reading.notes.push('--insecure was left out: certificates are always checked.')
      else if (!quiet.has(option))
        reading.notes.push(`${option.startsWith('-') ? option : `--${option}`} is not known here and was left out.`)
  }
}

function addHeader(reading: Reading, line: string): void {
  if (line.startsWith('@')) {
    reading.notes.push(`Headers from the file ${line.slice(1)} were left out.`)
    return
  }
  const colon = line.indexOf(':')
  if (colon < 0) {
    // `-H "X-Empty;"` sends an empty header.
    if (line.endsWith(';')) reading.headers.push([line.slice(0, -1), ''])
    else reading.notes.push(`${JSON.stringify(line)} is no header and was left out.`)
    return
  }
  const value = line.slice(colon + 1).trim()
  // `-H "Accept:"` takes a header of curl's own away; we add none, so there is nothing to take.
  if (value !== '') reading.headers.push([line.slice(0, colon).trim(), value])
}

function addDefault(reading: Reading, name: string, value: string): void {
  if (!reading.headers.some(([other]) => other.toLowerCase() === name)) reading.headers.push([name, value])
}

/** `content`, `=content`, `name=content`: the content is encoded, the name is not. */
function urlEncoded(value: string, reading: Reading): string {
  const equals = value.indexOf('=')
  if (equals < 0 && value.includes('@')) {
    reading.notes.push(`The data of the file ${value.slice(value.indexOf('@') + 1)} was left out.`)
    return ''
  }
  if (equals < 0) return encodeURIComponent(value)
  const content = encodeURIComponent(value.slice(equals + 1))
  return equals === 0 ? content : `${value.slice(0, equals)}=${content}`
}

function base64(text: string): string {
  let binary = ''
  for (const byte of new TextEncoder().encode(text)) binary += String.fromCharCode(byte)
  return btoa(binary)
}

function finish(reading: Reading): CurlRequest {
  if (reading.url === undefined)
    throw fail('curl.address', 'The command names no address.', {
      hint: 'Add the address at the end, such as http://127.0.0.1:8080/.',
    })
  let url = /^[a-z][a-z0-9+.-]*:\/\//i.test(reading.url) ? reading.url : `http://${reading.url}`
  const data = reading.data.filter((piece) => piece !== '').join(reading.joined)
  const hasData = reading.data.length > 0
  if (reading.get && data !== '') url += (url.includes('?') ? '&' : '?') + data
  const body = reading.get ? emptyBody : bodyOf(reading, data, hasData)
  const method =
    reading.method ??
    (reading.head
      ? 'HEAD'
      : body.kind === 'none' && !hasData && reading.form.length === 0
        ? 'GET'
        : reading.get
          ? 'GET'
          : 'POST')
  const headers = reading.headers.map(([name, value]) => row(name, value))
  const draft: RequestDraft = {
    method,
    url,
    headers,
    query: queryRows(url, []),
    body,
    ...(reading.timeout === undefined ? {} : { timeout: reading.timeout }),
  }
  return { draft, notes: reading.notes }
}

function bodyOf(reading: Reading, data: string, hasData: boolean): Body {
  if (reading.form.length > 0) {
    reading.notes.push('The form is sent as application/x-www-form-urlencoded, not as multipart.')
    return { ...emptyBody, kind: 'form', form: reading.form.map(([name, value]) => row(name, value)) }
  }
  if (!hasData) return emptyBody
  const type = reading.headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? ''
  if (/[/+]json/i.test(type)) return { ...emptyBody, kind: 'json', text: data }
  const isForm = type === '' || type.startsWith('application/x-www-form-urlencoded')
  if (isForm && /^[^=&\s{[]+=[^\s]*$/.test(data)) {
    return { ...emptyBody, kind: 'form', form: [...new URLSearchParams(data)].map(([name, value]) => row(name, value)) }
  }
  // curl says form even of what is none; keep its word so that the server sees the same.
  if (type === '') reading.headers.push(['content-type', 'application/x-www-form-urlencoded'])
  return { ...emptyBody, kind: 'text', text: data }
}
