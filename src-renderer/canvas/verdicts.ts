import { type CompositionGraph, type GraphSource } from '../../src-engine/compose/graph.ts'
import type { DecodedComponent } from '../../src-engine/binary/decode.ts'
import { checkExtern } from '../../src-engine/subtype/check.ts'
import { describeDifference } from '../../src-engine/subtype/difference.ts'
import { matchNames, splitVersion } from '../../src-engine/types/names.ts'
import type { Extern } from '../../src-engine/types/graph.ts'
import { worldNode } from '../state/document.ts'
import type { PortReference } from '../state/selection.ts'
import { portKey } from './ports.ts'
import type { Verdict } from './wiring.ts'
import { newExportSlot } from './WorldNode.tsx'

type DecodedOf = (hash: string) => DecodedComponent | undefined

/** What every port of the canvas says to a wire from this one. Ports that can be no other end are left out. */
export function verdictsFor(graph: CompositionGraph, decodedOf: DecodedOf, from: PortReference): Map<string, Verdict> {
  const verdicts = new Map<string, Verdict>()
  const externsOf = (instance: string, side: 'in' | 'out'): ReadonlyMap<string, Extern> => {
    const hash = graph.packages[graph.instances[instance]?.package ?? '']?.hash
    const type = hash === undefined ? undefined : decodedOf(hash)?.type
    return (side === 'in' ? type?.imports : type?.exports) ?? new Map()
  }
  const own = externsOf(from.instance, from.side).get(from.name)
  const other = from.side === 'out' ? 'in' : 'out'
  const loops = reachable(graph, from.instance, other)
  for (const instance of Object.keys(graph.instances)) {
    if (instance === from.instance || !own) continue
    for (const [name, extern] of externsOf(instance, other)) {
      const verdict =
        from.side === 'out' ? verdictOf(from.name, own, name, extern) : verdictOf(name, extern, from.name, own)
      verdicts.set(
        portKey(instance, other, name),
        verdict.fits !== 'no' && loops.has(instance)
          ? { fits: 'no', sentence: `${instance} and ${from.instance} would need each other: a component cannot be started before itself.` }
          : verdict,
      )
    }
  }
  if (from.side === 'out') {
    const taken = Object.hasOwn(graph.exports, from.name)
    verdicts.set(
      portKey(worldNode, 'in', newExportSlot),
      taken ? { fits: 'no', sentence: `The composition already exports ${from.name}.` } : { fits: 'yes' },
    )
  }
  return verdicts
}

function verdictOf(supplyName: string, supply: Extern, demandName: string, demand: Extern): Verdict {
  const match = matchNames(supplyName, demandName)
  const differences = checkExtern(supply, demand).filter((difference) => difference.reason !== 'resource')
  const [difference] = differences
  if (difference) return { fits: 'no', sentence: sentenceOf(describeDifference(difference)), difference }
  if (match === 'newer' || match === 'older') {
    const gives = splitVersion(supplyName).version
    const asks = splitVersion(demandName).version
    return { fits: match, sentence: `Fits: ${gives} is a compatible ${match} version of ${asks}.` }
  }
  return { fits: 'yes' }
}

function sentenceOf(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`
}

/** Instances that a new wire from `start` towards `side` would close a circle with. */
function reachable(graph: CompositionGraph, start: string, side: 'in' | 'out'): ReadonlySet<string> {
  // A wire out of `start` closes a circle with everything `start` itself depends on.
  const next = new Map<string, string[]>()
  for (const wire of Object.values(graph.arguments)) {
    if (wire.source.kind !== 'instance') continue
    const [from, to] = side === 'in' ? [wire.instance, wire.source.instance] : [wire.source.instance, wire.instance]
    next.set(from, [...(next.get(from) ?? []), to])
  }
  const found = new Set<string>()
  const waiting = [start]
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    for (const neighbour of next.get(at) ?? []) {
      if (found.has(neighbour)) continue
      found.add(neighbour)
      waiting.push(neighbour)
    }
  }
  return found
}

/** Where a wire from an export port takes its value. */
export function sourceOf(port: PortReference): GraphSource {
  return { kind: 'instance', instance: port.instance, path: [port.name] }
}
