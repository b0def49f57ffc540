import { ByteWriter, ChunkedOutput } from '../binary/writer.ts'
import { fail } from '../error.ts'
import type { CoreModuleType, Extern, FunctionType, TypeNode } from '../types/graph.ts'
import { Substitution } from '../types/substitute.ts'
import { walkFunction } from '../types/walk.ts'
import { BodyScope, TypeScope, writeExternName, writeModuleType } from './encode-types.ts'
import type { Plan, PlannedExport, PlannedImport, PlannedInstance, PlannedSource, PlannedType } from './plan.ts'

export interface EncodeOptions {
  /** Written into the producers section as `processed-by patchbay <version>`. */
  readonly version?: string
}

/**
 * Encodes a plan without problems as a component. The same plan always gives the same bytes; embedded components keep
 * theirs. (Component Model, Binary.md.) Throws the first problem of a plan that has some.
 */
export function encodeComposition(
  plan: Plan,
  bytesOf: (hash: string) => Uint8Array,
  options: EncodeOptions = {},
): Uint8Array {
  const [problem] = plan.problems
  if (problem)
    throw fail(problem.code, problem.message, {
      ...(problem.where ? { where: problem.where } : {}),
      ...(problem.hint === undefined ? {} : { hint: problem.hint }),
    })
  return new Encoder(plan, bytesOf).run(options)
}

type Sort = Extern['kind']
const sortBytes: Readonly<Record<Sort, readonly number[]>> = {
  function: [0x01],
  type: [0x03],
  component: [0x04],
  instance: [0x05],
  module: [0x00, 0x11],
}

/** Collects items into sections; neighbours of one kind share a section. */
class Sections {
  readonly output = new ChunkedOutput().push(new Uint8Array([0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00]))
  #id = -1
  #items = new ByteWriter()
  #count = 0

  add(id: number, write: (body: ByteWriter) => void): void {
    if (id !== this.#id) this.#flush()
    this.#id = id
    this.#count++
    write(this.#items)
  }

  /** A section whose payload are the bytes as they are. */
  embed(id: number, payload: Uint8Array): void {
    this.#flush()
    this.output.push(new ByteWriter().u8(id).u32(payload.length).finish()).push(payload)
  }

  custom(name: string, write: (body: ByteWriter) => void): void {
    this.#flush()
    this.output.push(
      new ByteWriter()
        .section(0, (body) => {
          body.name(name)
          write(body)
        })
        .finish(),
    )
  }

  finish(): Uint8Array {
    this.#flush()
    return this.output.join()
  }

  #flush(): void {
    if (this.#count > 0)
      this.output.push(
        new ByteWriter().section(this.#id, (body) => body.u32(this.#count).raw(this.#items.finish())).finish(),
      )
    this.#id = -1
    this.#items = new ByteWriter()
    this.#count = 0
  }
}

/** The root scope: index spaces of the composed component. */
class Encoder extends TypeScope {
  readonly level = 0
  readonly #plan: Plan
  readonly #bytesOf: (hash: string) => Uint8Array
  readonly #sections = new Sections()
  readonly #next: Record<Sort, number> = { function: 0, type: 0, component: 0, instance: 0, module: 0 }
  /** Index of an import, an instance or something taken out of them, by sort and path. */
  readonly #items = new Map<string, number>()
  readonly #components = new Map<string, number>()
  /** Types that were exported by themselves: functions exported later must name them by the export. */
  readonly #exportedTypes = new Map<TypeNode, TypeNode>()
  #nextCoreType = 0

  constructor(plan: Plan, bytesOf: (hash: string) => Uint8Array) {
    super()
    this.#plan = plan
    this.#bytesOf = bytesOf
  }

  run(options: EncodeOptions): Uint8Array {
    for (const each of this.#plan.imports) this.#import(each)
    for (const id of this.#plan.order) {
      const instance = this.#plan.instances.get(id)
      if (instance) this.#instantiate(instance)
    }
    for (const each of this.#plan.types) this.#declare(each)
    for (const each of this.#plan.exports) this.#export(each)
    this.#names()
    this.#producers(options.version ?? '0')
    return this.#sections.finish()
  }

  protected override define(write: (body: ByteWriter) => void): void {
    this.#sections.add(7, write)
  }

  protected override body(): BodyScope {
    return new BodyScope(this, this)
  }

  protected override coreModule(type: CoreModuleType): number {
    this.#sections.add(3, (body) => writeModuleType(body, type))
    return this.#nextCoreType++
  }

  override reaches(type: TypeNode): boolean {
    return this.known(type) !== undefined || this.#plan.owners.has(type)
  }

  protected override nominal(type: TypeNode & { kind: 'named' | 'resource' }): number {
    const owner = this.#plan.owners.get(type)
    if (owner) return this.#item(owner, 'type')
    // An alias that belongs to nobody is only another name: what it stands for counts.
    if (type.kind === 'named') return this.boundIndex(type.of)
    if (type.forward) return this.typeIndex(type.forward)
    throw fail('graph.hidden-type', `the resource "${type.name}" cannot be reached from the composition`, {
      hint: 'Export or wire the interface that owns it.',
    })
  }

  #import({ name, extern }: PlannedImport): void {
    const describe = this.describe(extern)
    this.#sections.add(10, (body) => {
      writeExternName(body, name, extern.attributes)
      describe(body)
    })
    this.#items.set(keyOf(extern.kind, 'import', name, []), this.#count(extern))
  }

  /** The index that a new item of this sort gets. */
  #count(extern: Extern): number {
    return extern.kind === 'type' ? this.introduce(extern.type) : this.#next[extern.kind]++
  }

  #instantiate(instance: PlannedInstance): void {
    const component = this.#component(instance)
    const given = instance.arguments.map(({ name, source }) => ({ name, ...this.#source(source) }))
    this.#sections.add(5, (body) => {
      body
        .u8(0x00)
        .u32(component)
        .vector(given, (each) => {
          body.name(each.name)
          for (const byte of sortBytes[each.sort]) body.u8(byte)
          body.u32(each.index)
        })
    })
    this.#items.set(keyOf('instance', 'instance', instance.id, []), this.#next.instance++)
  }

  #component({ hash }: PlannedInstance): number {
    const known = this.#components.get(hash)
    if (known !== undefined) return known
    const importedAs = this.#plan.packages.find((each) => each.hash === hash)?.importedAs
    const imported =
      importedAs === undefined ? undefined : this.#items.get(keyOf('component', 'import', importedAs, []))
    if (imported !== undefined) {
      this.#components.set(hash, imported)
      return imported
    }
    this.#sections.embed(4, this.#bytesOf(hash))
    const index = this.#next.component++
    this.#components.set(hash, index)
    return index
  }

  #source(source: PlannedSource): { readonly sort: Sort; readonly index: number } {
    if (source.kind === 'bag') return { sort: 'instance', index: this.#bag(source.items) }
    const sort = this.#sortOf(source)
    return { sort, index: this.#item(source, sort) }
  }

  #bag(items: readonly { readonly name: string; readonly source: PlannedSource }[]): number {
    const given = items.map(({ name, source }) => ({ name, ...this.#source(source) }))
    this.#sections.add(5, (body) => {
      body.u8(0x01).vector(given, (each) => {
        body.u8(0x00).name(each.name)
        for (const byte of sortBytes[each.sort]) body.u8(byte)
        body.u32(each.index)
      })
    })
    return this.#next.instance++
  }

  #sortOf(source: Exclude<PlannedSource, { kind: 'bag' }>): Sort {
    let at: Extern | undefined
    if (source.kind === 'import') at = this.#plan.imports.find((each) => each.name === source.import)?.extern
    else {
      const instance = this.#plan.instances.get(source.instance)
      at = instance && { kind: 'instance', type: instance.exports }
    }
    for (const name of source.path) at = at?.kind === 'instance' ? at.type.exports.get(name) : undefined
    return at?.kind ?? 'instance'
  }

  /** The index of an import, an instance or an item inside; what is missing is aliased. */
  #item(source: Exclude<PlannedSource, { kind: 'bag' }>, sort: Sort): number {
    const root = source.kind === 'import' ? source.import : source.instance
    const key = keyOf(sort, source.kind, root, source.path)
    const known = this.#items.get(key)
    if (known !== undefined) return known
    const name = source.path.at(-1)
    if (name === undefined) throw fail('internal.unexpected', `"${root}" was used before it was made`)
    const holder = this.#item({ ...source, path: source.path.slice(0, -1) }, 'instance')
    this.#sections.add(6, (body) => {
      for (const byte of sortBytes[sort]) body.u8(byte)
      body.u8(0x00).u32(holder).name(name)
    })
    const index = sort === 'type' ? this.nextType++ : this.#next[sort]++
    this.#items.set(key, index)
    return index
  }

  /** A type that is defined here, and exported under its name. */
  #declare({ name, extern }: PlannedType): void {
    const { type, structure } = extern
    const index = structure ? this.structure(structure) : this.boundIndex(type.kind === 'named' ? type.of : type)
    this.#sections.add(11, (body) => {
      writeExternName(body, name)
      body.u8(0x03).u32(index).u8(0x00)
    })
    this.introduce(type)
  }

  #export({ name, source, extern }: PlannedExport): void {
    const { sort, index } = this.#source(source)
    const ascribed = extern.kind === 'function' ? this.#ascribed(extern.type) : undefined
    const described = ascribed === undefined ? undefined : this.function(ascribed)
    this.#sections.add(11, (body) => {
      writeExternName(body, name, extern.attributes)
      for (const byte of sortBytes[sort]) body.u8(byte)
      body.u32(index)
      if (described === undefined) body.u8(0x00)
      else body.u8(0x01).u8(0x01).u32(described)
    })
    // Every export is an item of its own as well.
    if (extern.kind !== 'type') {
      this.#next[extern.kind]++
      return
    }
    const named: TypeNode = { kind: 'named', uid: -1 - this.nextType, name, of: extern.type }
    this.introduce(named)
    this.#exportedTypes.set(extern.type, named)
  }

  /** The type of a function in terms of the types that were exported by themselves, where it mentions such. */
  #ascribed(type: FunctionType): FunctionType | undefined {
    let mentions = false
    walkFunction(type, (name) => {
      mentions ||= this.#exportedTypes.has(name)
      return !mentions
    })
    return mentions ? new Substitution(this.#exportedTypes).function(type) : undefined
  }

  /** The name of the composition and of its parts, for tools and stack traces. */
  #names(): void {
    this.#sections.custom('component-name', (body) => {
      const { name } = this.#plan
      if (name !== undefined) body.section(0x00, (part) => part.name(name))
      const instances = this.#plan.order.flatMap((id) => {
        const index = this.#items.get(keyOf('instance', 'instance', id, []))
        return index === undefined ? [] : [{ id, index }]
      })
      const components = this.#plan.packages.flatMap(({ hash, name: packageName, version }) => {
        const index = this.#components.get(hash)
        const id = version === undefined ? packageName : `${packageName}@${version}`
        return index === undefined ? [] : [{ id, index }]
      })
      for (const [sort, list] of [
        [0x04, components],
        [0x05, instances],
      ] as const) {
        if (list.length > 0)
          body.section(0x01, (part) => part.u8(sort).vector(list, (each) => part.u32(each.index).name(each.id)))
      }
    })
  }

  #producers(version: string): void {
    this.#sections.custom('producers', (body) => body.u32(1).name('processed-by').u32(1).name('patchbay').name(version))
  }
}

function keyOf(sort: Sort, kind: string, root: string, path: readonly string[]): string {
  return JSON.stringify([sort, kind, root, ...path])
}
