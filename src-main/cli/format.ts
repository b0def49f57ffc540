import { resolve } from 'node:path'
import { withPlace } from '../../src-engine/error.ts'
import { formatWac } from '../../src-engine/wac/format.ts'
import { readWhole, writeWhole } from '../project/files.ts'
import type { Verb } from './verb.ts'

export const format: Verb = {
  name: 'format',
  usage: 'FILE.wac… [--check]',
  examples: ['patchbay format composition.wac'],
  positionals: { min: 1 },
  options: {
    check: { type: 'boolean', description: 'change nothing; exit code 1 when a script is laid out otherwise' },
  },
  details: ['Words, order and comments stay as they are.'],
  async run({ arguments: given, output, cwd }) {
    const changed: string[] = []
    for (const path of given.positionals) {
      const text = new TextDecoder().decode(await readWhole(resolve(cwd, path)))
      const formatted = layOut(text, path)
      if (formatted === text) continue
      changed.push(path)
      if (!given.flag('check')) await writeWhole(resolve(cwd, path), formatted)
    }
    output.object({ changed })
    for (const path of changed) output.line(path)
    return given.flag('check') && changed.length > 0 ? 1 : 0
  },
}

function layOut(text: string, file: string): string {
  try {
    return formatWac(text)
  } catch (thrown) {
    throw withPlace(thrown, { file })
  }
}
