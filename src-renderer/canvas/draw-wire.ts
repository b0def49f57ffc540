/** Drawing one wire, by mouse or by keyboard: begin, verdicts for every port, end as a wire or as a refusal with its reason. */
import { problemOf } from '../../src-engine/error.ts'
import { shortName } from '../../src-engine/types/names.ts'
import { connectPorts, exportSource } from '../state/composition.ts'
import { decodedOf } from '../state/decoded.ts'
import { graphOf, worldNode } from '../state/document.ts'
import { useProject } from '../state/project.ts'
import type { PortReference } from '../state/selection.ts'
import { announce } from '../ui/announce.tsx'
import { showProblem } from '../ui/notify.tsx'
import { portKey } from './ports.ts'
import { sourceOf, verdictsFor } from './verdicts.ts'
import { type Verdict, dismissRefusal, endWiring, useWiring } from './wiring.ts'
import { newExportSlot } from './WorldNode.tsx'

/** Begins a wire; from now on every port shows whether it would take it. */
export function beginWire(from: PortReference, keyboard = false): ReadonlyMap<string, Verdict> {
  dismissRefusal()
  const verdicts = verdictsFor(graphOf(useProject.getState().tables), decodedOf, from)
  useWiring.setState({ from, keyboard, verdicts })
  const fitting = [...verdicts.values()].filter((verdict) => verdict.fits !== 'no').length
  announce(`Wire from ${shortName(from.name)} of ${from.instance}: ${fitting} of ${verdicts.size} ports fit.`)
  return verdicts
}

/** The verdict on ending the wire at this port; undefined when it can be no other end (same side, same instance). */
export function verdictAt(to: PortReference): Verdict | undefined {
  return useWiring.getState().verdicts.get(portKey(to.instance, to.side, to.name))
}

/** Ends the wire at a port: connects, or pins the refusal there. Returns whether it was connected. */
export function endWireAt(to: PortReference, at: { readonly x: number; readonly y: number }): boolean {
  const { from } = useWiring.getState()
  const verdict = verdictAt(to)
  endWiring()
  if (!from || !verdict) return false
  if (verdict.fits === 'no') {
    useWiring.setState({ refusal: { from, to, verdict, at } })
    announce(`Refused. ${verdict.sentence ?? ''}`)
    return false
  }
  const [supply, demand] = from.side === 'out' ? [from, to] : [to, from]
  return plug(supply, demand)
}

/** Connects an export to an import or to the world, whatever the verdict. */
export function plug(supply: PortReference, demand: PortReference): boolean {
  try {
    if (demand.instance === worldNode)
      exportSource(demand.name === newExportSlot ? supply.name : demand.name, sourceOf(supply))
    else connectPorts(demand.instance, demand.name, sourceOf(supply))
    announce(`Connected ${shortName(supply.name)} of ${supply.instance}.`)
    return true
  } catch (thrown) {
    showProblem(problemOf(thrown))
    return false
  }
}
