/** Answers to what is no HTTP, or comes too slowly or too large: a problem like every other, and the connection is over. */
import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { fail, type Problem } from '../../src-engine/error.ts'
import { problemBody, statusOf, titleOf } from './problems.ts'
import type { RecordStore } from './records.ts'

/** How long a connection stays open behind the answer, so that a client that still sends gets to read it. Milliseconds. */
const lingerTime = 500

export class Malformed {
  readonly #records: RecordStore
  /** The answer that each connection began last: nothing may be written between its bytes, or before it. */
  readonly #answers = new WeakMap<Duplex, ServerResponse>()

  constructor(records: RecordStore) {
    this.#records = records
  }

  watch(response: ServerResponse, socket: Duplex): void {
    this.#answers.set(socket, response)
  }

  answer(error: Error, socket: Duplex): void {
    const problem = problemFor(error)
    const isAnswering = this.#answers.get(socket)?.writableFinished === false
    if (!problem || !socket.writable || isAnswering) return void socket.destroy()
    this.#end(problem, socket)
  }

  /** `CONNECT` is for proxies, which this is not. */
  refuseTunnel({ method = '?', url = '?' }: IncomingMessage, socket: Duplex): void {
    const problem = fail('http.connect', 'CONNECT asks for a tunnel, and there is none here', {
      hint: 'Take it out of the proxy settings of the client',
    }).problem
    this.#end(problem, socket, { method, target: url })
  }

  #end(problem: Problem, socket: Duplex, { method, target } = { method: '?', target: '?' }): void {
    const id = randomBytes(9).toString('base64url')
    const status = statusOf(problem)
    const body = problemBody(problem, id)
    const head = [
      `HTTP/1.1 ${status} ${titleOf(status)}`,
      'Content-Type: application/problem+json',
      `Content-Length: ${body.length}`,
      'Cache-Control: no-store',
      `X-Request-Id: ${id}`,
      'Connection: close',
    ]
    socket.on('error', () => {})
    socket.end(Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body]))
    socket.resume()
    setTimeout(() => socket.destroy(), lingerTime).unref()
    this.#records.finish({
      id,
      handler: '',
      method,
      target,
      time: Date.now(),
      state: 'failed',
      status,
      duration: 0,
      requestBytes: 0,
      responseBytes: body.length,
      problem,
      spans: [],
    })
  }
}

/** Undefined when there is nobody to tell: the client is gone. */
function problemFor(error: Error): Problem | undefined {
  const code = 'code' in error ? String(error.code) : ''
  if (code === 'HPE_HEADER_OVERFLOW')
    return fail('http.head-too-large', 'The head of the request is larger than 16 KiB', {
      hint: 'Send data in the body',
    }).problem
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return fail('http.head-too-slow', 'The request did not arrive in time', { hint: 'Send it in one go' }).problem
  if (!code.startsWith('HPE_')) return undefined
  const reason = 'reason' in error && typeof error.reason === 'string' ? error.reason : error.message
  return fail('http.malformed', `This is not HTTP/1.1: ${reason.replace(/^Parse Error: /, '')}`, {
    hint: 'Check the client, or what stands between it and here',
  }).problem
}
