import type { CompositionGraph, GraphImport } from '../compose/graph.ts'

/** Do two graphs describe the same composition? Ids of packages do not count, nor does the name of the whole. */
export function sameMeaning(left: CompositionGraph, right: CompositionGraph): boolean {
  return meaningOf(left) === meaningOf(right)
}

function meaningOf(graph: CompositionGraph): string {
  const packageOf = (id: string) => {
    const entry = graph.packages[id]
    return entry ? [entry.name, entry.version ?? null, entry.hash] : [id]
  }
  // Who an import takes its type from is chance where several take it.
  const importOf = ({ declared, typeOf }: GraphImport) => declared ?? (typeOf ? 'as taken' : null)
  return JSON.stringify([
    sorted(graph.instances, ({ package: id }) => packageOf(id)),
    sorted(graph.arguments, ({ source }) => source),
    sorted(graph.imports, importOf),
    sorted(graph.exports, ({ source }) => source),
    sorted(graph.types ?? {}, (declared) => declared),
  ])
}

function sorted<Value>(table: Readonly<Record<string, Value>>, map: (value: Value) => unknown): [string, unknown][] {
  return Object.keys(table)
    .sort()
    .flatMap((key): [string, unknown][] => {
      const value = table[key]
      return value === undefined ? [] : [[key, keyed(map(value))]]
    })
}

/** Objects with their keys in order: equal values give equal texts. */
function keyed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(keyed)
  if (typeof value !== 'object' || value === null) return value
  return Object.entries(value)
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([key, inner]) => [key, keyed(inner)])
}
