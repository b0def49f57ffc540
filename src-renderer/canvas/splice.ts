import type { DecodedComponent } from '../../src-engine/binary/decode.ts'
import { addExport, connect, removeExport } from '../../src-engine/compose/edit.ts'
import { type CompositionGraph, type GraphSource, faceOfImport } from '../../src-engine/compose/graph.ts'
import { matchNames } from '../../src-engine/types/names.ts'
import { exportWire } from '../state/selection.ts'

/**
 * Puts an instance into a wire: what went to the consumer now goes through it. Names decide which ports are meant; the
 * plan checks the types. The graph comes back as it was when the component has no such pair of ports.
 */
export function spliceInto(
  graph: CompositionGraph,
  instance: string,
  wire: string,
  component: DecodedComponent,
): CompositionGraph {
  const argument = graph.arguments[wire]
  const exported = argument ? undefined : Object.keys(graph.exports).find((name) => exportWire(name) === wire)
  const source = argument?.source ?? (exported === undefined ? undefined : graph.exports[exported]?.source)
  if (!source) return graph
  const given = source.path.at(-1) ?? (source.kind === 'import' ? faceOfImport(graph, source.import) : '')
  const wanted = argument?.name ?? exported ?? ''
  const input = [...component.type.imports.keys()].find((name) => matchNames(given, name) !== 'no')
  const output = [...component.type.exports.keys()].find((name) => matchNames(name, wanted) !== 'no')
  if (input === undefined || output === undefined) return graph
  const through: GraphSource = { kind: 'instance', instance, path: [output] }
  const plugged = connect(graph, instance, input, source)
  if (argument) return connect(plugged, argument.instance, argument.name, through)
  return addExport(removeExport(plugged, wanted), wanted, through)
}

/**
 * Takes an instance out and closes the gaps: a consumer of one of its exports is wired to what the instance itself
 * took under the same name. Wires with no such counterpart go.
 */
export function bridgeOver(graph: CompositionGraph, instance: string): CompositionGraph {
  const taken = Object.values(graph.arguments).filter((argument) => argument.instance === instance)
  const behind = (path: readonly string[]): GraphSource | undefined => {
    const name = path.at(-1) ?? ''
    return taken.find(
      (argument) => matchNames(argument.name, name) !== 'no' || matchNames(name, argument.name) !== 'no',
    )?.source
  }
  let next = graph
  for (const argument of Object.values(graph.arguments)) {
    if (argument.source.kind !== 'instance' || argument.source.instance !== instance) continue
    const source = behind(argument.source.path)
    if (source) next = connect(next, argument.instance, argument.name, source)
  }
  for (const [name, { source: exported }] of Object.entries(graph.exports)) {
    if (exported.kind !== 'instance' || exported.instance !== instance) continue
    const source = behind(exported.path)
    if (source) next = addExport(removeExport(next, name), name, source)
  }
  return next
}
