/** Texts put together from pieces that stay as they were written. */
import { SourceText, TextError, type Span } from '../wit/source.ts'
import { Scanner } from '../wit/tokens.ts'

/** One change of a text. */
export interface Edit {
  readonly span: Span
  readonly text: string
}

/** The text with all changes made; they do not overlap. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  let result = text
  for (const { span, text: next } of edits.toSorted(
    (left, right) => right.span.start - left.span.start || right.span.end - left.span.end,
  ))
    result = result.slice(0, span.start) + next + result.slice(span.end)
  return result
}

/** One statement with the comments that belong to it. */
export interface Chunk {
  text: string
  /** The name it defines. */
  readonly name?: string
  readonly rank: number
}

/** The same order as far as every name is defined before it is used. */
export function orderChunks(chunks: readonly Chunk[]): Chunk[] {
  const byName = new Map(chunks.flatMap((chunk) => (chunk.name === undefined ? [] : [[chunk.name, chunk] as const])))
  const ordered = new Set<Chunk>()
  const open = new Set<Chunk>()
  const put = (chunk: Chunk): void => {
    if (ordered.has(chunk) || open.has(chunk)) return
    open.add(chunk)
    for (const name of namesIn(chunk.text)) {
      const other = byName.get(name)
      if (other && other !== chunk) put(other)
    }
    open.delete(chunk)
    ordered.add(chunk)
  }
  for (const chunk of chunks) put(chunk)
  return [...ordered]
}

function namesIn(text: string): Set<string> {
  const names = new Set<string>()
  const scanner = new Scanner(new SourceText(text))
  for (let token = scanner.next(); token.kind !== 'end'; token = scanner.next())
    if (token.kind === 'identifier') names.add(token.name)
  return names
}

/** The comments above the first statement. */
export function leadingComments(text: string): string {
  const scanner = new Scanner(new SourceText(text))
  try {
    const first = scanner.next()
    const lines = scanner.comments.filter(({ span }) => span.end <= first.span.start).map((comment) => comment.text)
    return lines.length === 0 ? '' : `${lines.join('\n')}\n`
  } catch (thrown) {
    if (thrown instanceof TextError) return ''
    throw thrown
  }
}
