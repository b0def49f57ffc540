import { readdir, stat } from 'node:fs/promises'
import { join, parse, resolve, sep } from 'node:path'
import { fail } from '../../src-engine/error.ts'

/**
 * The files that paths name, where a path may hold `*` and `?` within a segment and `**` for folders at any depth: not every
 * shell resolves them. A path that exists is taken as it stands. Answers in the order given, each file once, those of one
 * pattern sorted. Throws `input.not-found` for a pattern that names nothing.
 */
export async function expandPaths(paths: readonly string[], cwd: string): Promise<string[]> {
  const found = new Set<string>()
  for (const path of paths) {
    if (!/[*?]/.test(path) || (await isThere(resolve(cwd, path)))) found.add(path)
    else for (const each of await matches(path, cwd)) found.add(each)
  }
  return [...found]
}

async function matches(pattern: string, cwd: string): Promise<string[]> {
  const { root } = parse(pattern)
  const segments = pattern.slice(root.length).split(sep === '\\' ? /[\\/]/ : '/')
  let places = [root]
  for (const [at, segment] of segments.entries()) {
    const last = at === segments.length - 1
    const next = await Promise.all(places.map((place) => step(place, segment, last, cwd)))
    places = [...new Set(next.flat())]
  }
  if (places.length === 0)
    throw fail('input.not-found', `no file matches ${pattern}`, {
      where: { file: resolve(cwd, pattern) },
      hint: 'Patterns know * and ? within a name, and ** for folders.',
    })
  return places.sort()
}

/** What one segment of a pattern leads to from a place. */
async function step(place: string, segment: string, last: boolean, cwd: string): Promise<string[]> {
  if (segment === '**') return [place, ...(await foldersBelow(place, cwd, 0))]
  if (!/[*?]/.test(segment)) {
    const path = join(place, segment)
    return (await isThere(resolve(cwd, path))) ? [path] : []
  }
  const shape = new RegExp(
    `^${segment
      .replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
      .replaceAll('*', '[^/]*')
      .replaceAll('?', '[^/]')}$`,
  )
  const entries = await readdir(resolve(cwd, place), { withFileTypes: true }).catch(() => [])
  return entries
    .filter((entry) => shape.test(entry.name) && (segment.startsWith('.') || !entry.name.startsWith('.')))
    .filter((entry) => (last ? !entry.isDirectory() : !entry.isFile()))
    .map((entry) => join(place, entry.name))
}

async function foldersBelow(place: string, cwd: string, depth: number): Promise<string[]> {
  if (depth > 16) return []
  const entries = await readdir(resolve(cwd, place), { withFileTypes: true }).catch(() => [])
  const folders = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
  const below = await Promise.all(
    folders.map(async ({ name }) => [join(place, name), ...(await foldersBelow(join(place, name), cwd, depth + 1))]),
  )
  return below.flat()
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}
