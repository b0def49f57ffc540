import type { DecodedComponent } from '../binary/decode.ts'
import { type CompositionGraph, type GraphArgument, type GraphSource, argumentKey } from './graph.ts'
import { matchNames } from '../types/names.ts'

/**
 * Makes an instance of another package out of an instance. Its wires go to the ports of the same name, or of a compatible
 * version; a wire whose port the new component lacks stays where it is, so that the plan can say so and a person can
 * decide. A package nobody instantiates any more goes.
 */
export function replaceInstance(
  graph: CompositionGraph,
  instance: string,
  packageId: string,
  component: DecodedComponent,
): CompositionGraph {
  const before = graph.instances[instance]
  if (!before || before.package === packageId) return graph
  const imports = [...component.type.imports.keys()]
  const exports = [...component.type.exports.keys()]
  const source = (old: GraphSource): GraphSource => {
    const [name, ...rest] = old.path
    if (old.kind !== 'instance' || old.instance !== instance || name === undefined) return old
    return { ...old, path: [counterpart(name, exports), ...rest] }
  }
  const wires = Object.values(graph.arguments).map((wire): GraphArgument => ({
    instance: wire.instance,
    name: wire.instance === instance ? counterpart(wire.name, imports) : wire.name,
    source: source(wire.source),
  }))
  const instances = { ...graph.instances, [instance]: { ...before, package: packageId } }
  const used = new Set(Object.values(instances).map((each) => each.package))
  return {
    ...graph,
    packages: Object.fromEntries(
      Object.entries(graph.packages).filter(([id]) => used.has(id) || id !== before.package),
    ),
    instances,
    arguments: Object.fromEntries(wires.map((wire) => [argumentKey(wire.instance, wire.name), wire])),
    exports: Object.fromEntries(
      Object.entries(graph.exports).map(([name, entry]) => [name, { ...entry, source: source(entry.source) }]),
    ),
  }
}

/** The same name, else one of a compatible version, else the name as it was. */
function counterpart(name: string, names: readonly string[]): string {
  if (names.includes(name)) return name
  return names.find((candidate) => matchNames(candidate, name) !== 'no') ?? name
}
