import { languageOfMediaType } from '../editor/languages/of-path.ts'

/** How a body can be shown. `pretty` and `preview` only where they mean something. */
export type BodyView = 'pretty' | 'raw' | 'preview' | 'hex'

export interface BodyForm {
  readonly mediaType: string
  readonly language: string
  readonly views: readonly BodyView[]
  /** `image` shows the picture, `page` the document in a sealed frame. */
  readonly preview?: 'image' | 'page'
  readonly binary: boolean
}

export function headerOf(headers: readonly (readonly [string, string])[], name: string): string | undefined {
  return headers.find(([other]) => other.toLowerCase() === name)?.[1]
}

/** Which views fit a body: by its media type, else by looking at its first bytes. */
export function formOf(mediaType: string | undefined, body: Uint8Array): BodyForm {
  const type = (mediaType?.split(';')[0] ?? '').trim().toLowerCase()
  if (/^image\/(?!svg)/.test(type))
    return { mediaType: type, language: 'plaintext', views: ['preview', 'hex'], preview: 'image', binary: true }
  const language = languageOfMediaType(type)
  if (type === 'image/svg+xml')
    return { mediaType: type, language, views: ['preview', 'pretty', 'raw', 'hex'], preview: 'image', binary: false }
  const textual = language !== 'plaintext' || type.startsWith('text/') || type === 'application/x-www-form-urlencoded'
  if (language === 'html')
    return { mediaType: type, language, views: ['pretty', 'preview', 'raw', 'hex'], preview: 'page', binary: false }
  if (textual && !looksBinary(body))
    return { mediaType: type, language, views: ['pretty', 'raw', 'hex'], binary: false }
  if (looksBinary(body)) return { mediaType: type, language: 'plaintext', views: ['hex', 'raw'], binary: true }
  const guessed = type === '' || type === 'application/octet-stream' ? guessLanguage(body) : language
  return { mediaType: type, language: guessed, views: ['pretty', 'raw', 'hex'], binary: false }
}

/** A zero byte, or many control characters, in the first kilobytes. */
export function looksBinary(body: Uint8Array): boolean {
  const head = body.subarray(0, 4096)
  let control = 0
  for (const byte of head) {
    if (byte === 0) return true
    if (byte < 9 || (byte > 13 && byte < 32 && byte !== 27)) control++
  }
  return control > head.length / 20
}

function guessLanguage(body: Uint8Array): string {
  const start = new TextDecoder().decode(body.subarray(0, 64)).trimStart()
  if (/^[[{]/.test(start)) return 'json'
  if (/^<(?:!doctype html|html)/i.test(start)) return 'html'
  return start.startsWith('<?xml') ? 'xml' : 'plaintext'
}

/** The body as text, by the charset of its media type (UTF-8 when none, or one that nobody knows). */
export function textOf(body: Uint8Array, mediaType: string | undefined): string {
  const charset = /charset\s*=\s*"?([^\s";]+)/i.exec(mediaType ?? '')?.[1]
  try {
    return new TextDecoder(charset ?? 'utf-8').decode(body)
  } catch {
    return new TextDecoder().decode(body)
  }
}

/** JSON with two spaces a level, numbers and strings as they were spelled; other text unchanged. */
export function prettyOf(text: string, language: string): string {
  if (language !== 'json') return text
  try {
    JSON.parse(text)
  } catch {
    return text
  }
  return indentJson(text)
}

/** Lays out JSON without reading its values, so that 1e400, 12345678901234567890 and "\u00e9" stay what the server sent. */
export function indentJson(text: string): string {
  let out = ''
  let depth = 0
  const line = (): string => `\n${'  '.repeat(depth)}`
  const pieces = text.match(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g) ?? []
  for (const [index, piece] of pieces.entries()) {
    const next = pieces[index + 1]
    if (piece === '{' || piece === '[') {
      if (next === '}' || next === ']') out += piece
      else {
        depth++
        out += piece + line()
      }
    } else if (piece === '}' || piece === ']') {
      const before = pieces[index - 1]
      if (before !== '{' && before !== '[') {
        depth--
        out += line()
      }
      out += piece
    } else if (piece === ',') out += piece + line()
    else if (piece === ':') out += ': '
    else out += piece
  }
  return out
}

/** One line of a hex view: offset, sixteen bytes, the same as Latin letters. */
export function hexLine(
  body: Uint8Array,
  line: number,
): { readonly offset: string; readonly bytes: string; readonly text: string } {
  const from = line * 16
  const row = body.subarray(from, from + 16)
  const cells = [...row].map((byte) => byte.toString(16).padStart(2, '0'))
  const bytes = `${cells.slice(0, 8).join(' ')}  ${cells.slice(8).join(' ')}`.padEnd(48)
  const text = [...row].map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '·')).join('')
  return { offset: from.toString(16).padStart(8, '0'), bytes, text }
}

/** `data:` address of a body, for pictures. */
export function dataUrl(body: Uint8Array, mediaType: string): string {
  let binary = ''
  for (let at = 0; at < body.length; at += 0x8000) binary += String.fromCharCode(...body.subarray(at, at + 0x8000))
  return `data:${mediaType};base64,${btoa(binary)}`
}

/** Problem details (RFC 9457) in a response, as what, where and next step. */
export interface ProblemDetails {
  readonly title: string
  readonly detail?: string
  readonly where?: string
  readonly hint?: string
  readonly code?: string
}

/** The problem a response carries, or undefined when it carries none. */
export function problemDetails(mediaType: string | undefined, text: string): ProblemDetails | undefined {
  if (!/^application\/problem\+json\b/i.test(mediaType?.trim() ?? '')) return undefined
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const fields = new Map(Object.entries(value))
  const string = (...names: string[]): string | undefined => {
    for (const name of names) {
      const field: unknown = fields.get(name)
      if (typeof field === 'string' && field !== '') return field
    }
    return undefined
  }
  const title = string('title', 'message', 'detail')
  if (title === undefined) return undefined
  const detail = string('detail', 'message')
  const where = string('instance', 'where')
  const hint = string('hint')
  const code = string('code', 'type')
  return {
    title,
    ...(detail !== undefined && detail !== title ? { detail } : {}),
    ...(where === undefined ? {} : { where }),
    ...(hint === undefined ? {} : { hint }),
    ...(code === undefined || code === 'about:blank' ? {} : { code }),
  }
}
