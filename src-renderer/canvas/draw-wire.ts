/** Drawing one wire, by mouse or by keyboard: begin, verdicts for every port, end as a wire or as a refusal with its reason. */
import { addExport, connect } from '../../src-engine/compose/edit.ts'
import { argumentKey } from '../../src-engine/compose/graph.ts'
import { problemOf } from '../../src-engine/error.ts'
import { shortName, splitVersion } from '../../src-engine/types/names.ts'
import { connectPorts, exportSource, importFromWorld, removeFromCanvas, removeWire } from '../state/composition.ts'
import { decodedOf } from '../state/decoded.ts'
import { type Position, graphOf, importsNode, withGraph, worldNode } from '../state/document.ts'
import { usePlan } from '../state/plan.ts'
import { edit } from '../state/project.ts'
import { type PortReference, exportWire, selectOnCanvas } from '../state/selection.ts'
import { announce } from '../ui/announce.tsx'
import { showProblem } from '../ui/notify.tsx'
import { newPortSlot, portKey } from './ports.ts'
import { useCanvasView } from './view.ts'
import { sourceOf, verdictsFor } from './verdicts.ts'
import { type Verdict, dismissRefusal, endWiring, noVerdicts, useWiring } from './wiring.ts'

/** Begins a wire; from now on every port shows whether it would take it. */
export function beginWire(from: PortReference, keyboard = false): ReadonlyMap<string, Verdict> {
  dismissRefusal()
  const { plan, graph } = usePlan.getState()
  // Before the first plan nothing is known, so nothing is refused or marked; the plan follows the wire.
  const verdicts = plan ? verdictsFor({ graph, plan, decodedOf }, from) : noVerdicts
  useWiring.setState({ from, keyboard, verdicts })
  const fitting = [...verdicts.values()].filter((verdict) => verdict.fits !== 'no').length
  announce(
    `Wire from ${shortName(from.name)} of ${from.instance === importsNode ? 'the world imports' : from.instance}: ${fitting} of ${verdicts.size} ports fit.`,
  )
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
      exportSource(demand.name === newPortSlot ? supply.name : demand.name, sourceOf(supply))
    else if (supply.instance === importsNode && supply.name === newPortSlot)
      importFromWorld(demand.instance, demand.name)
    else connectPorts(demand.instance, demand.name, sourceOf(supply))
    announce(
      supply.instance === importsNode
        ? `${shortName(demand.name)} of ${demand.instance} comes from the world.`
        : `Connected ${shortName(supply.name)} of ${supply.instance}.`,
    )
    return true
  } catch (thrown) {
    showProblem(problemOf(thrown))
    return false
  }
}

/** A wire let go over a node: plugged into the one port there that takes it; with several, the closest match of names. */
export function dropOnNode(node: string, at: Position, held?: string): void {
  const { from, verdicts } = useWiring.getState()
  if (!from || node === from.instance) return
  const side = from.side === 'out' ? 'in' : 'out'
  const prefix = `${node} ${side} `
  const fitting = [...verdicts].filter(([key, verdict]) => key.startsWith(prefix) && verdict.fits !== 'no')
  // A structural fit under another name is a coincidence unless it is the only one.
  const named = fitting.filter(([key]) => sameInterface(key.slice(prefix.length), from.name))
  const slot = fitting.filter(([key]) => key.endsWith(` ${newPortSlot}`))
  const [only] = named.length > 0 ? named : fitting.length === 1 ? fitting : slot
  const to = only && ({ instance: node, side, name: only[0].slice(prefix.length) } as const)
  if (to && held !== undefined) moveWireTo(held, to, at)
  else if (to) endWireAt(to, at)
  else
    announce(
      fitting.length === 0
        ? `Nothing on ${node} takes this wire.`
        : `Several ports of ${node} take this wire: choose one.`,
    )
}

function sameInterface(left: string, right: string): boolean {
  return splitVersion(left).base === splitVersion(right).base
}

/** A wire let go over nothing: a plug that was pulled out stays out, a new wire asks what could take it. */
export function dropOnEmpty(at: Position, place: Position, held?: string): void {
  const { from } = useWiring.getState()
  if (held !== undefined) {
    removeFromCanvas([], [held])
    return
  }
  if (from) useCanvasView.setState({ picker: { at, place, for: from } })
}

/** Moves the end of a wire to another port, as one gesture; a port that refuses leaves it where it was. */
export function moveWireTo(held: string, to: PortReference, at: Position): void {
  const { from } = useWiring.getState()
  const verdict = verdictAt(to)
  if (!from || !verdict) return
  if (keyOf(to, from) === held) return
  if (verdict.fits === 'no') {
    useWiring.setState({ refusal: { from, to, verdict, at } })
    return
  }
  try {
    edit('Move wire', (tables) => {
      const freed = removeWire(graphOf(tables), held)
      const source = sourceOf(from)
      const graph =
        to.instance === worldNode
          ? addExport(freed, to.name === newPortSlot ? from.name : to.name, source)
          : connect(freed, to.instance, to.name, source)
      return withGraph(tables, graph)
    })
    selectOnCanvas([], [keyOf(to, from)])
  } catch (thrown) {
    showProblem(problemOf(thrown))
  }
}

function keyOf(to: PortReference, from: PortReference): string {
  if (to.instance !== worldNode) return argumentKey(to.instance, to.name)
  return exportWire(to.name === newPortSlot ? from.name : to.name)
}
