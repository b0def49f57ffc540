import type { ComponentType, CoreModuleType, Extern, FunctionType, InstanceType, TypeNode } from '../types/graph.ts'
import { freshNamed, freshStructure } from '../types/graph.ts'
import { bindTypes, freshExtern, instantiate, Substitution, typesIntroducedBy } from '../types/substitute.ts'
import { readCanon } from './canon.ts'
import { DecodeBudget } from './budget.ts'
import type { CoreType } from './core-types.ts'
import { readExternName } from './names.ts'
import { ByteReader } from './reader.ts'
import {
  coreSorts,
  sorts,
  type CustomSection,
  type Origin,
  type ScopeStructure,
  type SectionRange,
  type Sort,
  type SortIndex,
  type StartFunction,
} from './structure.ts'
import {
  lookUp,
  outerSpaces,
  readExtern,
  readScopeCoreTypes,
  readType,
  type Feature,
  type SpaceType,
  type TypeSpaces,
} from './type-section.ts'
import { printFunction } from '../wit/print-types.ts'
import { readModuleSurface } from './module-surface.ts'

/** Components inside components; wasmparser has no limit of its own, the call stack does. */
const depthLimit = 64

const sectionNames: Readonly<Record<number, string>> = {
  0: 'custom section',
  1: 'core module',
  2: 'core instance section',
  3: 'core type section',
  4: 'nested component',
  5: 'instance section',
  6: 'alias section',
  7: 'type section',
  8: 'canonical function section',
  9: 'start section',
  10: 'import section',
  11: 'export section',
  12: 'value section',
}

/** Decodes one component scope. Core modules and custom sections are stepped over without being touched. */
export class ScopeDecoder implements TypeSpaces {
  readonly types: SpaceType[] = []
  readonly coreTypes: CoreType[] = []
  readonly instances: InstanceType[] = []
  readonly functions: FunctionType[] = []
  readonly components: ComponentType[] = []
  /** Read when first asked for: most modules are instantiated inside only, and never typed. */
  readonly modules: (() => CoreModuleType)[] = []
  readonly parent: ScopeDecoder | undefined
  readonly depth = 0
  readonly budget: DecodeBudget
  readonly imports = new Map<string, Extern>()
  readonly exports = new Map<string, Extern>()
  /** Exports that are types of components: what a WIT package is made of. */
  readonly declarations = new Map<string, ComponentType>()
  readonly #bytes: Uint8Array
  readonly #range: { readonly start: number; readonly end: number }
  readonly #feature: Feature
  readonly #level: number
  readonly #sections: SectionRange[] = []
  readonly #customs: CustomSection[] = []
  readonly #origins = {
    modules: [] as Origin[],
    components: [] as Origin[],
    instances: [] as Origin[],
    functions: [] as Origin[],
    types: [] as Origin[],
  }
  readonly #exported: (SortIndex & { readonly name: string })[] = []
  #startFunction: StartFunction | undefined
  #worldSize = 0

  constructor(
    bytes: Uint8Array,
    range: { readonly start: number; readonly end: number },
    feature: Feature,
    parent?: ScopeDecoder,
  ) {
    this.#bytes = bytes
    this.#range = range
    this.#feature = feature
    this.parent = parent
    this.budget = parent?.budget ?? new DecodeBudget()
    this.#level = parent ? parent.#level + 1 : 0
  }

  get structure(): ScopeStructure {
    const imports = [...this.imports.keys()].map((name) => ({ name }))
    return {
      range: this.#range,
      sections: this.#sections,
      customs: this.#customs,
      ...this.#origins,
      exports: this.#exported,
      imports,
      ...(this.#startFunction ? { start: this.#startFunction } : {}),
    }
  }

  get type(): ComponentType {
    return { kind: 'component', imports: this.imports, exports: this.exports }
  }

  /** Reads every section behind the preamble. */
  run(): this {
    const reader = new ByteReader(
      this.#bytes,
      this.#range.start + 8,
      this.#range.end,
      this.#level === 0 ? 'file' : 'nested component',
    )
    if (this.#level > depthLimit)
      throw reader.error('input.limit', `components nest more than ${depthLimit} deep`, this.#range.start)
    while (!reader.done) {
      const start = reader.at
      const id = reader.u8()
      const what = sectionNames[id]
      if (what === undefined)
        throw reader.error(
          'input.unknown-opcode',
          `unknown section ${id}`,
          start,
          'The file is damaged, or from a newer toolchain than this version of Patchbay knows.',
        )
      const body = reader.slice(reader.u32(), what)
      const section: SectionRange = { id, start, payload: body.at, end: body.end }
      this.#sections.push(section)
      this.#section(section, body)
    }
    return this
  }

  #section(section: SectionRange, body: ByteReader): void {
    switch (section.id) {
      case 0: {
        const name = body.name()
        this.#customs.push({ ...section, name, content: body.at })
        return
      }
      case 1: {
        const range = { start: section.payload, end: section.end }
        this.#origins.modules.push({ kind: 'defined', range })
        let surface: CoreModuleType | undefined
        this.modules.push(() => (surface ??= readModuleSurface(this.#bytes, range)))
        return
      }
      case 2:
        return
      case 4:
        this.#nested(section, body)
        return
      case 9:
        this.#start(section, body)
        return
      case 12:
        throw body.error(
          'input.unsupported',
          `the file has a ${body.what}`,
          section.start,
          'Values are not part of any released component model yet.',
        )
    }
    const count = body.count()
    for (let index = 0; index < count; index++) this.#item(section.id, body)
    body.expectEnd()
  }

  /** `funcidx args results`: a function that runs when the component is instantiated. (Binary.md, "Start Definitions".) */
  #start(section: SectionRange, body: ByteReader): void {
    if (this.#startFunction)
      throw body.error('input.malformed', 'a component has more than one start section', section.start)
    this.#feature('start')
    const at = body.at
    const index = body.u32()
    const type = lookUp(body, this.functions, index, 'function', at)
    const given = body.vector(() => {
      const from = body.at
      return { value: body.u32(), from }
    })
    const [first] = given
    if (first)
      throw body.error(
        'input.unsupported',
        `the start function is given the value ${first.value}`,
        first.from,
        'Values are not part of any released component model yet.',
      )
    const results = body.u32()
    if (type.parameters.length > 0 || results !== (type.result ? 1 : 0))
      throw body.error(
        'input.malformed',
        `the start function is ${printFunction(type)}, and is called without arguments for ${results} results`,
        at,
      )
    body.expectEnd()
    this.#startFunction = { function: index, results, range: { start: section.start, end: section.end } }
  }

  #nested(section: SectionRange, body: ByteReader): void {
    const range = { start: section.payload, end: section.end }
    const layer = [0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00]
    if (layer.some((byte, index) => this.#bytes[range.start + index] !== byte || range.start + index >= range.end)) {
      throw body.error('input.malformed', 'a nested component does not begin like one', range.start)
    }
    this.#origins.components.push({ kind: 'defined', range })
    // Read before it joins the index space: it can alias what stands before it, never itself or what comes later.
    this.components.push(new ScopeDecoder(this.#bytes, range, this.#feature, this).run().type)
  }

  #item(section: number, reader: ByteReader): void {
    switch (section) {
      case 3:
        readScopeCoreTypes(reader, this)
        return
      case 5:
        this.#instance(reader)
        return
      case 6:
        this.#alias(reader)
        return
      case 7: {
        const start = reader.at
        this.#addType(readType(reader, this, this.#feature), { kind: 'defined', range: { start, end: reader.at } })
        return
      }
      case 8: {
        const start = reader.at
        const canon = readCanon(reader, this.#feature)
        if (canon.kind !== 'lift') return
        const type = lookUp(reader, this.types, canon.type, 'type', start)
        if (type.kind !== 'function')
          throw reader.error('input.malformed', 'a lift to a type that is no function type', start)
        this.#addFunction(type, { kind: 'lift', range: { start, end: reader.at } })
        return
      }
      case 10:
        this.#import(reader)
        return
      case 11:
        this.#export(reader)
    }
  }

  #addType(type: SpaceType, origin: Origin): void {
    this.types.push(type)
    this.#origins.types.push(origin)
  }

  #addFunction(type: FunctionType, origin: Origin): void {
    this.functions.push(type)
    this.#origins.functions.push(origin)
  }

  #addInstance(type: InstanceType, origin: Origin): void {
    this.instances.push(type)
    this.#origins.instances.push(origin)
  }

  #add(extern: Extern, origin: Origin): void {
    switch (extern.kind) {
      case 'function':
        this.#addFunction(extern.type, origin)
        return
      case 'instance':
        this.#addInstance(extern.type, origin)
        return
      case 'type':
        this.#addType(extern.structure ?? extern.type, origin)
        return
      case 'component':
        this.components.push(extern.type)
        this.#origins.components.push(origin)
        return
      case 'module':
        this.modules.push(() => extern.type)
        this.#origins.modules.push(origin)
    }
  }

  #import(reader: ByteReader): void {
    const start = reader.at
    const { name, attributes } = readExternName(reader)
    if (attributes?.implements !== undefined) this.#feature('implements')
    if (this.imports.has(name)) throw reader.error('input.malformed', `the import \`${name}\` appears twice`, start)
    const declared = readExtern(reader, this, name, this.#feature)
    if (declared.kind === 'instance') this.budget.spend(declared.type, reader, start)
    const extern = freshExtern(declared)
    this.#admit(extern, reader, start)
    this.imports.set(name, attributes ? { ...extern, attributes } : extern)
    this.#add(extern, { kind: 'import', name })
  }

  /** An import or export joins the world of this component. */
  #admit(extern: Extern, reader: ByteReader, offset: number): void {
    this.#worldSize += this.budget.admitExtern(extern, reader, offset)
    this.budget.admitWorld(this.#worldSize, reader, offset)
  }

  /** `sort index` as in arguments, aliases and exports. */
  #sortIndex(reader: ByteReader): SortIndex {
    const sort = this.#sort(reader)
    return { sort, index: reader.u32() }
  }

  #sort(reader: ByteReader): Sort {
    const byte = reader.u8()
    const sort = byte === 0x00 ? coreSorts[reader.u8()] : sorts[byte]
    if (sort === undefined) throw reader.unknown('sort', byte)
    return sort
  }

  /** The extern that an index of this scope stands for. */
  #externAt(reader: ByteReader, { sort, index }: SortIndex, offset: number): Extern {
    switch (sort) {
      case 'function':
        return { kind: 'function', type: lookUp(reader, this.functions, index, 'function', offset) }
      case 'instance':
        return { kind: 'instance', type: lookUp(reader, this.instances, index, 'instance', offset) }
      case 'component':
        return { kind: 'component', type: lookUp(reader, this.components, index, 'component', offset) }
      case 'core-module':
        return { kind: 'module', type: lookUp(reader, this.modules, index, 'core module', offset)() }
      case 'type': {
        const type = lookUp(reader, this.types, index, 'type', offset)
        if (type.kind !== 'function' && type.kind !== 'instance' && type.kind !== 'component')
          return { kind: 'type', type, bound: 'eq' }
        // WIT packages are made of those, and wac exports what a script declares.
        this.#feature('named-structure')
        return freshStructure('', type)
      }
      case 'value':
        throw reader.error(
          'input.unsupported',
          `the file uses the value ${index}`,
          offset,
          'Values are not part of any released component model yet.',
        )
      default:
        throw reader.error('input.malformed', `a ${sort} cannot stand here`, offset)
    }
  }

  #instance(reader: ByteReader): void {
    const start = reader.at
    const form = reader.u8()
    if (form === 0x00) {
      const index = reader.u32()
      const component = lookUp(reader, this.components, index, 'component', start)
      const given = reader.vector(() => ({ name: reader.name(), ...this.#sortIndex(reader) }))
      const supplied = new Map(given.map((argument) => [argument.name, this.#externAt(reader, argument, start)]))
      this.budget.spend(component, reader, start)
      const made = instantiate(component, supplied)
      this.budget.admit(made, reader, start)
      this.#addInstance(made, {
        kind: 'instantiate',
        component: index,
        arguments: given,
      })
      return
    }
    if (form !== 0x01) throw reader.unknown('instance', form)
    const exports = reader.vector(() => ({ name: readExternName(reader).name, ...this.#sortIndex(reader) }))
    const type = new Map(exports.map((item) => [item.name, this.#externAt(reader, item, start)]))
    const made: InstanceType = { kind: 'instance', exports: type }
    this.budget.admit(made, reader, start)
    this.#addInstance(made, { kind: 'bag', exports })
  }

  #alias(reader: ByteReader): void {
    const start = reader.at
    const sort = this.#sort(reader)
    const target = reader.u8()
    if (target === 0x00) {
      const index = reader.u32()
      const instance = lookUp(reader, this.instances, index, 'instance', start)
      const name = reader.name()
      const extern = instance.exports.get(name)
      const kind = sort === 'core-module' ? 'module' : sort
      if (extern?.kind !== kind)
        throw reader.error(
          'input.malformed',
          `the alias names \`${name}\`, which the instance does not export as a ${kind}`,
          start,
        )
      this.#add(extern, { kind: 'alias-export', instance: index, name })
      return
    }
    if (target === 0x01) {
      reader.u32()
      reader.name()
      return
    }
    if (target !== 0x02) throw reader.unknown('target of an alias', target)
    const count = reader.u32()
    const index = reader.u32()
    this.#outerAlias(reader, sort, count, index, start)
  }

  #outerAlias(reader: ByteReader, sort: Sort, count: number, index: number, start: number): void {
    const origin: Origin = { kind: 'alias-outer', count, index }
    if (sort === 'type') {
      this.#addType(lookUp(reader, outerSpaces(reader, this, count, start).types, index, 'outer type', start), origin)
      return
    }
    if (sort === 'core-type') {
      this.coreTypes.push(
        lookUp(reader, outerSpaces(reader, this, count, start).coreTypes, index, 'outer core type', start),
      )
      return
    }
    const at = count > depthLimit ? undefined : this.#outer(count)
    if (!at)
      throw reader.error('input.malformed', `an alias reaches ${count} scopes out, further than there are`, start)
    if (sort === 'component') {
      this.components.push(lookUp(reader, at.components, index, 'outer component', start))
      this.#origins.components.push(origin)
    } else if (sort === 'core-module') {
      this.modules.push(lookUp(reader, at.modules, index, 'outer core module', start))
      this.#origins.modules.push(origin)
    } else throw reader.error('input.malformed', `a ${sort} cannot be aliased from outside`, start)
  }

  #outer(count: number): ScopeDecoder | undefined {
    if (count === 0) return this
    return this.parent ? this.parent.#outer(count - 1) : undefined
  }

  #export(reader: ByteReader): void {
    const start = reader.at
    const { name, attributes } = readExternName(reader)
    if (attributes?.implements !== undefined) this.#feature('implements')
    const target = this.#sortIndex(reader)
    if (this.exports.has(name)) throw reader.error('input.malformed', `the export \`${name}\` appears twice`, start)
    const real = this.#externAt(reader, target, start)
    const type = target.sort === 'type' ? this.types[target.index] : undefined
    if (type?.kind === 'component') this.declarations.set(name, type)
    const ascribed = reader.u8() === 0x01 ? readExtern(reader, this, name, this.#feature) : undefined
    if (ascribed && ascribed.kind !== real.kind)
      throw reader.error(
        'input.malformed',
        `the export \`${name}\` is a ${real.kind}, but is ascribed the type of a ${ascribed.kind}`,
        start,
      )
    if (ascribed) this.budget.spend(ascribed.type, reader, start)
    const extern = exportedExtern(name, real, ascribed)
    this.#admit(extern, reader, start)
    this.exports.set(name, attributes ? { ...extern, attributes } : extern)
    this.#exported.push({ name, ...target })
    this.#add(extern, { kind: 'export', index: target.index, name })
  }
}

/**
 * What an export is from outside: a type gets a new name, an ascribed type replaces the real one, with the resources that
 * it introduces bound to the real ones.
 */
function exportedExtern(name: string, real: Extern, ascribed: Extern | undefined): Extern {
  if (real.kind === 'type') {
    if (ascribed?.kind === 'type' && ascribed.bound === 'eq') return ascribed
    return real.structure
      ? freshStructure(name, real.structure)
      : { kind: 'type', type: freshNamed(name, real.type), bound: 'eq' }
  }
  if (ascribed?.kind !== 'instance') return ascribed ?? real
  const introduced = typesIntroducedBy(ascribed.type.exports)
  const resources = new Map<TypeNode, TypeNode>()
  bindTypes(ascribed, real, (from, to) => {
    if (from.kind === 'resource') resources.set(from, to)
  })
  return new Substitution(resources, (type) => introduced.has(type)).extern(ascribed)
}
