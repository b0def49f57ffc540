import type { DecodedComponent } from '../../src-engine/binary/decode.ts'
import { planComposition } from '../../src-engine/compose/build-plan.ts'
import type { CompositionGraph } from '../../src-engine/compose/graph.ts'
import type { Plan } from '../../src-engine/compose/plan.ts'
import { fail } from '../../src-engine/error.ts'
import type { Contents } from '../project/contents.ts'
import type { Source } from '../tools/engine-jobs.ts'
import type { EngineThread } from '../tools/engine-thread.ts'
import type { Tools, Verdict } from '../tools/tools.ts'
import { patchbayVersion } from '../version.ts'

/** A graph as a component. */
export interface Composition {
  readonly bytes: Uint8Array
  readonly hash: string
  readonly plan: Plan
  /** What the independent validator says of the bytes. */
  readonly validation: Verdict
}

/** Graph → plan → bytes → independent validation. Nobody sees bytes that were not validated. */
export class Composer {
  readonly #contents: Contents
  readonly #tools: Tools
  readonly #engine: EngineThread

  constructor(contents: Contents, tools: Tools, engine: EngineThread) {
    this.#contents = contents
    this.#tools = tools
    this.#engine = engine
  }

  /** Plans a graph. Throws only when a component's file cannot be read. */
  async plan(graph: CompositionGraph): Promise<Plan> {
    const decoded = new Map<string, DecodedComponent>()
    for (const { hash } of Object.values(graph.packages)) {
      if (!decoded.has(hash)) {
        const component = await this.#contents.decoded(hash).catch(() => undefined)
        if (component) decoded.set(hash, component)
      }
    }
    return planComposition(graph, (hash) => decoded.get(hash))
  }

  /** Composes. Throws the first problem of the plan, with the number of the others. */
  async compose(graph: CompositionGraph): Promise<Composition> {
    if (Object.keys(graph.instances).length === 0) {
      throw fail('graph.empty', 'there is nothing to compose yet', { hint: 'Put a component on the canvas first.' })
    }
    const plan = await this.plan(graph)
    const [problem, ...more] = plan.problems
    if (problem) {
      const also = more.length === 0 ? '' : ` (and ${more.length} more problem${more.length === 1 ? '' : 's'})`
      throw fail(problem.code, `${problem.message}${also}`, {
        ...(problem.where ? { where: problem.where } : {}),
        ...(problem.hint === undefined ? {} : { hint: problem.hint }),
      })
    }
    const sources = new Map<string, Source>()
    for (const { hash } of plan.packages) sources.set(hash, await this.#contents.source(hash))
    const { bytes, hash } = await this.#engine.compose({ graph, sources, version: patchbayVersion })
    const validation = await this.#tools.validate(bytes, hash)
    this.#contents.addBytes(bytes, hash)
    return { bytes, hash, plan, validation }
  }
}
