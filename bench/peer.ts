/**
 * Bare servers to compare with, each in a process of its own: `node bench/peer.ts plain BYTES` answers every request with
 * so many bytes, `… relay BYTES` the same with bytes that another process gives for each request, and `… proxy PORT` passes
 * it on to another server on this machine.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, createServer, request as send, type RequestListener } from 'node:http'
import { connect, createServer as createLine, type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const [what, argument = '0'] = process.argv.slice(2)
const headers = (length: number): string[] => [
  'Content-Type',
  'text/plain; charset=utf-8',
  'Content-Length',
  String(length),
]

if (what === 'echo') echo(argument)
else serve(what === 'plain' ? plain(Number(argument)) : what === 'relay' ? relay(Number(argument)) : proxy())

function serve(listener: RequestListener): void {
  const server = createServer(listener)
  server.listen(0, '127.0.0.1', () => {
    const { port } = server.address() as AddressInfo
    console.log(`http://127.0.0.1:${port}/`)
  })
}

function plain(length: number): RequestListener {
  const body = Buffer.alloc(length, 'x')
  return (request, response) => {
    request.resume()
    response.writeHead(200, headers(length))
    response.end(body)
  }
}

/**
 * What every server pays at least whose guests live in a process of their own: each request is a message to that process
 * and one back, nothing else. Requests that came together travel together.
 */
function relay(length: number): RequestListener {
  const size = 4 + length
  const waiting = new Map<number, Parameters<RequestListener>[1]>()
  let next = 0
  let batch: Buffer[] = []
  let other: Socket | undefined
  const folder = mkdtempSync(join(tmpdir(), 'patchbay-bench-'))
  const line = createLine((socket) => {
    other = socket
    readPieces(socket, size, (answers) => {
      for (let at = 0; at < answers.length; at += size) {
        const number = answers.readUInt32LE(at)
        const response = waiting.get(number)
        waiting.delete(number)
        response?.writeHead(200, headers(length))
        response?.end(answers.toString('latin1', at + 4, at + size), 'latin1')
      }
    })
  })
  line.listen(join(folder, 'line'), () => {
    spawn(process.execPath, [import.meta.filename, 'echo', join(folder, 'line')], { stdio: 'inherit' })
  })
  process.once('SIGTERM', () => process.exit())
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const flush = (): void => {
    other?.write(Buffer.concat(batch))
    batch = []
  }
  return (request, response) => {
    request.resume()
    waiting.set(++next, response)
    const piece = Buffer.alloc(size, 'x')
    piece.writeUInt32LE(next)
    if (batch.push(piece) === 1) setImmediate(flush)
  }
}

function echo(address: string): void {
  const socket = connect(address)
  socket.on('close', () => process.exit())
  socket.on('data', (chunk) => socket.write(chunk))
}

/** Calls back with whole pieces of this size, one or more. */
function readPieces(socket: Socket, size: number, onPieces: (pieces: Buffer) => void): void {
  let rest: Buffer = Buffer.alloc(0)
  socket.on('data', (chunk) => {
    const all = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk
    const whole = all.length - (all.length % size)
    rest = all.subarray(whole)
    if (whole > 0) onPieces(all.subarray(0, whole))
  })
}

function proxy(): RequestListener {
  const agent = new Agent({ keepAlive: true, maxSockets: 256 })
  return (request, response) => {
    request.resume()
    const outgoing = send(
      { host: '127.0.0.1', port: Number(argument), path: request.url, method: request.method, agent },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.rawHeaders)
        answer.pipe(response)
      },
    )
    outgoing.on('error', () => response.writeHead(502).end())
    outgoing.end()
  }
}
