import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RunSettings } from '../../src-preload/contract.ts'
import { createTools, type Tools } from '../tools/tools.ts'
import { createRuntime, type Runtime } from './runtime.ts'

const samples = join(import.meta.dirname, '../../resources/samples')
/** Long enough that a handler in JavaScript computes for a while. */
const longPath = `?${'x'.repeat(4000)}`

let folder: string
let tools: Tools
let runtime: Runtime

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'patchbay-test-crowd-'))
  tools = createTools()
  runtime = createRuntime({ tools, cacheFolder: folder })
})
afterAll(async () => {
  await runtime.dispose()
  await tools.dispose()
  await rm(folder, { recursive: true, force: true })
})

/** Twelve clients that ask again and again until `isEnough`; the states of all answers. */
async function crowd(sample: string, settings: RunSettings, isEnough: (answers: number) => boolean): Promise<number[]> {
  const path = join(samples, sample, `${sample}.wasm`)
  const { url = '' } = await runtime.start({ handlers: [{ name: sample, path }], settings: { port: 0, ...settings } })
  const states: number[] = []
  const client = async (): Promise<void> => {
    while (!isEnough(states.length)) {
      const answer = await fetch(url + (sample === 'hello-js' ? longPath : ''))
      await answer.arrayBuffer()
      states.push(answer.status)
    }
  }
  await Promise.all(Array.from({ length: 12 }, client))
  return states
}

const workers = (): number => runtime.traffic()[0]?.workers ?? 0

describe('many requests at once', () => {
  it.skipIf(availableParallelism() < 2)('get a second processor where the guest computes', async () => {
    const states = await crowd('hello-js', { isolation: 'request' }, () => workers() > 1)
    expect(new Set(states)).toEqual(new Set([200]))
    expect(workers()).toBeLessThanOrEqual(Math.min(4, availableParallelism()))
  })

  it('stay with one instance where all share it', async () => {
    const states = await crowd('hello-js', { isolation: 'none' }, (answers) => answers >= 600)
    expect(new Set(states)).toEqual(new Set([200]))
    expect(workers()).toBe(1)
  })

  it('stay with one worker where the guest is quick', async () => {
    await crowd('hello', { isolation: 'request' }, (answers) => answers >= 1500)
    expect(workers()).toBe(1)
  })
})
