import { describeDifference } from '../../src-engine/subtype/difference.ts'
import { checkTarget } from '../../src-engine/subtype/targets.ts'
import { readCode } from './component-file.ts'
import type { Verb } from './verb.ts'
import { readWorld } from './wit-source.ts'

export const targets: Verb = {
  name: 'targets',
  usage: 'FILE WIT [-w WORLD] [--exact]',
  examples: ['patchbay targets handler.wasm wit -w proxy'],
  positionals: { min: 2, max: 2 },
  options: {
    world: { type: 'string', short: 'w', value: 'WORLD', description: 'the world, where WIT has more than one' },
    exact: { type: 'boolean', description: 'versions must be equal; else 0.2.0 goes with 0.2.12' },
  },
  details: ['WIT is a .wit file, a folder of them (with deps/), or a component whose world is taken.'],
  async run({ arguments: given, output, cwd }) {
    const [file = '', wit = ''] = given.positionals
    const component = await readCode(file, cwd)
    const world = await readWorld(wit, cwd, given.text('world'))
    const failures = checkTarget(component.decoded.type, world, {
      versions: given.flag('exact') ? 'exact' : 'compatible',
    })
    const told = failures.map(({ side, name, wanted, difference }) => ({
      side,
      name,
      wanted,
      reason: difference
        ? describeDifference(difference)
        : side === 'import'
          ? 'the world does not offer it'
          : 'the component does not export it',
      ...(difference?.hint === undefined ? {} : { hint: difference.hint }),
    }))
    output.object({ fits: told.length === 0, failures: told })
    if (told.length === 0) output.line(`${file} fits`)
    for (const { side, name, reason, hint } of told) {
      output.line(`${side} ${name}: ${reason}`)
      if (hint !== undefined) output.line(`  ${hint}`)
    }
    return told.length === 0 ? 0 : 1
  },
}
