import { Ban, FileCode2, Hammer, Play, Plus, Save } from 'lucide-react'
import type { Context } from '../commands/context.ts'
import { projectOpen } from '../commands/context.ts'
import type { Command } from '../commands/registry.ts'
import { showSource } from '../state/build.ts'
import { openDialog, showDrawer } from '../state/layout.ts'
import { client } from '../state/session.ts'
import { buildAndRun, buildComponent, saveSource } from './actions.ts'
import { draftKey, stateOf } from './drafts.ts'
import { useSources } from './sources.ts'

/** The component that Build means: the selected one, else the one in the Build tab, else the only one with sources. */
export function buildTarget({
  project,
  selection,
  builds,
}: Pick<Context, 'project' | 'selection' | 'builds'>): string | undefined {
  const sources = project.library
    .filter((item) => item.source !== undefined && item.origin !== 'sample')
    .map((item) => item.id)
  const [instance] = selection.instances
  const selected =
    (instance === undefined ? undefined : project.tables.instances[instance]?.package) ?? selection.libraryItem
  return (
    [selected, useSources.getState().component, builds.shown].find((id) => id !== undefined && sources.includes(id)) ??
    (sources.length === 1 ? sources[0] : undefined)
  )
}

function hasTarget(context: Context): true | string {
  const open = projectOpen(context)
  if (open !== true) return open
  return (
    buildTarget(context) !== undefined ||
    'No component with sources is selected. Choose one, or make one with New component.'
  )
}

function canBuild(context: Context): true | string {
  const target = hasTarget(context)
  if (target !== true) return target
  return context.builds.builds[buildTarget(context) ?? '']?.state !== 'running' || 'A build of it is running.'
}

function runningBuild({ builds }: Context): string | undefined {
  const { shown } = builds
  if (shown !== undefined && builds.builds[shown]?.state === 'running') return shown
  return Object.entries(builds.builds).find(([, build]) => build.state === 'running')?.[0]
}

/** Commands about components that are built from source. */
export const buildCommands: readonly Command[] = [
  {
    id: 'build.new',
    label: 'New component…',
    icon: Plus,
    keys: ['Alt+N'],
    keywords: 'create template source javascript typescript wat',
    when: projectOpen,
    run: () => openDialog({ kind: 'new-component' }),
  },
  {
    id: 'build.build',
    label: (context) => `Build ${buildTarget(context) ?? 'component'}`,
    icon: Hammer,
    keys: ['Mod+Shift+B'],
    when: canBuild,
    run: async (context) => {
      await buildComponent(buildTarget(context) ?? '')
    },
  },
  {
    id: 'build.buildAndRun',
    label: (context) => `Build ${buildTarget(context) ?? 'component'} and run`,
    icon: Play,
    keys: ['Mod+Shift+Enter'],
    when: canBuild,
    run: (context) => buildAndRun(buildTarget(context) ?? ''),
  },
  {
    id: 'build.cancel',
    label: (context) => `Cancel the build of ${runningBuild(context) ?? 'a component'}`,
    icon: Ban,
    when: (context) => runningBuild(context) !== undefined || 'No build is running.',
    run: async (context) => {
      await client().call('build.cancel', { component: runningBuild(context) ?? '' })
    },
  },
  {
    id: 'build.source',
    label: (context) => `Open the source of ${buildTarget(context) ?? 'a component'}`,
    icon: FileCode2,
    when: hasTarget,
    run: (context) => {
      showSource(buildTarget(context) ?? '')
      showDrawer('build')
    },
  },
  {
    id: 'build.saveFile',
    label: () => `Save ${useSources.getState().path ?? 'source file'}`,
    icon: Save,
    when: () => {
      const { component, path, drafts } = useSources.getState()
      if (component === undefined || path === undefined) return 'No source file is open.'
      const draft = drafts[draftKey(component, path)]
      return (draft !== undefined && stateOf(draft) !== 'clean') || 'The file is saved already.'
    },
    run: saveSource,
  },
]
