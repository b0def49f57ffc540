import { useBuild } from './build.ts'
import { useProject } from './project.ts'
import { isHandlerName } from './run-target.ts'
import { useRuntime } from './runtime.ts'
import { useTraffic } from './traffic.ts'

export interface LiveState {
  readonly state: 'building' | 'build-failed' | 'running' | 'failed' | 'request-failed'
  /** In words, with the last error where there is one. */
  readonly text: string
  /** Requests per second, where they come in; absent without traffic. */
  readonly perSecond?: number
  /** Request to look at. */
  readonly request?: string
}

/** What is happening to an instance at this moment; undefined when nothing is. */
export function useLiveState(instance: string, packageId: string): LiveState | undefined {
  const build = useBuild(({ builds }) => builds[packageId]?.state)
  const buildProblem = useBuild(({ builds }) => builds[packageId]?.problems[0]?.message)
  const running = useRuntime((runtime) => runtime.status.state === 'running' && runtime.startedInstances.has(instance))
  const failed = useRuntime((runtime) => runtime.status.state === 'failed' && runtime.startedInstances.has(instance))
  const reason = useRuntime((runtime) => runtime.status.problem?.message)
  const there = useProject((project) => Object.hasOwn(project.tables.instances, instance))
  const entry = useRuntime((runtime) => isEntry(runtime.started, instance))
  // Only where requests come in is anything drawn again when there are some.
  const perSecond = useTraffic((traffic) => (entry && running ? traffic.perSecond : 0))
  const failure = useTraffic((traffic) => (entry && running ? traffic.failed : undefined))
  if (!there) return undefined
  if (build === 'running') return { state: 'building', text: 'Building' }
  if (build === 'failed')
    return {
      state: 'build-failed',
      text: buildProblem === undefined ? 'The last build failed' : `The last build failed: ${buildProblem}`,
    }
  if (failed)
    return { state: 'failed', text: reason === undefined ? 'The last run failed' : `The last run failed: ${reason}` }
  if (!running) return undefined
  const rate = perSecond > 0 ? { perSecond } : {}
  if (failure) {
    const why = failure.problem?.message ?? `answered ${failure.status ?? 'nothing'}`
    return {
      state: 'request-failed',
      text: `The last failure: ${failure.method} ${failure.target}: ${why}`,
      request: failure.id,
      ...rate,
    }
  }
  return { state: 'running', text: 'Running', ...rate }
}

/** Do requests come in at this instance? It gives the HTTP handler that the composition exports. */
function isEntry(started: ReturnType<typeof useRuntime.getState>['started'], instance: string): boolean {
  return Object.entries(started?.exports ?? {}).some(
    ([name, { source }]) => isHandlerName(name) && source.kind === 'instance' && source.instance === instance,
  )
}
