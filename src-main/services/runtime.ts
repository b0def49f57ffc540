import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { withoutUnused } from '../../src-engine/compose/prune.ts'
import { fail, type Problem, problemOf } from '../../src-engine/error.ts'
import { runnableOf } from '../../src-engine/inspect.ts'
import type { CallName, CallInput, CallOutput, Handlers, RunSettings } from '../../src-preload/contract.ts'
import { fullName, settingsOf, type HandlerPlace } from '../../src-preload/run-inheritance.ts'
import type { Contents } from '../project/contents.ts'
import { absolutePath } from '../project/library.ts'
import { watchServed } from '../project/served-watch.ts'
import {
  compositionName,
  servedInProject,
  servedToTenants,
  tenantsOf,
  withBytes,
  type ServedComponent,
} from '../project/served.ts'
import { probeIsolation } from '../runtime/probe.ts'
import type { HandlerSource, Runtime } from '../runtime/runtime.ts'
import { harText } from '../runtime/serving/har.ts'
import { secretState, withAbsoluteFolders } from '../runtime/serving/settings.ts'
import { otelText } from '../runtime/serving/otel.ts'
import type { Tools } from '../tools/tools.ts'
import type { Composer } from './composer.ts'
import { refuseInvalid } from './composition.ts'
import type { ProjectHolder } from './project.ts'
import { patchbayVersion } from '../version.ts'
import { Turns } from '../turns.ts'

export function runtimeHandlers({
  tools,
  cacheFolder,
  composer,
  runtime,
  contents,
  projects,
  onProblem,
}: {
  readonly tools: Tools
  readonly cacheFolder: string
  readonly composer: Composer
  readonly runtime: Runtime
  readonly contents: Contents
  /** Directories in settings are relative to the open project, and its components may be served. */
  readonly projects: ProjectHolder
  /** Hears why files that changed could not be taken over. */
  readonly onProblem: (problem: Problem) => void
}): {
  readonly handlers: Pick<Handlers, Extract<CallName, `runtime.${string}`>>
  dispose(): Promise<void>
} {
  let unwatch: (() => Promise<void>) | undefined
  /** One after the other, so that files are followed for what is served and for nothing before. */
  const turns = new Turns()
  const folder = async (): Promise<string> => (await projects.current()).folder
  /** What the composition is served as. */
  const nameOf = async (): Promise<string> => {
    const { document, folder: place } = await projects.current()
    return compositionName(document.graph, place)
  }

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
    return { name: await nameOf(), bytes: made.bytes, hash: made.hash }
  }

  /** What the settings add to the composition. Throws `input.*` for a folder of tenants that is not there. */
  async function othersOf(
    drawn: CallInput<'runtime.start'>['graph'],
    settings: RunSettings,
    leftOut: (why: string) => void = () => {},
  ): Promise<ServedComponent[]> {
    const { components, tenantFolder } = settings
    const project = await projects.current()
    const { components: known, graph } = project.document
    const document = {
      components: known,
      graph: { ...drawn, ...(graph.name === undefined ? {} : { name: graph.name }) },
    }
    return [
      ...(components === true ? await servedInProject(project.folder, document, contents, leftOut) : []),
      ...(tenantFolder === undefined ? [] : await servedToTenants(tenantFolder, contents)),
    ]
  }

  /** The one of that full name. Throws `usage.no-handler`. */
  async function otherOf(
    wanted: string,
    drawn: CallInput<'runtime.start'>['graph'],
    settings: RunSettings,
  ): Promise<HandlerPlace & { readonly bytes: Uint8Array }> {
    const others = await othersOf(drawn, settings)
    const [found] = await withBytes(
      others.filter((other) => fullName(other) === wanted),
      contents,
    )
    if (found) return found
    throw fail('usage.no-handler', `No handler named "${wanted}" would be served beside the composition`, {
      hint:
        others.length > 0
          ? `Served are ${others.map(fullName).join(', ')}`
          : 'Serve components or tenants: see the run settings',
    })
  }

  const absolute = async (settings: RunSettings): Promise<RunSettings> => withAbsoluteFolders(settings, await folder())

  async function follow(
    graph: CallInput<'runtime.start'>['graph'],
    settings: RunSettings,
    drawn: readonly HandlerSource[],
  ): Promise<void> {
    const { components, tenantFolder } = settings
    const { folder: place, document } = await projects.current()
    const own = Object.values(document.components).map(({ path }) => absolutePath(place, path))
    const paths = [
      ...(components === true ? [place, ...own] : []),
      ...(tenantFolder === undefined ? [] : [tenantFolder]),
    ]
    if (paths.length === 0) return
    unwatch = await watchServed({
      paths,
      depth: 1,
      async changed() {
        if (runtime.status().state !== 'running') return
        const others = await othersOf(graph, settings)
        await runtime.update([...drawn, ...(await withBytes(others, contents))])
      },
      failed: (thrown) => onProblem(problemOf(thrown)),
    })
  }

  async function stopFollowing(): Promise<void> {
    const stop = unwatch
    unwatch = undefined
    await stop?.()
  }

  const handlers: Pick<Handlers, Extract<CallName, `runtime.${string}`>> = {
    async 'runtime.start'({ graph, settings = {} }) {
      const asked = await absolute(settings)
      const leftOut: string[] = []
      const others = await othersOf(graph, asked, (why) => leftOut.push(why))
      // With an empty canvas the others are served alone.
      const isDrawn = others.length === 0 || Object.keys(graph.instances).length > 0
      const drawn = isDrawn ? [await handlerOf(graph)] : []
      const sources = [...drawn, ...(await withBytes(others, contents))]
      return turns.take(async () => {
        await stopFollowing()
        const status = await runtime.start({ handlers: sources, single: isDrawn, settings: asked, remarks: leftOut })
        await follow(graph, asked, drawn)
        return status
      })
    },
    async 'runtime.survey'({ graph, settings }) {
      const asked = await absolute(settings)
      const own = Object.keys(graph.instances).length > 0 ? [{ name: await nameOf() }] : []
      // A folder of tenants that cannot be read is told among the folders.
      let leftOut: string[] = []
      const look = (from: RunSettings): Promise<ServedComponent[]> => {
        leftOut = []
        return othersOf(graph, from, (why) => leftOut.push(why))
      }
      const others = await look(asked).catch(() => look({ ...asked, tenantFolder: undefined }))
      const scopes = [settings, ...Object.values(settings.handlers ?? {}), ...Object.values(settings.tenants ?? {})]
      const folders = scopes.flatMap(({ directories }) => Object.values(directories ?? {}))
      const { tenantFolder } = asked
      return {
        handlers: [...own, ...others].map(fullName),
        hashes: Object.fromEntries(others.map((other) => [fullName(other), other.hash])),
        leftOut,
        tenants: tenantFolder === undefined ? [] : await tenantsOf(tenantFolder).catch(() => []),
        secrets: [...new Set(scopes.flatMap(({ secrets = [] }) => secrets))].map((name) => ({
          name,
          state: secretState(name),
        })),
        folders: await foldersOf(await folder(), [
          ...folders,
          ...Object.values(settings.static ?? {}),
          ...(settings.tenantFolder === undefined ? [] : [settings.tenantFolder]),
        ]),
      }
    },
    async 'runtime.probe'({ graph, settings = {}, handler, method, path }) {
      const asked = await absolute(settings)
      const probed = handler === undefined ? await handlerOf(graph) : await otherOf(handler, graph, asked)
      const { name, bytes } = probed
      return probeIsolation({
        tools,
        cacheFolder,
        name,
        bytes,
        method,
        path,
        settings: { ...settingsOf(asked, probed), engine: asked.engine },
      })
    },
    'runtime.stop': ({ now = false }) => {
      // Not in its turn: it would wait for the very stop that it is to end.
      if (now && runtime.status().state === 'draining') return runtime.stop(0)
      return turns.take(async () => {
        await stopFollowing()
        return runtime.stop(now ? 0 : undefined)
      })
    },
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
  return { handlers, dispose: () => turns.take(stopFollowing) }
}

/** Which of these are folders; relative to the project's. */
function foldersOf(project: string, paths: readonly string[]): Promise<CallOutput<'runtime.survey'>['folders']> {
  return Promise.all(
    [...new Set(paths)].map(async (path) => {
      const about = await stat(resolve(project, path)).catch(() => undefined)
      return { path, state: about?.isDirectory() ? 'folder' : about ? 'file' : 'missing' } as const
    }),
  )
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
