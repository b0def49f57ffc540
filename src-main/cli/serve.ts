import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { fail, problemOf } from '../../src-engine/error.ts'
import { applicationRoot } from '../entries.ts'
import { serveWorkbench } from '../serve.ts'
import { openInBrowser } from '../serve/host.ts'
import { createServices } from '../services/services.ts'
import { userFolder } from '../user-folder.ts'
import type { Verb, VerbContext } from './verb.ts'

export const serve: Verb = {
  name: 'serve',
  usage: '[PATH] [--port N] [--open]',
  examples: ['patchbay serve my-project --port 4400'],
  options: {
    port: { type: 'string', value: 'N', description: 'port on 127.0.0.1; default any free one' },
    open: { type: 'boolean', description: 'open the link in your browser' },
  },
  positionals: { max: 1 },
  details: [
    'PATH is a project, a folder with components, or a .wasm file; default is what was open last.',
    'Every link works once, in one browser. Enter in this terminal prints a new one. Ctrl+C ends the workbench.',
  ],
  run: (context) => serveUntilStopped(context, context.arguments.flag('open')),
}

/** Serves until the first SIGINT or SIGTERM. `open` opens the first link; where there is no browser the printed link must do. */
export async function serveUntilStopped(
  { arguments: given, output, cwd, signal }: VerbContext,
  open: boolean,
): Promise<number> {
  const port = given.number('port', { min: 0, max: 65_535, integer: true })
  const [path] = given.positionals
  const projectPath = path === undefined ? undefined : resolve(cwd, path)
  if (projectPath !== undefined && !existsSync(projectPath)) {
    throw fail('input.not-found', `There is nothing at ${path}.`, {
      where: { file: projectPath },
      hint: 'Name a project, a folder or a .wasm file.',
    })
  }
  if (!existsSync(join(applicationRoot, 'out', 'renderer', 'index.html'))) {
    throw fail('serve.not-built', 'The window is not built yet.', { hint: 'Run npm run build.' })
  }
  const server = await serveWorkbench({
    ...(port === undefined ? {} : { port }),
    services: (parts) =>
      createServices({
        ...parts,
        kind: 'browser',
        userFolder: userFolder(),
        ...(projectPath === undefined ? {} : { projectPath }),
      }),
  })
  const link = server.link()
  output.object({ url: link, origin: server.origin, port: server.port })
  output.line(`Patchbay runs at ${link}`)
  if (process.stdin.isTTY) output.note('The link works once. Enter prints a new one, Ctrl+C ends the workbench.')
  if (open) {
    // The link is printed already; that no browser came up is a remark, not a failure.
    await openInBrowser(link).catch((thrown: unknown) => output.note(problemOf(thrown).message))
  }

  await stopped(signal, () => output.note(server.link()))
  await server.close()
  return 0
}

/** Waits for the end; every Enter in a terminal asks for a new link. */
function stopped(signal: AbortSignal, enter: () => void): Promise<void> {
  const lines = process.stdin.isTTY ? createInterface({ input: process.stdin }) : undefined
  lines?.on('line', enter)
  return new Promise((resolveEnd) => {
    const end = (): void => {
      lines?.close()
      resolveEnd()
    }
    // A terminal in raw readline mode hands Ctrl+C to the reader.
    lines?.once('SIGINT', end)
    if (signal.aborted) end()
    else signal.addEventListener('abort', end, { once: true })
  })
}
