/**
 * Layout of the frames that every request needs. Text is latin1, one byte for each character as on the wire, and its parts
 * are separated by line feeds: no part of an HTTP head may contain one.
 *
 * - request: `sent f64 · hasBody u8 · text`; the text is id, method, target, authority, then names and values in turn
 * - respond, inform: the text is the status, then names and values
 * - answer: `began f64 · instantiate f32 · guest f32 · waited f32 · memory pages u32 · text length u32 · notes length u32`,
 *   the text as in respond, notes, and the body
 * - notes, when there are any: `spans u16 · calls u16`, for each span `start f64 · duration f64 · lengths of name, detail
 *   and id, u32 each`, for each call `count u32 · length of its name u32`, and the texts
 */
import { kinds, type FrameWriter, type Outcome } from './frames.ts'
import type { HeaderPair } from './wasi/fields.ts'
import type { HostSpan } from './wasi/session.ts'

export interface RequestHead {
  readonly id: string
  readonly method: string
  /** Path and query as the client sent them. */
  readonly target: string
  readonly scheme: 'HTTP' | 'HTTPS'
  readonly authority: string
  readonly headers: readonly HeaderPair[]
  /** False when no body will come: saves a frame. */
  readonly body: boolean
  /** When it was sent, milliseconds since the epoch. */
  readonly sent: number
}

export interface ResponseHead {
  readonly status: number
  readonly headers: readonly HeaderPair[]
}

/** What only some requests have to tell. */
interface Notes {
  readonly spans: readonly HostSpan[]
  readonly calls: Readonly<Record<string, number>>
}

export interface Answer {
  readonly head: ResponseHead
  readonly body: Buffer
  readonly outcome: Outcome
}

const pageSize = 65536
const requestFixed = 9
const answerFixed = 32

/** A line feed inside a part would move all parts after it. An old way to fold long headers has one; it means a space. */
const plain = (part: string): string => (part.includes('\n') ? part.replaceAll(/\r?\n/g, ' ') : part)

export function writeRequest(
  writer: FrameWriter,
  stream: number,
  head: Omit<RequestHead, 'headers' | 'scheme'> & { readonly rawHeaders: readonly string[] },
): void {
  let text = `${head.id}\n${head.method}\n${plain(head.target)}\n${plain(head.authority)}`
  for (const part of head.rawHeaders) text += `\n${plain(part)}`
  writer.write(kinds.request, stream, requestFixed + text.length, (buffer, at) => {
    buffer.writeDoubleLE(head.sent, at)
    buffer[at + 8] = head.body ? 1 : 0
    buffer.write(text, at + requestFixed, 'latin1')
  })
}

/** A request as the worker gets it: most guests do not look at the headers, so they are taken apart late. */
export class ReceivedRequest implements RequestHead {
  readonly id: string
  readonly method: string
  readonly target: string
  readonly scheme = 'HTTP' as const
  readonly authority: string
  readonly body: boolean
  readonly sent: number
  readonly #payload: Buffer
  #headers: HeaderPair[] | undefined

  constructor(payload: Buffer) {
    this.sent = payload.readDoubleLE(0)
    this.body = payload[8] === 1
    const [id = '', method = '', target = '', authority = ''] = payload.toString('latin1', requestFixed).split('\n', 4)
    this.id = id
    this.method = method
    this.target = target
    this.authority = authority
    this.#payload = payload
  }

  get headers(): readonly HeaderPair[] {
    if (this.#headers) return this.#headers
    const text = this.#payload.toString('latin1', requestFixed)
    // Behind id, method, target and authority.
    const own = this.id.length + this.method.length + this.target.length + this.authority.length + 3
    return (this.#headers = pairsFrom(text, text.indexOf('\n', own)))
  }
}

/** Names and values in turn, behind the line feed at the given place; none when that is below zero. */
function pairsFrom(text: string, start: number): HeaderPair[] {
  const pairs: HeaderPair[] = []
  let at = start
  while (at >= 0) {
    const nameEnd = text.indexOf('\n', at + 1)
    if (nameEnd < 0) break
    const valueEnd = text.indexOf('\n', nameEnd + 1)
    pairs.push([text.slice(at + 1, nameEnd), text.slice(nameEnd + 1, valueEnd < 0 ? text.length : valueEnd)])
    at = valueEnd
  }
  return pairs
}

function responseText(status: number, headers: readonly HeaderPair[]): string {
  let text = String(status)
  for (const [name, value] of headers) text += `\n${name}\n${plain(value)}`
  return text
}

export function writeResponse(
  writer: FrameWriter,
  kind: typeof kinds.respond | typeof kinds.inform,
  stream: number,
  status: number,
  headers: readonly HeaderPair[],
): void {
  const text = responseText(status, headers)
  writer.write(kind, stream, text.length, (buffer, at) => void buffer.write(text, at, 'latin1'))
}

export function readResponse(payload: Buffer): ResponseHead {
  return headOf(payload, 0, payload.length)
}

function headOf(payload: Buffer, start: number, end: number): ResponseHead {
  const text = payload.toString('latin1', start, end)
  return { status: Number.parseInt(text, 10), headers: pairsFrom(text, text.indexOf('\n')) }
}

export function writeAnswer(
  writer: FrameWriter,
  stream: number,
  status: number,
  headers: readonly HeaderPair[],
  chunks: readonly Uint8Array[],
  outcome: Outcome,
): void {
  const text = responseText(status, headers)
  const notes = notesOf(outcome)
  const notesLength = notes?.length ?? 0
  let length = answerFixed + text.length + notesLength
  for (const chunk of chunks) length += chunk.length
  writer.write(kinds.answer, stream, length, (buffer, at) => {
    buffer.writeDoubleLE(outcome.began, at)
    buffer.writeFloatLE(outcome.instantiate, at + 8)
    buffer.writeFloatLE(outcome.guest, at + 12)
    buffer.writeFloatLE(outcome.waited, at + 16)
    buffer.writeUInt32LE(Math.ceil(outcome.memory / pageSize), at + 20)
    buffer.writeUInt32LE(text.length, at + 24)
    buffer.writeUInt32LE(notesLength, at + 28)
    let to = at + answerFixed
    to += buffer.write(text, to, 'latin1')
    if (notes) to += notes.copy(buffer, to)
    for (const chunk of chunks) {
      buffer.set(chunk, to)
      to += chunk.length
    }
  })
}

const nothing: Notes = { spans: [], calls: {} }
const notesFixed = 4
const spanFixed = 28
const callFixed = 8

function notesOf({ spans, calls }: Notes): Buffer | undefined {
  const names = Object.keys(calls)
  if (spans.length === 0 && names.length === 0) return undefined
  let text = ''
  for (const { name, detail = '', id = '' } of spans) text += name + detail + id
  for (const name of names) text += name
  const textAt = notesFixed + spans.length * spanFixed + names.length * callFixed
  const notes = Buffer.allocUnsafe(textAt + text.length * 3)
  notes.writeUInt16LE(spans.length, 0)
  let at = notes.writeUInt16LE(names.length, 2)
  for (const { name, start, duration, detail = '', id = '' } of spans) {
    at = notes.writeDoubleLE(start, at)
    at = notes.writeDoubleLE(duration, at)
    at = notes.writeUInt32LE(name.length, at)
    at = notes.writeUInt32LE(detail.length, at)
    at = notes.writeUInt32LE(id.length, at)
  }
  for (const name of names) {
    at = notes.writeUInt32LE(calls[name] ?? 0, at)
    at = notes.writeUInt32LE(name.length, at)
  }
  return notes.subarray(0, at + notes.write(text, at))
}

function readNotes(payload: Buffer, start: number, end: number): Notes {
  const spanCount = payload.readUInt16LE(start)
  const callCount = payload.readUInt16LE(start + 2)
  let at = start + notesFixed
  const text = payload.toString('utf8', at + spanCount * spanFixed + callCount * callFixed, end)
  let from = 0
  const take = (length: number): string => text.slice(from, (from += length))
  const spans: HostSpan[] = []
  for (let index = 0; index < spanCount; index++, at += spanFixed) {
    const name = take(payload.readUInt32LE(at + 16))
    const detail = take(payload.readUInt32LE(at + 20))
    const id = take(payload.readUInt32LE(at + 24))
    spans.push({
      name,
      start: payload.readDoubleLE(at),
      duration: payload.readDoubleLE(at + 8),
      ...(detail === '' ? {} : { detail }),
      ...(id === '' ? {} : { id }),
    })
  }
  const calls: Record<string, number> = {}
  for (let index = 0; index < callCount; index++, at += callFixed)
    calls[take(payload.readUInt32LE(at + 4))] = payload.readUInt32LE(at)
  return { spans, calls }
}

export function readAnswer(payload: Buffer): Answer {
  const textEnd = answerFixed + payload.readUInt32LE(24)
  const notesEnd = textEnd + payload.readUInt32LE(28)
  const notes = notesEnd > textEnd ? readNotes(payload, textEnd, notesEnd) : nothing
  return {
    head: headOf(payload, answerFixed, textEnd),
    body: payload.subarray(notesEnd),
    outcome: {
      began: payload.readDoubleLE(0),
      instantiate: payload.readFloatLE(8),
      guest: payload.readFloatLE(12),
      waited: payload.readFloatLE(16),
      memory: payload.readUInt32LE(20) * pageSize,
      spans: notes.spans,
      calls: notes.calls,
    },
  }
}

/** Bytes of the body, where the head tells them. */
export function promisedLength({ headers }: ResponseHead): number | undefined {
  const told = headers.find(([name]) => name.toLowerCase() === 'content-length')?.[1]
  return told === undefined ? undefined : Number(told)
}
