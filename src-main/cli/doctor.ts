import { checkToolchains } from '../build/toolchains.ts'
import type { Verb } from './verb.ts'

export const doctor: Verb = {
  name: 'doctor',
  usage: '',
  examples: ['patchbay doctor'],
  positionals: { max: 0 },
  options: {},
  details: ['Only JavaScript is needed for a start; everything else adds a language.'],
  async run({ output }) {
    const toolchains = await checkToolchains()
    output.object({ node: process.version, toolchains })
    output.line(`ok       Node ${process.version}`)
    for (const { label, purpose, version, problem } of toolchains) {
      output.line(
        problem
          ? `missing  ${label}: ${purpose}`
          : `ok       ${label}${version === undefined ? '' : ` (${version})`}: ${purpose}`,
      )
      if (problem?.hint !== undefined) output.line(`         ${problem.hint}`)
    }
    return 0
  },
}
