/** The thread of a handler, with code that no tool generates: what would be a defect of the one that we have. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { entryPath } from '../entries.ts'
import { kinds } from './frames.ts'
import { GuestLine, type StreamListener, type WorkerLink } from './guest-line.ts'
import type { WorkerInput } from './guest-worker.ts'
import { writeRequest } from './message-frames.ts'
import { WorkerBoard } from './worker-board.ts'

/** Answers as it is asked: a handler, or a command. */
const script = `
export const instantiate = async (_modules, imports) => {
  const types = imports['wasi:http/types']
  return {
    'wasi:http/incoming-handler': { handle(request, out) {
      void Promise.reject(new Error('left behind'))
      types.ResponseOutparam.set(out, { tag: 'ok', val: new types.OutgoingResponse(new types.Fields()) })
    } },
    'wasi:cli/run': { run: () => new Promise(() => void Promise.reject(new Error('left behind'))) },
  }
}`

let folder: string
let line: GuestLine
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'patchbay-guest-worker-test-'))
  await writeFile(join(folder, 'script.mjs'), script)
  line = await GuestLine.open()
})
afterAll(async () => {
  await line.close()
  await rm(folder, { recursive: true, force: true })
})

let workers = 0
/** A worker with the script, and its line. */
async function connected(command: boolean): Promise<{ readonly worker: Worker; readonly link: WorkerLink }> {
  const number = ++workers
  const worker = new Worker(entryPath('guest-worker'), { env: {} })
  const linked = new Promise<WorkerLink>((resolve) => {
    const token = line.expect(number, resolve, () => {})
    const purpose = {
      handler: 'guest',
      command,
      artifact: 'script',
      isolation: 'request',
      probe: false,
      reuse: 1,
      grants: { environment: {}, arguments: [], directories: {}, allowHosts: [], allowNet: [] },
      memory: 1e6,
    } as const
    worker.postMessage({
      purpose,
      code: { road: 'jco', script: join(folder, 'script.mjs'), modules: {} },
      order: { setup: { ...purpose, worker: number, address: line.address, token }, board: new WorkerBoard().shared },
    } satisfies WorkerInput)
  })
  return { worker, link: await linked }
}

const deaf: StreamListener = {
  started() {},
  refused() {},
  answered() {},
  responded() {},
  informed() {},
  body() {},
  ended() {},
  credited() {},
  output() {},
  notice() {},
  done() {},
  lost() {},
}

it('tells of a rejection that nobody waited for, and goes on', async () => {
  const { worker, link } = await connected(false)
  const told: string[] = []
  for (let round = 0; round < 2; round++) {
    const notice = new Promise<void>((resolve) => {
      link.boot = {
        output() {},
        notice(text) {
          told.push(text)
          resolve()
        },
      }
    })
    const status = await new Promise<number>((resolve) => {
      const stream = link.open({ ...deaf, answered: ({ head }) => resolve(head.status) })
      writeRequest(link.writer, stream, {
        id: String(round),
        method: 'GET',
        target: '/',
        authority: 'x',
        rawHeaders: [],
        body: false,
        sent: Date.now(),
      })
      link.writer.flush()
    })
    expect(status).toBe(200)
    await notice
  }
  expect(told).toEqual(Array(2).fill(expect.stringMatching(/nobody waited for.*left behind/)))
  await worker.terminate()
})

it('ends a command with it', async () => {
  const { worker, link } = await connected(true)
  const failed = once(worker, 'error')
  link.writer.json(kinds.command, link.open(deaf), { id: 'command' })
  link.writer.flush()
  expect(await failed).toEqual([expect.objectContaining({ message: 'left behind' })])
})
