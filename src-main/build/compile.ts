/** A source folder → component, in steps; runs in the build process. */
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, extname, join, relative, sep } from 'node:path'
import { PatchbayError, problemOf, withPlace, type Problem } from '../../src-engine/error.ts'
import { parseWit } from '../../src-engine/wit/parse.ts'
import type { Tools } from '../tools/tools.ts'
import { bundleSources } from './bundle.ts'
import { compileC, type Clang } from './c-compiler.ts'
import { componentizeModule, fillDependencies } from './component-maker.ts'
import { failed, failedBy, succeeded, type Outcome } from './outcome.ts'
import { componentizeQuickJs, disguise } from './quickjs.ts'
import { readRecipe, type Recipe } from './recipe.ts'
import { clangMissing } from './toolchains.ts'

export interface CompileContext {
  readonly folder: string
  readonly tools: Tools
  readonly clang?: Clang
  readonly log: (stream: 'stdout' | 'stderr' | 'info', text: string) => void
  readonly progress: (step: string, done: number, total: number) => void
}

export interface Compiled {
  readonly bytes: Uint8Array
  /** Absolute paths of files outside of the folder that went into it. */
  readonly inputs: readonly string[]
}

/** Never throws on account of the sources. */
export async function compileFolder(context: CompileContext): Promise<Outcome<Compiled>> {
  try {
    const recipe = await readRecipe(context.folder)
    const wrong = recipe.wit === undefined ? [] : await checkWit(recipe.wit, context.folder)
    if (wrong.length > 0) return failed(...wrong)
    switch (recipe.language) {
      case 'javascript':
        return await compileJavaScript(recipe, context)
      case 'wat':
        return await compileWat(recipe, context)
      case 'c':
        return await compileCSources(recipe, context)
    }
  } catch (thrown) {
    return failedBy(thrown)
  }
}

type Of<Language extends Recipe['language']> = Extract<Recipe, { readonly language: Language }>

async function compileJavaScript(
  recipe: Of<'javascript'>,
  { folder, log, progress }: CompileContext,
): Promise<Outcome<Compiled>> {
  const work = await mkdtemp(join(tmpdir(), 'patchbay-js-'))
  try {
    progress('Reading the world', 0, 3)
    const wit = join(work, 'wit')
    await cp(recipe.wit, wit, { recursive: true })
    await fillDependencies(wit)
    const text = await readWit(recipe.wit)
    const http = /\bexport\s+wasi:http\/incoming-handler@|\binclude\s+wasi:http\/proxy@/.test(text)
    const outgoing = /\bwasi:http\/(proxy|outgoing-handler)@/.test(text)
    const version = /\bwasi:http\/[a-z-]+@(0\.2\.\d+)/.exec(text)?.[1]

    progress('Bundling the sources', 1, 3)
    const bundle = await bundleSources({
      folder,
      entry: recipe.entry,
      wrapper: wrapperOf(http, outgoing),
      // Our own modules are written against one version; the world may use another one of the same track.
      mapInterface: (specifier) =>
        disguise(version === undefined ? specifier : specifier.replace(/^(wasi:.*@)0\.2\.\d+$/, `$1${version}`)),
    })
    if (!bundle.ok) return bundle
    for (const warning of bundle.product.warnings) log('stderr', `warning: ${warning}`)
    const modules = bundle.product.inputs.length
    log('info', `Bundled ${modules} ${modules === 1 ? 'module' : 'modules'}`)

    progress('Taking a snapshot with QuickJS', 2, 3)
    const fileName = `${basename(recipe.entry, extname(recipe.entry))}.js`
    const made = await componentizeQuickJs({ bundle: bundle.product, wit, world: recipe.world, fileName })
    if (!made.ok) return made
    progress('Done', 3, 3)
    return succeeded({ bytes: made.product, inputs: bundle.product.inputs.filter((file) => isOutside(file, folder)) })
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

/** What stands between a module of the user and the world that it is built for. */
function wrapperOf(http: boolean, outgoing: boolean): string | undefined {
  if (!http) return undefined
  return [
    "import 'patchbay:adapters/globals.js'",
    ...(outgoing ? ["import 'patchbay:adapters/fetch.js'"] : []),
    "import { serve } from 'patchbay:adapters/serve.js'",
    "import * as module from 'patchbay:entry'",
    'export const incomingHandler = module.incomingHandler ?? serve(module)',
    '',
  ].join('\n')
}

async function compileWat(recipe: Of<'wat'>, { folder, tools, progress }: CompileContext): Promise<Outcome<Compiled>> {
  const file = shortened(recipe.source, folder)
  progress('Reading the text', 0, 2)
  const text = await readFile(recipe.source, 'utf8')
  const binary = await tools.parseWat(text).catch((thrown: unknown) => {
    throw withPlace(thrown, { file })
  })
  progress('Making the component', 1, 2)
  // The fourth number of the preamble tells a component (layer 1) from a core module.
  const isComponent = binary[6] === 1
  let bytes = binary
  if (!isComponent) {
    if (recipe.wit === undefined) {
      return failed({
        code: 'build.world',
        message: `${file} is a core module, and there is no WIT that says what it imports and exports`,
        where: { file },
        hint: 'Add a folder wit with a world, or write a (component …)',
      })
    }
    const { wit, world } = recipe
    bytes = await componentizeModule({ module: binary, wit, world, tools }).catch((thrown: unknown) => {
      throw withPlace(thrown, { file })
    })
  }
  progress('Done', 2, 2)
  return succeeded({ bytes, inputs: [] })
}

async function compileCSources(
  recipe: Of<'c'>,
  { folder, tools, clang, log, progress }: CompileContext,
): Promise<Outcome<Compiled>> {
  if (clang === undefined) return failed(clangMissing)
  progress('Compiling', 0, 2)
  const module = await compileC({ clang, files: recipe.sources, root: folder, onText: log })
  if (!module.ok) return module
  progress('Making the component', 1, 2)
  const bytes = await componentizeModule({ module: module.product, wit: recipe.wit, world: recipe.world, tools })
  progress('Done', 2, 2)
  return succeeded({ bytes, inputs: [] })
}

/** Our own reader of WIT knows lines and columns; what depends on other packages is left to the tools. */
async function checkWit(wit: string, folder: string): Promise<Problem[]> {
  const problems: Problem[] = []
  for (const entry of (await readdir(wit, { withFileTypes: true })).filter(
    (found) => found.isFile() && found.name.endsWith('.wit'),
  )) {
    const path = join(wit, entry.name)
    try {
      parseWit(await readFile(path, 'utf8'))
    } catch (thrown) {
      problems.push(
        thrown instanceof PatchbayError
          ? withPlace(thrown, { file: shortened(path, folder) }).problem
          : problemOf(thrown),
      )
    }
  }
  return problems
}

/** The texts of the package itself, without its dependencies and without comments. */
async function readWit(folder: string): Promise<string> {
  const texts: string[] = []
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isFile() && entry.name.endsWith('.wit')) texts.push(await readFile(join(folder, entry.name), 'utf8'))
  }
  return texts.join('\n').replace(/\/\/.*$/gm, '')
}

function isOutside(file: string, folder: string): boolean {
  const path = relative(folder, file)
  return path.startsWith('..') && !path.includes(`node_modules${sep}`)
}

function shortened(file: string, folder: string): string {
  return relative(folder, file).split(sep).join('/')
}
