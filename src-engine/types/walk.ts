import { peel, type Extern, type FunctionType, type Structure, type TypeNode, type ValueType } from './graph.ts'

/** The value types directly inside a type: what must be known before it. */
export function partsOf(type: TypeNode): readonly (ValueType | TypeNode)[] {
  switch (type.kind) {
    case 'named':
      return [type.of]
    case 'resource':
      return type.forward ? [type.forward] : []
    case 'record':
      return type.fields.map((field) => field.type)
    case 'variant':
      return type.cases.flatMap((one) => (one.type ? [one.type] : []))
    case 'list':
      return [type.element]
    case 'map':
      return [type.key, type.value]
    case 'tuple':
      return type.items
    case 'option':
      return [type.some]
    case 'result':
      return [type.ok, type.error].filter((part) => part !== undefined)
    case 'stream':
    case 'future':
      return type.element ? [type.element] : []
    case 'own':
    case 'borrow':
      return [type.resource]
    default:
      return []
  }
}

/** The item at a path inside an extern. */
export function descend(extern: Extern, path: readonly string[]): Extern | undefined {
  let at: Extern | undefined = extern
  for (const name of path) at = at?.kind === 'instance' ? at.type.exports.get(name) : undefined
  return at
}

/** Calls `visit` for every named type and resource inside a type; it answers whether to look further inside. */
export function walkNames(type: TypeNode, visit: (name: TypeNode) => boolean): void {
  if ((type.kind === 'named' || type.kind === 'resource') && !visit(type)) return
  for (const part of partsOf(type)) walkNames(part, visit)
}

export function walkFunction(type: FunctionType, visit: (name: TypeNode) => boolean): void {
  for (const { type: parameter } of type.parameters) walkNames(parameter, visit)
  if (type.result) walkNames(type.result, visit)
}

/** Every named type and resource that an extern mentions, its own type exports included. */
export function walkExtern(extern: Extern, visit: (name: TypeNode) => boolean): void {
  switch (extern.kind) {
    case 'function':
      walkFunction(extern.type, visit)
      return
    case 'type':
      walkNames(extern.type, visit)
      if (extern.structure) walkStructure(extern.structure, visit)
      return
    case 'instance':
      for (const inner of extern.type.exports.values()) walkExtern(inner, visit)
      return
    case 'component':
      for (const inner of [...extern.type.imports.values(), ...extern.type.exports.values()]) walkExtern(inner, visit)
  }
}

/** The same for a type that no value has. */
export function walkStructure(type: Structure, visit: (name: TypeNode) => boolean): void {
  switch (type.kind) {
    case 'function':
      walkFunction(type, visit)
      return
    case 'instance':
      walkExtern({ kind: 'instance', type }, visit)
      return
    case 'component':
      walkExtern({ kind: 'component', type }, visit)
  }
}

/** Must this type be known by name outside? Records, variants, enums, flags and resources must; the rest is spelled out. */
export function needsVisibility(type: TypeNode): boolean {
  const { kind } = peel(type)
  return kind === 'record' || kind === 'variant' || kind === 'enum' || kind === 'flags' || kind === 'resource'
}
