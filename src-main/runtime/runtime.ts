import { setImmediate } from 'node:timers/promises'
import { fail, problemOf, type Problem } from '../../src-engine/error.ts'
import type { HandlerTraffic, LogLine, RequestRecord, RunSettings, RunStatus } from '../../src-preload/contract.ts'
import { defaults, fullName, settingsOf, type HandlerPlace } from '../../src-preload/run-inheritance.ts'
import { readWhole } from '../project/files.ts'
import type { Tools } from '../tools/tools.ts'
import { Turns } from '../turns.ts'
import { prepareComponent, unresolvedImports } from './artifact.ts'
import { removeLeftovers, sha256 } from './cache.ts'
import type { Artifact } from './control.ts'
import { GuestHost, type GuestHostEvents } from './guest-host.ts'
import { GuestLine } from './guest-line.ts'
import { Handler } from './handler.ts'
import { Listener } from './listener.ts'
import { RecordStore, type RecordListeners } from './records.ts'
import { Front } from './serving/front.ts'
import { checkHandlers, limitsOf, rulesOf, saidInVain, secretsOf, staticsOf } from './serving/settings.ts'

/** A component to serve, by bytes (with their SHA-256 where it is known) or by file. */
export type HandlerSource = HandlerPlace &
  (
    | { readonly bytes: Uint8Array; readonly hash?: string; readonly path?: undefined }
    | { readonly path: string; readonly bytes?: undefined; readonly hash?: undefined }
  )

export interface StartOptions {
  readonly handlers: readonly HandlerSource[]
  /** Also answer `/*` with the first handler; default: when there is only one. Without it there may be none yet. */
  readonly single?: boolean
  readonly settings?: RunSettings
  /** Lines for the log, before anything is served. */
  readonly remarks?: readonly string[]
  /** Values of secrets that are not in this process's environment. */
  readonly secrets?: Readonly<Record<string, string>>
}

export interface RuntimeOptions extends RecordListeners {
  readonly tools: Tools
  /** Of Patchbay; told by /health and /metrics. */
  readonly version?: string
  /** Where transpiled components are kept. */
  readonly cacheFolder: string
  /** Tell in the record of each request what it found of those before. */
  readonly probe?: boolean
  /** Milliseconds a client may take to send the head of a request; default 20 s. */
  readonly headTime?: number
  /** Milliseconds until a handler takes its first request; default 30 s. */
  readonly startTime?: number
  readonly onStatus?: (status: RunStatus) => void
}

export interface Runtime {
  /**
   * Serves the handlers, in place of what was served before, and answers once requests are accepted. A handler that cannot
   * run does not throw: it is `failed` in the status and its requests get the reason as a 500. Throws for the port and for
   * wrong settings.
   */
  start(options: StartOptions): Promise<RunStatus>
  /**
   * Brings what is served up to date: handlers not known yet are added, those whose code changed get it, and those not named
   * any more go. No request is dropped: those under way finish on the old code. New code that cannot run leaves the old in
   * place and is told as a line of the log.
   */
  update(handlers: readonly HandlerSource[]): Promise<RunStatus>
  /** Lets requests under way finish (at most `drain` milliseconds), then stops. Also shortens a stop that is waiting for them. */
  stop(drain?: number): Promise<RunStatus>
  status(): RunStatus
  /** What went through each handler so far, and how it is. */
  traffic(): HandlerTraffic[]
  /** Lets requests through again to a handler whose breaker is open. Throws `usage.no-handler`. */
  resetBreaker(handler: string): void
  history(): { records: RequestRecord[]; lines: LogLine[] }
  /** Process id of the guests, when there are any. */
  guestPid(): number | undefined
  /** Process id of the spare that takes their place, once it is ready to. */
  sparePid(): number | undefined
  /** Starts what every run needs, ahead of the first. */
  warm(): void
  dispose(): Promise<void>
}

interface Serving {
  readonly listener: Listener
  readonly handlers: Map<string, Handler>
  /** Replaced ones that still work on requests. */
  readonly retired: Set<Handler>
  readonly settings: RunSettings
  readonly secrets: Readonly<Record<string, string>>
  readonly single: string | undefined
  readonly line: GuestLine
  readonly since: number
}

export function createRuntime({
  tools,
  version = '',
  cacheFolder,
  headTime,
  startTime,
  probe = false,
  onStatus,
  ...listeners
}: RuntimeOptions): Runtime {
  const cache = { hits: 0, misses: 0 }
  const records = new RecordStore(listeners)
  let serving: Serving | undefined
  let state: RunStatus['state'] = 'stopped'
  let problem: Problem | undefined
  let lastPort = 0
  /** Until when a stop may wait for requests under way; a later one may have less patience, while this one waits. */
  let patience = Infinity
  /** Hash of the code that could not take over, by handler. */
  const refused = new Map<string, string>()
  /** Starts and stops happen one after the other, in the order they were asked for. */
  const turns = new Turns()

  const events: GuestHostEvents = {
    onDied(why) {
      for (const handler of everyHandler()) handler.processDied(why)
    },
    onWorkerEnded(worker, ended) {
      for (const handler of everyHandler()) handler.workerEnded(worker, ended)
    },
    onOutput(worker, frames) {
      for (const handler of everyHandler()) handler.workerOutput(worker, frames)
    },
    onBegun(worker, stream, working) {
      for (const handler of everyHandler()) handler.workerBegun(worker, stream, working)
    },
    onPrinted(text) {
      for (const line of text.split('\n')) if (line.trim() !== '') records.line('', undefined, 'host', line)
    },
  }
  void removeLeftovers()
  const host = new GuestHost(events, { spare: true })

  const everyHandler = (): Handler[] => (serving ? [...serving.handlers.values(), ...serving.retired] : [])

  function status(): RunStatus {
    return {
      state,
      ...(serving && state === 'running' ? { url: `http://127.0.0.1:${serving.listener.port}/` } : {}),
      handlers: [...(serving?.handlers.values() ?? [])].map((handler) => ({
        name: handler.name,
        route: routeOf(handler.name, serving?.single),
        wasi: handler.wasi,
        engine: handler.engine,
        state: handler.state,
        ...(handler.traffic.breaker ? { breaker: handler.traffic.breaker.state } : {}),
        ...(handler.problem ? { problem: handler.problem } : {}),
      })),
      ...(problem ? { problem } : {}),
      ...(serving ? { since: serving.since } : {}),
    }
  }

  function tell(next?: RunStatus['state']): RunStatus {
    if (next) state = next
    const now = status()
    onStatus?.(now)
    return now
  }

  async function start({
    handlers,
    single: asked,
    settings = {},
    remarks = [],
    secrets = {},
  }: StartOptions): Promise<RunStatus> {
    checkHandlers(handlers, settings, asked === false)
    const single = asked ?? handlers.length === 1
    const names = new Set(handlers.map(fullName))
    const rules = rulesOf(settings, names)
    const statics = await staticsOf(settings, single)
    const limits = new Map(handlers.map((source) => [fullName(source), limitsFor(settings, source, secrets)]))
    const before = state === 'running' && suits(serving, settings.port ?? 0) ? serving : undefined
    if (!before) await halt(defaults.timeout)
    problem = undefined
    refused.clear()
    tell('starting')
    // It comes up while the components are made ready.
    host.warm()
    try {
      // What is served already goes on until the new is ready, and ends what it has: nobody is turned away.
      const listener = before?.listener ?? (await takePort(settings.port ?? 0))
      const line = before?.line ?? (await GuestLine.open())
      const workers = new Map<string, Handler>()
      for (const [name, limit] of limits) workers.set(name, makeHandler(name, line, limit.limits))
      for (const limit of limits.values()) records.hide(limit.secrets)
      for (const text of [...remarks, ...saidInVain(settings, handlers)]) records.line('', undefined, 'host', text)
      serving = {
        listener,
        handlers: workers,
        retired: new Set(before ? [...before.handlers.values(), ...before.retired] : []),
        settings,
        secrets,
        single: single && handlers[0] ? fullName(handlers[0]) : undefined,
        line,
        since: Date.now(),
      }
      await Promise.all(handlers.map((source) => prepare(source, workers.get(fullName(source)))))
      listener.serve({
        handlers: workers,
        compression: settings.compression ?? true,
        front: new Front({
          handlers: workers,
          single: serving.single,
          rules,
          statics,
          own: settings.ownRoutes ?? true,
          compression: settings.compression ?? true,
          version,
          cache: () => cache,
        }),
      })
      for (const old of before?.handlers.values() ?? []) retire(serving, old)
      lastPort = listener.port
      return tell('running')
    } catch (thrown) {
      await halt(0)
      problem = problemOf(thrown)
      tell('failed')
      throw thrown
    }
  }

  const makeHandler = (name: string, line: GuestLine, limits: ConstructorParameters<typeof Handler>[4]): Handler =>
    new Handler(name, host, line, records, { ...limits, probe, startTime }, () => state === 'running' && tell())

  async function update(sources: readonly HandlerSource[]): Promise<RunStatus> {
    const now = serving
    if (!now || state !== 'running')
      throw fail('runtime.stopped', 'Nothing is being served', { hint: 'Start it first' })
    checkHandlers(sources, now.settings, now.single === undefined)
    for (const [name, handler] of now.handlers) {
      if (sources.some((source) => fullName(source) === name)) continue
      now.handlers.delete(name)
      retire(now, handler)
      records.line(name, undefined, 'host', 'is no longer served')
    }
    await Promise.all(
      sources.map(async (source) => {
        const name = fullName(source)
        const old = now.handlers.get(name)
        const code = codeOf(source)
        // What did not change keeps its workers, its breaker and its counters; what could not run is not tried again.
        if (old?.state === 'ready' && old.code === code) {
          if (refused.delete(name)) old.problem = undefined
          return
        }
        if (code !== undefined && (refused.get(name) === code || (old?.code === code && isForGood(old)))) return
        const { limits, secrets } = limitsFor(now.settings, source, now.secrets)
        records.hide(secrets)
        const fresh = makeHandler(name, now.line, limits)
        now.retired.add(fresh)
        await prepare(source, fresh)
        now.retired.delete(fresh)
        if (old && old.state === 'ready' && fresh.state === 'failed') {
          fresh.stop()
          records.line(name, undefined, 'host', 'the new version cannot run; the one before goes on')
          refused.set(name, fresh.code)
          old.problem = fresh.problem
          return
        }
        now.handlers.set(name, fresh)
        refused.delete(name)
        if (fresh.state !== 'failed')
          records.line(name, undefined, 'host', old ? 'the new version is served from now on' : 'is served from now on')
        if (old) retire(now, old)
      }),
    )
    return tell()
  }

  /** Lets a handler finish what it has, out of sight. */
  function retire(from: Serving, handler: Handler): void {
    from.retired.add(handler)
    handler.finish(() => {
      from.retired.delete(handler)
      handler.stop()
    })
  }

  /** Whether it may go on at its port under new settings. */
  const suits = (now: Serving | undefined, port: number): boolean =>
    now !== undefined && (port === 0 || port === now.listener.port)

  /** Without a wish the port of the last run is taken again when it is free: the URL in the user's other window stays good. */
  async function takePort(port: number): Promise<Listener> {
    if (port !== 0 || lastPort === 0) return Listener.open(port, records, headTime)
    return Listener.open(lastPort, records, headTime).catch(() => Listener.open(0, records, headTime))
  }

  async function prepare(source: HandlerSource, handler: Handler | undefined): Promise<void> {
    if (!handler) return
    try {
      const bytes = source.bytes ?? (await readWhole(source.path))
      handler.code = source.hash ?? sha256(bytes)
      const engine = serving?.settings.engine
      const say = (text: string): void => records.line(fullName(source), undefined, 'host', text)
      const make = (modules: 'now' | 'later'): ReturnType<typeof prepareComponent> =>
        prepareComponent({
          tools,
          cacheFolder,
          bytes,
          hash: handler.code,
          name: source.name,
          engine,
          notice: say,
          modules,
        })
      const { artifact, imports, exports, detour, cached, verdict, noteChecked } = await make('later')
      if (cached) cache.hits++
      else cache.misses++
      checkWorld(source.name, imports, exports)
      handler.wasi = exports.some((exported) => exported.startsWith('wasi:http/handler@0.3')) ? '0.3' : '0.2'
      if (detour !== undefined)
        say(`runs on the reference engine: ${handler.wasi === '0.3' ? 'it is written for WASI 0.3' : detour}`)
      const renew = async (): Promise<Artifact> => (await make('now')).artifact
      const starting = handler.start(artifact, renew)
      // It is made ready while the validator works; when that has something against it, it never serves.
      await verdict.catch(async (thrown: unknown) => {
        handler.stop()
        await starting
        throw thrown
      })
      await starting
      if (handler.state === 'ready') await noteChecked()
    } catch (thrown) {
      handler.refuse(problemOf(thrown))
    }
  }

  async function halt(drain: number): Promise<void> {
    const old = serving
    if (!old) return
    tell('draining')
    old.listener.drain()
    patience = Math.min(patience, Date.now() + drain)
    const busy = (): boolean => everyHandler().some((handler) => handler.load > 0)
    while (busy() && Date.now() < patience) await new Promise((resolve) => setTimeout(resolve, 20))
    patience = Infinity
    for (const handler of everyHandler()) handler.stop()
    // What they were told goes out before the connections are closed.
    await setImmediate()
    await old.listener.close()
    await old.line.close()
    serving = undefined
    records.tell()
  }

  return {
    start: (options) => turns.take(() => start(options)),
    update: (handlers) => turns.take(() => update(handlers)),
    stop(drain = defaults.timeout) {
      patience = Math.min(patience, Date.now() + drain)
      return turns.take(async () => {
        await halt(drain)
        patience = Infinity
        problem = undefined
        return tell('stopped')
      })
    },
    status,
    traffic: () => [...(serving?.handlers.values() ?? [])].map(trafficOf),
    resetBreaker(name) {
      const handler = serving?.handlers.get(name)
      if (!handler) throw fail('usage.no-handler', `No handler named "${name}" is being served`)
      handler.resetBreaker()
    },
    history: () => records.history(),
    guestPid: () => host.pid,
    sparePid: () => host.sparePid,
    warm: () => host.warm(),
    dispose: () => {
      // A start that is under way comes to its end at once.
      if (state === 'starting') for (const handler of everyHandler()) handler.stop()
      return turns.take(async () => {
        await halt(0)
        state = 'stopped'
        host.close()
        records.tell()
      })
    },
  }
}

function limitsFor(
  settings: RunSettings,
  source: HandlerSource,
  given: Readonly<Record<string, string>>,
): { readonly limits: ConstructorParameters<typeof Handler>[4]; readonly secrets: readonly string[] } {
  const own = settingsOf(settings, source)
  const secrets = secretsOf(own.secrets ?? [], given)
  return { limits: limitsOf(own, secrets), secrets: Object.values(secrets) }
}

/** Is it the code that cannot run? What failed for lack of time or by the end of its process may succeed the next time. */
const isForGood = ({ state, problem }: Handler): boolean =>
  state === 'failed' && /^(input\.|runtime\.(unresolved-import|not-handler|invalid|link)$)/.test(problem?.code ?? '')

/** Of what is not read before it is prepared nothing is known. */
const codeOf = ({ bytes, hash }: HandlerSource): string | undefined => hash ?? (bytes && sha256(bytes))

function routeOf(name: string, single: string | undefined): string {
  if (name === single) return '/'
  const segments = name.split('/').map(encodeURIComponent)
  return `/${segments.length === 1 ? 'run' : 'tenant'}/${segments.join('/')}/`
}

function trafficOf(handler: Handler): HandlerTraffic {
  const { traffic, name, load, queued, workers, memory } = handler
  const [none = 0, , ok = 0, redirected = 0, refused = 0, failed = 0] = traffic.statuses
  return {
    handler: name,
    requests: traffic.count,
    statuses: { none, ok, redirected, refused, failed },
    duration: traffic.count === 0 ? 0 : (traffic.duration / traffic.count) * 1000,
    active: load,
    queued,
    workers,
    memory,
    ...(traffic.breaker
      ? {
          breaker: {
            state: traffic.breaker.state,
            failures: traffic.breaker.failures,
            retryAfter: traffic.breaker.retryAfter,
            opened: traffic.breaker.timesOpened,
          },
        }
      : {}),
  }
}

/** Says in the user's terms why this component cannot be served. */
function checkWorld(name: string, imports: readonly string[], exports: readonly string[]): void {
  if (exports.some((exported) => exported.startsWith('wasi:http/handler@0.3'))) return checkImports(name, imports)
  if (!exports.some((exported) => /^wasi:http\/incoming-handler(@0\.2\.|$)/.test(exported))) {
    const others = exports.filter((exported) => exported.includes(':'))
    throw fail(
      'runtime.not-handler',
      `${name} exports neither wasi:http/incoming-handler@0.2 nor wasi:http/handler@0.3, so it cannot answer requests`,
      {
        hint: others.length > 0 ? `It exports ${others.join(', ')}` : 'It exports nothing that can be served',
      },
    )
  }
  checkImports(name, imports)
}

function checkImports(name: string, imports: readonly string[]): void {
  const missing = unresolvedImports(imports)
  if (missing.length > 0) {
    throw fail('runtime.unresolved-import', `${name} imports ${missing.join(', ')}, which nothing provides`, {
      hint: 'Wire the import to a component that exports it',
    })
  }
}
