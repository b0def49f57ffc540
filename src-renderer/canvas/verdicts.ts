import { planComposition } from '../../src-engine/compose/build-plan.ts'
import { addInstance, setPackage } from '../../src-engine/compose/edit.ts'
import { type CompositionGraph, type GraphSource, faceOfImport } from '../../src-engine/compose/graph.ts'
import type { DecodedOf } from '../../src-engine/compose/plan.ts'
import {
  type Verdict as PlannedVerdict,
  type VerdictContext,
  verdictOf,
  verdictsFrom,
  verdictsTo,
} from '../../src-engine/compose/verdict.ts'
import { matchNames } from '../../src-engine/types/names.ts'
import { importsNode, worldNode } from '../state/document.ts'
import type { PortReference } from '../state/selection.ts'
import { newPortSlot, portKey } from './ports.ts'
import type { Verdict } from './wiring.ts'

/** Where a wire from an export port, or from an import of the composition, takes its value. */
export function sourceOf(port: Pick<PortReference, 'instance' | 'name'>): GraphSource {
  if (port.instance === importsNode) return { kind: 'import', import: port.name, path: [] }
  return { kind: 'instance', instance: port.instance, path: [port.name] }
}

/** What every port of the canvas says to a wire from this one, by `portKey`. Ports that can be no other end are left out. */
export function verdictsFor(context: VerdictContext, from: PortReference): Map<string, Verdict> {
  const other = from.side === 'out' ? 'in' : 'out'
  const found = from.side === 'out' ? verdictsFrom(context, sourceOf(from)) : verdictsTo(context, from)
  const verdicts = new Map<string, Verdict>()
  for (const [key, verdict] of found) {
    const space = key.indexOf(' ')
    const instance = key.slice(0, space)
    const name = key.slice(space + 1)
    if (instance === from.instance) continue
    const given = from.instance === importsNode ? faceOfImport(context.graph, from.name) : from.name
    const [supply, demand] = from.side === 'out' ? [given, name] : [name, from.name]
    verdicts.set(portKey(instance, other, name), named(verdict, supply, demand))
  }
  if (from.side === 'out') {
    const taken = Object.hasOwn(context.graph.exports, from.name)
    verdicts.set(
      portKey(worldNode, 'in', newPortSlot),
      taken ? { fits: 'no', sentence: `The composition already exports ${from.name}.` } : { fits: 'yes' },
    )
  }
  if (from.side === 'in') {
    for (const name of Object.keys(context.graph.imports)) {
      const verdict = verdictOf(context, sourceOf({ instance: importsNode, name }), from)
      verdicts.set(portKey(importsNode, 'out', name), named(verdict, faceOfImport(context.graph, name), from.name))
    }
    verdicts.set(portKey(importsNode, 'out', newPortSlot), { fits: 'yes' })
  }
  return verdicts
}

/** Types that fit under another name are possible, but rarely meant: said, not hidden. */
function named(verdict: PlannedVerdict, supply: string, demand: string): Verdict {
  if (verdict.fits !== 'yes' || matchNames(supply, demand) !== 'no') return verdict
  return { fits: 'yes', otherName: true, sentence: `Fits by its types, under another name: ${supply} for ${demand}.` }
}

/**
 * Which port of a component that is not on the canvas yet would take the other end of a wire, exact names first.
 * Only ports of the same interface are looked at.
 */
export function bestPort(
  graph: CompositionGraph,
  decodedOf: DecodedOf,
  candidate: { readonly id: string; readonly hash: string },
  from: PortReference,
): { readonly name: string; readonly exact: boolean } | undefined {
  const type = decodedOf(candidate.hash)?.type
  const ports = from.side === 'in' ? type?.exports : type?.imports
  const names = [...(ports?.keys() ?? [])].filter((name) =>
    from.side === 'in' ? matchNames(name, from.name) !== 'no' : matchNames(from.name, name) !== 'no',
  )
  if (names.length === 0) return undefined
  const withPackage = setPackage(graph, candidate.id, { name: 'candidate:candidate', hash: candidate.hash })
  const { graph: tried, instance } = addInstance(withPackage, candidate.id)
  const context = { graph: tried, plan: planComposition(tried, decodedOf), decodedOf }
  const fitting = names.filter((name) => {
    const verdict =
      from.side === 'in'
        ? verdictOf(context, sourceOf({ instance, name }), from)
        : verdictOf(context, sourceOf(from), { instance, name })
    return verdict.fits !== 'no'
  })
  const best = fitting.find((name) => name === from.name) ?? fitting[0]
  return best === undefined ? undefined : { name: best, exact: best === from.name }
}
