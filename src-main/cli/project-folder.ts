import { readFile, stat } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { PatchbayError } from '../../src-engine/error.ts'
import type { ProjectDocument } from '../../src-preload/contract.ts'
import { newDocument, parseDocument, printDocument, type ParsedDocument } from '../project/document.ts'
import { errorCode, unreadable, writeWhole } from '../project/files.ts'

/** A project on disk, for verbs that change a line of it and go. */
export interface ProjectFolder {
  readonly folder: string
  readonly document: ProjectDocument
  /** Writes the document back, with keys that we do not know. Throws when the file is of a newer version. */
  save(document: ProjectDocument): Promise<void>
}

/** The project that a folder belongs to: the nearest `patchbay.json` at or above it. */
export async function findProject(from: string): Promise<ProjectFolder | undefined> {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    const file = join(folder, 'patchbay.json')
    const text = await readFile(file, 'utf8').catch((thrown: unknown) => {
      if (errorCode(thrown) === 'ENOENT' || errorCode(thrown) === 'ENOTDIR') return undefined
      throw unreadable(file, thrown)
    })
    if (text !== undefined) return projectAt(folder, parseDocument(text, file))
    if (dirname(folder) === folder) return undefined
  }
}

/** An empty project in this folder; nothing is written before {@link ProjectFolder.save}. */
export function startProject(folder: string): ProjectFolder {
  return projectAt(folder, { document: newDocument(basename(folder) || 'project'), raw: {} })
}

/** Ids of components that are built from sources, with the absolute folder of these. */
export function builtComponents({
  folder,
  document,
}: ProjectFolder): { readonly id: string; readonly source: string; readonly output: string }[] {
  return Object.entries(document.components).flatMap(([id, { path, source }]) =>
    source === undefined
      ? []
      : [{ id, source: resolve(folder, ...source.split('/')), output: resolve(folder, ...path.split('/')) }],
  )
}

/** A path as it is shown: relative to where the user is, unless that leads far away. */
export function shownPath(path: string, cwd: string): string {
  const short = relative(cwd, path)
  return short === '' ? '.' : short.startsWith('..') && short.length > path.length ? path : short
}

export async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false
}

/** The `patchbay.json` that is meant by a folder or by its own path; undefined where something else is named. */
export async function projectFile(path: string, cwd: string): Promise<string | undefined> {
  const given = resolve(cwd, path)
  if (basename(given) === 'patchbay.json') return given
  return (await isFolder(given)) ? join(given, 'patchbay.json') : undefined
}

function projectAt(folder: string, { document, raw, readOnly }: ParsedDocument): ProjectFolder {
  return {
    folder,
    document,
    async save(changed) {
      if (readOnly) throw new PatchbayError(readOnly)
      await writeWhole(join(folder, 'patchbay.json'), printDocument(changed, raw))
    },
  }
}
