/** W3C Trace Context (level 1): a request goes on in the trace it came with, or begins one. */

export interface Trace {
  /** 32 hex digits. */
  readonly id: string
  /** 16 hex digits: this request's own span. */
  readonly span: string
  /** The caller's span; absent where the trace begins here. */
  readonly parent?: string
  /** Two hex digits; the lowest bit says that somebody records it. */
  readonly flags: string
  readonly state?: string
}

let pool = ''
let used = 0

/** Random hex digits, never all zero. Random bytes are fetched many at a time: each fetch has its price. */
function randomHex(length: number): string {
  if (used + length > pool.length) {
    pool = process.getBuiltinModule('node:crypto').randomBytes(4096).toString('hex')
    used = 0
  }
  used += length
  const text = pool.slice(used - length, used)
  return text.startsWith('0') && /^0+$/.test(text) ? randomHex(length) : text
}

export const newSpan = (): string => randomHex(16)

const shape = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/

/** Reads `traceparent`. Undefined unless it is exactly as section 3.2 says; a later version is read as far as we know it. */
export function parseTraceparent(
  text: string | undefined,
): { readonly id: string; readonly parent: string; readonly flags: string } | undefined {
  const match = text === undefined ? undefined : shape.exec(text)
  const [, version, id, parent, flags, rest] = match ?? []
  if (version === undefined || id === undefined || parent === undefined || flags === undefined) return undefined
  if (version === 'ff' || (version === '00' && rest !== undefined)) return undefined
  if (/^0+$/.test(id) || /^0+$/.test(parent)) return undefined
  // Bits that version 00 does not define are not passed on.
  return { id, parent, flags: (Number.parseInt(flags, 16) & 1) === 1 ? '01' : '00' }
}

const member =
  /^(?:[a-z][a-z0-9_\-*/]{0,255}|[a-z0-9][a-z0-9_\-*/]{0,240}@[a-z][a-z0-9_\-*/]{0,13})=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/

/** Reads `tracestate` (section 3.3); undefined when it is malformed, too long or names a vendor twice. */
export function parseTracestate(text: string | undefined): string | undefined {
  if (text === undefined || text.length > 4096) return undefined
  const members = text
    .split(',')
    .map((part) => part.replace(/^[ \t]+|[ \t]+$/g, ''))
    .filter((part) => part !== '')
  const keys = new Set(members.map((part) => part.slice(0, part.indexOf('='))))
  if (members.length === 0 || members.length > 32 || keys.size < members.length) return undefined
  return members.every((part) => member.test(part)) ? members.join(',') : undefined
}

/** The trace of a request with these headers, names in lower case. */
export function traceOf(headers: Readonly<Record<string, string | readonly string[] | undefined>>): Trace {
  const { traceparent, tracestate } = headers
  if (traceparent === undefined) return { id: randomHex(32), span: randomHex(16), flags: '01' }
  const found = parseTraceparent(typeof traceparent === 'string' ? traceparent : undefined)
  if (!found) return { id: randomHex(32), span: randomHex(16), flags: '01' }
  const state = parseTracestate(typeof tracestate === 'string' ? tracestate : tracestate?.join(','))
  return { ...found, span: randomHex(16), ...(state === undefined ? {} : { state }) }
}

export const traceparentOf = ({ id, span, flags }: Pick<Trace, 'id' | 'span' | 'flags'>): string =>
  `00-${id}-${span}-${flags}`

/** A raw header list (name, value, name, …) in which the trace goes on from this request's span. */
export function continueTrace(raw: readonly string[], trace: Trace): readonly string[] {
  const headers: string[] = []
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const [name = '', value = ''] = [raw[at], raw[at + 1]]
    if (!isTraceHeader(name)) headers.push(name, value)
  }
  headers.push('traceparent', traceparentOf(trace))
  if (trace.state !== undefined) headers.push('tracestate', trace.state)
  return headers
}

function isTraceHeader(name: string): boolean {
  return (name.length === 11 || name.length === 10) && /^trace(parent|state)$/i.test(name)
}

/** The `traceparent` for a call made while working on a request that came with `incoming`: same trace, new span. */
export function childOf(incoming: string): { readonly traceparent: string; readonly span: string } | undefined {
  const found = parseTraceparent(incoming)
  if (!found) return undefined
  const span = newSpan()
  return { traceparent: traceparentOf({ id: found.id, span, flags: found.flags }), span }
}
