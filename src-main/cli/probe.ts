import { join } from 'node:path'
import { fail } from '../../src-engine/error.ts'
import { probeIsolation } from '../runtime/probe.ts'
import { createTools } from '../tools/tools.ts'
import { userFolder } from '../user-folder.ts'
import { readComponent } from './component-file.ts'
import { grantOptions, readGrants } from './grants.ts'
import type { Verb } from './verb.ts'

export const probe: Verb = {
  name: 'probe',
  usage: 'FILE [--path /PATH]',
  examples: ['patchbay probe handler.wasm', 'patchbay probe handler.wasm --path /count --method POST --body text'],
  positionals: { min: 1, max: 1 },
  options: {
    path: { type: 'string', value: '/PATH', description: 'path and query that are asked for; default /' },
    method: { type: 'string', value: 'METHOD', description: 'default GET' },
    body: { type: 'string', value: 'TEXT', description: 'body of the request' },
    strict: { type: 'boolean', description: 'end with 1 when a reused instance answers differently' },
    ...grantOptions,
  },
  details: [
    'Sends the same request several times with a fresh instance each, with reused ones and with one for all, and tells what',
    'of an instance was changed when the last request came, and whether the answers differ.',
  ],
  async run(context) {
    const { arguments: given, output, cwd } = context
    const path = given.text('path') ?? '/'
    if (!/^\/\S*$/.test(path))
      throw fail('usage.option', `--path begins with / and has no spaces, got "${path}"`, {
        hint: 'For example --path /a?b=c',
      })
    const method = given.text('method') ?? 'GET'
    if (!/^[A-Z]+$/.test(method))
      throw fail('usage.option', `--method is a word in capitals, got "${method}"`, {
        hint: 'For example --method POST',
      })
    const { bytes, name } = await readComponent(given.positionals[0] ?? '', cwd)
    const body = given.text('body')
    const settings = await readGrants(context)
    const tools = createTools()
    try {
      const report = await probeIsolation({
        tools,
        cacheFolder: join(userFolder(), 'cache'),
        bytes,
        name: name.replace(/[\s/?#]+/g, '-'),
        settings,
        method,
        path,
        ...(body === undefined ? {} : { body }),
      })
      output.object(report)
      output.line(`${report.request} on the engine ${report.engine}`)
      for (const { isolation, bytes: changed, globals, answers } of report.findings) {
        const state = changed === undefined ? 'unknown' : `${changed} bytes, ${globals} globals changed`
        output.line(
          `  ${isolation.padEnd(8)} ${state}; ${answers ? `answers differ: ${answers.join(', then ')}` : 'answers the same'}`,
        )
      }
      output.line(report.summary)
      return given.flag('strict') &&
        report.findings.some(({ isolation, answers }) => isolation !== 'request' && answers)
        ? 1
        : 0
    } finally {
      await tools.dispose()
    }
  },
}
