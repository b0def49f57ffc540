import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { componentOf, witOf, type Bench } from '../../test/components.ts'
import { randomBench } from '../../test/random-bench.ts'
import { generateWorlds, randomFrom } from '../../test/wit-generator.ts'
import { decode } from '../binary/decode.ts'
import { planComposition } from './build-plan.ts'
import { decompose } from './decompose.ts'
import { encodeComposition } from './encode.ts'
import { typeOfPlan } from './plan.ts'

const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const seeds = (process.env['COMPOSE_SEEDS'] ?? '1,2').split(',').map(Number)
const graphs = Number(process.env['COMPOSE_GRAPHS'] ?? 40)

describe('random compositions', () => {
  it.each(seeds)('what the plan accepts the validator accepts, seed %i', { timeout: 600_000 }, async (seed) => {
    const random = randomFrom(seed)
    const pool: Uint8Array[] = []
    for (const { wit, world } of generateWorlds(seed, 20, seed % 2 === 0)) {
      // Some worlds mix imported and exported types in ways that WIT does not allow.
      const bytes = await componentOf(wit, world).catch(() => undefined)
      if (bytes) pool.push(bytes)
    }
    expect(pool.length).toBeGreaterThan(8)
    let accepted = 0
    const refusals = new Map<string, number>()
    for (let round = 0; round < graphs; round++) {
      const bench = randomBench(random, pool)
      const plan = planComposition(bench.graph, bench.decodedOf)
      const [problem] = plan.problems
      if (problem) {
        refusals.set(problem.code, (refusals.get(problem.code) ?? 0) + 1)
        expect(problem.message).not.toContain('undefined')
        continue
      }
      accepted++
      const bytes = encodeComposition(plan, bench.bytesOf)
      try {
        await witOf(bytes)
      } catch (thrown) {
        throw new Error(`seed ${seed}, round ${round}: ${String(thrown)}`, { cause: thrown })
      }
      const decoded = decode(bytes)
      expect([...decoded.type.imports.keys()]).toEqual([...typeOfPlan(plan).imports.keys()])
      expect([...decoded.type.exports.keys()]).toEqual([...typeOfPlan(plan).exports.keys()])
      expect(encodeComposition(planComposition(bench.graph, bench.decodedOf), bench.bytesOf)).toEqual(bytes)
      const taken = decompose(bytes, hashOf)
      expect(taken.problems).toEqual([])
      const edges = (graph: typeof taken.graph) =>
        Object.values(graph.arguments)
          .filter(({ instance, name }) => decodedType(bench, instance, name) !== 'type')
          .map((wire) => JSON.stringify(wire))
          .sort()
      expect(edges(taken.graph)).toEqual(edges(bench.graph))
    }
    if (process.env['COMPOSE_GRAPHS'] !== undefined) console.log(seed, accepted, Object.fromEntries(refusals))
    expect(accepted).toBeGreaterThan(graphs / 4)
  })
})

function decodedType(bench: Bench, instance: string, name: string): string | undefined {
  const hash = bench.graph.packages[`${instance}-package`]?.hash ?? ''
  return bench.decodedOf(hash)?.type.imports.get(name)?.kind
}
