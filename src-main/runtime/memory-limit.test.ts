import { afterAll, beforeAll, expect, it } from 'vitest'
import { problemOf } from '../../src-engine/error.ts'
import { createTools, type Tools } from '../tools/tools.ts'
import { limitMemory } from './memory-limit.ts'

let tools: Tools
beforeAll(() => {
  tools = createTools()
})
afterAll(() => tools.dispose())

const page = 65_536
const module = async (text: string): Promise<Uint8Array<ArrayBuffer>> =>
  new Uint8Array(await tools.parseWat(`(module ${text})`))

/** What `memory.grow` answers when it is asked for so many pages more. */
async function grown(memory: string, limit: number, pages: number): Promise<number> {
  const plain = await module(`${memory} (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))`)
  const { instance } = await WebAssembly.instantiate(limitMemory(plain, limit))
  return (instance.exports['grow'] as (pages: number) => number)(pages)
}

it('holds a memory to the limit, and to its own maximum where that is lower', async () => {
  expect(await grown('(memory 1)', 4 * page, 3)).toBe(1)
  expect(await grown('(memory 1)', 4 * page, 4)).toBe(-1)
  expect(await grown('(memory 1 2)', 4 * page, 2)).toBe(-1)
  expect(await grown('(memory 1 9)', 4 * page, 4)).toBe(-1)
})

it('leaves alone what has no memory of its own, or one of 64-bit addresses', async () => {
  const none = await module('(import "e" "m" (memory 1))')
  expect(limitMemory(none, page)).toBe(none)
  const wide = await module('(memory i64 9 5000000000)')
  expect(Buffer.from(limitMemory(wide, page)).equals(wide)).toBe(true)
})

it('refuses what starts larger, and what is cut off', async () => {
  const large = await module('(memory 9) (func (result i32) (memory.size))')
  const refusal = (bytes: Uint8Array<ArrayBuffer>): string => {
    try {
      limitMemory(bytes, 4 * page)
      return 'limited'
    } catch (thrown) {
      return problemOf(thrown).code
    }
  }
  expect(refusal(large)).toBe('runtime.memory')
  expect(refusal(large.slice(0, -3))).toBe('input.truncated')
})
