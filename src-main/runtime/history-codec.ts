/**
 * Records and lines as bytes: numbers first, then the length of each text, then the texts. Written once for each, read
 * when somebody asks.
 */
import type { Denial, LogLine, RequestRecord } from '../../src-preload/contract.ts'

const states = ['active', 'done', 'failed'] as const
/** In the place of a number that is not there. */
const none = 0xffffffff
/** time, duration, request and response bytes; state, status, and how many headers of each side and spans. */
const fixed = 4 * 8 + 5 * 4
const spanSize = 2 * 8 + 4
const spanTexts = 3
/** id, handler, method, target, ids of the trace, and the rest as JSON. */
const ownTexts = 8

type Span = RequestRecord['spans'][number]

/** A finished record on its way to bytes. */
export class PackedRecord {
  readonly #record: RequestRecord
  readonly #texts: string[]
  readonly #text: string

  constructor(record: RequestRecord) {
    const { problem, found, trace, requestHeaders = [], responseHeaders = [], spans } = record
    const rest = problem || found ? JSON.stringify({ problem, found }) : ''
    const { id, handler, method, target } = record
    const texts = [id, handler, method, target, trace?.id ?? '', trace?.span ?? '', trace?.parent ?? '', rest]
    for (const part of requestHeaders) texts.push(part)
    for (const part of responseHeaders) texts.push(part)
    for (const { name, detail = '', id: span = '' } of spans) texts.push(name, detail, span)
    let text = ''
    for (const part of texts) text += part
    this.#record = record
    this.#texts = texts
    this.#text = text
  }

  /** Bytes that are enough for it. */
  get room(): number {
    return fixed + this.#record.spans.length * spanSize + this.#texts.length * 4 + this.#text.length * 3
  }

  /** Writes it from the given place on; answers where it ends. */
  write(bytes: Buffer, start: number): number {
    const { time, duration, requestBytes, responseBytes, state, status, requestHeaders, responseHeaders, spans } =
      this.#record
    let at = bytes.writeDoubleLE(time, start)
    at = bytes.writeDoubleLE(duration ?? Number.NaN, at)
    at = bytes.writeDoubleLE(requestBytes, at)
    at = bytes.writeDoubleLE(responseBytes, at)
    at = bytes.writeUInt32LE(states.indexOf(state), at)
    at = bytes.writeUInt32LE(status ?? none, at)
    at = bytes.writeUInt32LE(requestHeaders?.length ?? none, at)
    at = bytes.writeUInt32LE(responseHeaders?.length ?? none, at)
    at = bytes.writeUInt32LE(spans.length, at)
    for (const span of spans) {
      at = bytes.writeDoubleLE(span.start, at)
      at = bytes.writeDoubleLE(span.duration, at)
      at = bytes.writeUInt32LE(span.parent ?? none, at)
    }
    for (const { length } of this.#texts) at = bytes.writeUInt32LE(length, at)
    return at + bytes.write(this.#text, at)
  }
}

/** Reads what {@link PackedRecord.write} wrote. */
export function unpackRecord(bytes: Buffer): RequestRecord {
  const number = (at: number): number | undefined => {
    const value = bytes.readUInt32LE(at)
    return value === none ? undefined : value
  }
  const duration = bytes.readDoubleLE(8)
  const status = number(36)
  const [requestCount, responseCount] = [number(40), number(44)]
  const spanCount = bytes.readUInt32LE(48)
  const lengthsAt = fixed + spanCount * spanSize
  const texts = textsOf(bytes, lengthsAt, ownTexts + (requestCount ?? 0) + (responseCount ?? 0) + spanCount * spanTexts)
  const [id = '', handler = '', method = '', target = '', trace = '', span = '', parent = '', rest = ''] = texts
  const responseAt = ownTexts + (requestCount ?? 0)
  const spansAt = responseAt + (responseCount ?? 0)
  return {
    id,
    handler,
    method,
    target,
    time: bytes.readDoubleLE(0),
    state: states[bytes.readUInt32LE(32)] ?? 'done',
    ...(status === undefined ? {} : { status }),
    ...(Number.isNaN(duration) ? {} : { duration }),
    requestBytes: bytes.readDoubleLE(16),
    responseBytes: bytes.readDoubleLE(24),
    ...(rest === '' ? {} : (JSON.parse(rest) as Pick<RequestRecord, 'problem' | 'found'>)),
    ...(trace === '' ? {} : { trace: { id: trace, span, ...(parent === '' ? {} : { parent }) } }),
    ...(requestCount === undefined ? {} : { requestHeaders: texts.slice(ownTexts, responseAt) }),
    ...(responseCount === undefined ? {} : { responseHeaders: texts.slice(responseAt, spansAt) }),
    spans: Array.from({ length: spanCount }, (_, index): Span => {
      const [name = '', detail = '', own = ''] = texts.slice(spansAt + index * spanTexts)
      const at = fixed + index * spanSize
      const inside = number(at + 16)
      return {
        name,
        start: bytes.readDoubleLE(at),
        duration: bytes.readDoubleLE(at + 8),
        ...(detail === '' ? {} : { detail }),
        ...(inside === undefined ? {} : { parent: inside }),
        ...(own === '' ? {} : { id: own }),
      }
    }),
  }
}

function textsOf(bytes: Buffer, lengthsAt: number, count: number): string[] {
  const text = bytes.toString('utf8', lengthsAt + count * 4)
  const texts: string[] = []
  for (let index = 0, at = 0; index < count; index++) {
    const length = bytes.readUInt32LE(lengthsAt + index * 4)
    texts.push(text.slice(at, at + length))
    at += length
  }
  return texts
}

const sources = ['stdout', 'stderr', 'host', 'trap'] as const satisfies readonly LogLine['source'][]
/** sequence and time; source, and lengths of handler, request and denial. */
const lineFixed = 2 * 8 + 4 * 4

const denialText = ({ denied }: LogLine): string => (denied ? JSON.stringify(denied) : '')

/** Bytes that are enough for the line. */
export function roomOfLine(line: LogLine): number {
  const { handler, request = '', text } = line
  return lineFixed + (handler.length + request.length + denialText(line).length + text.length) * 3
}

/** Writes the line from the given place on; answers where it ends. */
export function packLine(line: LogLine, bytes: Buffer, start: number): number {
  const { sequence, time, handler, request, source, text } = line
  const denied = denialText(line)
  let at = bytes.writeDoubleLE(sequence, start)
  at = bytes.writeDoubleLE(time, at)
  at = bytes.writeUInt32LE(sources.indexOf(source), at)
  at = bytes.writeUInt32LE(handler.length, at)
  at = bytes.writeUInt32LE(request?.length ?? none, at)
  at = bytes.writeUInt32LE(denied.length, at)
  return at + bytes.write(handler + (request ?? '') + denied + text, at)
}

/** Reads what {@link packLine} wrote. */
export function unpackLine(bytes: Buffer): LogLine {
  const all = bytes.toString('utf8', lineFixed)
  const handler = bytes.readUInt32LE(20)
  const request = bytes.readUInt32LE(24)
  const denied = bytes.readUInt32LE(28)
  const deniedAt = handler + (request === none ? 0 : request)
  const textAt = deniedAt + denied
  return {
    sequence: bytes.readDoubleLE(0),
    time: bytes.readDoubleLE(8),
    handler: all.slice(0, handler),
    ...(request === none ? {} : { request: all.slice(handler, deniedAt) }),
    source: sources[bytes.readUInt32LE(16)] ?? 'host',
    text: all.slice(textAt),
    ...(denied === 0 ? {} : { denied: JSON.parse(all.slice(deniedAt, textAt)) as Denial }),
  }
}
