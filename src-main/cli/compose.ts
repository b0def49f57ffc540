import { readFile, stat } from 'node:fs/promises'
import { basename, dirname, extname, join, resolve } from 'node:path'
import type { CompositionGraph } from '../../src-engine/compose/graph.ts'
import { planComposition } from '../../src-engine/compose/build-plan.ts'
import { fail, type Problem } from '../../src-engine/error.ts'
import { checkScriptTarget, placePlanProblems } from '../../src-engine/wac/check.ts'
import { nearest } from '../../src-engine/wac/inference.ts'
import { packagesNamedBy } from '../../src-engine/wac/package-names.ts'
import { parseWac } from '../../src-engine/wac/parse.ts'
import { resolveWac } from '../../src-engine/wac/resolve.ts'
import type { TextError } from '../../src-engine/wit/source.ts'
import type { ProjectDocument } from '../../src-preload/contract.ts'
import { parseDocument } from '../project/document.ts'
import { readWhole, unreadable } from '../project/files.ts'
import { absolutePath } from '../project/library.ts'
import { readComponent, type ComponentFile } from './component-file.ts'
import { composeConfigured } from './compose-config.ts'
import { composeTo, outputOptions } from './compose-output.ts'
import { Dependencies } from './dependencies.ts'
import { printProblem, splitPair, type Verb, type VerbContext } from './verb.ts'

export const compose: Verb = {
  name: 'compose',
  usage:
    'FILE.wac|PROJECT|ROOT.wasm -c FILE.yml [-d NAME[@VERSION]=PATH]… [--deps-dir DIR] [--import-dependencies|--import NAME…] [--lock] [-o OUT] [-t]',
  examples: ['patchbay compose app.wac -d docs:adder=adder.wasm -o app.wasm', 'patchbay compose my-project'],
  positionals: { min: 1, max: 1 },
  options: {
    dep: {
      type: 'string',
      short: 'd',
      value: 'NAME[@VERSION]=PATH',
      description: 'a component, or WIT as file, folder or binary; repeatable',
    },
    'deps-dir': {
      type: 'string',
      value: 'DIR',
      description:
        'packages as namespace/name[/version] with .wasm, .wat, .wit, or a folder of WIT; default deps beside the script',
    },
    'import-dependencies': {
      type: 'boolean',
      description: 'leave the packages to be supplied instead of embedding them',
    },
    import: {
      type: 'string',
      value: 'NAME',
      description: 'leave this package only to be supplied; repeatable',
    },
    lock: {
      type: 'boolean',
      description: 'ask for what is to be supplied by exact version and hash',
    },
    config: {
      type: 'string',
      short: 'c',
      value: 'FILE.yml',
      description: 'compose ROOT.wasm as a composition file of wasm-tools says',
    },
    ...outputOptions,
  },
  details: ['A project is a folder with patchbay.json, or that file: what is on its canvas is composed.'],
  async run(context) {
    const [path = ''] = context.arguments.positionals
    const config = context.arguments.text('config')
    if (config !== undefined) {
      const { graph, parts, configuration } = await composeConfigured(path, config, context.cwd)
      return composeTo(
        context,
        configuration['import-components'] || context.arguments.flag('import-dependencies')
          ? importPackages(graph, undefined)
          : graph,
        parts,
        `${basename(path, extname(path))}.composed.wasm`,
        {},
        {
          skipValidation: configuration['skip-validation'],
          ...(context.arguments.flag('lock') ? { dependencies: 'locked' as const } : {}),
        },
      )
    }
    const file = resolve(context.cwd, path)
    const about = await stat(file).catch((thrown: unknown) => {
      throw unreadable(path, thrown)
    })
    const fromProjectFile = about.isDirectory() || extname(file) === '.json'
    const input: Input = fromProjectFile
      ? await fromProject(about.isDirectory() ? join(file, 'patchbay.json') : file)
      : await fromScript(context, file, path)
    const { graph, parts } = input
    if (input.problems && input.problems.length > 0) {
      context.output.object({ error: input.problems[0], problems: input.problems })
      for (const problem of input.problems) context.output.note(printProblem(problem))
      return 1
    }
    const all = context.arguments.flag('import-dependencies')
    const linked = importPackages(graph, all ? undefined : context.arguments.list('import'))
    return composeTo(
      context,
      linked,
      parts,
      `${about.isDirectory() ? basename(file) : basename(file, extname(file))}.wasm`,
      {},
      context.arguments.flag('lock') ? { dependencies: 'locked' } : {},
    )
  },
}

export interface Input {
  readonly graph: CompositionGraph
  readonly parts: ReadonlyMap<string, ComponentFile>
  /** What is wrong with the script it was read from, in the order of the text. */
  readonly problems?: readonly Problem[]
}

/** The graph with packages left to be supplied: those of these names, or all. Throws `usage.package` for a name that is not there. */
function importPackages(graph: CompositionGraph, names: readonly string[] | undefined): CompositionGraph {
  const known = Object.values(graph.packages).map(({ name }) => name)
  for (const name of names ?? []) {
    if (known.includes(name)) continue
    const meant = nearest(name, known)
    throw fail('usage.package', `the composition has no package "${name}"`, {
      hint: meant === undefined ? `It has ${known.join(', ')}.` : `Did you mean "${meant}"?`,
    })
  }
  const packages = Object.entries(graph.packages).map(([id, entry]) =>
    names && !names.includes(entry.name) ? [id, entry] : [id, { ...entry, link: 'import' as const }],
  )
  return { ...graph, packages: Object.fromEntries(packages) }
}

/** The graph of a project, with the hashes of its files as they are now. */
export async function fromProject(file: string): Promise<Input & { readonly document: ProjectDocument }> {
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
  return { graph: { ...document.graph, packages }, parts, document }
}

/** The graph of a script, with its packages looked up where the options say. */
async function fromScript({ arguments: given, cwd }: VerbContext, file: string, shown: string): Promise<Input> {
  const text = new TextDecoder().decode(await readWhole(file))
  const errors: TextError[] = []
  const report = (error: TextError) => void errors.push(error)
  const document = parseWac(text, shown, report)
  const dependencies = new Dependencies({
    explicit: new Map(given.list('dep').map((pair) => splitPair('-d', pair))),
    folder: resolve(cwd, given.text('deps-dir') ?? join(dirname(file), 'deps')),
    cwd,
  })
  const { components, wit } = packagesNamedBy(document)
  for (const each of [...components, ...wit]) await dependencies.find(each)
  await dependencies.findUsed()
  const resolution = resolveWac(document, dependencies, { report })
  const { graph } = resolution
  const { parts } = dependencies
  if (errors.length === 0) {
    const plan = planComposition(graph, (hash) => parts.get(hash)?.decoded)
    errors.push(
      ...placePlanProblems(document, resolution, plan.problems),
      ...checkScriptTarget(document, resolution, plan),
    )
  }
  errors.sort((left, right) => left.span.start - right.span.start)
  return { graph, parts, problems: errors.map(({ problem }) => problem) }
}
