/** JavaScript and TypeScript of a component → one module, with types stripped and problems at their place. */
import { isAbsolute, join, relative, sep } from 'node:path'
import { rolldown } from 'rolldown'
import type { Problem, ProblemPlace } from '../../src-engine/error.ts'
import { applicationRoot } from '../entries.ts'
import { failed, succeeded, type Outcome } from './outcome.ts'
import { readSourcePlaces } from './source-places.ts'

export interface Bundle {
  readonly code: string
  /** Where a place of the bundle (both one-based) lies in the sources, with the file relative to the component's folder. */
  placeOf(line: number, column: number): ProblemPlace | undefined
  readonly warnings: readonly string[]
  /** Absolute paths of all files that were read. */
  readonly inputs: readonly string[]
}

export interface BundleOptions {
  /** Folder of the component. */
  readonly folder: string
  /** Module to start from, absolute. */
  readonly entry: string
  /** Text of the module that uses the entry, which it imports as `patchbay:entry`. Without it the entry is the bundle. */
  readonly wrapper?: string
  /** Specifier of an interface, such as `wasi:io/poll@0.2.12` → the one in the bundle. */
  readonly mapInterface: (specifier: string) => string
}

/** Files of ours that go into a component. */
export const adapterFolder: string = join(applicationRoot, 'resources', 'adapters', 'javascript')

const interfaceName = /^[a-z][a-z0-9-]*:[a-z][a-z0-9-]*\/[a-z]/
const wrapperId = '\0patchbay:wrapper'

export async function bundleSources({ folder, entry, wrapper, mapInterface }: BundleOptions): Promise<Outcome<Bundle>> {
  const warnings: string[] = []
  const problems: Problem[] = []
  try {
    const build = await rolldown({
      input: wrapper === undefined ? entry : wrapperId,
      cwd: folder,
      platform: 'neutral',
      resolve: { mainFields: ['module', 'main'], conditionNames: ['import', 'default'] },
      // The newest version without async functions: they become generators, see resources/adapters/javascript/promise.js.
      transform: { target: 'es2016' },
      tsconfig: false,
      plugins: [
        {
          name: 'patchbay',
          resolveId(id: string) {
            if (id === wrapperId) return id
            if (id === 'patchbay:entry') return entry
            if (id.startsWith('patchbay:adapters/')) return join(adapterFolder, id.slice('patchbay:adapters/'.length))
            if (interfaceName.test(id)) return { id: mapInterface(id), external: true }
            return null
          },
          load(id: string) {
            return id === wrapperId ? wrapper : null
          },
          transform: {
            filter: { id: /@oxc-project\+runtime@[^/]+\/helpers\/esm\/asyncToGenerator\.js$/ },
            // With our promises there is a shorter way than through their public functions.
            handler: () =>
              wrapper === undefined
                ? null
                : "export { asyncToGenerator as default } from 'patchbay:adapters/promise.js'",
          },
        },
      ],
      onLog(level, log) {
        const place = placed(log.loc, folder)
        const message = plain(log.message, log.code)
        if (log.code === 'UNRESOLVED_IMPORT') {
          problems.push({ code: 'build.bundle', message, where: place, hint: hintFor(log.code, message) })
        } else if (
          level === 'warn' &&
          isOfUser(log.id) &&
          isOfUser(log.loc?.file) &&
          !message.startsWith('Top-level await')
        ) {
          // An await outside of functions is the engine's own, it needs no rewriting.
          warnings.push(place?.file ? `${place.file}:${place.line}: ${message}` : message)
        }
      },
    })
    try {
      const { output } = await build.generate({
        format: 'esm',
        codeSplitting: false,
        comments: { jsdoc: false },
        sourcemap: 'hidden',
        // Nothing is written; the paths in the source map are relative to it.
        dir: folder,
      })
      const [chunk] = output
      if (problems.length > 0) return failed(...problems)
      const places = readSourcePlaces(
        chunk.map?.toString() ?? '{"version":3,"sources":[],"mappings":""}',
        chunk.code.split('\n').length,
        (source) => {
          const path = isAbsolute(source) ? source : join(folder, source)
          return source.includes('\0') || path.startsWith(adapterFolder) ? undefined : shortened(path, folder)
        },
      )
      return succeeded({
        // At the end, where it moves no line.
        code: `${chunk.code}\nglobalThis.__patchbayPlaces = ${JSON.stringify(places.table)}\n`,
        warnings,
        inputs: (await build.watchFiles).filter((id) => isAbsolute(id) && !id.startsWith(adapterFolder)),
        placeOf: places.placeOf,
      })
    } finally {
      await build.close()
    }
  } catch (thrown) {
    return failed(...problems, ...problemsOf(thrown, folder))
  }
}

function isOfUser(id: string | undefined): boolean {
  return id === undefined || !(id.includes('\0') || id.includes('patchbay:') || id.startsWith(adapterFolder))
}

interface RolldownError {
  readonly message: string
  readonly code?: string
  readonly loc?: { readonly file?: string; readonly line: number; readonly column: number }
  readonly id?: string
}

function problemsOf(thrown: unknown, folder: string): Problem[] {
  const errors: readonly RolldownError[] =
    thrown instanceof Error && 'errors' in thrown && Array.isArray(thrown.errors)
      ? thrown.errors
      : [{ message: String(thrown) }]
  return errors.slice(0, 50).map((error) => {
    const message = plain(error.message, error.code)
    const where =
      placed(error.loc, folder) ?? (error.id === undefined ? undefined : { file: shortened(error.id, folder) })
    return {
      code: error.code === 'PARSE_ERROR' ? 'build.syntax' : 'build.bundle',
      message,
      where,
      hint: hintFor(error.code, message),
    }
  })
}

/** rolldown counts columns from zero. */
function placed(loc: RolldownError['loc'], folder: string): ProblemPlace | undefined {
  if (!loc) return undefined
  return {
    ...(loc.file === undefined ? {} : { file: shortened(loc.file, folder) }),
    line: loc.line,
    column: loc.column + 1,
  }
}

/** The sentence of a message that rolldown draws over many lines. */
function plain(message: string, code: string | undefined): string {
  // eslint-disable-next-line no-control-regex
  const lines = message.replace(/\u001b\[[0-9;]*m/g, '').split('\n')
  const first = (lines[0] ?? '').replace(code === undefined ? '' : `[${code}] `, '').trim()
  return first.replace(/ in \S+$/, '') || 'The sources could not be bundled'
}

function hintFor(code: string | undefined, message: string): string | undefined {
  if (code !== 'UNRESOLVED_IMPORT') return undefined
  if (/'node:|'(fs|path|http|os|crypto|buffer)'/.test(message))
    return 'A component has no Node modules; use the interfaces of its world'
  return 'Check the path; a package must be installed into the folder of the component'
}

function shortened(file: string, folder: string): string {
  const clean = file.replace(/^file:\/\//, '')
  const path = isAbsolute(clean) ? relative(folder, clean) : clean
  return path.startsWith('..') ? clean : path.split(sep).join('/')
}
