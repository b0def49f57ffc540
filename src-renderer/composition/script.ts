/** Between the composition and its `.wac` text: what a text means with this project's components, and the text of a graph. */
import { kebab } from '../../src-engine/compose/edit.ts'
import type { CompositionGraph, GraphPackage } from '../../src-engine/compose/graph.ts'
import { checkWac, type WacProblem } from '../../src-engine/wac/check.ts'
import { nearest } from '../../src-engine/wac/inference.ts'
import { witAround } from '../../src-engine/wac/known-wit.ts'
import { printImportType } from '../../src-engine/wac/import-type.ts'
import { packagesNamedBy } from '../../src-engine/wac/package-names.ts'
import { parseWac } from '../../src-engine/wac/parse.ts'
import { printWac } from '../../src-engine/wac/print.ts'
import type { TypeOfHash } from '../../src-engine/wac/statements.ts'
import { keepTaken } from '../../src-engine/wac/taken-imports.ts'
import { updateWac } from '../../src-engine/wac/update.ts'
import type { WitPackages } from '../../src-engine/wit/packages.ts'
import type { LibraryItem } from '../../src-preload/contract.ts'
import type { Decoded } from '../state/decoded.ts'

/** A problem of the text with the range it underlines. */
export type ScriptProblem = WacProblem

/** What a text is read against. */
export interface ScriptContext {
  /** The composition as it is: its packages keep their names. */
  readonly graph: CompositionGraph
  readonly library: readonly LibraryItem[]
  readonly decoded: ReadonlyMap<string, Decoded>
  /** WIT packages that imports and `targets` may name; undefined: not read yet. */
  readonly wit: WitPackages | undefined
}

export type ScriptReading =
  /** `items` are the library's entries that the packages stand for; `problems` are of wires that do not fit, and the like. */
  | {
      readonly state: 'good'
      readonly graph: CompositionGraph
      readonly items: ReadonlyMap<string, LibraryItem>
      readonly problems: readonly ScriptProblem[]
    }
  | { readonly state: 'bad'; readonly problems: readonly ScriptProblem[] }
  /** What has to be read first: components by hash, and WIT packages when `wit` is set. */
  | { readonly state: 'waiting'; readonly hashes: readonly string[]; readonly wit: boolean }

interface NamedPackage {
  readonly id: string
  readonly entry: GraphPackage
  readonly item: LibraryItem | undefined
}

/** What a script calls the packages of this project: those of the canvas by their names, the library's as `local:NAME`. */
export function packageNames({ graph, library }: Pick<ScriptContext, 'graph' | 'library'>): Map<string, NamedPackage> {
  const names = new Map<string, NamedPackage>()
  const items = new Map(library.map((item) => [item.id, item]))
  for (const [id, entry] of Object.entries(graph.packages)) {
    names.set(entry.version === undefined ? entry.name : `${entry.name}@${entry.version}`, {
      id,
      entry,
      item: items.get(id),
    })
  }
  const order = { project: 0, folder: 1, sample: 2 }
  for (const item of [...library].sort((left, right) => order[left.origin] - order[right.origin])) {
    if (item.hash === undefined || Object.hasOwn(graph.packages, item.id)) continue
    const name = scriptName(item)
    if (!names.has(name)) names.set(name, { id: item.id, entry: { name, hash: item.hash }, item })
  }
  return names
}

/** `local:greeter` of `greeter.wasm`; samples keep their own namespace until they are part of the project. */
export function scriptName(item: Pick<LibraryItem, 'name' | 'origin'>): string {
  return `${item.origin === 'sample' ? 'sample' : 'local'}:${kebab(item.name.replace(/\.wasm$/i, ''))}`
}

/** Reads a text: the graph it describes with the ids of this project, or why it means none. */
export function readScript(text: string, context: ScriptContext): ScriptReading {
  const names = packageNames(context)
  const waiting = missingFor(text, names, context)
  if (waiting) return waiting
  const { decoded, graph: previous } = context
  const byHash = (hash: string) => {
    const known = decoded.get(hash)
    return known?.state === 'ready' ? known.component : undefined
  }
  const { graph, problems } = checkWac(text, {
    packageOf: (name, version) => {
      const entry = named(names, version === undefined ? name : `${name}@${version}`)?.entry
      const type = entry && byHash(entry.hash)?.type
      return (
        entry && type && { hash: entry.hash, type, ...(entry.version === undefined ? {} : { version: entry.version }) }
      )
    },
    searched: () => [],
    decodedOf: byHash,
    previous,
    wit: witAround(context.wit, previous, typesIn(decoded)),
  })
  const told = problems.map((problem) =>
    problem.code === 'wac.unknown-package'
      ? { ...problem, hint: libraryHint(problem.message, names, decoded) }
      : problem,
  )
  return graph
    ? { state: 'good', ...withIds(keepTaken(graph, previous, typesIn(decoded)), names, previous), problems: told }
    : { state: 'bad', problems: told }
}

/** What the text names and nobody read yet. A text that cannot be parsed names nothing. */
function missingFor(
  text: string,
  names: ReadonlyMap<string, NamedPackage>,
  { decoded, wit }: ScriptContext,
): Extract<ScriptReading, { state: 'waiting' }> | undefined {
  let needs: ReturnType<typeof packagesNamedBy>
  try {
    needs = packagesNamedBy(parseWac(text))
  } catch {
    return undefined
  }
  const hashes = needs.components.flatMap(({ name, version }) => {
    const hash = named(names, version === undefined ? name : `${name}@${version}`)?.entry.hash
    return hash !== undefined && (decoded.get(hash)?.state ?? 'loading') === 'loading' ? [hash] : []
  })
  const needsWit = needs.wit.length > 0 && wit === undefined
  return hashes.length > 0 || needsWit ? { state: 'waiting', hashes, wit: needsWit } : undefined
}

/** The package of this name; without a version also the only one that has one. */
function named(names: ReadonlyMap<string, NamedPackage>, name: string): NamedPackage | undefined {
  const found = names.get(name)
  if (found || name.includes('@')) return found
  const versions = [...names].filter(([candidate]) => candidate.startsWith(`${name}@`))
  return versions.length === 1 ? versions[0]?.[1] : undefined
}

/** The graph with the packages under the ids that the project has for them. */
function withIds(
  graph: CompositionGraph,
  names: ReadonlyMap<string, NamedPackage>,
  before: CompositionGraph,
): { readonly graph: CompositionGraph; readonly items: ReadonlyMap<string, LibraryItem> } {
  const packages: Record<string, GraphPackage> = {}
  const items = new Map<string, LibraryItem>()
  const idOf = (name: string): string => named(names, name)?.id ?? name
  for (const [name, entry] of Object.entries(graph.packages)) {
    const id = idOf(name)
    packages[id] = before.packages[id] ?? entry
    const item = named(names, name)?.item
    if (item) items.set(id, item)
  }
  const instances = Object.fromEntries(
    Object.entries(graph.instances).map(([id, instance]) => [id, { ...instance, package: idOf(instance.package) }]),
  )
  return { graph: { ...graph, packages, instances }, items }
}

/** A package that the library does not have: the nearest name, and what there is. */
function libraryHint(
  message: string,
  names: ReadonlyMap<string, NamedPackage>,
  decoded: ReadonlyMap<string, Decoded>,
): string {
  const asked = /`([^`]+)`/.exec(message)?.[1] ?? ''
  const failed = decoded.get(named(names, asked)?.entry.hash ?? '')
  if (failed?.state === 'failed') return `Its file cannot be read: ${failed.problem.message}`
  const near = nearest(asked, names.keys())
  const all = [...names.keys()].sort()
  const list =
    all.length === 0
      ? 'The library is empty: add components first.'
      : `The library has ${all.slice(0, 10).join(', ')}${all.length > 10 ? ', …' : ''}.`
  return near === undefined ? list : `Did you mean ${near}? ${list}`
}

/** The text of a graph of which nobody wrote one. Throws what a script cannot say. */
export function scriptOf(graph: CompositionGraph, decoded: ReadonlyMap<string, Decoded>, name?: string): string {
  return printWac(name === undefined ? graph : { ...graph, name }, typesIn(decoded), printImportType)
}

/** A text changed as little as the graph asks for, comments kept. Throws what a script cannot say. */
export function scriptAfter(
  written: string,
  graph: CompositionGraph,
  decoded: ReadonlyMap<string, Decoded>,
  wit: WitPackages | undefined,
): string {
  return updateWac(written, graph, { typeOf: typesIn(decoded), ...(wit ? { wit } : {}) })
}

function typesIn(decoded: ReadonlyMap<string, Decoded>): TypeOfHash {
  return (hash) => {
    const known = decoded.get(hash)
    return known?.state === 'ready' ? known.component.type : undefined
  }
}
