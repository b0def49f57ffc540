/**
 * `npm run bench`: figures as ratios against named peers in the same run. Rounds take turns, medians are printed, and
 * everything is written to bench/results/latest.json.
 * `--seconds N` for each server and round (default 2), `--rounds N` (default 3), `--connections N` (default 16);
 * `--only engine`, `canvas`, `servers`, `first` or `sweeps`. Sweeps draw docs/images/runtime-cost.svg.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { drawCharts } from './chart.ts'
import { root } from './components.ts'
import { benchCanvas } from './canvas.ts'
import { benchEngine } from './engine.ts'
import { benchFirstRequests } from './first-request.ts'
import { generator } from './load.ts'
import { benchHandlers, sweepBodies, sweepHandlers, type Settings } from './runtime.ts'
import { wasmtimeVersion } from './servers.ts'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '3' },
    connections: { type: 'string', default: '16' },
    only: { type: 'string' },
  },
})
const settings: Settings = {
  seconds: Number(values.seconds),
  rounds: Number(values.rounds),
  connections: Number(values.connections),
}
const wanted = (part: string): boolean => values.only === undefined || values.only === part

const results = join(root, 'bench', 'results')
mkdirSync(results, { recursive: true })
const latest = join(results, 'latest.json')
const report: Record<string, unknown> = {
  ...before(),
  when: new Date().toISOString(),
  node: process.version,
  processors: cpus().length,
  load: loadavg(),
  generator,
  wasmtime: wasmtimeVersion() ?? 'not found in WASMTIME or on the PATH',
}
console.log(
  `Node ${process.version}, ${cpus().length} processors, load ${loadavg()[0]?.toFixed(1) ?? '?'} before; requests by ${generator}; wasmtime: ${String(report['wasmtime'])}`,
)
// What is measured is what people run: the build. Starting it makes one of a checkout that has changed.
execFileSync(process.execPath, [join(root, 'bin', 'patchbay.js'), '--version'], { stdio: 'ignore' })
if (wanted('engine')) report['engine'] = await benchEngine()
if (wanted('canvas')) report['canvas'] = (await benchCanvas(settings.rounds)) ?? 'no browser'
if (wanted('servers')) report['handlers'] = await benchHandlers(settings)
if (wanted('first')) report['first'] = await benchFirstRequests(settings.rounds)
if (wanted('sweeps')) {
  const [bodies, handlers] = [await sweepBodies(settings), await sweepHandlers(settings)]
  report['bodies'] = bodies
  report['manyHandlers'] = handlers
  const images = join(root, 'docs', 'images')
  mkdirSync(images, { recursive: true })
  writeFileSync(
    join(images, 'runtime-cost.svg'),
    drawCharts([
      {
        title: 'CPU for each request, by size of the answer',
        axis: 'bytes of the body',
        points: bodies,
        label: (at) => (at === 0 ? '0' : at < 1_048_576 ? `${at / 1024} KB` : '1 MB'),
      },
      {
        title: 'CPU for each request, by number of handlers',
        axis: 'handlers in use',
        points: handlers,
        label: String,
      },
    ]),
  )
}
writeFileSync(latest, JSON.stringify(report, null, 2))
process.exit(0)

/** A part that is not run now keeps its figures. */
function before(): Record<string, unknown> {
  try {
    return values.only === undefined ? {} : (JSON.parse(readFileSync(latest, 'utf8')) as Record<string, unknown>)
  } catch {
    return {}
  }
}
