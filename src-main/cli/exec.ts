import { basename, join, resolve } from 'node:path'
import { fail } from '../../src-engine/error.ts'
import { runCommand } from '../runtime/command.ts'
import { createTools } from '../tools/tools.ts'
import { userFolder } from '../user-folder.ts'
import { grantOptions, readGrants } from './grants.ts'
import { parseDuration, parseSize } from './units.ts'
import { printProblem, type Verb } from './verb.ts'

export const exec: Verb = {
  name: 'exec',
  usage: 'FILE [-- ARGS…]',
  examples: ['patchbay exec command.wasm -- first second'],
  positionals: { min: 1 },
  options: {
    ...grantOptions,
    memory: { type: 'string', value: 'SIZE', description: 'memory the guest may use; default 1GiB' },
    timeout: { type: 'string', value: 'TIME', description: 'end it after this long; default: as long as it takes' },
  },
  details: ['Standard input, output and the exit code are the guest’s. With --json its output goes to stderr.'],
  async run(context) {
    const { arguments: given, output, cwd, signal } = context
    const [file = '', ...rest] = given.positionals
    const grants = await readGrants(context)
    const memory = given.text('memory')
    const timeout = given.text('timeout')
    const tools = createTools()
    try {
      const result = await runCommand({
        tools,
        cacheFolder: join(userFolder(), 'cache'),
        path: resolve(cwd, file),
        arguments: [basename(file), ...rest],
        ...grants,
        ...(memory === undefined ? {} : { memory: parseSize('memory', memory) }),
        ...(timeout === undefined ? {} : { timeout: parseDuration('timeout', timeout) }),
        stdin: process.stdin,
        onOutput: (source, bytes) =>
          write(source === 'stdout' && !output.json ? process.stdout : process.stderr, bytes),
        onNotice: (text) => output.note(`patchbay: ${text}`),
        signal,
      })
      output.object({ exitCode: result.exitCode, ...(result.problem ? { error: result.problem } : {}) })
      if (result.trap !== undefined) output.note(result.trap)
      if (result.problem) output.note(printProblem(result.problem))
      return result.exitCode
    } finally {
      // A terminal that nobody reads from any more would keep the process waiting.
      process.stdin.destroy()
      await tools.dispose()
    }
  },
}

function write(stream: NodeJS.WriteStream, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(bytes, (error) => {
      if (error) reject(fail('output.closed', `The output cannot be written: ${error.message}`))
      else resolve()
    })
  })
}
