import { fail } from '../error.ts'
import type { ComponentType, Extern, InstanceType, TypeNode } from '../types/graph.ts'
import { packageKey, type Located, type WitPackage, type WitPackages } from './packages.ts'
import { TypeScope } from './scope.ts'
import type {
  Gate,
  InterfaceDeclaration,
  InterfaceItem,
  ItemPath,
  TypeDeclaration,
  WorldDeclaration,
  WorldExtern,
  WorldItem,
  UseDeclaration,
} from './syntax.ts'
import type { Span } from './source.ts'

/** Which items behind `@unstable(feature = …)` are read; by default none, as in wasm-tools. */
export interface WitOptions {
  readonly features?: readonly string[]
}

/**
 * The type of a world: what a component for it may import and must export. Interfaces that an import or export needs
 * through `use` become imports, as wit-component does it. Throws `wit.*` with file and line.
 */
export function resolveWorld(
  packages: WitPackages,
  world: Located<WorldDeclaration>,
  options: WitOptions = {},
): ComponentType {
  return new WorldResolution(packages, options).run(world)
}

/** The type of one interface by itself, with the imports it needs resolved beside it. */
export function resolveInterface(
  packages: WitPackages,
  face: Located<InterfaceDeclaration>,
  options: WitOptions = {},
): InstanceType {
  return new WorldResolution(packages, options).interfaceAlone(face)
}

/** A world that imports every interface of a package, so that all their types are of one piece. */
export function worldOfPackage(packages: WitPackages, owner: WitPackage, options: WitOptions = {}): ComponentType {
  return new WorldResolution(packages, options).everything(owner)
}

/** Finds a world by `namespace:package/world@version`, by its bare name, or the only one there is. */
export function findWorld(packages: WitPackages, name: string | undefined): Located<WorldDeclaration> {
  const all = packages.all().flatMap((each) => [...each.worlds.values()])
  const shown = (world: Located<WorldDeclaration>) =>
    `${world.package.name}/${world.item.name.name}${world.package.version === undefined ? '' : `@${world.package.version}`}`
  const found =
    name === undefined
      ? all
      : all.filter(
          (world) => world.item.name.name === name || shown(world) === name || shown(world).replace(/@.*/, '') === name,
        )
  const [first] = found
  if (first && found.length === 1) return first
  const list = all.map(shown).join(', ')
  if (first)
    throw fail(
      'wit.ambiguous-world',
      name === undefined ? 'there is more than one world' : `more than one world is called \`${name}\``,
      { hint: `Choose one of ${found.map(shown).join(', ')}.` },
    )
  throw fail('wit.unknown-world', name === undefined ? 'there is no world' : `there is no world \`${name}\``, {
    hint: list === '' ? 'The files declare interfaces only.' : `The worlds are ${list}.`,
  })
}

/** The world that is meant: by name, or the only one of the package that was named, or of all. Throws `wit.*`. */
export function chooseWorld(
  packages: WitPackages,
  main: WitPackage | undefined,
  name: string | undefined,
): ComponentType {
  // Without a name the packages that are only depended on do not count.
  const own = name === undefined ? [...(main?.worlds.values() ?? [])] : []
  const [only] = own
  return resolveWorld(packages, only && own.length === 1 ? only : findWorld(packages, name))
}

/** How deep interfaces may use each other. */
const depthLimit = 200

type Side = 'import' | 'export'
/** The name that an item of an included world goes by. */
type Rename = (name: string) => string

class WorldResolution {
  readonly #packages: WitPackages
  readonly #features: ReadonlySet<string>
  readonly #imports = new Map<string, Extern>()
  readonly #exports = new Map<string, Extern>()
  /** Interfaces that the world exports by path, and so are used from there by other exports. */
  readonly #exportedPaths = new Set<string>()
  readonly #open = new Set<string>()

  constructor(packages: WitPackages, options: WitOptions) {
    this.#packages = packages
    this.#features = new Set(options.features ?? [])
  }

  run(world: Located<WorldDeclaration>): ComponentType {
    const scope = new TypeScope(world.source)
    this.#collectExports(world, new Set())
    this.#world(world, scope, (name) => name, new Set())
    // Interfaces, then the types of the world, which may come from them, then what may mention both.
    const own = [...this.#imports, ...scope.externs]
    const rank = ({ kind }: Extern) => (kind === 'instance' ? 0 : kind === 'type' ? 1 : 2)
    const imports = new Map(own.sort(([, left], [, right]) => rank(left) - rank(right)))
    return { kind: 'component', imports, exports: this.#exports }
  }

  everything(owner: WitPackage): ComponentType {
    for (const [item, face] of owner.interfaces) this.#interfaceExtern({ item, span: face.item.span }, face, 'import')
    return { kind: 'component', imports: this.#imports, exports: new Map() }
  }

  interfaceAlone(face: Located<InterfaceDeclaration>): InstanceType {
    return this.#instance(face, face.item.items, 'import')
  }

  #collectExports(world: Located<WorldDeclaration>, seen: Set<string>): void {
    for (const item of world.item.items) {
      if (!this.#enabled(item.gates)) continue
      if (item.kind === 'export' && item.extern.kind === 'path')
        this.#exportedPaths.add(this.#interface(item.extern.path, world).id)
      if (item.kind !== 'include') continue
      const included = this.#worldAt(item.path, world)
      if (seen.has(included.id)) continue
      seen.add(included.id)
      this.#collectExports(included.world, seen)
    }
  }

  #world(world: Located<WorldDeclaration>, scope: TypeScope, rename: Rename, seen: Set<string>): void {
    const items = world.item.items.filter((item) => this.#enabled(item.gates))
    // Types come first: functions of the world may mention them in any order.
    for (const item of items) if (item.kind === 'use') this.#use(item, world, scope, 'import')
    scope.declareAll(items.filter(isType))
    for (const item of items) this.#worldItem(item, world, scope, rename, seen)
  }

  #worldItem(
    item: WorldItem,
    world: Located<WorldDeclaration>,
    scope: TypeScope,
    rename: Rename,
    seen: Set<string>,
  ): void {
    switch (item.kind) {
      case 'import':
      case 'export':
        this.#extern(item.kind, item.extern, world, scope, rename)
        return
      case 'include': {
        const included = this.#worldAt(item.path, world)
        if (seen.has(included.id)) return
        seen.add(included.id)
        const names = new Map<string, string>()
        for (const { name, as } of item.with) {
          if (names.has(name.name))
            throw world.source.error('wit.duplicate-name', `\`${name.name}\` is renamed twice`, name.span)
          names.set(name.name, as.name)
        }
        const used = new Set<string>()
        const inner: Rename = (name) => {
          used.add(name)
          return rename(names.get(name) ?? name)
        }
        this.#world(included.world, scope, inner, seen)
        const unused = item.with.find(({ name }) => !used.has(name.name))
        if (unused)
          throw world.source.error(
            'wit.unknown-name',
            `\`${included.id}\` has no import or export \`${unused.name.name}\``,
            unused.name.span,
            used.size > 0 ? `It has ${[...used].join(', ')}.` : undefined,
          )
      }
    }
  }

  #extern(side: Side, extern: WorldExtern, world: Located<WorldDeclaration>, scope: TypeScope, rename: Rename): void {
    if (extern.kind === 'path') {
      this.#interfaceExtern(extern.path, world, side)
      return
    }
    const target = side === 'import' ? this.#imports : this.#exports
    const name = rename(extern.name.name)
    if (target.has(name) || (side === 'import' && scope.externs.has(name)))
      throw world.source.error(
        'wit.duplicate-name',
        `the world has an ${side} \`${name}\` already`,
        extern.name.span,
        'Give one of the two another name.',
      )
    target.set(name, this.#named(side, extern, world, scope))
  }

  /** What an import or export under a name of its own is. */
  #named(
    side: Side,
    extern: Exclude<WorldExtern, { kind: 'path' }>,
    world: Located<WorldDeclaration>,
    scope: TypeScope,
  ): Extern {
    switch (extern.kind) {
      case 'named-path': {
        const { path } = extern
        const named = path.package === undefined && !world.package.interfaces.has(path.item)
        const type = named
          ? (scope.functionTypes.get(path.item) ?? world.package.functionTypes?.get(path.item))
          : undefined
        if (type) return { kind: 'function', type }
        const { face, id } = this.#interface(path, world)
        const instance = this.#instance(face, face.item.items, side)
        return { kind: 'instance', type: instance, attributes: { implements: id } }
      }
      case 'function':
        return { kind: 'function', type: scope.function(extern.signature) }
      case 'interface':
        return { kind: 'instance', type: this.#instance(world, extern.items, side) }
    }
  }

  /** The instance of an interface on one side of the world, created at first need. */
  #interfaceExtern(path: ItemPath, from: Located<unknown>, side: Side): InstanceType {
    const { id, face } = this.#interface(path, from)
    const target = side === 'import' ? this.#imports : this.#exports
    const existing = target.get(id)
    if (existing?.kind === 'instance') return existing.type
    const key = `${side} ${id}`
    if (this.#open.has(key))
      throw from.source.error('wit.cycle', `the interface \`${id}\` uses itself in a circle`, path.span)
    if (this.#open.size >= depthLimit)
      throw from.source.error('wit.nesting', `interfaces use each other more than ${depthLimit} deep`, path.span)
    this.#open.add(key)
    const type = this.#instance(face, face.item.items, side)
    this.#open.delete(key)
    target.set(id, { kind: 'instance', type })
    return type
  }

  #instance(at: Located<unknown>, items: readonly InterfaceItem[], side: Side): InstanceType {
    const scope = new TypeScope(at.source)
    const enabled = items.filter((item) => this.#enabled(item.gates))
    for (const item of enabled) if (item.kind === 'use') this.#use(item, at, scope, side)
    scope.declareAll(enabled.filter(isType))
    for (const item of enabled)
      if (item.kind === 'function') scope.addFunction(item.name.name, item.signature, item.span)
    return { kind: 'instance', exports: scope.externs }
  }

  #use(use: UseDeclaration, at: Located<unknown>, scope: TypeScope, side: Side): void {
    const { id } = this.#interface(use.path, at)
    // An exported interface takes types from another exported one where there is one, else from the imports.
    const instance = this.#interfaceExtern(
      use.path,
      at,
      side === 'export' && this.#exportedPaths.has(id) ? 'export' : 'import',
    )
    for (const { name, as } of use.names) {
      const extern = instance.exports.get(name.name)
      if (extern?.kind !== 'type')
        throw at.source.error('wit.unknown-type', `\`${id}\` has no type \`${name.name}\``, name.span)
      const type: TypeNode = extern.type
      scope.use(as?.name ?? name.name, type, name.span)
    }
  }

  #interface(
    path: ItemPath,
    from: Located<unknown>,
  ): { readonly id: string; readonly face: Located<InterfaceDeclaration> } {
    const { package: owner, item } = this.#locate(path, from)
    const face = owner.interfaces.get(item)
    if (!face) throw this.#missing('interface', path, owner, [...owner.interfaces.keys()], from)
    return { id: idOf(owner, item), face }
  }

  #worldAt(path: ItemPath, from: Located<unknown>): { readonly id: string; readonly world: Located<WorldDeclaration> } {
    const { package: owner, item } = this.#locate(path, from)
    const world = owner.worlds.get(item)
    if (!world) throw this.#missing('world', path, owner, [...owner.worlds.keys()], from)
    return { id: idOf(owner, item), world }
  }

  #locate(path: ItemPath, from: Located<unknown>): { readonly package: WitPackage; readonly item: string } {
    const aliased = path.package === undefined ? from.uses.get(path.item) : undefined
    const target = aliased ?? path
    if (target.package === undefined) return { package: from.package, item: target.item }
    if (
      target.package === from.package.name &&
      (target.version === undefined || target.version === from.package.version)
    )
      return { package: from.package, item: target.item }
    const owner = this.#packages.find(target.package, target.version)
    if (owner) return { package: owner, item: target.item }
    const others = this.#packages.all().filter((each) => each.name === target.package)
    const hint =
      others.length > 0
        ? `Known of it: ${others.map((each) => packageKey(each.name, each.version)).join(', ')}.`
        : 'Put it beside the package, in a folder `deps`.'
    throw from.source.error(
      'wit.unknown-package',
      `the package \`${packageKey(target.package, target.version)}\` is not known`,
      path.span,
      hint,
    )
  }

  #missing(
    kind: string,
    path: ItemPath,
    owner: WitPackage,
    names: readonly string[],
    from: { readonly source: Located<unknown>['source'] },
  ) {
    const span: Span = path.span
    return from.source.error(
      `wit.unknown-${kind}`,
      `\`${packageKey(owner.name, owner.version)}\` has no ${kind} \`${path.item}\``,
      span,
      names.length > 0 ? `It has ${names.join(', ')}.` : undefined,
    )
  }

  #enabled(gates: readonly Gate[]): boolean {
    return gates.every((gate) => gate.name !== 'unstable' || this.#features.has(gate.argument))
  }
}

function isType<Item extends { readonly kind: string }>(item: Item | TypeDeclaration): item is TypeDeclaration {
  return ['alias', 'record', 'variant', 'enum', 'flags', 'resource', 'function-type'].includes(item.kind)
}

function idOf(owner: WitPackage, item: string): string {
  return `${owner.name}/${item}${owner.version === undefined ? '' : `@${owner.version}`}`
}
