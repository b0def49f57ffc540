import { SourceText, type Span } from '../wit/source.ts'
import { walkPaths } from '../wit/references.ts'
import { Scanner, type Comment } from '../wit/tokens.ts'
import { parseWac } from './parse.ts'
import type { Expression, WacDocument } from './syntax.ts'

/** Columns that a list may take on one line. */
const width = 100

/** A token or a comment, with what the layout has to know of it. */
interface Piece {
  readonly text: string
  readonly kind: 'word' | 'symbol' | 'line-comment' | 'block-comment'
  /** Line breaks that stood before it; two or more are an empty line. */
  readonly breaks: number
  /** For a brace: what is inside stands on lines of its own. */
  broken?: boolean
  /** For a brace: it is that of `use a.{b}`, which has no spaces inside. */
  tight?: boolean
}

/**
 * A script in the common layout: two spaces, one statement a line, lists that are long or were broken with one item a line,
 * at most one empty line. Words, order and comments stay as they are; formatting again changes nothing. Throws `syntax.*`
 * for a text that is no WAC.
 */
export function formatWac(text: string): string {
  const document = parseWac(text)
  const pieces = piecesOf(document)
  matchBraces(pieces)
  return new Layout(pieces).run()
}

/** Cuts the text into pieces; names of packages and paths are one piece. */
function piecesOf(document: WacDocument): Piece[] {
  const { source } = document
  const whole = namesIn(document)
  const scanner = new Scanner(new SourceText(source.text))
  const found: { readonly span: Span; readonly text: string; readonly kind: Piece['kind'] }[] = []
  for (let token = scanner.next(); token.kind !== 'end'; token = scanner.next()) {
    const end = whole.get(token.span.start)
    if (end !== undefined) {
      const span = { start: token.span.start, end }
      found.push({ span, text: source.text.slice(span.start, span.end), kind: 'word' })
      scanner.rewind(end)
    } else {
      const kind = token.kind === 'symbol' ? 'symbol' : 'word'
      found.push({ span: token.span, text: source.text.slice(token.span.start, token.span.end), kind })
    }
  }
  // A comment inside such a name was kept with it.
  const names = [...whole].sort(([left], [right]) => left - right)
  const outside = ({ span }: Comment) => {
    const index = names.findLastIndex(([start]) => start < span.start)
    return span.end > (names[index]?.[1] ?? 0)
  }
  for (const comment of scanner.comments.filter(outside)) {
    const kind = comment.text.startsWith('//') ? 'line-comment' : 'block-comment'
    found.push({ span: comment.span, text: comment.text, kind })
  }
  found.sort((left, right) => left.span.start - right.span.start)
  let at = 0
  return found.map(({ span, text, kind }) => {
    const breaks = source.text.slice(at, span.start).split('\n').length - 1
    at = span.end
    return { text, kind, breaks }
  })
}

/** Where names of packages, paths to items and gates stand: start → end. */
function namesIn(document: WacDocument): Map<number, number> {
  const spans = new Map<number, number>()
  const add = ({ start, end }: Span) => void spans.set(start, end)
  const visit = (expression: Expression): void => {
    if (expression.kind === 'access') visit(expression.of)
    if (expression.kind !== 'new') return
    add(expression.package.span)
    for (const argument of expression.arguments) if (argument.kind === 'named') visit(argument.value)
  }
  add(document.package.span)
  if (document.targets) add(document.targets.span)
  for (const statement of document.statements) {
    if (statement.kind === 'let' || statement.kind === 'export') visit(statement.expression)
    else if (statement.kind === 'declaration') {
      walkPaths(statement.declaration, (path) => add(path.span))
      const { declaration } = statement
      const items = declaration.kind === 'interface' || declaration.kind === 'world' ? declaration.items : []
      for (const { gates } of [declaration, ...items]) for (const gate of gates) add(gate.span)
    } else if (statement.type.kind === 'path') add(statement.type.path.span)
    else if (statement.type.kind === 'interface') walkPaths(statement.type, (path) => add(path.span))
  }
  return spans
}

function matchBraces(pieces: readonly Piece[]): void {
  const stack: { readonly at: number; broken: boolean }[] = []
  // Where each piece would begin if all stood on one line.
  const offsets: number[] = []
  let offset = 0
  pieces.forEach((piece, index) => {
    offsets.push(offset)
    offset += piece.text.length + 1
    const top = stack.at(-1)
    if (top && (piece.kind === 'line-comment' || piece.text.includes('\n') || isSymbol(piece, ';'))) top.broken = true
    if (isSymbol(piece, '{')) {
      const words = [pieces[index - 1]?.text ?? '', pieces[index - 2]?.text ?? '']
      const block = words[0] === 'interface' || /^(interface|world|resource)$/.test(words[1] ?? '')
      stack.push({ at: index, broken: block || (pieces[index + 1]?.breaks ?? 0) > 0 })
    }
    const opened = isSymbol(piece, '}') ? stack.pop() : undefined
    const brace = opened && pieces[opened.at]
    if (!opened || !brace) return
    const long = offset - (offsets[opened.at] ?? 0) > width
    const broken = index > opened.at + 1 && (opened.broken || long)
    const around = stack.at(-1)
    if (broken && around) around.broken = true
    const before = pieces[opened.at - 1]
    for (const each of [brace, piece]) {
      each.broken = broken
      each.tight = before !== undefined && isSymbol(before, '.')
    }
  })
}

function isSymbol(piece: Piece, text: string): boolean {
  return piece.kind === 'symbol' && piece.text === text
}

class Layout {
  readonly #pieces: readonly Piece[]
  readonly #lines: string[] = []
  #line = ''
  #depth = 0
  /** How many brackets that are no braces are open. */
  #inner = 0

  constructor(pieces: readonly Piece[]) {
    this.#pieces = pieces
  }

  run(): string {
    /** The open braces, with how many other brackets were open there. */
    const braces: { readonly broken: boolean; readonly inner: number }[] = []
    this.#pieces.forEach((piece, index) => {
      const before = this.#pieces[index - 1]
      const opened = isSymbol(piece, '}') ? braces.pop() : undefined
      if (opened?.broken) {
        this.#depth--
        this.#trailingComma(before)
        this.#break(0)
      } else this.#separate(piece, before, braces.length > 0)
      this.#put(piece, before)
      if (isSymbol(piece, '{')) {
        braces.push({ broken: piece.broken === true, inner: this.#inner })
        if (piece.broken) this.#depth++
      }
      if (['(', '<', '['].some((each) => isSymbol(piece, each))) this.#inner++
      if ([')', '>', ']'].some((each) => isSymbol(piece, each))) this.#inner--
      const around = braces.at(-1)
      const ends = isSymbol(piece, ';') || (isSymbol(piece, ',') && around?.inner === this.#inner)
      const whole = isSymbol(piece, '}') && this.#beginsAnew(index + 1)
      if (piece.kind === 'line-comment' || (isSymbol(piece, '{') && piece.broken)) this.#mustBreak = true
      else if ((ends && (around ? around.broken : isSymbol(piece, ';'))) || whole) this.#mustBreak = true
    })
    this.#break(0)
    return `${this.#lines.join('\n').trim()}\n`
  }

  /** Does a declaration end before this piece? */
  #beginsAnew(index: number): boolean {
    for (let at = index; at < this.#pieces.length; at++) {
      const piece = this.#pieces[at]
      if (!piece || piece.kind === 'line-comment' || piece.kind === 'block-comment') continue
      return piece.kind === 'word' && piece.text !== 'as' && piece.text !== 'with'
    }
    return false
  }

  #mustBreak = false

  /** Breaks the line before a piece where the layout or the writer wants it. */
  #separate(piece: Piece, before: Piece | undefined, nested: boolean): void {
    const comment = piece.kind === 'line-comment' || piece.kind === 'block-comment'
    if (this.#mustBreak) {
      // A comment on the same line stays there.
      if (comment && piece.breaks === 0 && before?.kind !== 'line-comment') return
      const first = before !== undefined && isSymbol(before, '{')
      this.#break(first ? 0 : Math.min(piece.breaks - 1, 1))
      return
    }
    const afterComment = before?.kind === 'block-comment' && piece.breaks > 0
    const gate = before?.kind === 'word' && before.text.startsWith('@') && piece.breaks > 0
    if (comment && piece.breaks > 0) this.#break(piece.breaks > 1 && !nested ? 1 : 0)
    else if (afterComment || gate) this.#break(Math.min(piece.breaks - 1, 1))
  }

  /** The last item of a broken list ends as the others do; nothing may follow the trailing dots. */
  #trailingComma(before: Piece | undefined): void {
    if (!before || before.kind === 'line-comment' || before.kind === 'block-comment') return
    if (before.kind === 'symbol' && [',', ';', '{', '...', '}'].includes(before.text)) return
    this.#line += ','
  }

  #put(piece: Piece, before: Piece | undefined): void {
    const bare = this.#line === ''
    const space = !bare && needsSpace(before, piece)
    const indent = this.#depth + (bare && this.#inner > 0 ? 1 : 0)
    this.#line += `${bare ? '  '.repeat(Math.max(indent, 0)) : space ? ' ' : ''}${piece.text}`
  }

  /** Ends the line, and leaves `empty` lines after it. */
  #break(empty: number): void {
    this.#mustBreak = false
    if (this.#line !== '') this.#lines.push(this.#line.trimEnd())
    this.#line = ''
    if (empty > 0 && this.#lines.at(-1) !== '') this.#lines.push('')
  }
}

const tightAfter = new Set(['(', '<', '[', '.', '@'])
const tightBefore = new Set([';', ',', ')', '>', '.', ':', ']', '[', '<'])

function needsSpace(before: Piece | undefined, piece: Piece): boolean {
  if (!before) return false
  if (piece.kind === 'line-comment' || piece.kind === 'block-comment' || before.kind === 'block-comment') return true
  if (before.kind === 'symbol') {
    if (tightAfter.has(before.text)) return false
    if (before.text === '{' && piece.text === '}' && piece.kind === 'symbol') return false
    // `.{a, b}` of `use` has no spaces inside, as in WIT.
    if (before.text === '{' && before.tight) return false
  }
  if (piece.kind !== 'symbol') return !(before.kind === 'symbol' && before.text === '...')
  if (tightBefore.has(piece.text)) return false
  if (piece.text === '(') return before.kind !== 'word' || before.text === 'export'
  if (piece.text === '...') return before.kind === 'symbol' && (before.text === '{' || before.text === ',')
  return !(piece.text === '}' && piece.tight)
}
