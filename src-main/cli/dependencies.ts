import { readdir, stat } from 'node:fs/promises'
import { extname, join, resolve } from 'node:path'
import type { WacPackage, WacResolver } from '../../src-engine/wac/resolve.ts'
import type { NamedPackage } from '../../src-engine/wac/package-names.ts'
import { WitPackages } from '../../src-engine/wit/packages.ts'
import { readComponent, type ComponentFile } from './component-file.ts'
import { addWit } from './wit-source.ts'

/**
 * Finds the packages that a script names: what `-d` names, then the dependency folder in wac's layout. A package is a
 * component, or WIT as text or binary. Remembers where it looked.
 */
export class Dependencies implements WacResolver {
  /** The components that were found, by hash. */
  readonly parts = new Map<string, ComponentFile>()
  readonly wit = new WitPackages()
  readonly #explicit: ReadonlyMap<string, string>
  readonly #folder: string
  readonly #cwd: string
  readonly #found = new Map<string, WacPackage>()
  readonly #searched = new Map<string, string[]>()

  constructor(options: {
    /** `name` or `name@version` → path. */
    readonly explicit: ReadonlyMap<string, string>
    readonly folder: string
    readonly cwd: string
  }) {
    this.#explicit = options.explicit
    this.#folder = options.folder
    this.#cwd = options.cwd
  }

  packageOf(name: string, version: string | undefined): WacPackage | undefined {
    return this.#found.get(keyOf(name, version))
  }

  searched(name: string, version: string | undefined): readonly string[] {
    return this.#searched.get(keyOf(name, version)) ?? []
  }

  /** Reads the package if it is anywhere; throws only for a file that is there and cannot be read. */
  async find({ name, version }: NamedPackage): Promise<void> {
    const key = keyOf(name, version)
    if (this.#searched.has(key) || this.wit.find(name, version)) return
    const looked: string[] = []
    this.#searched.set(key, looked)
    const explicit = this.#explicit.get(key) ?? this.#explicit.get(name)
    if (explicit === undefined) looked.push(`-d ${key}=…`)
    for (const path of explicit === undefined ? await this.#candidates(name, version) : [explicit]) {
      looked.push(path)
      // A file that was named must be there; a candidate may be.
      if (explicit !== undefined || (await this.#isPackage(path))) {
        await this.#read(path, name, version)
        return
      }
    }
  }

  /** The WIT packages that those found so far name in turn. */
  async findUsed(): Promise<void> {
    for (let missing = this.wit.missing(); missing.length > 0;) {
      for (const each of missing) await this.find(each)
      const left = this.wit.missing()
      // What nobody has is told where it is used.
      if (left.every(({ name, version }) => this.#searched.has(keyOf(name, version)))) return
      missing = left
    }
  }

  async #read(path: string, name: string, version: string | undefined): Promise<void> {
    const file = resolve(this.#cwd, path)
    if (!['.wasm', '.wat'].includes(extname(path))) {
      await addWit(this.wit, file)
      return
    }
    const component = await readComponent(path, this.#cwd)
    if (component.decoded.witPackage) {
      await addWit(this.wit, file)
      return
    }
    this.parts.set(component.hash, component)
    this.#found.set(keyOf(name, version), {
      hash: component.hash,
      type: component.decoded.type,
      ...(version === undefined ? {} : { version }),
    })
  }

  async #isPackage(path: string): Promise<boolean> {
    const about = await stat(path).catch(() => undefined)
    if (about?.isFile()) return true
    return about?.isDirectory() === true && (await readdir(path)).some((each) => extname(each) === '.wit')
  }

  /** `<dir>/<namespace>/<name>[/<version>]` with each ending that a package may have, then the folder of that name. */
  async #candidates(name: string, version: string | undefined): Promise<string[]> {
    const base = join(this.#folder, ...name.split(':'))
    const whole = ['.wasm', '.wat', '.wit', ''].map((ending) => base + ending)
    if (version !== undefined)
      return [...['.wasm', '.wat', '.wit', ''].map((ending) => join(base, version + ending)), ...whole]
    const versions = (await readdir(base).catch(() => []))
      .filter((each) => /^\d+\.\d+\.\d+.*?(\.wasm|\.wat|\.wit)?$/.test(each))
      .sort((left, right) => right.localeCompare(left, 'en', { numeric: true }))
    return [...whole, ...versions.map((each) => join(base, each))]
  }
}

function keyOf(name: string, version: string | undefined): string {
  return version === undefined ? name : `${name}@${version}`
}
