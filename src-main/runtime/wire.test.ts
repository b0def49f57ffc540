/** What goes over the wire, byte by byte, the same whichever road the guest runs on. */
import { createHash } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import { connect, type Socket } from 'node:net'
import { beforeAll, describe, expect, it } from 'vitest'
import { serving } from '../../test/served.ts'
import { resident } from '../../test/usage.ts'

const served = serving()

/** A connection of which every byte is seen. */
class Wire {
  readonly socket: Socket
  text = ''
  #changed: () => void = () => {}
  closed = false

  constructor() {
    this.socket = connect(served.port, '127.0.0.1')
    this.socket.on('data', (chunk: Buffer) => {
      this.text += chunk.toString('latin1')
      this.#changed()
    })
    this.socket.on('error', () => {})
    this.socket.on('close', () => {
      this.closed = true
      this.#changed()
    })
  }

  send(text: string): this {
    this.socket.write(text, 'latin1')
    return this
  }

  /** Everything until the other side closes. */
  async whole(): Promise<string> {
    while (!this.closed) await new Promise<void>((resolve) => (this.#changed = resolve))
    return this.text
  }

  /** Settles once this was received; fails when the connection ends before. */
  async until(pattern: RegExp): Promise<string> {
    while (!pattern.test(this.text)) {
      if (this.closed) throw new Error(`closed after: ${this.text}`)
      await new Promise<void>((resolve) => (this.#changed = resolve))
    }
    const { text } = this
    this.text = ''
    return text
  }
}

describe.each(['direct', 'jco'] as const)('over the wire, on the engine %s', (engine) => {
  beforeAll(async () => {
    const { handlers } = await served.start({ engine, breaker: false, maxBody: 160_000_000, compression: false })
    expect(handlers).toMatchObject([{ engine, state: 'ready' }])
  })

  it('tells a client to go on that asks before it sends, and refuses other expectations', async () => {
    const wire = new Wire().send(
      'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n',
    )
    expect(await wire.until(/\r\n\r\n/)).toBe('HTTP/1.1 100 Continue\r\n\r\n')
    expect(await wire.send('hello').until(/hello/)).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
    const other = new Wire().send('GET /hello HTTP/1.1\r\nHost: x\r\nExpect: magic\r\nConnection: close\r\n\r\n')
    expect(await other.until(/\r\n\r\n/)).toMatch(/^HTTP\/1\.1 417 /)
  })

  it('passes on what a guest has to say before its answer, and outlives what cannot be sent', async () => {
    const wire = new Wire().send('GET /inform HTTP/1.1\r\nHost: x\r\n\r\n')
    expect(await wire.until(/refused/)).toMatch(
      /^HTTP\/1\.1 102 Processing\r\n\r\nHTTP\/1\.1 103 Early Hints\r\nLink: <\/a\.css>; rel=preload, <\/b\.js>; rel=preload\r\nx-early: yes\r\n\r\nHTTP\/1\.1 200 OK\r\n/i,
    )
    const other = await wire.send('GET /inform=1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n').whole()
    expect(other.match(/^HTTP\/1\.1 \d+/gm)).toEqual(['HTTP/1.1 102', 'HTTP/1.1 200'])
  })

  it('takes writes of any size', async () => {
    const { body } = await served.send('/big=3000001')
    expect(body.length).toBe(3_000_001)
    expect(body.every((byte, at) => at % 9973 !== 0 || byte === ((at * 31 + (at >> 8)) & 0xff))).toBe(true)
  })

  it('keeps single bytes in order, however many', async () => {
    const answer = await new Wire().send('GET /bytes=3000 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n').whole()
    let bytes = ''
    const text = answer.slice(answer.indexOf('\r\n\r\n') + 4)
    for (let at = 0; ;) {
      const [size = ''] = /^[0-9a-f]+/.exec(text.slice(at)) ?? []
      const length = Number.parseInt(size, 16)
      if (!(length > 0)) break
      bytes += text.slice(at + size.length + 2, at + size.length + 2 + length)
      at += size.length + length + 4
    }
    expect(bytes.length).toBe(3000)
    expect([...bytes].every((byte, at) => byte.charCodeAt(0) === ((at * 7 + (at >> 8)) & 0xff))).toBe(true)
  })

  it('answers HEAD like GET without the body, and keeps the connection', async () => {
    const wire = new Wire().send('HEAD /hello HTTP/1.1\r\nHost: x\r\n\r\n')
    const head = await wire.until(/\r\n\r\n/)
    expect(head).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
    expect(head.endsWith('\r\n\r\n')).toBe(true)
    expect(await wire.send('GET /status=204 HTTP/1.1\r\nHost: x\r\n\r\n').until(/\r\n\r\n/)).toMatch(/^HTTP\/1\.1 204 /)
    wire.socket.destroy()
  })

  it('answers requests that come at once on one connection in their order', async () => {
    const paths = ['/sleep=30', '/method', '/hello']
    const wire = new Wire().send(paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`).join(''))
    const all = await wire.until(/(?:HTTP\/1\.1 200 OK[^]*){3}hello/i)
    expect(all.match(/HTTP\/1\.1 200/g)).toHaveLength(3)
    expect(all.indexOf('slept')).toBeLessThan(all.search(/hello/i))
    wire.socket.destroy()
  })

  it('keeps headers of the connection from the guest, and passes on the others as they are', async () => {
    const wire = new Wire().send(
      'GET /headers HTTP/1.1\r\nHost: x\r\nX-A: 1\r\nx-a: 2\r\nTE: trailers\r\nKeep-Alive: timeout=5\r\nProxy-Connection: x\r\nUpgrade: websocket\r\nConnection: close, X-A\r\n\r\n',
    )
    const answer = await wire.whole()
    // The guest lists what it sees, in a few chunks for each.
    const seen = answer.slice(answer.indexOf('\r\n\r\n') + 2).replaceAll(/\r\n(?:[0-9a-f]*\r\n)?/g, '')
    expect(seen).toMatch(/^X-A: 1\s+x-a: 2\s+traceparent: /)
    expect(seen).not.toMatch(/websocket|timeout=5|trailers|close/)
  })

  it('carries 150 MB there and back in pieces, without changing a byte or holding them', async () => {
    // What the first bytes need is there before it is measured.
    await carry(400)
    const before = await resident(served.guestPid)
    const { bytes, same, most } = await carry(2400)
    expect({ bytes, same }).toEqual({ bytes: 150_000_000, same: true })
    // Kilobytes: whoever held the body would need as many as it has. What was let go is collected at some eighty megabytes.
    expect(most - before).toBeLessThan(110_000)
  })
})

/** Sends so many pieces to be echoed: what came back, and the most that the guest process held meanwhile, in kilobytes. */
async function carry(
  pieces: number,
): Promise<{ readonly bytes: number; readonly same: boolean; readonly most: number }> {
  const sent = createHash('sha256')
  const received = createHash('sha256')
  let most = 0
  let bytes = 0
  let chunks = 0
  await new Promise<void>((resolve, reject) => {
    const request = httpRequest({ port: served.port, host: '127.0.0.1', path: '/echo', method: 'POST', agent: false })
    request.on('error', reject)
    request.on('response', (message) => {
      message.on('data', (chunk: Buffer) => {
        received.update(chunk)
        bytes += chunk.length
        if (++chunks % 50 === 0) void resident(served.guestPid).then((now) => (most = Math.max(most, now)))
      })
      message.on('error', reject)
      message.on('end', resolve)
    })
    let at = 0
    const feed = (): void => {
      while (at < pieces) {
        const chunk = Buffer.alloc(62_500, at++ % 251)
        sent.update(chunk)
        if (!request.write(chunk)) return void request.once('drain', feed)
      }
      request.end()
    }
    feed()
  })
  return { bytes, same: sent.digest('hex') === received.digest('hex'), most }
}
