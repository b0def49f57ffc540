import { afterAll, beforeAll, expect, it } from 'vitest'
import { problemOf } from '../../src-engine/error.ts'
import { createTools, type Tools } from '../tools/tools.ts'
import { memoriesWithRoom, withLimit } from './memory-limit.ts'
import { sectionIds, withItems } from './direct/module-sections.ts'

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
  const room = memoriesWithRoom(plain) ?? expect.fail('it has a memory')
  const roomy = Buffer.from(withItems(plain, new Map(), new Map([[sectionIds.memory, [room]]])))
  const before = Buffer.from(roomy)
  const found: number[] = []
  for (const bytes of [plain, roomy]) {
    const compiled = withLimit(bytes, limit, (limited) => new WebAssembly.Module(limited))
    const { exports } = new WebAssembly.Instance(compiled)
    found.push((exports['grow'] as (pages: number) => number)(pages))
  }
  expect(found[1]).toBe(found[0])
  // What was changed in place is put back: digests still hold.
  expect(Buffer.from(roomy).equals(before)).toBe(true)
  return found[0] ?? Number.NaN
}

it('holds a memory to the limit, and to its own maximum where that is lower', async () => {
  expect(await grown('(memory 1)', 4 * page, 3)).toBe(1)
  expect(await grown('(memory 1)', 4 * page, 4)).toBe(-1)
  expect(await grown('(memory 1 2)', 4 * page, 2)).toBe(-1)
  expect(await grown('(memory 1 9)', 4 * page, 4)).toBe(-1)
})

it('leaves alone what has no memory of its own, or one of 64-bit addresses', async () => {
  const none = await module('(import "e" "m" (memory 1))')
  expect(withLimit(none, page, (limited) => limited)).toBe(none)
  expect(memoriesWithRoom(none)).toBeUndefined()
  const wide = await module('(memory i64 9 5000000000)')
  expect(withLimit(wide, page, (limited) => Buffer.from(limited).equals(wide))).toBe(true)
})

it('refuses what starts larger, and what is cut off', async () => {
  const large = await module('(memory 9) (func (result i32) (memory.size))')
  const refusal = (bytes: Uint8Array<ArrayBuffer>): string => {
    try {
      return withLimit(bytes, 4 * page, () => 'limited')
    } catch (thrown) {
      return problemOf(thrown).code
    }
  }
  expect(refusal(large)).toBe('runtime.memory')
  expect(refusal(large.slice(0, -3))).toBe('input.truncated')
})
