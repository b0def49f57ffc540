import { checkExtern } from '../subtype/check.ts'
import { describeDifference, stepOf } from '../subtype/difference.ts'
import {
  peel,
  type ComponentType,
  type Extern,
  type FunctionType,
  type InstanceType,
  type TypeNode,
} from '../types/graph.ts'
import { compareVersions, matchNames, splitVersion } from '../types/names.ts'
import { describeExtern, printFunction, printStructure, printType } from './print-types.ts'

/** What a change means for one side: the code that calls an interface, or the code that implements it. */
export type Effect = 'breaking' | 'safe'

/** One item that differs between two versions. */
export interface ItemChange {
  readonly kind: 'added' | 'removed' | 'changed' | 'version'
  /** From the outside in: import or export, interface, function or type. */
  readonly path: readonly string[]
  /** Before and after, as WIT; absent where there was nothing. */
  readonly before?: string
  readonly after?: string
  /** For code written against the old version that *uses* the item. */
  readonly consumer: Effect
  /** For code written against the old version that *provides* the item. */
  readonly provider: Effect
  /** Why, in a sentence. */
  readonly reason: string
}

/**
 * What changed between two worlds, item by item. Types of the component model are compared exactly: a field or case that is
 * added is a different type for both sides.
 */
export function compareWorlds(before: ComponentType, after: ComponentType): ItemChange[] {
  return [
    // An import asks something of whoever runs the component: the world's user is its provider.
    ...compareSide('import', before.imports, after.imports, {
      added: { consumer: 'safe', provider: 'breaking', reason: 'hosts made for the old world do not give it' },
      removed: { consumer: 'breaking', provider: 'safe', reason: 'components that use it can no longer import it' },
    }),
    ...compareSide('export', before.exports, after.exports, {
      added: { consumer: 'safe', provider: 'breaking', reason: 'components made for the old world do not export it' },
      removed: { consumer: 'breaking', provider: 'safe', reason: 'hosts that call it no longer find it' },
    }),
  ]
}

/**
 * What changed between two builds of a component. It uses its imports and provides its exports itself, so only the other
 * side can break: who gives it the ones, and who calls the others.
 */
export function compareComponents(before: ComponentType, after: ComponentType): ItemChange[] {
  return compareWorlds(before, after).map((change) => {
    const imported = change.path[0]?.startsWith('import ') === true
    const own = imported ? ({ consumer: 'safe' } as const) : ({ provider: 'safe' } as const)
    const reason = imported ? importReasons[change.kind] : exportReasons[change.kind]
    return { ...change, ...own, ...(reason === undefined ? {} : { reason }) }
  })
}

const importReasons: Partial<Record<ItemChange['kind'], string>> = {
  added: 'who gives the old component its imports may not give this one',
  removed: 'the component asks for less',
}
const exportReasons: Partial<Record<ItemChange['kind'], string>> = {
  added: 'the component gives more',
  removed: 'who calls it no longer finds it',
}

/** What changed between two versions of an interface. */
export function compareInterfaces(
  before: InstanceType,
  after: InstanceType,
  path: readonly string[] = [],
): ItemChange[] {
  const changes: ItemChange[] = []
  for (const [name, old] of before.exports) {
    const now = after.exports.get(name)
    const at = [...path, stepOf(name)]
    if (!now) {
      changes.push({
        kind: 'removed',
        path: at,
        before: printItem(old),
        consumer: 'breaking',
        provider: 'safe',
        reason: 'code that uses it no longer finds it',
      })
    } else changes.push(...compareItems(old, now, at))
  }
  for (const [name, now] of after.exports) {
    if (before.exports.has(name)) continue
    const reason =
      now.kind === 'type'
        ? 'nothing that exists mentions it'
        : 'what was made for the old interface does not provide it'
    changes.push({
      kind: 'added',
      path: [...path, stepOf(name)],
      after: printItem(now),
      consumer: 'safe',
      provider: now.kind === 'type' ? 'safe' : 'breaking',
      reason,
    })
  }
  return changes
}

interface SideRules {
  readonly added: Pick<ItemChange, 'consumer' | 'provider' | 'reason'>
  readonly removed: Pick<ItemChange, 'consumer' | 'provider' | 'reason'>
}

function compareSide(
  side: 'import' | 'export',
  before: ReadonlyMap<string, Extern>,
  after: ReadonlyMap<string, Extern>,
  rules: SideRules,
): ItemChange[] {
  const changes: ItemChange[] = []
  const matched = new Set<string>()
  for (const [name, old] of before) {
    const next = counterpart(name, after)
    if (next === undefined) {
      changes.push({ kind: 'removed', path: [`${side} "${name}"`], before: printItem(old), ...rules.removed })
      continue
    }
    matched.add(next)
    const at = [`${side} "${next}"`]
    if (next !== name) {
      const compatible = matchNames(name, next) !== 'no'
      const effect: Effect = compatible ? 'safe' : 'breaking'
      changes.push({
        kind: 'version',
        path: at,
        before: name,
        after: next,
        consumer: effect,
        provider: effect,
        reason: compatible
          ? 'hosts and composers match compatible versions'
          : 'the two versions are not compatible by semantic versioning',
      })
    }
    const now = after.get(next)
    if (now) changes.push(...compareItems(old, now, at))
  }
  for (const [name, now] of after) {
    if (!matched.has(name))
      changes.push({ kind: 'added', path: [`${side} "${name}"`], after: printItem(now), ...rules.added })
  }
  return changes
}

/** The same interface afterwards: by name, else the highest other version of it. */
function counterpart(name: string, after: ReadonlyMap<string, Extern>): string | undefined {
  if (after.has(name)) return name
  const { base, version } = splitVersion(name)
  if (version === undefined) return undefined
  const others = [...after.keys()].filter((candidate) => splitVersion(candidate).base === base)
  return others.sort((left, right) => compareVersions(splitVersion(left).version, splitVersion(right).version)).at(-1)
}

function compareItems(old: Extern, now: Extern, path: readonly string[]): ItemChange[] {
  if (old.kind === 'instance' && now.kind === 'instance') return compareInterfaces(old.type, now.type, path)
  const reason = differenceOf(old, now)
  if (reason === undefined) return []
  const [before, after] = [printItem(old), printItem(now)]
  return [{ kind: 'changed', path, before, after, consumer: 'breaking', provider: 'breaking', reason }]
}

/** Why two items that are no interfaces are not the same; undefined where they are. */
function differenceOf(old: Extern, now: Extern): string | undefined {
  if (old.kind === 'function' && now.kind === 'function') {
    if (spellFunction(old.type) === spellFunction(now.type)) return undefined
    const [difference] = checkExtern(now, old, { limit: 1 })
    const what = difference && difference.reason !== 'resource' ? describeDifference(difference) : 'its types changed'
    return `the signature differs: ${what}`
  }
  if (old.kind === 'type' && now.kind === 'type' && !old.structure && !now.structure) {
    if (spell(old.type, new Set()) === spell(now.type, new Set())) return undefined
    return 'both sides must agree on every field and case of a type'
  }
  if (old.kind !== now.kind) return `it was a ${old.kind} and is a ${now.kind} now`
  const [less] = [...checkExtern(now, old, { limit: 1 }), ...checkExtern(old, now, { limit: 1 })]
  return less && `the ${now.kind} differs: ${describeDifference(less)}`
}

/** A type with everything inside it spelled out; resources go by name, since two texts have no identity in common. */
function spell(type: TypeNode, open: Set<TypeNode>): string {
  const of = peel(type)
  if (of.kind === 'resource') return `resource ${of.name}`
  if (open.has(of)) return '…'
  open.add(of)
  const text = printStructure(of, (inner) =>
    inner.kind === 'named' || inner.kind === 'resource' ? `(${spell(inner, open)})` : undefined,
  )
  open.delete(of)
  return text
}

function spellFunction(type: FunctionType): string {
  return printFunction(type, (inner) =>
    inner.kind === 'named' || inner.kind === 'resource' ? `(${spell(inner, new Set())})` : undefined,
  )
}

function printItem(extern: Extern): string {
  switch (extern.kind) {
    case 'function':
      return printFunction(extern.type)
    case 'instance':
      return describeExtern(extern)
    case 'type': {
      if (extern.structure) return describeExtern(extern)
      const of = peel(extern.type)
      return of.kind === 'resource' ? `resource ${printType(of)}` : printStructure(of)
    }
    default:
      return extern.kind
  }
}
