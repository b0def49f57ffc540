import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { FrameReader, FrameWriter, kinds, type Outcome } from './frames.ts'
import {
  readAnswer,
  readResponse,
  ReceivedRequest,
  writeAnswer,
  writeRequest,
  writeResponse,
} from './message-frames.ts'

interface Frame {
  readonly kind: number
  readonly stream: number
  readonly payload: Buffer
}

/** Everything that `write` puts on a real line, as one piece of bytes. */
async function bytesOf(write: (writer: FrameWriter) => void): Promise<Buffer> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const arrived = new Promise<Buffer>((resolve) => {
    server.once('connection', (socket: Socket) => {
      const chunks: Buffer[] = []
      socket.on('data', (chunk) => chunks.push(chunk))
      socket.on('end', () => resolve(Buffer.concat(chunks)))
    })
  })
  const socket = connect(port, '127.0.0.1')
  const writer = new FrameWriter(socket)
  write(writer)
  writer.flush()
  socket.end()
  const bytes = await arrived
  server.close()
  return bytes
}

/** Reads the bytes back, handed over in pieces of the given size. */
function framesOf(bytes: Buffer, size = bytes.length): Frame[] {
  const frames: Frame[] = []
  const reader = new FrameReader((kind, stream, payload) =>
    frames.push({ kind, stream, payload: Buffer.from(payload) }),
  )
  for (let at = 0; at < bytes.length; at += size) reader.push(bytes.subarray(at, at + size))
  return frames
}

const head = {
  id: 'abc',
  method: 'POST',
  target: '/ä?q=%20',
  authority: 'host:1',
  body: true,
  sent: 1_700_000_000_123.5,
}
const outcome: Outcome = {
  began: 1234.5,
  instantiate: 0.5,
  guest: 2,
  waited: 0.25,
  spans: [],
  calls: {},
  memory: 131_072,
}

describe('frames with a fixed layout', () => {
  it('carry a request whatever the pieces', async () => {
    const bytes = await bytesOf((writer) =>
      writeRequest(writer, 7, { ...head, rawHeaders: ['X-Ünicode', 'caf\xe9', 'Empty', ''] }),
    )
    for (const size of [1, 3, 10, bytes.length]) {
      const [frame] = framesOf(bytes, size)
      expect(frame).toMatchObject({ kind: kinds.request, stream: 7 })
      const { id, method, target, authority, body, sent, headers } = new ReceivedRequest(
        frame?.payload ?? Buffer.alloc(0),
      )
      expect({ id, method, target, authority, body, sent }).toEqual(head)
      expect(headers).toEqual([
        ['X-Ünicode', 'caf\xe9'],
        ['Empty', ''],
      ])
    }
  })

  it('keep a folded header in its place', async () => {
    const rawHeaders = ['A', 'one\r\n two', 'B', 'x\ny']
    const [frame] = framesOf(await bytesOf((writer) => writeRequest(writer, 1, { ...head, rawHeaders })))
    expect(new ReceivedRequest(frame?.payload ?? Buffer.alloc(0)).headers).toEqual([
      ['A', 'one  two'],
      ['B', 'x y'],
    ])
  })

  it('carry a whole answer with what the guest did', async () => {
    const spans = [
      { name: 'outgoing HTTP', start: 1, duration: 2, detail: 'GET → 200 ✓', id: 'f'.repeat(16) },
      { name: 'file', start: 3, duration: 0.25, detail: 'x'.repeat(70_000) },
      { name: 'random', start: 4, duration: 0 },
    ]
    const bytes = await bytesOf((writer) =>
      writeAnswer(
        writer,
        9,
        201,
        [
          ['set-cookie', 'a'],
          ['set-cookie', 'b'],
        ],
        [Buffer.from('one'), Buffer.from('two')],
        {
          ...outcome,
          spans,
          calls: { random: 3 },
        },
      ),
    )
    const [frame] = framesOf(bytes, 5)
    expect(frame).toMatchObject({ kind: kinds.answer, stream: 9 })
    const answer = readAnswer(frame?.payload ?? Buffer.alloc(0))
    expect(answer.head).toEqual({
      status: 201,
      headers: [
        ['set-cookie', 'a'],
        ['set-cookie', 'b'],
      ],
    })
    expect(answer.body.toString()).toBe('onetwo')
    expect(answer.outcome).toEqual({ ...outcome, spans, calls: { random: 3 } })
  })

  it('carry bodies larger than the buffer between small frames, in order', async () => {
    const large = Buffer.alloc(200_000, 'x')
    const bytes = await bytesOf((writer) => {
      writeResponse(writer, kinds.respond, 1, 200, [])
      writer.send(kinds.body, 1, large)
      writeAnswer(writer, 2, 200, [], [large], outcome)
      writer.json(kinds.end, 1, {})
    })
    const frames = framesOf(bytes, 65_536)
    expect(frames.map(({ kind, stream }) => [kind, stream])).toEqual([
      [kinds.respond, 1],
      [kinds.body, 1],
      [kinds.answer, 2],
      [kinds.end, 1],
    ])
    expect(frames[1]?.payload.equals(large)).toBe(true)
    expect(readAnswer(frames[2]?.payload ?? Buffer.alloc(0)).body.equals(large)).toBe(true)
    expect(readResponse(frames[0]?.payload ?? Buffer.alloc(0))).toEqual({ status: 200, headers: [] })
  })

  it('are refused when they are cut off or no frames at all', async () => {
    const [frame] = framesOf(await bytesOf((writer) => writeAnswer(writer, 1, 200, [], [], outcome)))
    for (let length = 0; length < 32; length++)
      expect(() => readAnswer(frame?.payload.subarray(0, length) ?? Buffer.alloc(0))).toThrow(RangeError)
    expect(() => framesOf(Buffer.from('GET / HTTP/1.1\r\n\r\n'))).toThrow(RangeError)
  })
})
