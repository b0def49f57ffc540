/**
 * Components made on the spot for tests, and the judge of what we encode: wasm-tools as bundled with jco.
 * `componentWit` validates the whole file before it prints it.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { componentEmbed, componentNew, componentWit, parse } from '@bytecodealliance/jco'
import { decode, type DecodedComponent } from '../src-engine/binary/decode.ts'
import { ByteWriter, ChunkedOutput } from '../src-engine/binary/writer.ts'
import { planComposition, type PlanOptions } from '../src-engine/compose/build-plan.ts'
import { addExport, addInstance, connect, setPackage } from '../src-engine/compose/edit.ts'
import { encodeComposition } from '../src-engine/compose/encode.ts'
import { emptyGraph, type CompositionGraph, type GraphSource } from '../src-engine/compose/graph.ts'
import type { Plan } from '../src-engine/compose/plan.ts'

/** A component with exactly the imports and exports of a world; every body traps. */
export async function componentOf(witSource: string, world?: string): Promise<Uint8Array> {
  const embedded = await componentEmbed({ witSource, dummy: true, ...(world === undefined ? {} : { world }) })
  return componentNew(embedded, [])
}

/** Text of a component as bytes. Says nothing about whether it is valid. */
export async function componentOfWat(text: string): Promise<Uint8Array> {
  return parse(text)
}

/** The WIT of a component that the validator accepts; throws with its words otherwise. */
export async function witOf(bytes: Uint8Array): Promise<string> {
  try {
    return await componentWit(bytes)
  } catch (thrown) {
    const payload = typeof thrown === 'object' && thrown !== null && 'payload' in thrown ? thrown.payload : undefined
    throw new Error(typeof payload === 'string' ? payload : String(thrown), { cause: thrown })
  }
}

/** Validates what no WIT can say: as an unused part of a component that is empty otherwise. */
export async function validate(bytes: Uint8Array): Promise<void> {
  const preamble = new Uint8Array([0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00])
  await witOf(
    new ChunkedOutput().push(preamble).push(new ByteWriter().u8(4).u32(bytes.length).finish()).push(bytes).join(),
  )
}

/** The `world` block of a printed component, spaces made equal. */
export function worldOf(wit: string): string {
  return (/world [\w-]+ \{[^]*?\n\}/.exec(wit)?.[0] ?? '').replaceAll(/\s+/g, ' ')
}

export function sample(name: string): Uint8Array {
  return readFileSync(new URL(`../resources/samples/${name}/${name}.wasm`, import.meta.url))
}

/** A graph over components that are in memory. */
export class Bench {
  graph: CompositionGraph = { ...emptyGraph, name: 'test:composition' }
  readonly #bytes = new Map<string, Uint8Array>()
  readonly #decoded = new Map<string, DecodedComponent>()

  /** Adds a component as a package and instantiates it under each id. */
  add(bytes: Uint8Array, ...ids: string[]): this {
    const hash = createHash('sha256').update(bytes).digest('hex')
    this.#bytes.set(hash, bytes)
    for (const id of ids) {
      const packageId = `${id}-package`
      this.graph = setPackage(this.graph, packageId, { name: `test:${id}`, hash })
      this.graph = addInstance(this.graph, packageId, id).graph
    }
    return this
  }

  /** `from › export › item` to `to › import`. */
  wire(from: string, to: string): this {
    const [instance = '', name = ''] = to.split(' › ')
    this.graph = connect(this.graph, instance, name, sourceOf(from))
    return this
  }

  export(from: string, name?: string): this {
    const source = sourceOf(from)
    this.graph = addExport(this.graph, name ?? source.path.at(-1) ?? from, source)
    return this
  }

  readonly decodedOf = (hash: string): DecodedComponent | undefined => {
    const bytes = this.#bytes.get(hash)
    if (!bytes) return undefined
    let decoded = this.#decoded.get(hash)
    if (!decoded) this.#decoded.set(hash, (decoded = decode(bytes)))
    return decoded
  }

  readonly bytesOf = (hash: string): Uint8Array => {
    const bytes = this.#bytes.get(hash)
    if (!bytes) throw new Error(`no bytes of ${hash}`)
    return bytes
  }
}

/** `instance › export`, or `import: name › item`. */
export function sourceOf(text: string): GraphSource {
  const [root = '', ...path] = text.split(' › ')
  if (root.startsWith('import: ')) return { kind: 'import', import: root.slice('import: '.length), path }
  return { kind: 'instance', instance: root, path }
}

/** Plans and encodes; throws the first problem. */
export function composeBench(
  bench: Bench,
  options: PlanOptions = {},
): { readonly plan: Plan; readonly bytes: Uint8Array } {
  const plan = planComposition(bench.graph, bench.decodedOf, options)
  return { plan, bytes: encodeComposition(plan, bench.bytesOf, { version: '1.0.0' }) }
}
