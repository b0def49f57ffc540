import type { ReactNode } from 'react'

/** A block of a note. */
export type NoteBlock =
  | { readonly kind: 'heading' | 'paragraph'; readonly lines: readonly string[] }
  | { readonly kind: 'list'; readonly lines: readonly string[] }
  | { readonly kind: 'code'; readonly lines: readonly string[] }

/** The blocks of a note: `# heading`, `- item`, fenced code, paragraphs. Anything else stays as it was typed. */
export function noteBlocks(text: string): readonly NoteBlock[] {
  const blocks: { kind: NoteBlock['kind']; lines: string[] }[] = []
  let fenced = false
  let open: NoteBlock['kind'] | undefined
  for (const line of text.split('\n')) {
    if (line.startsWith('```')) {
      fenced = !fenced
      open = undefined
      if (fenced) blocks.push({ kind: 'code', lines: [] })
      continue
    }
    const last = blocks.at(-1)
    if (fenced && last) {
      last.lines.push(line)
      continue
    }
    const heading = /^#{1,6}\s+(.*)$/.exec(line)?.[1]
    const item = /^\s*[-*]\s+(.*)$/.exec(line)?.[1]
    const kind = heading !== undefined ? 'heading' : item !== undefined ? 'list' : 'paragraph'
    if (line.trim() === '') open = undefined
    else if (open === kind && kind !== 'heading' && last) last.lines.push(item ?? line)
    else {
      blocks.push({ kind, lines: [heading ?? item ?? line] })
      open = kind
    }
  }
  return blocks
}

/** A note as it is read. Nothing in it becomes markup of the page. */
export function NoteText({ text }: { readonly text: string }) {
  return noteBlocks(text).map((block, index) => {
    // Blocks have no identity: the whole note is drawn anew when its text changes.
    const key = `${block.kind} ${index}`
    switch (block.kind) {
      case 'heading':
        return (
          <p key={key} data-heading>
            {inline(block.lines[0] ?? '')}
          </p>
        )
      case 'list':
        return (
          <ul key={key}>
            {block.lines.map((line, at) => (
              <li key={`${at} ${line}`}>{inline(line)}</li>
            ))}
          </ul>
        )
      case 'code':
        return <pre key={key}>{block.lines.join('\n')}</pre>
      default:
        return (
          <p key={key}>
            {block.lines.flatMap((line, at) => (at === 0 ? inline(line) : [<br key={`break ${at}`} />, inline(line)]))}
          </p>
        )
    }
  })
}

/** `**strong**`, `*emphasis*` and `code` within a line. */
function inline(line: string): ReactNode[] {
  return line.split(/(\*\*[^*]+\*\*|\*[^*\s][^*]*\*|`[^`]+`)/).map((part, index) => {
    const key = `${index} ${part}`
    if (part.length > 4 && part.startsWith('**')) return <strong key={key}>{part.slice(2, -2)}</strong>
    if (part.length > 2 && part.startsWith('*') && part.endsWith('*')) return <em key={key}>{part.slice(1, -1)}</em>
    if (part.length > 2 && part.startsWith('`')) return <code key={key}>{part.slice(1, -1)}</code>
    return part
  })
}
