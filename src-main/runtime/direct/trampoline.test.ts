import { describe, expect, it } from 'vitest'
import { GuestTrap, Refusal } from '../wasi/session.ts'
import type { CoreValue, Frame } from './codec-types.ts'
import { HandleTable } from './handles.ts'
import { GuestMemory } from './memory.ts'
import type { AbiType, FunctionPlan } from './plan.ts'
import { signatureOf, type ComponentState, type CoreFunction } from './signature.ts'
import { trampolineOf } from './trampoline.ts'

const u32: AbiType = { kind: 'u32' }
const text: AbiType = { kind: 'string' }

interface Guest {
  readonly memory: WebAssembly.Memory
  readonly component: ComponentState
  call(plan: FunctionPlan, run: (...values: unknown[]) => unknown): CoreFunction
}

function guestOf(): Guest {
  const memory = new WebAssembly.Memory({ initial: 1 })
  const handles = new HandleTable()
  const component: ComponentState = { handles, mayLeave: true, entered: false }
  const frame: Frame = {
    memory: new GuestMemory(memory),
    encoding: 'utf8',
    handles,
    realloc() {
      // As a guest may: its old buffer is gone afterwards.
      memory.grow(1)
      return 1024
    },
    lent: undefined,
    borrows: undefined,
    ownResource: () => false,
  }
  return { memory, component, call: (plan, run) => trampolineOf(run, signatureOf(plan), component, frame) }
}

describe('a core function that stands for one of the host', () => {
  it.each([0, 1, 2, 3, 4, 5, 7, 16, 17])('takes %i parameters', (count) => {
    const guest = guestOf()
    const heard: unknown[] = []
    const run = guest.call({ parameters: Array.from({ length: count }, () => u32), result: undefined }, (...values) =>
      heard.push(...values),
    )
    const numbers = Array.from({ length: count }, (_, at) => at + 1)
    // More than sixteen come through memory.
    if (count > 16) new Uint32Array(guest.memory.buffer, 64).set(numbers)
    expect(run(...(count > 16 ? [64] : numbers))).toBeUndefined()
    expect(heard).toEqual(numbers)
    expect(run.length).toBe(count > 4 && count <= 16 ? 0 : Math.min(count, count > 16 ? 1 : count))
  })

  it('puts results where the guest wants them, at once and later', async () => {
    const guest = guestOf()
    const plan: FunctionPlan = { parameters: [u32], result: { kind: 'result', ok: text, error: u32 } }
    const read = (): readonly unknown[] => {
      const view = new DataView(guest.memory.buffer)
      const [side, at, length] = [view.getUint8(32), view.getUint32(36, true), view.getUint32(40, true)]
      return side === 0 ? ['ok', Buffer.from(guest.memory.buffer, at, length).toString()] : ['error', at]
    }
    const refusal = new Refusal(7)
    const answers: readonly ((value: unknown) => unknown)[] = [
      (value) => `got ${String(value)}`,
      () => {
        throw refusal
      },
      async (value) => `later ${String(value)}, größer`,
      // oxlint-disable-next-line prefer-promise-reject-errors -- a refusal is no error
      () => Promise.reject(refusal),
    ]
    const seen: unknown[] = []
    for (const answer of answers) {
      await guest.call(plan, answer)(5, 32)
      seen.push(read())
    }
    expect(seen).toEqual([
      ['ok', 'got 5'],
      ['error', 7],
      ['ok', 'later 5, größer'],
      ['error', 7],
    ])
    expect(() => guest.call(plan, () => 'no place for it')(5, 1 << 30)).toThrow(GuestTrap)
  })

  it('gives a single value back as it is', () => {
    const { call } = guestOf()
    const empty: AbiType = { kind: 'result', ok: undefined, error: undefined }
    expect(call({ parameters: [], result: u32 }, () => 0xffffffff)()).toBe(-1)
    expect(call({ parameters: [], result: empty }, () => undefined)()).toBe(0)
    const refusing = call({ parameters: [], result: empty }, () => {
      throw new Refusal(undefined)
    })
    expect(refusing()).toBe(1)
    // What is no refusal ends the guest.
    const broken = call({ parameters: [], result: empty }, () => {
      throw new RangeError('of the host')
    })
    expect(() => broken()).toThrow('of the host')
  })

  it('is closed while the host works inside the component', () => {
    const { component, call } = guestOf()
    component.mayLeave = false
    let called = false
    const run = call({ parameters: [u32], result: undefined }, () => (called = true)) as (a: CoreValue) => unknown
    expect(() => run(1)).toThrow('cannot leave component instance')
    expect(called).toBe(false)
  })
})
