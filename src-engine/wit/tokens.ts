import type { SourceText, Span } from './source.ts'

/** Punctuation of WIT and WAC. */
export type Symbol =
  | ';'
  | ','
  | ':'
  | '.'
  | '/'
  | '@'
  | '='
  | '{'
  | '}'
  | '('
  | ')'
  | '<'
  | '>'
  | '['
  | ']'
  | '*'
  | '+'
  | '_'
  | '->'
  | '...'

export type Token =
  | {
      readonly kind: 'identifier'
      readonly span: Span
      /** Without the `%` that escapes a keyword. */ readonly name: string
      readonly escaped: boolean
    }
  | { readonly kind: 'integer'; readonly span: Span; readonly value: number }
  | { readonly kind: 'string'; readonly span: Span; readonly value: string }
  | { readonly kind: 'symbol'; readonly span: Span; readonly symbol: Symbol }
  | { readonly kind: 'end'; readonly span: Span }

/** A comment with its text as written, markers included; `doc` for line comments with three slashes and block comments with two stars. */
export interface Comment {
  readonly span: Span
  readonly text: string
  readonly doc: boolean
}

const singles = new Set<string>([';', ',', ':', '.', '/', '@', '=', '{', '}', '(', ')', '<', '>', '[', ']', '*', '+'])
const identifierPattern = /%?[A-Za-z][A-Za-z0-9]*(?:-[A-Za-z0-9]+)*/y
const integerPattern = /[0-9]+/y
const versionPattern = /[0-9]+\.[0-9]+\.[0-9]+(?:-[0-9A-Za-z.-]*[0-9A-Za-z])?(?:\+[0-9A-Za-z.-]*[0-9A-Za-z])?/y

/** Cuts a WIT or WAC text into tokens on demand; comments are kept aside. */
export class Scanner {
  readonly source: SourceText
  readonly comments: Comment[] = []
  #at = 0

  constructor(source: SourceText) {
    this.source = source
  }

  /** The next token; `end` for ever after the last. Throws `syntax.*` with line and column. */
  next(): Token {
    this.#skipTrivia()
    const { text } = this.source
    const start = this.#at
    const char = text[start]
    if (char === undefined) return { kind: 'end', span: { start, end: start } }
    const identifier = this.#match(identifierPattern)
    if (identifier !== undefined) {
      const escaped = identifier.startsWith('%')
      return {
        kind: 'identifier',
        span: { start, end: this.#at },
        name: escaped ? identifier.slice(1) : identifier,
        escaped,
      }
    }
    const integer = this.#match(integerPattern)
    if (integer !== undefined) return { kind: 'integer', span: { start, end: this.#at }, value: Number(integer) }
    if (char === '"') return this.#string(start)
    if (text.startsWith('->', start)) return this.#symbol('->', start)
    if (text.startsWith('...', start)) return this.#symbol('...', start)
    if (char === '_') return this.#symbol('_', start)
    if (singles.has(char)) return this.#symbol(char as Symbol, start)
    const shown = String.fromCodePoint(text.codePointAt(start) ?? 0)
    throw this.source.error('syntax.character', `unexpected character ${JSON.stringify(shown)}`, {
      start,
      end: start + shown.length,
    })
  }

  /** A semantic version standing right here, as after `@`. */
  version(): { readonly text: string; readonly span: Span } {
    this.#skipTrivia()
    const start = this.#at
    const text = this.#match(versionPattern)
    if (text === undefined) {
      throw this.source.error(
        'syntax.version',
        'expected a version',
        { start, end: start + (/^[\w.+-]*/.exec(this.source.text.slice(start, start + 40))?.[0].length || 1) },
        'Versions are written like 1.2.0 or 0.3.0-rc-2026-01-15.',
      )
    }
    return { text, span: { start, end: this.#at } }
  }

  /** Sets the scanner back to an earlier token's start. Comments behind it are read again. */
  rewind(offset: number): void {
    this.#at = offset
    while ((this.comments.at(-1)?.span.start ?? -1) >= offset) this.comments.pop()
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.source.text)?.[0]
    if (found !== undefined) this.#at += found.length
    return found
  }

  #symbol(symbol: Symbol, start: number): Token {
    this.#at = start + symbol.length
    return { kind: 'symbol', span: { start, end: this.#at }, symbol }
  }

  #string(start: number): Token {
    const { text } = this.source
    let end = start + 1
    while (end < text.length && text[end] !== '"' && text[end] !== '\n') end++
    if (text[end] !== '"')
      throw this.source.error(
        'syntax.string',
        'this string is not closed',
        { start, end },
        'End it with a double quote on the same line.',
      )
    this.#at = end + 1
    return { kind: 'string', span: { start, end: this.#at }, value: text.slice(start + 1, end) }
  }

  #skipTrivia(): void {
    const { text } = this.source
    for (;;) {
      const char = text[this.#at]
      if (char === ' ' || char === '\t' || char === '\n' || char === '\r') this.#at++
      else if (char === '/' && text[this.#at + 1] === '/') {
        const newline = text.indexOf('\n', this.#at)
        this.#comment(newline < 0 ? text.length : newline)
      } else if (char === '/' && text[this.#at + 1] === '*') this.#comment(this.#endOfBlock())
      else return
    }
  }

  /** Block comments nest. */
  #endOfBlock(): number {
    const { text } = this.source
    let depth = 0
    for (let at = this.#at; at < text.length;) {
      if (text.startsWith('/*', at)) {
        depth++
        at += 2
      } else if (text.startsWith('*/', at)) {
        depth--
        at += 2
        if (depth === 0) return at
      } else at++
    }
    throw this.source.error(
      'syntax.comment',
      'this comment is not closed',
      { start: this.#at, end: text.length },
      'End it with */.',
    )
  }

  #comment(end: number): void {
    const start = this.#at
    const text = this.source.text.slice(start, end).trimEnd()
    this.comments.push({
      span: { start, end },
      text,
      doc: text.startsWith('///') || (text.startsWith('/**') && text !== '/**/'),
    })
    this.#at = end
  }
}
