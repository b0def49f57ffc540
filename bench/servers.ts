import { spawn, type ChildProcess } from 'node:child_process'
import { createServer, type Server } from 'node:http'
import { createServer as createProbe, type AddressInfo } from 'node:net'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')

/** A server under test. */
export interface Contestant {
  readonly name: string
  readonly port: number
  stop(): Promise<void>
}

/** Our runtime, as the command line starts it. */
export async function patchbay(file: string, options: readonly string[]): Promise<Contestant> {
  const child = spawn(process.execPath, [join(root, 'src-main', 'cli.ts'), 'run', file, ...options], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const port = await portFrom(child)
  // What the run tells of each request goes nowhere, but must be taken.
  child.stdout?.resume()
  child.stderr?.resume()
  return { name: `patchbay run ${options.join(' ')}`.trim(), port, stop: () => stop(child) }
}

/** `jco serve` of the version this project uses. */
export async function jcoServe(file: string, options: readonly string[]): Promise<Contestant> {
  const port = await freePort()
  const child = spawn(
    process.execPath,
    [join(root, 'node_modules', '.bin', 'jco'), 'serve', file, '--port', String(port), ...options],
    { stdio: 'ignore' },
  )
  await accepting(port, child)
  // It serves from a process of its own, which outlives it: the whole group has to go.
  return { name: `jco serve ${options.join(' ')}`.trim(), port, stop: () => stopGroup(child) }
}

/** A bare node:http server that answers the same bytes. */
export async function bareNode(body: Buffer): Promise<Contestant> {
  const server: Server = createServer((_request, response) => {
    response.writeHead(200, ['Content-Type', 'text/plain', 'Content-Length', String(body.length)])
    response.end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    name: 'bare node:http',
    port: address.port,
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}

function portFrom(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    let said = ''
    const hear = (data: Buffer): void => {
      said += data.toString()
      const port = /http:\/\/127\.0\.0\.1:(\d+)/.exec(said)?.[1]
      if (port !== undefined) resolve(Number(port))
    }
    child.stdout?.on('data', hear)
    child.stderr?.on('data', hear)
    child.once('exit', () => reject(new Error(`it ended: ${said}`)))
  })
}

async function accepting(port: number, child: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt++) {
    if (child.exitCode !== null) throw new Error('it ended')
    if (
      await fetch(`http://127.0.0.1:${port}/`).then(
        (response) => response.arrayBuffer().then(() => true),
        () => false,
      )
    )
      return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error('it never answered')
}

async function freePort(): Promise<number> {
  const probe = createProbe()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const { port } = probe.address() as AddressInfo
  await new Promise<void>((resolve) => probe.close(() => resolve()))
  return port
}

function stop(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve()
    const kill = setTimeout(() => child.kill('SIGKILL'), 5000)
    child.once('exit', () => {
      clearTimeout(kill)
      resolve()
    })
    child.kill('SIGTERM')
  })
}

async function stopGroup(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null) return
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  process.kill(-child.pid, 'SIGKILL')
  await ended
}
