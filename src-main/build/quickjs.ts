/** One JavaScript module → component with QuickJS inside: small, quick to build and to start. */
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Problem, ProblemPlace } from '../../src-engine/error.ts'
import type { Bundle } from './bundle.ts'
import { dropFunctionExport, renameInterfaces } from './namespace.ts'
import { failed, succeeded, type Outcome } from './outcome.ts'

/** Version of the WASI interfaces that the runtime itself imports. */
const runtimeVersion = '0.2.12'

/** The name under which the program sees `wasi:` while it is built; see namespace.ts. */
export function disguise(specifier: string): string {
  return specifier.replace(/^wasi:/, 'wasj:')
}

export interface QuickJsOptions {
  readonly bundle: Bundle
  /** Copy of the component's WIT folder with all dependencies; it is changed. */
  readonly wit: string
  readonly world?: string
  /** Name of the bundle in stacks. */
  readonly fileName: string
}

export async function componentizeQuickJs({
  bundle,
  wit,
  world,
  fileName,
}: QuickJsOptions): Promise<Outcome<Uint8Array>> {
  const versions = await disguiseFolder(wit)
  const { componentize } = await import('componentize-qjs')
  let built: Uint8Array
  try {
    // The builder wants the file to be there, but takes the text that it is given.
    const jsPath = join(dirname(wit), fileName)
    await writeFile(jsPath, bundle.code)
    // Half a megabyte more than with `optSize`, and a quarter less time for each request.
    const result = await componentize({ witPath: wit, jsSource: bundle.code, jsPath, world, sync: true })
    built = result.component
  } catch (thrown) {
    return failed(problemOf(thrown instanceof Error ? thrown.message : String(thrown), bundle))
  }
  // Another patch version of the same release, one that the program does not use itself.
  const free = ['0.2.11', '0.2.10'].find((version) => !versions.has(version)) ?? '0.2.13'
  const renamed = renameInterfaces(built, [
    {
      pattern: new RegExp(`(wasi:[a-z-]+/[a-z-]+@)${runtimeVersion.replaceAll('.', '\\.')}`, 'g'),
      replacement: `$1${free}`,
    },
    { pattern: /wasj:/g, replacement: 'wasi:' },
  ])
  return succeeded(dropFunctionExport(renamed, 'init'))
}

/** Renames `wasi:` in all texts of a folder; gives the versions that are used. */
async function disguiseFolder(folder: string): Promise<Set<string>> {
  const versions = new Set<string>()
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile() || !entry.name.endsWith('.wit')) continue
    const file = join(entry.parentPath, entry.name)
    const text = await readFile(file, 'utf8')
    for (const [, version] of text.matchAll(/\bwasi:[a-z-]+(?:\/[a-z-]+)?@(\d+\.\d+\.\d+)/g))
      if (version) versions.add(version)
    await writeFile(file, text.replace(/\bwasi:/g, 'wasj:'))
  }
  return versions
}

const loadingHint = 'Code outside of functions runs once, during the build; nothing can be reached from there'

/** What the builder said, in the user's words and places. */
function problemOf(text: string, bundle: Bundle): Problem {
  const message = text.replaceAll('wasj:', 'wasi:').trim()
  const frames = /\n\s+at .*/s.exec(message)?.[0].matchAll(/:(\d+):(\d+)\)?$/gm) ?? []
  let where: ProblemPlace | undefined
  // The first place that is the user's own; the frames before it are ours.
  for (const [, line, column] of frames) where ??= bundle.placeOf(Number(line), Number(column))
  const unknown = /Error resolving module '([^']+)'/.exec(message)?.[1]
  if (unknown !== undefined) {
    return {
      code: 'build.world',
      message: `The world does not import "${unknown}", which the sources use`,
      hint: 'Add an import of it to the WIT of the component',
    }
  }
  if (/resulted in a dead ?lock/.test(message)) {
    return {
      code: 'build.componentize',
      message: 'The module waits for something that never happens while it is loaded',
      hint: loadingHint,
    }
  }
  const lines = message.split('\n').filter((line) => line.trim() !== '')
  // A trap is a chain of causes, the last one says what happened.
  const said = firstOf(lines).startsWith('error while executing')
    ? (lines.findLast((line) => /^\s+\d+: /.test(line) && !/ - /.test(line)) ?? firstOf(lines))
    : firstOf(lines)
  return {
    code: 'build.componentize',
    message: `The module failed while it was loaded: ${said}`,
    where,
    hint: loadingHint,
  }
}

/** Without the builder's own words and the name of the plainest error. */
function firstOf(lines: readonly string[]): string {
  return (lines[0] ?? '').replace(/^:? *(Failed to [^:]+: )+(?=\S)/, '').replace(/^Error: /, '')
}
