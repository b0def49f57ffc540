/**
 * The `.wac` text as a second way to edit the graph. What is typed becomes one entry of the history at each pause; a text
 * with mistakes changes nothing, the graph stays at the last one that made sense.
 */
import { create } from 'zustand'
import type { CompositionGraph } from '../../src-engine/compose/graph.ts'
import { problemOf } from '../../src-engine/error.ts'
import { withTarget } from '../../src-engine/wac/target.ts'
import type { Problem } from '../../src-preload/contract.ts'
import { intoProject } from '../library/place-item.ts'
import { ensureDecoded, useDecoded } from '../state/decoded.ts'
import { graphOf, sameGraph, type Tables, withGraph } from '../state/document.ts'
import { edit, useProject } from '../state/project.ts'
import { renamesBetween, withRenames } from './rename.ts'
import { targetAfter, targetName } from './target-name.ts'
import { readScript, scriptAfter, type ScriptProblem, scriptOf } from './script.ts'
import { ensureWitPackages, forgetWitPackages, useWitPackages } from './wit-packages.ts'

interface ScriptText {
  /** What was typed and is not in the graph (yet). */
  readonly draft: string | undefined
  /** Why it is not. */
  readonly problems: readonly ScriptProblem[]
  /** Something that has no place in the text. */
  readonly trouble: Problem | undefined
  /** The draft waits for components to be read, or for a pause. */
  readonly pending: boolean
  /** The graph was edited elsewhere while the draft had mistakes. */
  readonly overtaken: boolean
}

const settled: ScriptText = {
  draft: undefined,
  problems: [],
  trouble: undefined,
  pending: false,
  overtaken: false,
}

export const useScriptText = create<ScriptText>()(() => settled)

/** Milliseconds without a key until what was typed counts. */
const pause = 450

let timer: ReturnType<typeof setTimeout> | undefined

/** Every change of the text by a person. */
export function typeScript(text: string): void {
  clearTimeout(timer)
  useScriptText.setState({ draft: text, pending: true })
  timer = setTimeout(() => void takeScript(), pause)
}

/** Drops what was typed and shows the text of the graph again. */
export function discardScript(): void {
  clearTimeout(timer)
  useScriptText.setState(settled)
}

/** Takes what was typed into the graph now, if it makes sense. Returns whether nothing is left over. */
export async function takeScript(): Promise<boolean> {
  clearTimeout(timer)
  const { draft } = useScriptText.getState()
  if (draft === undefined) return true
  const reading = read(draft, useProject.getState().tables)
  // The text is read again when what it waits for is there.
  if (reading.state === 'waiting') return false
  if (reading.state === 'bad') {
    useScriptText.setState({ problems: reading.problems, pending: false, trouble: undefined })
    return false
  }
  try {
    const ids = new Map<string, string>()
    for (const [id, item] of reading.items) {
      if (item.origin === 'project') continue
      ids.set(id, (await intoProject(item)).id)
    }
    // Somebody may have typed on while a sample was copied.
    if (useScriptText.getState().draft !== draft) return false
    applyScript(draft, withPackageIds(reading.graph, ids))
    // Wires that do not fit are in the graph, as on the canvas; they are underlined until they do.
    useScriptText.setState(settled)
    return true
  } catch (thrown) {
    useScriptText.setState({ trouble: problemOf(thrown), pending: false })
    return false
  }
}

function applyScript(text: string, graph: CompositionGraph): void {
  edit('Edit the text', (tables) => {
    const before = graphOf(tables)
    const renamed = withRenames(tables, renamesBetween(before, graph))
    const next = sameGraph(before, graph) ? renamed : withGraph(renamed, graph)
    return { ...next, script: { text }, target: targetAfter(text, tables.target, useWitPackages.getState().places) }
  })
}

/** The graph with other ids for its packages. */
function withPackageIds(graph: CompositionGraph, ids: ReadonlyMap<string, string>): CompositionGraph {
  if (ids.size === 0) return graph
  const idOf = (id: string): string => ids.get(id) ?? id
  return {
    ...graph,
    packages: Object.fromEntries(Object.entries(graph.packages).map(([id, entry]) => [idOf(id), entry])),
    instances: Object.fromEntries(
      Object.entries(graph.instances).map(([id, { package: packageId }]) => [id, { package: idOf(packageId) }]),
    ),
  }
}

/** Reads a text against the project as it is, and asks for what it lacks. */
function read(text: string, tables: Tables): ReturnType<typeof readScript> {
  const reading = readScript(text, {
    graph: graphOf(tables),
    library: useProject.getState().library,
    decoded: useDecoded.getState().byHash,
    wit: useWitPackages.getState().packages,
  })
  if (reading.state === 'waiting') {
    ensureDecoded(reading.hashes)
    if (reading.wit) ensureWitPackages()
  }
  return reading
}

let shown:
  { readonly tables: Tables; readonly decoded: unknown; readonly wit: unknown; readonly text: string } | undefined

/** The text of the composition: as it was written where it still says what the graph is, else brought up to it. */
export function scriptText(tables: Tables): string {
  const { byHash } = useDecoded.getState()
  const { packages: wit } = useWitPackages.getState()
  if (shown && sameScript(shown.tables, tables) && shown.decoded === byHash && shown.wit === wit) return shown.text
  const text = freshText(tables)
  shown = { tables, decoded: byHash, wit, text }
  return text
}

function sameScript(left: Tables, right: Tables): boolean {
  return left.script === right.script && left.target === right.target && graphOf(left) === graphOf(right)
}

function freshText(tables: Tables): string {
  return withTarget(textOfGraph(tables), targetName(tables.target['world']))
}

function textOfGraph(tables: Tables): string {
  const graph = graphOf(tables)
  const written = tables.script['text']
  const decoded = useDecoded.getState().byHash
  if (written === undefined) return scriptOf(graph, decoded, useProject.getState().name)
  const reading = read(written, tables)
  if (reading.state === 'waiting' || (reading.state === 'good' && sameGraph(graph, reading.graph))) return written
  return scriptAfter(written, graph, decoded, useWitPackages.getState().packages)
}

/** What is wrong with a text that the graph agrees with: wires that do not fit, a target world that is missed. */
export function problemsOfText(text: string, tables: Tables): readonly ScriptProblem[] {
  const reading = read(text, tables)
  return reading.state === 'waiting' ? [] : reading.problems
}

/** Reads waiting drafts again when components arrive, and notices edits made elsewhere. Called once. */
export function startScript(): void {
  const again = (): void => {
    if (useScriptText.getState().pending) void takeScript()
  }
  useDecoded.subscribe(again)
  useWitPackages.subscribe(again)
  useProject.subscribe((now, before) => {
    if (now.generation !== before.generation) {
      discardScript()
      forgetWitPackages()
      return
    }
    const { draft, problems } = useScriptText.getState()
    if (draft === undefined) return
    if (graphOf(now.tables) !== graphOf(before.tables)) {
      if (problems.length > 0) useScriptText.setState({ overtaken: true })
    } else if (now.library !== before.library) void takeScript()
  })
}
