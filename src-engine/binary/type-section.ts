import {
  freshNamed,
  freshResource,
  freshStructure,
  type ComponentType,
  type DefinedType,
  type Extern,
  type FunctionType,
  type InstanceType,
  type PrimitiveName,
  type TypeNode,
  type ValueType,
} from '../types/graph.ts'
import { freshExtern } from '../types/substitute.ts'
import type { DecodeBudget } from './budget.ts'
import { readCoreTypes, type CoreType } from './core-types.ts'
import { readExternName } from './names.ts'
import type { ByteReader } from './reader.ts'

/** What a component-level type index may hold. */
export type SpaceType = TypeNode | FunctionType | InstanceType | ComponentType

/** The type-level index spaces of one scope: a component, a component type or an instance type. */
export interface TypeSpaces {
  readonly types: SpaceType[]
  readonly coreTypes: CoreType[]
  readonly instances: InstanceType[]
  readonly functions: FunctionType[]
  readonly parent: TypeSpaces | undefined
  /** Type bodies around this scope; 0 for a component itself. */
  readonly depth: number
  readonly budget: DecodeBudget
}

/** Records which optional features of the component model a file needs. */
export type Feature = (name: string) => void

/** Nesting of type bodies; wasmparser refuses more. */
const depthLimit = 100

const primitives: Readonly<Record<number, PrimitiveName>> = {
  0x7f: 'bool',
  0x7e: 's8',
  0x7d: 'u8',
  0x7c: 's16',
  0x7b: 'u16',
  0x7a: 's32',
  0x79: 'u32',
  0x78: 's64',
  0x77: 'u64',
  0x76: 'f32',
  0x75: 'f64',
  0x74: 'char',
  0x73: 'string',
  0x64: 'error-context',
}

const primitiveNodes = new Map<PrimitiveName, DefinedType>()
function primitive(kind: PrimitiveName): DefinedType {
  let node = primitiveNodes.get(kind)
  if (!node) primitiveNodes.set(kind, (node = { kind }))
  return node
}

/** A scope of a type body inside `parent`. */
export function innerSpaces(parent: TypeSpaces, reader: ByteReader): TypeSpaces {
  if (parent.depth >= depthLimit)
    throw reader.error('input.limit', `types nest more than ${depthLimit} deep`, reader.at)
  const { budget, depth } = parent
  return { types: [], coreTypes: [], instances: [], functions: [], parent, depth: depth + 1, budget }
}

/** Reads one entry of a component type section. (Binary.md, "Type Definitions".) */
export function readType(reader: ByteReader, spaces: TypeSpaces, feature: Feature): SpaceType {
  const start = reader.at
  const type = readTypeBody(reader, spaces, feature)
  spaces.budget.admit(type, reader, start)
  return type
}

function readTypeBody(reader: ByteReader, spaces: TypeSpaces, feature: Feature): SpaceType {
  const start = reader.at
  const opcode = reader.u8()
  const named = primitives[opcode]
  if (named !== undefined) {
    if (named === 'error-context') feature('error-context')
    return primitive(named)
  }
  switch (opcode) {
    case 0x72:
      return {
        kind: 'record',
        fields: nonEmpty(
          reader,
          reader.vector(() => ({ name: reader.name(), type: readValue(reader, spaces, feature) })),
          'record',
        ),
      }
    case 0x71:
      return {
        kind: 'variant',
        cases: nonEmpty(
          reader,
          reader.vector(() => readCase(reader, spaces, feature)),
          'variant',
        ),
      }
    case 0x70:
      return { kind: 'list', element: readValue(reader, spaces, feature) }
    case 0x67: {
      feature('fixed-length-list')
      const element = readValue(reader, spaces, feature)
      return { kind: 'list', element, length: reader.u32() }
    }
    case 0x63: {
      feature('map')
      return { kind: 'map', key: readValue(reader, spaces, feature), value: readValue(reader, spaces, feature) }
    }
    case 0x6f:
      return {
        kind: 'tuple',
        items: nonEmpty(
          reader,
          reader.vector(() => readValue(reader, spaces, feature)),
          'tuple',
        ),
      }
    case 0x6e:
      return {
        kind: 'flags',
        names: nonEmpty(
          reader,
          reader.vector(() => reader.name()),
          'flags',
        ),
      }
    case 0x6d:
      return {
        kind: 'enum',
        names: nonEmpty(
          reader,
          reader.vector(() => reader.name()),
          'enum',
        ),
      }
    case 0x6b:
      return { kind: 'option', some: readValue(reader, spaces, feature) }
    case 0x6a: {
      const ok = readOptional(reader, spaces, feature)
      const error = readOptional(reader, spaces, feature)
      return { kind: 'result', ...(ok ? { ok } : {}), ...(error ? { error } : {}) }
    }
    case 0x69:
    case 0x68:
      return { kind: opcode === 0x69 ? 'own' : 'borrow', resource: readResource(reader, spaces) }
    case 0x66:
    case 0x65: {
      const kind = opcode === 0x66 ? 'stream' : 'future'
      feature(kind)
      const element = readOptional(reader, spaces, feature)
      return element ? { kind, element } : { kind }
    }
    case 0x40:
    case 0x43:
      if (opcode === 0x43) feature('async')
      return readFunction(reader, spaces, opcode === 0x43, feature)
    case 0x41:
      return readComponentType(reader, spaces, feature)
    case 0x42:
      return readInstanceType(reader, spaces, feature)
    case 0x3f: {
      if (spaces.depth > 0)
        throw reader.error('input.malformed', 'a resource is defined inside a type, where it can only be named', start)
      reader.s33()
      if (reader.u8() === 1) reader.u32()
      return freshResource('resource')
    }
    default:
      throw reader.error(
        'input.unknown-opcode',
        `unknown type 0x${opcode.toString(16).padStart(2, '0')} in the ${reader.what}`,
        start,
        'The file may come from a newer toolchain than this version of Patchbay knows.',
      )
  }
}

function nonEmpty<Item>(reader: ByteReader, items: Item[], what: string): Item[] {
  if (items.length === 0) throw reader.error('input.malformed', `a ${what} without members`, reader.at)
  return items
}

function readCase(reader: ByteReader, spaces: TypeSpaces, feature: Feature) {
  const name = reader.name()
  const type = readOptional(reader, spaces, feature)
  // The byte was `refines`, which is gone; older tools may still write it.
  if (reader.u8() === 1) reader.u32()
  return type ? { name, type } : { name }
}

function readOptional(reader: ByteReader, spaces: TypeSpaces, feature: Feature): ValueType | undefined {
  const present = reader.u8()
  if (present === 0x00) return undefined
  if (present !== 0x01) throw reader.unknown('optional type', present)
  return readValue(reader, spaces, feature)
}

/** A value type: a primitive, or the index of a defined one. */
export function readValue(reader: ByteReader, spaces: TypeSpaces, feature: Feature): ValueType {
  const start = reader.at
  const named = primitives[reader.peek()]
  if (named !== undefined) {
    reader.u8()
    if (named === 'error-context') feature('error-context')
    const node = primitive(named)
    return node
  }
  const type = lookUp(reader, spaces.types, reader.s33(), 'type', start)
  if (type.kind === 'function' || type.kind === 'instance' || type.kind === 'component' || type.kind === 'resource') {
    throw reader.error('input.malformed', `a ${type.kind} type stands where a value type belongs`, start)
  }
  return type
}

function readResource(reader: ByteReader, spaces: TypeSpaces): TypeNode {
  const start = reader.at
  const type = lookUp(reader, spaces.types, reader.u32(), 'type', start)
  if (type.kind === 'function' || type.kind === 'instance' || type.kind === 'component')
    throw reader.error('input.malformed', 'a handle to something that is no resource', start)
  return type
}

/** An item of an index space, or the error that names the space. */
export function lookUp<Item>(
  reader: ByteReader,
  space: readonly Item[],
  index: number,
  what: string,
  offset: number,
): Item {
  const item = space[index]
  if (item === undefined)
    throw reader.error('input.malformed', `${what} ${index} does not exist yet (there are ${space.length})`, offset)
  return item
}

function readFunction(reader: ByteReader, spaces: TypeSpaces, async: boolean, feature: Feature): FunctionType {
  const parameters = reader.vector(() => ({ name: reader.name(), type: readValue(reader, spaces, feature) }))
  const form = reader.u8()
  if (form === 0x00) return { kind: 'function', async, parameters, result: readValue(reader, spaces, feature) }
  if (form !== 0x01) throw reader.unknown('result list', form)
  const names = reader.count()
  if (names !== 0)
    throw reader.error(
      'input.malformed',
      'a function with named results',
      reader.at,
      'Named results were removed from the component model: build the file with a current toolchain.',
    )
  return { kind: 'function', async, parameters }
}

function readInstanceType(reader: ByteReader, parent: TypeSpaces, feature: Feature): InstanceType {
  const spaces = innerSpaces(parent, reader)
  const exports = new Map<string, Extern>()
  const count = reader.count()
  for (let index = 0; index < count; index++) {
    const declarator = reader.u8()
    if (declarator === 0x04) readDeclaredExtern(reader, spaces, exports, feature)
    else readDeclarator(reader, spaces, declarator, feature)
  }
  return { kind: 'instance', exports }
}

function readComponentType(reader: ByteReader, parent: TypeSpaces, feature: Feature): ComponentType {
  const spaces = innerSpaces(parent, reader)
  const imports = new Map<string, Extern>()
  const exports = new Map<string, Extern>()
  const count = reader.count()
  for (let index = 0; index < count; index++) {
    const declarator = reader.u8()
    if (declarator === 0x03) readDeclaredExtern(reader, spaces, imports, feature)
    else if (declarator === 0x04) readDeclaredExtern(reader, spaces, exports, feature)
    else readDeclarator(reader, spaces, declarator, feature)
  }
  return { kind: 'component', imports, exports }
}

function readDeclarator(reader: ByteReader, spaces: TypeSpaces, declarator: number, feature: Feature): void {
  if (declarator === 0x00) readScopeCoreTypes(reader, spaces)
  else if (declarator === 0x01) spaces.types.push(readType(reader, spaces, feature))
  else if (declarator === 0x02) readTypeAlias(reader, spaces)
  else throw reader.unknown('declarator of a type', declarator)
}

/** Core types of one scope; module types among them may alias core types of the scopes around. */
export function readScopeCoreTypes(reader: ByteReader, spaces: TypeSpaces): void {
  const start = reader.at
  readCoreTypes(reader, spaces.coreTypes, (count, index) =>
    lookUp(reader, outerSpaces(reader, spaces, count, start).coreTypes, index, 'outer core type', start),
  )
}

/** In type bodies only types, core types and instance exports can be aliased. */
function readTypeAlias(reader: ByteReader, spaces: TypeSpaces): void {
  const start = reader.at
  const sort = reader.u8()
  const coreSort = sort === 0x00 ? reader.u8() : undefined
  const target = reader.u8()
  if (target === 0x00) {
    const instance = lookUp(reader, spaces.instances, reader.u32(), 'instance', start)
    const name = reader.name()
    const extern = instance.exports.get(name)
    if (sort === 0x03 && extern?.kind === 'type') spaces.types.push(extern.structure ?? extern.type)
    else if (sort === 0x05 && extern?.kind === 'instance') spaces.instances.push(extern.type)
    else
      throw reader.error(
        'input.malformed',
        `the alias names \`${name}\`, which the instance does not export like that`,
        start,
      )
    return
  }
  if (target !== 0x02) throw reader.unknown('target of an alias', target)
  const outer = outerSpaces(reader, spaces, reader.u32(), start)
  const index = reader.u32()
  if (sort === 0x03) spaces.types.push(lookUp(reader, outer.types, index, 'outer type', start))
  else if (coreSort === 0x10) spaces.coreTypes.push(lookUp(reader, outer.coreTypes, index, 'outer core type', start))
  else throw reader.unknown('sort of an outer alias', sort)
}

/** The scope `count` levels out; 0 is this one. */
export function outerSpaces(reader: ByteReader, spaces: TypeSpaces, count: number, offset: number): TypeSpaces {
  let at: TypeSpaces | undefined = spaces
  for (let level = 0; level < count && at; level++) at = at.parent
  if (!at) throw reader.error('input.malformed', `an alias reaches ${count} scopes out, further than there are`, offset)
  return at
}

function readDeclaredExtern(reader: ByteReader, spaces: TypeSpaces, into: Map<string, Extern>, feature: Feature): void {
  const start = reader.at
  const { name, attributes } = readExternName(reader)
  if (attributes?.implements !== undefined) feature('implements')
  if (into.has(name)) throw reader.error('input.malformed', `the name \`${name}\` appears twice`, start)
  const declared = readExtern(reader, spaces, name, feature)
  if (declared.kind === 'instance') spaces.budget.spend(declared.type, reader, start)
  const extern = freshExtern(declared)
  spaces.budget.admitExtern(extern, reader, start)
  into.set(name, attributes ? { ...extern, attributes } : extern)
  if (extern.kind === 'type') spaces.types.push(extern.structure ?? extern.type)
  else if (extern.kind === 'instance') spaces.instances.push(extern.type)
  else if (extern.kind === 'function') spaces.functions.push(extern.type)
}

/** Reads `externdesc`: what an import asks for or an export is ascribed. New names get new type objects. */
export function readExtern(reader: ByteReader, spaces: TypeSpaces, name: string, feature: Feature): Extern {
  const start = reader.at
  const sort = reader.u8()
  switch (sort) {
    case 0x00: {
      const core = reader.u8()
      if (core !== 0x11) throw reader.unknown('core sort of an import or export', core)
      const type = lookUp(reader, spaces.coreTypes, reader.u32(), 'core type', start)
      if (type.kind !== 'module') throw reader.error('input.malformed', 'a core module needs a module type', start)
      return { kind: 'module', type }
    }
    case 0x01: {
      const type = lookUp(reader, spaces.types, reader.u32(), 'type', start)
      if (type.kind !== 'function')
        throw reader.error('input.malformed', `\`${name}\` is a function of a type that is no function type`, start)
      return { kind: 'function', type }
    }
    case 0x02:
      throw reader.error(
        'input.unsupported',
        `\`${name}\` is a value import or export`,
        start,
        'Values are not part of any released component model yet.',
      )
    case 0x03: {
      const bound = reader.u8()
      if (bound === 0x01) return { kind: 'type', type: freshResource(name), bound: 'resource' }
      if (bound !== 0x00) throw reader.unknown('type bound', bound)
      const of = lookUp(reader, spaces.types, reader.u32(), 'type', start)
      if (of.kind === 'function' || of.kind === 'instance' || of.kind === 'component') {
        feature('named-structure')
        return freshStructure(name, of)
      }
      return { kind: 'type', type: freshNamed(name, of), bound: 'eq' }
    }
    case 0x04: {
      const type = lookUp(reader, spaces.types, reader.u32(), 'type', start)
      if (type.kind !== 'component')
        throw reader.error('input.malformed', `\`${name}\` is a component of a type that is no component type`, start)
      return { kind: 'component', type }
    }
    case 0x05: {
      const type = lookUp(reader, spaces.types, reader.u32(), 'type', start)
      if (type.kind !== 'instance')
        throw reader.error('input.malformed', `\`${name}\` is an instance of a type that is no instance type`, start)
      return { kind: 'instance', type }
    }
    default:
      throw reader.unknown('sort of an import or export', sort)
  }
}
