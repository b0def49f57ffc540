import { useBuild } from '../state/build.ts'
import { useLayout } from '../state/layout.ts'
import { useProject } from '../state/project.ts'
import { useRuntime } from '../state/runtime.ts'
import { useSelection } from '../state/selection.ts'
import { useSession } from '../state/session.ts'
import { useSettings } from '../state/settings.ts'

/** Everything a command's condition may look at, as it is at this moment. */
export interface Context {
  readonly project: ReturnType<typeof useProject.getState>
  readonly selection: ReturnType<typeof useSelection.getState>
  readonly runtime: ReturnType<typeof useRuntime.getState>
  readonly builds: ReturnType<typeof useBuild.getState>
  readonly layout: ReturnType<typeof useLayout.getState>
  readonly settings: ReturnType<typeof useSettings.getState>
  readonly session: ReturnType<typeof useSession.getState>
}

export function readContext(): Context {
  return {
    project: useProject.getState(),
    selection: useSelection.getState(),
    runtime: useRuntime.getState(),
    builds: useBuild.getState(),
    layout: useLayout.getState(),
    settings: useSettings.getState(),
    session: useSession.getState(),
  }
}

/** The same for a component that must be drawn again when any of it changes. */
export function useContextNow(): Context {
  return {
    project: useProject(),
    selection: useSelection(),
    runtime: useRuntime(),
    builds: useBuild(),
    layout: useLayout(),
    settings: useSettings(),
    session: useSession(),
  }
}

/** Condition: a project is open. */
export function projectOpen({ project }: Context): true | string {
  return project.status === 'ready' || 'No project is open.'
}

/** Condition: something on the canvas is selected. */
export function somethingSelected({ selection }: Context): true | string {
  return (
    selection.instances.size + selection.wires.size + selection.annotations.size > 0 ||
    'Nothing is selected on the canvas.'
  )
}
