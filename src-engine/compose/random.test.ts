import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { componentOf, validate, witOf, type Bench } from '../../test/components.ts'
import { randomBench } from '../../test/random-bench.ts'
import { generateWorlds, randomFrom } from '../../test/wit-generator.ts'
import { decode } from '../binary/decode.ts'
import { planComposition } from './build-plan.ts'
import { decompose } from './decompose.ts'
import { encodeComposition } from './encode.ts'
import { argumentKey } from './graph.ts'
import { typeOfPlan, type Plan } from './plan.ts'
import { verdictOf, verdictsFrom } from './verdict.ts'
import { wireAll } from './wire-all.ts'

const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const seeds = (process.env['COMPOSE_SEEDS'] ?? '1,2').split(',').map(Number)
const graphs = Number(process.env['COMPOSE_GRAPHS'] ?? 40)

describe('random compositions', () => {
  it.each(seeds)(
    'the validator accepts what the plan accepts, and refuses what does not fit, seed %i',
    { timeout: 600_000 },
    async (seed) => {
      const random = randomFrom(seed)
      const pool: Uint8Array[] = []
      for (const { wit, world } of generateWorlds(seed, 20, seed % 2 === 0)) {
        // Some worlds mix imported and exported types in ways that WIT does not allow.
        const bytes = await componentOf(wit, world).catch(() => undefined)
        if (bytes) pool.push(bytes)
      }
      expect(pool.length).toBeGreaterThan(8)
      let accepted = 0
      let refused = 0
      const refusals = new Map<string, number>()
      for (let round = 0; round < graphs; round++) {
        const bench = randomBench(random, pool)
        const plan = planComposition(bench.graph, bench.decodedOf)
        checkVerdicts(bench, plan)
        if (round % 4 === 0) checkWireAll(bench)
        const [problem] = plan.problems
        if (problem) {
          refusals.set(problem.code, (refusals.get(problem.code) ?? 0) + 1)
          expect(problem.message).not.toContain('undefined')
          // Written all the same, what does not fit is refused by the validator too.
          if (plan.problems.every(({ code }) => code === 'graph.mismatch')) {
            refused++
            const forced = encodeComposition({ ...plan, problems: [] }, bench.bytesOf)
            await expect(validate(forced), `round ${round}: ${problem.message}`).rejects.toThrow(
              /mismatch|not the same|missing expected/,
            )
          }
          continue
        }
        accepted++
        const bytes = encodeComposition(plan, bench.bytesOf)
        try {
          // A world without warnings can be printed, one with any is valid nevertheless.
          if (plan.warnings.some(({ code }) => code === 'graph.unprintable')) await validate(bytes)
          else await witOf(bytes)
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
      if (process.env['COMPOSE_GRAPHS'] !== undefined)
        console.log(seed, accepted, refused, Object.fromEntries(refusals))
      expect(accepted).toBeGreaterThan(graphs / 4)
      expect(refused).toBeGreaterThan(0)
    },
  )
})

/** A wire that is drawn gets the verdict that the plan has on it. */
function checkVerdicts(bench: Bench, plan: Plan): void {
  if (plan.problems.some((problem) => problem.code === 'graph.cycle')) return
  const context = { graph: bench.graph, plan, decodedOf: bench.decodedOf }
  for (const { instance, name, source } of Object.values(bench.graph.arguments)) {
    const said = verdictOf(context, source, { instance, name })
    const refused = plan.problems.some((problem) => problem.instance === instance && problem.import === name)
    expect(said.fits === 'no', `${JSON.stringify(source)} → ${instance} ${name}: ${said.sentence ?? ''}`).toBe(refused)
    expect(verdictsFrom(context, source).get(argumentKey(instance, name))).toEqual(said)
  }
}

/** Wires that are drawn by themselves fit, and close no circle. */
function checkWireAll(bench: Bench): void {
  const parts = Object.entries(bench.graph.packages).map(([id, entry]) => ({ id, package: entry }))
  const [kept] = Object.keys(bench.graph.instances)
  const instance = kept === undefined ? undefined : bench.graph.instances[kept]
  const graph = { ...bench.graph, instances: kept && instance ? { [kept]: instance } : {}, arguments: {}, exports: {} }
  const wiring = wireAll(graph, parts, bench.decodedOf)
  const { problems } = planComposition(wiring.graph, bench.decodedOf)
  expect(problems.filter(({ code }) => code === 'graph.mismatch' || code === 'graph.cycle')).toEqual([])
}

function decodedType(bench: Bench, instance: string, name: string): string | undefined {
  const hash = bench.graph.packages[`${instance}-package`]?.hash ?? ''
  return bench.decodedOf(hash)?.type.imports.get(name)?.kind
}
