import { create } from 'zustand'
import { problemOf } from '../../src-engine/error.ts'
import type { CompositionGraph } from '../../src-engine/compose/graph.ts'
import type { ProbeReport, Problem, RunSettings, RunSurvey } from '../../src-preload/contract.ts'
import { graphOf, mutable } from '../state/document.ts'
import { useProject } from '../state/project.ts'
import { runGraph } from '../state/run-target.ts'
import { client } from '../state/session.ts'

/** A handler that can be probed. */
export interface ProbeTarget {
  /** Its full name. */
  readonly name: string
  /** SHA-256 of its file; the composition has none. */
  readonly hash: string | undefined
}

/** What would be served, the composition first. */
export const targetsOf = (survey: RunSurvey | undefined): ProbeTarget[] =>
  survey?.handlers.map((name) => ({ name, hash: survey.hashes[name] })) ?? []

interface Finding {
  readonly report: ProbeReport | undefined
  readonly problem: Problem | undefined
  /** What was probed: when the canvas or the file is another, the finding is of no use. */
  readonly graph: CompositionGraph
  readonly hash: string | undefined
}

interface Probe {
  readonly path: string
  readonly busy: boolean
  /** By the name of the handler. */
  readonly findings: Readonly<Record<string, Finding>>
}

/** What the last probe of each handler found. */
export const useProbe = create<Probe>()(() => ({ path: '/', busy: false, findings: {} }))

/** What is known of a handler as it is now. */
export function useFinding(target: ProbeTarget | undefined): Finding | undefined {
  const found = useProbe(({ findings }) => (target === undefined ? undefined : findings[target.name]))
  const drawn = useProject((project) => graphOf(project.tables))
  if (!found || found.hash !== target?.hash) return undefined
  return found.hash !== undefined || found.graph === drawn ? found : undefined
}

/** Why this is no path to ask for. */
export const pathProblem = (path: string): string | undefined =>
  /^\/\S*$/.test(path) ? undefined : 'A path begins with / and has no spaces'

/** Sends one request several times under each isolation, with the settings of the project or those given. */
export async function probe(target: ProbeTarget, settings?: RunSettings): Promise<void> {
  const { path, busy } = useProbe.getState()
  if (pathProblem(path) !== undefined || busy) return
  const { tables, base } = useProject.getState()
  const graph = graphOf(tables)
  const { name, hash } = target
  const found = (report: ProbeReport | undefined, problem?: Problem): void =>
    useProbe.setState(({ findings }) => ({ findings: { ...findings, [name]: { report, problem, graph, hash } } }))
  useProbe.setState({ busy: true })
  try {
    found(
      await client().call('runtime.probe', {
        graph: mutable(runGraph(graph).graph),
        method: 'GET',
        path,
        settings: settings ?? base?.run ?? {},
        ...(hash === undefined ? {} : { handler: name }),
      }),
    )
  } catch (thrown) {
    found(undefined, problemOf(thrown))
  } finally {
    useProbe.setState({ busy: false })
  }
}
