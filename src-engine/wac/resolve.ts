import {
  argumentKey,
  type CompositionGraph,
  type GraphArgument,
  type GraphExport,
  type GraphImport,
  type GraphInstance,
  type GraphPackage,
  type GraphSource,
} from '../compose/graph.ts'
import type { ComponentType, Extern } from '../types/graph.ts'
import { inferName, lastSegment, nearest } from './inference.ts'
import type { SourceText, Span } from '../wit/source.ts'
import type { PackageName } from '../wit/syntax.ts'
import type { Argument, ExportStatement, Expression, ImportStatement, NewExpression, WacDocument } from './syntax.ts'

/** A component that a script may instantiate. */
export interface WacPackage {
  /** SHA-256 of the bytes, lower-case hexadecimal. */
  readonly hash: string
  readonly version?: string
  readonly type: ComponentType
}

/** Where a script finds its packages. */
export interface WacResolver {
  /** The package of this name (and version, when the script names one). */
  packageOf(name: string, version: string | undefined): WacPackage | undefined
  /** Every place that was looked at for a package, in order; for the error. */
  searched(name: string, version: string | undefined): readonly string[]
}

/** What a script means: the graph, and the world it says it targets. */
export interface WacResolution {
  readonly graph: CompositionGraph
  /** Full name of the world after `targets`, if the script has one. */
  readonly targets?: string
}

/**
 * Turns a parsed script into the graph it describes. Names of `let` become instance ids, so that a canvas keeps its
 * positions while the text is edited. Throws `wac.*` with line and column at the first statement that has no meaning.
 */
export function resolveWac(document: WacDocument, resolver: WacResolver): WacResolution {
  return new Resolution(document, resolver).run()
}

/** What a name stands for while a script is read. */
interface Value {
  readonly source: GraphSource
  /** Type, where it is known: imports get theirs from the argument they are passed as. */
  readonly type?: Extern
  /** External name it would be exported or passed under. */
  readonly name?: string
  /** The import statement it comes from, when it is an import as a whole. */
  readonly imported?: ImportStatement
}

class Resolution {
  readonly #document: WacDocument
  readonly #resolver: WacResolver
  readonly #source: SourceText
  readonly #scope = new Map<string, Value>()
  readonly #reserved: ReadonlySet<string>
  readonly #packages: Record<string, GraphPackage> = {}
  readonly #instances: Record<string, GraphInstance> = {}
  readonly #arguments: Record<string, GraphArgument> = {}
  readonly #imports: Record<string, GraphImport> = {}
  readonly #exports: Record<string, GraphExport> = {}

  constructor(document: WacDocument, resolver: WacResolver) {
    this.#document = document
    this.#resolver = resolver
    this.#source = document.source
    this.#reserved = new Set(
      document.statements.flatMap((statement) => (statement.kind === 'let' ? [statement.name.name] : [])),
    )
  }

  run(): WacResolution {
    for (const statement of this.#document.statements) {
      if (statement.kind === 'import') this.#import(statement)
      else if (statement.kind === 'export') this.#export(statement)
      else if (statement.kind === 'let') {
        this.#declare(
          statement.name.name,
          statement.name.span,
          this.#evaluate(statement.expression, statement.name.name),
        )
      }
    }
    this.#checkImports()
    const graph: CompositionGraph = {
      name: this.#document.package.name,
      packages: this.#packages,
      instances: this.#instances,
      arguments: this.#arguments,
      imports: this.#imports,
      exports: this.#exports,
    }
    const { targets } = this.#document
    if (!targets) return { graph }
    const world = `${targets.package === undefined ? '' : `${targets.package}/`}${targets.item}${targets.version === undefined ? '' : `@${targets.version}`}`
    return { graph, targets: world }
  }

  #declare(name: string, span: Span, value: Value): void {
    if (this.#scope.has(name))
      throw this.#error(
        'wac.duplicate-name',
        `\`${name}\` is already defined`,
        span,
        'Give one of the two another name.',
      )
    this.#scope.set(name, value)
  }

  #import(statement: ImportStatement): void {
    const { type } = statement
    const path =
      type.kind === 'path' && type.path.package !== undefined
        ? `${type.path.package}/${type.path.item}${type.path.version === undefined ? '' : `@${type.path.version}`}`
        : undefined
    const name = statement.as?.name ?? path ?? statement.name.name
    const source: GraphSource = { kind: 'import', import: name, path: [] }
    this.#declare(statement.name.name, statement.name.span, { source, name, imported: statement })
  }

  /** Every import needs somebody who takes it: that is where its type comes from. */
  #checkImports(): void {
    for (const value of this.#scope.values()) {
      const { imported, name } = value
      if (!imported || name === undefined || this.#imports[name]) continue
      throw this.#error(
        'wac.unused-import',
        `nothing takes the import \`${imported.name.name}\``,
        imported.span,
        'Pass it as an argument, or remove the statement.',
      )
    }
  }

  #evaluate(expression: Expression, preferredId?: string): Value {
    switch (expression.kind) {
      case 'name':
        return this.#lookUp(expression.name, expression.span)
      case 'new':
        return this.#instantiate(expression, preferredId)
      case 'access':
        return this.#access(this.#evaluate(expression.of), expression.name, expression.quoted, expression.span)
    }
  }

  #lookUp(name: string, span: Span): Value {
    const value = this.#scope.get(name)
    if (value) return value
    const meant = nearest(name, this.#scope.keys())
    throw this.#error(
      'wac.unknown-name',
      `nothing is called \`${name}\` here`,
      span,
      meant ? `Did you mean \`${meant}\`?` : 'Names are defined by `let` and `import`, above their use.',
    )
  }

  #access(of: Value, name: string, quoted: boolean, span: Span): Value {
    if (of.type?.kind !== 'instance') {
      const what = of.imported ? 'the type of an import is known only as a whole' : 'only an instance has exports'
      throw this.#error('wac.no-instance', `\`${name}\` cannot be taken from this: ${what}`, span)
    }
    const { exports } = of.type.type
    const full = this.#infer(name, quoted, exports.keys(), span, 'export')
    const type = exports.get(full)
    const source: GraphSource = { ...of.source, path: [...of.source.path, full] }
    return type ? { source, type, name: full } : { source, name: full }
  }

  #infer(name: string, quoted: boolean, names: Iterable<string>, span: Span, what: 'import' | 'export'): string {
    const all = [...names]
    if (quoted && all.includes(name)) return name
    const inferred = quoted ? undefined : inferName(name, all)
    if (inferred && 'found' in inferred) return inferred.found
    if (inferred) {
      throw this.#error(
        'wac.ambiguous-name',
        `\`${name}\` could be ${inferred.ambiguous.map((one) => `\`${one}\``).join(' or ')}`,
        span,
        'Write the full name as a string.',
      )
    }
    const meant = nearest(name, all)
    const list =
      all.length === 0
        ? `There is no ${what}.`
        : `The ${what}s are ${all.slice(0, 12).join(', ')}${all.length > 12 ? ', …' : ''}.`
    throw this.#error(
      `wac.unknown-${what}`,
      `there is no ${what} \`${name}\``,
      span,
      meant ? `Did you mean \`${meant}\`? ${list}` : list,
    )
  }

  #instantiate(expression: NewExpression, preferredId: string | undefined): Value {
    const component = this.#package(expression.package)
    const { type } = component
    const id = preferredId ?? this.#freeId(lastSegment(expression.package.name.replaceAll(':', '/')))
    this.#instances[id] = { package: component.id }
    for (const argument of expression.arguments) this.#argument(id, expression.package, type, argument)
    if (!expression.fill) this.#checkComplete(id, expression, type)
    return {
      source: { kind: 'instance', instance: id, path: [] },
      type: { kind: 'instance', type: { kind: 'instance', exports: type.exports } },
    }
  }

  #package(name: PackageName): { readonly id: string; readonly type: ComponentType } {
    const found = this.#resolver.packageOf(name.name, name.version)
    const shown = name.version === undefined ? name.name : `${name.name}@${name.version}`
    if (!found) {
      const places = this.#resolver.searched(name.name, name.version)
      const hint =
        places.length === 0
          ? `Give its file with -d ${name.name}=PATH.`
          : `Looked, in this order, at: ${places.join('; ')}. Give its file with -d ${name.name}=PATH.`
      throw this.#error('wac.unknown-package', `no component \`${shown}\` was found`, name.span, hint)
    }
    const version = name.version ?? found.version
    this.#packages[shown] =
      version === undefined ? { name: name.name, hash: found.hash } : { name: name.name, version, hash: found.hash }
    return { id: shown, type: found.type }
  }

  #freeId(base: string): string {
    for (let count = 1; ; count++) {
      const id = count === 1 ? base : `${base}-${count}`
      if (!this.#reserved.has(id) && !Object.hasOwn(this.#instances, id)) return id
    }
  }

  #argument(instance: string, component: PackageName, type: ComponentType, argument: Argument): void {
    switch (argument.kind) {
      case 'named': {
        const name = this.#infer(argument.name.name, argument.quoted, type.imports.keys(), argument.name.span, 'import')
        this.#connect(instance, name, this.#evaluate(argument.value), argument.span)
        return
      }
      case 'shorthand': {
        const value = this.#lookUp(argument.name.name, argument.span)
        const own = value.name !== undefined && type.imports.has(value.name) ? value.name : undefined
        const name = own ?? this.#infer(argument.name.name, false, type.imports.keys(), argument.span, 'import')
        this.#connect(instance, name, value, argument.span)
        return
      }
      case 'spread': {
        const value = this.#lookUp(argument.name.name, argument.name.span)
        if (value.type?.kind !== 'instance') {
          throw this.#error(
            'wac.no-instance',
            `\`${argument.name.name}\` cannot be spread: only an instance has exports`,
            argument.span,
          )
        }
        let any = false
        for (const name of type.imports.keys()) {
          if (Object.hasOwn(this.#arguments, argumentKey(instance, name)) || !value.type.type.exports.has(name))
            continue
          this.#connect(instance, name, this.#access(value, name, true, argument.span), argument.span)
          any = true
        }
        if (!any) {
          const hint = `\`${component.name}\` imports ${[...type.imports.keys()].join(', ') || 'nothing'}.`
          throw this.#error(
            'wac.empty-spread',
            `no export of \`${argument.name.name}\` is an open import of \`${component.name}\``,
            argument.span,
            hint,
          )
        }
      }
    }
  }

  #connect(instance: string, name: string, value: Value, span: Span): void {
    const key = argumentKey(instance, name)
    if (Object.hasOwn(this.#arguments, key))
      throw this.#error('wac.duplicate-argument', `the import \`${name}\` is given twice`, span)
    this.#arguments[key] = { instance, name, source: value.source }
    if (value.imported && value.name !== undefined) this.#imports[value.name] ??= { typeOf: { instance, name } }
  }

  #checkComplete(instance: string, expression: NewExpression, type: ComponentType): void {
    const open = [...type.imports.keys()].filter((name) => !Object.hasOwn(this.#arguments, argumentKey(instance, name)))
    if (open.length === 0) return
    const shown = open.map((name) => `\`${name}\``).join(', ')
    throw this.#error(
      'wac.missing-argument',
      `\`${expression.package.name}\` also imports ${shown}`,
      expression.span,
      'Pass them as arguments, or end the arguments with `...` to import what is left.',
    )
  }

  #export(statement: ExportStatement): void {
    const value = this.#evaluate(statement.expression)
    if (statement.spread) {
      if (value.type?.kind !== 'instance')
        throw this.#error('wac.no-instance', 'only the exports of an instance can be spread', statement.span)
      for (const name of value.type.type.exports.keys()) {
        if (Object.hasOwn(this.#exports, name)) continue
        this.#exports[name] = { source: { ...value.source, path: [...value.source.path, name] } }
      }
      return
    }
    const name = statement.as?.name ?? value.name
    if (name === undefined) {
      throw this.#error(
        'wac.unnamed-export',
        'an instance as a whole has no name of its own',
        statement.span,
        'Export one of its exports, all of them with `...`, or the whole with `as "name"`.',
      )
    }
    if (Object.hasOwn(this.#exports, name)) {
      throw this.#error(
        'wac.duplicate-export',
        `\`${name}\` is already exported`,
        statement.span,
        'Rename one of the two with `as`.',
      )
    }
    this.#exports[name] = { source: value.source }
  }

  #error(code: `${string}.${string}`, message: string, span: Span, hint?: string) {
    return this.#source.error(code, message, span, hint)
  }
}
