/**
 * Builds one folder after the other, away from the workbench: what is built may loop, crash or eat memory, and this process
 * is simply killed then.
 */
import { writeFile } from 'node:fs/promises'
import { problemOf } from '../../src-engine/error.ts'
import { createTools } from '../tools/tools.ts'
import { compileFolder } from './compile.ts'
import type { BuildJob, BuildReply } from './messages.ts'

interface Port {
  postMessage(message: BuildReply): void
  on(event: 'message', listener: (event: { readonly data: BuildJob }) => void): void
}

const tools = createTools()

/** Electron's utility process speaks over a port, a child of Node over its channel. */
function isPort(value: unknown): value is Port {
  return typeof value === 'object' && value !== null && 'postMessage' in value && 'on' in value
}
const parentPort = 'parentPort' in process && isPort(process.parentPort) ? process.parentPort : undefined

function send(reply: BuildReply): void {
  if (parentPort) parentPort.postMessage(reply)
  else process.send?.(reply)
}

async function run(job: BuildJob): Promise<void> {
  // A killed build cannot tidy up: whatever any step puts aside lands in the folder that the workbench removes.
  for (const name of ['TMPDIR', 'TMP', 'TEMP']) process.env[name] = job.work
  try {
    const outcome = await compileFolder({
      folder: job.folder,
      clang: job.clang,
      tools,
      log: (stream, text) => send({ kind: 'log', stream, text }),
      progress: (step, done, total) => send({ kind: 'progress', step, done, total }),
    })
    if (!outcome.ok) return send({ kind: 'failed', problems: outcome.problems })
    await writeFile(job.output, outcome.product.bytes)
    send({ kind: 'built', inputs: outcome.product.inputs })
  } catch (thrown) {
    send({ kind: 'failed', problems: [problemOf(thrown)] })
  }
}

if (parentPort) parentPort.on('message', ({ data }) => void run(data))
else {
  process.on('message', (job: BuildJob) => void run(job))
  process.on('disconnect', () => process.exit(0))
}
