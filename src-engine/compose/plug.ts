import { planComposition } from './build-plan.ts'
import { addExport, addInstance, connect, setPackage } from './edit.ts'
import { fail } from '../error.ts'
import type { Difference } from '../subtype/difference.ts'
import { compareVersions, matchNames, splitVersion } from '../types/names.ts'
import { emptyGraph, type CompositionGraph, type GraphPackage, type InstanceId, type PackageId } from './graph.ts'
import { hostGives, type DecodedOf } from './plan.ts'
import { verdictOf } from './verdict.ts'

/** A component that takes part in a plug. */
export interface Part {
  readonly id: PackageId
  readonly package: GraphPackage
}

/** What became of one import of the socket, and why. */
export type PlugDecision =
  | { readonly kind: 'plugged'; readonly by: InstanceId; readonly export: string; readonly sentence?: string }
  /** No plug exports it. `host`: a WASI host gives it; otherwise it stays open. */
  | { readonly kind: 'left'; readonly host: boolean }
  /** A plug exports it by name, but not what is asked for. */
  | {
      readonly kind: 'refused'
      readonly by: InstanceId
      readonly export: string
      readonly sentence: string
      readonly difference?: Difference
      readonly hint?: string
    }
  /** Several plugs would do; nothing is guessed. */
  | { readonly kind: 'ambiguous'; readonly by: readonly InstanceId[] }

export interface Plugged {
  readonly graph: CompositionGraph
  /** In the order of the socket's imports. */
  readonly decisions: readonly { readonly import: string; readonly decision: PlugDecision }[]
  /** Plugs of which nothing was used; they are not part of the graph. */
  readonly unused: readonly PackageId[]
  /** Whose instance a decision speaks of, also where it is not part of the graph. */
  readonly plugOf: ReadonlyMap<InstanceId, Part>
}

/**
 * Satisfies the imports of `socket` by exports of `plugs`: by exact name, else by a compatible version, and only where the
 * types fit. The result exports all that the socket exports; what the plugs import becomes an import of the result; plugs
 * never feed plugs. Throws `input.missing` for a part whose component is not there.
 */
export function plugGraph(socket: Part, plugs: readonly Part[], decodedOf: DecodedOf): Plugged {
  const type = decodedOf(socket.package.hash)?.type
  if (!type) throw missing(socket)
  let graph = setPackage(emptyGraph, socket.id, socket.package)
  const root = addInstance(graph, socket.id)
  graph = root.graph
  const candidates: { readonly part: Part; readonly instance: InstanceId; readonly exports: readonly string[] }[] = []
  for (const part of plugs) {
    const decoded = decodedOf(part.package.hash)
    if (!decoded) throw missing(part)
    const id = freePackageId(graph, part.id)
    const added = addInstance(setPackage(graph, id, part.package), id)
    graph = added.graph
    candidates.push({ part, instance: added.instance, exports: [...decoded.type.exports.keys()] })
  }

  const decisions: { import: string; decision: PlugDecision }[] = []
  const used = new Set<InstanceId>()
  for (const name of type.imports.keys()) {
    const named = candidates.flatMap(({ instance, exports }) => {
      const found = bestName(exports, name)
      return found === undefined ? [] : [{ instance, export: found }]
    })
    if (named.length === 0) {
      decisions.push({ import: name, decision: { kind: 'left', host: hostGives(name) } })
      continue
    }
    // Earlier imports decide where resources come from, so every import is judged in the composition so far.
    const context = { graph, plan: planComposition(graph, decodedOf), decodedOf }
    const judged = named.map((each) => {
      const source = { kind: 'instance' as const, instance: each.instance, path: [each.export] }
      return { ...each, source, verdict: verdictOf(context, source, { instance: root.instance, name }) }
    })
    const fitting = judged.filter(({ verdict }) => verdict.fits !== 'no')
    const [first] = fitting
    const [refused] = judged
    if (first && fitting.length === 1) {
      graph = connect(graph, root.instance, name, first.source)
      used.add(first.instance)
      const { sentence } = first.verdict
      decisions.push({
        import: name,
        decision: {
          kind: 'plugged',
          by: first.instance,
          export: first.export,
          ...(sentence === undefined ? {} : { sentence }),
        },
      })
    } else if (first)
      decisions.push({ import: name, decision: { kind: 'ambiguous', by: fitting.map((each) => each.instance) } })
    else if (refused) {
      const { difference, sentence, hint } = refused.verdict
      decisions.push({
        import: name,
        decision: {
          kind: 'refused',
          by: refused.instance,
          export: refused.export,
          sentence: sentence ?? 'The types differ.',
          ...(difference ? { difference } : {}),
          ...(hint === undefined ? {} : { hint }),
        },
      })
    }
  }
  for (const name of type.exports.keys())
    graph = addExport(graph, name, { kind: 'instance', instance: root.instance, path: [name] })
  const unused = candidates.filter(({ instance }) => !used.has(instance))
  return {
    graph: dropInstances(graph, new Set(unused.map((each) => each.instance))),
    decisions,
    unused: unused.map((each) => each.part.id),
    plugOf: new Map(candidates.map(({ instance, part }) => [instance, part])),
  }
}

/** The export that an import would take by its name: exact, else the highest compatible version. */
export function bestName(exports: Iterable<string>, wanted: string): string | undefined {
  let best: string | undefined
  for (const name of exports) {
    if (name === wanted) return name
    if (matchNames(name, wanted) === 'no') continue
    if (best === undefined || compareVersions(splitVersion(name).version, splitVersion(best).version) > 0) best = name
  }
  return best
}

function freePackageId(graph: CompositionGraph, base: PackageId): PackageId {
  let id = base
  for (let count = 2; Object.hasOwn(graph.packages, id); count++) id = `${base}-${count}`
  return id
}

function dropInstances(graph: CompositionGraph, gone: ReadonlySet<InstanceId>): CompositionGraph {
  const instances = Object.fromEntries(Object.entries(graph.instances).filter(([id]) => !gone.has(id)))
  const used = new Set(Object.values(instances).map((each) => each.package))
  const packages = Object.fromEntries(Object.entries(graph.packages).filter(([id]) => used.has(id)))
  return { ...graph, instances, packages }
}

function missing(part: Part) {
  return fail('input.missing', `the component "${part.package.name}" cannot be read`)
}
