import { checkExtern } from '../../src-engine/subtype/check.ts'
import { describeDifference } from '../../src-engine/subtype/difference.ts'
import { isHostName, matchNames } from '../../src-engine/types/names.ts'
import { planComposition } from '../../src-engine/compose/build-plan.ts'
import { connect } from '../../src-engine/compose/edit.ts'
import { emptyGraph, type CompositionGraph } from '../../src-engine/compose/graph.ts'
import { nearest } from '../../src-engine/wac/inference.ts'
import { readComponent, type ComponentFile } from './component-file.ts'
import type { Verb } from './verb.ts'

/** What the check says of one import. */
export interface ImportVerdict {
  readonly import: string
  readonly fits: boolean
  /** The export that was compared, when there is one by that name. */
  readonly export?: string
  /** Where else the import can come from. */
  readonly from?: 'host'
  readonly reason?: string
  readonly hint?: string
}

export const check: Verb = {
  name: 'check',
  usage: 'A.wasm B.wasm',
  examples: ['patchbay check handler.wasm store.wasm'],
  positionals: { min: 2, max: 2 },
  options: {},
  details: ['Exit code 1 when B offers an import of A in a form that does not fit, or fits none at all.'],
  async run({ arguments: given, output, cwd }) {
    const [consumer, provider] = await Promise.all(given.positionals.map((path) => readComponent(path, cwd)))
    if (!consumer || !provider) return 2
    const verdicts = checkImports(consumer, provider)
    const fits = verdicts.filter((verdict) => verdict.fits)
    const refused = verdicts.filter((verdict) => verdict.export !== undefined && !verdict.fits)
    const ok = fits.length > 0 && refused.length === 0
    output.object({ ok, imports: verdicts })
    for (const verdict of verdicts) {
      const word = verdict.fits ? 'yes' : verdict.export === undefined ? (verdict.from ?? 'none') : 'no'
      output.line(
        `${word.padEnd(5)} ${verdict.import}${verdict.fits && verdict.export !== verdict.import ? ` ← ${verdict.export}` : ''}`,
      )
      if (verdict.reason !== undefined) output.line(`      ${verdict.reason}`)
      if (verdict.hint !== undefined) output.line(`      ${verdict.hint}`)
    }
    return ok ? 0 : 1
  },
}

/** Compares every import of one component with the exports of another, in the way a composition of the two would. */
export function checkImports(consumer: ComponentFile, provider: ComponentFile): ImportVerdict[] {
  return [...consumer.decoded.type.imports].map(([name, extern]): ImportVerdict => {
    const exports = provider.decoded.type.exports
    const match =
      [...exports.keys()].find((candidate) => candidate === name) ??
      [...exports.keys()].find((candidate) => matchNames(candidate, name) !== 'no')
    if (match === undefined) {
      if (isHostName(name)) return { import: name, fits: false, from: 'host' }
      const near = nearest(name, exports.keys())
      return {
        import: name,
        fits: false,
        reason: 'no export of this name',
        ...(near === undefined ? {} : { hint: `The nearest is ${near}.` }),
      }
    }
    const problem = problemOfWire(consumer, provider, name, match)
    if (!problem) return { import: name, fits: true, export: match }
    const supply = exports.get(match)
    const alone = supply ? checkExtern(supply, extern)[0] : undefined
    const reason = alone ? describeDifference(alone) : problem.message
    return {
      import: name,
      fits: false,
      export: match,
      reason,
      ...((alone?.hint ?? problem.hint) === undefined ? {} : { hint: alone?.hint ?? problem.hint }),
    }
  })
}

/** What the plan of a composition with just this wire says about it. */
function problemOfWire(consumer: ComponentFile, provider: ComponentFile, name: string, exported: string) {
  const base: CompositionGraph = {
    ...emptyGraph,
    packages: {
      consumer: { name: 'local:consumer', hash: consumer.hash },
      provider: { name: 'local:provider', hash: provider.hash },
    },
    instances: { consumer: { package: 'consumer' }, provider: { package: 'provider' } },
  }
  // Every other match is wired as well: resources of one interface may be needed by the next.
  let graph = base
  for (const other of consumer.decoded.type.imports.keys()) {
    const match =
      other === name
        ? exported
        : [...provider.decoded.type.exports.keys()].find((candidate) => matchNames(candidate, other) !== 'no')
    if (match !== undefined)
      graph = connect(graph, 'consumer', other, { kind: 'instance', instance: 'provider', path: [match] })
  }
  const plan = planComposition(graph, (hash) =>
    hash === consumer.hash ? consumer.decoded : hash === provider.hash ? provider.decoded : undefined,
  )
  return plan.problems.find((problem) => problem.import === name)
}
