/** Runs jobs of the engine on large files away from the window's process. */
import { parentPort } from 'node:worker_threads'
import { problemOf } from '../../src-engine/error.ts'
import { runEngineJob, type EngineReply, type EngineRequest } from './engine-jobs.ts'

const port = parentPort
if (!port) throw new Error('engine-worker runs as a worker only')

port.on('message', (request: EngineRequest) => {
  try {
    const output = runEngineJob(request)
    // What was made here goes over without a copy, unless it is a part of something else.
    const bytes = 'bytes' in output ? output.bytes : undefined
    const whole = bytes && bytes.byteLength === bytes.buffer.byteLength && bytes.buffer instanceof ArrayBuffer
    port.postMessage({ id: request.id, ok: true, output } satisfies EngineReply, whole ? [bytes.buffer] : [])
  } catch (thrown) {
    port.postMessage({ id: request.id, ok: false, problem: problemOf(thrown) } satisfies EngineReply)
  }
})
