import { TokenCursor } from '../wit/cursor.ts'
import {
  parseInterface,
  parseInterfaceBody,
  parseItemPath,
  parseLead,
  parsePackageName,
  parseTypeDeclaration,
  parseWorld,
} from '../wit/parse.ts'
import { SourceText, TextError } from '../wit/source.ts'
import type { PackageName } from '../wit/syntax.ts'
import { parseSignature } from '../wit/types.ts'
import type {
  Argument,
  DeclarationStatement,
  ExportStatement,
  Expression,
  ExternName,
  ImportStatement,
  ImportType,
  LetStatement,
  NewExpression,
  WacDocument,
  WacStatement,
} from './syntax.ts'

/**
 * Parses a WAC script. Throws `syntax.*` with line and column at the first place that is not WAC, or, with `report`, tells
 * every such place and leaves its statement out. The text may be of any size; nesting is bounded.
 */
export function parseWac(text: string, file?: string, report?: (error: TextError) => void): WacDocument {
  const source = new SourceText(text, file)
  const cursor = report ? recoveringCursor(source, report) : new TokenCursor(source)
  cursor.functionTypes = true
  const attempt = <Result>(part: () => Result): Result | undefined => {
    const { start } = cursor.token.span
    try {
      return part()
    } catch (thrown) {
      if (!report || !(thrown instanceof TextError)) throw thrown
      report(thrown)
      skipStatement(
        cursor,
        thrown.problem.code === 'syntax.comment' ? text.length : Math.max(start + 1, thrown.span.start),
      )
      return undefined
    }
  }
  const head = attempt(() => parseHead(cursor))
  const statements: WacStatement[] = []
  while (cursor.token.kind !== 'end') {
    const statement = attempt(() => parseStatement(cursor))
    if (statement) statements.push(statement)
  }
  const unnamed: PackageName = { name: 'local:composition', span: { start: 0, end: 0 } }
  return { source, ...(head ?? { package: unnamed }), statements, comments: cursor.comments }
}

/** A cursor even over a text that begins with something that is no token: that much is left out. */
function recoveringCursor(source: SourceText, report: (error: TextError) => void): TokenCursor {
  try {
    return new TokenCursor(source)
  } catch (thrown) {
    if (!(thrown instanceof TextError)) throw thrown
    report(thrown)
  }
  const cursor = new TokenCursor(source, source.text.length)
  skipStatement(cursor, 0)
  return cursor
}

/** Goes on behind the statement that holds this offset: after the next `;` at the end of a line. */
function skipStatement(cursor: TokenCursor, from: number): void {
  const { text } = cursor.source
  const end = /;[ \t\r]*(?:\/\/[^\n]*)?(?:\n|$)/g
  for (let at = from; ;) {
    end.lastIndex = at
    at = end.exec(text) ? end.lastIndex : text.length
    try {
      cursor.jump(at)
      return
    } catch (thrown) {
      if (!(thrown instanceof TextError)) throw thrown
      // Behind a comment that is not closed there is nothing to read.
      if (thrown.problem.code === 'syntax.comment') at = text.length
    }
  }
}

function parseHead(cursor: TokenCursor): Pick<WacDocument, 'package' | 'targets'> {
  if (!cursor.takeWord('package'))
    throw cursor.unexpected('`package`', 'A script begins with its own name, as in `package local:composition;`.')
  const name = parsePackageName(cursor)
  const targets = cursor.takeWord('targets') ? parseItemPath(cursor) : undefined
  cursor.expect(';', 'after the package name')
  return targets ? { package: name, targets } : { package: name }
}

function parseStatement(cursor: TokenCursor): WacStatement {
  if (cursor.atWord('import')) return parseImport(cursor)
  if (cursor.atWord('let')) return parseLet(cursor)
  if (cursor.atWord('export')) return parseExport(cursor)
  const declaration = parseDeclaration(cursor)
  if (declaration) return declaration
  throw cursor.unexpected(
    'a statement',
    'Statements begin with `import`, `let`, `export`, `interface`, `world`, `type`, `record`, `variant`, `enum`, `flags` or `resource`.',
  )
}

function parseDeclaration(cursor: TokenCursor): DeclarationStatement | undefined {
  const lead = parseLead(cursor)
  const declaration = cursor.atWord('interface')
    ? parseInterface(cursor, lead)
    : cursor.atWord('world')
      ? parseWorld(cursor, lead)
      : parseTypeDeclaration(cursor, lead)
  return declaration && { kind: 'declaration', declaration, span: declaration.span }
}

function parseImport(cursor: TokenCursor): ImportStatement {
  const { start } = cursor.advance().span
  const name = cursor.identifier('a name for the import')
  const as = cursor.takeWord('as') ? parseExternName(cursor, 'the external name of the import') : undefined
  cursor.expect(':', `after \`import ${name.name}\``)
  const type = parseImportType(cursor)
  cursor.expect(';', 'after the import')
  const span = { start, end: cursor.previousEnd }
  return as ? { kind: 'import', name, as, type, span } : { kind: 'import', name, type, span }
}

function parseImportType(cursor: TokenCursor): ImportType {
  const { start } = cursor.token.span
  const next = cursor.peek()
  const nextSymbol = next.kind === 'symbol' ? next.symbol : undefined
  if (cursor.atWord('async') || (cursor.atWord('func') && nextSymbol === '(')) {
    const signature = parseSignature(cursor)
    return { kind: 'function', signature, span: { start, end: cursor.previousEnd } }
  }
  if (cursor.atWord('interface') && nextSymbol === '{') {
    cursor.advance()
    const items = parseInterfaceBody(cursor)
    return { kind: 'interface', items, span: { start, end: cursor.previousEnd } }
  }
  return { kind: 'path', path: parseItemPath(cursor) }
}

function parseExternName(cursor: TokenCursor, what: string): ExternName {
  const { token } = cursor
  if (token.kind === 'string') {
    cursor.advance()
    return { name: token.value, span: token.span }
  }
  return cursor.identifier(what)
}

function parseLet(cursor: TokenCursor): LetStatement {
  const { start } = cursor.advance().span
  const name = cursor.identifier('a name')
  cursor.expect('=', `after \`let ${name.name}\``)
  const expression = parseExpression(cursor)
  cursor.expect(';', 'after the expression')
  return { kind: 'let', name, expression, span: { start, end: cursor.previousEnd } }
}

function parseExport(cursor: TokenCursor): ExportStatement {
  const { start } = cursor.advance().span
  const expression = parseExpression(cursor)
  const spread = cursor.take('...')
  const as = !spread && cursor.takeWord('as') ? parseExternName(cursor, 'the name of the export') : undefined
  cursor.expect(';', 'after the export')
  const span = { start, end: cursor.previousEnd }
  return as ? { kind: 'export', expression, as, spread, span } : { kind: 'export', expression, spread, span }
}

/** Interfaces do not nest that deep. */
const accessLimit = 100

/** Parses an expression: a name, `new`, parentheses, each with accesses behind it. */
export function parseExpression(cursor: TokenCursor): Expression {
  return cursor.nested(() => {
    let expression = parsePrimary(cursor)
    for (let depth = 0; ; depth++) {
      if (depth > accessLimit)
        throw cursor.source.error('syntax.nesting', `more than ${accessLimit} accesses in a row`, expression.span)
      const { start } = expression.span
      if (cursor.take('.')) {
        const { name } = cursor.identifier('the name of an export')
        expression = { kind: 'access', of: expression, name, quoted: false, span: { start, end: cursor.previousEnd } }
      } else if (cursor.take('[')) {
        const { token } = cursor
        if (token.kind !== 'string') throw cursor.unexpected('the full name of an export, as a string')
        cursor.advance()
        cursor.expect(']', 'behind the name')
        expression = {
          kind: 'access',
          of: expression,
          name: token.value,
          quoted: true,
          span: { start, end: cursor.previousEnd },
        }
      } else return expression
    }
  })
}

function parsePrimary(cursor: TokenCursor): Expression {
  if (cursor.take('(')) {
    const inner = parseExpression(cursor)
    cursor.expect(')', 'to close the parenthesis')
    return inner
  }
  if (cursor.atWord('new')) return parseNew(cursor)
  const { name, span } = cursor.identifier('an expression')
  return { kind: 'name', name, span }
}

function parseNew(cursor: TokenCursor): NewExpression {
  const { start } = cursor.advance().span
  const name = parsePackageName(cursor)
  cursor.expect('{', `after \`new ${name.name}\``)
  const parameters: Argument[] = []
  let fill = false
  while (!cursor.at('}')) {
    if (fill) throw cursor.unexpected('`}`', 'The trailing `...` is the last argument.')
    const spread = cursor.token.span
    if (cursor.take('...')) {
      if (cursor.at('}') || cursor.at(',')) fill = true
      else {
        const source = cursor.identifier('the instance to spread')
        parameters.push({ kind: 'spread', name: source, span: { start: spread.start, end: source.span.end } })
      }
    } else parameters.push(parseArgument(cursor))
    if (!cursor.take(',')) break
  }
  cursor.expect('}', 'to close the arguments')
  return { kind: 'new', package: name, arguments: parameters, fill, span: { start, end: cursor.previousEnd } }
}

function parseArgument(cursor: TokenCursor): Argument {
  const quoted = cursor.token.kind === 'string'
  const name = parseExternName(cursor, 'an argument')
  if (!quoted && !cursor.at(':')) return { kind: 'shorthand', name, span: name.span }
  cursor.expect(':', `after the argument \`${name.name}\``)
  const value = parseExpression(cursor)
  return { kind: 'named', name, quoted, value, span: { start: name.span.start, end: value.span.end } }
}
