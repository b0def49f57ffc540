import { argumentKey, type CompositionGraph } from '../compose/graph.ts'
import { hostGives } from '../compose/plan.ts'
import type { ComponentType } from '../types/graph.ts'
import { shortName } from '../types/names.ts'

/** One import or export as a drawing shows it. */
export interface DiagramPort {
  /** Exact name. */
  readonly name: string
  readonly label: string
  readonly kind: string
  readonly wired: boolean
  readonly problem?: string | undefined
}

export interface DiagramInstance {
  readonly id: string
  /** File or package name. */
  readonly packageName: string
  /** Index of a colour, any whole number from 0. */
  readonly colour: number
  readonly inputs: readonly DiagramPort[]
  /** Imports that the host gives and nobody wired: one quiet row. */
  readonly hostInputs: readonly DiagramPort[]
  readonly outputs: readonly DiagramPort[]
}

export interface DiagramWire {
  /** `name` is empty where an instance is taken as a whole; `instance` is {@link importsPlaceKey} for an import of the world. */
  readonly from: { readonly instance: string; readonly name: string }
  /** `instance` is undefined for an export of the world. */
  readonly to: { readonly instance: string | undefined; readonly name: string }
  readonly colour: number
  readonly problem?: string | undefined
}

/** What Mermaid and SVG draw: the graph with names, free of types. */
export interface Diagram {
  readonly instances: readonly DiagramInstance[]
  readonly wires: readonly DiagramWire[]
  /** Names of the composition's exports. */
  readonly exports: readonly string[]
  /** Names of its explicit imports. */
  readonly imports: readonly string[]
}

/** Keys of the world's two nodes among places and at the ends of wires. */
export const worldPlaceKey = '$world'
export const importsPlaceKey = '$imports'

/** The diagram of a graph. Where a component's type is unknown the ports are those that its wires name. */
export function diagramOf(
  graph: CompositionGraph,
  typeOf: (hash: string) => ComponentType | undefined,
  nameOf: (packageId: string) => string | undefined = () => undefined,
): Diagram {
  const colours = new Map(
    Object.keys(graph.packages)
      .sort()
      .map((id, index) => [id, index]),
  )
  const colourOf = (instance: string): number => colours.get(graph.instances[instance]?.package ?? '') ?? 0
  const sources = [...Object.values(graph.arguments), ...Object.values(graph.exports)].map(({ source }) => source)
  const taken = new Set(
    sources.flatMap((source) =>
      source.kind === 'instance' && source.path[0] !== undefined ? [`${source.instance} ${source.path[0]}`] : [],
    ),
  )
  const instances = Object.keys(graph.instances)
    .sort()
    .map((id): DiagramInstance => {
      const packageId = graph.instances[id]?.package ?? ''
      const entry = graph.packages[packageId]
      const type = entry && typeOf(entry.hash)
      const wired = Object.values(graph.arguments).flatMap((wire) => (wire.instance === id ? [wire.name] : []))
      const given = [...taken].flatMap((key) => (key.startsWith(`${id} `) ? [key.slice(id.length + 1)] : []))
      const inputs = [...new Set([...(type?.imports.keys() ?? []), ...wired])].map((name): DiagramPort => ({
        name,
        label: shortName(name),
        kind: type?.imports.get(name)?.kind ?? 'instance',
        wired: Object.hasOwn(graph.arguments, argumentKey(id, name)),
      }))
      const outputs = [...new Set([...(type?.exports.keys() ?? []), ...given])].map((name): DiagramPort => ({
        name,
        label: shortName(name),
        kind: type?.exports.get(name)?.kind ?? 'instance',
        wired: taken.has(`${id} ${name}`),
      }))
      const quiet = (port: DiagramPort): boolean => !port.wired && (hostGives(port.name) || port.kind === 'type')
      return {
        id,
        packageName: nameOf(packageId) ?? entry?.name ?? packageId,
        colour: colourOf(id),
        inputs: inputs.filter((port) => !quiet(port)),
        hostInputs: inputs.filter(quiet),
        outputs,
      }
    })
  const wires: DiagramWire[] = []
  const exported = Object.entries(graph.exports).map(([name, { source }]) => ({ instance: undefined, name, source }))
  for (const { instance, name, source } of [...Object.values(graph.arguments), ...exported]) {
    wires.push({
      from:
        source.kind === 'instance'
          ? { instance: source.instance, name: source.path[0] ?? '' }
          : { instance: importsPlaceKey, name: source.import },
      to: { instance, name },
      // What comes from outside has no colour of its own.
      colour: colourOf(source.kind === 'instance' ? source.instance : (instance ?? '')),
    })
  }
  const keyOf = ({ from, to }: DiagramWire): string => [to.instance ?? '~', to.name, from.instance, from.name].join(' ')
  wires.sort((left, right) => (keyOf(left) < keyOf(right) ? -1 : 1))
  return {
    instances,
    wires,
    exports: Object.keys(graph.exports).sort(),
    imports: Object.keys(graph.imports).sort(),
  }
}
