import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { decode, type DecodedComponent } from '../src-engine/binary/decode.ts'
import { planComposition } from '../src-engine/compose/build-plan.ts'
import { addInstance, connect } from '../src-engine/compose/edit.ts'
import { encodeComposition } from '../src-engine/compose/encode.ts'
import { emptyGraph, type CompositionGraph } from '../src-engine/compose/graph.ts'

const samples = join(import.meta.dirname, '..', 'resources', 'samples')
const handler = 'wasi:http/incoming-handler@0.2.12'

interface Part {
  readonly hash: string
  readonly bytes: Uint8Array
  readonly decoded: DecodedComponent
}

function partOf(name: string): Part {
  const bytes = readFileSync(join(samples, name, `${name}.wasm`))
  return { hash: createHash('sha256').update(bytes).digest('hex'), bytes, decoded: decode(bytes) }
}

/** `length` instances of the middleware in front of a handler. */
function chain(length: number, parts: { readonly logger: Part; readonly hello: Part }): CompositionGraph {
  let graph: CompositionGraph = {
    ...emptyGraph,
    packages: {
      logger: { name: 'bench:logger', hash: parts.logger.hash },
      hello: { name: 'bench:hello', hash: parts.hello.hash },
    },
    instances: { hello: { package: 'hello' } },
  }
  let last = 'hello'
  for (let count = 1; count < length; count++) {
    const added = addInstance(graph, 'logger')
    graph = connect(added.graph, added.instance, handler, { kind: 'instance', instance: last, path: [handler] })
    last = added.instance
  }
  return { ...graph, exports: { [handler]: { source: { kind: 'instance', instance: last, path: [handler] } } } }
}

/** Median of several runs, milliseconds, after one that warms up. */
function median(run: () => void, times = 9): number {
  run()
  const measured = Array.from({ length: times }, () => {
    const start = performance.now()
    run()
    return performance.now() - start
  })
  return measured.sort((left, right) => left - right)[Math.floor(times / 2)] ?? 0
}

/** Times of the engine: decoding, planning, encoding, and how they grow. */
export function benchEngine(): Record<string, number> {
  const parts = { logger: partOf('http-logger'), hello: partOf('hello') }
  const big = partOf('hello-js')
  const known = new Map([parts.logger, parts.hello, big].map((part) => [part.hash, part]))
  const decodedOf = (hash: string) => known.get(hash)?.decoded
  const bytesOf = (hash: string) => known.get(hash)?.bytes ?? new Uint8Array()
  const result: Record<string, number> = {
    'decode 11 kB (C)': median(() => decode(parts.hello.bytes)),
    'decode 1.8 MB (JavaScript)': median(() => decode(big.bytes)),
  }
  for (const count of [10, 20, 100, 200]) {
    const graph = chain(count, parts)
    const plan = planComposition(graph, decodedOf)
    if (plan.problems.length > 0) throw new Error(plan.problems[0]?.message)
    result[`plan ${count} nodes`] = median(() => planComposition(graph, decodedOf))
    result[`encode ${count} nodes`] = median(() => encodeComposition(plan, bytesOf))
  }
  return result
}
