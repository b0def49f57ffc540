import type { CompositionGraph, GraphSource, InstanceId } from './graph.ts'

/**
 * The part of a graph that its exports need. Running goes by this: what lies on the canvas unconnected is neither started
 * nor asked to be complete. Answers the ids that were left out, sorted.
 */
export function withoutUnused(graph: CompositionGraph): {
  readonly graph: CompositionGraph
  readonly left: readonly InstanceId[]
} {
  const needed = new Set<InstanceId>()
  const pending: GraphSource[] = Object.values(graph.exports).map((entry) => entry.source)
  const wires = new Map<InstanceId, GraphSource[]>()
  for (const { instance, source } of Object.values(graph.arguments))
    wires.set(instance, [...(wires.get(instance) ?? []), source])
  for (let source = pending.pop(); source; source = pending.pop()) {
    if (source.kind !== 'instance' || needed.has(source.instance)) continue
    needed.add(source.instance)
    pending.push(...(wires.get(source.instance) ?? []))
  }
  const left = Object.keys(graph.instances)
    .filter((id) => !needed.has(id))
    .sort()
  if (left.length === 0) return { graph, left }
  const instances = Object.fromEntries(Object.entries(graph.instances).filter(([id]) => needed.has(id)))
  const packages = new Set(Object.values(instances).map((instance) => instance.package))
  return {
    left,
    graph: {
      ...graph,
      packages: Object.fromEntries(Object.entries(graph.packages).filter(([id]) => packages.has(id))),
      instances,
      arguments: Object.fromEntries(
        Object.entries(graph.arguments).filter(([, argument]) => needed.has(argument.instance)),
      ),
      imports: Object.fromEntries(
        Object.entries(graph.imports).filter(([, { typeOf }]) => !typeOf || needed.has(typeOf.instance)),
      ),
    },
  }
}
