import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTools, type Tools } from '../tools/tools.ts'
import { refusalsOf, takeRefusal, watchGrowth } from './growth.ts'

let tools: Tools
beforeAll(() => {
  tools = createTools()
})
afterAll(() => tools.dispose())

const module = (text: string): Promise<Uint8Array> => tools.parseWat(`(module ${text})`)

async function make(bytes: Uint8Array): Promise<WebAssembly.Instance> {
  return new WebAssembly.Instance(await WebAssembly.compile(new Uint8Array(bytes)), { e: { f: () => 0 } })
}

const shapes: readonly (readonly [string, string])[] = [
  ['a bare module', '(memory 1 2) (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))'],
  [
    'imports, globals, tables, data and a start function',
    `(import "e" "f" (func $f (param i32) (result i32))) (import "e" "f" (func $g (result i32)))
     (memory 1 2) (table 2 funcref) (global $x (mut i32) (i32.const 0)) (global i64 (i64.const 5))
     (elem (i32.const 0) $f $h) (data (i32.const 0) "text") (start $s)
     (func $s (global.set $x (i32.const 3))) (func $h (param i32) (result i32) (local i64 f32) (i32.const 0))
     (func (export "grow") (param i32) (result i32) (local i32 i32)
       (drop (call_indirect (param i32) (result i32) (i32.const 1) (i32.const 0)))
       (block (result i32) (memory.grow (local.get 0))))`,
  ],
]

describe('watching the growth of a memory', () => {
  it.each(shapes)('notes what was refused, in %s', async (_name, text) => {
    const plain = await module(text)
    const changed = watchGrowth(plain)
    expect(changed.length).toBeGreaterThan(plain.length)
    const instance = await make(changed)
    const grow = instance.exports['grow'] as (pages: number) => number
    const notes = refusalsOf([instance])
    expect([grow(0), grow(1), takeRefusal(notes)]).toEqual([1, 1, false])
    expect([grow(1), grow(0), takeRefusal(notes), takeRefusal(notes)]).toEqual([-1, 2, true, false])
  })

  it('leaves alone what never grows, and what it cannot change safely', async () => {
    for (const text of [
      '(memory 1) (func (export "f") (result i32) (memory.size))',
      '(import "e" "m" (memory 1)) (func (export "f") (result i32) (memory.grow (i32.const 1)))',
      '(memory i64 1) (func (export "f") (result i64) (memory.grow (i64.const 1)))',
      '(rec (type (func)) (type (func))) (memory 1) (func (export "f") (result i32) (memory.grow (i32.const 1)))',
    ]) {
      const plain = await module(text)
      expect(watchGrowth(plain)).toBe(plain)
    }
    expect(takeRefusal([])).toBeUndefined()
  })

  it('keeps real modules valid', async () => {
    const guest = readFileSync(join(import.meta.dirname, '../../test/fixtures/guests/behaviours.wasm'))
    const linked = await tools.link(guest, [])
    for (const bytes of linked.modules) expect(WebAssembly.validate(new Uint8Array(bytes))).toBe(true)
    expect(linked.modules.some((bytes) => Buffer.from(bytes).includes('patchbay:refused'))).toBe(true)
  })
})
