import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { RunSettings } from '../../src-preload/contract.ts'
import { serving } from '../../test/served.ts'

const samples = join(import.meta.dirname, '../../resources/samples')
/** Long enough that a handler in JavaScript computes for a while. */
const longPath = `?${'x'.repeat(4000)}`

const served = serving()

/** Twelve clients that ask again and again until `isEnough`; the states of all answers. */
async function crowd(sample: string, settings: RunSettings, isEnough: (answers: number) => boolean): Promise<number[]> {
  const path = join(samples, sample, `${sample}.wasm`)
  const { url = '' } = await served.start(settings, { handlers: [{ name: sample, path }] })
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

const workers = (): number => served.runtime.traffic()[0]?.workers ?? 0

describe('many requests at once', () => {
  it.skipIf(availableParallelism() < 2)('get a second processor where the guest computes', async () => {
    const states = await crowd('hello-js', { isolation: 'request' }, () => workers() > 1)
    expect(new Set(states)).toEqual(new Set([200]))
    expect(workers()).toBeLessThanOrEqual(Math.min(4, availableParallelism()))
  })

  it('stay with one instance where all share it', async () => {
    const states = await crowd('hello-js', { isolation: 'none' }, (answers) => answers >= 300)
    expect(new Set(states)).toEqual(new Set([200]))
    expect(workers()).toBe(1)
  })

  it('stay with one worker where the guest is quick', async () => {
    await crowd('hello', { isolation: 'request' }, (answers) => answers >= 1000)
    expect(workers()).toBe(1)
  })
})
