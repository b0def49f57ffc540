import {
  freshNamed,
  freshResource,
  type ComponentType,
  type DefinedType,
  type Extern,
  type FunctionType,
  type InstanceType,
  type Named,
  type Resource,
  type Structure,
  type TypeNode,
  type ValueType,
} from './graph.ts'

/** What to do with a named type or resource that the map does not mention. */
type Unmapped = (type: Named | Resource) => boolean

/**
 * Replaces named types and resources throughout a type. Results are remembered, and where nothing changes the very same
 * object comes back: identity is what makes two resources the same.
 */
export class Substitution {
  readonly #map: ReadonlyMap<TypeNode, TypeNode>
  readonly #names = new Map<TypeNode, TypeNode>()
  readonly #memo = new Map<object, object>()
  readonly #renew: Unmapped

  /** `renew` says which unmapped names get a fresh object; by default none. */
  constructor(map: ReadonlyMap<TypeNode, TypeNode> = new Map(), renew: Unmapped = () => false) {
    this.#map = map
    this.#renew = renew
  }

  type(type: TypeNode): TypeNode {
    const mapped = this.#map.get(type) ?? this.#names.get(type)
    if (mapped) return mapped
    if (type.kind === 'resource') {
      if (!this.#renew(type)) return type
      const fresh = freshResource(type.name)
      this.#names.set(type, fresh)
      if (type.forward) fresh.forward = this.type(type.forward)
      return fresh
    }
    if (type.kind === 'named') {
      const of = this.type(type.of)
      const renewed = of !== type.of || this.#renew(type) ? freshNamed(type.name, of) : type
      this.#names.set(type, renewed)
      return renewed
    }
    return this.#memoised(type, () => this.#defined(type))
  }

  value(type: ValueType): ValueType {
    // A value type never maps to a bare resource: handles wrap those.
    const result = this.type(type)
    return result.kind === 'resource' ? type : result
  }

  extern(extern: Extern): Extern {
    const same = <Kind extends Extern>(next: Kind, changed: boolean): Extern => (changed ? next : extern)
    switch (extern.kind) {
      case 'function': {
        const type = this.function(extern.type)
        return same({ ...extern, type }, type !== extern.type)
      }
      case 'instance': {
        const type = this.instance(extern.type)
        return same({ ...extern, type }, type !== extern.type)
      }
      case 'component': {
        const type = this.component(extern.type)
        return same({ ...extern, type }, type !== extern.type)
      }
      case 'module':
        return extern
      case 'type': {
        const type = this.type(extern.type)
        const { structure: was } = extern
        const structure = was && this.structure(was)
        return same({ ...extern, type, ...(structure ? { structure } : {}) }, type !== extern.type || structure !== was)
      }
    }
  }

  structure(type: Structure): Structure {
    switch (type.kind) {
      case 'function':
        return this.function(type)
      case 'instance':
        return this.instance(type)
      case 'component':
        return this.component(type)
    }
  }

  function(type: FunctionType): FunctionType {
    return this.#memoised(type, () => {
      const parameters = mapSame(type.parameters, (field) => {
        const next = this.value(field.type)
        return next === field.type ? field : { name: field.name, type: next }
      })
      const result = type.result && this.value(type.result)
      if (parameters === type.parameters && result === type.result) return type
      return result ? { ...type, parameters, result } : { ...type, parameters }
    })
  }

  instance(type: InstanceType): InstanceType {
    return this.#memoised(type, () => {
      const exports = this.#externs(type.exports)
      return exports === type.exports ? type : { kind: 'instance', exports }
    })
  }

  component(type: ComponentType): ComponentType {
    return this.#memoised(type, () => {
      const imports = this.#externs(type.imports)
      const exports = this.#externs(type.exports)
      return imports === type.imports && exports === type.exports ? type : { kind: 'component', imports, exports }
    })
  }

  #externs(externs: ReadonlyMap<string, Extern>): ReadonlyMap<string, Extern> {
    let changed = false
    const next = new Map<string, Extern>()
    for (const [name, extern] of externs) {
      const replaced = this.extern(extern)
      changed ||= replaced !== extern
      next.set(name, replaced)
    }
    return changed ? next : externs
  }

  #memoised<Type extends object>(type: Type, make: () => Type): Type {
    const known = this.#memo.get(type) as Type | undefined
    if (known) return known
    const made = make()
    this.#memo.set(type, made)
    return made
  }

  #defined(type: DefinedType): DefinedType {
    switch (type.kind) {
      case 'record': {
        const fields = mapSame(type.fields, (field) => {
          const next = this.value(field.type)
          return next === field.type ? field : { name: field.name, type: next }
        })
        return fields === type.fields ? type : { kind: 'record', fields }
      }
      case 'variant': {
        const cases = mapSame(type.cases, (one) => {
          const next = one.type && this.value(one.type)
          return next === one.type || !next ? one : { name: one.name, type: next }
        })
        return cases === type.cases ? type : { kind: 'variant', cases }
      }
      case 'list': {
        const element = this.value(type.element)
        return element === type.element ? type : { ...type, element }
      }
      case 'map': {
        const key = this.value(type.key)
        const value = this.value(type.value)
        return key === type.key && value === type.value ? type : { kind: 'map', key, value }
      }
      case 'tuple': {
        const items = mapSame(type.items, (item) => this.value(item))
        return items === type.items ? type : { kind: 'tuple', items }
      }
      case 'option': {
        const some = this.value(type.some)
        return some === type.some ? type : { kind: 'option', some }
      }
      case 'result': {
        const ok = type.ok && this.value(type.ok)
        const error = type.error && this.value(type.error)
        if (ok === type.ok && error === type.error) return type
        return { kind: 'result', ...(ok ? { ok } : {}), ...(error ? { error } : {}) }
      }
      case 'stream':
      case 'future': {
        const element = type.element && this.value(type.element)
        return element === type.element || !element ? type : { kind: type.kind, element }
      }
      case 'own':
      case 'borrow': {
        const resource = this.type(type.resource)
        return resource === type.resource ? type : { kind: type.kind, resource }
      }
      default:
        return type
    }
  }
}

function mapSame<Item>(items: readonly Item[], change: (item: Item) => Item): readonly Item[] {
  let changed = false
  const next = items.map((item) => {
    const replaced = change(item)
    changed ||= replaced !== item
    return replaced
  })
  return changed ? next : items
}

/** Every type that an instance type itself introduces, nested instances included. */
export function typesIntroducedBy(
  exports: ReadonlyMap<string, Extern>,
  into: Set<TypeNode> = new Set(),
): Set<TypeNode> {
  for (const extern of exports.values()) {
    if (extern.kind === 'type') into.add(extern.type)
    else if (extern.kind === 'instance') typesIntroducedBy(extern.type.exports, into)
  }
  return into
}

/**
 * A declared instance type as one import or export of it: what the type introduces is new, what it captures from around
 * it stays the same. Keep `introduced` to bind it to something else afterwards.
 */
export function freshInstance(type: InstanceType): InstanceType {
  const introduced = typesIntroducedBy(type.exports)
  return new Substitution(new Map(), (each) => introduced.has(each)).instance(type)
}

/** The same for any import: a fresh copy of what it introduces. */
export function freshExtern(extern: Extern): Extern {
  return extern.kind === 'instance' ? { ...extern, type: freshInstance(extern.type) } : extern
}

/** Walks an import and what is supplied for it side by side and records which type stands for which. */
export function bindTypes(wanted: Extern, given: Extern, bind: (from: TypeNode, to: TypeNode) => void): void {
  if (wanted.kind === 'type' && given.kind === 'type') bind(wanted.type, given.type)
  else if (wanted.kind === 'instance' && given.kind === 'instance') {
    for (const [name, extern] of wanted.type.exports) {
      const supplied = given.type.exports.get(name)
      if (supplied) bindTypes(extern, supplied, bind)
    }
  }
}

/**
 * The exports of one instantiation: imports are replaced by what is supplied, everything the component makes itself is
 * new, so that two instances of one component have two different resources (generativity). Arguments are not checked here.
 */
export function instantiate(component: ComponentType, supplied: ReadonlyMap<string, Extern>): InstanceType {
  const map = new Map<TypeNode, TypeNode>()
  for (const [name, extern] of component.imports) {
    const given = supplied.get(name)
    if (given) bindTypes(extern, given, (from, to) => map.set(from, to))
  }
  return instantiateWith(component, map)
}

/** The same where the types of the imports are already mapped. */
export function instantiateWith(component: ComponentType, map: ReadonlyMap<TypeNode, TypeNode>): InstanceType {
  return new Substitution(map, () => true).instance({ kind: 'instance', exports: component.exports })
}
