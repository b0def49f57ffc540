/** Which encoding an answer goes out in: what the client takes, and what is worth it (RFC 9110, section 12.5.3). */

export type Encoding = 'br' | 'gzip'

/** Fewer bytes than these gain nothing. */
export const worthEncoding = 1024

/** The best encoding that `Accept-Encoding` allows; undefined = as it is. */
export function chooseEncoding(accepted: string | undefined): Encoding | undefined {
  if (accepted === undefined || accepted === '') return undefined
  const weights = new Map<string, number>()
  for (const part of accepted.toLowerCase().split(',')) {
    const [name = '', ...parameters] = part.split(';').map((text) => text.trim())
    const weight = parameters.find((text) => text.startsWith('q='))?.slice(2)
    // A weight that cannot be read is a mistake; the safe reading is that the client does not want it.
    const value = weight === undefined ? 1 : /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(weight) ? Number(weight) : 0
    if (name !== '') weights.set(name === 'x-gzip' ? 'gzip' : name, value)
  }
  const weigh = (name: Encoding): number => weights.get(name) ?? weights.get('*') ?? 0
  const [br, gzip] = [weigh('br'), weigh('gzip')]
  const best: Encoding = br >= gzip ? 'br' : 'gzip'
  const asItIs = weights.get('identity') ?? 0
  return Math.max(br, gzip) > 0 && Math.max(br, gzip) >= asItIs ? best : undefined
}

const compressibleTypes =
  /^(?:text\/|application\/(?:json|javascript|ecmascript|xml|wasm|manifest\+json|x-ndjson|ndjson|jsonl|graphql|rtf|toml|yaml|x-yaml|sql|vnd\.ms-fontobject)$|font\/(?:ttf|otf|collection)$|image\/(?:bmp|svg\+xml|x-icon|vnd\.microsoft\.icon)$|[^/]+\/[^/]+\+(?:json|xml|text|yaml)$)/

export const isCompressible = (contentType: string): boolean =>
  compressibleTypes.test((contentType.split(';')[0] ?? '').trim().toLowerCase())

/** What of a response's head decides. Header names in any case. */
export interface AnswerHead {
  readonly status: number
  readonly headers: readonly (readonly [string, string])[]
  /** Bytes of the body where they are known. */
  readonly size: number | undefined
}

/**
 * Could this answer be encoded for a client that accepts it? Then it varies by `Accept-Encoding`, whoever asks. Not for
 * small ones, parts, what is encoded already, or where the handler forbids it (`no-transform`).
 */
export function isEncodable({ status, headers, size }: AnswerHead): boolean {
  if (status < 200 || status === 204 || status === 205 || status === 206 || status === 304) return false
  if (size !== undefined && size < worthEncoding) return false
  let type = ''
  for (const [name, value] of headers) {
    const lower = name.toLowerCase()
    if (lower === 'content-type') type = value
    else if (lower === 'content-encoding' && value.toLowerCase() !== 'identity') return false
    else if (lower === 'content-range') return false
    else if (lower === 'cache-control' && /(^|,)\s*no-transform\s*(,|$)/i.test(value)) return false
  }
  return isCompressible(type)
}

/** The head with `Vary`, and for an encoded body what follows from that: no length, a weak tag, no ranges. */
export function encodedHeaders(
  headers: readonly (readonly [string, string])[],
  encoding: Encoding | undefined,
): (readonly [string, string])[] {
  const kept: (readonly [string, string])[] = []
  const vary: string[] = []
  for (const [name, value] of headers) {
    const lower = name.toLowerCase()
    if (lower === 'vary') vary.push(value)
    else if (encoding === undefined) kept.push([name, value])
    else if (lower === 'etag') kept.push([name, value.startsWith('W/') ? value : `W/${value}`])
    // A digest is one of the bytes as they were.
    else if (!['content-length', 'content-encoding', 'accept-ranges', 'content-md5', 'content-digest'].includes(lower))
      kept.push([name, value])
  }
  const named = vary.join(', ')
  const isNamed = named.split(',').some((part) => ['*', 'accept-encoding'].includes(part.trim().toLowerCase()))
  kept.push(['Vary', isNamed ? named : [...vary, 'Accept-Encoding'].join(', ')])
  if (encoding !== undefined) kept.push(['Content-Encoding', encoding])
  return kept
}
