import { useBuild } from './build.ts'
import { useProject } from './project.ts'
import { useRuntime } from './runtime.ts'

export interface LiveState {
  readonly state: 'building' | 'build-failed' | 'running' | 'failed'
  /** In words, with the last error where there is one. */
  readonly text: string
}

/** What is happening to an instance at this moment; undefined when nothing is. */
export function useLiveState(instance: string, packageId: string): LiveState | undefined {
  const build = useBuild(({ builds }) => builds[packageId]?.state)
  const running = useRuntime((runtime) => runtime.status.state === 'running' && runtime.startedInstances.has(instance))
  const failed = useRuntime((runtime) => runtime.status.state === 'failed' && runtime.startedInstances.has(instance))
  const there = useProject((project) => Object.hasOwn(project.tables.instances, instance))
  if (!there) return undefined
  if (build === 'running') return { state: 'building', text: 'Building' }
  if (build === 'failed') return { state: 'build-failed', text: 'The last build failed' }
  if (running) return { state: 'running', text: 'Running' }
  if (failed) return { state: 'failed', text: 'The last run failed' }
  return undefined
}
