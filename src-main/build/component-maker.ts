/** Core module + WIT → component. */
import { cp, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { applicationRoot } from '../entries.ts'
import type { Tools } from '../tools/tools.ts'

/** Packages that Patchbay carries, by the name a WIT text uses, without a version. */
async function carriedPackages(): Promise<Map<string, string>> {
  const folder = join(applicationRoot, 'wit')
  const found = new Map<string, string>()
  const entries = await readdir(folder, { withFileTypes: true, recursive: true })
  for (const entry of entries) {
    if (!entry.isFile() || entry.name !== 'package.wit') continue
    const text = await readFile(join(entry.parentPath, entry.name), 'utf8')
    const name = /^package ([^;\s]+);/m.exec(text)?.[1]
    if (name !== undefined) found.set(name, entry.parentPath)
  }
  return found
}

/** All `namespace:package@version` that a WIT text refers to. */
export function referencedPackages(text: string): Set<string> {
  const names = new Set<string>()
  const code = text.replace(/\/\/.*$/gm, '').replace(/\/\*[\s\S]*?\*\//g, '')
  for (const [, name, version] of code.matchAll(
    /([a-z][a-z0-9-]*:[a-z][a-z0-9-]*)\/[a-z][a-z0-9-]*(?:@(\d+\.\d+\.\d+[a-z0-9.+-]*?))?(?=[\s;.{}]|$)/gi,
  )) {
    if (name !== undefined) names.add(version === undefined ? name : `${name}@${version}`)
  }
  return names
}

/**
 * Copies into `wit/deps` what the WIT there refers to and Patchbay carries, transitively. What is already there wins;
 * what nobody carries is left to the reader of the WIT, who names it.
 */
export async function fillDependencies(wit: string): Promise<void> {
  const carried = await carriedPackages()
  const present = new Set<string>()
  const texts: string[] = []
  for (const entry of await readdir(wit, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile() || !entry.name.endsWith('.wit')) continue
    const text = await readFile(join(entry.parentPath, entry.name), 'utf8')
    texts.push(text)
    const name = /^\s*package ([^;{\s]+)/m.exec(text)?.[1]
    if (name !== undefined) present.add(name)
  }
  for (let text = texts.pop(); text !== undefined; text = texts.pop()) {
    for (const name of referencedPackages(text)) {
      const source = carried.get(name)
      if (source === undefined || present.has(name)) continue
      present.add(name)
      const target = join(wit, 'deps', name.replace(/[:@]/g, '-'))
      await mkdir(target, { recursive: true })
      await cp(join(source, 'package.wit'), join(target, 'package.wit'))
      texts.push(await readFile(join(source, 'package.wit'), 'utf8'))
    }
  }
}

export interface ComponentizeOptions {
  readonly module: Uint8Array
  /** Folder with the WIT of one package; its dependencies are under `deps` or among those Patchbay carries. */
  readonly wit: string
  readonly world?: string
  readonly tools: Tools
}

/** Embeds the WIT and makes the component; throws what the tools say. */
export async function componentizeModule({ module, wit, world, tools }: ComponentizeOptions): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), 'patchbay-wit-'))
  try {
    const copy = join(folder, 'wit')
    await cp(wit, copy, { recursive: true })
    await fillDependencies(copy)
    const embedded = await tools.componentEmbed({ binary: module, witPath: copy, world })
    return await tools.componentNew(embedded)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
