import { once } from 'node:events'
import { Writable } from 'node:stream'
import { Worker } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { FrameReader, FrameWriter, kinds } from './frames.ts'
import { WorkerBoard } from './worker-board.ts'

describe('WorkerBoard', () => {
  it('shows what was appended until it is taken', () => {
    const board = new WorkerBoard()
    const other = new WorkerBoard(board.shared)
    board.begun = 41
    board.working = 40
    expect(board.append(3, (bytes, at) => bytes.set([1, 2, 3], at))).toBe(true)
    expect(board.append(1, (bytes, at) => bytes.set([4], at))).toBe(true)
    expect([other.begun, other.working, other.used, [...other.read()]]).toEqual([41, 40, 4, [1, 2, 3, 4]])
    expect([...board.take()]).toEqual([1, 2, 3, 4])
    expect([other.used, other.cleared, [...other.read()]]).toEqual([0, 1, []])
  })

  it('takes nothing that does not fit', () => {
    const board = new WorkerBoard()
    expect(board.append(40_000, () => {})).toBe(false)
    expect(board.append(20_000, () => {})).toBe(true)
    expect(board.append(20_000, () => {})).toBe(false)
    expect(board.used).toBe(20_000)
  })

  it('does not wait for a thread that was ended while it wrote', () => {
    const board = new WorkerBoard()
    Atomics.store(new Int32Array(board.shared), 1, 1)
    expect(board.append(1, () => {})).toBe(false)
    expect(board.read()).toHaveLength(0)
  })

  it('is read from beside a thread that never comes back', async () => {
    const board = new WorkerBoard()
    const source = `const { workerData, parentPort } = require('node:worker_threads')
      const words = new Int32Array(workerData, 0, 5)
      new Uint8Array(workerData, 20)[0] = 7
      Atomics.store(words, 2, 1)
      parentPort.postMessage('written')
      for (;;);`
    const worker = new Worker(source, { eval: true, workerData: board.shared })
    await once(worker, 'message')
    expect([...board.read()]).toEqual([7])
    await worker.terminate()
  })
})

describe('output on the line', () => {
  it('goes out before what waits, and more than the board holds goes out at once', () => {
    const sent: Buffer[] = []
    const socket = new Writable({ write: (chunk: Buffer, _, done) => (sent.push(chunk), done()) })
    const board = new WorkerBoard()
    const writer = new FrameWriter(socket, board)
    writer.send(kinds.started, 5)
    writer.output(5, 'stdout', Buffer.from('one'))
    writer.output(5, 'stderr', Buffer.from('two'))
    expect([sent.length, board.used > 0]).toEqual([0, true])
    writer.output(6, 'stdout', Buffer.alloc(33_000, 'x'))
    const heard: string[] = []
    const reader = new FrameReader((kind, stream, payload) => {
      const text = kind === kinds.output ? `${payload.readUInt32LE(0)}:${payload[4]}:${payload.length - 5}` : 'other'
      heard.push(`${stream} ${text}`)
    })
    for (const chunk of sent) reader.push(chunk)
    expect(heard).toEqual(['5 1:1:3', '5 2:2:3', '5 other', '6 3:1:33000'])
    expect(board.used).toBe(0)
  })
})
