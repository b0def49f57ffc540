import { readdir, stat } from 'node:fs/promises'
import { basename, extname, join, resolve } from 'node:path'
import { planComposition } from '../../src-engine/compose/build-plan.ts'
import { encodeComposition } from '../../src-engine/compose/encode.ts'
import { fail } from '../../src-engine/error.ts'
import type { RequestRecord, RunSettings, RunStatus } from '../../src-preload/contract.ts'
import { unreadable } from '../project/files.ts'
import { createRuntime, type HandlerSource } from '../runtime/runtime.ts'
import { patchbayVersion } from '../services/workbench.ts'
import { createTools } from '../tools/tools.ts'
import { userFolder } from '../user-folder.ts'
import { readComponent } from './component-file.ts'
import { fromProject } from './compose.ts'
import { grantOptions, readGrants } from './grants.ts'
import { parseDuration, parseSize } from './units.ts'
import { printProblem, type Verb, type VerbContext } from './verb.ts'

const isolations = ['request', 'pool', 'none'] as const
const engines = ['auto', 'direct', 'jco'] as const

export const run: Verb = {
  name: 'run',
  usage: '[FILE…|DIR] [--port N] [--watch]',
  examples: ['patchbay run handler.wasm --port 8080', 'patchbay run my-project --watch'],
  options: {
    port: { type: 'string', value: 'N', description: 'port on 127.0.0.1; default any free one' },
    watch: { type: 'boolean', description: 'serve changed files as soon as they are written' },
    isolate: {
      type: 'string',
      value: 'request|pool|none',
      description: 'a fresh instance for each request (default), reused ones, or one',
    },
    timeout: { type: 'string', value: 'TIME', description: 'wall time of one request; default 30s' },
    memory: { type: 'string', value: 'SIZE', description: 'memory of one instance; default 128MiB' },
    'max-body': { type: 'string', value: 'SIZE', description: 'size of one request body; default 10MB' },
    concurrency: { type: 'string', value: 'N', description: 'requests at work at once per handler; default 100' },
    engine: { type: 'string', value: 'auto|direct|jco', description: 'how guests are run; default auto' },
    ...grantOptions,
  },
  details: [
    'DIR is a project (what is on its canvas is served) or a folder of components. Without FILE or DIR: the current folder.',
    'SIGINT and SIGTERM let requests under way finish, then end with 0.',
  ],
  async run(context) {
    const { output, signal } = context
    const settings = await readSettings(context)
    const inputs = context.arguments.positionals.length > 0 ? context.arguments.positionals : ['.']
    const handlers = await readHandlers(inputs, context.cwd)
    const tools = createTools()
    const runtime = createRuntime({
      tools,
      cacheFolder: join(userFolder(), 'cache'),
      onRecords: (records) => {
        for (const record of records) if (record.state !== 'active') output.note(printRecord(record))
      },
      onLines: (lines) => {
        for (const { handler, request, source, text } of lines)
          output.note(`[${[handler, request].filter(Boolean).join(' ')}] ${source}: ${text}`)
      },
    })
    try {
      const starting = runtime.start({
        handlers,
        settings,
        single: handlers.length === 1 && !(await isPlainFolder(inputs, context.cwd)),
      })
      // Watched from before the URL is told: whoever reads it may write a file at once.
      const watching = context.arguments.flag('watch')
        ? await watch(inputs, context, async () => {
            await starting
            const next = await readHandlers(inputs, context.cwd)
            await runtime.update(next)
            output.note(`serving ${next.map(({ name }) => name).join(', ')}`)
          })
        : undefined
      tellStart(context, await starting)
      await untilAborted(signal)
      output.note('stopping')
      await watching?.()
      await runtime.stop()
      return 0
    } finally {
      await runtime.dispose()
      await tools.dispose()
    }
  },
}

/** Says where it answers. Throws the reason when no handler can run. */
function tellStart({ output }: VerbContext, status: RunStatus): void {
  const broken = status.handlers.filter(({ state }) => state === 'failed')
  const [first] = broken
  if (first?.problem && broken.length === status.handlers.length) {
    // What a handler's own problem is decides the exit code.
    throw fail(first.problem.code, first.problem.message, first.problem)
  }
  for (const { problem } of broken) if (problem) output.note(printProblem(problem))
  output.object({ url: status.url, handlers: status.handlers })
  if (!output.json) output.line(status.url)
  for (const { name, route, state } of status.handlers)
    if (state === 'ready') output.note(`  ${route.padEnd(20)} ${name}`)
}

const printRecord = ({ method, target, status, duration, id, handler, problem }: RequestRecord): string =>
  `[${[handler, id].filter(Boolean).join(' ')}] ${method} ${target} ${status ?? '-'} ${(duration ?? 0).toFixed(1)} ms${problem ? ` · ${problem.code}` : ''}`

async function readSettings(context: VerbContext): Promise<RunSettings> {
  const given = context.arguments
  const timeout = given.text('timeout')
  const memory = given.text('memory')
  const maxBody = given.text('max-body')
  return {
    port: given.number('port', { min: 0, max: 65535, integer: true }),
    isolation: choice(given.text('isolate'), 'isolate', isolations),
    engine: choice(given.text('engine'), 'engine', engines),
    timeout: timeout === undefined ? undefined : parseDuration('timeout', timeout),
    memory: memory === undefined ? undefined : parseSize('memory', memory),
    maxBody: maxBody === undefined ? undefined : parseSize('max-body', maxBody),
    concurrency: given.number('concurrency', { min: 1, integer: true }),
    ...(await readGrants(context)),
  }
}

function choice<Value extends string>(
  text: string | undefined,
  option: string,
  values: readonly Value[],
): Value | undefined {
  if (text === undefined) return undefined
  const found = values.find((value) => value === text)
  if (found === undefined) {
    throw fail('usage.option', `--${option} is one of ${values.join(', ')}, got "${text}"`, {
      hint: 'See patchbay run --help.',
    })
  }
  return found
}

async function readHandlers(inputs: readonly string[], cwd: string): Promise<HandlerSource[]> {
  const found: HandlerSource[] = []
  for (const input of inputs) {
    const path = resolve(cwd, input)
    const about = await stat(path).catch((thrown: unknown) => {
      throw unreadable(input, thrown)
    })
    if (about.isDirectory()) found.push(...(await readFolder(path, input)))
    else if (basename(path) === 'patchbay.json') found.push(await readProject(path))
    else found.push(await readFileHandler(input, cwd))
  }
  return found
}

/** A folder of components is served by names even while it holds only one: more may come. */
async function isPlainFolder(inputs: readonly string[], cwd: string): Promise<boolean> {
  const path = resolve(cwd, inputs[0] ?? '.')
  if (!(await stat(path)).isDirectory()) return false
  return !(await readdir(path)).includes('patchbay.json')
}

async function readFileHandler(path: string, cwd: string): Promise<HandlerSource> {
  const { bytes, name } = await readComponent(path, cwd)
  return { name: handlerName(name), bytes }
}

/** `api-composed.wasm` is served as `api`. */
const handlerName = (stem: string): string => stem.replace(/-composed$/, '').replace(/[\s/?#]+/g, '-')

/** A project as one handler, or the handlers among the components of a folder. */
async function readFolder(folder: string, shown: string): Promise<HandlerSource[]> {
  const names = (await readdir(folder)).sort()
  if (names.includes('patchbay.json')) return [await readProject(join(folder, 'patchbay.json'))]
  const handlers: HandlerSource[] = []
  for (const name of names) {
    if (extname(name) !== '.wasm') continue
    const component = await readComponent(join(folder, name), folder).catch(() => undefined)
    const exports = [...(component?.decoded.type.exports.keys() ?? [])]
    if (component && exports.some((exported) => /^wasi:http\/(incoming-)?handler(@|$)/.test(exported)))
      handlers.push({ name: handlerName(component.name), bytes: component.bytes })
  }
  if (handlers.length === 0) {
    throw fail('input.no-handler', `${shown} holds no component that exports wasi:http/incoming-handler`, {
      where: { file: folder },
      hint: 'Build one with "patchbay new" and "patchbay build", or name a file.',
    })
  }
  return handlers
}

async function readProject(file: string): Promise<HandlerSource> {
  const { graph, parts } = await fromProject(file)
  const plan = planComposition(graph, (hash) => parts.get(hash)?.decoded)
  const [problem] = plan.problems
  if (problem) throw fail(problem.code, problem.message, problem)
  const bytes = encodeComposition(plan, (hash) => parts.get(hash)?.bytes ?? new Uint8Array(), {
    version: patchbayVersion,
  })
  return { name: handlerName(graph.name ?? basename(join(file, '..'))), bytes }
}

/** Calls `changed` when something below the inputs was written; answers how to stop. */
async function watch(
  inputs: readonly string[],
  { cwd, output }: VerbContext,
  changed: () => Promise<void>,
): Promise<() => Promise<void>> {
  const { watch: observe } = await import('chokidar')
  const watcher = observe(
    inputs.map((input) => resolve(cwd, input)),
    {
      ignoreInitial: true,
      ignored: /[/\\](node_modules|target|\.git)([/\\]|$)/,
      awaitWriteFinish: { stabilityThreshold: 100, pollInterval: 30 },
    },
  )
  let pending: Promise<void> = Promise.resolve()
  let waiting = false
  watcher.on('all', (_event, path) => {
    if (waiting || !/\.(wasm|wat|json)$/.test(path)) return
    waiting = true
    pending = pending.then(async () => {
      waiting = false
      try {
        await changed()
      } catch (thrown) {
        const { problemOf } = await import('../../src-engine/error.ts')
        output.note(printProblem(problemOf(thrown)))
      }
    })
  })
  await new Promise<void>((ready) => watcher.once('ready', () => ready()))
  return async () => {
    await watcher.close()
    await pending
  }
}

const untilAborted = (signal: AbortSignal): Promise<void> =>
  signal.aborted
    ? Promise.resolve()
    : new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
