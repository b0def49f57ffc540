import { readdir, readFile } from 'node:fs/promises'
import { afterAll, describe, expect, it } from 'vitest'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { findClang } from '../src-main/build/c-compiler.ts'
import { createTools } from '../src-main/tools/tools.ts'
import { projectDocument } from '../src-preload/contract.ts'
import { buildSample, committedClang, componentOf, hashSample, listSamples, sampleFolder } from './build-samples.ts'

const tools = createTools()
afterAll(() => tools.dispose())

const samples = await listSamples()
const clang = await findClang()
const sameClang = clang !== undefined && clang.version === (await committedClang())

describe('samples', () => {
  it('have a place each, and every folder with a component is one', async () => {
    expect(samples.length).toBeGreaterThanOrEqual(13)
    expect(new Set(samples.map(({ order }) => order)).size).toBe(samples.length)
    for (const folder of await readdir(sampleFolder, { withFileTypes: true })) {
      if (!folder.isDirectory()) continue
      const hasComponent = (await readdir(join(sampleFolder, folder.name))).some((file) => file.endsWith('.wasm'))
      expect([folder.name, samples.some(({ name }) => name === folder.name)]).toEqual([folder.name, hasComponent])
    }
  })

  it.each(samples.map(({ name }) => name))('%s is valid and small', async (name) => {
    const bytes = await readFile(componentOf(name))
    expect(await tools.validate(bytes)).toEqual({ ok: true })
    expect(bytes.length).toBeLessThan(2.5 * 1024 * 1024)
  })

  it.skipIf(!sameClang).each(samples.filter(({ language }) => language === 'c').map(({ name }) => name))(
    '%s is what its sources give',
    async (name) => {
      if (!clang) throw new Error('clang went away')
      expect(Buffer.compare(await buildSample(name, clang, tools), await readFile(componentOf(name)))).toBe(0)
    },
  )

  it.each(samples.filter(({ language }) => language !== 'c'))(
    '$name was built from the sources that are here',
    async (each) => {
      expect(await hashSample(each)).toBe(each.sources)
    },
  )

  it('make up the first project, with one wire left to draw', async () => {
    const text = await readFile(join(sampleFolder, 'project', 'patchbay.json'), 'utf8')
    const { graph, components, view } = projectDocument.parse(JSON.parse(text))
    for (const [id, { hash }] of Object.entries(graph.packages)) {
      expect(components[id]?.path).toBe(`components/${id}.wasm`)
      expect(hash).toBe(
        createHash('sha256')
          .update(await readFile(componentOf(id)))
          .digest('hex'),
      )
    }
    // `$world` is where the exports of the composition stand.
    expect(Object.keys(view.positions).sort()).toEqual(['$world', ...Object.keys(graph.instances)].sort())
    expect(Object.keys(graph.arguments)).toEqual(['bridge mik:core/handler@0.1.0'])
    expect(Object.keys(graph.exports)).toEqual(['wasi:http/incoming-handler@0.2.12'])
  })
})
