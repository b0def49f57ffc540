import type { PrimitiveName } from '../types/graph.ts'
import type { TokenCursor } from './cursor.ts'
import type { FunctionSignature, Parameter, TypeExpression } from './syntax.ts'

const primitives: Readonly<Record<string, PrimitiveName>> = {
  bool: 'bool',
  s8: 's8',
  u8: 'u8',
  s16: 's16',
  u16: 'u16',
  s32: 's32',
  u32: 'u32',
  s64: 's64',
  u64: 'u64',
  f32: 'f32',
  f64: 'f64',
  float32: 'f32',
  float64: 'f64',
  char: 'char',
  string: 'string',
  'error-context': 'error-context',
}

/** Parses a type where a value type may stand. */
export function parseType(cursor: TokenCursor): TypeExpression {
  return cursor.nested(() => parseTypeHere(cursor))
}

function parseTypeHere(cursor: TokenCursor): TypeExpression {
  const start = cursor.token.span.start
  const span = () => ({ start, end: cursor.previousEnd })
  const escaped = cursor.token.kind === 'identifier' && cursor.token.escaped
  const { name } = cursor.identifier('a type')
  if (escaped) return { kind: 'name', name, span: span() }
  const primitive = Object.hasOwn(primitives, name) ? primitives[name] : undefined
  if (primitive) return { kind: 'primitive', name: primitive, span: span() }
  switch (name) {
    case 'list': {
      cursor.expect('<', 'after `list`')
      const element = parseType(cursor)
      const length = cursor.take(',') ? cursor.integer('the length of the list') : undefined
      cursor.expect('>', 'to close `list`')
      return length === undefined
        ? { kind: 'list', element, span: span() }
        : { kind: 'list', element, length, span: span() }
    }
    case 'map': {
      cursor.expect('<', 'after `map`')
      const key = parseType(cursor)
      cursor.expect(',', 'between key and value')
      const value = parseType(cursor)
      cursor.expect('>', 'to close `map`')
      return { kind: 'map', key, value, span: span() }
    }
    case 'option': {
      cursor.expect('<', 'after `option`')
      const some = parseType(cursor)
      cursor.expect('>', 'to close `option`')
      return { kind: 'option', some, span: span() }
    }
    case 'result':
      return { kind: 'result', ...parseResultArms(cursor), span: span() }
    case 'tuple': {
      cursor.expect('<', 'after `tuple`')
      const items: TypeExpression[] = []
      while (!cursor.at('>')) {
        items.push(parseType(cursor))
        if (!cursor.take(',')) break
      }
      cursor.expect('>', 'to close `tuple`')
      return { kind: 'tuple', items, span: span() }
    }
    case 'stream':
    case 'future': {
      if (!cursor.take('<')) return { kind: name, span: span() }
      const element = parseType(cursor)
      cursor.expect('>', `to close \`${name}\``)
      return { kind: name, element, span: span() }
    }
    case 'own':
    case 'borrow': {
      cursor.expect('<', `after \`${name}\``)
      const resource = cursor.name('the name of a resource')
      cursor.expect('>', `to close \`${name}\``)
      return { kind: name, resource, span: span() }
    }
    default:
      return { kind: 'name', name, span: span() }
  }
}

function parseResultArms(cursor: TokenCursor): { ok?: TypeExpression; error?: TypeExpression } {
  if (!cursor.take('<')) return {}
  const ok = cursor.take('_') ? undefined : parseType(cursor)
  const error = cursor.take(',') ? parseType(cursor) : undefined
  cursor.expect('>', 'to close `result`')
  return { ...(ok ? { ok } : {}), ...(error ? { error } : {}) }
}

/** Parses `async? func (…) -> …`. */
export function parseSignature(cursor: TokenCursor): FunctionSignature {
  const start = cursor.token.span.start
  if (cursor.functionTypes && cursor.token.kind === 'identifier' && !cursor.atWord('async') && !cursor.atWord('func')) {
    const alias = cursor.name('a function type')
    return { async: false, parameters: [], alias, span: alias.span }
  }
  const async = cursor.takeWord('async')
  if (!cursor.takeWord('func')) throw cursor.unexpected('`func`')
  return parseSignatureTail(cursor, async, start)
}

/** The part from the parameters on; constructors have no `func`. */
export function parseSignatureTail(cursor: TokenCursor, async: boolean, start: number): FunctionSignature {
  const parameters = parseParameters(cursor)
  const result = cursor.take('->') ? parseType(cursor) : undefined
  const span = { start, end: cursor.previousEnd }
  return result ? { async, parameters, result, span } : { async, parameters, span }
}

function parseParameters(cursor: TokenCursor): Parameter[] {
  cursor.expect('(', 'before the parameters')
  const parameters: Parameter[] = []
  while (!cursor.at(')')) {
    parameters.push(parseNamedType(cursor, 'the name of a parameter'))
    if (!cursor.take(',')) break
  }
  cursor.expect(')', 'behind the parameters')
  return parameters
}

/** `name: type`, as in parameters and record fields. */
export function parseNamedType(cursor: TokenCursor, what: string): Parameter {
  const name = cursor.name(what)
  cursor.expect(':', `after \`${name.name}\``)
  return { name, type: parseType(cursor) }
}
