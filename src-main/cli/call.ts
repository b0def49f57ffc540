import { join, resolve } from 'node:path'
import { callFunction } from '../runtime/call.ts'
import { createTools } from '../tools/tools.ts'
import { userFolder } from '../user-folder.ts'
import { grantOptions, readGrants } from './grants.ts'
import { parseDuration, parseSize } from './units.ts'
import { printProblem, type Verb } from './verb.ts'

export const call: Verb = {
  name: 'call',
  usage: 'FILE EXPORT [WAVE…]',
  examples: ['patchbay call adder.wasm add 1 2', "patchbay call adder.wasm 'docs:adder/add#add(1, 2)'"],
  positionals: { min: 2 },
  options: {
    ...grantOptions,
    memory: { type: 'string', value: 'SIZE', description: 'memory the guest may use; default 1GiB' },
    timeout: { type: 'string', value: 'TIME', description: 'end it after this long; default 30s' },
  },
  details: [
    'EXPORT is a function, or INTERFACE#FUNCTION where the name alone is not enough; the version may be left away.',
    'Each value is WAVE: 5, true, \'"text"\', [1, 2], {x: 1, y: 2}, some(5), err("no"). So is the answer.',
    'A value that begins with - stands behind a bare --. Exit code 1 when the function answers err(…) or traps.',
  ],
  async run(context) {
    const { arguments: given, output, cwd, signal } = context
    const [file = '', wanted = '', ...values] = given.positionals
    const grants = await readGrants(context)
    const memory = given.text('memory')
    const tools = createTools()
    try {
      const { result, refused, problem, trap } = await callFunction({
        tools,
        cacheFolder: join(userFolder(), 'cache'),
        path: resolve(cwd, file),
        export: wanted,
        values,
        ...grants,
        ...(memory === undefined ? {} : { memory: parseSize('memory', memory) }),
        timeout: parseDuration('timeout', given.text('timeout') ?? '30s'),
        onOutput: (_source, bytes) => void process.stderr.write(bytes),
        onNotice: (text) => output.note(`patchbay: ${text}`),
        signal,
      })
      output.object(problem ? { error: problem } : { refused, ...(result === undefined ? {} : { result }) })
      if (result !== undefined) output.line(result)
      if (trap !== undefined) output.note(trap)
      if (problem) output.note(printProblem(problem))
      return problem || refused ? 1 : 0
    } finally {
      await tools.dispose()
    }
  },
}
