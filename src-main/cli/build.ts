import { basename, join, resolve } from 'node:path'
import { watch } from 'chokidar'
import { fail, type Problem } from '../../src-engine/error.ts'
import { createBuilder, type Builder, type BuildResult } from '../build/builder.ts'
import type { BuildEvent } from '../../src-preload/contract.ts'
import { createTools } from '../tools/tools.ts'
import { userFolder } from '../user-folder.ts'
import { builtComponents, findProject, isFolder, shownPath } from './project-folder.ts'
import { exitCodeOf, printBytes, printProblem, type Verb, type VerbOutput } from './verb.ts'

interface Target {
  readonly id: string
  readonly source: string
  readonly output: string
}

export const build: Verb = {
  name: 'build',
  usage: '[DIR] [-o OUT] [--watch]',
  examples: ['patchbay build', 'patchbay build src/greeter --watch'],
  positionals: { max: 1 },
  options: {
    output: { type: 'string', short: 'o', value: 'OUT', description: 'where to write; only for one component' },
    watch: { type: 'boolean', description: 'build again whenever a source changes, until interrupted' },
    timeout: { type: 'string', value: 'SECONDS', description: 'end a build that takes longer; default 120' },
  },
  details: [
    'DIR is a project, which builds all its components, or the source folder of one component. Default: the current folder.',
    'A component of a project is written where the project expects it, any other to dist/NAME.wasm in its folder.',
  ],
  async run({ arguments: given, output, cwd, signal }) {
    const seconds = given.number('timeout', { min: 0.1, max: 86_400 })
    const targets = await findTargets(resolve(cwd, given.positionals[0] ?? '.'), given.text('output'), cwd)
    const tools = createTools()
    const builder = createBuilder({
      tools,
      cacheFolder: join(userFolder(), 'cache'),
      emit: (event) => narrate(event, output),
    })
    const options = { signal, timeout: seconds === undefined ? undefined : seconds * 1000 }
    try {
      const results: [Target, BuildResult][] = []
      for (const target of targets) {
        if (!signal.aborted) results.push([target, await buildTarget(builder, target, options, output, cwd)])
      }
      if (given.flag('watch')) {
        await watchTargets(builder, targets, options, output, cwd)
        return 0
      }
      return report(results, output)
    } finally {
      await builder.dispose()
      await tools.dispose()
    }
  },
}

/** What there is to build at a folder, and where it goes. */
async function findTargets(folder: string, output: string | undefined, cwd: string): Promise<Target[]> {
  if (!(await isFolder(folder))) {
    throw fail('input.not-found', `${folder} is not a folder`, {
      where: { file: folder },
      hint: 'Name a project or the source folder of a component',
    })
  }
  const project = await findProject(folder)
  const components = project ? builtComponents(project) : []
  const whole = project?.folder === folder
  const targets = whole ? components : components.filter(({ source }) => source === folder)
  if (whole && targets.length === 0) {
    throw fail('input.no-sources', `No component of ${folder} has sources`, {
      where: { file: join(folder, 'patchbay.json') },
      hint: 'Begin one with: patchbay new NAME',
    })
  }
  if (targets.length === 0)
    targets.push({ id: basename(folder), source: folder, output: join(folder, 'dist', `${basename(folder)}.wasm`) })
  const [only] = targets
  if (output === undefined || !only) return targets
  if (targets.length > 1) {
    throw fail('usage.option', `build: -o names one file, and there are ${targets.length} components`, {
      hint: 'Name the source folder of one of them',
    })
  }
  return [{ ...only, output: resolve(cwd, output) }]
}

interface TargetOptions {
  readonly signal: AbortSignal
  readonly timeout: number | undefined
}

async function buildTarget(
  builder: Builder,
  target: Target,
  options: TargetOptions,
  output: VerbOutput,
  cwd: string,
): Promise<BuildResult> {
  const result = await builder.build(target.source, { ...options, component: target.id, output: target.output })
  for (const problem of result.problems) output.note(printProblem(placed(problem, target, cwd)))
  if (result.component) {
    const { bytes, cached } = result.component
    const time = cached ? 'from the cache' : `${(result.duration / 1000).toFixed(1)} s`
    output.line(`${shownPath(target.output, cwd)}  ${printBytes(bytes.length)}  ${time}`)
  }
  return result
}

function report(results: readonly (readonly [Target, BuildResult])[], output: VerbOutput): number {
  const components = results.map(([{ id, output: path }, { state, component, duration, problems }]) => ({
    name: id,
    state,
    ...(component
      ? { output: path, size: component.bytes.length, hash: component.hash, cached: component.cached }
      : {}),
    duration: Math.round(duration),
    problems,
  }))
  const first = results.flatMap(([, { problems }]) => problems)[0]
  const cancelled = results.some(([, { state }]) => state === 'cancelled')
  const error =
    first ??
    (cancelled ? ({ code: 'build.cancelled', message: 'The build was interrupted' } satisfies Problem) : undefined)
  output.object({ components, ...(error ? { error } : {}) })
  return error ? exitCodeOf(error) : 0
}

/** Files of problems are relative to the sources; a terminal wants them relative to where the user is. */
function placed(problem: Problem, { source }: Target, cwd: string): Problem {
  const file = problem.where?.file
  return file === undefined
    ? problem
    : { ...problem, where: { ...problem.where, file: shownPath(resolve(source, file), cwd) } }
}

function narrate({ component, event }: BuildEvent, output: VerbOutput): void {
  if (event.kind === 'progress' && event.done < event.total) output.note(`${component}: ${event.step}`)
  else if (event.kind === 'log')
    for (const line of event.text.trimEnd().split('\n')) output.note(`${component}: ${line}`)
}

/** Builds what changes until the signal says stop; a change during a build ends that build and starts another. */
async function watchTargets(
  builder: Builder,
  targets: readonly Target[],
  options: TargetOptions,
  output: VerbOutput,
  cwd: string,
): Promise<void> {
  const ignored = /[/\\](node_modules|dist|target|\.[^/\\]*)([/\\]|$)/
  const watchers = targets.map((target) => {
    let timer: NodeJS.Timeout | undefined
    let running = Promise.resolve()
    const rebuild = (): void => {
      builder.cancel(target.id)
      running = running.then(async () => {
        if (!options.signal.aborted) await buildTarget(builder, target, options, output, cwd)
      })
    }
    const watcher = watch(target.source, {
      // What the build itself writes may lie among the sources; it must not start another one.
      ignored: (path) => path === target.output || ignored.test(path.slice(target.source.length)),
      ignoreInitial: true,
    })
    // Editors write a file in several steps.
    watcher.on('all', () => {
      clearTimeout(timer)
      timer = setTimeout(rebuild, 60)
    })
    return {
      ready: new Promise<void>((done) => watcher.once('ready', done)),
      async close() {
        clearTimeout(timer)
        await watcher.close()
        await running
      },
    }
  })
  // A change made before the watchers stand would be missed.
  await Promise.all(watchers.map((watcher) => watcher.ready))
  output.note('Watching for changes; interrupt to end.')
  await new Promise<void>((done) => {
    if (options.signal.aborted) done()
    options.signal.addEventListener('abort', () => done(), { once: true })
  })
  await Promise.all(watchers.map((watcher) => watcher.close()))
}
