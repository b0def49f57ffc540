/** What a person waits for, and what stays in memory. */
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { build } from 'vite'
import { cpuOf } from './accounting.ts'
import { root, sampleFile } from './components.ts'
import { copies, middle, starlingHandler } from './runtime.ts'
import type { Waited } from './serve-once.ts'

/** The script that serves once, as one file: what people run is built, too. */
const script = join(root, 'bench', 'results', 'serve-once.js')

/** Milliseconds to the first answer, and of processor time until then. */
interface First {
  /** Nothing of the component is prepared yet. */
  readonly cold: number
  /** The workbench is new, but an earlier one prepared the component. */
  readonly warm: number
  readonly coldCpu: number
  readonly warmCpu: number
}

interface Start {
  /** Run in a window that has been open for some seconds. */
  readonly window: First
  /** `patchbay run`, from when Enter is pressed: no process is there yet. */
  readonly command: First
  /** Stopped and run again in the same window: the second start. */
  readonly again: number
  /** Its guest process is killed, and it is asked at once. */
  readonly restarted: number
}

export interface FirstRequests {
  readonly starts: Readonly<Record<string, Start>>
  /** Milliseconds that Node takes to start and end with nothing to do: a part of what `patchbay run` takes. */
  readonly bareNode: First['cold']
  /** Megabytes for each further small handler that is idle, and of everything else together. */
  readonly perHandler: number
  readonly base: number
  /** Megabytes of everything, by number of idle handlers. */
  readonly idle: Readonly<Record<number, number>>
  /** The spare process's part of it. */
  readonly spare: Readonly<Record<number, number>>
}

export async function benchFirstRequests(rounds: number): Promise<FirstRequests> {
  await build({
    configFile: false,
    logLevel: 'error',
    build: { ssr: join(root, 'bench', 'serve-once.ts'), outDir: dirname(script), emptyOutDir: false },
  })
  console.log('\nFrom Run to the first answer, milliseconds')
  const files: [string, string][] = [
    ['small C', sampleFile('hello')],
    ['JavaScript on QuickJS', sampleFile('hello-js')],
  ]
  const { file } = starlingHandler()
  if (file !== undefined) files.push(['JavaScript on StarlingMonkey, 14 MB', file])
  const starts: Record<string, Start> = {}
  const bareNode = middle(Array.from({ length: 2 * rounds + 1 }, emptyNode))
  for (const [name, path] of files) {
    const waited: { window: Twice<Waited>; command: Twice<Pick<Waited, 'first' | 'cpu'>> }[] = []
    for (let round = 0; round < rounds; round++)
      waited.push({
        window: await twice((cache) => Promise.resolve(serveOnce(cache, 'window', [path]))),
        command: await twice((cache) => commandLine(cache, path)),
      })
    const firstOf = (which: 'window' | 'command'): First => ({
      cold: middle(waited.map((each) => each[which].cold.first)),
      warm: middle(waited.map((each) => each[which].warm.first)),
      coldCpu: middle(waited.map((each) => each[which].cold.cpu)),
      warmCpu: middle(waited.map((each) => each[which].warm.cpu)),
    })
    const found: Start = {
      window: firstOf('window'),
      command: firstOf('command'),
      again: middle(waited.map(({ window }) => window.warm.again)),
      restarted: middle(waited.map(({ window }) => window.warm.restarted)),
    }
    starts[name] = found
    console.log(`  ${name}`)
    for (const which of ['window', 'command'] as const) {
      const { cold, warm, coldCpu, warmCpu } = found[which]
      const ms = (value: number): string => value.toFixed(0)
      console.log(
        `    ${{ window: 'in an open window', command: 'patchbay run' }[which].padEnd(20)} never seen ${ms(cold)} (CPU ${ms(coldCpu)}), prepared before ${ms(warm)} (CPU ${ms(warmCpu)})${which === 'command' ? `; without the start of Node ${ms(cold - bareNode)} and ${ms(warm - bareNode)}` : ''}`,
      )
    }
    console.log(
      `    run again ${found.again.toFixed(0)}: ${(found.window.cold / found.again).toFixed(1)} times faster than the first; after a kill ${found.restarted.toFixed(0)}`,
    )
  }
  const memory = idleMemory()
  console.log(
    `\nIdle memory (PSS): ${memory.perHandler.toFixed(1)} MB for each small handler, ${memory.base.toFixed(0)} MB beside; ${Object.entries(
      memory.idle,
    )
      .map(
        ([count, megabytes]) =>
          `${count}: ${megabytes.toFixed(0)} MB, ${(memory.spare[Number(count)] ?? 0).toFixed(0)} of it the spare process`,
      )
      .join('; ')}`,
  )
  return { starts, bareNode, ...memory }
}

interface Twice<Found> {
  readonly cold: Found
  readonly warm: Found
}

/** Two workbenches, one after the other, with one cache. */
async function twice<Found>(serve: (folder: string) => Promise<Found>): Promise<Twice<Found>> {
  const folder = mkdtempSync(join(tmpdir(), 'patchbay-bench-'))
  try {
    return { cold: await serve(folder), warm: await serve(folder) }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** The command as people start it, the launcher of a checkout left out, asked as soon as it says where it serves. */
async function commandLine(folder: string, file: string): Promise<Pick<Waited, 'first' | 'cpu'>> {
  // What asks is ready before.
  await fetch('http://127.0.0.1:1/').catch(() => {})
  const start = performance.now()
  const child = spawn(process.execPath, [join(root, 'out', 'main', 'cli.js'), 'run', file], {
    env: { ...process.env, PATCHBAY_USER_DATA: folder },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  try {
    const [url] = (await once(child.stdout, 'data')) as [Buffer]
    const answer = await fetch(url.toString().trim())
    await answer.arrayBuffer()
    if (answer.status !== 200) throw new Error(`it answered ${answer.status}`)
    return { first: performance.now() - start, cpu: cpuOf(child.pid ?? 0) * 1000 }
  } finally {
    child.kill()
    await once(child, 'exit')
  }
}

function emptyNode(): number {
  const start = performance.now()
  spawnSync(process.execPath, ['-e', '0'])
  return performance.now() - start
}

/** What lies between the fewest and the most handlers is theirs. */
function idleMemory(): Pick<FirstRequests, 'perHandler' | 'base' | 'idle' | 'spare'> {
  const counts = [1, 5, 10, 20]
  const [least = 1, most = 1] = [Math.min(...counts), Math.max(...counts)]
  const many = copies(most)
  const cache = mkdtempSync(join(tmpdir(), 'patchbay-bench-'))
  const idle: Record<number, number> = {}
  const spare: Record<number, number> = {}
  for (const count of counts) {
    const waited = serveOnce(cache, 'command', many.files.slice(0, count))
    idle[count] = waited.memory
    spare[count] = waited.spare
  }
  rmSync(many.folder, { recursive: true })
  rmSync(cache, { recursive: true })
  const perHandler = ((idle[most] ?? 0) - (idle[least] ?? 0)) / (most - least)
  return { perHandler, base: (idle[least] ?? 0) - perHandler * least, idle, spare }
}

function serveOnce(cache: string, from: 'window' | 'command', files: readonly string[]): Waited {
  const said = execFileSync(process.execPath, [script, cache, from, ...files], { encoding: 'utf8' })
  return JSON.parse(said) as Waited
}
