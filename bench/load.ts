/**
 * The load: `wrk` where it is on the PATH, else a client of ours in a process of its own, so that neither shares a thread
 * with what is measured.
 */
import { execFile, spawnSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

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

export interface LoadOptions {
  readonly connections: number
  readonly seconds: number
  /** Asked for in turn. */
  readonly paths: readonly string[]
  readonly headers?: Readonly<Record<string, string>>
}

const hasWrk = spawnSync('wrk', ['--version']).error === undefined

/** Who makes the load. */
export const generator: string = hasWrk ? 'wrk' : 'bench/load.ts'

/** GET requests over keep-alive connections to 127.0.0.1 for a bounded time. */
export async function load(port: number, options: LoadOptions): Promise<LoadResult> {
  if (hasWrk) return parseWrk(await output('wrk', wrkArguments(port, options)))
  const said = await output(process.execPath, [import.meta.filename, String(port), JSON.stringify(options)])
  return JSON.parse(said) as LoadResult
}

function output(command: string, given: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(command, [...given], (error, stdout, stderr) =>
      error ? reject(new Error(stderr || error.message)) : resolve(stdout),
    )
  })
}

/** Asked for the same again and again, wrk does without a call of Lua for each: it takes less from the servers. */
const one = ['wrk.path = paths[1]']
const several = [
  'local requests = {}',
  'init = function() for at, path in ipairs(paths) do requests[at] = wrk.format("GET", path) end end',
  'local at = 0',
  'request = function() at = at % #requests + 1; return requests[at] end',
]

function wrkArguments(port: number, { connections, seconds, paths, headers = {} }: LoadOptions): string[] {
  const script = join(mkdtempSync(join(tmpdir(), 'patchbay-bench-')), 'load.lua')
  const lines = [
    `local paths = { ${paths.map((path) => JSON.stringify(path)).join(', ')} }`,
    ...Object.entries(headers).map(
      ([name, value]) => `wrk.headers[${JSON.stringify(name)}] = ${JSON.stringify(value)}`,
    ),
    ...(paths.length === 1 ? one : several),
    'done = function(summary, latency)',
    '  local errors = summary.errors',
    '  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout',
    '  io.write(string.format("RESULT %d %d %d %f %f\\n", summary.requests, failed, summary.duration,',
    '    latency:percentile(50), latency:percentile(99)))',
    'end',
  ]
  writeFileSync(script, lines.join('\n'))
  return ['-t1', `-c${connections}`, `-d${seconds}s`, '-s', script, `http://127.0.0.1:${port}/`]
}

/** Times are microseconds there. */
function parseWrk(text: string): LoadResult {
  const found = /RESULT (\d+) (\d+) (\d+) ([\d.]+) ([\d.]+)/.exec(text)
  if (!found) throw new Error(`wrk said: ${text}`)
  const [requests = 0, failed = 0, duration = 0, p50 = 0, p99 = 0] = found.slice(1).map(Number)
  return { requests, failed, rate: requests / (duration / 1e6), p50: p50 / 1000, p99: p99 / 1000 }
}

/** Our own client: bare sockets. Answers must carry a Content-Length or be chunked. */
async function drive(port: number, { connections, seconds, paths, headers = {} }: LoadOptions): Promise<LoadResult> {
  const fields = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  const requests = paths.map((path) =>
    Buffer.from(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${fields.join('')}\r\n`),
  )
  const times: number[] = []
  let failed = 0
  let turn = 0
  const end = performance.now() + seconds * 1000
  const client = async (): Promise<void> => {
    let socket: Socket | undefined
    while (performance.now() < end) {
      const start = performance.now()
      try {
        socket ??= await open(port)
        const status = await exchange(socket, requests[turn++ % requests.length] ?? Buffer.alloc(0))
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
  await Promise.all(Array.from({ length: connections }, client))
  const duration = (performance.now() - began) / 1000
  times.sort((left, right) => left - right)
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0
  return { requests: times.length, failed, rate: times.length / duration, p50: at(0.5), p99: at(0.99) }
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

if (process.argv[1] === import.meta.filename) {
  const [port = '', options = ''] = process.argv.slice(2)
  console.log(JSON.stringify(await drive(Number(port), JSON.parse(options) as LoadOptions)))
}
