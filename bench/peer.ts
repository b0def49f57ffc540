/**
 * Bare servers to compare with, each in a process of its own: `node bench/peer.ts plain BYTES` answers every request with
 * so many bytes, `node bench/peer.ts proxy PORT` passes it on to another server on this machine.
 */
import { Agent, createServer, request as send } from 'node:http'
import type { AddressInfo } from 'node:net'

const [what, argument = '0'] = process.argv.slice(2)
const body = Buffer.alloc(Number(argument), 'x')
const agent = new Agent({ keepAlive: true, maxSockets: 256 })

const server = createServer((request, response) => {
  request.resume()
  if (what === 'plain') {
    response.writeHead(200, ['Content-Type', 'text/plain; charset=utf-8', 'Content-Length', String(body.length)])
    response.end(body)
    return
  }
  const outgoing = send(
    { host: '127.0.0.1', port: Number(argument), path: request.url, method: request.method, agent },
    (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders)
      answer.pipe(response)
    },
  )
  outgoing.on('error', () => response.writeHead(502).end())
  outgoing.end()
})
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  console.log(`http://127.0.0.1:${port}/`)
})
