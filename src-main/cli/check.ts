import { planComposition } from '../../src-engine/compose/build-plan.ts'
import { plugGraph, type Part } from '../../src-engine/compose/plug.ts'
import { fail } from '../../src-engine/error.ts'
import { nearest } from '../../src-engine/wac/inference.ts'
import { readCode, type ComponentFile } from './component-file.ts'
import { fromProject } from './compose.ts'
import { projectFile } from './project-folder.ts'
import type { Verb, VerbOutput } from './verb.ts'

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
  usage: 'A.wasm B.wasm | PROJECT',
  examples: ['patchbay check handler.wasm store.wasm', 'patchbay check my-project'],
  positionals: { min: 1, max: 2 },
  options: {},
  details: [
    'Exit code 1 when B offers an import of A in a form that does not fit, or fits none at all.',
    'For a project: every wire that does not fit the components as they are now, and why; 1 when there is one.',
  ],
  async run({ arguments: given, output, cwd }) {
    const [only, ...others] = given.positionals
    if (only !== undefined && others.length === 0) return checkProject(only, cwd, output)
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

/** Plans the composition of a project with the files as they are now: a component that was built anew may fit no more. */
async function checkProject(path: string, cwd: string, output: VerbOutput): Promise<number> {
  const file = await projectFile(path, cwd)
  if (file === undefined)
    throw fail('usage.arguments', `"${path}" is not a project, and there is no second component to check it against`, {
      hint: 'Name two components, or a folder with a patchbay.json.',
    })
  const { graph, parts } = await fromProject(file)
  const { problems } = planComposition(graph, (hash) => parts.get(hash)?.decoded)
  const wires = Object.keys(graph.arguments).length + Object.keys(graph.exports).length
  output.object({ ok: problems.length === 0, wires, problems })
  for (const problem of problems) {
    const place = [problem.instance, problem.import ?? problem.export].filter((part) => part !== undefined)
    output.line(`no    ${place.length === 0 ? problem.code : place.join(' ‹ ')}`)
    output.line(`      ${problem.message}`)
    if (problem.hint !== undefined) output.line(`      ${problem.hint}`)
  }
  if (problems.length === 0) output.line(`yes   all ${wires} wires fit`)
  return problems.length === 0 ? 0 : 1
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
