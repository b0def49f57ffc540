/** How a source folder becomes a component: read from its own manifest, nothing is guessed from elsewhere. */
import { readdir, readFile, stat } from 'node:fs/promises'
import { isAbsolute, join, relative, resolve, sep } from 'node:path'
import { z } from 'zod'
import { fail, type PatchbayError } from '../../src-engine/error.ts'

interface RecipeBase {
  /** Folder with the WIT, absolute; undefined where none is needed. */
  readonly wit?: string
  readonly world?: string
}
export type Recipe =
  | (RecipeBase & { readonly language: 'javascript'; readonly entry: string; readonly wit: string })
  | (RecipeBase & { readonly language: 'wat'; readonly source: string })
  | (RecipeBase & { readonly language: 'c'; readonly sources: readonly string[]; readonly wit: string })

const javascriptManifest = z
  .object({
    entry: z.string().optional(),
    wit: z.string().optional(),
    world: z.string().optional(),
  })
  .strict()

const buildManifest = z.discriminatedUnion('language', [
  z
    .object({
      language: z.literal('wat'),
      source: z.string(),
      wit: z.string().optional(),
      world: z.string().optional(),
    })
    .strict(),
  z
    .object({
      language: z.literal('c'),
      sources: z.array(z.string()).min(1).optional(),
      wit: z.string().optional(),
      world: z.string().optional(),
    })
    .strict(),
])

const entries = [
  'src/handler.ts',
  'src/handler.js',
  'src/index.ts',
  'src/index.js',
  'handler.ts',
  'handler.js',
  'index.ts',
  'index.js',
]

/** Reads `patchbay.build.json` or `package.json`; throws `input.manifest` naming what is wrong with it. */
export async function readRecipe(folder: string): Promise<Recipe> {
  const manifest = await readJson(join(folder, 'patchbay.build.json'), 'patchbay.build.json')
  if (manifest !== undefined) return readBuildManifest(folder, manifest)
  const packageManifest = await readJson(join(folder, 'package.json'), 'package.json')
  if (packageManifest !== undefined) return readPackageManifest(folder, packageManifest)
  throw fail('input.manifest', `${folder} has neither package.json nor patchbay.build.json`, {
    where: { file: folder },
    hint: 'Open the folder of a component, or make one with `patchbay new`',
  })
}

async function readBuildManifest(folder: string, json: unknown): Promise<Recipe> {
  const file = 'patchbay.build.json'
  const parsed = buildManifest.safeParse(json)
  if (!parsed.success) throw wrongManifest(file, parsed.error)
  const manifest = parsed.data
  const wit = await existing(
    folder,
    manifest.wit ?? 'wit',
    'folder',
    file,
    manifest.wit === undefined && manifest.language === 'wat',
  )
  if (manifest.language === 'wat') {
    const source = await required(folder, manifest.source, 'file', file)
    return { language: 'wat', source, wit, world: manifest.world }
  }
  const names = manifest.sources ?? (await listC(folder))
  if (names.length === 0) throw fail('input.manifest', 'There is no .c file in src', { where: { file } })
  const sources = await Promise.all(names.map((name) => required(folder, name, 'file', file)))
  return { language: 'c', sources, wit: wit ?? (await required(folder, 'wit', 'folder', file)), world: manifest.world }
}

async function readPackageManifest(folder: string, json: unknown): Promise<Recipe> {
  const file = 'package.json'
  const own = typeof json === 'object' && json !== null && 'patchbay' in json ? json.patchbay : {}
  const parsed = javascriptManifest.safeParse(own)
  if (!parsed.success) throw wrongManifest(file, parsed.error, 'patchbay')
  const manifest = parsed.data
  const wit = await required(folder, manifest.wit ?? 'wit', 'folder', file)
  let entry = manifest.entry === undefined ? undefined : await required(folder, manifest.entry, 'file', file)
  for (const name of entries) entry ??= await existing(folder, name, 'file', file, true)
  if (entry === undefined) {
    throw fail('input.manifest', `None of ${entries.slice(0, 4).join(', ')} is there`, {
      where: { file },
      hint: 'Name the module to start from as "patchbay": { "entry": "…" } in package.json',
    })
  }
  return { language: 'javascript', entry, wit, world: manifest.world }
}

async function listC(folder: string): Promise<string[]> {
  const names = await readdir(join(folder, 'src')).catch(() => [])
  return names
    .filter((name) => name.endsWith('.c'))
    .sort()
    .map((name) => `src/${name}`)
}

function wrongManifest(file: string, error: z.ZodError, prefix?: string): PatchbayError {
  const [issue] = error.issues
  const path = [...(prefix === undefined ? [] : [prefix]), ...(issue?.path ?? []).map(String)]
  return fail('input.manifest', issue?.message ?? 'The manifest is not what it should be', { where: { file, path } })
}

async function readJson(path: string, file: string): Promise<unknown> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return undefined
    throw fail(
      'input.manifest',
      `${file} cannot be read: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
      { where: { file } },
    )
  }
  try {
    return JSON.parse(text) as unknown
  } catch (thrown) {
    const message = thrown instanceof Error ? thrown.message : String(thrown)
    const at = /line (\d+) column (\d+)/.exec(message)
    throw fail('input.manifest', `${file} is not JSON: ${message}`, {
      where: at ? { file, line: Number(at[1]), column: Number(at[2]) } : { file },
    })
  }
}

async function required(folder: string, path: string, kind: 'file' | 'folder', file: string): Promise<string> {
  const found = await existing(folder, path, kind, file, false)
  if (found === undefined) throw fail('input.manifest', `"${path}" is missing`, { where: { file } })
  return found
}

/** The absolute path, when it is there and inside of the folder. */
async function existing(
  folder: string,
  path: string,
  kind: 'file' | 'folder',
  file: string,
  optional: boolean,
): Promise<string | undefined> {
  const absolute = resolve(folder, path)
  const inside = relative(folder, absolute)
  if (inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside) || path.includes('\0')) {
    throw fail('input.manifest', `"${path}" leaves the folder of the component`, { where: { file } })
  }
  const found = await stat(absolute).catch(() => undefined)
  if (found && (kind === 'file' ? found.isFile() : found.isDirectory())) return absolute
  if (optional) return undefined
  throw fail('input.manifest', found ? `"${path}" is not a ${kind}` : `"${path}" is missing`, { where: { file } })
}
