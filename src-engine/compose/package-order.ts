import type { Extern, TypeNode } from '../types/graph.ts'
import { parseName } from '../types/names.ts'
import { walkExtern } from '../types/walk.ts'
import { ownTypes } from './imported-types.ts'

interface Item {
  readonly name: string
  readonly extern: Extern
}

/**
 * A circle of package versions, `a:b@0.2.3 → a:b@0.2.0 → a:b@0.2.3`, when interfaces of each use types of the other. The
 * component model has no packages and allows it; WIT does not, and tools that print the world never come back.
 */
export function packageCycle(items: readonly Item[]): readonly string[] | undefined {
  const holders = new Map<TypeNode, string>()
  for (const { name, extern } of items)
    ownTypes(extern, (type) => {
      if (!holders.has(type)) holders.set(type, name)
    })
  const needs = new Map<string, Set<string>>()
  for (const { name, extern } of items) {
    const from = packageOf(name)
    if (from === undefined) continue
    const into = needs.get(from) ?? new Set()
    needs.set(from, into)
    const seen = new Set<TypeNode>()
    walkExtern(extern, (type) => {
      if (seen.has(type)) return false
      seen.add(type)
      const holder = holders.get(type)
      const to = holder === undefined || holder === name ? undefined : packageOf(holder)
      if (to !== undefined && to !== from) into.add(to)
      return holder === undefined || holder === name
    })
  }
  return findCycle(needs)
}

function packageOf(name: string): string | undefined {
  const parsed = parseName(name)
  if (parsed.kind !== 'interface') return undefined
  return parsed.version === undefined ? parsed.package : `${parsed.package}@${parsed.version}`
}

function findCycle(needs: ReadonlyMap<string, ReadonlySet<string>>): readonly string[] | undefined {
  const done = new Set<string>()
  for (const root of needs.keys()) {
    const path = [root]
    const rest = [[...(needs.get(root) ?? [])]]
    while (path.length > 0) {
      const next = rest.at(-1)?.shift()
      if (next === undefined) {
        done.add(path.pop() ?? '')
        rest.pop()
      } else if (path.includes(next)) return [...path.slice(path.indexOf(next)), next]
      else if (!done.has(next)) {
        path.push(next)
        rest.push([...(needs.get(next) ?? [])])
      }
    }
  }
  return undefined
}
