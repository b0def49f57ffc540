import { join, resolve } from 'node:path'
import { fail } from '../../src-engine/error.ts'
import type { RunStatus } from '../../src-preload/contract.ts'
import { Contents } from '../project/contents.ts'
import { writeWhole } from '../project/files.ts'
import { createRuntime, type Runtime } from '../runtime/runtime.ts'
import { harText } from '../runtime/serving/har.ts'
import { otelText } from '../runtime/serving/otel.ts'
import { patchbayVersion } from '../version.ts'
import { createTools } from '../tools/tools.ts'
import { userFolder } from '../user-folder.ts'
import { isSingle, readHandlers, readRunSettings, watchInputs, type RunInputs } from './run-handlers.ts'
import { tellLine, tellRecord } from './run-log.ts'
import { readSettings } from './run-settings.ts'
import { printProblem, type VerbContext } from './verb.ts'

/** `patchbay run`, from its arguments to its end; answers the exit code. */
export async function serveUntilAborted(context: VerbContext): Promise<number> {
  const { output, signal } = context
  const given = context.arguments
  const folder = given.text('tenants')
  const paths = given.positionals.length > 0 ? given.positionals : folder === undefined ? ['.'] : []
  const { cwd } = context
  const project = await readRunSettings({ paths, cwd }, (text) => output.note(text))
  const { settings, secrets } = await readSettings(context, project)
  const { tenantFolder: tenants, components = false } = settings
  const inputs: RunInputs = {
    paths,
    tenants,
    components,
    mayBeEmpty: given.flag('watch'),
    contents: new Contents(),
    note: once((text) => output.note(text)),
    cwd,
  }
  const tools = createTools()
  // The first object on stdout says where it serves, or why not.
  let isTold = false
  const runtime = createRuntime({
    tools,
    version: patchbayVersion,
    cacheFolder: join(userFolder(), 'cache'),
    onFinished: (record) => tellRecord(output, record, output.json && isTold),
    onLine: (line) => tellLine(output, line, output.json && isTold),
  })
  try {
    // What was launched ahead is taken over.
    runtime.warm()
    const handlers = await readHandlers(inputs)
    const single = await isSingle(inputs, handlers.length)
    const starting = runtime.start({ handlers, settings, secrets, single })
    // Watched from before the URL is told: whoever reads it may write a file at once.
    const watching = given.flag('watch')
      ? await watchInputs(inputs, context, async () => {
          await starting
          const next = await readHandlers(inputs)
          const status = await runtime.update(next)
          const ready = status.handlers.filter(({ state }) => state === 'ready').map(({ name }) => name)
          output.note(`serving ${ready.sort().join(', ') || 'nothing'}`)
        })
      : undefined
    const status = await Promise.race([starting, untilAborted(signal)])
    // Called off before it began.
    if (!status) return 0
    tellStart(context, status)
    isTold = true
    await untilAborted(signal)
    output.note('stopping')
    const { url = '' } = runtime.status()
    await watching?.()
    await runtime.stop()
    await writeRecords(context, runtime, url)
    return 0
  } finally {
    await runtime.dispose()
    await tools.dispose()
  }
}

/** Files asked for with --har and --otel. */
async function writeRecords(
  { arguments: given, cwd, output }: VerbContext,
  runtime: Runtime,
  url: string,
): Promise<void> {
  const { records } = runtime.history()
  const files = [
    [given.text('har'), () => harText(records, patchbayVersion, url)],
    [given.text('otel'), () => otelText(records, patchbayVersion)],
  ] as const
  for (const [file, text] of files) {
    if (file === undefined) continue
    await writeWhole(resolve(cwd, file), Buffer.from(text()))
    output.note(`wrote ${file}`)
  }
}

/** Says where it answers. Throws the reason when no handler can run. */
function tellStart({ output, arguments: given }: VerbContext, status: RunStatus): void {
  const broken = status.handlers.filter(({ state }) => state === 'failed')
  const [first] = broken
  if (first?.problem && broken.length === status.handlers.length && !given.flag('watch')) {
    // What a handler's own problem is decides the exit code.
    throw fail(first.problem.code, first.problem.message, first.problem)
  }
  for (const { problem } of broken) if (problem) output.note(printProblem(problem))
  output.object({ url: status.url, handlers: status.handlers })
  if (!output.json) output.line(status.url)
  for (const { name, route, state } of status.handlers)
    if (state === 'ready') output.note(`  ${route.padEnd(20)} ${name}`)
  if (broken.length === status.handlers.length) output.note('nothing can be served yet')
}

/** What is said again when files are looked for again is told once. */
function once(tell: (text: string) => void): (text: string) => void {
  const told = new Set<string>()
  return (text) => {
    if (!told.has(text)) tell(text)
    told.add(text)
  }
}

const untilAborted = (signal: AbortSignal): Promise<void> =>
  signal.aborted
    ? Promise.resolve()
    : new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
