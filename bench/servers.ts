/** The servers under test, ours and the peers, each in processes of its own. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createServer as createProbe, type AddressInfo } from 'node:net'
import { delimiter, join } from 'node:path'

const root = join(import.meta.dirname, '..')

/** A server under test. */
export interface Contestant {
  readonly port: number
  /** The process that it and everything it started hang on. */
  readonly pid: number
  stop(): Promise<void>
}

/** Our runtime, as the command line starts it from the build. */
export function patchbay(files: readonly string[], options: readonly string[]): Promise<Contestant> {
  return spawned([join(root, 'out', 'main', 'cli.js'), 'run', ...files, ...options])
}

/** A bare node:http server that answers so many bytes. */
export const bareNode = (bytes: number): Promise<Contestant> =>
  spawned([join(root, 'bench', 'peer.ts'), 'plain', String(bytes)])

/** The same with bytes that come from another process: what guests in a process of their own cost at least. */
export const bareRelay = (bytes: number): Promise<Contestant> =>
  spawned([join(root, 'bench', 'peer.ts'), 'relay', String(bytes)])

/** A bare proxy: node:http on both sides, connections kept. */
export const nodeProxy = (port: number): Promise<Contestant> =>
  spawned([join(root, 'bench', 'peer.ts'), 'proxy', String(port)])

/** A script of ours or a peer's that prints its URL. */
async function spawned(argument: readonly string[]): Promise<Contestant> {
  // What is told of each request goes nowhere, as with the peers.
  const child = spawn(process.execPath, argument, { stdio: ['ignore', 'pipe', 'ignore'], detached: true })
  const port = await portFrom(child)
  child.stdout.resume()
  return { port, pid: child.pid ?? 0, stop: () => stopGroup(child) }
}

/** `jco serve` of the version this project uses. */
export function jcoServe(file: string, options: readonly string[]): Promise<Contestant> {
  return listening(process.execPath, (port) => [
    join(root, 'node_modules', '.bin', 'jco'),
    'serve',
    file,
    '--port',
    String(port),
    ...options,
  ])
}

/** `wasmtime serve`; the binary is looked for in WASMTIME and on the PATH. Undefined where there is none. */
export function wasmtimeServe(file: string, options: readonly string[]): (() => Promise<Contestant>) | undefined {
  const binary = wasmtime()
  if (binary === undefined) return undefined
  return () => listening(binary, (port) => ['serve', '-S', 'cli', '--addr', `127.0.0.1:${port}`, ...options, file])
}

function wasmtime(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  return [process.env['WASMTIME'] ?? '', ...folders.map((folder) => join(folder, 'wasmtime'))].find(
    (path) => path !== '' && existsSync(path),
  )
}

/** The version that takes part, in its own words. */
export function wasmtimeVersion(): string | undefined {
  const binary = wasmtime()
  return binary === undefined ? undefined : spawnSync(binary, ['--version'], { encoding: 'utf8' }).stdout.trim()
}

async function listening(command: string, argument: (port: number) => string[]): Promise<Contestant> {
  const port = await freePort()
  // It may serve from a process of its own, which outlives it: the whole group has to go.
  const child = spawn(command, argument(port), { stdio: 'ignore', detached: true })
  const contestant = { port, pid: child.pid ?? 0, stop: () => stopGroup(child) }
  try {
    await accepting(port, child)
  } catch (thrown) {
    await contestant.stop()
    throw thrown
  }
  return contestant
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
    child.once('exit', () => reject(new Error(`it ended: ${child.spawnargs.join(' ')}`)))
  })
}

async function accepting(port: number, child: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt++) {
    if (child.exitCode !== null) throw new Error('it ended')
    const answered = await fetch(`http://127.0.0.1:${port}/`).then(
      (response) => response.arrayBuffer().then(() => true),
      () => false,
    )
    if (answered) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error('it never answered')
}

export async function freePort(): Promise<number> {
  const probe = createProbe()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const { port } = probe.address() as AddressInfo
  await new Promise<void>((resolve) => probe.close(() => resolve()))
  return port
}

async function stopGroup(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  process.kill(-child.pid, 'SIGKILL')
  await ended
}
