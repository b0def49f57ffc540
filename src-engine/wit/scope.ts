import {
  freshNamed,
  freshResource,
  type Extern,
  type Field,
  type FunctionType,
  type TypeNode,
  type ValueType,
} from '../types/graph.ts'
import { orderTypes } from './references.ts'
import type { SourceText, Span } from './source.ts'
import type { FunctionSignature, ResourceMember, TypeDeclaration, TypeExpression } from './syntax.ts'

/** The types that a body (interface or world) has introduced so far, and the externs they become. */
export class TypeScope {
  readonly externs = new Map<string, Extern>()
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
      else this.#introduce(name.name, freshNamed(name.name, this.#defined(declaration)), 'eq', span)
    }
    for (const { kind, name, ...rest } of declarations) {
      const resource = this.#types.get(name.name)
      if (kind !== 'resource' || !resource || !('members' in rest)) continue
      for (const member of rest.members) this.#member(name.name, resource, member)
    }
  }

  addFunction(name: string, signature: FunctionSignature, span: Span): void {
    this.#add(name, { kind: 'function', type: this.function(signature) }, span)
  }

  function(signature: FunctionSignature): FunctionType {
    const parameters = signature.parameters.map(({ name, type }): Field => ({
      name: name.name,
      type: this.value(type),
    }))
    return this.#functionType(signature, parameters, signature.result && this.value(signature.result))
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
        return { kind: expression.kind, resource: this.#lookUp(expression.resource.name, expression.resource.span) }
    }
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

  #introduce(name: string, type: TypeNode, bound: 'eq' | 'resource', span: Span): void {
    this.#add(name, { kind: 'type', type, bound }, span)
    this.#types.set(name, type)
  }

  #add(name: string, extern: Extern, span: Span): void {
    if (this.externs.has(name)) throw this.#source.error('wit.duplicate-name', `\`${name}\` is defined twice`, span)
    this.externs.set(name, extern)
  }

  #defined(declaration: Exclude<TypeDeclaration, { kind: 'resource' }>): TypeNode {
    switch (declaration.kind) {
      case 'alias':
        return this.#aliased(declaration.type)
      case 'record':
        return {
          kind: 'record',
          fields: declaration.fields.map(({ name, type }) => ({ name: name.name, type: this.value(type) })),
        }
      case 'variant':
        return {
          kind: 'variant',
          cases: declaration.cases.map(({ name, type }) =>
            type ? { name: name.name, type: this.value(type) } : { name: name.name },
          ),
        }
      case 'enum':
      case 'flags':
        return { kind: declaration.kind, names: declaration.names.map(({ name }) => name) }
    }
  }

  /** `type a = b` of a resource names the resource itself, not a handle. */
  #aliased(expression: TypeExpression): TypeNode {
    return expression.kind === 'name' ? this.#lookUp(expression.name, expression.span) : this.value(expression)
  }

  #member(resourceName: string, resource: TypeNode, member: ResourceMember): void {
    const parameters = member.signature.parameters.map(({ name, type }): Field => ({
      name: name.name,
      type: this.value(type),
    }))
    const result = member.signature.result && this.value(member.signature.result)
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
