import { withPlace, fail } from '../../src-engine/error.ts'
import { strip } from '../../src-engine/size/strip.ts'
import { readWhole } from '../project/files.ts'
import { resolve } from 'node:path'
import { besideInput, writeResult } from './component-file.ts'
import { printBytes, type Verb } from './verb.ts'

export const stripVerb: Verb = {
  name: 'strip',
  usage: 'FILE [-o OUT] [-a | -d REGEX]',
  examples: ['patchbay strip handler.wasm', "patchbay strip handler.wasm -d '^name$' -o small.wasm"],
  positionals: { min: 1, max: 1 },
  options: {
    output: {
      type: 'string',
      short: 'o',
      value: 'OUT',
      description: 'where to write; default FILE.stripped.wasm, - for stdout',
    },
    all: { type: 'boolean', short: 'a', description: 'drop every custom section' },
    delete: { type: 'string', short: 'd', value: 'REGEX', description: 'drop only sections whose name matches' },
  },
  details: ['Without -a or -d everything goes but name, component-type:* and dylink.0, as with wasm-tools strip.'],
  async run(context) {
    const { arguments: given, output, cwd } = context
    const [path = ''] = given.positionals
    const pattern = given.text('delete')
    if (pattern !== undefined && given.flag('all'))
      throw fail('usage.option', 'strip: -a and -d exclude each other', { hint: 'Give one of them.' })
    const expression = pattern === undefined ? undefined : compile(pattern)
    const bytes = await readWhole(resolve(cwd, path))
    try {
      const result = strip(bytes, { all: given.flag('all'), ...(expression ? { delete: expression } : {}) })
      const written = await writeResult(context, result.bytes, besideInput(path, 'stripped'))
      const { before, after, removed, kept } = result.report
      output.object({ output: written, before, after, removed, kept })
      const lines = removed.map((item) => `  - ${item.name} (${printBytes(item.size)}) in ${item.where}`)
      for (const line of lines) output.note(line)
      for (const item of kept) output.note(`  = ${item.name} (${printBytes(item.size)}) in ${item.where}`)
      output.note(`${printBytes(before)} → ${printBytes(after)} (${percent(before, after)}), written to ${written}`)
      return 0
    } catch (thrown) {
      throw withPlace(thrown, { file: path })
    }
  },
}

function compile(pattern: string): RegExp {
  try {
    return new RegExp(pattern)
  } catch (thrown) {
    throw fail('usage.option', `strip: -d ${pattern} is no regular expression`, {
      hint: thrown instanceof Error ? thrown.message : 'See patchbay strip --help.',
    })
  }
}

function percent(before: number, after: number): string {
  return `${(((after - before) / before) * 100).toFixed(1)} %`
}
