import { readDeclaredType } from '../compose/declared-type.ts'
import {
  argumentKey,
  faceOfImport,
  type CompositionGraph,
  type DeclaredType,
  type GraphSource,
} from '../compose/graph.ts'
import { PatchbayError } from '../error.ts'
import type { WitPackages } from '../wit/packages.ts'
import type { Span } from '../wit/source.ts'
import { applyEdits, leadingComments, orderChunks, type Chunk, type Edit } from './chunks.ts'
import { printImportType } from './import-type.ts'
import { witAround } from './known-wit.ts'
import { parseWac } from './parse.ts'
import { printWac } from './print.ts'
import { resolveWac, type WacResolution, type WacResolveOptions, type WacResolver } from './resolve.ts'
import { sameMeaning } from './same-meaning.ts'
import { identifier, Statements, type TypeOfHash } from './statements.ts'
import type { Argument, Expression, NewExpression, WacDocument, WacStatement } from './syntax.ts'
import { keepTaken } from './taken-imports.ts'

/** What has to be known to carry an edit of the graph over to the text. */
export interface WacUpdateContext {
  readonly typeOf: TypeOfHash
  /** The WIT that the script may name. */
  readonly wit?: WitPackages
}

/**
 * The script changed as little as the new graph asks for: statements and arguments that still hold keep their words, their
 * order and the comments around them. The result always means `graph`; where the old text cannot be kept (it has mistakes,
 * or says what cannot be changed in part) it is printed anew below its first comments. Throws as {@link printWac} does.
 */
export function updateWac(oldText: string, graph: CompositionGraph, context: WacUpdateContext): string {
  const { typeOf } = context
  const resolver = resolverOf(graph, context)
  // Nested instances go by the ids that the graph has for them.
  const options = { previous: graph }
  const lenient = { ...options, report: () => undefined }
  const resolved = (document: WacDocument, how: WacResolveOptions): WacResolution => {
    const resolution = resolveWac(document, resolver, how)
    return { ...resolution, graph: keepTaken(resolution.graph, graph, typeOf) }
  }
  const means = (text: string): boolean => {
    try {
      return sameMeaning(resolved(parseWac(text), options).graph, graph)
    } catch (thrown) {
      if (thrown instanceof PatchbayError) return false
      throw thrown
    }
  }
  if (means(oldText)) return oldText
  // Before anything else: a graph that no script can say.
  const printed = printWac(graph, typeOf, printImportType)
  try {
    const document = parseWac(oldText)
    const read = resolved(document, lenient)
    const renamed = followRename(document, read.graph, graph) ?? followImport(document, read, graph)
    // What looks like another name may be one thing gone and another come.
    for (const start of renamed === undefined ? [document] : [parseWac(renamed), document]) {
      const updated = new Update(start, resolved(start, lenient), graph, typeOf).run()
      if (means(updated)) return updated
    }
  } catch (thrown) {
    if (!(thrown instanceof PatchbayError)) throw thrown
  }
  return leadingComments(oldText) + printed
}

/** The packages of a graph by the names that its script calls them. */
function resolverOf(graph: CompositionGraph, { typeOf, wit }: WacUpdateContext): WacResolver {
  return {
    packageOf(name, version) {
      const entries = Object.values(graph.packages).filter((entry) => entry.name === name)
      const entry = entries.find((each) => each.version === version) ?? (version === undefined ? entries[0] : undefined)
      const type = entry && typeOf(entry.hash)
      if (!entry || !type) return undefined
      return { hash: entry.hash, type, ...(entry.version === undefined ? {} : { version: entry.version }) }
    },
    searched: () => [],
    wit: witAround(wit, graph, typeOf),
  }
}

/** The text with the name of one instance changed, when that is what happened to the graph. */
function followRename(document: WacDocument, before: CompositionGraph, after: CompositionGraph): string | undefined {
  const gone = Object.keys(before.instances).filter((id) => !Object.hasOwn(after.instances, id))
  const come = Object.keys(after.instances).filter((id) => !Object.hasOwn(before.instances, id))
  const [old, id] = [gone[0], come[0]]
  if (old === undefined || id === undefined || gone.length > 1 || come.length > 1) return undefined
  const hashOf = (graph: CompositionGraph, each: string) => graph.packages[graph.instances[each]?.package ?? '']?.hash
  if (hashOf(before, old) !== hashOf(after, id)) return undefined
  const spans: Span[] = []
  const visit = (expression: Expression): void => {
    if (expression.kind === 'access') visit(expression.of)
    else if (expression.kind === 'name') {
      if (expression.name === old) spans.push(expression.span)
    } else {
      for (const argument of expression.arguments) {
        if (argument.kind === 'named') visit(argument.value)
        else if (argument.name.name === old) spans.push(argument.name.span)
      }
    }
  }
  for (const statement of document.statements) {
    if (statement.kind !== 'let' && statement.kind !== 'export') continue
    if (statement.kind === 'let' && statement.name.name === old) spans.push(statement.name.span)
    visit(statement.expression)
  }
  return applyEdits(
    document.source.text,
    spans.map((span) => ({ span, text: identifier(id) })),
  )
}

/** The text with the outer name of one import changed, when that is what happened to the graph; inside it keeps its name. */
function followImport(document: WacDocument, before: WacResolution, after: CompositionGraph): string | undefined {
  const gone = Object.keys(before.graph.imports).filter((name) => !Object.hasOwn(after.imports, name))
  const come = Object.keys(after.imports).filter((name) => !Object.hasOwn(before.graph.imports, name))
  const [old, name] = [gone[0], come[0]]
  if (old === undefined || name === undefined || gone.length > 1 || come.length > 1) return undefined
  const face = faceOfImport(after, name)
  if (faceOfImport(before.graph, old) !== face) return undefined
  const start = before.places.imports.get(old)?.start
  const statement = document.statements.find(({ kind, span }) => kind === 'import' && span.start === start)
  if (statement?.kind !== 'import') return undefined
  const { name: local, as } = statement
  const span = { start: local.span.end, end: as?.span.end ?? local.span.end }
  return applyEdits(document.source.text, [{ span, text: face === name ? '' : ` as ${JSON.stringify(name)}` }])
}

class Update {
  readonly #document: WacDocument
  readonly #before: WacResolution
  readonly #after: CompositionGraph
  readonly #statements: Statements
  /** Names that the statements give, by the offset of the statement or argument that gives them. */
  readonly #exportsAt: ReadonlyMap<number, readonly string[]>
  readonly #argumentsAt: ReadonlyMap<number, readonly string[]>
  readonly #importAt: ReadonlyMap<number, readonly string[]>
  readonly #instanceAt: ReadonlyMap<number, readonly string[]>
  readonly #edits: Edit[] = []
  constructor(document: WacDocument, before: WacResolution, after: CompositionGraph, typeOf: TypeOfHash) {
    this.#document = document
    this.#before = before
    this.#after = after
    const { places } = before
    this.#exportsAt = byOffset(places.exports)
    this.#argumentsAt = byOffset(places.arguments)
    this.#importAt = byOffset(places.imports)
    this.#instanceAt = byOffset(places.instances)
    const locals = document.statements.flatMap((statement): [string, string][] => {
      const name = statement.kind === 'import' ? this.#importAt.get(statement.span.start)?.[0] : undefined
      return name !== undefined && statement.kind === 'import' && Object.hasOwn(after.imports, name)
        ? [[name, statement.name.name]]
        : []
    })
    this.#statements = new Statements(after, typeOf, printImportType, new Map(locals))
  }

  run(): string {
    const { text } = this.#document.source
    const said = { imports: new Set<string>(), instances: new Set<string>(), exports: new Set<string>() }
    const dropped = new Set<WacStatement>()
    for (const statement of this.#document.statements) {
      if (!this.#statement(statement, said)) dropped.add(statement)
    }
    const chunks: Chunk[] = []
    let at = this.#endOfLine(headEnd(this.#document))
    const head = text.slice(0, at)
    let carried = ''
    for (const statement of this.#document.statements) {
      const { start } = statement.span
      const end = this.#endOfLine(statement.span.end)
      const lead = text.slice(at, start)
      if (dropped.has(statement)) {
        // Comments set apart by an empty line belong to what follows as much as to what goes.
        const apart = lead.lastIndexOf('\n\n')
        carried += apart < 0 ? '' : lead.slice(0, apart)
      } else {
        const inside = this.#edits
          .filter(({ span }) => span.start >= start && span.end <= statement.span.end)
          .map(({ span, text: next }) => ({ span: { start: span.start - start, end: span.end - start }, text: next }))
        const body = applyEdits(text.slice(start, statement.span.end), inside) + text.slice(statement.span.end, end)
        const name = statement.kind === 'let' || statement.kind === 'import' ? statement.name.name : undefined
        chunks.push({
          text: carried + lead + body,
          rank: rankOf(statement),
          ...(name === undefined ? {} : { name }),
        })
        carried = ''
      }
      at = end
    }
    const tail = carried + text.slice(at)
    this.#insertNew(chunks, said)
    return `${head}${orderChunks(chunks)
      .map((chunk) => chunk.text)
      .join('')}${tail}`
  }

  /** Statements for what the text does not say yet, each behind the last of its kind. */
  #insertNew(
    chunks: Chunk[],
    said: {
      readonly imports: ReadonlySet<string>
      readonly instances: ReadonlySet<string>
      readonly exports: ReadonlySet<string>
    },
  ): void {
    const insert = (rank: number, texts: readonly (readonly [string, string | undefined])[]) => {
      const last = chunks.findLastIndex((chunk) => chunk.rank <= rank)
      const gap = chunks[last]?.rank === rank ? '\n' : '\n\n'
      const added = texts.map(([text, name], index): Chunk => ({
        text: `${index === 0 ? gap : '\n'}${text}`,
        rank,
        ...(name === undefined ? {} : { name }),
      }))
      chunks.splice(last + 1, 0, ...added)
    }
    const missing = (all: Readonly<Record<string, unknown>>, known: ReadonlySet<string>) =>
      Object.keys(all)
        .filter((name) => !known.has(name))
        .sort()
    const { imports, instances, exports } = this.#after
    const declared = new Set(
      this.#document.statements.flatMap((each) => (each.kind === 'declaration' ? [each.declaration.name.name] : [])),
    )
    const newImports = missing(imports, said.imports)
    const { types = {} } = this.#after
    const newTypes = [...this.#statements.types()].filter(
      ([name]) => !declared.has(name) && (newImports.length > 0 || labelled(this.#after, name) !== undefined),
    )
    insert(
      0,
      newTypes.map(([name, text]) => [text, name] as const),
    )
    insert(
      0,
      newImports.map((name) => {
        const text = this.#statements.import(name)
        return [text, /^import %?([\w-]+)/.exec(text)?.[1]] as const
      }),
    )
    insert(
      1,
      missing(instances, said.instances).map((id) => [this.#statements.let(id), id] as const),
    )
    insert(
      2,
      missing(exports, said.exports).map((name) => [this.#statements.export(name), undefined] as const),
    )
    const before = this.#before.graph.types ?? {}
    insert(
      2,
      [...this.#statements.typeExports()].flatMap(([name, text]) =>
        JSON.stringify(before[name]) === JSON.stringify(types[name]) ? [] : [[text, undefined] as const],
      ),
    )
  }

  /** Edits a statement to what it has to say now; false when it has nothing to say any more. */
  #statement(
    statement: WacStatement,
    said: {
      readonly imports: Set<string>
      readonly instances: Set<string>
      readonly exports: Set<string>
    },
  ): boolean {
    switch (statement.kind) {
      case 'declaration':
        return this.#declaration(statement)
      case 'import': {
        const name = this.#importAt.get(statement.span.start)?.[0]
        const now = name === undefined ? undefined : this.#after.imports[name]
        if (name === undefined || !now) return false
        said.imports.add(name)
        const was = this.#before.graph.imports[name]
        if (JSON.stringify(now.declared) !== JSON.stringify(was?.declared))
          this.#replace(statement.span, this.#statements.import(name))
        return true
      }
      case 'let':
        return this.#let(statement.expression, statement.name.name, statement.span, said.instances)
      case 'export':
        return this.#export(statement, said)
    }
  }

  /** A declaration stays while the graph has it, or an import mentions it. */
  #declaration({ declaration, span }: WacStatement & { readonly kind: 'declaration' }): boolean {
    const label = declaration.name.name
    const was = labelled(this.#before.graph, label)
    const now = labelled(this.#after, label)
    if (was?.wit === now?.wit) return true
    const text = this.#statements.types().get(label)
    if (text === undefined) return false
    this.#replace(span, text)
    return true
  }

  #let(expression: Expression, name: string, span: Span, said: Set<string>): boolean {
    if (expression.kind !== 'new') return this.#value(expression, said)
    if (!Object.hasOwn(this.#after.instances, name)) return false
    said.add(name)
    if (!this.#new(expression, name, said)) this.#replace(span, this.#statements.let(name))
    return true
  }

  #export(
    { span, expression }: WacStatement & { readonly kind: 'export' },
    said: { readonly instances: Set<string>; readonly exports: Set<string> },
  ): boolean {
    const given = this.#exportsAt.get(span.start) ?? []
    const { types = {} } = this.#after
    const type = given.find((name) => Object.hasOwn(this.#before.graph.types ?? {}, name))
    if (type !== undefined) return JSON.stringify(types[type]) === JSON.stringify(this.#before.graph.types?.[type])
    const left = given.filter((name) => Object.hasOwn(this.#after.exports, name))
    for (const name of left) said.exports.add(name)
    const same = left.every((name) =>
      this.#sameSource(this.#before.graph.exports[name]?.source, this.#after.exports[name]?.source),
    )
    if (left.length === 0) return false
    if (same && left.length === given.length && this.#value(expression, said.instances)) return true
    this.#replace(span, left.map((name) => this.#statements.export(name)).join('\n'))
    return true
  }

  /** Can this expression stay as it is? Nested instances in it are counted as said. */
  #value(expression: Expression, said: Set<string>): boolean {
    if (expression.kind === 'access') return this.#value(expression.of, said)
    if (expression.kind === 'name') return true
    const id = this.#instanceAt.get(expression.package.span.start)?.[0]
    if (id === undefined || !Object.hasOwn(this.#after.instances, id) || this.#uses(id) > 1) return false
    const edits = this.#edits.length
    const nested = new Set<string>([id])
    if (!this.#new(expression, id, nested)) {
      this.#edits.length = edits
      return false
    }
    for (const each of nested) said.add(each)
    return true
  }

  /** How often an instance is taken from. */
  #uses(id: string): number {
    const all = [...Object.values(this.#after.arguments), ...Object.values(this.#after.exports)]
    return all.filter(({ source }) => source.kind === 'instance' && source.instance === id).length
  }

  /** Edits the arguments of an instance; false when the whole expression has to be written anew. */
  #new(expression: NewExpression, id: string, said: Set<string>): boolean {
    const { graph } = this.#before
    const hashOf = (of: CompositionGraph) => of.packages[of.instances[id]?.package ?? '']?.hash
    if (!Object.hasOwn(graph.instances, id) || hashOf(graph) !== hashOf(this.#after)) return false
    const wanted = new Map(this.#statements.argumentsOf(id).map(({ name, source }) => [name, source]))
    const kept: boolean[] = []
    for (const argument of expression.arguments) kept.push(this.#argument(argument, id, wanted, said))
    const open = this.#statements.isOpen(id)
    this.#list(
      expression,
      kept,
      [...wanted].map(([name, source]) => this.#statements.argument(name, source)),
      open,
    )
    return true
  }

  /** Edits one argument; false when it goes. What it gives is taken from `wanted`. */
  #argument(argument: Argument, id: string, wanted: Map<string, GraphSource>, said: Set<string>): boolean {
    const keys = this.#argumentsAt.get(argument.span.start) ?? []
    const names = keys.filter((key) => key.startsWith(`${id} `)).map((key) => key.slice(id.length + 1))
    const left = names.filter((name) => wanted.has(name))
    if (left.length === 0) return false
    const same = left.every((name) =>
      this.#sameSource(this.#before.graph.arguments[argumentKey(id, name)]?.source, wanted.get(name)),
    )
    const texts = left.map((name) => {
      const source = wanted.get(name)
      wanted.delete(name)
      return source ? this.#statements.argument(name, source) : ''
    })
    if (same && left.length === names.length && (argument.kind !== 'named' || this.#value(argument.value, said)))
      return true
    this.#replace(argument.span, texts.join(', '))
    return true
  }

  /** Takes arguments out of the list and puts new ones in, in the manner the list is written in. */
  #list(expression: NewExpression, kept: readonly boolean[], added: readonly string[], open: boolean): void {
    const { text } = this.#document.source
    const fill = open && !expression.fill
    expression.arguments.forEach((argument, index) => {
      if (kept[index]) return
      const comma = /^\s*,/.exec(text.slice(argument.span.end))?.[0].length ?? 0
      const before = /[ \t]*\n?[ \t]*$/.exec(text.slice(0, argument.span.start))?.[0] ?? ''
      this.#replace({ start: argument.span.start - before.length, end: argument.span.end + comma }, '')
    })
    if (added.length === 0 && !fill) return
    const brace = expression.span.end - 1
    const inside = text.slice(expression.package.span.end, brace)
    const many = inside.includes('\n') || expression.arguments.length + added.length > 2
    const last = expression.arguments.at(-1)
    const dots = expression.fill ? text.lastIndexOf('...', brace) : -1
    const items = [...added, ...(fill ? ['...'] : [])]
    const tail = text.slice(last?.span.end ?? expression.package.span.end, dots < 0 ? brace : dots)
    const needsComma = last !== undefined && kept.at(-1) !== false && dots < 0 && !tail.includes(',')
    const indent = `${/[ \t]*$/.exec(text.slice(0, lineStart(text, expression.span.start)))?.[0] ?? ''}  `
    if (dots >= 0) {
      this.#insert(dots, items.map((item) => `${item},${many ? `\n${indent}` : ' '}`).join(''))
      return
    }
    if (needsComma && last) this.#insert(last.span.end, ',')
    const behind = /\s*$/.exec(text.slice(0, brace))?.[0].length ?? 0
    const body = many
      ? items.map((item) => `\n${indent}${item}${item === '...' ? '' : ','}`).join('') + '\n'
      : ` ${items.join(', ')} `
    this.#replace({ start: brace - behind, end: brace }, body)
  }

  #sameSource(was: GraphSource | undefined, now: GraphSource | undefined): boolean {
    return was !== undefined && now !== undefined && JSON.stringify(was) === JSON.stringify(now)
  }

  #replace(span: Span, text: string): void {
    this.#edits.push({ span, text })
  }

  #insert(at: number, text: string): void {
    this.#edits.push({ span: { start: at, end: at }, text })
  }

  /** Behind a comment on the rest of the line. */
  #endOfLine(offset: number): number {
    const comment = this.#document.comments.find(({ span }) => span.start >= offset)
    if (!comment || /[^ \t]/.test(this.#document.source.text.slice(offset, comment.span.start))) return offset
    return comment.span.end
  }
}

/** The type that a graph declares under the name that scripts call it. */
function labelled({ types = {} }: CompositionGraph, label: string): DeclaredType | undefined {
  return Object.values(types).find((declared) => {
    const reading = readDeclaredType(declared)
    return 'label' in reading && reading.label === label
  })
}

function headEnd({ source, package: name, targets }: WacDocument): number {
  return source.text.indexOf(';', (targets ?? name).span.end) + 1
}

function lineStart(text: string, offset: number): number {
  const start = text.lastIndexOf('\n', offset - 1) + 1
  return start + (/^[ \t]*/.exec(text.slice(start))?.[0].length ?? 0)
}

/** Imports and declarations, then `let`, then `export`. */
function rankOf({ kind }: WacStatement): number {
  return kind === 'let' ? 1 : kind === 'export' ? 2 : 0
}

function byOffset(places: ReadonlyMap<string, Span>): Map<number, string[]> {
  const found = new Map<number, string[]>()
  for (const [name, { start }] of places) found.set(start, [...(found.get(start) ?? []), name])
  return found
}
