import { StringDecoder } from 'node:string_decoder'
import type { LogLine, RequestRecord } from '../../src-preload/contract.ts'

export interface RecordListeners {
  /** Records that began or changed; batched. */
  readonly onRecords?: (records: RequestRecord[]) => void
  readonly onLines?: (lines: LogLine[]) => void
}

const recordLimit = 2000
const lineLimit = 10_000
/** Characters of records that are kept, and of lines: neither long headers nor a talkative guest fill the memory. */
const textLimit = 32 * 1024 * 1024
/** A longer line is cut into several: one row of the console each. */
const lineLength = 8192
const lineFeed = 0x0a
/** Milliseconds in which news are gathered before they are told. */
const batch = 40

/** Emptied when it is no longer wanted. */
interface Kept {
  record: RequestRecord | string | undefined
}

interface Partial {
  readonly decoder: StringDecoder
  text: string
}

/** What happened lately, bounded, and told to whoever listens. */
export class RecordStore {
  readonly #listeners: RecordListeners
  /**
   * Records that are over are kept as text: thousands of small objects that live for seconds are what a
   * generational collector does worst, and one string is nothing to it.
   */
  readonly #records = new Map<string, Kept>()
  /** Characters of those that are text. */
  #recordText = 0
  /** Not told yet, some of them in several states. */
  #news: RequestRecord[] = []
  readonly #partials = new Map<string, Partial>()
  /** Lines that were told, oldest first: JSON, for the same reason. */
  #lines: { readonly count: number; readonly text: string }[] = []
  #lineCount = 0
  #lineText = 0
  #newLines: LogLine[] = []
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

  has(id: string): boolean {
    return this.#records.has(id)
  }

  /** Adds the record, or replaces the one of the same id. */
  put(given: RequestRecord): void {
    const record = this.#mask ? maskRecord(given, this.#mask) : given
    const known = this.#records.get(record.id)
    if (typeof known?.record === 'string') this.#recordText -= known.record.length
    // Written down at once, not all together when they are told: nobody should have to wait for that.
    const kept = record.state === 'active' ? record : JSON.stringify(record)
    if (typeof kept === 'string') this.#recordText += kept.length
    if (known) known.record = kept
    else this.#records.set(record.id, { record: kept })
    this.#news.push(record)
    // Cut in steps: looking for the oldest has its price.
    if (this.#records.size > recordLimit * 1.1 || this.#recordText > textLimit) this.#cut()
    this.#schedule()
  }

  #cut(): void {
    for (const [id, kept] of this.#records) {
      const oldest = kept.record
      const fits = this.#records.size <= recordLimit && this.#recordText <= textLimit
      if (fits || isActive(oldest)) break
      if (typeof oldest === 'string') this.#recordText -= oldest.length
      // A table that the map moved out of may hold on to this for long.
      kept.record = undefined
      this.#records.delete(id)
    }
  }

  /** Output of a guest as it comes: bytes become lines, each told when it is complete. */
  output(handler: string, request: string | undefined, source: 'stdout' | 'stderr', bytes: Uint8Array): void {
    const key = `${handler}\n${request ?? ''}\n${source}`
    let partial = this.#partials.get(key)
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
      const key = `${handler}\n${request ?? ''}\n${source}`
      const partial = this.#partials.get(key)
      if (!partial) continue
      this.#partials.delete(key)
      const rest = partial.text + partial.decoder.end()
      if (rest !== '') this.line(handler, request, source, rest)
    }
  }

  line(handler: string, request: string | undefined, source: LogLine['source'], given: string): void {
    const text = this.#mask ? this.#mask(given) : given
    for (let at = 0; at === 0 || at < text.length; at += lineLength) {
      const line: LogLine = {
        sequence: this.#sequence++,
        time: Date.now(),
        handler,
        ...(request === undefined ? {} : { request }),
        source,
        text: text.slice(at, at + lineLength),
      }
      this.#newLines.push(line)
    }
    // Cut in large steps, so that a flood does not move the whole list for every line.
    if (this.#newLines.length > lineLimit * 1.2) this.#newLines = this.#newLines.slice(-lineLimit)
    this.#schedule()
  }

  history(): { records: RequestRecord[]; lines: LogLine[] } {
    this.#cut()
    const told = this.#lines.flatMap(({ text }) => JSON.parse(text) as LogLine[])
    return {
      records: [...this.#records.values()].flatMap(({ record }) => (record === undefined ? [] : [unpacked(record)])),
      lines: [...told, ...this.#newLines].slice(-lineLimit),
    }
  }

  /** Tells what was gathered, now. */
  tell(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const latest = new Map(this.#news.map((record) => [record.id, record]))
    const records = [...latest.values()]
    this.#news = []
    const lines = this.#newLines.slice(-lineLimit)
    this.#newLines = []
    this.#keep(lines)
    if (records.length > 0) this.#listeners.onRecords?.(records)
    if (lines.length > 0) this.#listeners.onLines?.(lines)
  }

  #keep(lines: readonly LogLine[]): void {
    if (lines.length === 0) return
    const news = JSON.stringify(lines)
    this.#lines.push({ count: lines.length, text: news })
    this.#lineCount += lines.length
    this.#lineText += news.length
    let surplus = 0
    for (const { count, text } of this.#lines) {
      // The newest are told in any case, however long.
      if (surplus === this.#lines.length - 1) break
      if (this.#lineCount - count < lineLimit && this.#lineText <= textLimit) break
      this.#lineCount -= count
      this.#lineText -= text.length
      surplus++
    }
    if (surplus > 0) this.#lines.splice(0, surplus)
  }

  #schedule(): void {
    this.#timer ??= setTimeout(() => this.tell(), batch)
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

const isActive = (kept: Kept['record']): boolean => typeof kept === 'object' && kept.state === 'active'

const unpacked = (kept: RequestRecord | string): RequestRecord =>
  typeof kept === 'string' ? (JSON.parse(kept) as RequestRecord) : kept
