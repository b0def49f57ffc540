/**
 * `npm run bench`: figures as ratios against named peers in the same run. Rounds take turns, medians are printed.
 * `--seconds N` for each server and round (default 2), `--rounds N` (default 3), `--only engine` or `--only servers`.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { benchEngine } from './engine.ts'
import { load, type LoadResult } from './load.ts'
import { bareNode, jcoServe, patchbay, type Contestant } from './servers.ts'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '3' },
    connections: { type: 'string', default: '16' },
    only: { type: 'string' },
  },
})
const milliseconds = Number(values.seconds) * 1000
const rounds = Number(values.rounds)
const connections = Number(values.connections)
const root = join(import.meta.dirname, '..')

const report: Record<string, unknown> = {}
if (values.only !== 'servers') report['engine'] = await benchEngine()
if (values.only !== 'engine') {
  report['hello'] = await benchHandler('hello', 'Hello')
  report['hello-js'] = await benchHandler('hello-js', 'Hello')
}
mkdirSync(join(root, 'bench', 'results'), { recursive: true })
writeFileSync(join(root, 'bench', 'results', 'latest.json'), JSON.stringify(report, null, 2))
process.exit(0)

async function benchHandler(sample: string, body: string): Promise<Record<string, unknown>> {
  const file = join(root, 'resources', 'samples', sample, `${sample}.wasm`)
  console.log(
    `\n${sample}: requests per second, ${connections} connections, ${rounds} rounds of ${milliseconds / 1000} s`,
  )
  const starts: (() => Promise<Contestant>)[] = [
    () => bareNode(Buffer.from(`${body} from node\n`.padEnd(40))),
    () => jcoServe(file, []),
    () => jcoServe(file, ['--isolate-requests', 'instance']),
    () => patchbay(file, ['--isolate', 'request']),
    () => patchbay(file, ['--isolate', 'none']),
    () => patchbay(file, ['--isolate', 'request', '--engine', 'jco']),
  ]
  const measured = new Map<string, LoadResult[]>()
  for (let round = 0; round < rounds; round++) {
    for (const start of starts) {
      const contestant = await start().catch((thrown: unknown) => {
        console.log(
          `  a server did not start: ${thrown instanceof Error ? thrown.message.slice(0, 200) : String(thrown)}`,
        )
        return undefined
      })
      if (!contestant) continue
      await load(contestant.port, '/', { connections, milliseconds: Math.min(1000, milliseconds) })
      const result = await load(contestant.port, '/', { connections, milliseconds })
      measured.set(contestant.name, [...(measured.get(contestant.name) ?? []), result])
      await contestant.stop()
    }
  }
  const rateOf = (name: string) => middle((measured.get(name) ?? []).map((each) => each.rate))
  const peers = ['jco serve', 'jco serve --isolate-requests instance', 'bare node:http']
  console.log(
    `  ${''.padEnd(46)} ${'req/s'.padStart(8)} ${'p50 ms'.padStart(8)} ${'p99 ms'.padStart(8)} ${'failed'.padStart(7)}  × jco   × jco isolated   × node`,
  )
  const rows: Record<string, unknown> = {}
  for (const [name, results] of measured) {
    const rate = rateOf(name)
    const ratios = peers.map((peer) => rate / rateOf(peer))
    const failed = results.reduce((sum, each) => sum + each.failed, 0)
    const p50 = middle(results.map((each) => each.p50))
    const p99 = middle(results.map((each) => each.p99))
    rows[name] = {
      rate,
      p50,
      p99,
      failed,
      ratios: Object.fromEntries(peers.map((peer, index) => [peer, ratios[index]])),
    }
    console.log(
      `  ${name.padEnd(46)} ${rate.toFixed(0).padStart(8)} ${p50.toFixed(2).padStart(8)} ${p99.toFixed(2).padStart(8)} ${String(failed).padStart(7)}  ${ratios.map((ratio) => (Number.isFinite(ratio) ? ratio.toFixed(2) : '–').padStart(5)).join('          ')}`,
    )
  }
  return rows
}

function middle(values: readonly number[]): number {
  return [...values].sort((left, right) => left - right)[Math.floor(values.length / 2)] ?? 0
}
