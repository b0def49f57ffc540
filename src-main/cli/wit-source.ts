import { extname, resolve } from 'node:path'
import { fail } from '../../src-engine/error.ts'
import type { ComponentType, InstanceType } from '../../src-engine/types/graph.ts'
import { WitPackages, type WitPackage } from '../../src-engine/wit/packages.ts'
import { findWorld, resolveInterface, resolveWorld } from '../../src-engine/wit/resolve.ts'
import { readWitFolders } from '../project/wit-files.ts'
import { readComponent } from './component-file.ts'

/** Worlds and interfaces read from a component, a `.wit` file or a folder of them. */
export interface WitSource {
  readonly worlds: ReadonlyMap<string, ComponentType>
  readonly interfaces: ReadonlyMap<string, InstanceType>
}

/** The one world that is meant: by name, or the only one. Throws `wit.*`. */
export async function readWorld(path: string, cwd: string, name: string | undefined): Promise<ComponentType> {
  if (extname(path) === '.wasm') return (await readComponent(path, cwd)).decoded.type
  const { packages, main } = await readPackages(resolve(cwd, path))
  // Without a name the packages that are only depended on do not count.
  if (name === undefined && main) {
    const own = [...main.worlds.values()]
    const [only] = own
    if (only && own.length === 1) return resolveWorld(packages, only)
  }
  return resolveWorld(packages, findWorld(packages, name))
}

/** Everything that a source declares. */
export async function readWitSource(path: string, cwd: string): Promise<WitSource> {
  if (extname(path) === '.wasm')
    return { worlds: new Map([['component', (await readComponent(path, cwd)).decoded.type]]), interfaces: new Map() }
  const { packages, main } = await readPackages(resolve(cwd, path))
  if (!main)
    throw fail('wit.no-package', `${path} declares no package`, {
      where: { file: path },
      hint: 'Name a .wit file or a folder of them.',
    })
  return {
    worlds: new Map([...main.worlds].map(([name, world]) => [name, resolveWorld(packages, world)])),
    interfaces: new Map([...main.interfaces].map(([name, face]) => [name, resolveInterface(packages, face)])),
  }
}

async function readPackages(
  path: string,
): Promise<{ readonly packages: WitPackages; readonly main: WitPackage | undefined }> {
  const { folders, main } = await readWitFolders(path)
  const packages = new WitPackages()
  const added = folders.map((files) => packages.addFolder(files))
  return { packages, main: added[main] }
}
