import { availableParallelism } from 'node:os'
import { connect } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { RequestRecord, RunSettings } from '../../src-preload/contract.ts'
import { behaviours, serving } from '../../test/served.ts'

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

/** Both requests in one piece, so that one worker gets them together; settles when both are answered. */
function together(...requests: readonly { readonly path: string; readonly id: string }[]): Promise<void> {
  const heads = requests.map(({ path, id }) => `GET ${path} HTTP/1.1\r\nHost: x\r\nX-Request-Id: ${id}\r\n`)
  const socket = connect(served.port, '127.0.0.1', () => socket.write(`${heads.join('\r\n')}Connection: close\r\n\r\n`))
  return new Promise((resolve) => socket.resume().on('close', () => resolve()))
}

/** The record of a request that is over, well or not. */
const ended = (id: string): Promise<RequestRecord> =>
  served.told(() => {
    const record = served.records.get(id)
    return record?.problem || record?.spans.some(({ name }) => name === 'guest') ? record : undefined
  })

describe('of two requests that go on after their answers', () => {
  it.each(['first', 'second'] as const)('the one that loops is to blame, though it was begun %s', async (order) => {
    const handlers = [{ name: 'guest', path: behaviours }]
    await served.start({ timeout: 1000, breaker: false }, { handlers })
    for (let attempt = 1; ; attempt++) {
      const [loop, other] = [`loop-${order}-${attempt}`, `other-${order}-${attempt}`]
      const requests = [
        { path: '/loop-after-answer', id: loop },
        { path: '/sleep-after-answer=100', id: other },
      ]
      await together(...(order === 'first' ? requests : requests.toReversed()))
      await served.line('its worker is ended and replaced', loop)
      expect((await ended(loop)).problem?.code).toBe('runtime.timeout')
      // The loop begins a moment after its answer: on a busy machine before the other was begun, which then went elsewhere.
      const { problem } = await ended(other)
      if (!problem) continue
      expect(problem).toMatchObject({
        code: 'runtime.worker-replaced',
        message: expect.stringContaining(`request ${loop}`),
      })
      const blamed = served.lines.filter(({ text }) => text.includes('for 1 s after its answer was out'))
      expect(blamed.every(({ request }) => request?.startsWith('loop-'))).toBe(true)
      return
    }
  })
})
