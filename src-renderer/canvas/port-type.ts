import type { Extern } from '../../src-engine/types/graph.ts'
import { decodedOf } from '../state/decoded.ts'
import { importsNode } from '../state/document.ts'
import { usePlan } from '../state/plan.ts'
import { useProject } from '../state/project.ts'
import type { PortReference } from '../state/selection.ts'

/** The type of a port of an instance, or of an import of the composition; undefined while its component is not read. */
export function typeOfPort({ instance, side, name }: PortReference): Extern | undefined {
  if (instance === importsNode) return usePlan.getState().plan?.imports.find((entry) => entry.name === name)?.extern
  const { packages, instances } = useProject.getState().tables
  const hash = packages[instances[instance]?.package ?? '']?.hash
  const type = hash === undefined ? undefined : decodedOf(hash)?.type
  return (side === 'in' ? type?.imports : type?.exports)?.get(name)
}
