import { create } from 'zustand'
import { problemOf } from '../../src-engine/error.ts'
import type { CompositionGraph } from '../../src-engine/compose/graph.ts'
import type { ProbeReport, Problem, RunSettings } from '../../src-preload/contract.ts'
import { graphOf, mutable } from '../state/document.ts'
import { useProject } from '../state/project.ts'
import { runGraph } from '../state/run-target.ts'
import { client } from '../state/session.ts'

interface Probe {
  readonly path: string
  readonly report: ProbeReport | undefined
  readonly problem: Problem | undefined
  readonly busy: boolean
  /** What was probed: when the canvas is another, the report is of no use. */
  readonly graph: CompositionGraph | undefined
}

/** What the last probe of the composition found. */
export const useProbe = create<Probe>()(() => ({
  path: '/',
  report: undefined,
  problem: undefined,
  busy: false,
  graph: undefined,
}))

/** Why this is no path to ask for. */
export const pathProblem = (path: string): string | undefined =>
  /^\/\S*$/.test(path) ? undefined : 'A path begins with / and has no spaces'

/** Sends one request several times under each isolation, with the settings of the project or those given. */
export async function probe(settings?: RunSettings): Promise<void> {
  const { path, busy } = useProbe.getState()
  if (pathProblem(path) !== undefined || busy) return
  const { tables, base } = useProject.getState()
  const drawn = graphOf(tables)
  useProbe.setState({ busy: true, problem: undefined })
  try {
    const { graph } = runGraph(drawn)
    const report = await client().call('runtime.probe', {
      graph: mutable(graph),
      method: 'GET',
      path,
      settings: settings ?? base?.run ?? {},
    })
    useProbe.setState({ report, graph: drawn })
  } catch (thrown) {
    useProbe.setState({ report: undefined, problem: problemOf(thrown), graph: drawn })
  } finally {
    useProbe.setState({ busy: false })
  }
}
