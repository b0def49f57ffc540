import {
  peel,
  type ComponentType,
  type Extern,
  type FunctionType,
  type InstanceType,
  type TypeNode,
} from '../types/graph.ts'
import { parseName } from '../types/names.ts'
import { printFunction, printLabel, printStructure, printType } from './print-types.ts'

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

/** The types that a world declares itself, one declaration a line or several, by name. */
export function printWorldTypes(component: ComponentType): Map<string, string> {
  return new WorldPrinter(component).types()
}

/** One interface as WIT, as it stands in an import or export. */
export function printInterface(name: string, type: InstanceType): string {
  const body = new InterfacePrinter(type, name, new Map()).lines()
  return [`interface ${printLabel(labelOf(name))} {`, ...indent(body), '}'].join('\n')
}

class WorldPrinter {
  readonly #component: ComponentType
  readonly #homes = new Map<TypeNode, Home>()
  readonly #faces = new Map<string, InstanceType>()

  constructor(component: ComponentType) {
    this.#component = component
    for (const [name, extern] of [...component.imports, ...component.exports]) {
      if (extern.kind !== 'instance') continue
      this.#settle(name, extern.type)
      if (parseName(name).kind === 'interface') this.#collect(name, extern.type)
    }
  }

  print(worldName: string): string {
    const lines = ['package root:component;', '', `world ${printLabel(worldName)} {`]
    lines.push(...this.#side('import', this.#component.imports), ...this.#side('export', this.#component.exports), '}')
    for (const [packageName, faces] of this.#packages()) {
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

  #packages(): [string, [string, InstanceType][]][] {
    const packages = new Map<string, [string, InstanceType][]>()
    for (const [name, type] of this.#faces) {
      const parsed = parseName(name)
      if (parsed.kind !== 'interface') continue
      const key = parsed.version === undefined ? parsed.package : `${parsed.package}@${parsed.version}`
      packages.set(key, [...(packages.get(key) ?? []), [name, type]])
    }
    return [...packages]
  }

  #side(side: 'import' | 'export', externs: ReadonlyMap<string, Extern>): string[] {
    const lines: string[] = []
    for (const [name, extern] of externs) {
      switch (extern.kind) {
        case 'instance':
          if (parseName(name).kind === 'interface') lines.push(`${side} ${name};`)
          else {
            const body = new InterfacePrinter(extern.type, name, this.#homes).lines()
            lines.push(`${side} ${printLabel(name)}: interface {`, ...indent(body), '}')
          }
          break
        case 'function':
          // The functions of a resource stand inside it.
          if (parseName(name).kind === 'label')
            lines.push(`${side} ${printLabel(name)}: ${printFunction(extern.type, this.#worldName)};`)
          break
        case 'type':
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
    if (home) return [`use ${home.face}.{${renamed(home.name, name)}};`]
    return declareType(name, type, members, this.#worldName)
  }
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

function missingFrom(known: InstanceType, other: InstanceType): [string, Extern][] {
  return [...other.exports].filter(([name]) => !known.exports.has(name))
}

class InterfacePrinter {
  readonly #type: InstanceType
  readonly #face: string
  readonly #homes: ReadonlyMap<TypeNode, Home>
  readonly #names = new Map<TypeNode, string>()

  constructor(type: InstanceType, face: string, homes: ReadonlyMap<TypeNode, Home>) {
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
    const lines: string[] = []
    for (const [name, extern] of this.#type.exports) {
      if (extern.kind === 'type') lines.push(...this.#typeLines(name, extern.type))
      else if (extern.kind === 'function' && parseName(name).kind === 'label')
        lines.push(`${printLabel(name)}: ${printFunction(extern.type, this.#nameOf)};`)
      else if (extern.kind === 'instance')
        lines.push(`/* ${name}: an instance inside an interface, which WIT cannot say */`)
    }
    return lines
  }

  readonly #nameOf = (type: TypeNode): string | undefined => this.#names.get(type)

  #typeLines(name: string, type: TypeNode): string[] {
    const used = type.kind === 'named' ? this.#homes.get(type.of) : undefined
    if (used && used.face !== this.#face) return [`use ${this.#pathTo(used.face)}.{${renamed(used.name, name)}};`]
    return declareType(name, type, membersOf(name, this.#type.exports, this.#nameOf), this.#nameOf)
  }

  /** Interfaces of the same package are named without it. */
  #pathTo(face: string): string {
    const own = parseName(this.#face)
    const other = parseName(face)
    const same =
      own.kind === 'interface' &&
      other.kind === 'interface' &&
      own.package === other.package &&
      own.version === other.version
    return same ? printLabel(other.interface) : face
  }
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
  return lines.map((line) => `  ${line}`)
}

function renamed(from: string, to: string): string {
  return from === to ? printLabel(from) : `${printLabel(from)} as ${printLabel(to)}`
}

function labelOf(name: string): string {
  const parsed = parseName(name)
  return parsed.kind === 'interface' ? parsed.interface : name
}
