import { join } from 'node:path'
import { fail } from '../../src-engine/error.ts'
import { cacheInfo, clearCache } from '../runtime/cache.ts'
import { userFolder } from '../user-folder.ts'
import { printBytes, type Verb } from './verb.ts'

export const cache: Verb = {
  name: 'cache',
  usage: 'info|clear',
  examples: ['patchbay cache info', 'patchbay cache clear'],
  positionals: { min: 1, max: 1 },
  options: {},
  details: [
    'Components made ready to run and what was built are kept by content; what was not used for longest goes first.',
    'PATCHBAY_USER_DATA names another folder.',
  ],
  async run({ arguments: given, output }) {
    const [what = ''] = given.positionals
    const folder = join(userFolder(), 'cache')
    if (what !== 'info' && what !== 'clear')
      throw fail('usage.cache', `cache takes info or clear, got "${what}"`, { hint: 'See patchbay cache --help.' })
    const info = what === 'clear' ? await clearCache(folder) : await cacheInfo(folder)
    const kinds = Object.entries(info.kinds).map(([kind, entries]) => ({
      kind,
      entries,
      bytes: entries.reduce((sum, entry) => sum + entry.bytes, 0),
    }))
    if (what === 'clear') {
      output.object({ folder, freed: info.bytes, entries: kinds.reduce((sum, { entries }) => sum + entries.length, 0) })
      output.line(`freed ${printBytes(info.bytes)} in ${folder}`)
      return 0
    }
    output.object(info)
    output.line(`${folder}: ${printBytes(info.bytes)}`)
    for (const { kind, entries, bytes } of kinds) {
      const bound = kind === 'prepared' ? ` of at most ${printBytes(info.limit)}` : ''
      output.line(
        `  ${kind}: ${entries.length === 1 ? '1 entry' : `${entries.length} entries`}, ${printBytes(bytes)}${bound}`,
      )
      for (const { name, bytes: size, used } of entries)
        output.line(`    ${printBytes(size).padStart(8)}  ${new Date(used).toISOString().slice(0, 16)}  ${name}`)
    }
    return 0
  },
}
