import { fail } from '../error.ts'
import type { FunctionType } from '../types/graph.ts'
import { parseWit } from './parse.ts'
import { walkPaths } from './references.ts'
import { SourceText } from './source.ts'
import type { DocumentItem, InterfaceDeclaration, ItemPath, PackageName, WorldDeclaration } from './syntax.ts'

/** One file of a WIT package. */
export interface WitFile {
  readonly path: string
  readonly text: string
}

/** An item of a package with the file it stands in. */
export interface Located<Item> {
  readonly item: Item
  readonly source: SourceText
  readonly package: WitPackage
  /** Names that the file's top-level `use` brings in. */
  readonly uses: ReadonlyMap<string, ItemPath>
}

export interface WitPackage {
  readonly name: string
  readonly version?: string
  readonly interfaces: Map<string, Located<InterfaceDeclaration>>
  readonly worlds: Map<string, Located<WorldDeclaration>>
  /** Function types that have names: what a WAC script may declare. */
  readonly functionTypes?: ReadonlyMap<string, FunctionType>
}

/** `wasi:http@0.2.0` */
export function packageKey(name: string, version: string | undefined): string {
  return version === undefined ? name : `${name}@${version}`
}

/** Every package that some files declare, found by name and version. */
export class WitPackages {
  readonly #packages = new Map<string, WitPackage>()

  /** Adds the files of one folder: they are one package, plus the packages nested in them. Throws typed errors with file and line. */
  addFolder(files: readonly WitFile[]): WitPackage | undefined {
    const parsed = files.map((file) => ({
      file,
      document: parseWit(file.text, file.path),
      source: new SourceText(file.text, file.path),
    }))
    const named = parsed.flatMap(({ document, source }) =>
      document.package ? [{ name: document.package, source }] : [],
    )
    const [first] = named
    for (const { name, source } of named) {
      if (first && packageKey(name.name, name.version) !== packageKey(first.name.name, first.name.version)) {
        throw source.error(
          'wit.package-name',
          `this file is of package \`${packageKey(name.name, name.version)}\`, another one of the folder is of \`${packageKey(first.name.name, first.name.version)}\``,
          name.span,
          'A folder holds one package.',
        )
      }
    }
    const main = first && this.#declare(first.name)
    for (const { document, source, file } of parsed) {
      if (!main && document.items.some((item) => item.kind !== 'package')) {
        throw fail('wit.package-name', 'no file of this folder names its package', {
          where: { file: file.path, line: 1, column: 1 },
          hint: 'Write `package namespace:name;` at the top of a file.',
        })
      }
      this.#addItems(document.items, main, source)
    }
    return main
  }

  /** The package of this name; without a version, the only one, or the highest. */
  find(name: string, version: string | undefined): WitPackage | undefined {
    if (version !== undefined) return this.#packages.get(packageKey(name, version))
    const all = [...this.#packages.values()].filter((candidate) => candidate.name === name)
    return all
      .sort((left, right) => (left.version ?? '').localeCompare(right.version ?? '', 'en', { numeric: true }))
      .at(-1)
  }

  /** Adds a package that was read elsewhere, in place of one of the same name and version. */
  add(added: WitPackage): void {
    this.#packages.set(packageKey(added.name, added.version), added)
  }

  /** The same packages, to be added to without changing these. */
  copy(): WitPackages {
    const copy = new WitPackages()
    for (const each of this.#packages.values()) copy.add(each)
    return copy
  }

  /** Packages that others name and that are not here, each once, in the order they are met. */
  missing(): { readonly name: string; readonly version?: string }[] {
    const missing = new Map<string, { readonly name: string; readonly version?: string }>()
    for (const owner of this.#packages.values()) {
      for (const { item, uses } of [...owner.interfaces.values(), ...owner.worlds.values()]) {
        const visit = (path: ItemPath) => {
          const { package: name, version } = (path.package === undefined ? uses.get(path.item) : undefined) ?? path
          if (name === undefined || this.find(name, version)) return
          if (name === owner.name && version === undefined) return
          missing.set(packageKey(name, version), version === undefined ? { name } : { name, version })
        }
        walkPaths(item, visit)
      }
    }
    return [...missing.values()]
  }

  all(): WitPackage[] {
    return [...this.#packages.values()]
  }

  #declare(name: PackageName): WitPackage {
    const key = packageKey(name.name, name.version)
    const existing = this.#packages.get(key)
    if (existing) return existing
    const created: WitPackage = {
      name: name.name,
      interfaces: new Map(),
      worlds: new Map(),
      ...(name.version === undefined ? {} : { version: name.version }),
    }
    this.#packages.set(key, created)
    return created
  }

  #addItems(items: readonly DocumentItem[], to: WitPackage | undefined, source: SourceText): void {
    const uses = new Map<string, ItemPath>()
    for (const item of items) {
      if (item.kind === 'top-level-use') uses.set(item.as?.name ?? item.path.item, item.path)
    }
    for (const item of items) {
      if (item.kind === 'package') this.#addItems(item.items, this.#declare(item.package), source)
      else if (to && (item.kind === 'interface' || item.kind === 'world')) {
        const { name } = item
        if (to.interfaces.has(name.name) || to.worlds.has(name.name)) {
          throw source.error('wit.duplicate-name', `\`${name.name}\` is defined twice in \`${to.name}\``, name.span)
        }
        if (item.kind === 'interface') to.interfaces.set(name.name, { item, source, package: to, uses })
        else to.worlds.set(name.name, { item, source, package: to, uses })
      }
    }
  }
}
