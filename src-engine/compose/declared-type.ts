import { fail, problemOf, type Problem } from '../error.ts'
import { freshStructure, type ComponentType, type Extern, type TypeExtern, type TypeNode } from '../types/graph.ts'
import { parseName } from '../types/names.ts'
import { walkExtern } from '../types/walk.ts'
import { WitPackages } from '../wit/packages.ts'
import { findWorld, resolveWorld } from '../wit/resolve.ts'
import { printWorld } from '../wit/print.ts'
import { declareImport } from './declared-import.ts'
import type { CompositionGraph, DeclaredType } from './graph.ts'

/**
 * A declared type, read. A value type and a function type are items of the world that declares them; an interface and a
 * world are what a WIT package in binary form has for them: the type of a component that exports just that.
 */
export interface TypeDeclared {
  readonly kind: 'value' | 'function' | 'interface' | 'world'
  /** What scripts call it. */
  readonly label: string
  /** The world that has the declaration, or that is declared. */
  readonly world: ComponentType
  /** The type as the composition exports it. */
  readonly extern: TypeExtern
  /** Names of types and full names of interfaces that it mentions. */
  readonly needs: readonly string[]
}

type Reading = TypeDeclared | { readonly problem: Problem }

const itemsWorld = 'imports'
const declaredWorld = 'declared'
const readings = new WeakMap<DeclaredType, Reading>()

/** Reads the WIT of a declared type; once per object. Never throws: a project file may hold any text. */
export function readDeclaredType(declared: DeclaredType): Reading {
  const known = readings.get(declared)
  if (known) return known
  let reading: Reading
  try {
    reading = read(declared)
  } catch (thrown) {
    reading = { problem: problemOf(thrown) }
  }
  readings.set(declared, reading)
  return reading
}

/** The declaration of a world under its full name. */
export function declareWorld(world: ComponentType, name: string): DeclaredType {
  return { wit: printWorld(world, declaredWorld), name }
}

function read({ wit, name }: DeclaredType): TypeDeclared {
  const packages = new WitPackages()
  packages.addFolder([{ path: 'type', text: wit }])
  const isWorld = packages.all().some((each) => each.worlds.has(declaredWorld))
  const world = resolveWorld(packages, findWorld(packages, isWorld ? declaredWorld : itemsWorld))
  const needs = [...world.imports.keys(), ...world.exports.keys()].filter((each) => each !== name)
  const parsed = parseName(name)
  const label = parsed.kind === 'interface' ? parsed.interface : name
  const common = { label, world, needs }
  if (isWorld) {
    const exports = new Map<string, Extern>([[name, { kind: 'component', type: world }]])
    return {
      ...common,
      kind: 'world',
      extern: freshStructure(label, { kind: 'component', imports: new Map(), exports }),
    }
  }
  const extern = world.imports.get(name)
  switch (extern?.kind) {
    case 'type':
      return { ...common, kind: 'value', extern }
    case 'function':
      return { ...common, kind: 'function', extern: freshStructure(label, extern.type) }
    case 'instance': {
      const imports = new Map([...world.imports].filter(([each]) => each !== name))
      const exports = new Map([[name, extern]])
      return { ...common, kind: 'interface', extern: freshStructure(label, { kind: 'component', imports, exports }) }
    }
    default:
      throw fail('wit.unknown-type', `the text declares no type "${name}"`)
  }
}

/**
 * The declaration of a type that a component exports by itself, as {@link readDeclaredType} reads it; undefined for one that
 * no script can declare.
 */
export function declareExported(exports: ReadonlyMap<string, Extern>, name: string): DeclaredType | undefined {
  const extern = exports.get(name)
  if (extern?.kind !== 'type') return undefined
  const { structure } = extern
  if (structure?.kind === 'instance') return undefined
  if (structure?.kind !== 'component') {
    const needed = neededTypes(exports, extern)
    const imports = new Map([...exports].filter(([, each]) => each.kind === 'type' && needed.has(each.type)))
    imports.delete(name)
    imports.set(name, structure ? { kind: 'function', type: structure } : extern)
    return declareImport({ kind: 'component', imports, exports: new Map() }, name)
  }
  const [entry, ...more] = structure.exports
  if (!entry || more.length > 0 || parseName(entry[0]).kind !== 'interface') return undefined
  const [face, inner] = entry
  if (inner.kind === 'component') return declareWorld(inner.type, face)
  if (inner.kind !== 'instance') return undefined
  const imports = new Map([...structure.imports, [face, inner]])
  return declareImport({ kind: 'component', imports, exports: new Map() }, face)
}

/** The types under names of their own that a type is made of. */
function neededTypes(exports: ReadonlyMap<string, Extern>, extern: TypeExtern): ReadonlySet<TypeNode> {
  const named = new Set([...exports.values()].flatMap((each) => (each.kind === 'type' ? [each.type] : [])))
  const needed = new Set<TypeNode>()
  walkExtern(extern, (type) => {
    const isNew = !needed.has(type)
    if (named.has(type)) needed.add(type)
    return isNew
  })
  return needed
}

/** Names of the declared types, each behind those it is made of; names that need nothing of each other in order. */
export function orderDeclared(types: NonNullable<CompositionGraph['types']>): string[] {
  const names = Object.keys(types).sort()
  const byName = new Map<string, string[]>()
  for (const name of names) {
    const declared = types[name]
    if (!declared) continue
    byName.set(declared.name, [...(byName.get(declared.name) ?? []), name])
  }
  const ordered = new Set<string>()
  const open = new Set<string>()
  const visit = (name: string): void => {
    const declared = types[name]
    if (!declared || open.has(name) || ordered.has(name)) return
    open.add(name)
    const reading = readDeclaredType(declared)
    if ('needs' in reading) for (const need of reading.needs) for (const each of byName.get(need) ?? []) visit(each)
    ordered.add(name)
  }
  for (const name of names) visit(name)
  return [...ordered]
}
