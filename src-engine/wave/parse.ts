import type { PatchbayError } from '../error.ts'
import { peel, type TypeNode, type ValueType } from '../types/graph.ts'
import { SourceText } from '../wit/source.ts'
import { integerRanges } from './numbers.ts'
import { CaseValue, kindInWords, RecordValue, type WaveValue } from './value.ts'

const nestingLimit = 200

/**
 * Reads one WAVE value of a type. `option` and `ok` may be left out where that is clear (`5` for `some(5)`), as may
 * record fields that are `none`. Throws `wave.*` with line and column. (WAVE, README of wasm-wave.)
 */
export function parseWave(text: string, type: ValueType): WaveValue {
  const reader = new Reader(text)
  const value = reader.value(type)
  reader.end()
  return value
}

/** Reads the arguments of a call, `(a, b)` without the parentheses or with them. */
export function parseWaveArguments(text: string, types: readonly ValueType[]): WaveValue[] {
  const reader = new Reader(text)
  const values = reader.list(types)
  reader.end()
  return values
}

class Reader {
  readonly #source: SourceText
  readonly #text: string
  #at = 0
  #depth = 0

  constructor(text: string) {
    this.#source = new SourceText(text)
    this.#text = text
  }

  end(): void {
    this.#skip()
    if (this.#at < this.#text.length) throw this.#unexpected('the end')
  }

  list(types: readonly ValueType[]): WaveValue[] {
    const values: WaveValue[] = []
    const wrapped = this.#take('(')
    types.forEach((type, index) => {
      if (index > 0) this.#expect(',', `before argument ${index + 1} of ${types.length}`)
      values.push(this.value(type))
    })
    this.#take(',')
    if (wrapped) this.#expect(')', 'after the arguments')
    return values
  }

  value(type: TypeNode): WaveValue {
    if (++this.#depth > nestingLimit) throw this.#error('wave.nesting', `nested more than ${nestingLimit} deep`)
    const value = this.#value(type)
    this.#depth--
    return value
  }

  #value(type: TypeNode): WaveValue {
    const of = peel(type)
    switch (of.kind) {
      case 'bool': {
        const word = this.#word()
        if (word === 'true' || word === 'false') return word === 'true'
        throw this.#unexpected('`true` or `false`', word)
      }
      case 'f32':
      case 'f64':
        return this.#float(of.kind)
      case 'char': {
        const text = this.#quoted("'", 'a character in single quotes')
        if ([...text].length !== 1) throw this.#error('wave.char', 'a char is exactly one character')
        return text
      }
      case 'string':
        return this.#string()
      case 'list': {
        const items = this.#items('[', ']', () => this.value(of.element))
        if (of.length !== undefined && items.length !== of.length)
          throw this.#error('wave.length', `expected ${of.length} items, found ${items.length}`)
        return items
      }
      case 'map':
        return this.#items('[', ']', () => this.value({ kind: 'tuple', items: [of.key, of.value] }))
      case 'tuple': {
        this.#expect('(', 'to open a tuple')
        const items = of.items.map((item, index) => {
          if (index > 0) this.#expect(',', `before item ${index + 1} of ${of.items.length}`)
          return this.value(item)
        })
        this.#take(',')
        this.#expect(')', 'to close the tuple')
        return items
      }
      case 'record':
        return this.#record(of.fields)
      case 'enum': {
        const name = this.#label()
        if (name !== undefined && of.names.includes(name)) return name
        throw this.#unexpected(`one of ${of.names.join(', ')}`, name)
      }
      case 'flags': {
        const names = this.#items('{', '}', () => {
          const name = this.#label()
          if (name === undefined || !of.names.includes(name))
            throw this.#unexpected(`one of ${of.names.join(', ')}`, name)
          return name
        })
        return of.names.filter((name) => names.includes(name))
      }
      case 'variant':
        return this.#case(of.cases)
      case 'option':
        return this.#optional(of.some)
      case 'result':
        return this.#result(of.ok, of.error)
      default: {
        const range = integerRanges[of.kind as keyof typeof integerRanges]
        if (!range)
          throw this.#error(
            'wave.type',
            `${kindInWords(of.kind)} cannot be given as text`,
            'Handles, streams and futures live only inside a call.',
          )
        return this.#integer(of.kind, range)
      }
    }
  }

  #integer(kind: string, [least, most]: readonly [bigint, bigint]): number | bigint {
    const text = this.#match(/-?[0-9]+(?![0-9A-Za-z.])/y)
    if (text === undefined) throw this.#unexpected(`a ${kind}`)
    // A number of a million digits is out of range without being worked out.
    const value = text.length > 100 ? undefined : BigInt(text)
    const shown = text.length > 20 ? `${text.slice(0, 20)}…` : text
    if (value === undefined || value < least || value > most)
      throw this.#error('wave.range', `${shown} is not a ${kind}: it goes from ${least} to ${most}`)
    return kind.endsWith('64') ? value : Number(value)
  }

  #float(kind: 'f32' | 'f64'): number {
    const word = this.#match(/(?:-?inf|nan)(?![0-9A-Za-z-])/y)
    if (word !== undefined) return word === 'nan' ? NaN : word === 'inf' ? Infinity : -Infinity
    const text = this.#match(/-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?(?![0-9A-Za-z.])/y)
    if (text === undefined) throw this.#unexpected(`a ${kind}`)
    return kind === 'f32' ? Math.fround(Number(text)) : Number(text)
  }

  #record(fields: readonly { readonly name: string; readonly type: TypeNode }[]): RecordValue {
    this.#expect('{', 'to open a record')
    const given = new Map<string, WaveValue>()
    if (this.#take(':')) this.#expect('}', 'to close the empty record')
    else {
      while (!this.#take('}')) {
        const name = this.#label()
        const field = fields.find((candidate) => candidate.name === name)
        if (name === undefined || !field)
          throw this.#unexpected(`a field (${fields.map((one) => one.name).join(', ')})`, name)
        if (given.has(name)) throw this.#error('wave.duplicate-field', `the field \`${name}\` is given twice`)
        this.#expect(':', `after \`${name}\``)
        given.set(name, this.value(field.type))
        if (this.#take(',')) continue
        this.#expect('}', 'to close the record')
        break
      }
    }
    const ordered = new Map<string, WaveValue>()
    for (const { name, type } of fields) {
      const value = given.get(name) ?? (peel(type).kind === 'option' ? new CaseValue('none') : undefined)
      if (value === undefined) throw this.#error('wave.missing-field', `the field \`${name}\` is missing`)
      ordered.set(name, value)
    }
    return new RecordValue(ordered)
  }

  #case(cases: readonly { readonly name: string; readonly type?: TypeNode }[]): CaseValue {
    const name = this.#label()
    const found = cases.find((candidate) => candidate.name === name)
    if (!found) throw this.#unexpected(`one of ${cases.map((one) => one.name).join(', ')}`, name)
    return found.type ? new CaseValue(found.name, this.#payload(found.name, found.type)) : new CaseValue(found.name)
  }

  #payload(name: string, type: TypeNode): WaveValue {
    this.#expect('(', `with the payload of \`${name}\``)
    const payload = this.value(type)
    this.#expect(')', `after the payload of \`${name}\``)
    return payload
  }

  #optional(some: TypeNode): CaseValue {
    const start = this.#at
    const word = this.#word()
    if (word === 'none') return new CaseValue('none')
    if (word === 'some') return new CaseValue('some', this.#payload('some', some))
    this.#at = start
    const inner = peel(some).kind
    if (inner === 'option' || inner === 'result') throw this.#unexpected('`some(…)` or `none`', word)
    return new CaseValue('some', this.value(some))
  }

  #result(ok: TypeNode | undefined, error: TypeNode | undefined): CaseValue {
    const start = this.#at
    const word = this.#word()
    if (word === 'ok') return ok ? new CaseValue('ok', this.#payload('ok', ok)) : new CaseValue('ok')
    if (word === 'err') return error ? new CaseValue('err', this.#payload('err', error)) : new CaseValue('err')
    this.#at = start
    const inner = ok && peel(ok).kind
    if (!ok || inner === 'option' || inner === 'result') throw this.#unexpected('`ok` or `err`', word)
    return new CaseValue('ok', this.value(ok))
  }

  #items<Item>(open: string, close: string, item: () => Item): Item[] {
    this.#expect(open, 'to begin')
    const items: Item[] = []
    while (!this.#take(close)) {
      items.push(item())
      if (this.#take(',')) continue
      this.#expect(close, 'to end')
      break
    }
    return items
  }

  /** A word that is a keyword unless escaped; used where keywords mean something. */
  #word(): string | undefined {
    return this.#match(/[A-Za-z][0-9A-Za-z-]*/y)
  }

  #label(): string | undefined {
    const text = this.#match(/%?[A-Za-z][0-9A-Za-z-]*/y)
    return text?.startsWith('%') ? text.slice(1) : text
  }

  #string(): string {
    this.#skip()
    if (!this.#text.startsWith('"""', this.#at)) return this.#quoted('"', 'a string in double quotes')
    const end = this.#text.indexOf('"""', this.#at + 3)
    const start = this.#at + 3
    if (end < 0) throw this.#error('wave.string', 'this string is not closed')
    this.#at = end + 3
    return dedent(this.#text.slice(start, end))
  }

  #quoted(quote: string, what: string): string {
    this.#skip()
    if (this.#text[this.#at] !== quote) throw this.#unexpected(what)
    let result = ''
    for (let at = this.#at + 1; ;) {
      const char = this.#text[at]
      if (char === undefined || char === '\n') throw this.#error('wave.string', 'this string is not closed')
      if (char === quote) {
        this.#at = at + 1
        return result
      }
      if (char !== '\\') {
        result += char
        at++
        continue
      }
      const escape = /\\(?:u\{([0-9a-fA-F]{1,6})\}|([\\'"nrt]))/y
      escape.lastIndex = at
      const found = escape.exec(this.#text)
      const code = found?.[1] === undefined ? undefined : parseInt(found[1], 16)
      if (!found || (code !== undefined && (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)))) {
        this.#at = at
        throw this.#error('wave.escape', 'unknown escape', 'Escapes are \\\\ \\" \\\' \\n \\r \\t and \\u{1f600}.')
      }
      result +=
        code === undefined ? ({ n: '\n', r: '\r', t: '\t' }[found[2] ?? ''] ?? found[2]) : String.fromCodePoint(code)
      at += found[0].length
    }
  }

  #skip(): void {
    const trivia = /(?:\s|\/\/[^\n]*)+/y
    trivia.lastIndex = this.#at
    this.#at += trivia.exec(this.#text)?.[0].length ?? 0
  }

  #match(pattern: RegExp): string | undefined {
    this.#skip()
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)?.[0]
    if (found !== undefined) this.#at += found.length
    return found
  }

  #take(symbol: string): boolean {
    this.#skip()
    if (!this.#text.startsWith(symbol, this.#at)) return false
    this.#at += symbol.length
    return true
  }

  #expect(symbol: string, what: string): void {
    if (!this.#take(symbol)) throw this.#unexpected(`\`${symbol}\` ${what}`)
  }

  #unexpected(expected: string, found?: string): PatchbayError {
    if (found === undefined) this.#skip()
    const here = this.#text.slice(this.#at, this.#at + 12)
    const shown = found === undefined ? (here === '' ? 'the end' : JSON.stringify(here)) : `\`${found}\``
    return this.#error('wave.unexpected', `expected ${expected}, found ${shown}`)
  }

  #error(code: `wave.${string}`, message: string, hint?: string): PatchbayError {
    return this.#source.error(code, message, { start: this.#at, end: this.#at }, hint)
  }
}

/** A `"""` string: the first line break goes, as does the indentation of the closing line. */
function dedent(text: string): string {
  if (!text.startsWith('\n')) return text
  const lines = text.slice(1).split('\n')
  const indent = /^[ \t]*$/.test(lines.at(-1) ?? '') ? (lines.pop() ?? '') : ''
  return lines.map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line)).join('\n')
}
