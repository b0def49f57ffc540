import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { Worker } from 'node:worker_threads'
import { afterEach, beforeAll, expect, it } from 'vitest'
import { entryPath } from '../entries.ts'
import { BootOutput } from './boot-output.ts'
import type { Purpose } from './control.ts'
import { linkComponent } from './direct/link.ts'
import { prepareModule } from './direct/prepare-module.ts'
import { FrameReader, FrameWriter, kinds } from './frames.ts'
import { GuestLine } from './guest-line.ts'
import type { LoadedCode, WorkerOrder } from './guest-worker.ts'
import { Standby } from './standby.ts'
import { blockingImports } from './wasi/host.ts'
import { WorkerBoard } from './worker-board.ts'

const blocking = new Set(blockingImports)
const purpose: Purpose = {
  handler: 'hello',
  command: false,
  artifact: 'hello-direct',
  isolation: 'request',
  probe: false,
  reuse: 1,
  memory: 1 << 27,
  grants: { environment: { A: '1' }, arguments: [], directories: {}, allowHosts: [], allowNet: [] },
}

let code: LoadedCode
let thread: Worker | undefined
beforeAll(async () => {
  const bytes = await readFile(join(import.meta.dirname, '../../resources/samples/hello/hello.wasm'))
  const plan = linkComponent(bytes, (from, name) => blocking.has(`${from}#${name}`))
  const modules = plan.modules.map(
    ({ start, end }) => new WebAssembly.Module(new Uint8Array(prepareModule(bytes.subarray(start, end)).bytes)),
  )
  code = { road: 'direct', plan, restorable: true, modules }
})
afterEach(async () => {
  await thread?.terminate()
  thread = undefined
})

async function standing(given: LoadedCode = code): Promise<Standby> {
  const started = new Worker(entryPath('guest-worker'))
  thread = started
  return new Promise((resolve) => {
    const standby: Standby = new Standby(purpose, given, started, () => resolve(standby))
  })
}

it('is taken for the same purpose only, whatever the handler is called, and serves at once', async () => {
  const standby = await standing()
  expect(standby.take({ ...purpose, grants: { ...purpose.grants, environment: { A: '2' } } }, code)).toBeUndefined()
  expect(standby.take({ ...purpose, isolation: 'none' }, code)).toBeUndefined()
  expect(standby.take(purpose, { ...code })).toBeUndefined()
  const taken = standby.take({ ...purpose, handler: 'other' }, code)
  expect(taken).toBe(thread)
  expect(standby.take(purpose, code)).toBeUndefined()
  const line = await GuestLine.open()
  try {
    const link = await new Promise((resolve) => {
      const token = line.expect(7, resolve, () => {})
      const setup = { ...purpose, worker: 7, address: line.address, token }
      taken?.postMessage({ setup, board: new WorkerBoard().shared } satisfies WorkerOrder)
    })
    expect(link).toBeDefined()
  } finally {
    await line.close()
  }
})

it('tells what went wrong when it is needed, not before', async () => {
  const standby = await standing({
    road: 'direct',
    plan: code.road === 'direct' ? code.plan : expect.fail(),
    restorable: true,
    modules: [],
  })
  expect(standby.take(purpose, code)).toBeUndefined()
  const problem = await new Promise((resolve) => {
    thread?.on('message', resolve)
    const setup = { ...purpose, worker: 1, address: join(import.meta.dirname, 'nobody'), token: '' }
    thread?.postMessage({ setup, board: new WorkerBoard().shared } satisfies WorkerOrder)
  })
  expect(problem).toMatchObject({ message: expect.stringContaining('cannot be linked: core module') })
})

it('keeps what a guest says while it starts, up to a bound, until there is a line', () => {
  const boot = new BootOutput()
  const said = new Uint8Array([1, 2])
  boot.output('stderr', said)
  // The guest uses its memory for other things afterwards.
  said.fill(9)
  boot.output('stdout', new Uint8Array(100_000))
  boot.notice('denied')
  const stream = new PassThrough()
  const writer = new FrameWriter(stream)
  boot.flow(writer)
  boot.output('stdout', Uint8Array.of(3))
  writer.flush()
  const frames: (readonly [number, number, string])[] = []
  const reader = new FrameReader((kind, to, payload) => void frames.push([kind, to, payload.toString('hex')]))
  reader.push(stream.read() as Buffer)
  expect(frames).toEqual([
    [kinds.stderr, 0, '0102'],
    [kinds.notice, 0, Buffer.from('denied').toString('hex')],
    [kinds.stdout, 0, '03'],
  ])
})
