/** The starting points in `resources/templates`, and how one becomes a source folder. */
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { fail, type Problem } from '../../src-engine/error.ts'
import { applicationRoot } from '../entries.ts'
import { fillDependencies } from './component-maker.ts'
import { checkComponentName } from './names.ts'

const templateSchema = z.object({
  label: z.string(),
  description: z.string(),
  language: z.string(),
  /** What it is built with. */
  toolchain: z.enum(['quickjs', 'none', 'clang']),
  /** The file to show first. */
  open: z.string(),
  order: z.number(),
  /** Files from elsewhere in `resources`: where it goes → where it is. */
  with: z.record(z.string(), z.string()).optional(),
})
export type TemplateManifest = z.infer<typeof templateSchema> & { readonly id: string }

const resources = join(applicationRoot, 'resources')
const root = join(resources, 'templates')

export async function listTemplates(): Promise<TemplateManifest[]> {
  const found: TemplateManifest[] = []
  for (const id of await readdir(root)) {
    const text = await readFile(join(root, id, 'template.json'), 'utf8').catch(() => undefined)
    if (text !== undefined) found.push({ id, ...templateSchema.parse(JSON.parse(text)) })
  }
  return found.sort((a, b) => a.order - b.order)
}

export interface CreatedSource {
  /** Folder with the sources, relative to the project, `/` as separator. */
  readonly source: string
  /** File that the build will write, relative to the project. */
  readonly path: string
  /** File to show first, relative to `source`. */
  readonly open: string
}

/** Places of a component of this name, relative to the project folder. */
export function placesOf(name: string): { readonly source: string; readonly path: string } {
  return { source: `src/${name}`, path: `components/${name}.wasm` }
}

/**
 * Writes `src/<name>` into the project, whole or not at all.
 * Throws `usage.name` (not a name, or taken) and `usage.template` (no such template).
 */
export async function createSource(
  projectFolder: string,
  name: string,
  template: string,
  missing?: Problem,
): Promise<CreatedSource> {
  const templates = await listTemplates()
  const found = templates.find(({ id }) => id === template)
  if (!found) {
    throw fail('usage.template', `There is no template "${template.slice(0, 80)}"`, {
      hint: `Choose one of ${templates.map(({ id }) => id).join(', ')}`,
    })
  }
  const sources = join(projectFolder, 'src')
  const built = await readdir(join(projectFolder, 'components')).catch(() => [])
  checkComponentName(name, [
    ...(await readdir(sources).catch(() => [])),
    ...built.map((file) => file.replace(/\.wasm$/, '')),
  ])
  if (missing) throw fail(missing.code, missing.message, { hint: missing.hint })

  await mkdir(sources, { recursive: true })
  const half = await mkdtemp(join(sources, '.new-'))
  try {
    await cp(join(root, template, 'files'), half, { recursive: true })
    for (const [target, origin] of Object.entries(found.with ?? {}))
      await cp(join(resources, origin), join(half, target))
    for (const entry of await readdir(half, { withFileTypes: true, recursive: true })) {
      if (!entry.isFile()) continue
      const file = join(entry.parentPath, entry.name)
      const text = await readFile(file, 'utf8')
      if (text.includes('{{name}}')) await writeFile(file, text.replaceAll('{{name}}', name))
    }
    await fillDependencies(join(half, 'wit'))
    await rename(half, join(sources, name))
  } catch (thrown) {
    await rm(half, { recursive: true, force: true })
    throw thrown
  }
  return { ...placesOf(name), open: found.open }
}
