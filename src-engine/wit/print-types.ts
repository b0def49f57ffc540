import { parseName } from '../types/names.ts'
import type { Extern, FunctionType, Resource, Structure, TypeNode, ValueType } from '../types/graph.ts'
import { keywords } from './keywords.ts'

/** A label as WIT writes it: keywords are escaped. */
export function printLabel(name: string): string {
  return keywords.has(name) ? `%${name}` : name
}

/** Names given to types by the body that is printed; where a name is missing the type prints its own. */
export type NameOf = (type: TypeNode) => string | undefined

/** A type as it stands in a signature: by name where it has one. */
export function printType(type: TypeNode, nameOf: NameOf = () => undefined): string {
  const given = nameOf(type)
  if (given !== undefined) return printLabel(given)
  if (type.kind === 'named' || type.kind === 'resource') return printLabel(type.name)
  return printStructure(type, nameOf)
}

/** A type spelled out, its own name ignored. */
export function printStructure(
  type: Exclude<TypeNode, { kind: 'named' | 'resource' }>,
  nameOf: NameOf = () => undefined,
): string {
  const print = (inner: TypeNode) => printType(inner, nameOf)
  switch (type.kind) {
    case 'record':
      return `record { ${type.fields.map((field) => `${printLabel(field.name)}: ${print(field.type)}`).join(', ')} }`
    case 'variant':
      return `variant { ${type.cases.map((one) => printLabel(one.name) + (one.type ? `(${print(one.type)})` : '')).join(', ')} }`
    case 'enum':
    case 'flags':
      return `${type.kind} { ${type.names.map(printLabel).join(', ')} }`
    case 'list':
      return type.length === undefined ? `list<${print(type.element)}>` : `list<${print(type.element)}, ${type.length}>`
    case 'map':
      return `map<${print(type.key)}, ${print(type.value)}>`
    case 'tuple':
      return `tuple<${type.items.map(print).join(', ')}>`
    case 'option':
      return `option<${print(type.some)}>`
    case 'result':
      if (type.error) return `result<${type.ok ? print(type.ok) : '_'}, ${print(type.error)}>`
      return type.ok ? `result<${print(type.ok)}>` : 'result'
    case 'stream':
    case 'future':
      return type.element ? `${type.kind}<${print(type.element)}>` : type.kind
    case 'own':
      return print(type.resource)
    case 'borrow':
      return `borrow<${print(type.resource)}>`
    default:
      return type.kind
  }
}

/** `async func(a: u32) -> string`; `self` of a method can be left out. */
export function printFunction(
  type: FunctionType,
  nameOf: NameOf = () => undefined,
  omitSelf = false,
  omitResult = false,
): string {
  const parameters = type.parameters
    .slice(omitSelf ? 1 : 0)
    .map((field) => `${printLabel(field.name)}: ${printType(field.type, nameOf)}`)
  const result = type.result && !omitResult ? ` -> ${printType(type.result, nameOf)}` : ''
  return `${type.async ? 'async ' : ''}func(${parameters.join(', ')})${result}`
}

/** A function with its name, as a port's tooltip shows it: `headers.append: func(name: string) -> result`. */
export function printNamedFunction(name: string, type: FunctionType): string {
  const parsed = parseName(name)
  if (parsed.kind === 'constructor')
    return `${printLabel(parsed.resource)}: constructor${printFunction(type, undefined, false, true).replace(/^async func|^func/, '')}`
  if (parsed.kind === 'method') return `${parsed.resource}.${parsed.function}: ${printFunction(type, undefined, true)}`
  if (parsed.kind === 'static') return `${parsed.resource}.${parsed.function}: static ${printFunction(type)}`
  return `${printLabel(name)}: ${printFunction(type)}`
}

/** One line that says what an extern is. */
export function describeExtern(extern: Extern): string {
  switch (extern.kind) {
    case 'function':
      return printFunction(extern.type)
    case 'instance':
      return `interface with ${extern.type.exports.size} item${extern.type.exports.size === 1 ? '' : 's'}`
    case 'component':
      return 'component'
    case 'module':
      return 'core module'
    case 'type':
      return extern.structure ? describeStructure(extern.structure) : describeTypeExtern(extern.type)
  }
}

/** What a type that no value has is the type of. */
export function describeStructure(type: Structure): string {
  switch (type.kind) {
    case 'function':
      return `the type ${printFunction(type)}`
    case 'instance':
      return 'the type of an interface'
    case 'component':
      return type.imports.size === 0 && [...type.exports.values()].every(({ kind }) => kind === 'instance')
        ? 'the type of an interface'
        : 'the type of a world'
  }
}

function describeTypeExtern(type: TypeNode): string {
  let at = type
  while (at.kind === 'named') at = at.of
  return at.kind === 'resource' ? 'resource' : printStructure(at)
}

/** True where a value type is one that only a name can stand for in WIT. */
export function needsName(type: ValueType | Resource): boolean {
  return type.kind === 'record' || type.kind === 'variant' || type.kind === 'enum' || type.kind === 'flags'
}
