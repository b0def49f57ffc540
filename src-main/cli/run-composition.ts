import { dirname } from 'node:path'
import { planComposition } from '../../src-engine/compose/build-plan.ts'
import { encodeComposition } from '../../src-engine/compose/encode.ts'
import { fail } from '../../src-engine/error.ts'
import type { ProjectDocument } from '../../src-preload/contract.ts'
import { compositionName } from '../project/served.ts'
import { patchbayVersion } from '../version.ts'
import { fromProject } from './compose.ts'

/** What the canvas of a project makes, and the name it is served under. Throws the first problem of the plan, and `input.*`. */
export async function composeProject(
  file: string,
): Promise<{ readonly name: string; readonly bytes: Uint8Array; readonly document: ProjectDocument }> {
  const { graph, parts, document } = await fromProject(file)
  const plan = planComposition(graph, (hash) => parts.get(hash)?.decoded)
  const [problem] = plan.problems
  if (problem) throw fail(problem.code, problem.message, problem)
  const bytes = encodeComposition(plan, (hash) => parts.get(hash)?.bytes ?? new Uint8Array(), {
    version: patchbayVersion,
  })
  return { name: compositionName(graph, dirname(file)), bytes, document }
}
