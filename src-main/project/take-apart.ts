import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type Decomposition, decompose } from '../../src-engine/compose/decompose.ts'
import { kebab } from '../../src-engine/compose/edit.ts'
import { withPackageIds } from '../../src-engine/compose/expand.ts'
import type { CompositionGraph } from '../../src-engine/compose/graph.ts'
import { fail, type Problem, problemOf } from '../../src-engine/error.ts'
import { type LibraryItem, type ProjectDocument, compositionGraph } from '../../src-preload/contract.ts'
import { sha256 } from './contents.ts'
import { newDocument, printDocument } from './document.ts'
import { writeWhole } from './files.ts'
import type { Project } from './project.ts'

/** A composed component as a graph over components of the project. */
export interface TakenApart {
  readonly graph: ProjectDocument['graph']
  readonly items: LibraryItem[]
  /** What the file has that a graph cannot say. */
  readonly problems: readonly Problem[]
}

/**
 * Takes a composed component apart and enters what was inside into the project; what the project has already is not
 * written again. Throws `decompose.*` and `input.*`.
 */
export async function takeApart(project: Project, bytes: Uint8Array): Promise<TakenApart> {
  const { graph, packages, problems } = decompose(bytes, sha256)
  const ids = new Map<string, string>()
  const items: LibraryItem[] = []
  for (const [id, entry] of Object.entries(graph.packages)) {
    const known = project.library.find((item) => item.origin === 'project' && item.hash === entry.hash)
    const part = packages.get(entry.hash)
    const item = known ?? (part && (await project.addBytes(stem(entry.name), part)))
    if (!item) continue
    ids.set(id, item.id)
    items.push(item)
  }
  return { graph: plain(withPackageIds(graph, (id) => ids.get(id) ?? id)), items, problems }
}

/** The composition inside bytes, when there is one: a component of one piece is none, nor is a file that is no component. */
export function compositionIn(bytes: Uint8Array): Decomposition | undefined {
  try {
    return decompose(bytes, sha256)
  } catch (thrown) {
    const { code } = problemOf(thrown)
    // A file that cannot be read is for whoever opens it to tell.
    if (code.startsWith('decompose.') || code.startsWith('input.')) return undefined
    throw thrown
  }
}

/**
 * Writes a project of its own for a composition: the components inside as files, the graph as it was composed. A project that
 * is already in the folder stays. Throws what the file system throws.
 */
export async function writeComposition(
  folder: string,
  name: string,
  { graph, packages }: Decomposition,
): Promise<void> {
  const file = join(folder, 'patchbay.json')
  if (await exists(file)) return
  const ids = new Map<string, string>()
  const components: ProjectDocument['components'] = {}
  for (const [id, entry] of Object.entries(graph.packages)) {
    const part = packages.get(entry.hash)
    if (!part) continue
    const base = kebab(stem(entry.name))
    let own = base
    for (let count = 2; Object.hasOwn(components, own); count++) own = `${base}-${count}`
    await writeWhole(join(folder, 'components', `${own}.wasm`), part)
    components[own] = { path: `components/${own}.wasm` }
    ids.set(id, own)
  }
  const document: ProjectDocument = {
    ...newDocument(name),
    components,
    graph: plain(withPackageIds(graph, (id) => ids.get(id) ?? id)),
  }
  // Last, so that a project that was cut short is written again.
  await writeWhole(file, printDocument(document))
}

/** The same, for a folder that a person named. Throws `project.exists` when there is a project already. */
export async function writeNewComposition(folder: string, name: string, composition: Decomposition): Promise<void> {
  if (await exists(join(folder, 'patchbay.json')))
    throw fail('project.exists', `${folder} already holds a project`, {
      where: { file: folder },
      hint: 'Name an empty folder.',
    })
  await writeComposition(folder, name, composition)
}

function stem(name: string): string {
  return name.slice(name.lastIndexOf(':') + 1)
}

function plain(graph: CompositionGraph): ProjectDocument['graph'] {
  return compositionGraph.parse(graph)
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  )
}
