import type { Extern, FunctionType, InstanceType } from '../../src-engine/types/graph.ts'
import { compareVersions, isHostName, parseName } from '../../src-engine/types/names.ts'
import { describeExtern, printNamedFunction } from '../../src-engine/wit/print-types.ts'

/** One import or export, ready to be listed. */
export interface Port {
  /** Exact name in the component. */
  readonly name: string
  /** `incoming-handler` of `wasi:http/incoming-handler@0.2.0`. */
  readonly label: string
  readonly kind: Extern['kind']
  /** Signatures in WIT, one for each function; a bare function has one. */
  readonly functions: readonly string[]
  /** Names of the types that come with it, with what each is. */
  readonly types: readonly string[]
  /** A `wasi:` interface, which the host gives. */
  readonly host: boolean
}

/** Ports of one package and version. */
export interface PortGroup {
  /** `wasi:http`; empty for what belongs to no package. */
  readonly package: string
  readonly version?: string
  readonly host: boolean
  readonly ports: readonly Port[]
}

/** Imports or exports by package and version: the component's own first, then what hosts give; names in order. */
export function groupPorts(externs: ReadonlyMap<string, Extern>): PortGroup[] {
  const groups = new Map<string, { package: string; version?: string; host: boolean; ports: Port[] }>()
  for (const [name, extern] of externs) {
    const parsed = parseName(name)
    const owner =
      parsed.kind === 'interface'
        ? { package: parsed.package, ...(parsed.version === undefined ? {} : { version: parsed.version }) }
        : { package: '' }
    const key = `${owner.package}@${owner.version ?? ''}`
    const group = groups.get(key) ?? { ...owner, host: isHostName(name), ports: [] }
    groups.set(key, group)
    group.ports.push(portOf(name, extern))
  }
  for (const group of groups.values()) group.ports.sort((left, right) => left.label.localeCompare(right.label))
  return [...groups.values()].sort(
    (left, right) =>
      Number(left.host) - Number(right.host) ||
      left.package.localeCompare(right.package) ||
      compareVersions(left.version, right.version),
  )
}

/** One import or export taken apart for reading. */
export function portOf(name: string, extern: Extern): Port {
  const parsed = parseName(name)
  const label = parsed.kind === 'interface' ? parsed.interface : name
  const base = { name, label, kind: extern.kind, host: isHostName(name) }
  if (extern.kind === 'instance') return { ...base, ...itemsOf(extern.type) }
  return {
    ...base,
    functions: extern.kind === 'function' ? [signature(name, extern.type)] : [],
    types: extern.kind === 'function' ? [] : [describeExtern(extern)],
  }
}

function itemsOf(type: InstanceType): { readonly functions: string[]; readonly types: string[] } {
  const functions: string[] = []
  const types: string[] = []
  for (const [name, extern] of type.exports) {
    if (extern.kind === 'function') functions.push(signature(name, extern.type))
    else types.push(`${name}: ${describeExtern(extern)}`)
  }
  return { functions, types }
}

function signature(name: string, type: FunctionType): string {
  return printNamedFunction(name, type)
}

/** A line of two interfaces side by side. */
export interface ComparedItem {
  readonly name: string
  readonly asked?: string
  readonly given?: string
  /** `extra` is given but not asked for, which is fine. */
  readonly verdict: 'same' | 'different' | 'missing' | 'extra'
}

/** What the import asks for beside what the export gives, item by item, as text; equal text with another meaning is for the plan to say. */
export function compareItems(asked: Extern, given: Extern): ComparedItem[] {
  const left = describeItems(asked)
  const right = describeItems(given)
  const items: ComparedItem[] = []
  for (const [name, text] of left) {
    const other = right.get(name)
    if (other === undefined) items.push({ name, asked: text, verdict: 'missing' })
    else items.push({ name, asked: text, given: other, verdict: text === other ? 'same' : 'different' })
  }
  for (const [name, text] of right) if (!left.has(name)) items.push({ name, given: text, verdict: 'extra' })
  const rank = { different: 0, missing: 1, same: 2, extra: 3 }
  return items.sort((one, other) => rank[one.verdict] - rank[other.verdict])
}

function describeItems(extern: Extern): Map<string, string> {
  if (extern.kind !== 'instance')
    return new Map([
      [
        '',
        extern.kind === 'function' ? printNamedFunction('', extern.type).replace(/^%?: /, '') : describeExtern(extern),
      ],
    ])
  return new Map(
    [...extern.type.exports].map(([name, item]) => [
      name,
      item.kind === 'function' ? printNamedFunction(name, item.type) : `${name}: ${describeExtern(item)}`,
    ]),
  )
}
