/** Between the composition and its `.wac` text: what a text means with this project's components, and the text of a graph. */
import { kebab } from '../../src-engine/compose/edit.ts'
import type { CompositionGraph, GraphPackage } from '../../src-engine/compose/graph.ts'
import type { Problem } from '../../src-engine/error.ts'
import { PatchbayError, problemOf } from '../../src-engine/error.ts'
import { nearest } from '../../src-engine/wac/inference.ts'
import { printImportType } from '../../src-engine/wac/import-type.ts'
import { parseWac } from '../../src-engine/wac/parse.ts'
import { printWac } from '../../src-engine/wac/print.ts'
import { resolveWac, type WacPackage } from '../../src-engine/wac/resolve.ts'
import type { Expression, WacDocument } from '../../src-engine/wac/syntax.ts'
import { TextError } from '../../src-engine/wit/source.ts'
import type { LibraryItem } from '../../src-preload/contract.ts'
import type { Decoded } from '../state/decoded.ts'

/** A problem of the text with the range it underlines; lines and columns from 1. */
export interface ScriptProblem {
  readonly code: Problem['code']
  readonly message: string
  readonly hint?: string
  readonly line: number
  readonly column: number
  readonly endLine: number
  readonly endColumn: number
}

/** What a text is read against. */
export interface ScriptContext {
  /** The composition as it is: its packages keep their names. */
  readonly graph: CompositionGraph
  readonly library: readonly LibraryItem[]
  readonly decoded: ReadonlyMap<string, Decoded>
}

export type ScriptReading =
  /** `items` are the library's entries that the packages stand for. */
  | { readonly state: 'good'; readonly graph: CompositionGraph; readonly items: ReadonlyMap<string, LibraryItem> }
  | { readonly state: 'bad'; readonly problems: readonly ScriptProblem[] }
  /** Components that have to be read first, by hash. */
  | { readonly state: 'waiting'; readonly hashes: readonly string[] }

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
  try {
    const document = parseWac(text)
    const waiting = new Set<string>()
    for (const name of packagesOf(document)) {
      const hash = names.get(name)?.entry.hash
      if (hash !== undefined && (context.decoded.get(hash)?.state ?? 'loading') === 'loading') waiting.add(hash)
    }
    if (waiting.size > 0) return { state: 'waiting', hashes: [...waiting] }
    const { graph } = resolveWac(document, {
      packageOf: (name, version) => packageOf(names.get(version === undefined ? name : `${name}@${version}`), context),
      searched: () => [],
    })
    return { state: 'good', ...withIds(graph, names, context.graph) }
  } catch (thrown) {
    return { state: 'bad', problems: [scriptProblem(thrown, names)] }
  }
}

function packageOf(named: NamedPackage | undefined, { decoded }: ScriptContext): WacPackage | undefined {
  if (!named) return undefined
  const known = decoded.get(named.entry.hash)
  if (known?.state === 'failed') throw new PatchbayError(known.problem)
  if (known?.state !== 'ready') return undefined
  const { version, hash } = named.entry
  return { hash, type: known.component.type, ...(version === undefined ? {} : { version }) }
}

/** The graph with the packages under the ids that the project has for them. */
function withIds(
  graph: CompositionGraph,
  names: ReadonlyMap<string, NamedPackage>,
  before: CompositionGraph,
): { readonly graph: CompositionGraph; readonly items: ReadonlyMap<string, LibraryItem> } {
  const packages: Record<string, GraphPackage> = {}
  const items = new Map<string, LibraryItem>()
  const idOf = (name: string): string => names.get(name)?.id ?? name
  for (const [name, entry] of Object.entries(graph.packages)) {
    const id = idOf(name)
    packages[id] = before.packages[id] ?? entry
    const item = names.get(name)?.item
    if (item) items.set(id, item)
  }
  const instances = Object.fromEntries(
    Object.entries(graph.instances).map(([id, instance]) => [id, { ...instance, package: idOf(instance.package) }]),
  )
  return { graph: { ...graph, packages, instances }, items }
}

/** Names with versions of all packages that a script instantiates. */
function packagesOf(document: WacDocument): string[] {
  const found: string[] = []
  const visit = (expression: Expression): void => {
    if (expression.kind === 'access') visit(expression.of)
    if (expression.kind !== 'new') return
    const { name, version } = expression.package
    found.push(version === undefined ? name : `${name}@${version}`)
    for (const argument of expression.arguments) if (argument.kind === 'named') visit(argument.value)
  }
  for (const statement of document.statements)
    if (statement.kind === 'let' || statement.kind === 'export') visit(statement.expression)
  return found
}

function scriptProblem(thrown: unknown, names: ReadonlyMap<string, NamedPackage>): ScriptProblem {
  const { code, message, hint, where } = problemOf(thrown)
  const line = where?.line ?? 1
  const column = where?.column ?? 1
  const end = thrown instanceof TextError ? thrown.source.positionOf(thrown.span.end) : { line, column: column + 1 }
  const advice = code === 'wac.unknown-package' ? libraryHint(message, names) : hint
  return {
    code,
    message,
    ...(advice === undefined ? {} : { hint: advice }),
    line,
    column,
    endLine: end.line,
    // An empty range could not be seen.
    endColumn: end.line === line && end.column <= column ? column + 1 : end.column,
  }
}

/** A package that the library does not have: the nearest name, and what there is. */
function libraryHint(message: string, names: ReadonlyMap<string, NamedPackage>): string {
  const asked = /`([^`]+)`/.exec(message)?.[1] ?? ''
  const near = nearest(asked, names.keys())
  const all = [...names.keys()].sort()
  const list =
    all.length === 0
      ? 'The library is empty: add components first.'
      : `The library has ${all.slice(0, 10).join(', ')}${all.length > 10 ? ', …' : ''}.`
  return near === undefined ? list : `Did you mean ${near}? ${list}`
}

/** The text of a graph; `before` is what a person wrote last. Throws what a script cannot say. */
export function scriptOf(graph: CompositionGraph, decoded: ReadonlyMap<string, Decoded>, name?: string): string {
  const typeOf = (hash: string) => {
    const known = decoded.get(hash)
    return known?.state === 'ready' ? known.component.type : undefined
  }
  return printWac(name === undefined ? graph : { ...graph, name }, typeOf, printImportType)
}
