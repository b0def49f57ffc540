import { copyFile, cp, mkdir, stat } from 'node:fs/promises'
import { basename, dirname, join, relative } from 'node:path'
import { fail } from '../../src-engine/error.ts'
import type { ProjectDocument } from '../../src-preload/contract.ts'
import { errorCode } from './files.ts'
import { absolutePath, isSkipped, projectPath } from './library.ts'

/** What belongs to a project beside its components. */
const companions = ['requests', 'scripts']

/**
 * Copies the files of a project into another folder: components, their sources, requests and scripts. What lies outside of
 * the project stays where it is. Answers the document with its references as seen from the other folder. Throws
 * `project.cannot-copy` naming the file; a file that is missing stays missing.
 */
export async function copyFiles(from: string, document: ProjectDocument, to: string): Promise<ProjectDocument> {
  const place = async (path: string, tree: boolean): Promise<string> => {
    if (!isInside(path)) return projectPath(to, absolutePath(from, path))
    await copy(absolutePath(from, path), absolutePath(to, path), tree)
    return path
  }
  const components: ProjectDocument['components'] = {}
  for (const [id, entry] of Object.entries(document.components)) {
    const path = await place(entry.path, false)
    const source = entry.source === undefined ? {} : { source: await place(entry.source, true) }
    components[id] = { ...entry, path, ...source }
  }
  for (const name of companions) await copy(join(from, name), join(to, name), true)
  return { ...document, components }
}

/** Of a path of the project file: whether it stays within the project's folder. */
export function isInside(path: string): boolean {
  const way = relative('/project', join('/project', path))
  return way !== '' && way !== '..' && !/^\.\.[/\\]/.test(way) && !/^[/\\]|^[a-z]:/i.test(path)
}

async function copy(from: string, to: string, tree: boolean): Promise<void> {
  try {
    await stat(from)
    await mkdir(dirname(to), { recursive: true })
    if (tree) await cp(from, to, { recursive: true, filter: (path) => path === from || !isSkipped(basename(path)) })
    else await copyFile(from, to)
  } catch (thrown) {
    const code = errorCode(thrown)
    if (code === 'ENOENT' || code === 'ENOTDIR') return
    throw fail('project.cannot-copy', `${from} could not be copied: ${code ?? String(thrown)}`, {
      where: { file: from },
      hint: `The copy in ${dirname(to)} is not complete. Choose another folder, or free some space.`,
      cause: thrown,
    })
  }
}
