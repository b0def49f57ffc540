import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sample } from '../../test/components.ts'
import { addExport, addInstance, connect, setPackage } from '../../src-engine/compose/edit.ts'
import { emptyGraph, type CompositionGraph } from '../../src-engine/compose/graph.ts'
import { problemOf } from '../../src-engine/error.ts'
import { sha256 } from '../project/contents.ts'
import { createEngineThread, type EngineThread } from './engine-thread.ts'
import type { Source } from './engine-jobs.ts'
import { createTools } from './tools.ts'

const handler = 'wasi:http/incoming-handler@0.2.12'
const hello = sample('hello')
const logger = sample('http-logger')

function graphOf(parts: { readonly hello: string; readonly logger: string }): CompositionGraph {
  let graph = setPackage(emptyGraph, 'hello', { name: 'test:hello', hash: parts.hello })
  graph = setPackage(graph, 'logger', { name: 'test:logger', hash: parts.logger })
  graph = addInstance(addInstance(graph, 'hello').graph, 'logger').graph
  graph = connect(graph, 'logger', handler, { kind: 'instance', instance: 'hello', path: [handler] })
  return addExport(graph, handler, { kind: 'instance', instance: 'logger', path: [handler] })
}

let folder: string
let here: EngineThread
let away: EngineThread
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'patchbay-test-engine-'))
  here = createEngineThread()
  away = createEngineThread({ limit: 0 })
})
afterAll(async () => {
  await Promise.all([here.dispose(), away.dispose()])
  await rm(folder, { recursive: true, force: true })
})

describe('the engine in a worker', () => {
  it('does the very same as here: compose, size, strip', async () => {
    const file = join(folder, 'hello.wasm')
    await writeFile(file, hello)
    const sources = new Map<string, Source>([
      [sha256(hello), { file, size: hello.length }],
      [sha256(logger), { bytes: logger }],
    ])
    const graph = graphOf({ hello: sha256(hello), logger: sha256(logger) })
    const made = await away.compose({ graph, sources, version: '1.0.0' })
    expect(made).toEqual(await here.compose({ graph, sources, version: '1.0.0' }))
    expect(sha256(made.bytes)).toBe(made.hash)
    const input = { hash: sha256(hello), source: { bytes: hello } }
    expect(await away.size(input)).toEqual(await here.size(input))
    expect(await away.strip({ ...input, all: true })).toEqual(await here.strip({ ...input, all: true }))
    // What was lent is still there.
    expect(sha256(hello)).toBe(input.hash)
  })

  it('says what is wrong, and goes on', async () => {
    const file = join(folder, 'changed.wasm')
    await writeFile(file, hello)
    const changed = { hash: sha256(logger), source: { file, size: 0 } }
    const missing = { hash: sha256(logger), source: { file: join(folder, 'none.wasm'), size: 0 } }
    const broken = { hash: '', source: { bytes: new Uint8Array([0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0, 99, 0]) } }
    const problems = [changed, missing, broken].map(async (input) => away.size(input).then(() => '', problemOf))
    expect(await Promise.all(problems)).toMatchObject([
      { code: 'input.gone', where: { file } },
      { code: 'input.not-found', where: { file: missing.source.file } },
      { code: 'input.unknown-opcode', where: { offset: 8 } },
    ])
    expect(await away.size({ hash: '', source: { bytes: await readFile(file) } })).toMatchObject({ size: hello.length })
  })

  it('tells everybody who waits when it is closed, and starts anew', async () => {
    const thread = createEngineThread({ limit: 0 })
    const asked = thread.size({ hash: '', source: { bytes: hello } }).catch(problemOf)
    await thread.dispose()
    expect(await asked).toMatchObject({ code: 'internal.engine-worker' })
    expect(await thread.size({ hash: '', source: { bytes: hello } })).toMatchObject({ size: hello.length })
    await thread.dispose()
  })
})

it('files larger than one piece reach the validator whole', async () => {
  const tools = createTools()
  const name = new TextEncoder().encode('padding')
  const content = new Uint8Array(20_000_001)
  const section = [0, ...leb(1 + name.length + content.length), name.length, ...name]
  const large = new Uint8Array(hello.length + section.length + content.length)
  large.set(hello)
  large.set(section, hello.length)
  expect(await tools.validate(large)).toEqual({ ok: true })
  expect(await tools.witOf(large)).toBe(await tools.witOf(hello))
  await tools.dispose()
})

function leb(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...leb(value >>> 7)]
}
