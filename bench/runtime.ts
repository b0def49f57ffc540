/** Handlers under load: ours against the peers, in rounds that take turns. */
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cpuOf } from './accounting.ts'
import { root, sampleFile } from './components.ts'
import { load, type LoadOptions } from './load.ts'
import { bareNode, bareRelay, jcoServe, nodeProxy, patchbay, wasmtimeServe, type Contestant } from './servers.ts'

export interface Settings {
  readonly seconds: number
  readonly rounds: number
  readonly connections: number
}

/** One server in one setting: medians over the rounds, and how far they lie apart. */
export interface Row {
  readonly rate: number
  /** Microseconds of processor time of everything the server consists of, for each request. */
  readonly cpu: number
  readonly p50: number
  readonly p99: number
  readonly failed: number
  /** Slowest and fastest round, requests per second. */
  readonly spread: readonly [number, number]
}

export interface Scenario {
  readonly title: string
  readonly note?: string
  readonly rows: Readonly<Record<string, Row>>
  /** Rate against each peer, formed in each round; median. */
  readonly ratios: Readonly<Record<string, Readonly<Record<string, number>>>>
  /** The same of processor time for each request: how many times ours fits into the peer's. */
  readonly cpuRatios: Readonly<Record<string, Readonly<Record<string, number>>>>
}

interface Entry {
  readonly name: string
  readonly start: () => Promise<Contestant>
  readonly paths?: readonly string[]
  readonly headers?: Readonly<Record<string, string>>
}

export const guestFile: string = join(root, 'test', 'fixtures', 'guests', 'behaviours.wasm')
export const peers = { jco: 'jco serve', isolated: 'jco serve, isolated', node: 'bare node:http' } as const
const proxyPeer = 'a bare node proxy'

const many = 64

/** The scenarios of the table, one after the other. */
export async function benchHandlers(settings: Settings): Promise<Scenario[]> {
  const scenarios = [await small('small C', sampleFile('hello'), settings)]
  // Workbench and guest take turns less the more there is to do.
  if (settings.connections < many)
    scenarios.push(await small(`small C, ${many} connections`, sampleFile('hello'), { ...settings, connections: many }))
  scenarios.push(await small('JavaScript on QuickJS', sampleFile('hello-js'), settings))
  const starling = starlingHandler()
  if (starling.file === undefined) console.log(`\nJavaScript on StarlingMonkey: left out, ${starling.why}`)
  else scenarios.push(await small('JavaScript on StarlingMonkey', starling.file, settings))
  scenarios.push(await outgoing(settings))
  return scenarios
}

function small(title: string, file: string, settings: Settings): Promise<Scenario> {
  const wasmtime = wasmtimeServe(file, [])
  return compare(
    title,
    settings,
    [peers.jco, peers.isolated, peers.node, ...(wasmtime ? ['wasmtime serve'] : [])],
    [
      { name: peers.node, start: () => bareNode(40) },
      { name: 'and an echo in a process', start: () => bareRelay(40) },
      { name: peers.jco, start: () => jcoServe(file, []) },
      { name: peers.isolated, start: () => jcoServe(file, ['--isolate-requests', 'instance']) },
      ...(wasmtime ? [{ name: 'wasmtime serve', start: wasmtime }] : []),
      { name: 'patchbay, isolated', start: () => patchbay([file], ['--isolate', 'request']) },
      { name: 'patchbay, reused', start: () => patchbay([file], ['--isolate', 'none']) },
      { name: 'patchbay, reused in a pool', start: () => patchbay([file], ['--isolate', 'pool']) },
    ],
  )
}

/** A handler that asks another server for its answer. */
async function outgoing(settings: Settings): Promise<Scenario> {
  const upstream = await bareNode(40)
  const headers = { 'x-target': `127.0.0.1:${upstream.port}` }
  const paths = ['/proxy/']
  const ours = (isolation: string) => () =>
    patchbay([guestFile], ['--isolate', isolation, '--allow-host', `127.0.0.1:${upstream.port}`])
  try {
    return await compare(
      'small C that calls another server',
      settings,
      [peers.jco, proxyPeer],
      [
        { name: proxyPeer, start: () => nodeProxy(upstream.port), paths, headers },
        { name: peers.jco, start: () => jcoServe(guestFile, []), paths, headers },
        { name: 'patchbay, isolated', start: ours('request'), paths, headers },
        { name: 'patchbay, reused in a pool', start: ours('pool'), paths, headers },
      ],
    )
  } finally {
    await upstream.stop()
  }
}

async function compare(
  title: string,
  settings: Settings,
  against: readonly string[],
  entries: readonly Entry[],
): Promise<Scenario> {
  console.log(`\n${title}: ${settings.rounds} rounds of ${settings.seconds} s, ${settings.connections} connections`)
  const measured = new Map<string, Measured[]>()
  for (let round = 0; round < settings.rounds; round++) {
    for (const entry of entries) {
      try {
        const result = await measure(entry, settings)
        measured.set(entry.name, [...(measured.get(entry.name) ?? []), result])
      } catch (thrown) {
        console.log(`  ${entry.name}: ${thrown instanceof Error ? thrown.message.slice(0, 200) : String(thrown)}`)
      }
    }
  }
  const rows: Record<string, Row> = {}
  const ratios: Record<string, Record<string, number>> = {}
  const cpuRatios: Record<string, Record<string, number>> = {}
  for (const [name, results] of measured) {
    rows[name] = rowOf(results)
    ratios[name] = {}
    cpuRatios[name] = {}
    for (const peer of against) {
      const theirs = measured.get(peer) ?? []
      ratios[name][peer] = middle(results.map(({ rate }, at) => rate / (theirs[at]?.rate ?? Number.NaN)))
      cpuRatios[name][peer] = middle(results.map(({ cpu }, at) => (theirs[at]?.cpu ?? Number.NaN) / cpu))
    }
  }
  const scenario = { title, rows, ratios, cpuRatios }
  print(scenario, against)
  return scenario
}

type Measured = Omit<Row, 'spread'>

/** Starts a server, warms it up, puts it under load and stops it. */
export async function measure(entry: Entry, { seconds, connections }: Settings): Promise<Measured> {
  const server = await entry.start()
  try {
    const options: LoadOptions = {
      connections,
      seconds,
      paths: entry.paths ?? ['/'],
      ...(entry.headers ? { headers: entry.headers } : {}),
    }
    // Long enough for the engines to have compiled what is hot: that is paid once, not for each request.
    await load(server.port, { ...options, seconds: Math.max(6, seconds) })
    const before = cpuOf(server.pid)
    const result = await load(server.port, options)
    const cpu = ((cpuOf(server.pid) - before) * 1e6) / Math.max(1, result.requests)
    return { ...result, cpu }
  } finally {
    await server.stop()
  }
}

function rowOf(results: readonly Measured[]): Row {
  const rates = results.map(({ rate }) => rate)
  return {
    rate: middle(rates),
    cpu: middle(results.map(({ cpu }) => cpu)),
    p50: middle(results.map(({ p50 }) => p50)),
    p99: middle(results.map(({ p99 }) => p99)),
    failed: results.reduce((sum, { failed }) => sum + failed, 0),
    spread: [Math.min(...rates), Math.max(...rates)],
  }
}

function print({ rows, ratios, cpuRatios }: Scenario, against: readonly string[]): void {
  const width = 28
  const columns = ['req/s', 'slowest', 'fastest', 'CPU µs', 'p50 ms', 'p99 ms', 'failed']
  console.log(
    `  ${''.padEnd(width)}${columns.map((name) => name.padStart(9)).join('')}  × ${against.join(', ')} (by CPU)`,
  )
  for (const [name, row] of Object.entries(rows)) {
    const numbers = [row.rate, ...row.spread].map((value) => value.toFixed(0).padStart(9))
    const times = [row.cpu.toFixed(1), row.p50.toFixed(2), row.p99.toFixed(2), String(row.failed)]
    const compared = against.map((peer) => `${shown(ratios[name]?.[peer])} (${shown(cpuRatios[name]?.[peer])})`)
    console.log(
      `  ${name.padEnd(width)}${numbers.join('')}${times.map((text) => text.padStart(9)).join('')}  ${compared.join('  ')}`,
    )
  }
}

const shown = (value: number | undefined): string =>
  value === undefined || !Number.isFinite(value) ? '–' : value.toFixed(2)

export function middle(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? Number.NaN
}

/** A point of a sweep. */
export interface Point {
  readonly at: number
  readonly server: string
  readonly cpu: number
  readonly rate: number
}

/** Cost for each request against the size of the answer's body. */
export async function sweepBodies(settings: Settings): Promise<Point[]> {
  console.log('\nAnswers of different sizes: CPU µs for each request')
  const points: Point[] = []
  for (const at of [0, 1024, 65_536, 1_048_576]) {
    const entries: Entry[] = [
      { name: peers.node, start: () => bareNode(at) },
      { name: 'patchbay, isolated', start: () => patchbay([guestFile], []), paths: [`/big=${at}`] },
      { name: 'patchbay, reused', start: () => patchbay([guestFile], ['--isolate', 'none']), paths: [`/big=${at}`] },
    ]
    for (const entry of entries) points.push(await pointOf(at, entry, settings))
  }
  return points
}

/** Cost for each request against how many handlers are served, all of them in use. */
export async function sweepHandlers(settings: Settings): Promise<Point[]> {
  console.log('\nNumbers of handlers, all in use: CPU µs for each request')
  const points: Point[] = []
  for (const at of [1, 5, 20]) {
    const { files, folder } = copies(at)
    const paths = files.map((_, index) => `/run/handler-${index}/`)
    points.push(await pointOf(at, { name: 'patchbay, isolated', start: () => patchbay(files, []), paths }, settings))
    rmSync(folder, { recursive: true })
  }
  return points
}

async function pointOf(at: number, entry: Entry, settings: Settings): Promise<Point> {
  const { cpu, rate, failed } = await measure(entry, settings)
  if (failed > 0) console.log(`  ${failed} requests failed`)
  console.log(`  ${String(at).padStart(9)}  ${entry.name.padEnd(28)}${cpu.toFixed(1).padStart(9)}`)
  return { at, server: entry.name, cpu, rate }
}

/** The same small handler so many times. */
export function copies(count: number): { readonly files: string[]; readonly folder: string } {
  const folder = mkdtempSync(join(tmpdir(), 'patchbay-bench-'))
  const files = Array.from({ length: count }, (_, index) => join(folder, `handler-${index}.wasm`))
  for (const file of files) cpSync(sampleFile('hello'), file)
  return { files, folder }
}

/** A handler on StarlingMonkey, built by the jco of this project and kept; or why there is none. */
export function starlingHandler():
  { readonly file: string; readonly why?: undefined } | { readonly file?: undefined; readonly why: string } {
  const kept = join(root, 'bench', 'results')
  const file = join(kept, 'starling-handler.wasm')
  if (existsSync(file)) return { file }
  const folder = join(kept, 'starling')
  try {
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(join(folder, 'wit'), { recursive: true })
    cpSync(join(root, 'wit', 'wasi-0.2.12'), join(folder, 'wit', 'deps'), { recursive: true })
    const world = 'world handler { import wasi:http/types@0.2.12; export wasi:http/incoming-handler@0.2.12; }'
    writeFileSync(join(folder, 'wit', 'world.wit'), `package bench:handler;\n${world}\n`)
    const jco = join(root, 'node_modules', '@bytecodealliance', 'jco', 'dist', 'jco.js')
    const source = join(root, 'bench', 'starling-handler.js')
    execFileSync(
      process.execPath,
      [jco, 'componentize', source, '-w', join(folder, 'wit'), '-n', 'handler', '-o', file],
      { stdio: 'pipe', timeout: 180_000 },
    )
    return { file }
  } catch (thrown) {
    return { why: (thrown instanceof Error ? thrown.message : String(thrown)).split('\n')[0] ?? '' }
  }
}
