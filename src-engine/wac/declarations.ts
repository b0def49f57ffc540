import { declareImport } from '../compose/declared-import.ts'
import { declareWorld } from '../compose/declared-type.ts'
import type { DeclaredType } from '../compose/graph.ts'
import type { ComponentType, Extern, FunctionType } from '../types/graph.ts'
import { packageKey, type Located, type WitPackage, type WitPackages } from '../wit/packages.ts'
import { resolveInterface, resolveWorld } from '../wit/resolve.ts'
import { namesOfSignature, namesOfType } from '../wit/references.ts'
import type { Span } from '../wit/source.ts'
import type {
  FunctionSignature,
  Identifier,
  ItemPath,
  TypeDeclaration,
  WorldDeclaration,
  WorldExtern,
} from '../wit/syntax.ts'
import type { DeclarationStatement, ImportStatement, WacDocument } from './syntax.ts'

/** What an import statement asks for. */
export interface ImportMeaning {
  /** External name, when the statement gives none. */
  readonly name: string
  readonly extern: Extern
  readonly declared: DeclaredType
}

/**
 * The WIT side of a script: the types, interfaces and worlds it declares, and those of the packages it may name. A script
 * is a WIT package of its own, and types at its top level are types of a world. (LANGUAGE.md of wac, "Type Statements".)
 */
export class Declarations {
  readonly #document: WacDocument
  readonly #packages: WitPackages
  readonly #own: WitPackage
  readonly #types = new Map<string, TypeDeclaration>()
  readonly #names = new Set<string>()
  readonly #functions = new Map<string, FunctionType>()
  /** What the composition exports of it, by name. */
  readonly #declared = new Map<string, DeclaredType>()

  /** `packages` are the WIT packages that the script may name; they are not changed. */
  constructor(document: WacDocument, packages: WitPackages) {
    this.#document = document
    const { name, version } = document.package
    const base = { name, interfaces: new Map(), worlds: new Map(), functionTypes: this.#functions }
    this.#own = version === undefined ? base : { ...base, version }
    this.#packages = packages.copy()
    this.#packages.add(this.#own)
  }

  /** Is this a package whose WIT is known? */
  knows(name: string, version: string | undefined): boolean {
    return this.#packages.find(name, version) !== undefined
  }

  /** Takes a declaration up and checks it. Throws `wit.*` with its place. */
  declare({ declaration }: DeclarationStatement): void {
    const { source } = this.#document
    const { name, span } = declaration.name
    if (this.#names.has(name))
      throw source.error(
        'wac.duplicate-name',
        `\`${name}\` is declared twice`,
        span,
        'Give one of the two another name.',
      )
    this.#names.add(name)
    if (declaration.kind === 'interface') {
      this.#own.interfaces.set(name, this.#located(declaration))
      resolveInterface(this.#packages, this.#located(declaration))
      const path: ItemPath = { item: name, span }
      const world = resolveWorld(this.#packages, this.#world([importOf({ kind: 'path', path }, span)]))
      this.#declared.set(name, declareImport(world, this.#fullName(name)))
    } else if (declaration.kind === 'world') {
      this.#own.worlds.set(name, this.#located(declaration))
      const world = resolveWorld(this.#packages, this.#located(declaration))
      this.#declared.set(name, declareWorld(world, this.#fullName(name)))
    } else {
      this.#types.set(name, declaration)
      if (declaration.kind === 'resource')
        throw source.error(
          'wac.loose-resource',
          `the resource \`${name}\` belongs to no interface`,
          span,
          'Declare it inside an interface: a resource needs somebody who makes it.',
        )
      try {
        this.#resolveTypes(declaration.name)
      } catch (thrown) {
        // What has no meaning is not there for those below.
        this.#types.delete(name)
        throw thrown
      }
    }
  }

  has(name: string): boolean {
    return this.#names.has(name)
  }

  /** What the composition exports of a declaration; undefined where it has no meaning. */
  declared(name: string): DeclaredType | undefined {
    return this.#declared.get(name)
  }

  #fullName(item: string): string {
    const { name, version } = this.#own
    return printPath({
      package: name,
      item,
      span: this.#document.package.span,
      ...(version === undefined ? {} : { version }),
    })
  }

  /** Checks a type, and keeps it where it is that of functions. */
  #resolveTypes(name: Identifier): void {
    const needed = [...this.#needed([name.name])]
    const isFunction = ({ kind, ...rest }: TypeDeclaration): boolean =>
      kind === 'function-type' || ('type' in rest && rest.type.kind === 'name' && this.#functions.has(rest.type.name))
    const last = needed.at(-1)
    if (!last || !isFunction(last)) {
      this.#declared.set(name.name, declareImport(resolveWorld(this.#packages, this.#world(needed)), name.name))
      return
    }
    const world = resolveWorld(this.#packages, this.#world([...needed, importOf(functionNamed(name), name.span)]))
    const extern = world.imports.get(name.name)
    if (extern?.kind !== 'function') return
    this.#functions.set(name.name, extern.type)
    this.#declared.set(name.name, declareImport(world, name.name))
  }

  /** The type an import statement declares. Throws `wit.*` with its place. */
  importOf(statement: ImportStatement): ImportMeaning {
    const { type, name } = statement
    switch (type.kind) {
      case 'function': {
        const needed = this.#needed(namesOfSignature(type.signature))
        return this.#meaning({ kind: 'function', name, signature: type.signature }, statement, [...needed])
      }
      case 'interface':
        return this.#meaning({ kind: 'interface', name, items: type.items }, statement)
      case 'path': {
        const { item, span } = type.path
        if (type.path.package !== undefined || !this.#functions.has(item))
          return this.#meaning({ kind: 'path', path: type.path }, statement)
        const alias = { async: false, parameters: [], alias: { name: item, span }, span }
        return this.#meaning({ kind: 'function', name, signature: alias }, statement, [...this.#needed([item])])
      }
    }
  }

  /** The world that a path names, here or in a package. Throws `wit.*` and `wac.no-world` with its place. */
  worldOf(path: ItemPath): ComponentType {
    const { source } = this.#document
    const owner = path.package === undefined ? this.#own : this.#packages.find(path.package, path.version)
    const world = owner?.worlds.get(path.item)
    if (world) return resolveWorld(this.#packages, world)
    const shown = printPath(path)
    const isInterface = owner?.interfaces.has(path.item) === true
    const worlds = [...(owner?.worlds.keys() ?? [])]
    throw source.error(
      'wac.no-world',
      isInterface ? `\`${shown}\` is an interface, not a world` : `there is no world \`${shown}\``,
      path.span,
      worlds.length > 0
        ? `The worlds are ${worlds.join(', ')}.`
        : owner
          ? `\`${packageKey(owner.name, owner.version)}\` declares no world.`
          : undefined,
    )
  }

  #meaning(extern: WorldExtern, statement: ImportStatement, types: readonly TypeDeclaration[] = []): ImportMeaning {
    const world = this.#world([...types, importOf(extern, statement.span)])
    const { imports } = resolveWorld(this.#packages, world)
    // What it needs besides comes first: the import itself is the last interface or function.
    const externs = [...imports].filter(([, each]) => each.kind !== 'type')
    const [name, found] = externs.at(-1) ?? ['', undefined]
    if (!found)
      throw this.#document.source.error('wac.empty-import', 'this import has no type', statement.span, undefined)
    return { name, extern: found, declared: declareImport({ kind: 'component', imports, exports: new Map() }, name) }
  }

  #world(items: WorldDeclaration['items']): Located<WorldDeclaration> {
    const { span } = this.#document.package
    return this.#located({ kind: 'world', name: { name: 'imports', span }, items, gates: [], span })
  }

  #located<Item>(item: Item): Located<Item> {
    return { item, source: this.#document.source, package: this.#own, uses: new Map() }
  }

  /** The types of these names and what they mention in turn, each before its users. */
  #needed(names: Iterable<string>, found = new Set<TypeDeclaration>()): Set<TypeDeclaration> {
    for (const name of names) {
      const declaration = this.#types.get(name)
      if (!declaration || found.has(declaration)) continue
      // A type only mentions types above it, so this ends.
      this.#needed(
        [...namesOfType(declaration)].filter((each) => each !== name),
        found,
      )
      found.add(declaration)
    }
    return found
  }
}

function importOf(extern: WorldExtern, span: Span): WorldDeclaration['items'][number] {
  return { kind: 'import', extern, span, gates: [] }
}

/** A function of that function type, under its name. */
function functionNamed(name: Identifier): WorldExtern {
  const signature: FunctionSignature = { async: false, parameters: [], alias: name, span: name.span }
  return { kind: 'function', name, signature }
}

/** `namespace:package/item@version` */
export function printPath(path: ItemPath): string {
  const version = path.version === undefined ? '' : `@${path.version}`
  return `${path.package === undefined ? '' : `${path.package}/`}${path.item}${version}`
}
