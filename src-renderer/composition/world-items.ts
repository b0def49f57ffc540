import type { CompositionGraph } from '../../src-engine/compose/graph.ts'
import { type Plan, type PlannedSource, typeOfPlan } from '../../src-engine/compose/plan.ts'
import { describeFit, type FitItem, fitWorld, type TargetOptions } from '../../src-engine/subtype/targets.ts'
import type { ComponentType } from '../../src-engine/types/graph.ts'
import { matchNames, shortName, splitVersion } from '../../src-engine/types/names.ts'
import { describeSource } from '../inspector/import-state.ts'
import type { PortReference } from '../state/selection.ts'

/** One import or export of the composed world. */
export interface WorldItem {
  readonly side: 'import' | 'export'
  /** Exact name. */
  readonly name: string
  readonly label: string
  readonly version: string
  /** `open`: no target world to compare with. */
  readonly state: FitItem['state'] | 'open'
  /** What is wrong or worth knowing, in words. */
  readonly note: string | undefined
  readonly hint: string | undefined
  /** Who takes or gives it; a click goes to the first. */
  readonly ports: readonly PortReference[]
  /** For exports: where it comes from, in words. */
  readonly from: string | undefined
  /** Imports that a WASI host gives. */
  readonly host: boolean
  /** Exports that were added because another one needs their types. */
  readonly companion: boolean
  /** What the plan complains about. */
  readonly problem: string | undefined
}

export interface ComposedWorld {
  readonly imports: readonly WorldItem[]
  readonly exports: readonly WorldItem[]
  /** How many items keep it out of the target world; undefined without one. */
  readonly failures: number | undefined
}

/** The composed world, item by item, against an optional target world. */
export function composedWorld(
  plan: Plan,
  graph: CompositionGraph,
  target: ComponentType | undefined,
  options: TargetOptions = {},
): ComposedWorld {
  const fits = target ? fitWorld(typeOfPlan(plan), target, options) : undefined
  const fitOf = new Map(fits?.map((item) => [`${item.side} ${item.name}`, item]))
  const imports = plan.imports.map((entry): WorldItem => ({
    ...base('import', entry.name, fitOf.get(`import ${entry.name}`), entry.apart),
    ports: entry.wantedBy.map(({ instance, name }) => ({ instance, side: 'in', name })),
    from: undefined,
    host: entry.host,
    companion: false,
    problem: undefined,
  }))
  const exports = plan.exports.map((entry): WorldItem => ({
    ...base('export', entry.name, fitOf.get(`export ${entry.name}`)),
    ports: portsOf(entry.source),
    from: describeSource(entry.source),
    host: false,
    companion: entry.companion,
    problem: problemOf(plan, entry.name),
  }))
  // An export that could not be planned is still wanted: it stays in the list with its reason.
  const planned = new Set(plan.exports.map(({ name }) => name))
  for (const [name, { source }] of Object.entries(graph.exports)) {
    if (planned.has(name)) continue
    exports.push({
      ...base('export', name, undefined),
      ports: source.kind === 'instance' ? portsOf({ ...source }) : [],
      from: describeSource(source),
      host: false,
      companion: false,
      problem: problemOf(plan, name) ?? 'It cannot be exported as the composition is now.',
    })
  }
  for (const item of fits ?? []) {
    // What the target world has and the composition does not.
    if ((item.side === 'import' && item.state !== 'spare') || (item.side === 'export' && item.state !== 'missing'))
      continue
    if (item.side === 'import' && plan.imports.some(({ name }) => name === item.name)) continue
    const list = item.side === 'import' ? imports : exports
    if (list.some(({ name }) => name === item.name)) continue
    const extra: WorldItem = {
      ...base(item.side, item.name, item),
      ports: [],
      from: undefined,
      host: false,
      companion: false,
      problem: undefined,
    }
    list.push(extra)
  }
  const failures = fits?.filter(({ state }) => state === 'missing' || state === 'differs').length
  return { imports: imports.sort(inOrder), exports: exports.sort(inOrder), failures }
}

const rank = { differs: 0, missing: 0, fits: 1, open: 1, spare: 2 }

function inOrder(left: WorldItem, right: WorldItem): number {
  const order = (item: WorldItem): number => (item.problem === undefined ? rank[item.state] : 0)
  return order(left) - order(right) || Number(left.host) - Number(right.host) || (left.name < right.name ? -1 : 1)
}

function base(
  side: WorldItem['side'],
  name: string,
  fit: FitItem | undefined,
  apart?: string,
): Pick<WorldItem, 'side' | 'name' | 'label' | 'version' | 'state' | 'note' | 'hint'> {
  return {
    side,
    name,
    label: shortName(name),
    version: splitVersion(name).version ?? '',
    state: fit?.state ?? 'open',
    note: (fit && describeFit(fit)) ?? (apart === undefined ? undefined : `It is ${apart}.`),
    hint: fit?.hint,
  }
}

function portsOf(source: PlannedSource): PortReference[] {
  if (source.kind === 'instance') return [{ instance: source.instance, side: 'out', name: source.path[0] ?? '' }]
  return source.kind === 'bag' ? source.items.flatMap((item) => portsOf(item.source)) : []
}

function problemOf(plan: Plan, name: string): string | undefined {
  const found = plan.problems.find((problem) => problem.instance === undefined && problem.export === name)
  return found && [found.message, found.hint].filter(Boolean).join(' ')
}

/** Instances that have an export of this name: what could be exported where the target world misses it. */
export function offersOf(
  graph: CompositionGraph,
  exportsOf: (instance: string) => Iterable<string>,
  name: string,
): { readonly instance: string; readonly name: string }[] {
  const found: { readonly instance: string; readonly name: string }[] = []
  for (const instance of Object.keys(graph.instances).sort())
    for (const offered of exportsOf(instance))
      if (matchNames(offered, name) !== 'no') found.push({ instance, name: offered })
  return found
}
