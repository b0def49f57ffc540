import type { CompositionGraph, InstanceId } from './graph.ts'

/** Instances with providers first, ties by id; and one cycle as a list of ids, when there is any. */
export interface InstanceOrder {
  readonly order: readonly InstanceId[]
  /** `a → b → a` as `[a, b, a]`; the wire that closes it is left out of the order. */
  readonly cycles: readonly (readonly InstanceId[])[]
}

/** Sorts instances topologically, deterministically, without recursion. */
export function orderInstances(graph: CompositionGraph): InstanceOrder {
  const providers = new Map<InstanceId, Set<InstanceId>>()
  for (const { instance, source } of Object.values(graph.arguments)) {
    if (source.kind !== 'instance') continue
    const set = providers.get(instance) ?? new Set()
    providers.set(instance, set.add(source.instance))
  }
  const order: InstanceId[] = []
  const cycles: InstanceId[][] = []
  const state = new Map<InstanceId, 'open' | 'done'>()
  for (const root of Object.keys(graph.instances).sort()) {
    if (state.has(root)) continue
    state.set(root, 'open')
    const stack = [{ id: root, rest: [...(providers.get(root) ?? [])].sort() }]
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const next = top.rest.shift()
      if (next === undefined) {
        order.push(top.id)
        state.set(top.id, 'done')
        stack.pop()
      } else if (state.get(next) === 'open') {
        const ids = stack.map((entry) => entry.id)
        cycles.push([...ids.slice(ids.indexOf(next)), next])
      } else if (!state.has(next) && Object.hasOwn(graph.instances, next)) {
        state.set(next, 'open')
        stack.push({ id: next, rest: [...(providers.get(next) ?? [])].sort() })
      }
    }
  }
  return { order, cycles }
}
