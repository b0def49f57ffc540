import { StringDecoder } from 'node:string_decoder'
import type { Denial, LogLine, RequestRecord } from '../../src-preload/contract.ts'
import { Bag } from './bag.ts'
import { EntryLog } from './entry-log.ts'
import { packLine, PackedRecord, roomOfLine, unpackLine, unpackRecord } from './history-codec.ts'

export interface RecordListeners {
  /** Records that began or changed; batched. */
  readonly onRecords?: ((records: RequestRecord[]) => void) | undefined
  readonly onLines?: ((lines: LogLine[]) => void) | undefined
  /** A record that is over, at once. */
  readonly onFinished?: ((record: RequestRecord) => void) | undefined
  /** A line, at once. */
  readonly onLine?: ((line: LogLine) => void) | undefined
}

const recordLimit = 2000
const lineLimit = 10_000
/** Bytes of records that are kept, and of lines: neither long headers nor a talkative guest fill the memory. */
const sizeLimit = 32 * 1024 * 1024
/** A longer line is cut into several: one row of the console each. */
const lineLength = 8192
const lineFeed = 0x0a
/** Milliseconds in which news are gathered before they are told. */
const batch = 40

/** A record that may still change. */
interface Open {
  readonly record: RequestRecord
  told: boolean
}

interface Partial {
  readonly decoder: StringDecoder
  text: string
}

/** What happened lately, bounded, and told to whoever listens. */
export class RecordStore {
  readonly #listeners: RecordListeners
  readonly #open = new Bag<Open>()
  readonly #records = new EntryLog(recordLimit, sizeLimit)
  readonly #lines = new EntryLog(lineLimit, sizeLimit)
  /** Numbers of the first that were not told yet. */
  #recordsTold = 0
  #linesTold = 0
  /** Ids that clients chose. */
  readonly #claimed = new Set<string>()
  readonly #partials = new Map<string, Partial>()
  readonly #secrets = new Set<string>()
  #mask: ((text: string) => string) | undefined
  #sequence = 0
  #timer: NodeJS.Timeout | undefined

  constructor(listeners: RecordListeners) {
    this.#listeners = listeners
  }

  /** From now on these texts appear as dots wherever they would be told. */
  hide(secrets: readonly string[]): void {
    for (const secret of secrets)
      for (const part of [secret, ...secret.split(/\r?\n/)]) if (part.length >= 4) this.#secrets.add(part)
    if (this.#secrets.size > 0) this.#mask = masker([...this.#secrets])
  }

  /** Takes an id that a client chose; false when another request has it. */
  claim(id: string): boolean {
    if (this.#claimed.has(id)) return false
    this.#claimed.add(id)
    const [oldest] = this.#claimed
    if (this.#claimed.size > recordLimit * 2 && oldest !== undefined) this.#claimed.delete(oldest)
    return true
  }

  /** A request began. */
  begin(record: RequestRecord): void {
    this.#open.add({ record, told: false })
    this.#schedule()
  }

  /** Its record changed, and may change again. */
  change(record: RequestRecord): void {
    const open = this.#openOf(record)
    if (open) open.told = false
    this.#schedule()
  }

  /** The request is over, and nothing changes any more; it may have begun before or at this moment. */
  finish(given: RequestRecord): void {
    const open = this.#openOf(given)
    if (open) this.#open.delete(open)
    const record = this.#masked(given)
    const packed = new PackedRecord(record)
    this.#records.append(packed.room, (bytes, at) => packed.write(bytes, at))
    this.#listeners.onFinished?.(record)
    this.#schedule()
  }

  #openOf(record: RequestRecord): Open | undefined {
    return this.#open.find((open) => open.record === record)
  }

  #masked(record: RequestRecord): RequestRecord {
    return this.#mask ? maskRecord(record, this.#mask) : record
  }

  /** Output of a guest as it comes: bytes become lines, each told when it is complete. */
  output(handler: string, request: string | undefined, source: 'stdout' | 'stderr', bytes: Uint8Array): void {
    const key = partialKey(handler, request, source)
    let partial = this.#partials.size === 0 ? undefined : this.#partials.get(key)
    if (!partial && bytes.length < lineLength && bytes.indexOf(lineFeed) === bytes.length - 1) {
      // Mostly it is one whole line: no line feed stands inside a character.
      const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength - 1).toString()
      return this.line(handler, request, source, text.endsWith('\r') ? text.slice(0, -1) : text)
    }
    if (!partial) this.#partials.set(key, (partial = { decoder: new StringDecoder('utf8'), text: '' }))
    partial.text += partial.decoder.write(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength))
    const parts = partial.text.split(/\r?\n/)
    partial.text = parts.pop() ?? ''
    for (const part of parts) this.line(handler, request, source, part)
    // What may be the beginning of a secret stays until the rest of it is there.
    const kept = this.#mask ? Math.max(0, ...[...this.#secrets].map(({ length }) => length)) : 0
    if (this.#mask && partial.text.length > lineLength + kept) partial.text = this.#mask(partial.text)
    while (partial.text.length > lineLength + kept) {
      this.line(handler, request, source, partial.text.slice(0, lineLength))
      partial.text = partial.text.slice(lineLength)
    }
  }

  /** The request is over: what it wrote without a line break is a line too. */
  flush(handler: string, request: string | undefined): void {
    if (this.#partials.size === 0) return
    for (const source of ['stdout', 'stderr'] as const) {
      const key = partialKey(handler, request, source)
      const partial = this.#partials.get(key)
      if (!partial) continue
      this.#partials.delete(key)
      const rest = partial.text + partial.decoder.end()
      if (rest !== '') this.line(handler, request, source, rest)
    }
  }

  line(
    handler: string,
    request: string | undefined,
    source: LogLine['source'],
    given: string,
    denied?: LogLine['denied'],
  ): void {
    const text = this.#mask ? this.#mask(given) : given
    const grant = denied && this.#withoutSecrets(denied)
    for (let at = 0; at === 0 || at < text.length; at += lineLength) {
      const line: LogLine = {
        sequence: this.#sequence++,
        time: Date.now(),
        handler,
        ...(request === undefined ? {} : { request }),
        source,
        text: text.slice(at, at + lineLength),
        ...(grant ? { denied: grant } : {}),
      }
      this.#lines.append(roomOfLine(line), (bytes, place) => packLine(line, bytes, place))
      this.#listeners.onLine?.(line)
    }
    this.#schedule()
  }

  /** A pattern with dots in it would grant nothing. */
  #withoutSecrets({ grant, pattern }: Denial): Denial {
    return pattern === undefined || (this.#mask && this.#mask(pattern) !== pattern) ? { grant } : { grant, pattern }
  }

  /** What is kept: records in the order they came, lines in the order they were said. */
  history(): { records: RequestRecord[]; lines: LogLine[] } {
    const finished = [...this.#records.from(this.#records.end - recordLimit)].map(unpackRecord)
    const open = [...this.#open].map(({ record }) => this.#masked(record))
    return {
      records: [...finished, ...open].toSorted((left, right) => left.time - right.time),
      lines: [...this.#lines.from(this.#lines.end - lineLimit)].map(unpackLine),
    }
  }

  /** Tells what was gathered, now. */
  tell(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const { onRecords, onLines } = this.#listeners
    if (onRecords) {
      const records = [...this.#records.from(this.#recordsTold)].map(unpackRecord)
      for (const open of this.#open) {
        if (!open.told) records.push(this.#masked(open.record))
        open.told = true
      }
      this.#recordsTold = this.#records.end
      if (records.length > 0) onRecords(records)
    }
    if (onLines) {
      const lines = [...this.#lines.from(this.#linesTold)].map(unpackLine)
      this.#linesTold = this.#lines.end
      if (lines.length > 0) onLines(lines)
    }
  }

  #schedule(): void {
    if (this.#listeners.onRecords || this.#listeners.onLines) this.#timer ??= setTimeout(() => this.tell(), batch)
  }
}

function masker(secrets: readonly string[]): (text: string) => string {
  // Longer ones first: one may begin with another.
  const sorted = secrets.toSorted((left, right) => right.length - left.length)
  return (text) => sorted.reduce((masked, secret) => masked.replaceAll(secret, '••••'), text)
}

function maskRecord(record: RequestRecord, mask: (text: string) => string): RequestRecord {
  const { problem, requestHeaders, responseHeaders } = record
  return {
    ...record,
    target: mask(record.target),
    ...(problem ? { problem: { ...problem, message: mask(problem.message) } } : {}),
    ...(requestHeaders ? { requestHeaders: requestHeaders.map(mask) } : {}),
    ...(responseHeaders ? { responseHeaders: responseHeaders.map(mask) } : {}),
    spans: record.spans.map((span) => (span.detail === undefined ? span : { ...span, detail: mask(span.detail) })),
  }
}

const partialKey = (handler: string, request: string | undefined, source: string): string =>
  `${handler}\n${request ?? ''}\n${source}`
