import { useEffect, useState } from 'react'
import type { RunSettings, RunSurvey } from '../../src-preload/contract.ts'
import { graphOf, mutable } from '../state/document.ts'
import { useProject } from '../state/project.ts'
import { runGraph } from '../state/run-target.ts'
import { client } from '../state/session.ts'

/** Milliseconds of calm before the workbench is asked. */
const calm = 200

/** What these settings would find now: handlers, tenants, values of secrets, folders. Undefined until it is known. */
export function useSurvey(settings: RunSettings): RunSurvey | undefined {
  const [survey, setSurvey] = useState<RunSurvey>()
  const asked = JSON.stringify(settings)
  useEffect(() => {
    let isGone = false
    const look = async (): Promise<void> => {
      const { graph } = runGraph(graphOf(useProject.getState().tables))
      const answer = await client().call('runtime.survey', { graph: mutable(graph), settings })
      if (!isGone) setSurvey(answer)
    }
    // What cannot be told now is not said; the run itself says it.
    const timer = setTimeout(() => void look().catch(() => undefined), calm)
    return () => {
      isGone = true
      clearTimeout(timer)
    }
    // Settings are new objects with every key; what they say counts.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [asked])
  return survey
}
