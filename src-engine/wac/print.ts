import { readDeclared } from '../compose/declared-import.ts'
import { argumentKey, type CompositionGraph, type GraphImport, type GraphSource } from '../compose/graph.ts'
import { orderInstances } from '../compose/order.ts'
import { fail } from '../error.ts'
import type { ComponentType, Extern } from '../types/graph.ts'
import { printWorldTypes } from '../wit/print.ts'
import { inferName } from './inference.ts'

/** What the printer must know of a package: the type tells which short names are enough. */
export type TypeOfHash = (hash: string) => ComponentType | undefined

/** Prints the type of an import as WAC writes it: a path, a `func(…)` or an inline interface. */
export type PrintImportType = (name: string, extern: Extern | undefined) => string

const keywords = new Set([
  'import',
  'let',
  'export',
  'new',
  'package',
  'targets',
  'as',
  'interface',
  'world',
  'type',
  'record',
  'variant',
  'enum',
  'flags',
  'resource',
  'func',
  'async',
  'use',
  'include',
  'with',
  'static',
  'constructor',
])

/**
 * The graph as a WAC script. Reading it back gives the same graph: instance ids become `let` names, packages keep their
 * names and versions. Statements stand in topological order, equals sorted by id, so that equal graphs print alike.
 * Throws `wac.cycle` for a graph that no script can say and `wac.same-name` where two files claim one package name.
 */
export function printWac(graph: CompositionGraph, typeOf: TypeOfHash, printType: PrintImportType): string {
  const lines = [`package ${packageNameOf(graph.name)};`, '']
  const localOf = localNames(graph)
  checkPackageNames(graph)

  const imports = Object.keys(graph.imports).sort()
  lines.push(...declaredTypes(graph))
  for (const name of imports) {
    const entry = graph.imports[name]
    const type = entry ? importType(graph, entry, name, typeOf, printType) : name
    const local = localOf.get(name) ?? name
    const as = type === name || (local === name && !type.includes('/')) ? '' : ` as ${JSON.stringify(name)}`
    lines.push(`import ${identifier(local)}${as}: ${type};`)
  }
  if (imports.length > 0) lines.push('')

  for (const id of instancesInOrder(graph)) lines.push(...printInstance(graph, id, typeOf, localOf))

  const exports = Object.keys(graph.exports).sort()
  if (exports.length > 0) lines.push('')
  for (const name of exports) {
    const source = graph.exports[name]?.source
    if (!source) continue
    const inferred = source.path.at(-1)
    lines.push(
      `export ${printSource(graph, source, typeOf, localOf)}${inferred === name ? '' : ` as ${externName(name)}`};`,
    )
  }
  return `${lines.join('\n').trimEnd()}\n`
}

/** Types that declared functions mention, each once. */
function declaredTypes(graph: CompositionGraph): string[] {
  const types = new Map<string, string>()
  for (const name of Object.keys(graph.imports).sort()) {
    const declared = graph.imports[name]?.declared
    const reading = declared && readDeclared(declared)
    if (!reading || !('type' in reading)) continue
    for (const [type, text] of printWorldTypes(reading.type)) types.set(type, text)
  }
  return types.size === 0 ? [] : [...types.values(), '']
}

function importType(
  graph: CompositionGraph,
  { typeOf: taker, declared }: GraphImport,
  name: string,
  typeOf: TypeOfHash,
  printType: PrintImportType,
): string {
  if (declared) {
    const reading = readDeclared(declared)
    return printType(declared.name, 'extern' in reading ? reading.extern : undefined)
  }
  const instance = taker && graph.instances[taker.instance]
  const extern = instance && typeOf(graph.packages[instance.package]?.hash ?? '')?.imports.get(taker.name)
  return printType(taker?.name ?? name, extern)
}

function packageNameOf(name: string | undefined): string {
  if (name !== undefined && /^[a-z][a-z0-9-]*(:[a-z][a-z0-9-]*)+$/.test(name)) return name
  const kebab = (name ?? 'composition')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+|-+$/g, '')
  return `local:${kebab || 'composition'}`
}

function packageReference(graph: CompositionGraph, id: string): string {
  const entry = graph.packages[id]
  if (!entry) return id
  return entry.version === undefined ? entry.name : `${entry.name}@${entry.version}`
}

function checkPackageNames(graph: CompositionGraph): void {
  const used = new Map<string, string>()
  for (const id of Object.keys(graph.packages).sort()) {
    const reference = packageReference(graph, id)
    const other = used.get(reference)
    if (other !== undefined) {
      throw fail('wac.same-name', `"${other}" and "${id}" are both called ${reference}`, {
        hint: 'Give one of them another package name; a script knows packages by name.',
      })
    }
    used.set(reference, id)
  }
}

/** A local name for every import: its last segment, unless an instance or another import has it. */
function localNames(graph: CompositionGraph): ReadonlyMap<string, string> {
  const taken = new Set(Object.keys(graph.instances))
  const result = new Map<string, string>()
  for (const name of Object.keys(graph.imports).sort()) {
    const base = /([a-z][a-z0-9-]*)(@.*)?$/.exec(name)?.[1] ?? 'imported'
    let local = base
    for (let count = 2; taken.has(local); count++) local = `${base}-${count}`
    taken.add(local)
    result.set(name, local)
  }
  return result
}

/** Instances with providers first. Throws for a circle: no script can say one. */
function instancesInOrder(graph: CompositionGraph): readonly string[] {
  const { order, cycles } = orderInstances(graph)
  const [cycle] = cycles
  if (!cycle) return order
  throw fail('wac.cycle', `the wiring goes in a circle: ${cycle.join(' → ')}`, { hint: 'Remove one of these wires.' })
}

function printInstance(
  graph: CompositionGraph,
  id: string,
  typeOf: TypeOfHash,
  localOf: ReadonlyMap<string, string>,
): string[] {
  const packageId = graph.instances[id]?.package ?? ''
  const head = `let ${identifier(id)} = new ${packageReference(graph, packageId)} {`
  const type = typeOf(graph.packages[packageId]?.hash ?? '')
  const wired = Object.values(graph.arguments)
    .filter((argument) => argument.instance === id)
    .sort((left, right) => (left.name < right.name ? -1 : 1))
  const open = type
    ? [...type.imports.keys()].some((name) => !Object.hasOwn(graph.arguments, argumentKey(id, name)))
    : true
  if (wired.length === 0) return [`${head}${open ? ' ... ' : ''}};`]
  const lines = wired.map(
    ({ name, source }) => `  ${JSON.stringify(name)}: ${printSource(graph, source, typeOf, localOf)},`,
  )
  return [head, ...lines, ...(open ? ['  ...'] : []), '};']
}

function printSource(
  graph: CompositionGraph,
  source: GraphSource,
  typeOf: TypeOfHash,
  localOf: ReadonlyMap<string, string>,
): string {
  if (source.kind === 'import')
    return (
      identifier(localOf.get(source.import) ?? source.import) +
      source.path.map((name) => `[${JSON.stringify(name)}]`).join('')
    )
  const packageId = graph.instances[source.instance]?.package ?? ''
  let exports = typeOf(graph.packages[packageId]?.hash ?? '')?.exports
  let text = identifier(source.instance)
  for (const name of source.path) {
    text += accessOf(name, exports?.keys() ?? [])
    const extern: Extern | undefined = exports?.get(name)
    exports = extern?.kind === 'instance' ? extern.type.exports : undefined
  }
  return text
}

/** `.add` where that is clear, else `["docs:adder/add@0.1.0"]`. */
function accessOf(name: string, names: Iterable<string>): string {
  const all = [...names]
  const short = /([a-z][a-z0-9-]*)(@.*)?$/.exec(name)?.[1]
  if (short !== undefined) {
    const inferred = inferName(short, all)
    if (inferred && 'found' in inferred && inferred.found === name) return `.${identifier(short)}`
  }
  return `[${JSON.stringify(name)}]`
}

function identifier(name: string): string {
  return keywords.has(name) ? `%${name}` : name
}

function externName(name: string): string {
  return /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name) ? identifier(name) : JSON.stringify(name)
}
