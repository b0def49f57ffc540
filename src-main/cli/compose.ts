import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, dirname, extname, join, resolve } from 'node:path'
import type { CompositionGraph } from '../../src-engine/compose/graph.ts'
import { fail } from '../../src-engine/error.ts'
import { parseWac } from '../../src-engine/wac/parse.ts'
import { resolveWac, type WacPackage } from '../../src-engine/wac/resolve.ts'
import type { NewExpression, Expression, WacDocument } from '../../src-engine/wac/syntax.ts'
import { parseDocument } from '../project/document.ts'
import { readWhole, unreadable } from '../project/files.ts'
import { absolutePath } from '../project/library.ts'
import { readComponent, type ComponentFile } from './component-file.ts'
import { composeTo, outputOptions } from './compose-output.ts'
import { splitPair, type Verb, type VerbContext } from './verb.ts'

export const compose: Verb = {
  name: 'compose',
  usage: 'FILE.wac|PROJECT [-d NAME[@VERSION]=PATH]… [--deps-dir DIR] [--import-dependencies] [-o OUT] [-t]',
  examples: ['patchbay compose app.wac -d docs:adder=adder.wasm -o app.wasm', 'patchbay compose my-project'],
  positionals: { min: 1, max: 1 },
  options: {
    dep: { type: 'string', short: 'd', value: 'NAME[@VERSION]=PATH', description: 'the file of a package; repeatable' },
    'deps-dir': {
      type: 'string',
      value: 'DIR',
      description: 'folder with packages as namespace/name[/version].wasm; default deps beside the script',
    },
    'import-dependencies': {
      type: 'boolean',
      description: 'leave the packages to be supplied instead of embedding them',
    },
    ...outputOptions,
  },
  details: ['A project is a folder with patchbay.json, or that file: what is on its canvas is composed.'],
  async run(context) {
    const [path = ''] = context.arguments.positionals
    const file = resolve(context.cwd, path)
    const about = await stat(file).catch((thrown: unknown) => {
      throw unreadable(path, thrown)
    })
    const { graph, parts } =
      about.isDirectory() || extname(file) === '.json'
        ? await fromProject(about.isDirectory() ? join(file, 'patchbay.json') : file)
        : await fromScript(context, file, path)
    const linked = context.arguments.flag('import-dependencies') ? importPackages(graph) : graph
    return composeTo(
      context,
      linked,
      parts,
      `${about.isDirectory() ? basename(file) : basename(file, extname(file))}.wasm`,
    )
  },
}

export interface Input {
  readonly graph: CompositionGraph
  readonly parts: ReadonlyMap<string, ComponentFile>
}

function importPackages(graph: CompositionGraph): CompositionGraph {
  return {
    ...graph,
    packages: Object.fromEntries(
      Object.entries(graph.packages).map(([id, entry]) => [id, { ...entry, link: 'import' as const }]),
    ),
  }
}

/** The graph of a project, with the hashes of its files as they are now. */
export async function fromProject(file: string): Promise<Input> {
  const text = await readFile(file, 'utf8').catch((thrown: unknown) => {
    throw unreadable(file, thrown)
  })
  const { document } = parseDocument(text, file)
  const folder = dirname(file)
  const parts = new Map<string, ComponentFile>()
  const packages: Record<string, CompositionGraph['packages'][string]> = {}
  for (const [id, entry] of Object.entries(document.graph.packages)) {
    const component = document.components[id]
    if (!component)
      throw fail('input.project', `the project names no file for "${id}"`, {
        where: { file, path: ['components', id] },
        hint: 'Open the project in the window and add the component again.',
      })
    const read = await readComponent(absolutePath(folder, component.path), folder)
    parts.set(read.hash, read)
    packages[id] = { ...entry, hash: read.hash }
  }
  return { graph: { ...document.graph, packages }, parts }
}

/** The graph of a script, with its packages looked up where the options say. */
async function fromScript({ arguments: given, cwd }: VerbContext, file: string, shown: string): Promise<Input> {
  const text = new TextDecoder().decode(await readWhole(file))
  const document = parseWac(text, shown)
  const finder = new PackageFinder({
    explicit: new Map(given.list('dep').map((pair) => splitPair('-d', pair))),
    folder: resolve(cwd, given.text('deps-dir') ?? join(dirname(file), 'deps')),
    cwd,
  })
  for (const { name, version } of packagesOf(document)) await finder.find(name, version)
  const { graph } = resolveWac(document, finder)
  return { graph, parts: finder.parts }
}

/** Every package that a script instantiates. */
function packagesOf(document: WacDocument): NewExpression['package'][] {
  const found: NewExpression['package'][] = []
  const visit = (expression: Expression): void => {
    if (expression.kind === 'access') visit(expression.of)
    if (expression.kind !== 'new') return
    found.push(expression.package)
    for (const argument of expression.arguments) if (argument.kind === 'named') visit(argument.value)
  }
  for (const statement of document.statements)
    if (statement.kind === 'let' || statement.kind === 'export') visit(statement.expression)
  return found
}

/** Looks packages up: what `-d` names, then the dependency folder in wac's layout. Remembers where it looked. */
class PackageFinder {
  readonly parts = new Map<string, ComponentFile>()
  readonly #explicit: ReadonlyMap<string, string>
  readonly #folder: string
  readonly #cwd: string
  readonly #found = new Map<string, WacPackage>()
  readonly #searched = new Map<string, string[]>()

  constructor(options: {
    readonly explicit: ReadonlyMap<string, string>
    readonly folder: string
    readonly cwd: string
  }) {
    this.#explicit = options.explicit
    this.#folder = options.folder
    this.#cwd = options.cwd
  }

  packageOf(name: string, version: string | undefined): WacPackage | undefined {
    return this.#found.get(keyOf(name, version))
  }

  searched(name: string, version: string | undefined): readonly string[] {
    return this.#searched.get(keyOf(name, version)) ?? []
  }

  async find(name: string, version: string | undefined): Promise<void> {
    const key = keyOf(name, version)
    if (this.#found.has(key)) return
    const looked: string[] = []
    this.#searched.set(key, looked)
    const explicit = this.#explicit.get(key) ?? this.#explicit.get(name)
    if (explicit === undefined) looked.push(`-d ${key}=…`)
    for (const path of explicit === undefined ? await this.#candidates(name, version) : [explicit]) {
      looked.push(path)
      const exists = await stat(resolve(this.#cwd, path)).then(
        (about) => about.isFile(),
        () => false,
      )
      // A file that was named must be there; a candidate may be.
      if (!exists && explicit === undefined) continue
      const component = await readComponent(path, this.#cwd)
      this.parts.set(component.hash, component)
      this.#found.set(key, {
        hash: component.hash,
        type: component.decoded.type,
        ...(version === undefined ? {} : { version }),
      })
      return
    }
  }

  async #candidates(name: string, version: string | undefined): Promise<string[]> {
    const base = join(this.#folder, ...name.split(':'))
    if (version !== undefined)
      return [join(base, `${version}.wasm`), join(base, `${version}.wat`), `${base}.wasm`, `${base}.wat`]
    const versions = await readdir(base).catch(() => [])
    const sorted = versions
      .filter((each) => /\.wa(sm|t)$/.test(each))
      .sort((left, right) => right.localeCompare(left, 'en', { numeric: true }))
    return [`${base}.wasm`, `${base}.wat`, ...sorted.map((each) => join(base, each))]
  }
}

function keyOf(name: string, version: string | undefined): string {
  return version === undefined ? name : `${name}@${version}`
}
