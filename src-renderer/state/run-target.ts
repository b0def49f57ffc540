import type { DecodedComponent } from '../../src-engine/binary/decode.ts'
import { addExport } from '../../src-engine/compose/edit.ts'
import type { CompositionGraph } from '../../src-engine/compose/graph.ts'
import { decodedOf } from './decoded.ts'

/** What Run would serve. */
export interface RunTarget {
  /** The graph to run: with the export that Run adds by itself, when nothing runnable is exported yet. */
  readonly graph: CompositionGraph
  /** The export that was added. */
  readonly added: { readonly instance: string; readonly name: string } | undefined
  /** Instances that could be meant when it is not clear which one. */
  readonly candidates: readonly string[]
}

const handlerNames = /^wasi:http\/(incoming-handler@0\.2\.|handler@0\.3\.)/

/** Is this export one that the HTTP runtime can serve? */
export function isHandlerName(name: string): boolean {
  return handlerNames.test(name)
}

/**
 * Run needs an exported HTTP handler. When the composition exports none, the outermost one is meant: the handler that
 * no other instance takes. With several of them nothing is added; the person has to say which.
 */
export function runGraph(
  graph: CompositionGraph,
  decoded: (hash: string) => DecodedComponent | undefined = decodedOf,
): RunTarget {
  if (Object.keys(graph.exports).some(isHandlerName)) return { graph, added: undefined, candidates: [] }
  const taken = new Set(
    Object.values(graph.arguments).flatMap(({ source }) =>
      source.kind === 'instance' ? [`${source.instance} ${source.path[0] ?? ''}`] : [],
    ),
  )
  const found: { readonly instance: string; readonly name: string }[] = []
  for (const [instance, { package: id }] of Object.entries(graph.instances)) {
    const hash = graph.packages[id]?.hash
    const component = hash === undefined ? undefined : decoded(hash)
    for (const name of component?.type.exports.keys() ?? [])
      if (isHandlerName(name) && !taken.has(`${instance} ${name}`)) found.push({ instance, name })
  }
  const [only] = found
  if (!only || found.length > 1 || Object.hasOwn(graph.exports, only.name))
    return { graph, added: undefined, candidates: found.map(({ instance }) => instance).sort() }
  const source = { kind: 'instance', instance: only.instance, path: [only.name] } as const
  return { graph: addExport(graph, only.name, source), added: only, candidates: [only.instance] }
}
