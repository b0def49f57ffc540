import { connect, type Socket } from 'node:net'

/** What a server did under load. */
export interface LoadResult {
  readonly requests: number
  readonly failed: number
  /** Requests per second. */
  readonly rate: number
  /** Milliseconds. */
  readonly p50: number
  readonly p99: number
}

/**
 * Sends GET requests over keep-alive connections to 127.0.0.1 for a bounded time. A bare socket client: every
 * server pays for the same, small one. Answers must carry a Content-Length.
 */
export async function load(
  port: number,
  path: string,
  options: { readonly connections: number; readonly milliseconds: number },
): Promise<LoadResult> {
  const request = Buffer.from(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`)
  const times: number[] = []
  let failed = 0
  const end = performance.now() + options.milliseconds
  const client = async (): Promise<void> => {
    let socket: Socket | undefined
    while (performance.now() < end) {
      const start = performance.now()
      try {
        socket ??= await open(port)
        const status = await exchange(socket, request)
        if (status === 200) times.push(performance.now() - start)
        else failed++
      } catch {
        failed++
        socket?.destroy()
        socket = undefined
      }
    }
    socket?.destroy()
  }
  const began = performance.now()
  await Promise.all(Array.from({ length: options.connections }, client))
  const seconds = (performance.now() - began) / 1000
  times.sort((left, right) => left - right)
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0
  return { requests: times.length, failed, rate: times.length / seconds, p50: at(0.5), p99: at(0.99) }
}

function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket.setNoDelay(true)))
    socket.once('error', reject)
  })
}

/** One request and its whole answer; resolves with the status. */
function exchange(socket: Socket, request: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    let head = ''
    let left = -1
    let status = 0
    const done = (error?: Error): void => {
      socket.off('data', onData).off('error', done).off('close', onClose)
      if (error) reject(error)
      else resolve(status)
    }
    const onClose = () => done(new Error('closed'))
    const onData = (data: Buffer): void => {
      if (left < 0) {
        head += data.toString('latin1')
        const split = head.indexOf('\r\n\r\n')
        if (split < 0) return
        status = Number(head.slice(9, 12))
        const length = /content-length: *(\d+)/i.exec(head.slice(0, split))
        if (length) left = Number(length[1]) - (head.length - split - 4)
        else if (/transfer-encoding: *chunked/i.test(head)) {
          if (head.endsWith('0\r\n\r\n')) left = 0
          else return
        } else return done(new Error('no length'))
      } else left -= data.length
      if (left <= 0) done()
    }
    socket.on('data', onData).once('error', done).once('close', onClose)
    socket.write(request)
  })
}
