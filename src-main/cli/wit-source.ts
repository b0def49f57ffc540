import { basename, extname, resolve } from 'node:path'
import { fail } from '../../src-engine/error.ts'
import type { ComponentType, InstanceType } from '../../src-engine/types/graph.ts'
import { WitPackages, type WitPackage } from '../../src-engine/wit/packages.ts'
import { parseName } from '../../src-engine/types/names.ts'
import { printPackage } from '../../src-engine/wit/print.ts'
import { chooseWorld, resolveInterface, resolveWorld, worldOfPackage } from '../../src-engine/wit/resolve.ts'
import { isBuiltin, readWitPlace } from '../project/wit-places.ts'
import { readComponent, type ComponentFile } from './component-file.ts'

/** Worlds and interfaces read from a component, a `.wit` file or a folder of them. */
export interface WitSource {
  /** A world that imports every interface, or what the component is. */
  readonly whole: ComponentType
  /** Set where the source is a component. */
  readonly component?: ComponentFile
  readonly worlds: ReadonlyMap<string, ComponentType>
  readonly interfaces: ReadonlyMap<string, InstanceType>
}

/** The one world that is meant: by name, or the only one. Throws `wit.*`. */
export async function readWorld(path: string, cwd: string, name: string | undefined): Promise<ComponentType> {
  if (isBinary(path)) {
    const { decoded } = await readComponent(path, cwd)
    if (!decoded.witPackage) return decoded.type
  }
  const { packages, main } = await readPackages(path, cwd)
  return chooseWorld(packages, main, name)
}

/** Everything that a source declares. */
export async function readWitSource(path: string, cwd: string): Promise<WitSource> {
  if (isBinary(path)) {
    const component = await readComponent(path, cwd)
    const { type, witPackage } = component.decoded
    if (!witPackage) return { worlds: new Map([['component', type]]), interfaces: new Map(), whole: type, component }
  }
  const { packages, main } = await readPackages(path, cwd)
  if (!main)
    throw fail('wit.no-package', `${path} declares no package`, {
      where: { file: path },
      hint: 'Name a .wit file or a folder of them.',
    })
  return {
    whole: worldOfPackage(packages, main),
    worlds: new Map([...main.worlds].map(([name, world]) => [name, resolveWorld(packages, world)])),
    interfaces: new Map([...main.interfaces].map(([name, face]) => [name, resolveInterface(packages, face)])),
  }
}

async function readPackages(
  path: string,
  cwd: string,
): Promise<{ readonly packages: WitPackages; readonly main: WitPackage | undefined }> {
  const packages = new WitPackages()
  return { packages, main: await addWit(packages, isBuiltin(path) ? path : resolve(cwd, path)) }
}

/**
 * Adds what a `.wit` file, a folder of them, a WIT package in a binary or `builtin:NAME` declares; answers the package that
 * was named.
 */
export async function addWit(packages: WitPackages, path: string): Promise<WitPackage | undefined> {
  if (isBinary(path)) {
    const { decoded } = await readComponent(path, '.')
    if (!decoded.witPackage)
      throw fail('input.no-wit', `${path} is a component, not a WIT package`, {
        where: { file: path },
        hint: 'Name a .wit file, a folder of them, or a WIT package built into a .wasm.',
      })
    packages.addFolder([{ path: basename(path), text: printPackage(decoded.declarations) }])
    const [owner] = [...decoded.declarations.values()].flatMap(({ exports }) => [...exports.keys()].map(parseName))
    return owner?.kind === 'interface' ? packages.find(owner.package, owner.version) : undefined
  }
  const { folders, main } = await readWitPlace(path, '')
  return folders.map((files) => packages.addFolder(files))[main]
}

function isBinary(path: string): boolean {
  return ['.wasm', '.wat'].includes(extname(path))
}
