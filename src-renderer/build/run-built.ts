import { removeExport, addExport } from '../../src-engine/compose/edit.ts'
import type { CompositionGraph, InstanceId, PackageId } from '../../src-engine/compose/graph.ts'
import { isHandlerName } from '../state/run-target.ts'

/** Does what the composition answers HTTP with need an instance of this package, directly or through others? */
export function isServed(graph: CompositionGraph, packageId: PackageId): boolean {
  const seen = new Set<InstanceId>()
  const waiting = Object.entries(graph.exports).flatMap(([name, { source }]) =>
    isHandlerName(name) && source.kind === 'instance' ? [source.instance] : [],
  )
  for (let instance = waiting.pop(); instance !== undefined; instance = waiting.pop()) {
    if (seen.has(instance)) continue
    seen.add(instance)
    if (graph.instances[instance]?.package === packageId) return true
    for (const wire of Object.values(graph.arguments)) {
      if (wire.instance === instance && wire.source.kind === 'instance') waiting.push(wire.source.instance)
    }
  }
  return false
}

/**
 * The graph to run after a component was built: the same when it takes part already or is no handler, else with the
 * composition's handler exported from its first instance instead of from whoever had it.
 * `exports` are the export names of the component.
 */
export function servingBuilt(
  graph: CompositionGraph,
  packageId: PackageId,
  exports: Iterable<string>,
): CompositionGraph {
  const handler = [...exports].find(isHandlerName)
  const instance = Object.keys(graph.instances).find((id) => graph.instances[id]?.package === packageId)
  if (handler === undefined || instance === undefined || isServed(graph, packageId)) return graph
  const cleared = Object.keys(graph.exports).filter(isHandlerName).reduce(removeExport, graph)
  return addExport(cleared, handler, { kind: 'instance', instance, path: [handler] })
}
