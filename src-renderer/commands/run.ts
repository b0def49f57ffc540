import { Copy, Microscope, Play, RotateCw, Settings2, Square } from 'lucide-react'
import { PatchbayError, fail, problemOf } from '../../src-engine/error.ts'
import { graphOf, mutable } from '../state/document.ts'
import { openDialog, showDrawer } from '../state/layout.ts'
import { usePlan } from '../state/plan.ts'
import { useProject } from '../state/project.ts'
import { runGraph } from '../state/run-target.ts'
import { rememberStarted, setRunStatus, settingsText, useRuntime } from '../state/runtime.ts'
import { revealInstance } from '../state/selection.ts'
import { client } from '../state/session.ts'
import { announce } from '../ui/announce.tsx'
import { notify } from '../ui/notify.tsx'
import type { Context } from './context.ts'
import type { Command } from './registry.ts'

function runnable({ project }: Context): true | string {
  if (project.status !== 'ready') return 'No project is open.'
  return Object.keys(project.tables.instances).length > 0 || 'Put a component on the canvas first.'
}

/** Components and tenants are served without a composition, too. */
function servable(context: Context): true | string {
  const { components, tenantFolder } = context.project.base?.run ?? {}
  const isOwn = components === true || tenantFolder !== undefined
  return isOwn && context.project.status === 'ready' ? true : runnable(context)
}

function running({ runtime }: Context): true | string {
  return runtime.status.state === 'running' || 'Nothing is running.'
}

/** The one Run button, and what belongs to it. */
export const runCommands: readonly Command[] = [
  {
    id: 'run.start',
    label: 'Run',
    icon: Play,
    keys: ['F5'],
    keywords: 'start serve compose',
    when: (context) => (context.runtime.pending === undefined ? servable(context) : 'It is on its way.'),
    run: start,
  },
  {
    id: 'run.restart',
    label: 'Run again with the canvas as it is',
    icon: RotateCw,
    keys: ['Mod+Shift+F5'],
    when: running,
    run: start,
  },
  {
    id: 'run.stop',
    label: ({ runtime }) => (runtime.status.state === 'draining' ? 'Stop now' : 'Stop'),
    icon: Square,
    keys: ['Shift+F5'],
    when: ({ runtime }) =>
      (runtime.status.state !== 'stopped' && runtime.status.state !== 'failed') ||
      runtime.pending === 'start' ||
      'Nothing is running.',
    run: async ({ runtime }) => {
      useRuntime.setState({ pending: 'stop' })
      // Asked for again while requests are finishing, it means them too.
      const now = runtime.status.state === 'draining'
      try {
        setRunStatus(await client().call('runtime.stop', { now }))
        announce('Stopped.')
      } finally {
        useRuntime.setState({ pending: undefined })
      }
    },
  },
  {
    id: 'run.settings',
    label: 'Run settings…',
    icon: Settings2,
    keys: ['Mod+,'],
    keywords: 'limits timeout memory isolation environment secrets grants static breaker rate rules tenants handlers',
    when: ({ project }) => project.status === 'ready' || 'No project is open.',
    run: () => openDialog({ kind: 'run-settings' }),
  },
  {
    id: 'run.probe',
    label: 'Probe what requests share…',
    icon: Microscope,
    keywords: 'isolation state leak memory globals instance',
    when: servable,
    run: () => openDialog({ kind: 'probe' }),
  },
  {
    id: 'run.copyUrl',
    label: 'Copy the address of the running handler',
    icon: Copy,
    when: running,
    run: async ({ runtime }) => {
      await navigator.clipboard.writeText(runtime.status.url ?? '')
      notify('Address copied', { detail: runtime.status.url ?? '' })
    },
  },
]

/** Composes what is on the canvas, starts it and opens the playground with its address. */
async function start(): Promise<void> {
  const { tables, base } = useProject.getState()
  const { problems } = usePlan.getState()
  const [problem] = problems
  if (problem) {
    showDrawer('problems')
    if (problem.instance !== undefined)
      revealInstance(problem.instance, problem.import === undefined ? undefined : { side: 'in', name: problem.import })
    throw fail('run.problems', problem.message, {
      hint:
        problems.length > 1
          ? `${problems.length} problems have to be solved first; they are listed below.`
          : (problem.hint ?? 'Solve it, then run again.'),
    })
  }
  const target = runGraph(graphOf(tables))
  if (!target.added && target.candidates.length > 1) {
    const [first] = target.candidates
    if (first !== undefined) revealInstance(first)
    throw fail('run.ambiguous', `Several HTTP handlers could be run: ${target.candidates.join(', ')}.`, {
      hint: 'Wire the export of the one you mean to the world exports.',
    })
  }
  useRuntime.setState({ pending: 'start', refused: undefined })
  const { plan } = usePlan.getState()
  try {
    const status = await client().call('runtime.start', {
      graph: mutable(target.graph),
      ...(base?.run ? { settings: base.run } : {}),
    })
    setRunStatus(status)
    if (status.state === 'failed') {
      showDrawer('problems')
      if (status.problem) throw new PatchbayError(status.problem)
      return
    }
    rememberStarted(target.graph, base?.run)
    showDrawer('playground')
    announce(`Running at ${status.url ?? ''}`)
  } catch (thrown) {
    const problem = problemOf(thrown)
    // A run that failed says so itself, in its status.
    if (useRuntime.getState().status.state !== 'failed')
      useRuntime.setState({ refused: { problem, plan, settings: settingsText(base?.run) } })
    showDrawer('problems')
    const place = problem.where?.path?.[0]
    if (place !== undefined && Object.hasOwn(tables.instances, place)) revealInstance(place)
    throw thrown
  } finally {
    useRuntime.setState({ pending: undefined })
  }
}
