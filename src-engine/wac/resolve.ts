import {
  argumentKey,
  type CompositionGraph,
  type DeclaredType,
  type GraphArgument,
  type GraphExport,
  type GraphImport,
  type GraphInstance,
  type GraphPackage,
  type GraphSource,
} from '../compose/graph.ts'
import { PatchbayError } from '../error.ts'
import type { ComponentType } from '../types/graph.ts'
import { matchNames } from '../types/names.ts'
import { WitPackages } from '../wit/packages.ts'
import type { SourceText, Span } from '../wit/source.ts'
import type { PackageName } from '../wit/syntax.ts'
import { Declarations, printPath } from './declarations.ts'
import { demandName, lastSegment, nearest } from './inference.ts'
import { InstanceIds, type Purpose } from './instance-ids.ts'
import { errorHere, unknownPackage, type WacResolution, type WacResolveOptions, type WacResolver } from './resolver.ts'
import { broken, type Value } from './value.ts'
import type {
  Argument,
  ExportStatement,
  Expression,
  ImportStatement,
  NewExpression,
  WacDocument,
  WacStatement,
} from './syntax.ts'

export type { WacPackage, WacPlaces, WacResolution, WacResolveOptions, WacResolver } from './resolver.ts'

/**
 * Turns a parsed script into the graph it describes. Names of `let` become instance ids, so that a canvas keeps its
 * positions while the text is edited. Throws `wac.*` with line and column at the first statement that has no meaning.
 */
export function resolveWac(
  document: WacDocument,
  resolver: WacResolver,
  options: WacResolveOptions = {},
): WacResolution {
  return new Resolution(document, resolver, options).run()
}

class Resolution {
  readonly #document: WacDocument
  readonly #resolver: WacResolver
  readonly #source: SourceText
  readonly #scope = new Map<string, Value>()
  readonly #ids: InstanceIds
  readonly #packages: Record<string, GraphPackage> = {}
  readonly #instances: Record<string, GraphInstance> = {}
  readonly #arguments: Record<string, GraphArgument> = {}
  readonly #imports: Record<string, GraphImport> = {}
  readonly #exports: Record<string, GraphExport> = {}
  readonly #types: Record<string, DeclaredType> = {}
  readonly #declarations: Declarations
  readonly #options: WacResolveOptions
  readonly #places = {
    arguments: new Map<string, Span>(),
    instances: new Map<string, Span>(),
    imports: new Map<string, Span>(),
    exports: new Map<string, Span>(),
  }

  constructor(document: WacDocument, resolver: WacResolver, options: WacResolveOptions) {
    this.#document = document
    this.#resolver = resolver
    this.#options = options
    this.#source = document.source
    this.#declarations = new Declarations(document, resolver.wit ?? new WitPackages())
    const names = document.statements.flatMap((statement) => (statement.kind === 'let' ? [statement.name.name] : []))
    this.#ids = new InstanceIds(new Set(names), options.previous)
  }

  run(): WacResolution {
    for (const statement of this.#document.statements) this.#attempt(statement.span, () => this.#statement(statement))
    this.#checkImports()
    const graph: CompositionGraph = {
      name: this.#document.package.name,
      packages: this.#packages,
      instances: this.#instances,
      arguments: this.#arguments,
      imports: this.#imports,
      exports: this.#exports,
      ...(Object.keys(this.#types).length > 0 ? { types: this.#types } : {}),
    }
    const { targets } = this.#document
    const places = this.#places
    if (!targets) return { graph, places }
    const world = this.#attempt(targets.span, () => {
      if (targets.package !== undefined) this.#checkKnown(targets.package, targets.version, targets.span)
      return this.#declarations.worldOf(targets)
    })
    return { graph, places, targets: printPath(targets), ...(world ? { world } : {}) }
  }

  #statement(statement: WacStatement): void {
    switch (statement.kind) {
      case 'import':
        this.#import(statement)
        return
      case 'export':
        this.#export(statement)
        return
      case 'let': {
        const { name, expression, span } = statement
        const value = this.#attempt(span, () => this.#evaluate(expression, { preferredId: name.name }))
        this.#declare(name.name, name.span, value ?? broken)
        return
      }
      case 'declaration': {
        const { name, span } = statement.declaration.name
        if (!this.#declarations.has(name) && (this.#scope.has(name) || this.#places.exports.has(name)))
          throw this.#error(
            'wac.duplicate-name',
            `\`${name}\` is already ${this.#scope.has(name) ? 'defined' : 'exported'}`,
            span,
            'Give one of the two another name.',
          )
        this.#declarations.declare(statement)
        const declared = this.#declarations.declared(name)
        if (!declared) return
        this.#types[name] = declared
        this.#places.exports.set(name, span)
      }
    }
  }

  /** Runs a part; a mistake in it is told, and the rest goes on, unless the first mistake is to be thrown. */
  #attempt<Result>(span: Span, part: () => Result): Result | undefined {
    try {
      return part()
    } catch (thrown) {
      if (!(thrown instanceof PatchbayError)) throw thrown
      const error = errorHere(this.#source, thrown, span)
      if (!this.#options.report) throw error
      this.#options.report(error)
      return undefined
    }
  }

  /** Is this WIT package there? The error lists every place that was looked at. */
  #checkKnown(name: string, version: string | undefined, span: Span): void {
    if (name === this.#document.package.name || this.#declarations.knows(name, version)) return
    if (this.#resolver.packageOf(name, version)) {
      throw this.#error(
        'wac.no-wit',
        `\`${name}\` is a component: an import needs the WIT that declares the interface`,
        span,
        `Name the WIT of the interface, or use the component itself: \`new ${name} { ... }\`.`,
      )
    }
    throw unknownPackage(this.#source, this.#resolver, 'WIT package', name, version, span)
  }

  #declare(name: string, span: Span, value: Value): void {
    if (this.#scope.has(name) || this.#declarations.has(name))
      throw this.#error(
        'wac.duplicate-name',
        `\`${name}\` is already defined`,
        span,
        'Give one of the two another name.',
      )
    this.#scope.set(name, value)
  }

  #import(written: ImportStatement): void {
    const statement = this.#sameAsImport(written)
    const { type, name: local } = statement
    const path = type.kind === 'path' ? type.path : undefined
    // Without its WIT the type of an import is that of whoever takes it.
    const known =
      path?.package === undefined ||
      path.package === this.#document.package.name ||
      this.#declarations.knows(path.package, path.version)
    const meaning = known
      ? this.#attempt(statement.span, () => this.#declarations.importOf(statement))
      : { name: path ? printPath(path) : local.name }
    if (!meaning) {
      this.#declare(local.name, local.span, broken)
      return
    }
    // As in wac: an interface of the script itself goes by the name of the import, any other one by its own.
    const { type: asked } = written
    const own = asked.kind === 'path' && asked.path.package === undefined && this.#declarations.has(asked.path.item)
    const name = statement.as?.name ?? (own ? local.name : meaning.name)
    const source: GraphSource = { kind: 'import', import: name, path: [] }
    this.#declare(local.name, local.span, {
      source,
      name,
      imported: statement,
      ...(path ? { face: meaning.name } : {}),
      ...('extern' in meaning ? { type: meaning.extern } : {}),
    })
    if (this.#places.imports.has(name)) {
      throw this.#error(
        'wac.duplicate-import',
        `\`${name}\` is already imported`,
        (statement.as ?? local).span,
        'Use the first of the two, or import the second under another name with `as`.',
      )
    }
    this.#places.imports.set(name, statement.span)
    if ('declared' in meaning) this.#imports[name] = { declared: meaning.declared }
  }

  /** An import may have the type of one above it: `import b: a`. */
  #sameAsImport(statement: ImportStatement): ImportStatement {
    const path = statement.type.kind === 'path' ? statement.type.path : undefined
    if (path === undefined || path.package !== undefined || this.#declarations.has(path.item)) return statement
    const above = this.#scope.get(path.item)?.imported
    return above ? { ...statement, type: above.type } : statement
  }

  /** An import whose WIT is not known needs somebody who takes it: that is where its type comes from. */
  #checkImports(): void {
    for (const { imported, name } of this.#scope.values()) {
      if (!imported || name === undefined || this.#imports[name]) continue
      const path = imported.type.kind === 'path' ? imported.type.path : undefined
      if (path?.package === undefined) continue
      const { package: from, version, span } = path
      this.#attempt(span, () => this.#checkKnown(from, version, span))
    }
  }

  #evaluate(expression: Expression, naming: { readonly preferredId?: string; readonly purpose?: Purpose } = {}): Value {
    switch (expression.kind) {
      case 'name':
        return this.#lookUp(expression.name, expression.span)
      case 'new':
        return this.#instantiate(expression, naming)
      case 'access': {
        const of = this.#evaluate(expression.of, naming.purpose ? { purpose: naming.purpose } : {})
        return this.#access(of, expression.name, expression.quoted, expression.span)
      }
    }
  }

  #lookUp(name: string, span: Span): Value {
    const value = this.#scope.get(name)
    if (value) return value
    if (this.#declarations.has(name))
      throw this.#error(
        'wac.no-value',
        `\`${name}\` is a type`,
        span,
        'A composition passes and exports functions and instances; types come with the interfaces that have them.',
      )
    const meant = nearest(name, this.#scope.keys())
    throw this.#error(
      'wac.unknown-name',
      `nothing is called \`${name}\` here`,
      span,
      meant ? `Did you mean \`${meant}\`?` : 'Names are defined by `let` and `import`, above their use.',
    )
  }

  #access(of: Value, name: string, quoted: boolean, span: Span): Value {
    if (of.broken) return broken
    if (of.type?.kind !== 'instance') {
      const what = of.imported && !of.type ? 'the WIT of this import was not found' : 'only an instance has exports'
      throw this.#error('wac.no-instance', `\`${name}\` cannot be taken from this: ${what}`, span)
    }
    const { exports } = of.type.type
    const full = this.#infer(name, quoted, exports.keys(), span, 'export')
    const type = exports.get(full)
    const source: GraphSource = { ...of.source, path: [...of.source.path, full] }
    return type ? { source, type, name: full } : { source, name: full }
  }

  #infer(name: string, quoted: boolean, names: Iterable<string>, span: Span, what: 'import' | 'export'): string {
    const inferred = demandName(name, quoted, [...names], what)
    if ('found' in inferred) return inferred.found
    const { code, message, hint } = inferred
    throw this.#error(code, message, span, hint)
  }

  #instantiate(
    expression: NewExpression,
    { preferredId, purpose }: { readonly preferredId?: string; readonly purpose?: Purpose },
  ): Value {
    const component = this.#package(expression.package)
    const { type } = component
    const base = lastSegment(expression.package.name.replaceAll(':', '/'))
    const id = preferredId ?? this.#ids.choose(expression.package.name, purpose, base, this.#instances)
    this.#instances[id] = { package: component.id }
    this.#places.instances.set(id, expression.package.span)
    const given = new Set<string>()
    let whole = true
    for (const argument of expression.arguments) {
      const ok = this.#attempt(argument.span, () => {
        this.#argument(id, expression.package, type, argument, given)
        return true
      })
      whole &&= ok === true
    }
    if (!expression.fill && whole) this.#attempt(expression.span, () => this.#checkComplete(given, expression, type))
    return {
      source: { kind: 'instance', instance: id, path: [] },
      type: { kind: 'instance', type: { kind: 'instance', exports: type.exports } },
    }
  }

  #package(name: PackageName): { readonly id: string; readonly type: ComponentType } {
    const found = this.#resolver.packageOf(name.name, name.version)
    const shown = name.version === undefined ? name.name : `${name.name}@${name.version}`
    if (!found && this.#declarations.knows(name.name, name.version)) {
      throw this.#error(
        'wac.no-component',
        `\`${shown}\` is a WIT package: it has types, and nothing that can be instantiated`,
        name.span,
        `Give the file of a component with -d ${name.name}=PATH.`,
      )
    }
    if (!found) throw unknownPackage(this.#source, this.#resolver, 'component', name.name, name.version, name.span)
    const version = name.version ?? found.version
    this.#packages[shown] =
      version === undefined ? { name: name.name, hash: found.hash } : { name: name.name, version, hash: found.hash }
    return { id: shown, type: found.type }
  }

  #argument(
    instance: string,
    component: PackageName,
    type: ComponentType,
    argument: Argument,
    given: Set<string>,
  ): void {
    switch (argument.kind) {
      case 'named': {
        const name = this.#infer(argument.name.name, argument.quoted, type.imports.keys(), argument.name.span, 'import')
        given.add(name)
        const purpose = { argument: argumentKey(instance, name) }
        this.#connect(instance, name, this.#evaluate(argument.value, { purpose }), argument.span)
        return
      }
      case 'shorthand': {
        const value = this.#lookUp(argument.name.name, argument.span)
        const own = [value.face, value.name].find((each) => each !== undefined && type.imports.has(each))
        const name = own ?? this.#infer(argument.name.name, false, type.imports.keys(), argument.span, 'import')
        given.add(name)
        this.#connect(instance, name, value, argument.span)
        return
      }
      case 'spread':
        this.#spread(instance, component, type, argument, given)
    }
  }

  #spread(
    instance: string,
    component: PackageName,
    type: ComponentType,
    { name: from, span }: Argument & { readonly kind: 'spread' },
    given: Set<string>,
  ): void {
    const value = this.#lookUp(from.name, from.span)
    if (value.broken) {
      for (const name of type.imports.keys()) given.add(name)
      return
    }
    if (value.type?.kind !== 'instance')
      throw this.#error('wac.no-instance', `\`${from.name}\` cannot be spread: only an instance has exports`, span)
    const exports = [...value.type.type.exports.keys()]
    let any = false
    for (const name of type.imports.keys()) {
      if (given.has(name)) continue
      const match = exports.includes(name) ? name : exports.find((each) => matchNames(each, name) !== 'no')
      if (match === undefined) continue
      given.add(name)
      this.#connect(instance, name, this.#access(value, match, true, span), span)
      any = true
    }
    if (any) return
    throw this.#error(
      'wac.empty-spread',
      `no export of \`${from.name}\` is an open import of \`${component.name}\``,
      span,
      `\`${component.name}\` imports ${[...type.imports.keys()].join(', ') || 'nothing'}.`,
    )
  }

  #connect(instance: string, name: string, value: Value, span: Span): void {
    const key = argumentKey(instance, name)
    if (this.#places.arguments.has(key))
      throw this.#error('wac.duplicate-argument', `the import \`${name}\` is given twice`, span)
    this.#places.arguments.set(key, span)
    if (value.broken) return
    this.#arguments[key] = { instance, name, source: value.source }
    if (value.imported && value.name !== undefined) this.#imports[value.name] ??= { typeOf: { instance, name } }
  }

  #checkComplete(given: ReadonlySet<string>, expression: NewExpression, type: ComponentType): void {
    const open = [...type.imports.keys()].filter((name) => !given.has(name))
    if (open.length === 0) return
    const shown = open.map((name) => `\`${name}\``).join(', ')
    throw this.#error(
      'wac.missing-argument',
      `\`${expression.package.name}\` also imports ${shown}`,
      expression.span,
      'Pass them as arguments, or end the arguments with `...` to import what is left.',
    )
  }

  /** `export t as "u"`, where `t` is a type: it is exported under that name and no other. */
  #exportType(statement: ExportStatement, label: string): void {
    const { as, expression } = statement
    const declared = this.#declarations.declared(label)
    // What has no meaning was told already.
    if (!declared) return
    if (!as || statement.spread)
      throw this.#error(
        'wac.no-value',
        `\`${label}\` is a type, which is exported as it is`,
        expression.span,
        'Remove the statement, or give the type another name with `as "name"`.',
      )
    if (as.name !== label) this.#checkFree(as.name, as.span)
    for (const [name, each] of Object.entries(this.#types)) {
      if (each !== declared) continue
      delete this.#types[name]
      this.#places.exports.delete(name)
    }
    this.#types[as.name] = declared
    this.#places.exports.set(as.name, statement.span)
  }

  /** May something be exported under this name? */
  #checkFree(name: string, span: Span): void {
    const isType = Object.hasOwn(this.#types, name) || this.#declarations.has(name)
    if (!isType && !Object.hasOwn(this.#exports, name)) return
    throw this.#error(
      'wac.duplicate-export',
      `\`${name}\` is already ${isType ? 'declared as a type' : 'exported'}`,
      span,
      'Rename one of the two with `as`.',
    )
  }

  #export(statement: ExportStatement): void {
    const { expression } = statement
    if (expression.kind === 'name' && !this.#scope.has(expression.name) && this.#declarations.has(expression.name)) {
      this.#exportType(statement, expression.name)
      return
    }
    const purpose = statement.as ? { purpose: { export: statement.as.name } } : {}
    const value = this.#evaluate(statement.expression, purpose)
    if (value.broken) return
    if (statement.spread) {
      if (value.type?.kind !== 'instance')
        throw this.#error('wac.no-instance', 'only the exports of an instance can be spread', statement.span)
      const names = [...value.type.type.exports.keys()].filter(
        (name) => !Object.hasOwn(this.#exports, name) && !Object.hasOwn(this.#types, name),
      )
      if (names.length === 0) {
        throw this.#error(
          'wac.empty-spread',
          'there is nothing to export that is not exported already',
          statement.span,
          'Remove the statement.',
        )
      }
      for (const name of names) {
        this.#exports[name] = { source: { ...value.source, path: [...value.source.path, name] } }
        this.#places.exports.set(name, statement.span)
      }
      return
    }
    const name = statement.as?.name ?? value.face ?? value.name
    if (name === undefined) {
      throw this.#error(
        'wac.unnamed-export',
        'an instance as a whole has no name of its own',
        statement.span,
        'Export one of its exports, all of them with `...`, or the whole with `as "name"`.',
      )
    }
    this.#checkFree(name, statement.span)
    this.#exports[name] = { source: value.source }
    this.#places.exports.set(name, statement.span)
  }

  #error(code: `${string}.${string}`, message: string, span: Span, hint?: string) {
    return this.#source.error(code, message, span, hint)
  }
}
