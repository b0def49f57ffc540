import { create } from 'zustand'
import type { BuildEvent, Problem } from '../../src-preload/contract.ts'

export interface BuildLine {
  readonly stream: 'stdout' | 'stderr' | 'info'
  readonly text: string
}

/** What is known of the last build of one component. */
export interface ComponentBuild {
  readonly build: string
  readonly state: 'running' | 'succeeded' | 'failed' | 'cancelled'
  readonly log: readonly BuildLine[]
  readonly progress: { readonly step: string; readonly done: number; readonly total: number } | undefined
  readonly problems: readonly Problem[]
  /** Bytes, after success. */
  readonly size?: number
  readonly cached?: boolean
  /** Milliseconds, after success. */
  readonly duration?: number
}

interface Builds {
  /** By PackageId. */
  readonly builds: Readonly<Record<string, ComponentBuild>>
  /** PackageId of the component whose source the Build tab shows. */
  readonly shown: string | undefined
  /** File to open there, relative to the source folder. */
  readonly openFile: string | undefined
}

const mostLines = 5000

export const useBuild = create<Builds>()(() => ({ builds: {}, shown: undefined, openFile: undefined }))

/** Shows the source of a component in the Build tab. */
export function showSource(component: string, file?: string): void {
  useBuild.setState({ shown: component, openFile: file })
}

/** The build after one more event. */
export function advanceBuild(known: ComponentBuild | undefined, { build, event }: BuildEvent): ComponentBuild {
  const fresh: ComponentBuild = { build, state: 'running', log: [], progress: undefined, problems: [] }
  const now = known?.build === build ? known : fresh
  switch (event.kind) {
    case 'started':
      return fresh
    case 'log':
      return { ...now, log: [...now.log, { stream: event.stream, text: event.text }].slice(-mostLines) }
    case 'progress':
      return { ...now, progress: { step: event.step, done: event.done, total: event.total } }
    case 'succeeded': {
      const { size, cached, duration } = event
      return { ...now, state: 'succeeded', progress: undefined, problems: [], size, cached, duration }
    }
    case 'failed':
      return { ...now, state: 'failed', progress: undefined, problems: event.problems }
    case 'cancelled':
      return { ...now, state: 'cancelled', progress: undefined }
  }
}

export function addBuildEvent(event: BuildEvent): void {
  useBuild.setState(({ builds }) => ({
    builds: { ...builds, [event.component]: advanceBuild(builds[event.component], event) },
  }))
}
