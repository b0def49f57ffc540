import { expect } from 'vitest'
import { decode } from '../src-engine/binary/decode.ts'
import { skeletonOf } from '../src-engine/binary/skeleton.ts'
import { ByteWriter } from '../src-engine/binary/writer.ts'
import { planComposition } from '../src-engine/compose/build-plan.ts'
import { decompose } from '../src-engine/compose/decompose.ts'
import { encodeComposition } from '../src-engine/compose/encode.ts'
import { emptyGraph, type CompositionGraph } from '../src-engine/compose/graph.ts'
import { PatchbayError, type Problem } from '../src-engine/error.ts'
import { summarize } from '../src-engine/inspect.ts'
import { strip } from '../src-engine/size/strip.ts'
import { sizeTree } from '../src-engine/size/tree.ts'
import { checkExtern } from '../src-engine/subtype/check.ts'
import { printWorld } from '../src-engine/wit/print.ts'

/** Everything that reads a file somebody gave us. */
export const readers: Readonly<Record<string, (bytes: Uint8Array) => unknown>> = {
  decode: (bytes) => {
    const { type } = decode(bytes)
    const extern = { kind: 'component', type } as const
    checkExtern(extern, extern)
    return printWorld(type)
  },
  skeleton: (bytes) => skeletonOf(bytes),
  'size tree': (bytes) => sizeTree(bytes),
  strip: (bytes) => strip(bytes, { all: true }),
  summary: (bytes) => summarize(bytes),
  composition: (bytes) => {
    const decoded = decode(bytes)
    const source = (name: string) => ({ source: { kind: 'instance' as const, instance: 'a', path: [name] } })
    const exports = [...decoded.type.exports.keys()].map((name) => [name, source(name)] as const)
    const graph: CompositionGraph = {
      ...emptyGraph,
      packages: { p: { name: 'test:p', hash: 'p' } },
      instances: { a: { package: 'p' }, b: { package: 'p' } },
      exports: Object.fromEntries(exports),
    }
    const plan = planComposition(graph, () => decoded)
    try {
      if (plan.problems.length === 0) encodeComposition(plan, () => bytes)
    } catch (thrown) {
      // What a damaged file asks for may be beyond what can be written: that is said, too.
      if (!(thrown instanceof PatchbayError) || !thrown.problem.code.startsWith('graph.')) throw thrown
    }
  },
  decomposition: (bytes) => {
    try {
      decompose(bytes, (part) => String(part.length))
    } catch (thrown) {
      if (!(thrown instanceof PatchbayError) || !thrown.problem.code.startsWith('decompose.')) throw thrown
    }
  },
}

/** The problem a reader ends with; anything but a typed one with its place fails the test. */
export function problemOf(read: () => unknown): Problem | undefined {
  try {
    read()
    return undefined
  } catch (thrown) {
    if (!(thrown instanceof PatchbayError)) throw thrown
    expect(thrown.problem.code).toMatch(/^input\./)
    expect(thrown.problem.where?.offset, thrown.problem.message).toBeTypeOf('number')
    return thrown.problem
  }
}

export const preamble = Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0)
/** A component of hand-made sections. */
export function component(write: (writer: ByteWriter) => void): Uint8Array {
  const writer = new ByteWriter().raw(preamble)
  write(writer)
  return Uint8Array.from(writer.finish())
}
