import {
  freshNamed,
  freshResource,
  type Extern,
  type Field,
  type FunctionType,
  type TypeNode,
  type ValueType,
} from '../types/graph.ts'
import { namesOfType, orderTypes } from './references.ts'
import type { SourceText, Span } from './source.ts'
import type { FunctionSignature, Identifier, ResourceMember, TypeDeclaration, TypeExpression } from './syntax.ts'

/** How deep types may be made of each other: everything that walks them does so by recursion. */
const depthLimit = 200
const depths = new WeakMap<TypeNode, number>()

/** The types that a body (interface or world) has introduced so far, and the externs they become. */
export class TypeScope {
  readonly externs = new Map<string, Extern>()
  /** Names of function types, which only WAC has. */
  readonly functionTypes = new Map<string, FunctionType>()
  readonly #types = new Map<string, TypeNode>()
  readonly #source: SourceText

  constructor(source: SourceText) {
    this.#source = source
  }

  /** Brings a type of another body in: a new name for the same type. */
  use(name: string, type: TypeNode, span: Span): void {
    this.#introduce(name, freshNamed(name, type), 'eq', span)
  }

  /** Declares types, in whatever order they are written, and then the functions of the resources among them. */
  declareAll(declarations: readonly TypeDeclaration[]): void {
    const ordered = orderTypes(declarations, ({ name }) => {
      throw this.#source.error('wit.type-cycle', `the type \`${name.name}\` contains itself`, name.span)
    })
    for (const declaration of ordered) {
      const { name, span } = declaration
      if (declaration.kind === 'resource') this.#introduce(name.name, freshResource(name.name), 'resource', span)
      else if (declaration.kind === 'function-type')
        this.functionTypes.set(name.name, this.function(declaration.signature))
      else if (declaration.kind === 'alias' && this.#isFunctionType(declaration.type)) this.#aliasFunction(declaration)
      else
        this.#introduce(
          name.name,
          freshNamed(name.name, this.#defined(declaration)),
          'eq',
          span,
          namesOfType(declaration),
        )
    }
    for (const { kind, name, ...rest } of declarations) {
      const resource = this.#types.get(name.name)
      if (kind !== 'resource' || !resource || !('members' in rest)) continue
      this.#distinct(
        rest.members.flatMap((member) => (member.kind === 'constructor' ? [] : [member.name])),
        'function',
      )
      for (const member of rest.members) this.#member(name.name, resource, member)
    }
  }

  #isFunctionType(type: TypeExpression): boolean {
    return type.kind === 'name' && !this.#types.has(type.name) && this.functionTypes.has(type.name)
  }

  #aliasFunction({ name, type }: TypeDeclaration & { readonly kind: 'alias' }): void {
    const of = type.kind === 'name' ? this.functionTypes.get(type.name) : undefined
    if (of) this.functionTypes.set(name.name, of)
  }

  addFunction(name: string, signature: FunctionSignature, span: Span): void {
    this.#add(name, { kind: 'function', type: this.function(signature) }, span)
  }

  function(signature: FunctionSignature): FunctionType {
    const { alias } = signature
    if (alias) {
      const type = this.functionTypes.get(alias.name)
      if (type) return type
      throw this.#source.error(
        'wit.unknown-type',
        `\`${alias.name}\` is no function type`,
        alias.span,
        `Function types are declared like \`type ${alias.name} = func();\`.`,
      )
    }
    const parameters = this.#parameters(signature)
    return this.#functionType(signature, parameters, this.#result(signature))
  }

  #parameters({ parameters }: FunctionSignature): Field[] {
    this.#distinct(
      parameters.map(({ name }) => name),
      'parameter',
    )
    return parameters.map(({ name, type }): Field => ({ name: name.name, type: this.value(type) }))
  }

  #result({ result }: FunctionSignature): ValueType | undefined {
    if (!result) return undefined
    const type = this.value(result)
    if (holdsBorrow(type))
      throw this.#source.error(
        'wit.borrow-result',
        'a result cannot hold a borrowed handle',
        result.span,
        'Return the resource itself: a borrowed handle ends with the call.',
      )
    return type
  }

  /** Names of one list must differ, and there must be one. */
  #distinct(names: readonly Identifier[], what: string): void {
    const seen = new Set<string>()
    for (const { name, span } of names) {
      if (seen.has(name)) throw this.#source.error('wit.duplicate-name', `the ${what} \`${name}\` appears twice`, span)
      seen.add(name)
    }
  }

  #some(names: readonly Identifier[], { kind, name }: TypeDeclaration, what: string): void {
    this.#distinct(names, what)
    if (names.length > 0) return
    throw this.#source.error(
      'wit.empty-type',
      `the ${kind} \`${name.name}\` has no ${what}`,
      name.span,
      `Give it at least one ${what}.`,
    )
  }

  /** A type in value position: the bare name of a resource means `own`. */
  value(expression: TypeExpression): ValueType {
    switch (expression.kind) {
      case 'primitive':
        return { kind: expression.name }
      case 'name':
        return this.#reference(expression.name, expression.span)
      case 'list': {
        const element = this.value(expression.element)
        return expression.length === undefined
          ? { kind: 'list', element }
          : { kind: 'list', element, length: expression.length }
      }
      case 'map':
        return { kind: 'map', key: this.value(expression.key), value: this.value(expression.value) }
      case 'option':
        return { kind: 'option', some: this.value(expression.some) }
      case 'result':
        return {
          kind: 'result',
          ...(expression.ok ? { ok: this.value(expression.ok) } : {}),
          ...(expression.error ? { error: this.value(expression.error) } : {}),
        }
      case 'tuple':
        return { kind: 'tuple', items: expression.items.map((item) => this.value(item)) }
      case 'stream':
      case 'future':
        return expression.element
          ? { kind: expression.kind, element: this.value(expression.element) }
          : { kind: expression.kind }
      case 'own':
      case 'borrow':
        return { kind: expression.kind, resource: this.#resource(expression.resource) }
    }
  }

  #resource({ name, span }: Identifier): TypeNode {
    const type = this.#lookUp(name, span)
    let at = type
    while (at.kind === 'named') at = at.of
    if (at.kind === 'resource') return type
    throw this.#source.error(
      'wit.no-resource',
      `\`${name}\` is no resource`,
      span,
      'Only resources have handles; pass the value itself.',
    )
  }

  #reference(name: string, span: Span): ValueType {
    const type = this.#lookUp(name, span)
    if (type.kind === 'resource') return { kind: 'own', resource: type }
    // A `use`d resource is a name of a resource, and means `own` as well.
    let at: TypeNode = type
    while (at.kind === 'named') at = at.of
    return at.kind === 'resource' ? { kind: 'own', resource: type } : type
  }

  #lookUp(name: string, span: Span): TypeNode {
    const type = this.#types.get(name)
    if (!type)
      throw this.#source.error(
        'wit.unknown-type',
        `no type \`${name}\` is known here`,
        span,
        'Types are declared beside their use, or brought in with `use`.',
      )
    return type
  }

  #introduce(name: string, type: TypeNode, bound: 'eq' | 'resource', span: Span, made: readonly string[] = []): void {
    const below = type.kind === 'named' ? (depths.get(type.of) ?? 0) : 0
    const depth = 1 + Math.max(below, ...made.map((each) => depths.get(this.#types.get(each) ?? type) ?? 0))
    if (depth > depthLimit)
      throw this.#source.error(
        'wit.nesting',
        `the type \`${name}\` is made of types more than ${depthLimit} deep`,
        span,
        'No engine takes types that are nested so deep.',
      )
    depths.set(type, depth)
    this.#add(name, { kind: 'type', type, bound }, span)
    this.#types.set(name, type)
  }

  #add(name: string, extern: Extern, span: Span): void {
    if (this.externs.has(name)) throw this.#source.error('wit.duplicate-name', `\`${name}\` is defined twice`, span)
    this.externs.set(name, extern)
  }

  #defined(declaration: Exclude<TypeDeclaration, { kind: 'resource' | 'function-type' }>): TypeNode {
    switch (declaration.kind) {
      case 'alias':
        return this.#aliased(declaration.type)
      case 'record':
        this.#some(
          declaration.fields.map(({ name }) => name),
          declaration,
          'field',
        )
        return {
          kind: 'record',
          fields: declaration.fields.map(({ name, type }) => ({ name: name.name, type: this.value(type) })),
        }
      case 'variant':
        this.#some(
          declaration.cases.map(({ name }) => name),
          declaration,
          'case',
        )
        return {
          kind: 'variant',
          cases: declaration.cases.map(({ name, type }) =>
            type ? { name: name.name, type: this.value(type) } : { name: name.name },
          ),
        }
      case 'enum':
      case 'flags':
        this.#some(declaration.names, declaration, declaration.kind === 'enum' ? 'case' : 'flag')
        return { kind: declaration.kind, names: declaration.names.map(({ name }) => name) }
    }
  }

  /** `type a = b` of a resource names the resource itself, not a handle. */
  #aliased(expression: TypeExpression): TypeNode {
    return expression.kind === 'name' ? this.#lookUp(expression.name, expression.span) : this.value(expression)
  }

  #member(resourceName: string, resource: TypeNode, member: ResourceMember): void {
    const parameters = this.#parameters(member.signature)
    const result = this.#result(member.signature)
    if (member.kind === 'constructor') {
      const type = this.#functionType(member.signature, parameters, result ?? { kind: 'own', resource })
      this.#add(`[constructor]${resourceName}`, { kind: 'function', type }, member.span)
      return
    }
    const all =
      member.kind === 'method'
        ? [{ name: 'self', type: { kind: 'borrow', resource } } as const, ...parameters]
        : parameters
    this.#add(
      `[${member.kind}]${resourceName}.${member.name.name}`,
      { kind: 'function', type: this.#functionType(member.signature, all, result) },
      member.span,
    )
  }

  #functionType(
    signature: FunctionSignature,
    parameters: readonly Field[],
    result: ValueType | undefined,
  ): FunctionType {
    return result
      ? { kind: 'function', async: signature.async, parameters, result }
      : { kind: 'function', async: signature.async, parameters }
  }
}

/** Does a value of this type hold a borrowed handle? */
function holdsBorrow(type: ValueType): boolean {
  const seen = new Set<TypeNode>()
  const visit = (at: TypeNode | undefined): boolean => {
    if (!at || seen.has(at)) return false
    seen.add(at)
    switch (at.kind) {
      case 'borrow':
        return true
      case 'named':
        return visit(at.of)
      case 'record':
        return at.fields.some((field) => visit(field.type))
      case 'variant':
        return at.cases.some((each) => visit(each.type))
      case 'list':
        return visit(at.element)
      case 'map':
        return visit(at.key) || visit(at.value)
      case 'option':
        return visit(at.some)
      case 'result':
        return visit(at.ok) || visit(at.error)
      case 'tuple':
        return at.items.some(visit)
      default:
        return false
    }
  }
  return visit(type)
}
