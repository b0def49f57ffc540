import type { Extern, FunctionType, InstanceType, TypeNode, ComponentType, CoreModuleType } from '../types/graph.ts'
import { partsOf } from '../types/walk.ts'
import type { ByteReader } from './reader.ts'

type Weighable = TypeNode | FunctionType | InstanceType | ComponentType | CoreModuleType

interface Weight {
  /** Nodes of the type with every name in it spelled out. */
  readonly size: number
  /** Longest way from the type down to a primitive. */
  readonly depth: number
}

/** A type of this many nodes, spelled out, is refused; the validator of wasm-tools draws the line at the same place. */
const sizeLimit = 1_000_000
/** Types are walked recursively; nothing that a person writes comes near. */
const depthLimit = 500
/** Nodes that instantiating and importing may copy over one whole file. */
const copyLimit = 3_000_000

/**
 * Keeps a small file from growing without bound in memory: types that double at every step, chains of names, an interface
 * of a thousand items instantiated a thousand times. One budget serves a file and everything nested in it.
 */
export class DecodeBudget {
  readonly #weights = new Map<Weighable, Weight>()
  #copied = 0

  /** Refuses a type that is too large or too deep. What it is made of must have been admitted before. */
  admit(type: Weighable, reader: ByteReader, offset: number): number {
    const { size, depth } = this.#weigh(type)
    if (size > sizeLimit)
      throw reader.error(
        'input.limit',
        `a type is larger than ${sizeLimit} nodes when its names are spelled out`,
        offset,
      )
    if (depth > depthLimit) throw reader.error('input.limit', `types nest more than ${depthLimit} deep`, offset)
    return size
  }

  /** The same for what an import or export is. */
  admitExtern(extern: Extern, reader: ByteReader, offset: number): number {
    return typesOf(extern).reduce((size, type) => size + this.admit(type, reader, offset), 0)
  }

  /** Pays for a copy of a type before it is made. */
  spend(type: Weighable, reader: ByteReader, offset: number): void {
    this.#copied += this.#weigh(type).size
    if (this.#copied > copyLimit)
      throw reader.error('input.limit', 'the file instantiates and imports more types than can be kept', offset)
  }

  /** Refuses a world that is too large as a whole. */
  admitWorld(size: number, reader: ByteReader, offset: number): void {
    if (size > sizeLimit)
      throw reader.error('input.limit', `the imports and exports are larger than ${sizeLimit} nodes`, offset)
  }

  #weigh(type: Weighable): Weight {
    const known = this.#weights.get(type)
    if (known) return known
    let size = 1
    let depth = 0
    for (const part of contentsOf(type)) {
      const inner = this.#weigh(part)
      size += inner.size
      depth = Math.max(depth, inner.depth)
    }
    const weight = { size, depth: depth + 1 }
    this.#weights.set(type, weight)
    return weight
  }
}

function contentsOf(type: Weighable): readonly Weighable[] {
  switch (type.kind) {
    case 'function':
      return [...type.parameters.map((field) => field.type), ...(type.result ? [type.result] : [])]
    case 'instance':
      return [...type.exports.values()].flatMap(typesOf)
    case 'component':
      return [...type.imports.values(), ...type.exports.values()].flatMap(typesOf)
    case 'module':
      return []
    case 'own':
    case 'borrow':
    case 'resource':
      // What a handle points to is named, never spelled out.
      return []
    default:
      return partsOf(type)
  }
}

function typesOf(extern: Extern): Weighable[] {
  return extern.kind === 'type' && extern.structure ? [extern.type, extern.structure] : [extern.type]
}
