import { plugGraph, type Part } from '../../src-engine/compose/plug.ts'
import { nearest } from '../../src-engine/wac/inference.ts'
import { readCode, type ComponentFile } from './component-file.ts'
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
    const [consumer, provider] = await Promise.all(given.positionals.map((path) => readCode(path, cwd)))
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

/** Judges every import of one component by the exports of another, as a composition of the two would. */
export function checkImports(consumer: ComponentFile, provider: ComponentFile): ImportVerdict[] {
  const exports = provider.decoded.type.exports
  const { decisions } = plugGraph(partOf('consumer', consumer), [partOf('provider', provider)], (hash) =>
    hash === consumer.hash ? consumer.decoded : hash === provider.hash ? provider.decoded : undefined,
  )
  return decisions.map(({ import: name, decision }): ImportVerdict => {
    switch (decision.kind) {
      case 'plugged':
        return { import: name, fits: true, export: decision.export, ...reason(decision.sentence) }
      case 'refused':
        return {
          import: name,
          fits: false,
          export: decision.export,
          reason: decision.sentence,
          ...(decision.hint === undefined ? {} : { hint: decision.hint }),
        }
      default: {
        if (decision.kind === 'left' && decision.host) return { import: name, fits: false, from: 'host' }
        const near = nearest(name, exports.keys())
        return {
          import: name,
          fits: false,
          reason: 'no export of this name',
          ...(near === undefined ? {} : { hint: `The nearest is ${near}.` }),
        }
      }
    }
  })
}

function partOf(id: string, file: ComponentFile): Part {
  return { id, package: { name: `local:${id}`, hash: file.hash } }
}

function reason(sentence: string | undefined): { readonly reason?: string } {
  return sentence === undefined ? {} : { reason: sentence }
}
