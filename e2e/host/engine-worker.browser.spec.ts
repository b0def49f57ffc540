import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { rolldown } from 'rolldown'
import { decode } from '../../src-engine/binary/decode.ts'
import { planComposition } from '../../src-engine/compose/build-plan.ts'
import { encodeComposition } from '../../src-engine/compose/encode.ts'
import { expect, test } from '../harness/test.ts'

const root = join(import.meta.dirname, '..', '..')
const sample = (name: string) => readFileSync(join(root, 'resources', 'samples', name, `${name}.wasm`))
const handler = 'wasi:http/incoming-handler@0.2.12'
const wire = (instance: string) => ({ source: { kind: 'instance' as const, instance, path: [handler] } })
const graph = {
  packages: { hello: { name: 'test:hello', hash: 'hello' }, logger: { name: 'test:logger', hash: 'logger' } },
  instances: { hello: { package: 'hello' }, logger: { package: 'logger' } },
  arguments: { wire: { instance: 'logger', name: handler, ...wire('hello') } },
  imports: {},
  exports: { [handler]: wire('logger') },
}

/** The engine as one script that a worker of a browser can load, answering graphs with bytes. */
const entry = `
  import { decode } from '${root}/src-engine/binary/decode.ts'
  import { planComposition } from '${root}/src-engine/compose/build-plan.ts'
  import { encodeComposition } from '${root}/src-engine/compose/encode.ts'
  onmessage = ({ data: { graph, files } }) => {
    const decoded = new Map(Object.entries(files).map(([hash, bytes]) => [hash, decode(bytes)]))
    const plan = planComposition(graph, (hash) => decoded.get(hash))
    postMessage(encodeComposition(plan, (hash) => files[hash], { version: '1.0.0' }))
  }`

test('the engine runs in a worker of a browser and makes the very same bytes as in Node', async ({ workbench }) => {
  const page = await workbench.page.context().newPage()
  const bundle = await rolldown({
    input: 'engine-entry',
    plugins: [
      {
        name: 'engine-entry',
        resolveId: (id) => (id === 'engine-entry' ? id : undefined),
        load: (id) => (id === 'engine-entry' ? entry : undefined),
      },
    ],
  })
  const { output } = await bundle.generate({ format: 'iife' })
  await bundle.close()
  const files = { hello: [...sample('hello')], logger: [...sample('http-logger')] }
  const made = await page.evaluate(
    async ({ code, graph: given, files: contents }) => {
      const worker = new Worker(URL.createObjectURL(new Blob([code], { type: 'text/javascript' })))
      const answer = new Promise<Uint8Array>((resolve, reject) => {
        worker.onmessage = ({ data }: MessageEvent<Uint8Array>) => resolve(data)
        worker.onerror = (event) => reject(new Error(event.message))
      })
      const bytes = Object.fromEntries(Object.entries(contents).map(([hash, list]) => [hash, new Uint8Array(list)]))
      worker.postMessage({ graph: given, files: bytes })
      return [...(await answer)]
    },
    { code: output[0].code, graph, files },
  )
  const decoded = new Map([
    ['hello', { bytes: sample('hello'), decoded: decode(sample('hello')) }],
    ['logger', { bytes: sample('http-logger'), decoded: decode(sample('http-logger')) }],
  ])
  const plan = planComposition(graph, (hash) => decoded.get(hash)?.decoded)
  const expected = encodeComposition(plan, (hash) => decoded.get(hash)?.bytes ?? new Uint8Array(), { version: '1.0.0' })
  const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
  expect(hashOf(new Uint8Array(made))).toBe(hashOf(expected))
})
