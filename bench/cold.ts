/** One measurement in a fresh process: `node bench/cold.ts decode FILE` or `compose FILE MIDDLEWARE`. Prints one JSON object. */
import { readFileSync } from 'node:fs'
import { planComposition } from '../src-engine/compose/build-plan.ts'
import { encodeComposition } from '../src-engine/compose/encode.ts'
import { decode } from '../src-engine/binary/decode.ts'

const [what, file = '', middleware = ''] = process.argv.slice(2)
const bytes = readFileSync(file)
const other = middleware === '' ? undefined : readFileSync(middleware)
const before = { peak: process.resourceUsage().maxRSS, heap: process.memoryUsage().heapUsed }
const start = performance.now()
let size = 0
if (what === 'decode') size = decode(bytes).type.imports.size
else if (other) {
  const known = new Map([
    ['large', { bytes, decoded: decode(bytes) }],
    ['middleware', { bytes: other, decoded: decode(other) }],
  ])
  const handler = 'wasi:http/incoming-handler@0.2.12'
  const source = (instance: string) => ({ kind: 'instance' as const, instance, path: [handler] })
  const plan = planComposition(
    {
      packages: {
        large: { name: 'bench:large', hash: 'large' },
        middleware: { name: 'bench:middleware', hash: 'middleware' },
      },
      instances: { large: { package: 'large' }, middleware: { package: 'middleware' } },
      arguments: { wire: { instance: 'middleware', name: handler, source: source('large') } },
      imports: {},
      exports: { [handler]: { source: source('middleware') } },
    },
    (hash) => known.get(hash)?.decoded,
  )
  size = encodeComposition(plan, (hash) => known.get(hash)?.bytes ?? new Uint8Array()).length
}
const milliseconds = performance.now() - start
const peak = (process.resourceUsage().maxRSS - before.peak) / 1024
const heap = (process.memoryUsage().heapUsed - before.heap) / 1e6
console.log(JSON.stringify({ milliseconds, peakMegabytes: peak, heapMegabytes: heap, size }))
