import { launchAhead } from '../runtime/guest-launch.ts'
import { runOptions } from './run-settings.ts'
import type { Verb } from './verb.ts'

export const run: Verb = {
  name: 'run',
  usage: '[FILE…|DIR] [--port N] [--watch]',
  examples: ['patchbay run handler.wasm --port 8080', 'patchbay run my-project --watch'],
  options: {
    watch: { type: 'boolean', description: 'serve changed files as soon as they are written' },
    ...runOptions,
    har: { type: 'string', value: 'FILE', description: 'write the requests as an HTTP archive at the end' },
    otel: { type: 'string', value: 'FILE', description: 'write them as OpenTelemetry traces (OTLP/JSON) at the end' },
  },
  details: [
    'DIR is a project (what is on its canvas is served) or a folder of components. Without FILE or DIR: the current folder.',
    'The "run" of its patchbay.json holds; options go before it. An empty canvas: its components are served one by one.',
    'With --json every request and log line is an object of its own on stdout, behind the one that says where it serves.',
    'SIGINT and SIGTERM let requests under way finish, then end with 0.',
  ],
  async run(context) {
    // It takes the longest to come up: everything else is loaded meanwhile.
    const ahead = launchAhead()
    try {
      const { serveUntilAborted } = await import('./run-server.ts')
      return await serveUntilAborted(context)
    } finally {
      ahead.end()
    }
  },
}
