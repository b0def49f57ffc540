import { withoutUnused } from '../../src-engine/compose/prune.ts'
import { fail } from '../../src-engine/error.ts'
import { runnableOf } from '../../src-engine/inspect.ts'
import type { CallName, CallInput, Handlers, RunSettings } from '../../src-preload/contract.ts'
import { probeIsolation } from '../runtime/probe.ts'
import type { Runtime } from '../runtime/runtime.ts'
import { harText } from '../runtime/serving/har.ts'
import { withAbsoluteFolders } from '../runtime/serving/settings.ts'
import { otelText } from '../runtime/serving/otel.ts'
import type { Tools } from '../tools/tools.ts'
import type { Composer } from './composer.ts'
import { refuseInvalid } from './composition.ts'
import { patchbayVersion } from './workbench.ts'

export function runtimeHandlers({
  tools,
  cacheFolder,
  composer,
  runtime,
  folder,
}: {
  readonly tools: Tools
  readonly cacheFolder: string
  readonly composer: Composer
  readonly runtime: Runtime
  /** Of the open project: directories in its settings are relative to it. */
  readonly folder: () => Promise<string>
}): Pick<Handlers, Extract<CallName, `runtime.${string}`>> {
  /** The component that the drawing makes, and what it is served as. Throws when it is no handler. */
  async function handlerOf(
    drawn: CallInput<'runtime.start'>['graph'],
  ): Promise<{ readonly name: string; readonly bytes: Uint8Array; readonly hash: string }> {
    const { graph, left } = withoutUnused(drawn)
    // With no export at all everything is left out: the refusal should then say what could be exported.
    const made = await composer.compose(left.length === Object.keys(drawn.instances).length ? drawn : graph)
    refuseInvalid(made)
    const exports = made.plan.exports.map(({ name }) => name)
    if (runnableOf(exports).http === null) throw notRunnable(exports)
    const missing = made.plan.imports.find((each) => !each.host)
    if (missing) {
      const who = missing.wantedBy[0]?.instance ?? 'a component'
      throw fail(
        'graph.missing-import',
        `"${who}" needs "${missing.name}", which no component gives and no host knows`,
        {
          where: { path: [who, missing.name] },
          hint: 'Wire it to a component that exports it.',
        },
      )
    }
    return { name: graph.name ?? 'composition', bytes: made.bytes, hash: made.hash }
  }

  const absolute = async (settings: RunSettings): Promise<RunSettings> => withAbsoluteFolders(settings, await folder())

  return {
    async 'runtime.start'({ graph, settings }) {
      const handler = await handlerOf(graph)
      return runtime.start({
        handlers: [handler],
        single: true,
        ...(settings ? { settings: await absolute(settings) } : {}),
      })
    },
    async 'runtime.probe'({ graph, settings, method, path }) {
      const handler = await handlerOf(graph)
      return probeIsolation({
        tools,
        cacheFolder,
        ...handler,
        method,
        path,
        ...(settings ? { settings: await absolute(settings) } : {}),
      })
    },
    'runtime.stop': () => runtime.stop(),
    async 'runtime.status'() {
      return runtime.status()
    },
    async 'runtime.traffic'() {
      return { handlers: runtime.traffic() }
    },
    async 'runtime.resetBreaker'({ handler }) {
      runtime.resetBreaker(handler)
      return runtime.status()
    },
    async 'runtime.export'({ format }) {
      const { records } = runtime.history()
      const origin = runtime.status().url ?? 'http://127.0.0.1/'
      const text = format === 'har' ? harText(records, patchbayVersion, origin) : otelText(records, patchbayVersion)
      return { name: format === 'har' ? 'patchbay.har' : 'patchbay-traces.json', bytes: Buffer.from(text) }
    },
    async 'runtime.history'() {
      return runtime.history()
    },
  }
}

function notRunnable(exports: readonly string[]): Error {
  const bridge = exports.some((name) => name.startsWith('mik:core/handler'))
  const hint = bridge
    ? 'It exports mik:core/handler: put the sample "bridge" in front of it and export the bridge\'s handler.'
    : exports.length === 0
      ? 'Export the handler of a component: drag its port wasi:http/incoming-handler to the world on the right.'
      : `It exports ${exports.join(', ')}. Export wasi:http/incoming-handler of a component.`
  return fail('graph.not-runnable', 'the composition exports no HTTP handler, so there is nothing to run', { hint })
}
