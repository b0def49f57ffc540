import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { heldNow } from '../../test/usage.ts'
import { createTools, type Tools } from '../tools/tools.ts'
import { prepareComponent } from './artifact.ts'
import { FrameReader, FrameWriter, kinds } from './frames.ts'
import { GuestRequests } from './guest-requests.ts'
import { InstancePool } from './instance-pool.ts'
import { writeRequest } from './message-frames.ts'
import { loadReference } from './reference.ts'
import { TasksOf } from './reference-tasks.ts'
import { Session } from './wasi/session.ts'
import { WorkerBoard } from './worker-board.ts'

let folder: string
let tools: Tools
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'patchbay-reference-test-'))
  tools = createTools()
})
afterAll(async () => {
  await tools.dispose()
  await rm(folder, { recursive: true, force: true })
})

/** Frames go straight to whoever reads them. */
const writerTo = (reader: FrameReader): FrameWriter =>
  new FrameWriter(
    new Writable({
      write(chunk: Buffer, _encoding, written) {
        reader.push(chunk)
        written()
      },
    }),
    new WorkerBoard(),
  )

it('keeps little of a request in an instance that serves all of them', async () => {
  const bytes = readFileSync(join(import.meta.dirname, '../../test/fixtures/wasi3/service.wasm'))
  const { artifact } = await prepareComponent({ tools, cacheFolder: folder, bytes, name: 'service', engine: 'jco' })
  if (artifact.road !== 'jco') throw new Error('not the reference engine')
  const modules: Record<string, WebAssembly.Module> = {}
  for (const [name, { path }] of Object.entries(artifact.modules))
    modules[name] = await WebAssembly.compile(new Uint8Array(readFileSync(path)))
  const setup = {
    handler: 'service',
    command: false,
    artifact: 'service',
    isolation: 'none',
    probe: false,
    reuse: 1,
    grants: { environment: {}, arguments: [], directories: {}, allowHosts: [], allowNet: [] },
    memory: 128 * 1024 * 1024,
    worker: 1,
    address: '',
    token: '',
  } as const
  const pool = new InstancePool(await loadReference(artifact.script, modules), setup, { output() {}, notice() {} })
  let done: (kind: number) => void = () => {}
  const answers = writerTo(new FrameReader((kind) => done(kind)))
  const requests = new GuestRequests(setup, answers, pool, new WorkerBoard())
  const line = writerTo(new FrameReader((_kind, stream, payload) => requests.receive(stream, Buffer.from(payload))))
  let stream = 0
  const serve = async (count: number): Promise<void> => {
    for (let left = count; left > 0; left--)
      await new Promise<void>((resolve) => {
        done = (kind) => (kind === kinds.done || kind === kinds.answer) && resolve()
        writeRequest(line, ++stream, {
          id: String(stream),
          method: 'GET',
          target: '/served',
          authority: 'x',
          rawHeaders: [],
          body: false,
          sent: Date.now(),
        })
        line.flush()
      })
  }
  await serve(100)
  const { heap } = await heldNow()
  await serve(200)
  // Bytes. It was a hundred thousand for each.
  expect(((await heldNow()).heap - heap) / 200).toBeLessThan(20_000)
})

/** What the generated code calls under this name. */
function callOf(tasks: TasksOf, name: string): (...values: unknown[]) => unknown {
  const found = tasks.heard[name]
  if (typeof found !== 'function') throw new Error(`${name} is missing`)
  return (...values) => Reflect.apply(found, undefined, values)
}

it('says whose guest goes on whenever one is woken up', () => {
  const heard: string[] = []
  const grants = { environment: {}, arguments: [], directories: {}, allowHosts: [], allowNet: [] }
  const sessions = ['one', 'two'].map(
    (name) => new Session(grants, { output() {}, notice() {}, resumed: () => heard.push(name) }),
  )
  const [first] = sessions
  if (!first) throw new Error('there are two')
  const tasks = new TasksOf({ current: first }, new Set())
  for (const [at, session] of sessions.entries()) {
    tasks.enter(session)
    callOf(tasks, 'made')(BigInt(at))
  }
  const woken = [1n, 0n, 1n].map((task) => callOf(tasks, 'within')(task, () => `work ${heard.length}`))
  expect(heard).toEqual(['two', 'one', 'two'])
  expect(woken).toEqual(['work 1', 'work 2', 'work 3'])
})
