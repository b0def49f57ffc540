/** Where a text stops being JSON, and what should stand there. */
export interface JsonError {
  /** UTF-16 units from the start. */
  readonly offset: number
  readonly expected: string
}

const space = /[ \t\r\n]*/y
const escape = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y
const scalar = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])|(?:true|false|null)(?!\w)/y

/**
 * Finds the first place where a text breaks RFC 8259; undefined for JSON. The engine's own messages name a place only for
 * some mistakes, and differently from version to version.
 */
export function findJsonError(text: string): JsonError | undefined {
  let at = 0
  const take = (pattern: RegExp): boolean => {
    pattern.lastIndex = at
    if (!pattern.test(text)) return false
    at = pattern.lastIndex
    return true
  }
  // By hand: a pattern for whole strings would use the stack for every escape.
  const takeString = (): boolean => {
    const start = at++
    for (;;) {
      const sign = text.charAt(at)
      if (sign === '\\') {
        if (take(escape)) continue
      } else if (sign >= ' ') {
        at++
        if (sign !== '"') continue
        return true
      }
      at = start
      return false
    }
  }
  const next = (): string => {
    take(space)
    return text.charAt(at)
  }
  const wrong = (expected: string): JsonError => ({ offset: at, expected })
  // What is open around the current place; no recursion, so that depth costs nothing.
  const open: ('object' | 'array')[] = []
  const name = (): JsonError | undefined => {
    if (next() !== '"' || !takeString()) return wrong('a name in double quotes')
    if (next() !== ':') return wrong('a colon')
    at++
    return undefined
  }
  for (;;) {
    // A value …
    const first = next()
    if (first === '{' || first === '[') {
      at++
      open.push(first === '{' ? 'object' : 'array')
      if (next() !== (first === '{' ? '}' : ']')) {
        const error = first === '{' ? name() : undefined
        if (error) return error
        continue
      }
      at++
      open.pop()
    } else if (first === '"') {
      if (!takeString()) return wrong('a string that ends')
    } else if (!take(scalar)) return wrong('a value')
    // … and what may follow it: ends, or the next one.
    for (;;) {
      const around = open.at(-1)
      const after = next()
      if (around === undefined) return after === '' ? undefined : wrong('the end of the file')
      const end = around === 'object' ? '}' : ']'
      if (after === ',') {
        at++
        const error = around === 'object' ? name() : undefined
        if (error) return error
        break
      }
      if (after !== end) return wrong(`a comma or ${end}`)
      at++
      open.pop()
    }
  }
}
