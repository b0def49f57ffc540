import { readDeclared } from '../compose/declared-import.ts'
import { orderDeclared, readDeclaredType, type TypeDeclared } from '../compose/declared-type.ts'
import { argumentKey, type CompositionGraph, type GraphSource } from '../compose/graph.ts'
import type { ComponentType, Extern } from '../types/graph.ts'
import { parseName } from '../types/names.ts'
import { printFace, printWorldBlock, printWorldTypes } from '../wit/print.ts'
import { printFunction } from '../wit/print-types.ts'
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

/** Prints the statements of a graph one by one. */
export class Statements {
  readonly #graph: CompositionGraph
  readonly #typeOf: TypeOfHash
  readonly #printType: PrintImportType
  readonly #localOf: ReadonlyMap<string, string>

  /** `localOf` gives the local name of each import; by default one is made up. */
  constructor(
    graph: CompositionGraph,
    typeOf: TypeOfHash,
    printType: PrintImportType,
    localOf: ReadonlyMap<string, string> = new Map(),
  ) {
    this.#graph = graph
    this.#typeOf = typeOf
    this.#printType = printType
    this.#localOf = localNames(graph, localOf)
  }

  /** Types that the composition declares, and those that declared functions mention, by the name that scripts call them. */
  types(): Map<string, string> {
    const types = new Map<string, string>()
    const { types: declared = {} } = this.#graph
    for (const name of orderDeclared(declared)) {
      const reading = declared[name] && readDeclaredType(declared[name])
      if (!reading || 'problem' in reading) continue
      types.set(reading.label, printDeclared(declared[name]?.name ?? name, reading))
    }
    for (const name of Object.keys(this.#graph.imports).sort()) {
      const declared = this.#graph.imports[name]?.declared
      const reading = declared && readDeclared(declared)
      if (!reading || !('type' in reading)) continue
      for (const [type, text] of printWorldTypes(reading.type)) if (!types.has(type)) types.set(type, text)
    }
    return types
  }

  /** `export t as "u";` for each type that goes by another name outside, by that name. */
  typeExports(): Map<string, string> {
    const { types = {} } = this.#graph
    const found = new Map<string, string>()
    for (const name of Object.keys(types).sort()) {
      const reading = types[name] && readDeclaredType(types[name])
      if (!reading || 'problem' in reading || reading.label === name) continue
      found.set(name, `export ${identifier(reading.label)} as ${externName(name)};`)
    }
    return found
  }

  import(name: string): string {
    const type = this.importType(name)
    const local = this.#localOf.get(name) ?? name
    const as = type === name || (local === name && !type.includes('/')) ? '' : ` as ${JSON.stringify(name)}`
    return `import ${identifier(local)}${as}: ${type};`
  }

  let(id: string): string {
    const entry = this.#graph.instances[id]?.package ?? ''
    const head = `let ${identifier(id)} = new ${this.package(entry)} {`
    const wired = this.argumentsOf(id)
    const fill = this.isOpen(id)
    if (wired.length === 0) return `${head}${fill ? ' ... ' : ''}};`
    const lines = wired.map(({ name, source }) => `  ${this.argument(name, source)},`)
    return [head, ...lines, ...(fill ? ['  ...'] : []), '};'].join('\n')
  }

  export(name: string): string {
    const source = this.#graph.exports[name]?.source
    if (!source) return ''
    return `export ${this.source(source)}${source.path.at(-1) === name ? '' : ` as ${externName(name)}`};`
  }

  /** `"docs:adder/add@0.1.0": adder.add` */
  argument(name: string, source: GraphSource): string {
    return `${JSON.stringify(name)}: ${this.source(source)}`
  }

  /** The wires to an instance, by name. */
  argumentsOf(id: string): { readonly name: string; readonly source: GraphSource }[] {
    return Object.values(this.#graph.arguments)
      .filter((argument) => argument.instance === id)
      .sort((left, right) => (left.name < right.name ? -1 : 1))
  }

  /** Does it have imports that are left to the outside? */
  isOpen(id: string): boolean {
    const type = this.#typeOf(this.#graph.packages[this.#graph.instances[id]?.package ?? '']?.hash ?? '')
    if (!type) return true
    return [...type.imports.keys()].some((name) => !Object.hasOwn(this.#graph.arguments, argumentKey(id, name)))
  }

  /** `docs:adder@0.1.0` */
  package(id: string): string {
    const entry = this.#graph.packages[id]
    if (!entry) return id
    return entry.version === undefined ? entry.name : `${entry.name}@${entry.version}`
  }

  source(source: GraphSource): string {
    if (source.kind === 'import') {
      const path = source.path.map((name) => `[${JSON.stringify(name)}]`)
      return identifier(this.#localOf.get(source.import) ?? source.import) + path.join('')
    }
    const entry = this.#graph.instances[source.instance]?.package ?? ''
    let exports = this.#typeOf(this.#graph.packages[entry]?.hash ?? '')?.exports
    let text = identifier(source.instance)
    for (const name of source.path) {
      text += accessOf(name, exports?.keys() ?? [])
      const extern: Extern | undefined = exports?.get(name)
      exports = extern?.kind === 'instance' ? extern.type.exports : undefined
    }
    return text
  }

  /** The type of an import: the path of its interface, or all of it. */
  importType(name: string): string {
    const { typeOf: taker, declared } = this.#graph.imports[name] ?? {}
    if (declared) {
      const reading = readDeclared(declared)
      return this.#printType(declared.name, 'extern' in reading ? reading.extern : undefined)
    }
    const instance = taker && this.#graph.instances[taker.instance]
    const type = instance && this.#typeOf(this.#graph.packages[instance.package]?.hash ?? '')
    return this.#printType(taker?.name ?? name, taker && type?.imports.get(taker.name))
  }
}

/** A declaration as it stands in a script. */
function printDeclared(name: string, { kind, label, world, extern }: TypeDeclared): string {
  switch (kind) {
    case 'value':
      return printWorldTypes(world).get(label) ?? ''
    case 'function':
      return extern.structure?.kind === 'function'
        ? `type ${identifier(label)} = ${printFunction(extern.structure)};`
        : ''
    case 'interface':
      return printFace(world, name)
    case 'world':
      return printWorldBlock(world, label, packageOfName(name))
  }
}

/** `a:b@1.0.0` of `a:b/c@1.0.0`. */
export function packageOfName(name: string): string | undefined {
  const parsed = parseName(name)
  if (parsed.kind !== 'interface') return undefined
  return parsed.version === undefined ? parsed.package : `${parsed.package}@${parsed.version}`
}

/** A local name for every import: the given one, else its last segment, unless an instance or another import has it. */
function localNames(graph: CompositionGraph, given: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const labels = Object.values(graph.types ?? {}).flatMap((declared) => {
    const reading = readDeclaredType(declared)
    return 'label' in reading ? [reading.label] : []
  })
  const taken = new Set([...Object.keys(graph.instances), ...labels, ...given.values()])
  const result = new Map(given)
  for (const name of Object.keys(graph.imports).sort()) {
    if (result.has(name)) continue
    const base = /([a-z][a-z0-9-]*)(@.*)?$/.exec(name)?.[1] ?? 'imported'
    let local = base
    for (let count = 2; taken.has(local); count++) local = `${base}-${count}`
    taken.add(local)
    result.set(name, local)
  }
  return result
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

/** A name as an identifier: keywords are escaped. */
export function identifier(name: string): string {
  return keywords.has(name) ? `%${name}` : name
}

function externName(name: string): string {
  return /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name) ? identifier(name) : JSON.stringify(name)
}
