import type { CompositionGraph } from '../../src-engine/compose/graph.ts'

/** Every instance that these need (`up`) or that needs these (`down`), directly or through others; these themselves not. */
export function neighbours(
  graph: CompositionGraph,
  from: Iterable<string>,
  direction: 'up' | 'down',
): ReadonlySet<string> {
  const next = new Map<string, string[]>()
  for (const { instance, source } of Object.values(graph.arguments)) {
    if (source.kind !== 'instance') continue
    const [near, far] = direction === 'up' ? [instance, source.instance] : [source.instance, instance]
    next.set(near, [...(next.get(near) ?? []), far])
  }
  const start = new Set(from)
  const seen = new Set(start)
  for (const id of seen) for (const other of next.get(id) ?? []) seen.add(other)
  return new Set([...seen].filter((id) => !start.has(id)))
}
