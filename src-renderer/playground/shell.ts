import { fail } from '../../src-engine/error.ts'

/** Cuts a POSIX shell command into words: quotes, `$'…'`, backslashes, continued lines; also the `^` of the Windows prompt. */
export function shellWords(text: string): string[] {
  const windows = /\^\s*\r?\n/.test(text) || /\^"/.test(text)
  const source = windows
    ? text.replace(/\^(\r?\n|[\s\S])/g, (_all, next: string) => (/^\r?\n$/.test(next) ? ' ' : next))
    : text
  const words: string[] = []
  let word: string | undefined
  let at = 0
  const add = (piece: string): void => {
    word = (word ?? '') + piece
  }
  while (at < source.length) {
    const char = source[at] ?? ''
    if (/\s/.test(char)) {
      if (word !== undefined) words.push(word)
      word = undefined
      at++
    } else if (char === '\\') {
      const next = source[at + 1]
      if (next === '\r' && source[at + 2] === '\n') at += 3
      else if (next === '\n') at += 2
      else {
        add(next ?? '\\')
        at += 2
      }
    } else if (char === "'") {
      const end = source.indexOf("'", at + 1)
      if (end < 0) throw unterminated("'")
      add(source.slice(at + 1, end))
      at = end + 1
    } else if (char === '"') {
      at = readDouble(source, at + 1, add)
    } else if (char === '$' && source[at + 1] === "'") {
      at = readAnsi(source, at + 2, add)
    } else if (char === '#' && word === undefined && words.length > 0) {
      const end = source.indexOf('\n', at)
      at = end < 0 ? source.length : end
    } else if ((char === '|' || char === ';' || char === '>' || char === '&') && word === undefined) {
      // What follows is another command or a redirection.
      break
    } else {
      add(char)
      at++
    }
  }
  if (word !== undefined) words.push(word)
  return words
}

function unterminated(quote: string): Error {
  return fail('curl.quote', `The command ends inside a quotation that ${quote} opened.`, {
    hint: 'Copy the whole command, with its last line.',
  })
}

function readDouble(source: string, from: number, add: (piece: string) => void): number {
  add('')
  let at = from
  for (;;) {
    const char = source[at]
    if (char === undefined) throw unterminated('"')
    if (char === '"') return at + 1
    const next = source[at + 1]
    if (char === '\\' && next === '\n') at += 2
    else if (char === '\\' && next !== undefined && '"\\$`'.includes(next)) {
      add(next)
      at += 2
    } else {
      add(char)
      at++
    }
  }
}

const escapes: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\u0007',
  b: '\b',
  f: '\f',
  v: '\v',
  e: '\u001b',
  '0': '\0',
}

function readAnsi(source: string, from: number, add: (piece: string) => void): number {
  add('')
  let at = from
  for (;;) {
    const char = source[at]
    if (char === undefined) throw unterminated("$'")
    if (char === "'") return at + 1
    if (char !== '\\') {
      add(char)
      at++
      continue
    }
    const code = /^\\(?:x([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{1,4})|U([0-9A-Fa-f]{1,6}))/.exec(source.slice(at, at + 8))
    const hex = code?.[1] ?? code?.[2] ?? code?.[3]
    if (code && hex !== undefined) {
      const point = Number.parseInt(hex, 16)
      add(point <= 0x10ffff ? String.fromCodePoint(point) : '\ufffd')
      at += code[0].length
      continue
    }
    const next = source[at + 1] ?? ''
    add(escapes[next] ?? next)
    at += 2
  }
}

/** One word of a POSIX shell that means this text. */
export function quote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}
