import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, dirname, extname, join, resolve } from 'node:path'
import { fail } from '../../src-engine/error.ts'
import type { ComponentType, InstanceType } from '../../src-engine/types/graph.ts'
import { WitPackages, type WitFile, type WitPackage } from '../../src-engine/wit/packages.ts'
import { findWorld, resolveInterface, resolveWorld } from '../../src-engine/wit/resolve.ts'
import { unreadable } from '../project/files.ts'
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

/** A folder is a package; what lies in its `deps` are the packages it uses, each a folder or a file. */
async function readPackages(
  path: string,
): Promise<{ readonly packages: WitPackages; readonly main: WitPackage | undefined }> {
  const about = await stat(path).catch((thrown: unknown) => {
    throw unreadable(path, thrown)
  })
  const packages = new WitPackages()
  if (about.isFile()) {
    await addDependencies(packages, join(dirname(path), 'deps'))
    return { packages, main: packages.addFolder([await readWitFile(path)]) }
  }
  await addDependencies(packages, join(path, 'deps'))
  const files = await witFilesOf(path)
  if (files.length === 0)
    throw fail('input.no-wit', `${path} holds no .wit file`, {
      where: { file: path },
      hint: 'Name the folder that holds the package.',
    })
  return { packages, main: packages.addFolder(files) }
}

async function addDependencies(packages: WitPackages, folder: string): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  for (const entry of entries.sort((left, right) => (left.name < right.name ? -1 : 1))) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) {
      await addDependencies(packages, join(path, 'deps'))
      packages.addFolder(await witFilesOf(path))
    } else if (extname(entry.name) === '.wit') packages.addFolder([await readWitFile(path)])
  }
}

async function witFilesOf(folder: string): Promise<WitFile[]> {
  const names = (await readdir(folder)).filter((name) => extname(name) === '.wit').sort()
  return Promise.all(names.map((name) => readWitFile(join(folder, name))))
}

async function readWitFile(path: string): Promise<WitFile> {
  try {
    return { path: basename(path), text: await readFile(path, 'utf8') }
  } catch (thrown) {
    throw unreadable(path, thrown)
  }
}
