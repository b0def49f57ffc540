/** A request as a person edits it: rows that can be switched off, a body that remembers its kind. */

/** One line of the header, query or form table. */
export interface Row {
  readonly id: string
  readonly enabled: boolean
  readonly name: string
  readonly value: string
}

export type BodyKind = 'none' | 'text' | 'json' | 'form' | 'file'

export interface Body {
  readonly kind: BodyKind
  /** What stands in the editor, for `text` and `json`. */
  readonly text: string
  readonly form: readonly Row[]
  readonly file?: { readonly name: string; readonly type: string; readonly bytes: Uint8Array<ArrayBuffer> }
}

export interface RequestDraft {
  readonly method: string
  readonly url: string
  readonly headers: readonly Row[]
  /** Query rows; the enabled ones are what stands behind the `?` of {@link url}. */
  readonly query: readonly Row[]
  readonly body: Body
  /** Milliseconds; none = the client's own limit. */
  readonly timeout?: number
}

let nextRow = 1

export function row(name = '', value = '', enabled = true): Row {
  return { id: `row-${nextRow++}`, enabled, name, value }
}

export const emptyBody: Body = { kind: 'none', text: '', form: [] }

export function emptyDraft(url = ''): RequestDraft {
  return { method: 'GET', url, headers: [], query: queryRows(url, []), body: emptyBody }
}

/** Verbs offered; any other token may be typed. */
export const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'] as const

/** A `token` of RFC 9110 §5.6.2: what a method or a header name may consist of. */
const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/

/** Why this is no method, or undefined. */
export function methodProblem(method: string): string | undefined {
  if (method === '') return 'A method is needed, such as GET.'
  return token.test(method) ? undefined : `${JSON.stringify(method)} is no method: letters, digits and - only.`
}

/** Why these are no header name and value, or undefined. */
export function headerProblem(name: string, value: string): string | undefined {
  if (name === '') return value === '' ? undefined : 'This value has no header name.'
  if (!token.test(name)) return `${JSON.stringify(name)} is no header name: letters, digits and - only.`
  for (const char of value) {
    const code = char.codePointAt(0) ?? 0
    if ((code < 0x20 && code !== 0x09) || code === 0x7f)
      return `The value of ${name} holds a line break or control character.`
    if (code > 0xff) return `The value of ${name} holds ${JSON.stringify(char)}; header values are Latin-1.`
  }
  return undefined
}

/** The address as it is sent: `http://` is supposed where no scheme was typed, as curl and browsers do. */
export function addressOf(url: string): string {
  const text = url.trim()
  return text === '' || /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`
}

/** Path and query of an address, for lists; the text itself when it is none. */
export function targetOf(url: string): string {
  const address = addressOf(url)
  if (!URL.canParse(address)) return url
  const { pathname, search } = new URL(address)
  return pathname + search
}

/** Why this is no address to send to, or undefined. */
export function urlProblem(url: string): string | undefined {
  const address = addressOf(url)
  if (address === '') return 'An address is needed, such as http://127.0.0.1:8080/.'
  if (!URL.canParse(address))
    return `${JSON.stringify(url)} is no address: it names a host, such as http://127.0.0.1:8080/.`
  const { protocol } = new URL(address)
  return protocol === 'http:' || protocol === 'https:'
    ? undefined
    : `${protocol}// cannot be sent to; use http:// or https://.`
}

/** The first thing that keeps this request from being sent, or undefined. */
export function draftProblem(draft: RequestDraft): string | undefined {
  const line = methodProblem(draft.method) ?? urlProblem(draft.url)
  if (line !== undefined) return line
  for (const { enabled, name, value } of draft.headers) {
    const problem = enabled ? headerProblem(name, value) : undefined
    if (problem !== undefined) return problem
  }
  if (draft.body.kind === 'file' && !draft.body.file) return 'No file is chosen for the body.'
  return undefined
}

// ---------------------------------------------------------------------------------------------------------------------
// Query: the text of the address is the truth, the table is a view on it that also keeps rows switched off.

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return text
  }
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(/%(?:3A|2F|2C|40|24)/g, (escape) => decodeURIComponent(escape))
}

function splitUrl(url: string): {
  readonly base: string
  readonly query: string | undefined
  readonly fragment: string
} {
  const hash = url.indexOf('#')
  const fragment = hash < 0 ? '' : url.slice(hash)
  const rest = hash < 0 ? url : url.slice(0, hash)
  const mark = rest.indexOf('?')
  return mark < 0
    ? { base: rest, query: undefined, fragment }
    : { base: rest.slice(0, mark), query: rest.slice(mark + 1), fragment }
}

/** The table for an address that was typed: rows switched off stay, rows that are unchanged keep their identity. */
export function queryRows(url: string, before: readonly Row[]): Row[] {
  const { query } = splitUrl(url)
  const pairs = (query ?? '').split('&').filter((pair) => pair !== '')
  const enabled = before.filter((one) => one.enabled)
  const typed = pairs.map((pair, index): Row => {
    const equals = pair.indexOf('=')
    const name = decode(equals < 0 ? pair : pair.slice(0, equals))
    const value = equals < 0 ? '' : decode(pair.slice(equals + 1))
    const old = enabled[index]
    return old ? (old.name === name && old.value === value ? old : { ...old, name, value }) : row(name, value)
  })
  return [...typed, ...before.filter((one) => !one.enabled)]
}

/** The address for a table that was edited. A part of the query that nobody touched keeps its spelling. */
export function urlWithQuery(url: string, rows: readonly Row[]): string {
  const { base, query, fragment } = splitUrl(url)
  const spellings = new Map<string, string>()
  for (const pair of (query ?? '').split('&')) {
    const equals = pair.indexOf('=')
    const key = equals < 0 ? [decode(pair), ''] : [decode(pair.slice(0, equals)), decode(pair.slice(equals + 1))]
    spellings.set(JSON.stringify(key), pair)
  }
  const pairs = rows
    .filter((one) => one.enabled && (one.name !== '' || one.value !== ''))
    .map(
      (one) =>
        spellings.get(JSON.stringify([one.name, one.value])) ??
        (one.value === '' ? encode(one.name) : `${encode(one.name)}=${encode(one.value)}`),
    )
  return base + (pairs.length > 0 ? `?${pairs.join('&')}` : '') + fragment
}

// ---------------------------------------------------------------------------------------------------------------------
// What goes over the wire

/** Bytes of the body and the media type it has unless a header says otherwise. */
export function bodyBytes(body: Body): { readonly bytes: Uint8Array<ArrayBuffer>; readonly type: string } | undefined {
  switch (body.kind) {
    case 'none':
      return undefined
    case 'text':
      return { bytes: new TextEncoder().encode(body.text), type: 'text/plain; charset=utf-8' }
    case 'json':
      return { bytes: new TextEncoder().encode(body.text), type: 'application/json' }
    case 'form': {
      const pairs = body.form
        .filter((one) => one.enabled && one.name !== '')
        .map((one): [string, string] => [one.name, one.value])
      return {
        bytes: new TextEncoder().encode(new URLSearchParams(pairs).toString()),
        type: 'application/x-www-form-urlencoded',
      }
    }
    case 'file':
      return body.file ? { bytes: body.file.bytes, type: body.file.type || 'application/octet-stream' } : undefined
  }
}

/** The header list to send: enabled rows in order, and the body's media type when none is given. */
export function headerList(draft: RequestDraft): [string, string][] {
  const list = draft.headers
    .filter((one) => one.enabled && one.name !== '')
    .map((one): [string, string] => [one.name, one.value])
  const body = bodyBytes(draft.body)
  if (body && !list.some(([name]) => name.toLowerCase() === 'content-type')) list.push(['content-type', body.type])
  return list
}

/** Why this text is no JSON, or undefined; the editor marks the place itself. */
export function jsonProblem(text: string): string | undefined {
  if (text.trim() === '') return undefined
  try {
    JSON.parse(text)
    return undefined
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown)
  }
}
