/** Which exports of an instance leave the composition, under which names: the model behind the dialog. */
import { checkNames } from '../../src-engine/compose/check-graph.ts'
import { addExport, removeExport } from '../../src-engine/compose/edit.ts'
import type { CompositionGraph } from '../../src-engine/compose/graph.ts'
import type { PlanProblem } from '../../src-engine/compose/plan.ts'
import type { ComponentType, Extern } from '../../src-engine/types/graph.ts'
import { shortName } from '../../src-engine/types/names.ts'
import { graphOf } from '../state/document.ts'
import { usePlan } from '../state/plan.ts'
import { useProject } from '../state/project.ts'

/** Something of an instance that can be exported: the whole, one of its exports, or a function inside one. */
export interface ExportChoice {
  readonly path: readonly string[]
  readonly label: string
  readonly extern: Extern
  /** The name it has unless another is given. */
  readonly name: string
  readonly inside: readonly ExportChoice[]
}

/** Names of what is exported, by {@link pathKey}. */
export type ChosenExports = ReadonlyMap<string, string>

export function pathKey(path: readonly string[]): string {
  return JSON.stringify(path)
}

/** Everything an instance of this type can export; types alone are of no use outside. */
export function exportChoices(type: ComponentType, instance: string): ExportChoice {
  const whole: Extern = { kind: 'instance', type: { kind: 'instance', exports: type.exports } }
  const inside = [...type.exports].flatMap(([name, extern]) => {
    if (extern.kind === 'type') return []
    const functions =
      extern.kind !== 'instance'
        ? []
        : [...extern.type.exports].flatMap(([item, inner]): ExportChoice[] =>
            // A method makes no sense without the resource it belongs to.
            inner.kind === 'function' && !item.startsWith('[')
              ? [{ path: [name, item], label: item, extern: inner, name: item, inside: [] }]
              : [],
          )
    return [{ path: [name], label: shortName(name), extern, name, inside: functions }]
  })
  return { path: [], label: instance, extern: whole, name: instance, inside }
}

/** What the graph exports of an instance; of a source with several names the first in order. */
export function chosenExports(graph: CompositionGraph, instance: string): ChosenExports {
  const chosen = new Map<string, string>()
  for (const name of Object.keys(graph.exports).sort()) {
    const source = graph.exports[name]?.source
    if (source?.kind !== 'instance' || source.instance !== instance) continue
    const key = pathKey(source.path)
    if (!chosen.has(key)) chosen.set(key, name)
  }
  return chosen
}

/** The graph with exactly these exports of an instance; further names of one source stay as long as it is chosen. */
export function withExports(graph: CompositionGraph, instance: string, chosen: ChosenExports): CompositionGraph {
  const before = chosenExports(graph, instance)
  let next = graph
  for (const [name, { source }] of Object.entries(graph.exports)) {
    if (source.kind !== 'instance' || source.instance !== instance) continue
    const key = pathKey(source.path)
    const wanted = chosen.get(key)
    if (wanted === undefined || (before.get(key) === name && wanted !== name)) next = removeExport(next, name)
  }
  for (const [key, name] of chosen) {
    const path: readonly string[] = JSON.parse(key)
    if (!Object.hasOwn(next.exports, name)) next = addExport(next, name, { kind: 'instance', instance, path })
  }
  return next
}

/** Why something cannot be exported under a name; undefined when it can. */
export function nameProblem(
  graph: CompositionGraph,
  instance: string,
  chosen: ChosenExports,
  choice: Pick<ExportChoice, 'path' | 'extern'>,
): string | undefined {
  const key = pathKey(choice.path)
  const name = chosen.get(key)
  if (name === undefined) return undefined
  if (name === '') return 'It needs a name.'
  const bad = badName(name, choice.extern)
  if (bad !== undefined) return bad
  if ([...chosen].some(([other, taken]) => other !== key && taken === name))
    return `Another row here is exported as ${name} already.`
  const source = graph.exports[name]?.source
  if (source && !(source.kind === 'instance' && source.instance === instance))
    return `The composition exports ${name} from ${source.kind === 'instance' ? source.instance : `import ${source.import}`} already.`
  return undefined
}

/** Why an export of the open composition cannot be called `to`; undefined when it can. */
export function renameProblem(from: string, to: string): string | undefined {
  const graph = graphOf(useProject.getState().tables)
  if (to === from) return undefined
  if (to === '') return 'It needs a name.'
  if (Object.hasOwn(graph.exports, to)) return `The composition exports ${to} already.`
  const extern = usePlan.getState().plan?.exports.find(({ name }) => name === from)?.extern
  return extern && badName(to, extern)
}

/** Why nothing can be imported into the open composition as `name`; undefined when it can. */
export function importNameProblem(name: string): string | undefined {
  if (name === '') return 'It needs a name.'
  const graph = graphOf(useProject.getState().tables)
  if (Object.hasOwn(graph.imports, name)) return `The composition imports ${name} already.`
  return badName(name, anyInterface, 'import')
}

/** Interface names are for interfaces, plain names for everything. */
const anyInterface: Extern = { kind: 'instance', type: { kind: 'instance', exports: new Map() } }

function badName(name: string, extern: Extern, side: 'import' | 'export' = 'export'): string | undefined {
  const problems: PlanProblem[] = []
  checkNames([{ name, extern }], side, (problem) => void problems.push(problem))
  const [first] = problems
  return first && [first.message, first.hint].filter(Boolean).join('. ')
}
