/**
 * Walks a component once, definition by definition, with every component in it instantiated on paper, and notes what has
 * to be done for real. Whatever it does not know it refuses, and the component takes the reference road.
 * (Component Model, Binary.md and Explainer.md.)
 */
import { hostName } from './names.ts'
import { DecodeBudget } from '../../../src-engine/binary/budget.ts'
import type { CoreType } from '../../../src-engine/binary/core-types.ts'
import { readExternName } from '../../../src-engine/binary/names.ts'
import { ByteReader } from '../../../src-engine/binary/reader.ts'
import {
  lookUp,
  outerSpaces,
  readExtern,
  readScopeCoreTypes,
  readType,
  type SpaceType,
  type TypeSpaces,
} from '../../../src-engine/binary/type-section.ts'
import {
  freshResource,
  peel,
  type Extern,
  type FunctionType,
  type InstanceType,
  type TypeNode,
} from '../../../src-engine/types/graph.ts'
import { freshExtern } from '../../../src-engine/types/substitute.ts'
import { fail } from '../../../src-engine/error.ts'
import { AbiTypes } from './abi-types.ts'
import { coreImports } from './core-imports.ts'
import {
  withoutVersion,
  type CoreReference,
  type FunctionReference,
  type InstantiationPlan,
  type Options,
  type Plan,
} from './plan.ts'

type Range = { readonly start: number; readonly end: number }

/** A component-level definition with its run-time meaning. */
type Definition =
  | { readonly kind: 'function'; readonly type: FunctionType; readonly target: FunctionReference }
  | { readonly kind: 'instance'; readonly exports: ReadonlyMap<string, Definition> }
  | { readonly kind: 'type'; readonly type: SpaceType }
  | { readonly kind: 'component'; readonly range: Range; readonly scope: Scope }
  | { readonly kind: 'module'; readonly module: number }

type CoreInstance =
  | { readonly kind: 'instance'; readonly index: number }
  | { readonly kind: 'bag'; readonly exports: ReadonlyMap<string, CoreReference> }

/** What the whole walk gathers. */
interface Gathered {
  readonly bytes: Uint8Array
  readonly blocking: (interfaceName: string, name: string) => boolean
  readonly modules: Range[]
  readonly moduleAt: Map<number, number>
  readonly instantiations: InstantiationPlan[]
  readonly types: AbiTypes
  readonly imports: Set<string>
  components: number
}

const unsupported = (what: string): Error => fail('runtime.direct', `${what} is not known to the direct engine`)

/** `blocking` tells which host functions may wait. Throws `runtime.direct` for components that only the reference road runs. */
export function linkComponent(bytes: Uint8Array, blocking: (interfaceName: string, name: string) => boolean): Plan {
  const gathered: Gathered = {
    bytes,
    blocking,
    modules: [],
    moduleAt: new Map(),
    instantiations: [],
    types: new AbiTypes(),
    imports: new Set(),
    components: 0,
  }
  const root = new Scope(gathered, { start: 0, end: bytes.length }, undefined, undefined)
  const exported = root.run()
  const exports: Record<string, Plan['exports'][string]> = {}
  for (const [name, definition] of exported) {
    if (definition.kind === 'function' && definition.target.kind === 'lift') exports[name] = definition.target
    if (definition.kind !== 'instance') continue
    for (const [member, item] of definition.exports) {
      if (item.kind === 'function' && item.target.kind === 'lift')
        exports[`${withoutVersion(name)}#${member}`] = item.target
    }
  }
  return {
    modules: gathered.modules,
    instantiations: gathered.instantiations,
    resources: gathered.types.resources,
    components: gathered.components,
    exports,
    imports: [...gathered.imports],
    exported: [...exported.keys()],
  }
}

/** One component being instantiated on paper. */
class Scope implements TypeSpaces {
  readonly types: SpaceType[] = []
  readonly coreTypes: CoreType[] = []
  readonly instances: InstanceType[] = []
  readonly functions: FunctionType[] = []
  readonly parent: Scope | undefined
  readonly depth = 0
  readonly budget: DecodeBudget
  readonly #gathered: Gathered
  readonly #range: Range
  /** Undefined for the outermost component, whose imports the host provides. */
  readonly #arguments: ReadonlyMap<string, Definition> | undefined
  readonly #number: number
  readonly #functions: Definition[] = []
  readonly #instances: Definition[] = []
  readonly #components: Definition[] = []
  readonly #modules: Definition[] = []
  readonly #coreFunctions: CoreReference[] = []
  readonly #coreTables: CoreReference[] = []
  readonly #coreMemories: CoreReference[] = []
  readonly #coreGlobals: CoreReference[] = []
  readonly #coreTags: CoreReference[] = []
  readonly #coreInstances: CoreInstance[] = []
  readonly #exports = new Map<string, Definition>()
  /** A function that this component calls may wait: then every function it exports may. */
  #waits = false

  constructor(
    gathered: Gathered,
    range: Range,
    scope: Scope | undefined,
    given: ReadonlyMap<string, Definition> | undefined,
  ) {
    this.#gathered = gathered
    this.#range = range
    this.parent = scope
    this.budget = scope?.budget ?? new DecodeBudget()
    this.#arguments = given
    this.#number = gathered.components++
    if (gathered.components > 1000) throw unsupported('a component of more than 1000 instances')
  }

  run(): ReadonlyMap<string, Definition> {
    const reader = new ByteReader(this.#gathered.bytes, this.#range.start + 8, this.#range.end, 'component')
    while (!reader.done) {
      const id = reader.u8()
      const body = reader.slice(reader.u32(), 'section')
      this.#section(id, body)
    }
    return this.#exports
  }

  #section(id: number, body: ByteReader): void {
    if (id === 0) return
    if (id === 1) return this.#addModule({ start: body.at, end: body.end })
    if (id === 4) {
      this.#components.push({ kind: 'component', range: { start: body.at, end: body.end }, scope: this })
      return
    }
    for (let left = body.count(); left > 0; left--) {
      if (id === 2) this.#coreInstance(body)
      else if (id === 3) readScopeCoreTypes(body, this)
      else if (id === 5) this.#instance(body)
      else if (id === 6) this.#alias(body)
      else if (id === 7) this.#type(body)
      else if (id === 8) this.#canon(body)
      else if (id === 10) this.#import(body)
      else if (id === 11) this.#export(body)
      else throw unsupported(`section ${id}`)
    }
  }

  #addModule(range: Range): void {
    const { modules, moduleAt } = this.#gathered
    let index = moduleAt.get(range.start)
    if (index === undefined) {
      index = modules.length
      modules.push(range)
      moduleAt.set(range.start, index)
    }
    this.#modules.push({ kind: 'module', module: index })
  }

  #type(reader: ByteReader): void {
    if (reader.peek() !== 0x3f) return void this.types.push(readType(reader, this, () => {}))
    // A resource of this component: its representation is an i32, its destructor a core function.
    reader.u8()
    const representation = reader.u8()
    if (representation !== 0x7f) throw unsupported('a resource that is not represented by an i32')
    const destructor = reader.u8() === 1 ? this.#coreItem(reader, 0x00, reader.u32()) : undefined
    const resource = freshResource('resource')
    this.#gathered.types.guestResource(resource, this.#number, destructor)
    this.types.push(resource)
  }

  #coreInstance(reader: ByteReader): void {
    const form = reader.u8()
    if (form === 0x01) {
      const exports = new Map<string, CoreReference>()
      for (let left = reader.count(); left > 0; left--) {
        const name = reader.name()
        exports.set(name, this.#coreItem(reader, reader.u8(), reader.u32()))
      }
      this.#coreInstances.push({ kind: 'bag', exports })
      return
    }
    if (form !== 0x00) throw reader.unknown('core instance', form)
    const module = this.#moduleAt(reader, reader.u32())
    const given = reader.vector(() => {
      const name = reader.name()
      const sort = reader.u8()
      if (sort !== 0x12) throw reader.unknown('argument of a core instance', sort)
      return { name, instance: lookUp(reader, this.#coreInstances, reader.u32(), 'core instance', reader.at) }
    })
    const bags = new Map(given.map(({ name, instance }) => [name, instance]))
    const imports = coreImports(this.#gathered.bytes, this.#gathered.modules[module]).map(([from, name]) => {
      const instance = bags.get(from)
      if (!instance) throw unsupported(`a core import of "${from}" that is not given`)
      return { module: from, name, source: coreExport(instance, name) }
    })
    this.#coreInstances.push({ kind: 'instance', index: this.#gathered.instantiations.length })
    this.#gathered.instantiations.push({ module, imports })
  }

  #moduleAt(reader: ByteReader, index: number): number {
    const definition = lookUp(reader, this.#modules, index, 'core module', reader.at)
    if (definition.kind !== 'module') throw unsupported('a core module from outside')
    return definition.module
  }

  #coreSpace(reader: ByteReader, sort: number): CoreReference[] {
    switch (sort) {
      case 0x00:
        return this.#coreFunctions
      case 0x01:
        return this.#coreTables
      case 0x02:
        return this.#coreMemories
      case 0x03:
        return this.#coreGlobals
      case 0x04:
        return this.#coreTags
      default:
        throw reader.unknown('core sort', sort)
    }
  }

  #coreItem(reader: ByteReader, sort: number, index: number): CoreReference {
    return lookUp(reader, this.#coreSpace(reader, sort), index, 'core item', reader.at)
  }

  #instance(reader: ByteReader): void {
    const form = reader.u8()
    const exports =
      form === 0x00
        ? this.#instantiate(reader)
        : new Map(reader.vector(() => [readExternName(reader).name, this.#item(reader)] as const))
    this.#add({ kind: 'instance', exports })
  }

  #instantiate(reader: ByteReader): ReadonlyMap<string, Definition> {
    const component = lookUp(reader, this.#components, reader.u32(), 'component', reader.at)
    if (component.kind !== 'component') throw unsupported('a component from outside')
    const given = new Map(reader.vector(() => [reader.name(), this.#item(reader)] as const))
    return new Scope(this.#gathered, component.range, component.scope, given).run()
  }

  /** `sort index`: the definition in this scope. */
  #item(reader: ByteReader): Definition {
    const sort = reader.u8()
    const core = sort === 0x00 ? reader.u8() : undefined
    const index = reader.u32()
    if (core === 0x11) return lookUp(reader, this.#modules, index, 'core module', reader.at)
    switch (sort) {
      case 0x01:
        return lookUp(reader, this.#functions, index, 'function', reader.at)
      case 0x03:
        return { kind: 'type', type: lookUp(reader, this.types, index, 'type', reader.at) }
      case 0x04:
        return lookUp(reader, this.#components, index, 'component', reader.at)
      case 0x05:
        return lookUp(reader, this.#instances, index, 'instance', reader.at)
      default:
        throw reader.unknown('sort', sort)
    }
  }

  #add(definition: Definition): void {
    switch (definition.kind) {
      case 'function':
        this.#functions.push(definition)
        this.functions.push(definition.type)
        return
      case 'instance':
        this.#instances.push(definition)
        this.instances.push(instanceTypeOf(definition.exports))
        return
      case 'type':
        this.types.push(definition.type)
        return
      case 'component':
        this.#components.push(definition)
        return
      case 'module':
        this.#modules.push(definition)
    }
  }

  #alias(reader: ByteReader): void {
    const start = reader.at
    const sort = reader.u8()
    const core = sort === 0x00 ? reader.u8() : undefined
    const target = reader.u8()
    if (target === 0x00) {
      const instance = lookUp(reader, this.#instances, reader.u32(), 'instance', start)
      const name = reader.name()
      const found = instance.kind === 'instance' ? instance.exports.get(name) : undefined
      if (!found) throw reader.error('input.malformed', `the alias names \`${name}\`, which is not exported`, start)
      return this.#add(found)
    }
    if (target === 0x01) {
      const instance = lookUp(reader, this.#coreInstances, reader.u32(), 'core instance', start)
      const name = reader.name()
      this.#coreSpace(reader, core ?? 0xff).push(coreExport(instance, name))
      return
    }
    const count = reader.u32()
    const index = reader.u32()
    if (sort === 0x03)
      return void this.types.push(lookUp(reader, outerSpaces(reader, this, count, start).types, index, 'type', start))
    const at = this.#outer(count)
    if (!at) throw reader.error('input.malformed', `an alias reaches ${count} scopes out`, start)
    if (sort === 0x04) this.#add(lookUp(reader, at.#components, index, 'component', start))
    else if (core === 0x11) this.#add(lookUp(reader, at.#modules, index, 'core module', start))
    else if (core === 0x10) this.coreTypes.push(lookUp(reader, at.coreTypes, index, 'core type', start))
    else throw reader.unknown('outer alias', sort)
  }

  #outer(count: number): Scope | undefined {
    if (count === 0) return this
    return this.parent ? this.parent.#outer(count - 1) : undefined
  }

  #canon(reader: ByteReader): void {
    const opcode = reader.u8()
    switch (opcode) {
      case 0x00: {
        reader.u8()
        const core = lookUp(reader, this.#coreFunctions, reader.u32(), 'core function', reader.at)
        const options = this.#options(reader)
        const type = lookUp(reader, this.types, reader.u32(), 'type', reader.at)
        if (type.kind !== 'function') throw reader.error('input.malformed', 'a lift to no function type', reader.at)
        const target: FunctionReference = {
          kind: 'lift',
          component: this.#number,
          core,
          type: this.#gathered.types.function(type),
          options,
          waits: this.#waits,
        }
        return this.#add({ kind: 'function', type, target })
      }
      case 0x01: {
        reader.u8()
        const definition = lookUp(reader, this.#functions, reader.u32(), 'function', reader.at)
        if (definition.kind !== 'function') throw unsupported('a lower of no function')
        const options = this.#options(reader)
        const { target } = definition
        if (target.kind === 'host' ? this.#gathered.blocking(target.interface, target.name) : target.waits)
          this.#waits = true
        this.#coreFunctions.push({
          kind: 'lower',
          component: this.#number,
          target,
          type: this.#gathered.types.function(definition.type),
          options,
        })
        return
      }
      case 0x02:
      case 0x03:
      case 0x04: {
        const kind = opcode === 0x02 ? 'resource-new' : opcode === 0x03 ? 'resource-drop' : 'resource-rep'
        const type = lookUp(reader, this.types, reader.u32(), 'type', reader.at)
        if (type.kind === 'function' || type.kind === 'instance' || type.kind === 'component')
          throw unsupported('a handle to no resource')
        this.#coreFunctions.push({ kind, component: this.#number, resource: this.#gathered.types.resource(type) })
        return
      }
      default:
        throw unsupported(`canonical built-in 0x${opcode.toString(16)}`)
    }
  }

  #options(reader: ByteReader): Options {
    let options: Options = { encoding: 'utf8' }
    for (let left = reader.count(); left > 0; left--) {
      const option = reader.u8()
      if (option === 0x00) options = { ...options, encoding: 'utf8' }
      else if (option === 0x01) options = { ...options, encoding: 'utf16' }
      else if (option === 0x02) options = { ...options, encoding: 'latin1+utf16' }
      else if (option === 0x03) options = { ...options, memory: this.#coreItem(reader, 0x02, reader.u32()) }
      else if (option === 0x04) options = { ...options, realloc: this.#coreItem(reader, 0x00, reader.u32()) }
      else if (option === 0x05) options = { ...options, postReturn: this.#coreItem(reader, 0x00, reader.u32()) }
      else throw unsupported(`canonical option 0x${option.toString(16)}`)
    }
    return options
  }

  #import(reader: ByteReader): void {
    const { name } = readExternName(reader)
    const extern = readExtern(reader, this, name, () => {})
    if (this.#arguments) {
      const given = this.#arguments.get(name)
      if (!given) throw reader.error('input.malformed', `the import \`${name}\` is not given`, reader.at)
      return this.#add(given)
    }
    this.#add(this.#provided(name, freshExtern(extern)))
  }

  /** An import of the outermost component: the host's. */
  #provided(name: string, extern: Extern): Definition {
    if (extern.kind !== 'type') this.#gathered.imports.add(hostName(name))
    if (extern.kind === 'function') {
      return { kind: 'function', type: extern.type, target: { kind: 'host', interface: '', name } }
    }
    if (extern.kind === 'type') return { kind: 'type', type: extern.type }
    if (extern.kind !== 'instance') throw unsupported(`an imported ${extern.kind}`)
    const interfaceName = hostName(name)
    const exports = new Map<string, Definition>()
    for (const [member, item] of extern.type.exports) {
      if (item.kind === 'function') {
        exports.set(member, {
          kind: 'function',
          type: item.type,
          target: { kind: 'host', interface: interfaceName, name: member },
        })
      } else if (item.kind === 'type') {
        const node = peel(item.type)
        if (item.bound === 'resource' && node.kind === 'resource')
          this.#gathered.types.hostResource(node, interfaceName, member)
        exports.set(member, { kind: 'type', type: item.type })
      } else throw unsupported(`an imported ${item.kind} in ${name}`)
    }
    return { kind: 'instance', exports }
  }

  #export(reader: ByteReader): void {
    const { name } = readExternName(reader)
    const definition = this.#item(reader)
    // What an export is ascribed limits what others see of it; what it is stays the same.
    if (reader.u8() === 0x01) readExtern(reader, this, name, () => {})
    this.#exports.set(name, definition)
    this.#add(definition)
  }
}

/** The type of an instance, as type definitions that alias into it want it. */
function instanceTypeOf(definitions: ReadonlyMap<string, Definition>): InstanceType {
  const exports = new Map<string, Extern>()
  for (const [name, definition] of definitions) {
    if (definition.kind === 'function') exports.set(name, { kind: 'function', type: definition.type })
    else if (definition.kind === 'instance')
      exports.set(name, { kind: 'instance', type: instanceTypeOf(definition.exports) })
    else if (definition.kind === 'type' && isNode(definition.type))
      exports.set(name, { kind: 'type', type: definition.type, bound: 'eq' })
  }
  return { kind: 'instance', exports }
}

const isNode = (type: SpaceType): type is TypeNode =>
  type.kind !== 'function' && type.kind !== 'instance' && type.kind !== 'component'

function coreExport(instance: CoreInstance, name: string): CoreReference {
  if (instance.kind === 'instance') return { kind: 'export', instance: instance.index, name }
  const found = instance.exports.get(name)
  if (!found) throw unsupported(`a core import "${name}" that is not given`)
  return found
}
