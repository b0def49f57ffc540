import { fail } from '../error.ts'
import { peel, type TypeNode, type ValueType } from '../types/graph.ts'
import { integerRanges, printFloat } from './numbers.ts'
import { CaseValue, kindInWords, RecordValue, type WaveValue } from './value.ts'

const keywords = new Set(['true', 'false', 'nan', 'inf', 'some', 'none', 'ok', 'err'])

/** A value as WAVE text on one line. Throws `wave.value` where the value is not of the type. */
export function printWave(value: WaveValue, type: ValueType): string {
  return print(value, type, [])
}

function print(value: WaveValue, type: TypeNode, path: readonly string[]): string {
  const of = peel(type)
  const mismatch = (expected: string) =>
    fail('wave.value', `expected ${expected}`, path.length > 0 ? { where: { path } } : {})
  switch (of.kind) {
    case 'bool':
      if (typeof value !== 'boolean') throw mismatch('a boolean')
      return String(value)
    case 'f32':
    case 'f64':
      if (typeof value !== 'number') throw mismatch(`a number (${of.kind})`)
      return printFloat(value, of.kind)
    case 'char':
      if (typeof value !== 'string' || [...value].length !== 1) throw mismatch('one character')
      return `'${escape(value, "'")}'`
    case 'string':
      if (typeof value !== 'string') throw mismatch('a string')
      return `"${escape(value, '"')}"`
    case 'list':
      if (!Array.isArray(value) || (of.length !== undefined && value.length !== of.length))
        throw mismatch(of.length === undefined ? 'a list' : `a list of ${of.length}`)
      return `[${value.map((item: WaveValue, index) => print(item, of.element, [...path, `[${index}]`])).join(', ')}]`
    case 'map':
      if (!Array.isArray(value)) throw mismatch('a list of pairs')
      return `[${value.map((item: WaveValue, index) => print(item, { kind: 'tuple', items: [of.key, of.value] }, [...path, `[${index}]`])).join(', ')}]`
    case 'tuple':
      if (!Array.isArray(value) || value.length !== of.items.length) throw mismatch(`a tuple of ${of.items.length}`)
      return `(${of.items.map((item, index) => print(value[index] as WaveValue, item, [...path, String(index)])).join(', ')})`
    case 'record': {
      if (!(value instanceof RecordValue)) throw mismatch('a record')
      const parts: string[] = []
      for (const { name, type: fieldType } of of.fields) {
        const field = value.fields.get(name)
        if (field === undefined) throw mismatch(`the field \`${name}\``)
        // A field that is none is left out, unless that would leave nothing.
        if (peel(fieldType).kind === 'option' && field instanceof CaseValue && field.name === 'none') continue
        parts.push(`${name}: ${print(field, fieldType, [...path, name])}`)
      }
      return parts.length === 0 ? '{:}' : `{${parts.join(', ')}}`
    }
    case 'enum':
      if (typeof value !== 'string' || !of.names.includes(value)) throw mismatch(`one of ${of.names.join(', ')}`)
      return label(value)
    case 'flags': {
      if (!Array.isArray(value)) throw mismatch('the names of flags')
      const unknown = value.find((name) => typeof name !== 'string' || !of.names.includes(name))
      if (unknown !== undefined) throw mismatch(`flags among ${of.names.join(', ')}`)
      return `{${of.names.filter((name) => value.includes(name)).join(', ')}}`
    }
    case 'variant':
      return printCase(value, of.cases, path, true)
    case 'option':
      return printCase(value, [{ name: 'none' }, { name: 'some', type: of.some }], path, false)
    case 'result':
      return printCase(
        value,
        [
          { name: 'ok', type: of.ok },
          { name: 'err', type: of.error },
        ],
        path,
        false,
      )
    default: {
      const range = integerRanges[of.kind as keyof typeof integerRanges]
      if (!range)
        throw fail('wave.type', `${kindInWords(of.kind)} cannot be written as text`, {
          where: { path },
          hint: 'Handles, streams and futures live only inside a call.',
        })
      const integer =
        typeof value === 'bigint'
          ? value
          : typeof value === 'number' && Number.isInteger(value)
            ? BigInt(value)
            : undefined
      if (integer === undefined || integer < range[0] || integer > range[1])
        throw mismatch(`a ${of.kind} (${range[0]} to ${range[1]})`)
      return String(integer)
    }
  }
}

function printCase(
  value: WaveValue,
  cases: readonly { readonly name: string; readonly type?: TypeNode | undefined }[],
  path: readonly string[],
  labels: boolean,
): string {
  const found = value instanceof CaseValue ? cases.find(({ name }) => name === value.name) : undefined
  if (!found || !(value instanceof CaseValue))
    throw fail('wave.value', `expected one of ${cases.map(({ name }) => name).join(', ')}`, { where: { path } })
  const name = labels ? label(found.name) : found.name
  if (!found.type) {
    if (value.payload !== undefined) throw fail('wave.value', `\`${found.name}\` has no payload`, { where: { path } })
    return name
  }
  if (value.payload === undefined) throw fail('wave.value', `\`${found.name}\` needs a payload`, { where: { path } })
  return `${name}(${print(value.payload, found.type, [...path, found.name])})`
}

function label(name: string): string {
  return keywords.has(name) ? `%${name}` : name
}

function escape(text: string, quote: string): string {
  let result = ''
  for (const char of text) {
    if (char === quote || char === '\\') result += `\\${char}`
    else if (char === '\n') result += '\\n'
    else if (char === '\r') result += '\\r'
    else if (char === '\t') result += '\\t'
    else if (/\p{Cc}/u.test(char)) result += `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`
    else result += char
  }
  return result
}
