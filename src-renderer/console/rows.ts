import type { LogLine, Problem, RequestRecord } from '../../src-preload/contract.ts'

/** One row of the console: a request, or something that belongs to one, or a line of no request. */
export type ConsoleRow =
  | {
      readonly kind: 'request'
      readonly key: string
      readonly record: RequestRecord
      readonly lines: number
      readonly open: boolean
    }
  | { readonly kind: 'line'; readonly key: string; readonly line: LogLine; readonly beneath: boolean }
  | { readonly kind: 'problem'; readonly key: string; readonly problem: Problem; readonly record: RequestRecord }
  | { readonly kind: 'spans'; readonly key: string; readonly record: RequestRecord }

export type LineSource = LogLine['source']
export const lineSources: readonly LineSource[] = ['stdout', 'stderr', 'trap', 'host']

export interface ConsoleFilter {
  /** Words that must all occur, in any case, in the request's line or in one of its log lines. */
  readonly text: string
  readonly sources: ReadonlySet<LineSource>
  /** Undefined = all handlers. */
  readonly handler: string | undefined
  /** Only requests that failed, were answered with 4xx or 5xx, or trapped after their answer; and lines on stderr and of traps. */
  readonly failures: boolean
}

export const everything: ConsoleFilter = {
  text: '',
  sources: new Set(lineSources),
  handler: undefined,
  failures: false,
}

/** What rows are in order of. All but `time` list requests alone: lines of no request have nothing to compare. */
export const orders = ['time', 'target', 'bytes', 'duration', 'status'] as const
export interface ConsoleOrder {
  readonly by: (typeof orders)[number]
  readonly descending: boolean
}

export const byTime: ConsoleOrder = { by: 'time', descending: false }

/** Did this request end badly, whatever status was sent? */
export function hasFailed(record: RequestRecord): boolean {
  return record.state === 'failed' || record.problem !== undefined || (record.status ?? 0) >= 400
}

function wordsOf(text: string): string[] {
  return text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')
}

function holds(text: string, words: readonly string[]): boolean {
  const lower = text.toLowerCase()
  return words.every((word) => lower.includes(word))
}

function textOfRecord(record: RequestRecord): string {
  const { problem } = record
  return `${record.method} ${record.target} ${record.status ?? ''} ${record.handler} ${record.id}${problem ? ` ${problem.code} ${problem.message} ${problem.hint ?? ''}` : ''}`
}

/** Everything in order, by time at first: a request stands where it began, with its lines right beneath it. */
export function consoleRows(
  records: readonly RequestRecord[],
  lines: readonly LogLine[],
  filter: ConsoleFilter,
  open: ReadonlySet<string>,
  order: ConsoleOrder = byTime,
): ConsoleRow[] {
  const words = wordsOf(filter.text)
  const known = new Set(records.map((record) => record.id))
  const byRequest = new Map<string, LogLine[]>()
  const free: LogLine[] = []
  for (const line of lines) {
    if (!filter.sources.has(line.source)) continue
    if (filter.handler !== undefined && line.handler !== filter.handler) continue
    if (line.request === undefined || !known.has(line.request)) free.push(line)
    else {
      const own = byRequest.get(line.request)
      if (own) own.push(line)
      else byRequest.set(line.request, [line])
    }
  }
  const groups: Group[] = []
  for (const [place, record] of records.entries()) {
    const rows = requestRows(record, byRequest.get(record.id) ?? [], filter, words, open.has(record.id))
    if (rows.length > 0) groups.push({ time: record.time, place, rows, record })
  }
  for (const line of order.by === 'time' ? free : []) {
    const bad = line.source === 'trap' || line.source === 'stderr'
    if ((filter.failures && !bad) || !holds(`${line.text} ${line.handler}`, words)) continue
    groups.push({
      time: line.time,
      place: line.sequence,
      rows: [{ kind: 'line', key: `line-${line.sequence}`, line, beneath: false }],
    })
  }
  const sign = order.descending ? -1 : 1
  groups.sort(
    (left, right) =>
      sign * (compared(order.by, left.record, right.record) || left.time - right.time || left.place - right.place),
  )
  return groups.flatMap((group) => group.rows)
}

/** A request with what is beneath it, or a line of no request. */
interface Group {
  readonly time: number
  readonly place: number
  readonly rows: readonly ConsoleRow[]
  readonly record?: RequestRecord
}

/** Below 0 when `left` comes first; what has not ended yet is after all that has. */
function compared(by: ConsoleOrder['by'], left: RequestRecord | undefined, right: RequestRecord | undefined): number {
  if (by === 'time' || !left || !right) return 0
  if (by === 'target') return left.target === right.target ? 0 : left.target < right.target ? -1 : 1
  if (by === 'bytes') return left.responseBytes - right.responseBytes
  const [before, after] = [left[by], right[by]]
  return before === after ? 0 : (before ?? Number.MAX_VALUE) - (after ?? Number.MAX_VALUE)
}

function requestRows(
  record: RequestRecord,
  all: readonly LogLine[],
  filter: ConsoleFilter,
  words: readonly string[],
  open: boolean,
): ConsoleRow[] {
  if (filter.handler !== undefined && record.handler !== filter.handler) return []
  // The problem has a row of its own; as a line too it would be said twice.
  const own = all.filter(({ source, text }) => source !== 'host' || text.trimEnd() !== record.problem?.message)
  if (filter.failures && !hasFailed(record) && !own.some((line) => line.source === 'trap')) return []
  const itself = holds(textOfRecord(record), words)
  const matching = itself ? own : own.filter((line) => holds(`${textOfRecord(record)} ${line.text}`, words))
  if (!itself && matching.length === 0) return []
  const rows: ConsoleRow[] = [{ kind: 'request', key: `request-${record.id}`, record, lines: own.length, open }]
  if (record.problem) rows.push({ kind: 'problem', key: `problem-${record.id}`, problem: record.problem, record })
  if (open && record.spans.length > 0) rows.push({ kind: 'spans', key: `spans-${record.id}`, record })
  for (const line of matching.toSorted((left, right) => left.sequence - right.sequence)) {
    rows.push({ kind: 'line', key: `line-${line.sequence}`, line, beneath: true })
  }
  return rows
}

/** One bar of the waterfall, as shares (0…1) of the whole. */
export interface SpanBar {
  readonly name: string
  readonly detail?: string
  readonly start: number
  readonly width: number
  /** Milliseconds. */
  readonly from: number
  readonly duration: number
  readonly level: number
}

/** The spans of a request as bars, each beneath what it happened in, else in order of time. */
export function spanBars(record: RequestRecord): SpanBar[] {
  const end = Math.max(record.duration ?? 0, ...record.spans.map((span) => span.start + span.duration), 0.001)
  return orderedSpans(record.spans).map(({ span, level }) => ({
    name: span.name,
    ...(span.detail === undefined ? {} : { detail: span.detail }),
    start: Math.max(0, span.start / end),
    width: Math.min(1, Math.max(0, span.duration / end)),
    from: span.start,
    duration: span.duration,
    level,
  }))
}

type Span = RequestRecord['spans'][number]
interface PlacedSpan {
  readonly span: Span
  readonly level: number
}

/** By the parents that the runtime named; where it named none, by what encloses what in time. */
function orderedSpans(spans: readonly Span[]): PlacedSpan[] {
  const inTime = (left: Span, right: Span): number => left.start - right.start || right.duration - left.duration
  if (spans.every(({ parent }) => parent === undefined)) return nestedByTime(spans.toSorted(inTime))
  const placed: PlacedSpan[] = []
  const place = (parent: number | undefined, level: number): void => {
    const children = spans.filter((span, at) => span.parent === parent && at !== parent)
    for (const span of children.toSorted(inTime)) {
      placed.push({ span, level })
      if (level < 8) place(spans.indexOf(span), level + 1)
    }
  }
  place(undefined, 0)
  return placed
}

function nestedByTime(sorted: readonly Span[]): PlacedSpan[] {
  const enclosing: { readonly until: number }[] = []
  return sorted.map((span) => {
    const until = span.start + span.duration
    // A hair of tolerance: both ends are rounded.
    while (enclosing.length > 0 && (enclosing.at(-1)?.until ?? 0) < until - 0.0005) enclosing.pop()
    while (enclosing.length > 0 && (enclosing.at(-1)?.until ?? 0) <= span.start) enclosing.pop()
    const level = enclosing.length
    enclosing.push({ until })
    return { span, level }
  })
}
