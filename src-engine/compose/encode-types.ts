import { ByteWriter } from '../binary/writer.ts'
import { fail } from '../error.ts'
import {
  peel,
  type ComponentType,
  type CoreExternType,
  type CoreModuleType,
  type Extern,
  type FunctionType,
  type InstanceType,
  type NameAttributes,
  type PrimitiveName,
  type Structure,
  type TypeNode,
  type ValueType,
} from '../types/graph.ts'

/** Writes an index where a value type stands: a primitive, or the index of a type of this scope. */
export type ValueEncoding = { readonly primitive: number } | { readonly index: number }

const primitiveBytes: Readonly<Record<PrimitiveName, number>> = {
  bool: 0x7f,
  s8: 0x7e,
  u8: 0x7d,
  s16: 0x7c,
  u16: 0x7b,
  s32: 0x7a,
  u32: 0x79,
  s64: 0x78,
  u64: 0x77,
  f32: 0x76,
  f64: 0x75,
  char: 0x74,
  string: 0x73,
  'error-context': 0x64,
}

export function primitiveByte(kind: string): number | undefined {
  return Object.hasOwn(primitiveBytes, kind) ? primitiveBytes[kind as PrimitiveName] : undefined
}

/** Writes the name of an import or export; attributes only where there are some, so that older engines read the rest. */
export function writeExternName(writer: ByteWriter, name: string, attributes?: NameAttributes): void {
  const list: (readonly [number, string])[] = []
  if (attributes?.implements !== undefined) list.push([0x00, attributes.implements])
  if (attributes?.versionSuffix !== undefined) list.push([0x01, attributes.versionSuffix])
  if (attributes?.externalId !== undefined) list.push([0x02, attributes.externalId])
  if (list.length === 0) {
    writer.u8(0x00).name(name)
    return
  }
  writer.u8(0x02).name(name)
  writer.vector(list, ([kind, text]) => writer.u8(kind).name(text))
}

/**
 * A scope that types are written into: the root of the component, or the body of an instance or component type. It knows
 * the index of every type it has met, and where to get those it has not.
 */
export abstract class TypeScope {
  protected readonly indices = new Map<TypeNode | FunctionType | InstanceType | ComponentType, number>()
  protected nextType = 0

  /** Adds a definition to this scope. */
  protected abstract define(write: (body: ByteWriter) => void): void
  /** The index of a named type or resource of somewhere else. */
  protected abstract nominal(type: TypeNode & { kind: 'named' | 'resource' }): number
  /** How many scopes lie outside this one. */
  abstract readonly level: number
  /** Makes a body one level in. */
  protected abstract body(): BodyScope

  /** Remembers a type that was introduced here by an import, export or alias. */
  introduce(type: TypeNode): number {
    const index = this.nextType++
    this.indices.set(type, index)
    return index
  }

  known(type: TypeNode): number | undefined {
    return this.indices.get(type)
  }

  typeIndex(type: TypeNode): number {
    const known = this.indices.get(type)
    if (known !== undefined) return known
    if (type.kind === 'named' || type.kind === 'resource') {
      const index = this.nominal(type)
      this.indices.set(type, index)
      return index
    }
    return this.#structural(type)
  }

  value(type: ValueType): ValueEncoding {
    const primitive = primitiveByte(type.kind)
    return primitive === undefined ? { index: this.typeIndex(type) } : { primitive }
  }

  function(type: FunctionType): number {
    const known = this.indices.get(type)
    if (known !== undefined) return known
    const parameters = type.parameters.map(({ name, type: of }) => ({ name, type: this.value(of) }))
    const result = type.result && this.value(type.result)
    return this.#add(type, (body) => {
      body.u8(type.async ? 0x43 : 0x40).vector(parameters, (each) => writeValue(body.name(each.name), each.type))
      if (result) writeValue(body.u8(0x00), result)
      else body.u8(0x01).u8(0x00)
    })
  }

  instance(type: InstanceType): number {
    const inner = this.body()
    for (const [name, extern] of type.exports) inner.declare(0x04, name, extern)
    return this.#add(type, (body) => body.u8(0x42).raw(inner.finish()))
  }

  component(type: ComponentType): number {
    const inner = this.body()
    for (const [name, extern] of type.imports) inner.declare(0x03, name, extern)
    for (const [name, extern] of type.exports) inner.declare(0x04, name, extern)
    return this.#add(type, (body) => body.u8(0x41).raw(inner.finish()))
  }

  structure(type: Structure): number {
    switch (type.kind) {
      case 'function':
        return this.function(type)
      case 'instance':
        return this.instance(type)
      case 'component':
        return this.component(type)
    }
  }

  /** What describes an extern behind its name; types it needs are defined first. */
  describe(extern: Extern): (writer: ByteWriter) => void {
    switch (extern.kind) {
      case 'function': {
        const index = this.function(extern.type)
        return (writer) => writer.u8(0x01).u32(index)
      }
      case 'instance': {
        const index = this.instance(extern.type)
        return (writer) => writer.u8(0x05).u32(index)
      }
      case 'component': {
        const index = this.component(extern.type)
        return (writer) => writer.u8(0x04).u32(index)
      }
      case 'module': {
        const index = this.coreModule(extern.type)
        return (writer) => writer.u8(0x00).u8(0x11).u32(index)
      }
      case 'type': {
        if (extern.structure) {
          const index = this.structure(extern.structure)
          return (writer) => writer.u8(0x03).u8(0x00).u32(index)
        }
        const of = this.#boundOf(extern.type)
        if (!of) return (writer) => writer.u8(0x03).u8(0x01)
        const encoded = this.boundIndex(of)
        return (writer) => writer.u8(0x03).u8(0x00).u32(encoded)
      }
    }
  }

  /** Can the type be named from here? */
  abstract reaches(type: TypeNode): boolean

  /**
   * What a type name stands for; nothing for a resource that is introduced by it. A component tells only by its exports
   * that a resource of its own is there.
   */
  #boundOf(type: TypeNode): TypeNode | undefined {
    if (type.kind !== 'named' && type.kind !== 'resource') return type
    let at = type.kind === 'named' ? type.of : type.forward
    const bound = at
    while (at && (at.kind === 'named' || at.kind === 'resource')) {
      if (this.reaches(at)) return bound
      const next: TypeNode | undefined = at.kind === 'named' ? at.of : at.forward
      if (at.kind === 'resource' && !next) return undefined
      at = next
    }
    return bound
  }

  /** An `eq` bound needs an index even for a primitive. */
  boundIndex(type: TypeNode): number {
    const primitive = primitiveByte(type.kind)
    if (primitive === undefined) return this.typeIndex(type)
    const index = this.nextType++
    this.define((body) => body.u8(primitive))
    return index
  }

  protected abstract coreModule(type: CoreModuleType): number

  #add(type: TypeNode | FunctionType | InstanceType | ComponentType, write: (body: ByteWriter) => void): number {
    const index = this.nextType++
    this.indices.set(type, index)
    this.define(write)
    return index
  }

  #structural(type: Exclude<TypeNode, { kind: 'named' | 'resource' }>): number {
    const optional = (part: ValueType | undefined) => part && this.value(part)
    const writeOptional = (body: ByteWriter, part: ValueEncoding | undefined) =>
      part ? writeValue(body.u8(0x01), part) : body.u8(0x00)
    switch (type.kind) {
      case 'record': {
        const fields = type.fields.map(({ name, type: of }) => ({ name, type: this.value(of) }))
        return this.#add(type, (body) =>
          body.u8(0x72).vector(fields, (field) => writeValue(body.name(field.name), field.type)),
        )
      }
      case 'variant': {
        const cases = type.cases.map(({ name, type: of }) => ({ name, type: optional(of) }))
        return this.#add(type, (body) =>
          body.u8(0x71).vector(cases, (one) => writeOptional(body.name(one.name), one.type).u8(0x00)),
        )
      }
      case 'enum':
      case 'flags':
        return this.#add(type, (body) =>
          body.u8(type.kind === 'enum' ? 0x6d : 0x6e).vector(type.names, (name) => body.name(name)),
        )
      case 'list': {
        const element = this.value(type.element)
        const { length } = type
        return this.#add(type, (body) => {
          writeValue(body.u8(length === undefined ? 0x70 : 0x67), element)
          if (length !== undefined) body.u32(length)
        })
      }
      case 'map': {
        const key = this.value(type.key)
        const value = this.value(type.value)
        return this.#add(type, (body) => writeValue(writeValue(body.u8(0x63), key), value))
      }
      case 'tuple': {
        const items = type.items.map((item) => this.value(item))
        return this.#add(type, (body) => body.u8(0x6f).vector(items, (item) => writeValue(body, item)))
      }
      case 'option': {
        const some = this.value(type.some)
        return this.#add(type, (body) => writeValue(body.u8(0x6b), some))
      }
      case 'result': {
        const ok = optional(type.ok)
        const error = optional(type.error)
        return this.#add(type, (body) => writeOptional(writeOptional(body.u8(0x6a), ok), error))
      }
      case 'stream':
      case 'future': {
        const element = optional(type.element)
        return this.#add(type, (body) => writeOptional(body.u8(type.kind === 'stream' ? 0x66 : 0x65), element))
      }
      case 'own':
      case 'borrow': {
        const resource = this.typeIndex(type.resource)
        return this.#add(type, (body) => body.u8(type.kind === 'own' ? 0x69 : 0x68).u32(resource))
      }
      default: {
        const primitive = primitiveByte(type.kind)
        return this.#add(type, (body) => body.u8(primitive ?? 0x73))
      }
    }
  }
}

function writeValue(writer: ByteWriter, value: ValueEncoding): ByteWriter {
  return 'primitive' in value ? writer.u8(value.primitive) : writer.s33(value.index)
}

/** The body of an instance or component type. */
export class BodyScope extends TypeScope {
  readonly level: number
  readonly #outer: TypeScope
  readonly #root: TypeScope
  readonly #declarators = new ByteWriter()
  readonly #instances = new Map<TypeNode, { readonly instance: number; readonly path: readonly string[] }>()
  #count = 0
  #nextInstance = 0
  #nextCoreType = 0

  constructor(outer: TypeScope, root: TypeScope) {
    super()
    this.#outer = outer
    this.#root = root
    this.level = outer.level + 1
  }

  /** Adds an import (0x03) or export (0x04) declarator. */
  declare(declarator: 0x03 | 0x04, name: string, extern: Extern): void {
    const describe = this.describe(extern)
    this.#count++
    this.#declarators.u8(declarator)
    writeExternName(this.#declarators, name, extern.attributes)
    describe(this.#declarators)
    if (extern.kind === 'type') {
      const resource = peel(extern.type)
      const isNew = resource.kind === 'resource' && !this.reaches(resource)
      const index = this.introduce(extern.type)
      if (isNew) this.indices.set(resource, index)
    } else if (extern.kind === 'instance') this.#own(extern.type, this.#nextInstance++, [])
  }

  override reaches(type: TypeNode): boolean {
    return this.indices.has(type) || this.#instances.has(type) || this.#outer.reaches(type)
  }

  finish(): Uint8Array {
    return new ByteWriter().u32(this.#count).raw(this.#declarators.finish()).finish()
  }

  protected override define(write: (body: ByteWriter) => void): void {
    this.#count++
    write(this.#declarators.u8(0x01))
  }

  protected override body(): BodyScope {
    return new BodyScope(this, this.#root)
  }

  protected override nominal(type: TypeNode & { kind: 'named' | 'resource' }): number {
    const local = this.#instances.get(type)
    if (local) return this.#aliasExport(local.instance, local.path)
    let at: TypeScope = this.#outer
    for (let count = 1; at instanceof BodyScope; count++) {
      if (at.known(type) !== undefined || at.#instances.has(type)) return this.#aliasOuter(count, at.typeIndex(type))
      at = at.#outer
    }
    return this.#aliasOuter(this.level, this.#root.typeIndex(type))
  }

  protected override coreModule(type: CoreModuleType): number {
    this.#count++
    writeModuleType(this.#declarators.u8(0x00), type)
    return this.#nextCoreType++
  }

  #aliasOuter(count: number, index: number): number {
    this.#count++
    this.#declarators.u8(0x02).u8(0x03).u8(0x02).u32(count).u32(index)
    return this.nextType++
  }

  #aliasExport(instance: number, path: readonly string[]): number {
    let at = instance
    path.forEach((name, index) => {
      this.#count++
      this.#declarators
        .u8(0x02)
        .u8(index === path.length - 1 ? 0x03 : 0x05)
        .u8(0x00)
        .u32(at)
        .name(name)
      at = index === path.length - 1 ? at : this.#nextInstance++
    })
    return this.nextType++
  }

  #own(type: InstanceType, instance: number, path: readonly string[]): void {
    for (const [name, extern] of type.exports) {
      if (extern.kind === 'type') {
        const place = { instance, path: [...path, name] }
        const of = peel(extern.type)
        if (of.kind === 'resource' && !this.reaches(of)) this.#instances.set(of, place)
        this.#instances.set(extern.type, place)
      } else if (extern.kind === 'instance') this.#own(extern.type, instance, [...path, name])
    }
  }
}

const coreValueBytes: Readonly<Record<string, number>> = {
  i32: 0x7f,
  i64: 0x7e,
  f32: 0x7d,
  f64: 0x7c,
  v128: 0x7b,
  funcref: 0x70,
  externref: 0x6f,
  exnref: 0x69,
}

function coreValue(name: string): number {
  const byte = coreValueBytes[name]
  if (byte === undefined)
    throw fail('graph.unsupported', `a core module with the type ${name} cannot be passed through a composition`, {
      hint: 'Wire the module import to a component that provides it.',
    })
  return byte
}

/** Writes a core module type. (Binary.md, "Core Definitions".) */
export function writeModuleType(writer: ByteWriter, type: CoreModuleType): void {
  const declarators = new ByteWriter()
  let count = 0
  let types = 0
  const extern = (of: CoreExternType, head: (body: ByteWriter) => void) => {
    if (of.kind === 'func' || of.kind === 'tag') {
      count++
      const results = of.kind === 'func' ? of.results : []
      declarators
        .u8(0x01)
        .u8(0x60)
        .vector(of.parameters, (each) => declarators.u8(coreValue(each)))
        .vector(results, (each) => declarators.u8(coreValue(each)))
      types++
    }
    count++
    head(declarators)
    writeCoreExtern(declarators, of, types - 1)
  }
  for (const each of type.imports) extern(each.type, (body) => body.u8(0x00).name(each.module).name(each.name))
  for (const [name, of] of type.exports) extern(of, (body) => body.u8(0x03).name(name))
  writer.u8(0x50).u32(count).raw(declarators.finish())
}

function writeCoreExtern(writer: ByteWriter, type: CoreExternType, lastType: number): void {
  switch (type.kind) {
    case 'func':
      writer.u8(0x00).u32(lastType)
      return
    case 'table':
      writeLimits(writer.u8(0x01).u8(coreValue(type.element)), type, false)
      return
    case 'memory':
      writeLimits(writer.u8(0x02), type, type.shared)
      return
    case 'global':
      writer
        .u8(0x03)
        .u8(coreValue(type.type))
        .u8(type.mutable ? 1 : 0)
      return
    case 'tag':
      writer.u8(0x04).u8(0x00).u32(lastType)
  }
}

function writeLimits(
  writer: ByteWriter,
  limits: { readonly minimum: bigint; readonly maximum?: bigint; readonly is64: boolean },
  shared: boolean,
): void {
  writer
    .u8((limits.maximum === undefined ? 0 : 1) | (shared ? 2 : 0) | (limits.is64 ? 4 : 0))
    .u32(Number(limits.minimum))
  if (limits.maximum !== undefined) writer.u32(Number(limits.maximum))
}
