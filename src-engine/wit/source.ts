import { PatchbayError, type Problem } from '../error.ts'

/** A half-open range of UTF-16 offsets in a text. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** A text with a name: turns offsets into the one-based lines and columns that editors show. */
export class SourceText {
  readonly text: string
  readonly file: string | undefined
  #lines: readonly number[] | undefined

  constructor(text: string, file?: string) {
    this.text = text
    this.file = file
  }

  /** One-based line and column of an offset; the end of the text is a valid place. */
  positionOf(offset: number): { readonly line: number; readonly column: number } {
    const lines = (this.#lines ??= lineStarts(this.text))
    let low = 0
    let high = lines.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((lines[middle] ?? 0) <= offset) low = middle
      else high = middle - 1
    }
    return { line: low + 1, column: offset - (lines[low] ?? 0) + 1 }
  }

  /** A typed error at a place of this text. */
  error(code: `${string}.${string}`, message: string, span: Span, hint?: string): TextError {
    return new TextError(this, span, { code, message, ...(hint === undefined ? {} : { hint }) })
  }
}

/** A problem with a text: knows the whole range, so that an editor can underline it. */
export class TextError extends PatchbayError {
  readonly source: SourceText
  readonly span: Span

  constructor(source: SourceText, span: Span, problem: Problem) {
    const place = source.positionOf(span.start)
    super({ ...problem, where: { ...(source.file === undefined ? {} : { file: source.file }), ...place } })
    this.source = source
    this.span = span
  }
}

function lineStarts(text: string): number[] {
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}
