/** Files of a directory over HTTP: types, index pages, validators, ranges; nothing outside the directory, nothing hidden. */
import { constants } from 'node:fs'
import { open, realpath, stat, type FileHandle } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join, sep } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { fail, type Problem } from '../../../src-engine/error.ts'
import { Encoder } from './encoder.ts'
import { contentTypeOf } from './mime.ts'
import { chooseEncoding, encodedHeaders, isEncodable, type Encoding } from './negotiation.ts'

export interface StaticRequest {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** Absolute path of the directory. */
  readonly root: string
  /** Path below the prefix as the client sent it, still encoded; begins with `/`. */
  readonly path: string
  /** Headers that every answer carries, name after name. */
  readonly headers: readonly string[]
  readonly compression: boolean
}

/** What was sent, or why nothing was: then the caller answers. */
export type StaticOutcome = { readonly status: number; readonly bytes: number } | { readonly problem: Problem }

/** Answers from the directory. Never throws; a file that breaks while it is sent closes the connection. */
export async function serveFile(asked: StaticRequest): Promise<StaticOutcome> {
  const { request, response, root, path } = asked
  if (request.method !== 'GET' && request.method !== 'HEAD') return { problem: wrongMethod(request.method ?? '') }
  const segments = readPath(path)
  if (!segments) return { problem: badPath(path) }
  let file: FileHandle | undefined
  try {
    const found = await find(root, segments)
    if (!found) return { problem: notFound(path) }
    if (found === 'directory' && !path.endsWith('/')) return redirect(asked)
    const target = found === 'directory' ? await find(root, [...segments, 'index.html']) : found
    if (!target || target === 'directory') return { problem: notFound(path) }
    file = await open(target, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0))
    const about = await file.stat()
    if (!about.isFile()) return { problem: notFound(path) }
    return await send(asked, file, target, about.size, about.mtime)
  } catch (thrown) {
    if (response.headersSent) {
      response.destroy()
      return { status: response.statusCode, bytes: 0 }
    }
    const reason = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : ''
    if (['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG', 'EACCES', 'EPERM'].includes(reason))
      return { problem: notFound(path) }
    return { problem: fail('static.unreadable', `${path} cannot be read${reason === '' ? '' : `: ${reason}`}`).problem }
  } finally {
    await file?.close().catch(() => {})
  }
}

/** The segments of the decoded path, or undefined when it is malformed or tries to leave. A hidden one is `''`: never found. */
function readPath(path: string): string[] | undefined {
  let decoded: string
  try {
    decoded = decodeURIComponent(path)
  } catch {
    return undefined
  }
  if (/[\0\\]/.test(decoded)) return undefined
  const segments = decoded.split('/').filter((segment) => segment !== '')
  if (segments.some((segment) => segment === '.' || segment === '..')) return undefined
  return segments
}

/** The real path of a file, `directory`, or undefined when it is not there, hidden or reached by a link that leads out. */
async function find(root: string, segments: readonly string[]): Promise<string | undefined> {
  // On Windows a colon names a stream or a drive, and some names are devices.
  if (segments.some((segment) => segment.startsWith('.') || (sep === '\\' && isReserved(segment)))) return undefined
  const base = await realpath(root)
  const real = await realpath(join(base, ...segments))
  if (real !== base && !real.startsWith(base.endsWith(sep) ? base : base + sep)) return undefined
  if (
    real
      .slice(base.length)
      .split(sep)
      .some((part) => part.startsWith('.'))
  )
    return undefined
  return (await stat(real)).isDirectory() ? 'directory' : real
}

const isReserved = (segment: string): boolean =>
  /[:<>"|?*]|[ .]$/.test(segment) || /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(segment)

function redirect({ request, response, headers }: StaticRequest): StaticOutcome {
  const [before = '', query] = (request.url ?? '/').split(/\?(.*)/s)
  // Two slashes in front would name another host.
  const location = `${before.replace(/^\/+/, '/')}/${query === undefined ? '' : `?${query}`}`
  response.writeHead(301, [...headers, 'Location', location, 'Content-Length', '0'])
  response.end()
  return { status: 301, bytes: 0 }
}

async function send(
  { request, response, headers, compression }: StaticRequest,
  file: FileHandle,
  name: string,
  size: number,
  modified: Date,
): Promise<StaticOutcome> {
  const tag = `"${size.toString(36)}-${modified.getTime().toString(36)}"`
  const type = contentTypeOf(name)
  const common: [string, string][] = [
    ['Content-Type', type],
    ['ETag', tag],
    ['Last-Modified', modified.toUTCString()],
    ['Accept-Ranges', 'bytes'],
    // Always asked again: files change while they are worked on.
    ['Cache-Control', 'no-cache'],
    ['X-Content-Type-Options', 'nosniff'],
  ]
  const range = wantedRange(request, tag, modified, size)
  const encodable = compression && isEncodable({ status: 200, headers: common, size })
  const encoding = encodable && range === undefined ? chooseEncoding(acceptedBy(request)) : undefined
  const head = (status: number, list: readonly (readonly [string, string])[]): void => {
    response.writeHead(status, [...list.flat(), ...headers])
  }
  if (isUnchanged(request, tag, modified)) {
    head(
      304,
      withVary(
        common.filter(([key]) => key !== 'Content-Type'),
        encodable,
        encoding,
      ),
    )
    response.end()
    return { status: 304, bytes: 0 }
  }
  if (range === 'none') {
    const problem = fail('static.range', `The file has ${size} bytes; the range asked for lies outside`).problem
    response.setHeader('Content-Range', `bytes */${size}`)
    return { problem }
  }
  const from = range?.from ?? 0
  const until = range?.until ?? size
  const sized: [string, string][] = [...common, ['Content-Length', String(until - from)]]
  if (range) head(206, [...sized, ['Content-Range', `bytes ${from}-${until - 1}/${size}`]])
  else head(200, withVary(sized, encodable, encoding))
  if (request.method === 'HEAD' || until === from) {
    response.end()
    return { status: response.statusCode, bytes: 0 }
  }
  const source = file.createReadStream({ start: from, end: until - 1, autoClose: false })
  if (encoding === undefined) await pipeline(source, response)
  else await encode(source, encoding, response)
  return { status: response.statusCode, bytes: until - from }
}

const withVary = (
  headers: readonly (readonly [string, string])[],
  encodable: boolean,
  encoding: Encoding | undefined,
): readonly (readonly [string, string])[] => (encodable ? encodedHeaders(headers, encoding) : headers)

async function encode(source: AsyncIterable<Buffer>, encoding: Encoding, response: ServerResponse): Promise<void> {
  const encoder = new Encoder(encoding, response)
  const gone = new Promise<void>((resolve) => response.once('close', resolve))
  for await (const chunk of source) {
    await Promise.race([new Promise<void>((done) => encoder.write(chunk, false, done)), gone])
    if (response.destroyed) return
  }
  encoder.end()
  await gone
}

function acceptedBy(request: IncomingMessage): string | undefined {
  const value = request.headers['accept-encoding']
  return Array.isArray(value) ? value.join(',') : value
}

/** RFC 9110, 13.1: `If-None-Match` decides where it is there, else the date. Tags compare weakly. */
function isUnchanged(request: IncomingMessage, tag: string, modified: Date): boolean {
  const tags = request.headers['if-none-match']
  if (tags !== undefined)
    return tags.trim() === '*' || tags.split(',').some((one) => one.trim().replace(/^W\//, '') === tag)
  const since = Date.parse(request.headers['if-modified-since'] ?? '')
  return !Number.isNaN(since) && Math.floor(modified.getTime() / 1000) * 1000 <= since
}

/** One range of bytes; `none` when it lies outside. Undefined for everything else: then the whole file is the answer. */
function wantedRange(
  request: IncomingMessage,
  tag: string,
  modified: Date,
  size: number,
): { readonly from: number; readonly until: number } | 'none' | undefined {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/i.exec(request.headers.range?.trim() ?? '')
  if (!match || (match[1] === '' && match[2] === '')) return undefined
  const condition = request.headers['if-range']
  if (typeof condition === 'string' && condition !== tag) {
    const date = Date.parse(condition)
    if (condition.startsWith('"') || condition.startsWith('W/') || Number.isNaN(date)) return undefined
    if (Math.floor(modified.getTime() / 1000) * 1000 !== date) return undefined
  }
  const [first, last] = [match[1] ?? '', match[2] ?? '']
  if (first === '') {
    const length = Number(last)
    return length === 0 || size === 0 ? 'none' : { from: Math.max(0, size - length), until: size }
  }
  const from = Number(first)
  if (last !== '' && Number(last) < from) return undefined
  if (from >= size) return 'none'
  return { from, until: last === '' ? size : Math.min(size, Number(last) + 1) }
}

const wrongMethod = (method: string): Problem =>
  fail('static.method', `Files are read with GET and HEAD, not with ${method}`).problem

const badPath = (path: string): Problem =>
  fail('static.bad-path', `${path} is no path to a file`, {
    hint: 'A path has no . or .. in it, and its percent-encoding is UTF-8',
  }).problem

const notFound = (path: string): Problem =>
  fail('static.not-found', `There is no file ${path}`, {
    hint: 'Hidden files, and links that lead out of the folder, are not served',
  }).problem
