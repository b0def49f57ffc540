import { Worker } from 'node:worker_threads'
import { fail, PatchbayError } from '../../src-engine/error.ts'
import { entryPath } from '../entries.ts'
import {
  runEngineJob,
  type EngineJobName,
  type EngineJobs,
  type EngineReply,
  type EngineRequest,
  type Source,
} from './engine-jobs.ts'

/** Bytes up to which a job is done at once: a few milliseconds, less than sending them away. */
const largest = 8 * 1024 * 1024

/** The engine for files of any size: what is small is done at once, what is large in a worker. */
export interface EngineThread {
  compose(input: EngineJobs['compose']['input']): Promise<EngineJobs['compose']['output']>
  size(input: EngineJobs['size']['input']): Promise<EngineJobs['size']['output']>
  strip(input: EngineJobs['strip']['input']): Promise<EngineJobs['strip']['output']>
  /** Ends the worker; what still runs is rejected. */
  dispose(): Promise<void>
}

interface Waiting {
  readonly resolve: (output: EngineJobs[EngineJobName]['output']) => void
  readonly reject: (error: PatchbayError) => void
}

/** Starts no worker before the first large file, and keeps no process alive by itself. `limit`: bytes of a large file. */
export function createEngineThread({ limit = largest }: { readonly limit?: number } = {}): EngineThread {
  const waiting = new Map<number, Waiting>()
  let worker: Worker | undefined
  let nextId = 1

  function start(): Worker {
    const started = new Worker(entryPath('engine-worker'), { name: 'patchbay-engine' })
    started.on('message', (reply: EngineReply) => {
      const asked = waiting.get(reply.id)
      waiting.delete(reply.id)
      if (waiting.size === 0) started.unref()
      if (reply.ok) asked?.resolve(reply.output)
      else asked?.reject(new PatchbayError(reply.problem))
    })
    started.on('error', (error) => lost(started, error.message))
    started.on('exit', (code) => lost(started, `it ended with code ${code}`))
    return started
  }

  /** Out of memory, most likely: everybody who waits is told, the next job gets a new worker. */
  function lost(which: Worker, why: string): void {
    if (which !== worker) return
    worker = undefined
    refuse(
      fail('internal.engine-worker', `the worker for large files broke down: ${why}`, {
        hint: 'Try again; close other projects if memory is short.',
      }),
    )
  }

  function refuse(error: PatchbayError): void {
    const all = [...waiting.values()]
    waiting.clear()
    for (const { reject } of all) reject(error)
  }

  function run<Name extends EngineJobName>(
    request: EngineRequest & { readonly job: Name },
    sources: Iterable<Source>,
  ): Promise<EngineJobs[Name]['output']> {
    return new Promise((resolve, reject) => {
      let bytes = 0
      for (const source of sources) bytes += 'bytes' in source ? source.bytes.length : source.size
      // The output's type is fixed by the job, and nothing else answers it.
      const settle = resolve as Waiting['resolve']
      if (bytes < limit) return settle(runEngineJob(request))
      waiting.set(request.id, { resolve: settle, reject })
      worker ??= start()
      worker.ref()
      worker.postMessage(request)
    })
  }

  return {
    compose: (input) => run({ id: nextId++, job: 'compose', ...input }, input.sources.values()),
    size: (input) => run({ id: nextId++, job: 'size', ...input }, [input.source]),
    strip: (input) => run({ id: nextId++, job: 'strip', ...input }, [input.source]),
    async dispose() {
      const old = worker
      worker = undefined
      refuse(fail('internal.engine-worker', 'the workbench is closing'))
      await old?.terminate()
    },
  }
}
