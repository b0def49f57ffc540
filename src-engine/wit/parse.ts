import { TokenCursor } from './cursor.ts'
import { SourceText } from './source.ts'
import type {
  DocumentItem,
  FunctionDeclaration,
  Gate,
  Identifier,
  InterfaceDeclaration,
  InterfaceItem,
  ItemPath,
  NestedPackage,
  PackageName,
  Parameter,
  ResourceMember,
  TopLevelUse,
  TypeDeclaration,
  UseDeclaration,
  WitDocument,
  WorldDeclaration,
  WorldExtern,
  WorldItem,
  TypeExpression,
} from './syntax.ts'
import type { Comment, Symbol, Token } from './tokens.ts'
import { parseNamedType, parseSignature, parseSignatureTail, parseType } from './types.ts'

/** Parses one `.wit` file. Throws `syntax.*` with line and column. (WIT.md, "Packages and Files".) */
export function parseWit(text: string, file?: string): WitDocument {
  const cursor = new TokenCursor(new SourceText(text, file))
  let name: PackageName | undefined
  const items: DocumentItem[] = []
  while (cursor.token.kind !== 'end') {
    if (!cursor.atWord('package')) {
      items.push(parseDocumentItem(cursor))
      continue
    }
    const start = cursor.advance().span.start
    const declared = parsePackageName(cursor)
    if (cursor.at('{')) items.push(parseNestedPackage(cursor, declared, start))
    else if (name || items.length > 0)
      throw cursor.source.error('syntax.package', 'the package of a file is named once, at its top', declared.span)
    else {
      cursor.expect(';', 'after the package name')
      name = declared
    }
  }
  return name ? { package: name, items } : { items }
}

function parseNestedPackage(cursor: TokenCursor, name: PackageName, start: number): NestedPackage {
  return cursor.nested(() => {
    cursor.expect('{', 'after the package name')
    const items: DocumentItem[] = []
    while (!cursor.at('}')) {
      if (cursor.token.kind === 'end') throw cursor.unexpected('`}` to close the package')
      items.push(parseDocumentItem(cursor))
    }
    cursor.advance()
    return { kind: 'package', package: name, items, span: { start, end: cursor.previousEnd } }
  })
}

function parseDocumentItem(cursor: TokenCursor): DocumentItem {
  const lead = parseLead(cursor)
  if (cursor.atWord('interface')) return parseInterface(cursor, lead)
  if (cursor.atWord('world')) return parseWorld(cursor, lead)
  if (cursor.atWord('use')) return parseTopLevelUse(cursor)
  throw cursor.unexpected('`interface`, `world` or `use`')
}

/** What stands before a declaration: its doc comment and gates. */
export interface Lead {
  readonly start: number
  readonly gates: readonly Gate[]
  readonly docs?: string
}

export function parseLead(cursor: TokenCursor): Lead {
  const from = cursor.previousEnd
  const docs = docsBetween(cursor.comments, from, cursor.token.span.start)
  const start = cursor.token.span.start
  const gates: Gate[] = []
  while (cursor.at('@')) gates.push(parseGate(cursor))
  return docs === undefined ? { start, gates } : { start, gates, docs }
}

function parseGate(cursor: TokenCursor): Gate {
  const start = cursor.advance().span.start
  const { name } = cursor.identifier('the name of a gate')
  cursor.expect('(', `after \`@${name}\``)
  const { name: key } = cursor.identifier('`version` or `feature`')
  cursor.expect('=', `after \`${key}\``)
  const argument = key === 'version' ? cursor.versionHere().text : cursor.identifier('the name of a feature').name
  cursor.expect(')', 'to close the gate')
  return { name, argument, span: { start, end: cursor.previousEnd } }
}

function docsBetween(comments: readonly Comment[], from: number, to: number): string | undefined {
  const lines: string[] = []
  for (const comment of comments) {
    if (!comment.doc || comment.span.start < from || comment.span.end > to) continue
    if (comment.text.startsWith('///')) lines.push(comment.text.slice(3).replace(/^ /, ''))
    else
      lines.push(
        ...comment.text
          .slice(3, -2)
          .split('\n')
          .map((line) => line.trim().replace(/^\* ?/, '')),
      )
  }
  const text = lines.join('\n').trim()
  return text === '' ? undefined : text
}

/** `namespace:name`, nested names included, with an optional version. */
export function parsePackageName(cursor: TokenCursor): PackageName {
  const first = cursor.identifier('the name of a package, as in `docs:adder`')
  const parts = [first.name]
  while (cursor.take(':')) parts.push(cursor.identifier('the next part of the package name').name)
  if (parts.length < 2)
    throw cursor.source.error(
      'syntax.package',
      `\`${first.name}\` is no package name: it needs a namespace`,
      first.span,
      `Write it like local:${first.name}.`,
    )
  const version = cursor.at('@') ? cursor.version().text : undefined
  const span = { start: first.span.start, end: cursor.previousEnd }
  return version === undefined ? { name: parts.join(':'), span } : { name: parts.join(':'), version, span }
}

/** `namespace:package/item@version` or a bare `item`. */
export function parseItemPath(cursor: TokenCursor): ItemPath {
  const first = cursor.identifier('the name of an interface or world')
  if (!cursor.take(':')) return { item: first.name, span: first.span }
  return parsePathTail(cursor, first.name, first.span.start)
}

/** What follows `namespace:` in a path. */
function parsePathTail(cursor: TokenCursor, namespace: string, start: number): ItemPath {
  const parts = [namespace]
  do parts.push(cursor.identifier('the next part of the package name').name)
  while (cursor.take(':'))
  cursor.expect('/', 'before the name of the interface')
  const items = [cursor.identifier('the name of an interface or world').name]
  while (cursor.take('/')) items.push(cursor.identifier('the next part of the path').name)
  const version = cursor.at('@') ? cursor.version().text : undefined
  const span = { start, end: cursor.previousEnd }
  const path = { package: parts.join(':'), item: items.join('/'), span }
  return version === undefined ? path : { ...path, version }
}

function parseTopLevelUse(cursor: TokenCursor): TopLevelUse {
  const start = cursor.advance().span.start
  const path = parseItemPath(cursor)
  const as = cursor.takeWord('as') ? cursor.name('the new name') : undefined
  cursor.expect(';', 'after `use`')
  const span = { start, end: cursor.previousEnd }
  return as ? { kind: 'top-level-use', path, as, span } : { kind: 'top-level-use', path, span }
}

/** `interface name { … }`. */
export function parseInterface(cursor: TokenCursor, lead: Lead): InterfaceDeclaration {
  cursor.advance()
  const name = cursor.name('the name of the interface')
  const items = parseInterfaceBody(cursor)
  return { kind: 'interface', name, items, ...ending(cursor, lead) }
}

/** `{ … }` with types, functions and uses. */
export function parseInterfaceBody(cursor: TokenCursor): InterfaceItem[] {
  return parseBlock(cursor, 'the interface', () => {
    const lead = parseLead(cursor)
    const type = parseTypeDeclaration(cursor, lead)
    if (type) return type
    if (cursor.atWord('use') && cursor.peek().kind === 'identifier') return parseUse(cursor, lead)
    return parseFunction(cursor, lead)
  })
}

function parseBlock<Item>(cursor: TokenCursor, what: string, item: () => Item): Item[] {
  return cursor.nested(() => {
    cursor.expect('{', `to open ${what}`)
    const items: Item[] = []
    while (!cursor.take('}')) {
      if (cursor.token.kind === 'end') throw cursor.unexpected(`\`}\` to close ${what}`)
      items.push(item())
    }
    return items
  })
}

function parseFunction(cursor: TokenCursor, lead: Lead): FunctionDeclaration {
  const name = cursor.name('a type, a function or `use`')
  cursor.expect(':', `after \`${name.name}\``)
  const signature = parseSignature(cursor)
  cursor.expect(';', `after the function \`${name.name}\``)
  return { kind: 'function', name, signature, ...ending(cursor, lead) }
}

function ending(cursor: TokenCursor, lead: Lead) {
  const span = { start: lead.start, end: cursor.previousEnd }
  return lead.docs === undefined ? { span, gates: lead.gates } : { span, gates: lead.gates, docs: lead.docs }
}

const typeWords = ['type', 'record', 'variant', 'enum', 'flags', 'resource'] as const

/** A type declaration when one stands here; `record: func()` is a function of that name. */
export function parseTypeDeclaration(cursor: TokenCursor, lead: Lead): TypeDeclaration | undefined {
  const word = typeWords.find((candidate) => cursor.atWord(candidate))
  if (!word || cursor.peek().kind !== 'identifier') return undefined
  cursor.advance()
  const name = cursor.name(`the name of the ${word}`)
  switch (word) {
    case 'type': {
      cursor.expect('=', `after \`type ${name.name}\``)
      const next = cursor.peek()
      if (cursor.functionTypes && (cursor.atWord('async') || (cursor.atWord('func') && isSymbol(next, '(')))) {
        const signature = parseSignature(cursor)
        cursor.expect(';', 'after the function type')
        return { kind: 'function-type', name, signature, ...ending(cursor, lead) }
      }
      const type = parseType(cursor)
      cursor.expect(';', 'after the type')
      return { kind: 'alias', name, type, ...ending(cursor, lead) }
    }
    case 'record': {
      const fields = parseList(cursor, 'the record', (): Parameter => parseNamedType(cursor, 'the name of a field'))
      return { kind: 'record', name, fields, ...ending(cursor, lead) }
    }
    case 'variant': {
      const cases = parseList(cursor, 'the variant', () => parseCase(cursor))
      return { kind: 'variant', name, cases, ...ending(cursor, lead) }
    }
    case 'enum':
    case 'flags': {
      const names = parseList(cursor, `the ${word}`, () => cursor.name('a name'))
      return { kind: word, name, names, ...ending(cursor, lead) }
    }
    case 'resource': {
      const members = cursor.take(';')
        ? []
        : parseBlock(cursor, 'the resource', () => parseResourceMember(cursor, name))
      return { kind: 'resource', name, members, ...ending(cursor, lead) }
    }
  }
}

function parseList<Item>(cursor: TokenCursor, what: string, item: () => Item): Item[] {
  cursor.expect('{', `to open ${what}`)
  const items: Item[] = []
  while (!cursor.at('}')) {
    items.push(item())
    if (!cursor.take(',')) break
  }
  cursor.expect('}', `to close ${what}`)
  return items
}

function parseCase(cursor: TokenCursor): { readonly name: Identifier; readonly type?: TypeExpression } {
  const name = cursor.name('the name of a case')
  if (!cursor.take('(')) return { name }
  const type = parseType(cursor)
  cursor.expect(')', 'behind the payload')
  return { name, type }
}

function parseResourceMember(cursor: TokenCursor, resource: Identifier): ResourceMember {
  const lead = parseLead(cursor)
  if (cursor.atWord('constructor')) {
    const start = cursor.token.span.start
    const name = { name: resource.name, span: cursor.advance().span }
    const signature = parseSignatureTail(cursor, false, start)
    cursor.expect(';', 'after the constructor')
    return { kind: 'constructor', name, signature, ...ending(cursor, lead) }
  }
  const name = cursor.name('a method, `static` function or `constructor`')
  cursor.expect(':', `after \`${name.name}\``)
  const isStatic = cursor.takeWord('static')
  const signature = parseSignature(cursor)
  cursor.expect(';', `after the function \`${name.name}\``)
  return { kind: isStatic ? 'static' : 'method', name, signature, ...ending(cursor, lead) }
}

function parseUse(cursor: TokenCursor, lead: Lead): UseDeclaration {
  cursor.advance()
  const path = parseItemPath(cursor)
  cursor.expect('.', 'before the names that are used')
  const names = parseList(cursor, 'the names', () => {
    const name = cursor.name('the name of a type')
    return cursor.takeWord('as') ? { name, as: cursor.name('the new name') } : { name }
  })
  cursor.expect(';', 'after `use`')
  const { span, gates } = ending(cursor, lead)
  return { kind: 'use', path, names, span, gates }
}

/** `world name { … }`. */
export function parseWorld(cursor: TokenCursor, lead: Lead): WorldDeclaration {
  cursor.advance()
  const name = cursor.name('the name of the world')
  const items = parseBlock(cursor, 'the world', () => parseWorldItem(cursor))
  return { kind: 'world', name, items, ...ending(cursor, lead) }
}

function parseWorldItem(cursor: TokenCursor): WorldItem {
  const lead = parseLead(cursor)
  const type = parseTypeDeclaration(cursor, lead)
  if (type) return type
  if (cursor.atWord('use')) return parseUse(cursor, lead)
  if (cursor.takeWord('include')) {
    const path = parseItemPath(cursor)
    const renames = cursor.takeWord('with') ? parseList(cursor, 'the renames', () => parseRename(cursor)) : []
    // A block ends without `;`, a bare include needs it.
    if (!cursor.take(';') && renames.length === 0) throw cursor.unexpected('`;` or `with` after `include`')
    const { span, gates } = ending(cursor, lead)
    return { kind: 'include', path, with: renames, span, gates }
  }
  const kind = cursor.atWord('import') ? 'import' : cursor.atWord('export') ? 'export' : undefined
  if (!kind) throw cursor.unexpected('`import`, `export`, `use`, `include` or a type')
  cursor.advance()
  const extern = parseWorldExtern(cursor)
  const { span, gates } = ending(cursor, lead)
  return { kind, extern, span, gates }
}

function parseRename(cursor: TokenCursor): { readonly name: Identifier; readonly as: Identifier } {
  const name = cursor.name('the name to change')
  if (!cursor.takeWord('as')) throw cursor.unexpected('`as`')
  return { name, as: cursor.name('the new name') }
}

function parseWorldExtern(cursor: TokenCursor): WorldExtern {
  const name = cursor.name('the name of an interface or function')
  if (cursor.take(';')) return { kind: 'path', path: { item: name.name, span: name.span } }
  cursor.expect(':', `after \`${name.name}\``)
  if (cursor.atWord('interface') && isSymbol(cursor.peek(), '{')) {
    cursor.advance()
    const items = parseInterfaceBody(cursor)
    // WAC ends it with `;`, WIT does not.
    if (cursor.functionTypes) cursor.take(';')
    return { kind: 'interface', name, items }
  }
  if (cursor.atWord('async') || (cursor.atWord('func') && isSymbol(cursor.peek(), '('))) {
    const signature = parseSignature(cursor)
    cursor.expect(';', 'after the function')
    return { kind: 'function', name, signature }
  }
  // `a:b/c` is a path, `a: b:c/d` and `a: b` give the interface a name of its own.
  const path = isSymbol(cursor.peek(), '/') ? parsePathTail(cursor, name.name, name.span.start) : undefined
  const target = path ?? parseItemPath(cursor)
  cursor.expect(';', 'after the path')
  return path ? { kind: 'path', path } : { kind: 'named-path', name, path: target }
}

function isSymbol(token: Token, symbol: Symbol): boolean {
  return token.kind === 'symbol' && token.symbol === symbol
}
