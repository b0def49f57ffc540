import { beforeEach, expect, it } from 'vitest'
import { judge } from '../verdict.ts'
import { StandingCall } from './standing-call.ts'
import { suspending } from './suspension.ts'

/** `(func (export "run") (param i32 i32) (if (i32.eqz (call $wait (i32.add (local.get 0) (local.get 1)))) (then (unreachable))))` */
const guest = new WebAssembly.Module(
  Uint8Array.from(
    Buffer.from(
      '0061736d01000000010b0260017f017f60027f7f00020a01016804776169740000030201010707010372756e00010a10010e00200020016a1000450440000b0b000e046e616d65010701000477616974',
      'hex',
    ),
  ),
)

let heard: number[]
/** What the guest's import gives for the sum of its parameters: a promise makes it wait. */
let answer: (sum: number) => number | Promise<number>
let standing: StandingCall
let run: WebAssembly.ImportValue

beforeEach(() => {
  heard = []
  answer = () => 1
  const wait = suspending((sum) => {
    heard.push(Number(sum))
    return answer(Number(sum))
  })
  run = new WebAssembly.Instance(guest, { h: { wait } }).exports['run'] as WebAssembly.ImportValue
  standing = new StandingCall(run)
})

it('calls again and again, whether the guest waits or not', async () => {
  for (const first of [1, 2, 3]) await standing.call(first, 10)
  answer = (sum) => new Promise((resolve) => setImmediate(resolve, sum))
  for (const first of [4, 5]) await standing.call(first, 20)
  expect(heard).toEqual([11, 12, 13, 24, 25])
})

it('is over with a call only when the guest is', async () => {
  await standing.call(1, 1)
  let goOn: (value: number) => void = () => {}
  answer = () => new Promise((resolve) => (goOn = resolve))
  let isOver = false
  const called = standing.call(2, 2).then(() => (isOver = true))
  while (heard.length < 2) await new Promise(setImmediate)
  await new Promise(setImmediate)
  expect(isOver).toBe(false)
  goOn(1)
  await called
})

it('gives a trap to its call alone, told as if the guest had been called directly', async () => {
  await standing.call(1, 1)
  answer = (sum) => (sum === 5 ? 0 : 1)
  const thrown = await standing.call(2, 3).catch((error: unknown) => error)
  expect(thrown).toBeInstanceOf(WebAssembly.RuntimeError)
  expect(judge(thrown, 0, 1e6, false).trap?.split('\n')).toHaveLength(2)
  answer = () => 1
  await standing.call(3, 3)
  expect(heard).toEqual([2, 5, 6])
})

it('gives what the host throws to the guest, and from there to the caller', async () => {
  await standing.call(1, 1)
  answer = () => Promise.reject(new RangeError('no more'))
  await expect(standing.call(2, 2)).rejects.toThrow('no more')
  answer = () => {
    throw new RangeError('not at all')
  }
  await expect(standing.call(2, 2)).rejects.toThrow('not at all')
})

it('finishes the call under way when it is to end', async () => {
  await standing.call(1, 1)
  let goOn: (value: number) => void = () => {}
  answer = () => new Promise((resolve) => (goOn = resolve))
  const called = standing.call(2, 2)
  while (heard.length < 2) await new Promise(setImmediate)
  standing.end()
  goOn(1)
  await called
})
