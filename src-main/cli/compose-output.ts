import type { DecodedComponent } from '../../src-engine/binary/decode.ts'
import { planComposition, type PlanOptions } from '../../src-engine/compose/build-plan.ts'
import { encodeComposition } from '../../src-engine/compose/encode.ts'
import type { CompositionGraph } from '../../src-engine/compose/graph.ts'
import type { Plan } from '../../src-engine/compose/plan.ts'
import { fail } from '../../src-engine/error.ts'
import { patchbayVersion } from '../version.ts'
import { createTools } from '../tools/tools.ts'
import { writeResult } from './component-file.ts'
import { printBytes, printProblem, type VerbContext, type VerbOption } from './verb.ts'

/** What a composition is made of. */
export interface Part {
  readonly bytes: Uint8Array
  readonly decoded: DecodedComponent
}

export const outputOptions = {
  output: { type: 'string', short: 'o', value: 'OUT', description: 'where to write; - for stdout' },
  wat: { type: 'boolean', short: 't', description: 'write the text format' },
  'no-validate': { type: 'boolean', description: 'skip the independent validation of the result' },
} as const satisfies Record<string, VerbOption>

/** Plans, encodes, validates and writes a graph, and tells what was left to the host. Answers the exit code. */
export async function composeTo(
  context: VerbContext,
  graph: CompositionGraph,
  parts: ReadonlyMap<string, Part>,
  fallback: string,
  more: Record<string, unknown> = {},
  options: PlanOptions & { readonly skipValidation?: boolean } = {},
): Promise<number> {
  const { output, arguments: given } = context
  const plan = planComposition(graph, (hash) => parts.get(hash)?.decoded, options)
  const [problem, ...others] = plan.problems
  if (problem) {
    output.object({ error: problem, problems: plan.problems, ...more })
    for (const each of [problem, ...others]) output.note(printProblem(each))
    return 1
  }
  const bytes = encodeComposition(plan, (hash) => parts.get(hash)?.bytes ?? new Uint8Array(), {
    version: patchbayVersion,
  })
  const tools = createTools()
  try {
    if (!given.flag('no-validate') && options.skipValidation !== true) {
      const verdict = await tools.validate(bytes)
      // Names of components that are to be supplied are older than the validator, start functions newer: it has not judged the rest.
      if (!verdict.ok && verdict.problem.code.startsWith('tools.unsupported-'))
        context.output.note(`not validated: ${verdict.problem.message}`)
      else if (!verdict.ok)
        throw fail('composition.invalid', `the composed component does not validate: ${verdict.problem.message}`, {
          hint: 'This is a defect of Patchbay: please report it with the inputs.',
        })
    }
    const written = await writeResult(context, given.flag('wat') ? await tools.printWat(bytes) : bytes, fallback)
    tell(context, plan, bytes.length, written, more)
    return 0
  } finally {
    await tools.dispose()
  }
}

function tell({ output }: VerbContext, plan: Plan, size: number, written: string, more: Record<string, unknown>): void {
  const imports = plan.imports.map(({ name, host, wantedBy, apart }) => ({
    name,
    host,
    wantedBy,
    ...(apart === undefined ? {} : { apart }),
  }))
  output.object({
    output: written,
    size,
    imports,
    exports: [...plan.types, ...plan.exports].map(({ name }) => name),
    companions: plan.companions,
    features: plan.features,
    ...(plan.warnings.length === 0 ? {} : { warnings: plan.warnings }),
    ...more,
  })
  for (const name of plan.companions) output.note(`also exports ${name}: another export uses its types`)
  for (const { name, wantedBy } of imports.filter((each) => !each.host)) {
    const takers = wantedBy.map(({ instance }) => instance).join(', ')
    output.note(`still imports ${name}${takers === '' ? '' : ` (wanted by ${takers})`}`)
  }
  for (const { name, apart } of imports) if (apart !== undefined) output.note(`${name} is ${apart}`)
  for (const warning of plan.warnings) output.note(printProblem(warning, 'warning'))
  output.note(`${printBytes(size)} written to ${written}`)
}
