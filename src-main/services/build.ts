import { readdir, readFile, readlink, realpath, stat } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import { fail } from '../../src-engine/error.ts'
import type { CallName, Handlers, LibraryItem } from '../../src-preload/contract.ts'
import type { Builder } from '../build/builder.ts'
import { errorCode, unreadable, writeWhole } from '../project/files.ts'
import type { ProjectHolder } from './project.ts'

/** Files shown of one source folder, at most; and bytes of a file that the editor opens. */
const fileLimit = 500
const editLimit = 4 * 1024 * 1024
const hidden = new Set(['node_modules', 'target', 'dist', '.git'])

export function buildHandlers({
  builder,
  projects,
}: {
  readonly builder: Builder
  readonly projects: ProjectHolder
}): Pick<Handlers, Extract<CallName, `build.${string}`>> {
  const sourcesOf = async (id: string): Promise<{ readonly item: LibraryItem; readonly source: string }> => {
    const item = await (await projects.current()).item(id)
    if (item.source === undefined)
      throw fail('build.no-sources', `${item.name} has no sources in this project`, {
        hint: 'Only components made with New component can be built here.',
      })
    return { item, source: item.source }
  }
  return {
    async 'build.templates'() {
      return { templates: await builder.templates() }
    },
    async 'build.create'({ name, template }) {
      const project = await projects.current()
      const created = await builder.create(project.folder, name, template)
      return { item: await project.addSource(name, created), open: created.open }
    },
    async 'build.files'({ component }) {
      const { source } = await sourcesOf(component)
      return { files: await listFiles(source) }
    },
    async 'build.read'({ component, path }) {
      const { source } = await sourcesOf(component)
      const file = await insideOf(source, path)
      const about = await stat(file).catch((thrown: unknown) => {
        throw unreadable(file, thrown)
      })
      if (about.size > editLimit)
        throw fail('input.too-large', `${path} has ${about.size} bytes, too many for the editor`, {
          where: { file: path },
          hint: 'Open it in another editor.',
        })
      return { text: await readFile(file, 'utf8') }
    },
    async 'build.write'({ component, path, text }) {
      const { source } = await sourcesOf(component)
      await writeWhole(await insideOf(source, path), text)
      return {}
    },
    async 'build.start'({ component }) {
      const { item, source } = await sourcesOf(component)
      const result = await builder.build(source, { component, output: item.path })
      const project = await projects.current()
      if (result.state === 'succeeded') await project.refresh()
      return {
        build: result.build,
        problems: [...result.problems],
        ...(result.state === 'succeeded' ? { item: await project.item(component) } : {}),
      }
    },
    async 'build.cancel'({ component }) {
      builder.cancel(component)
      return {}
    },
  }
}

async function listFiles(folder: string): Promise<{ path: string; size: number }[]> {
  const files: { path: string; size: number }[] = []
  const visit = async (at: string): Promise<void> => {
    const entries = await readdir(at, { withFileTypes: true })
    for (const entry of entries.sort((left, right) => (left.name < right.name ? -1 : 1))) {
      if (files.length >= fileLimit || hidden.has(entry.name)) continue
      const path = join(at, entry.name)
      if (entry.isDirectory()) await visit(path)
      else if (entry.isFile())
        files.push({ path: relative(folder, path).split(sep).join('/'), size: (await stat(path)).size })
    }
  }
  await visit(folder).catch((thrown: unknown) => {
    throw unreadable(folder, thrown)
  })
  return files
}

/** A path inside a source folder, links followed; anything that leads out is refused. */
async function insideOf(folder: string, path: string): Promise<string> {
  const file = resolve(folder, ...path.split('/'))
  const refuse = () =>
    fail('build.outside', `"${path}" lies outside the sources of the component`, {
      hint: 'Name a file inside the source folder.',
    })
  if (path.includes('\0') || !file.startsWith(resolve(folder) + sep)) throw refuse()
  if (!(await realPlace(file)).startsWith((await realPlace(resolve(folder))) + sep)) throw refuse()
  return file
}

/** Where a path really leads, links followed; for one that does not exist yet, by the nearest folder that does. */
async function realPlace(path: string): Promise<string> {
  const rest: string[] = []
  for (let at = path; ; at = dirname(at)) {
    const real = await realpath(at).catch((thrown: unknown) => {
      if (errorCode(thrown) === 'ENOENT' || errorCode(thrown) === 'ENOTDIR') return undefined
      throw unreadable(at, thrown)
    })
    if (real !== undefined) return join(real, ...rest)
    // A link that leads nowhere exists all the same: what is written through it lands where it points.
    const target = await readlink(at).catch(() => undefined)
    if (target !== undefined) return realPlace(resolve(dirname(at), target, ...rest))
    rest.unshift(basename(at))
  }
}
