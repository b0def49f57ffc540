import {
  peel,
  type ComponentType,
  type Extern,
  type FunctionType,
  type InstanceType,
  type Structure,
  type TypeNode,
} from '../types/graph.ts'
import { parseName } from '../types/names.ts'
import { describeStructure, printFunction, printLabel, printStructure, printType } from './print-types.ts'

/** Where a type was introduced: the interface and its name there. */
interface Home {
  readonly face: string
  readonly name: string
}

/**
 * The WIT of a component: the root world, then every interface it mentions with all its types, package by package. What an
 * interface does not use of its package is not in the file, and so not in the text.
 */
export function printWorld(component: ComponentType, worldName = 'root'): string {
  return new WorldPrinter(component).print(worldName)
}

/**
 * A WIT package that was built into a binary, as WIT again: first what it holds, then the packages it uses as far as it
 * shows them. (wit-component, "WIT packages as binaries".)
 */
export function printPackage(declarations: ReadonlyMap<string, ComponentType>): string {
  const faces = new Map<string, Map<string, string[]>>()
  const worlds = new Map<string, [string, string[]][]>()
  for (const outer of declarations.values()) {
    for (const [name, extern] of outer.exports) {
      const inner: ComponentType =
        extern.kind === 'component'
          ? extern.type
          : { kind: 'component', imports: outer.imports, exports: new Map([[name, extern]]) }
      const printer = new WorldPrinter(inner)
      if (extern.kind === 'component') {
        const owner = packageOf(name) ?? ''
        worlds.set(owner, [...(worlds.get(owner) ?? []), [name, printer.world(labelOf(name), owner)]])
      }
      for (const [face, items] of printer.faces()) {
        const known = faces.get(face) ?? new Map<string, string[]>()
        // Where an interface is used there may be less of it than there is: of a resource some functions, say.
        for (const [item, lines] of items) known.set(item, fuller(known.get(item), lines))
        faces.set(face, known)
      }
    }
  }
  const packages = groupByPackage(faces)
  for (const owner of worlds.keys()) if (!packages.has(owner)) packages.set(owner, [])
  const blocks = [...packages].map(([owner, inside]) => {
    const interfaces = inside.map(([name, items]) => [
      `interface ${printLabel(labelOf(name))} {`,
      ...indent([...items.values()].flat()),
      '}',
    ])
    const all = [...interfaces, ...(worlds.get(owner) ?? []).map(([, lines]) => lines)]
    const body = all.flatMap((lines, index) => (index > 0 ? ['', ...lines] : lines))
    return [`package ${owner} {`, ...indent(body), '}'].join('\n')
  })
  return `${blocks.join('\n\n')}\n`
}

/** Of two views of an item the one that shows more; of two views of a resource the functions of both. */
function fuller(known: readonly string[] | undefined, lines: readonly string[]): string[] {
  if (!known || known.length <= 1) return [...lines]
  if (!lines[0]?.startsWith('resource ') || lines.length <= 1)
    return known.length < lines.length ? [...lines] : [...known]
  return [...new Set([...known.slice(0, -1), ...lines.slice(1, -1)]), '}']
}

/** The types that a world declares itself, one declaration a line or several, by name. */
export function printWorldTypes(component: ComponentType): Map<string, string> {
  return new WorldPrinter(component).types()
}

/** One interface as WIT, as it stands in an import or export. */
export function printInterface(name: string, type: InstanceType): string {
  const body = new InterfacePrinter(type, name, new Map()).lines()
  return [`interface ${printLabel(labelOf(name))} {`, ...indent(body), '}'].join('\n')
}

/** One interface of a world as WIT, as it stands in a text of its own package: its neighbours go by their bare names. */
export function printFace(component: ComponentType, name: string): string {
  return new WorldPrinter(component).face(name).join('\n')
}

/** The block of a world as it stands in a text of `owner`, a package with its version. */
export function printWorldBlock(component: ComponentType, name: string, owner: string | undefined): string {
  return new WorldPrinter(component).world(name, owner).join('\n')
}

class WorldPrinter {
  readonly #component: ComponentType
  readonly #homes = new Map<TypeNode, Home>()
  readonly #faces = new Map<string, InstanceType>()
  #owner: string | undefined

  constructor(component: ComponentType) {
    this.#component = component
    for (const [name, extern] of [...component.imports, ...component.exports]) {
      if (extern.kind !== 'instance') continue
      this.#settle(name, extern.type)
      const face = faceOf(name, extern)
      if (face !== undefined) this.#collect(face, extern.type)
    }
  }

  print(worldName: string): string {
    const lines = ['package root:component;', '', ...this.world(worldName)]
    for (const [packageName, faces] of groupByPackage(this.#faces)) {
      lines.push('', `package ${packageName} {`)
      faces.forEach(([name, type], index) => {
        if (index > 0) lines.push('')
        const body = new InterfacePrinter(type, name, this.#homes).lines()
        lines.push(`  interface ${printLabel(labelOf(name))} {`, ...indent(indent(body)), '  }')
      })
      lines.push('}')
    }
    return `${lines.join('\n')}\n`
  }

  /** The block of the world alone; `owner` is the package it stands in, whose interfaces go by their own name. */
  world(worldName: string, owner?: string): string[] {
    const { imports, exports } = this.#component
    this.#owner = owner
    return [`world ${printLabel(worldName)} {`, ...this.#side('import', imports), ...this.#side('export', exports), '}']
  }

  /** The items of every interface that the world mentions. */
  faces(): Map<string, Map<string, string[]>> {
    return new Map(
      [...this.#faces].map(([name, type]) => [name, new InterfacePrinter(type, name, this.#homes).items()]),
    )
  }

  face(name: string): string[] {
    const type = this.#faces.get(name) ?? { kind: 'instance', exports: new Map() }
    const body = new InterfacePrinter(type, name, this.#homes).lines()
    return [`interface ${printLabel(labelOf(name))} {`, ...indent(body), '}']
  }

  types(): Map<string, string> {
    const types = new Map<string, string>()
    for (const [name, extern] of this.#component.imports) {
      if (extern.kind !== 'type') continue
      const members = membersOf(name, this.#component.imports, this.#worldName)
      types.set(name, this.#worldType(name, extern.type, members).join('\n'))
    }
    return types
  }

  /** The first interface that introduces a type is its home; imports come before exports. */
  #settle(face: string, type: InstanceType): void {
    for (const [name, extern] of type.exports) {
      if (extern.kind === 'type' && !this.#homes.has(extern.type)) this.#homes.set(extern.type, { face, name })
    }
  }

  /** An interface may be imported and exported in different parts; its text has both. */
  #collect(name: string, type: InstanceType): void {
    const known = this.#faces.get(name)
    this.#faces.set(
      name,
      known ? { kind: 'instance', exports: new Map([...known.exports, ...missingFrom(known, type)]) } : type,
    )
  }

  #side(side: 'import' | 'export', externs: ReadonlyMap<string, Extern>): string[] {
    const lines: string[] = []
    for (const [name, extern] of externs) {
      switch (extern.kind) {
        case 'instance':
          if (parseName(name).kind === 'interface') lines.push(`${side} ${pathTo(name, this.#owner)};`)
          else if (extern.attributes?.implements !== undefined)
            lines.push(`${side} ${printLabel(name)}: ${pathTo(extern.attributes.implements, this.#owner)};`)
          else {
            const body = new InterfacePrinter(extern.type, name, this.#homes, this.#owner).lines()
            lines.push(`${side} ${printLabel(name)}: interface {`, ...indent(body), '}')
          }
          break
        case 'function':
          // The functions of a resource stand inside it.
          if (parseName(name).kind === 'label')
            lines.push(`${side} ${printLabel(name)}: ${printFunction(extern.type, this.#worldName)};`)
          break
        case 'type':
          if (extern.structure) lines.push(unsaid(`${side} ${name}`, extern.structure))
          // The world has the name already: an export of the imported type says nothing new.
          else if (side === 'import' || this.#component.imports.get(name)?.kind !== 'type')
            lines.push(...this.#worldType(name, extern.type, membersOf(name, externs, this.#worldName)))
          break
        case 'component':
        case 'module':
          lines.push(
            `/* ${side} ${name}: ${extern.kind === 'module' ? 'core module' : 'component'}, which WIT cannot say */`,
          )
      }
    }
    return indent(lines)
  }

  readonly #worldName = (type: TypeNode): string | undefined => {
    const alike = [type, ...(peel(type).kind === 'resource' ? [peel(type)] : [])]
    for (const each of alike) {
      for (const externs of [this.#component.imports, this.#component.exports]) {
        for (const [name, extern] of externs)
          if (extern.kind === 'type' && (extern.type === each || peel(extern.type) === each)) return name
      }
    }
    return undefined
  }

  #worldType(name: string, type: TypeNode, members: readonly string[]): string[] {
    const home = type.kind === 'named' ? this.#homes.get(type.of) : undefined
    if (home) return [`use ${pathTo(home.face, this.#owner)}.{${renamed(home.name, name)}};`]
    return declareType(name, type, members, this.#worldName)
  }
}

/** The interface of an import or export: by its name, or by what it says that it implements. */
function faceOf(name: string, { attributes }: Extern): string | undefined {
  if (parseName(name).kind === 'interface') return name
  const face = attributes?.implements
  return face !== undefined && parseName(face).kind === 'interface' ? face : undefined
}

/** The functions of a resource as they stand inside it. */
function membersOf(
  resource: string,
  externs: ReadonlyMap<string, Extern>,
  nameOf: (type: TypeNode) => string | undefined,
): string[] {
  return [...externs].flatMap(([member, extern]) => {
    const parsed = parseName(member)
    const own = extern.kind === 'function' && 'resource' in parsed && parsed.resource === resource
    return own ? [memberLine(member, extern.type, nameOf)] : []
  })
}

/** `wasi:http@0.2.0` of `wasi:http/types@0.2.0`; undefined for a plain name. */
function packageOf(name: string): string | undefined {
  const parsed = parseName(name)
  if (parsed.kind !== 'interface') return undefined
  return parsed.version === undefined ? parsed.package : `${parsed.package}@${parsed.version}`
}

/** Interfaces of the package that the text stands in are named without it. */
function pathTo(face: string, owner: string | undefined): string {
  return owner !== undefined && packageOf(face) === owner ? printLabel(labelOf(face)) : face
}

/** Interfaces by the package they are of, with its version. */
function groupByPackage<Face>(faces: ReadonlyMap<string, Face>): Map<string, [string, Face][]> {
  const packages = new Map<string, [string, Face][]>()
  for (const [name, face] of faces) {
    const key = packageOf(name)
    if (key !== undefined) packages.set(key, [...(packages.get(key) ?? []), [name, face]])
  }
  return packages
}

function missingFrom(known: InstanceType, other: InstanceType): [string, Extern][] {
  return [...other.exports].filter(([name]) => !known.exports.has(name))
}

/** Prints what one interface holds, item by item. */
class InterfacePrinter {
  readonly #type: InstanceType
  readonly #face: string
  readonly #owner: string | undefined
  readonly #homes: ReadonlyMap<TypeNode, Home>
  readonly #names = new Map<TypeNode, string>()

  /** `owner` is the package that the text stands in; an interface of a package stands in that. */
  constructor(type: InstanceType, face: string, homes: ReadonlyMap<TypeNode, Home>, owner = packageOf(face)) {
    this.#owner = owner
    this.#type = type
    this.#face = face
    this.#homes = homes
    for (const [name, extern] of type.exports) {
      if (extern.kind !== 'type') continue
      this.#names.set(extern.type, name)
      // A resource may be mentioned by what it is, not only by the name it is exported under.
      const of = peel(extern.type)
      if (of.kind === 'resource' && !this.#names.has(of)) this.#names.set(of, name)
    }
  }

  lines(): string[] {
    return [...this.items().values()].flat()
  }

  /** The lines of each item by its name; the functions of a resource stand with it. */
  items(): Map<string, string[]> {
    const items = new Map<string, string[]>()
    for (const [name, extern] of this.#type.exports) {
      if (extern.kind === 'type' && extern.structure) items.set(name, [unsaid(name, extern.structure)])
      else if (extern.kind === 'type') items.set(name, this.#typeLines(name, extern.type))
      else if (extern.kind === 'function' && parseName(name).kind === 'label')
        items.set(name, [`${printLabel(name)}: ${printFunction(extern.type, this.#nameOf)};`])
      else if (extern.kind === 'instance')
        items.set(name, [`/* ${name}: an instance inside an interface, which WIT cannot say */`])
    }
    return items
  }

  readonly #nameOf = (type: TypeNode): string | undefined => this.#names.get(type)

  #typeLines(name: string, type: TypeNode): string[] {
    const used = type.kind === 'named' ? this.#homes.get(type.of) : undefined
    if (used && used.face !== this.#face)
      return [`use ${pathTo(used.face, this.#owner)}.{${renamed(used.name, name)}};`]
    return declareType(name, type, membersOf(name, this.#type.exports, this.#nameOf), this.#nameOf)
  }
}

/** Types of functions, interfaces and worlds under a name are valid, and WIT has no words for them. */
function unsaid(name: string, structure: Structure): string {
  return `/* ${name}: ${describeStructure(structure)}, which WIT cannot export */`
}

function memberLine(name: string, type: FunctionType, nameOf: (type: TypeNode) => string | undefined): string {
  const parsed = parseName(name)
  if (parsed.kind === 'constructor') {
    const own = type.result && peel(type.result).kind === 'own'
    return `constructor${printFunction(type, nameOf, false, own).replace(/^(async )?func/, '')};`
  }
  if (parsed.kind === 'method') return `${printLabel(parsed.function)}: ${printFunction(type, nameOf, true)};`
  return parsed.kind === 'static' ? `${printLabel(parsed.function)}: static ${printFunction(type, nameOf)};` : ''
}

function declareType(
  name: string,
  type: TypeNode,
  members: readonly string[],
  nameOf: (type: TypeNode) => string | undefined,
): string[] {
  const label = printLabel(name)
  const alias = type.kind === 'named' && type.of.kind !== 'resource' ? nameOf(type.of) : undefined
  if (alias !== undefined && alias !== name) return [`type ${label} = ${printLabel(alias)};`]
  const of = peel(type)
  switch (of.kind) {
    case 'resource': {
      const owner = nameOf(of)
      if (owner !== undefined && owner !== name) return [`type ${label} = ${printLabel(owner)};`]
      return members.length === 0 ? [`resource ${label};`] : [`resource ${label} {`, ...indent(members), '}']
    }
    case 'record':
      return block(
        `record ${label}`,
        of.fields.map((field) => `${printLabel(field.name)}: ${printType(field.type, nameOf)},`),
      )
    case 'variant':
      return block(
        `variant ${label}`,
        of.cases.map((one) => `${printLabel(one.name)}${one.type ? `(${printType(one.type, nameOf)})` : ''},`),
      )
    case 'enum':
    case 'flags':
      return block(
        `${of.kind} ${label}`,
        of.names.map((each) => `${printLabel(each)},`),
      )
    default:
      return [`type ${label} = ${printStructure(of, nameOf)};`]
  }
}

function block(head: string, lines: readonly string[]): string[] {
  return [`${head} {`, ...indent(lines), '}']
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => (line === '' ? '' : `  ${line}`))
}

function renamed(from: string, to: string): string {
  return from === to ? printLabel(from) : `${printLabel(from)} as ${printLabel(to)}`
}

function labelOf(name: string): string {
  const parsed = parseName(name)
  return parsed.kind === 'interface' ? parsed.interface : name
}
