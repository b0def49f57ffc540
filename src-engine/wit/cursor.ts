import { keywords } from './keywords.ts'
import type { Span, SourceText, TextError } from './source.ts'
import type { Identifier } from './syntax.ts'
import { Scanner, type Comment, type Symbol, type Token } from './tokens.ts'

/** How deep types, expressions and packages may nest before a text is refused: keeps hostile texts off the call stack. */
const nestingLimit = 200

/** One token of look-ahead over a text, with the errors that name what was expected. */
export class TokenCursor {
  readonly source: SourceText
  /** Function types may have names: what WAC adds to WIT. */
  functionTypes = false
  readonly #scanner: Scanner
  #token: Token
  #previousEnd = 0
  #depth = 0

  /** Begins at `offset`, by default at the start of the text. */
  constructor(source: SourceText, offset = 0) {
    this.source = source
    this.#scanner = new Scanner(source)
    this.#scanner.rewind(offset)
    this.#token = this.#scanner.next()
  }

  get token(): Token {
    return this.#token
  }

  /** Offset behind the last token taken. */
  get previousEnd(): number {
    return this.#previousEnd
  }

  get comments(): readonly Comment[] {
    return this.#scanner.comments
  }

  /** Takes the current token. */
  advance(): Token {
    const taken = this.#token
    this.#previousEnd = taken.span.end
    this.#token = this.#scanner.next()
    return taken
  }

  at(symbol: Symbol): boolean {
    return this.#token.kind === 'symbol' && this.#token.symbol === symbol
  }

  /** Takes the symbol if it is next. */
  take(symbol: Symbol): boolean {
    if (!this.at(symbol)) return false
    this.advance()
    return true
  }

  expect(symbol: Symbol, what: string): Span {
    if (!this.at(symbol)) throw this.unexpected(`\`${symbol}\` ${what}`)
    return this.advance().span
  }

  /** True when the next token is this word, not escaped by `%`. */
  atWord(word: string): boolean {
    return this.#token.kind === 'identifier' && !this.#token.escaped && this.#token.name === word
  }

  takeWord(word: string): boolean {
    if (!this.atWord(word)) return false
    this.advance()
    return true
  }

  identifier(what: string): Identifier {
    if (this.#token.kind !== 'identifier') throw this.unexpected(what)
    const { name, span } = this.#token
    this.advance()
    return { name, span }
  }

  /** A name of the user's: like {@link identifier}, but no keyword unless escaped. */
  name(what: string): Identifier {
    const token = this.#token
    if (token.kind === 'identifier' && !token.escaped && keywords.has(token.name)) {
      throw this.unexpected(
        what,
        `\`${token.name}\` is a word of the language. As a name it is written \`%${token.name}\`.`,
      )
    }
    return this.identifier(what)
  }

  integer(what: string): number {
    if (this.#token.kind !== 'integer') throw this.unexpected(what)
    const { value } = this.#token
    this.advance()
    return value
  }

  /** The version behind an `@` that is the current token. */
  version(): { readonly text: string; readonly span: Span } {
    this.#scanner.rewind(this.#token.span.end)
    const version = this.#scanner.version()
    this.#previousEnd = version.span.end
    this.#token = this.#scanner.next()
    return version
  }

  /** A version where the current token begins one, as in `@since(version = 0.2.0)`. */
  versionHere(): { readonly text: string; readonly span: Span } {
    this.#scanner.rewind(this.#token.span.start)
    const version = this.#scanner.version()
    this.#previousEnd = version.span.end
    this.#token = this.#scanner.next()
    return version
  }

  /** Goes on at another place of the text, as after a mistake. Throws when no token can begin there. */
  jump(offset: number): void {
    this.#depth = 0
    this.#scanner.rewind(offset)
    this.#token = this.#scanner.next()
  }

  /** The token after the current one, without taking any. */
  peek(): Token {
    const next = this.#scanner.next()
    this.#scanner.rewind(this.#token.span.end)
    return next
  }

  /** Runs a nested rule within the nesting limit. */
  nested<Result>(rule: () => Result): Result {
    if (++this.#depth > nestingLimit) {
      throw this.source.error(
        'syntax.nesting',
        `nested more than ${nestingLimit} deep`,
        this.#token.span,
        'Give the inner part a name of its own.',
      )
    }
    const result = rule()
    this.#depth--
    return result
  }

  /** The error «expected …, found …» at the current token. */
  unexpected(expected: string, hint?: string): TextError {
    return this.source.error(
      'syntax.unexpected',
      `expected ${expected}, found ${describeToken(this.#token)}`,
      this.#token.span,
      hint,
    )
  }
}

function describeToken(token: Token): string {
  switch (token.kind) {
    case 'identifier':
      return `\`${token.name}\``
    case 'integer':
      return `the number ${token.value}`
    case 'string':
      return `the string ${JSON.stringify(token.value)}`
    case 'symbol':
      return `\`${token.symbol}\``
    case 'end':
      return 'the end of the text'
  }
}
