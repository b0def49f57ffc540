/**
 * The engine's figures: decoding, planning and composing, how they grow, and peers in the same run. `npm run bench -- --only
 * engine`. Times are medians after a warm-up, for growth the fastest; «cold» is the first call in a fresh process.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decode } from '../src-engine/binary/decode.ts'
import { planComposition } from '../src-engine/compose/build-plan.ts'
import { encodeComposition } from '../src-engine/compose/encode.ts'
import { largeComponent, paddedTo, partOf, sampleFile } from './components.ts'
import { peers } from './engine-peers.ts'
import { chain, hundredOfTwenty, wires, type Composition } from './graphs.ts'

/** One figure; with a limit it is held or missed. */
export interface Row {
  readonly name: string
  readonly value: number
  readonly unit: 'ms' | 'MB' | '×'
  readonly limit?: number
}

/** Milliseconds of several runs, ascending, after some that warm up. */
function times(run: () => void): number[] {
  for (let count = 0; count < 5; count++) run()
  const measured = Array.from({ length: 15 }, () => {
    const start = performance.now()
    run()
    return performance.now() - start
  })
  return measured.sort((left, right) => left - right)
}

function median(run: () => void): number {
  return middle(times(run))
}

/** For growth: what the machine does beside makes ratios of medians jump. */
function fastest(run: () => void): number {
  return Math.min(...[1, 2, 3].map(() => times(run)[0] ?? 0))
}

function middle(values: readonly number[]): number {
  return [...values].sort((left, right) => left - right)[Math.floor(values.length / 2)] ?? 0
}

interface Cold {
  readonly milliseconds: number
  readonly peakMegabytes: number
  readonly heapMegabytes: number
}

function cold(...parameters: readonly string[]): Cold {
  const script = join(import.meta.dirname, 'cold.ts')
  const runs = Array.from({ length: 5 }, (): Cold => {
    const printed: Cold = JSON.parse(execFileSync(process.execPath, [script, ...parameters], { encoding: 'utf8' }))
    return printed
  })
  const of = (key: keyof Cold) => middle(runs.map((each) => each[key]))
  return {
    milliseconds: of('milliseconds'),
    peakMegabytes: of('peakMegabytes'),
    heapMegabytes: of('heapMegabytes'),
  }
}

const plan = ({ graph, decodedOf }: Composition) => planComposition(graph, decodedOf)
const compose = (composition: Composition) => {
  const planned = plan(composition)
  const [problem] = planned.problems
  if (problem) throw new Error(problem.message)
  return encodeComposition(planned, composition.bytesOf)
}

function* files(): Generator<Row> {
  const { file, origin } = largeComponent()
  const large = partOf(readFileSync(file))
  const megabytes = (large.bytes.length / 1e6).toFixed(1)
  console.log(`  ${megabytes} MB: ${origin}`)
  const decoding = cold('decode', file)
  yield { name: `decode ${megabytes} MB, warm`, unit: 'ms', limit: 10, value: median(() => decode(large.bytes)) }
  yield { name: `decode ${megabytes} MB, cold`, unit: 'ms', limit: 50, value: decoding.milliseconds }
  yield { name: 'memory beyond the file, peak', unit: 'MB', limit: 10, value: decoding.peakMegabytes }
  yield { name: 'memory beyond the file, heap', unit: 'MB', limit: 10, value: decoding.heapMegabytes }
  const front = chain(2, partOf(readFileSync(sampleFile('http-logger'))), large)
  const composing = cold('compose', file, sampleFile('http-logger'))
  const decodeAndCompose = () => {
    decode(large.bytes)
    compose(front)
  }
  yield { name: `compose ${megabytes} MB + middleware, warm`, unit: 'ms', limit: 60, value: median(decodeAndCompose) }
  yield { name: `compose ${megabytes} MB + middleware, cold`, unit: 'ms', value: composing.milliseconds }
  yield {
    name: 'memory beyond file and result, peak',
    unit: 'MB',
    value: composing.peakMegabytes - large.bytes.length / 2 ** 20,
  }
  yield* peers(file, sampleFile('http-logger'))
}

/** Of opening and composing, milliseconds by the clock and of work. */
interface Pauses {
  readonly open: { readonly clock: number; readonly work: number }
  readonly compose: Pauses['open']
}

/** How long the window would stand still. */
function* pauses(): Generator<Row> {
  const folder = mkdtempSync(join(tmpdir(), 'patchbay-bench-'))
  const file = join(folder, 'large.wasm')
  try {
    writeFileSync(file, paddedTo(readFileSync(sampleFile('hello')), 200e6))
    const script = join(import.meta.dirname, 'pause.ts')
    const parameters = [script, file, sampleFile('http-logger')]
    const runs = Array.from({ length: 3 }, (): Pauses => {
      const printed: Pauses = JSON.parse(execFileSync(process.execPath, parameters, { encoding: 'utf8' }))
      return printed
    })
    const of = (key: keyof Pauses, what: keyof Pauses['open']) => middle(runs.map((each) => each[key][what]))
    // A frame of the window. Work does not grow with what else the machine does, pauses do.
    const frame = 16
    yield {
      name: 'longest work in a turn while 200 MB are opened',
      unit: 'ms',
      limit: frame,
      value: of('open', 'work'),
    }
    yield { name: 'longest pause while 200 MB are opened', unit: 'ms', limit: 50, value: of('open', 'clock') }
    yield {
      name: 'longest work in a turn while they are composed',
      unit: 'ms',
      limit: frame,
      value: of('compose', 'work'),
    }
    yield { name: 'longest pause while 200 MB are composed', unit: 'ms', limit: 100, value: of('compose', 'clock') }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function* bytesGrowth(): Generator<Row> {
  const hello = readFileSync(sampleFile('hello'))
  const middleware = partOf(readFileSync(sampleFile('http-logger')))
  for (const megabytes of [1, 4, 16, 64]) {
    const part = partOf(paddedTo(hello, megabytes * 1e6))
    yield { name: `decode ${megabytes} MB`, unit: 'ms', value: median(() => decode(part.bytes)) }
    const front = chain(2, middleware, part)
    const composing = median(() => compose(front))
    yield { name: `compose ${megabytes} MB + middleware`, unit: 'ms', value: composing }
    if (megabytes < 64) continue
    const copying = median(() => part.bytes.slice())
    yield { name: `compose ${megabytes} MB / one copy of its bytes`, unit: '×', limit: 2, value: composing / copying }
  }
}

async function* edgeGrowth(): AsyncGenerator<Row> {
  for (const carrying of ['functions', 'interfaces'] as const) {
    const planning = new Map<number, number>()
    const encoding = new Map<number, number>()
    for (const edges of [10, 100, 1000]) {
      const composition = await wires(edges, carrying)
      const planned = plan(composition)
      planning.set(
        edges,
        fastest(() => plan(composition)),
      )
      yield { name: `plan ${edges} edges of ${carrying}`, unit: 'ms', value: planning.get(edges) ?? 0 }
      // A thousand interfaces are more than validators take.
      if (planned.problems.length > 0) continue
      encoding.set(
        edges,
        fastest(() => encodeComposition(planned, composition.bytesOf)),
      )
      yield { name: `encode ${edges} edges of ${carrying}`, unit: 'ms', value: encoding.get(edges) ?? 0 }
    }
    for (const [what, taken] of [
      ['plan', planning],
      ['encode', encoding],
    ] as const) {
      const [hundred, thousand] = [taken.get(100), taken.get(1000)]
      if (hundred === undefined || thousand === undefined) continue
      yield { name: `${what}, ${carrying}: 1000 edges / 100`, unit: '×', limit: 14, value: thousand / hundred }
    }
  }
}

async function* graphs(): AsyncGenerator<Row> {
  const middleware = partOf(readFileSync(sampleFile('http-logger')))
  const hello = partOf(readFileSync(sampleFile('hello')))
  for (const [count, limit] of [
    [20, 10],
    [200, 50],
  ] as const) {
    const composition = chain(count, middleware, hello)
    yield { name: `plan ${count} instances`, unit: 'ms', limit, value: median(() => plan(composition)) }
  }
  const hundred = await hundredOfTwenty()
  yield { name: 'compose 100 instances of 20 packages', unit: 'ms', limit: 1000, value: median(() => compose(hundred)) }
}

/** Measures and prints everything. */
export async function benchEngine(): Promise<readonly Row[]> {
  console.log('Engine (medians)')
  const rows: Row[] = []
  for (const part of [files(), graphs(), edgeGrowth(), bytesGrowth(), pauses()])
    for await (const row of part) {
      rows.push(row)
      console.log(`  ${printRow(row)}`)
    }
  return rows
}

function printRow({ name, value, unit, limit }: Row): string {
  const figure = `${name.padEnd(46)} ${value.toFixed(2).padStart(9)} ${unit.padEnd(2)}`
  if (limit === undefined) return figure
  return `${figure} ${value <= limit ? 'held ' : 'MISSED'} (at most ${limit})`
}
