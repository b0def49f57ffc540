import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PatchbayError, problemOf } from '../../../src-engine/error.ts'
import { createTools, type Tools } from '../../tools/tools.ts'
import { blockingImports } from '../wasi/host.ts'
import { linkComponent } from './link.ts'
import { prepareModule } from './prepare-module.ts'
import { Snapshot } from './snapshot.ts'

const root = join(import.meta.dirname, '../../..')
const blocking = new Set(blockingImports)
const link = (bytes: Uint8Array) =>
  linkComponent(bytes, (interfaceName, name) => blocking.has(`${interfaceName}#${name}`))
const read = (path: string): Uint8Array => readFileSync(join(root, path))

let tools: Tools
beforeAll(() => {
  tools = createTools()
})
afterAll(() => tools.dispose())

const component = (text: string): Promise<Uint8Array> => tools.parseWat(`(component ${text})`)

describe('linking on paper', () => {
  it('knows which exports may wait', () => {
    const plan = link(read('resources/samples/hello/hello.wasm'))
    expect(plan.exports['wasi:http/incoming-handler#handle']?.waits).toBe(true)
    expect(plan.imports).toContain('wasi:io/streams')
    const adder = link(read('resources/samples/adder/adder.wasm'))
    expect(adder.exports['docs:adder/add#add']?.waits).toBe(false)
  })

  it('keeps versions of one interface apart as types and together as host', async () => {
    const plan = link(read('test/fixtures/guests/behaviours.wasm'))
    const hosts = plan.resources.flatMap((resource) =>
      resource.kind === 'host' ? [`${resource.interface}#${resource.name}`] : [],
    )
    expect(hosts).toContain('wasi:io/poll#pollable')
    expect(hosts.every((name) => !name.includes('@'))).toBe(true)
  })

  it('hands what it does not know to the other road', async () => {
    const unknown = [
      '(type $s (stream u8)) (core func $f (canon stream.new $s))',
      '(import "a" (func $f (param "x" (stream u8)))) (core func (canon lower (func $f)))',
      '(import "m" (core module $m)) (core instance (instantiate $m))',
      '(core func $f (canon backpressure.inc))',
    ]
    for (const text of unknown) {
      expect(await component(text).then(link).catch(problemOf)).toMatchObject({ code: 'runtime.direct' })
    }
  })

  it('answers damaged files with a typed error, never with a crash or a hang', () => {
    for (const path of ['resources/samples/http-logger/http-logger.wasm', 'test/fixtures/guests/behaviours.wasm']) {
      const whole = read(path)
      let seed = 7
      const random = (limit: number): number => {
        seed = (seed * 1103515245 + 12345) % 2147483648
        return seed % limit
      }
      for (let round = 0; round < 400; round++) {
        const bytes = round % 4 === 0 ? whole.slice(0, random(whole.length)) : whole.slice()
        if (round % 4 !== 0)
          for (let count = 0; count <= round % 3; count++) bytes[8 + random(bytes.length - 8)] = random(256)
        try {
          const plan = link(bytes)
          for (const { start, end } of plan.modules) prepareModule(bytes.subarray(start, end))
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(PatchbayError)
        }
      }
    }
  })
})

describe('modules made ready for snapshots', () => {
  const core = (text: string): Promise<Uint8Array> => tools.parseWat(`(module ${text})`)

  it('show all of their state, and go back to it', async () => {
    const prepared = prepareModule(
      await core(`
        (memory 1) (data (i32.const 8) "\\2a") (global $count (mut i32) (i32.const 5)) (global i32 (i32.const 1))
        (func (export "work") (result i32)
          (global.set $count (i32.add (global.get $count) (i32.const 1)))
          (i32.store8 (i32.const 8) (i32.const 7)) (i32.store8 (i32.const 60000) (i32.const 9))
          (i32.add (global.get $count) (i32.add (i32.load8_u (i32.const 8)) (i32.load8_u (i32.const 60000)))))
        (func (export "look") (result i32) (i32.add (global.get $count) (i32.add (i32.load8_u (i32.const 8)) (i32.load8_u (i32.const 60000)))))
        (func (export "grow") (drop (memory.grow (i32.const 1))))`),
    )
    expect(prepared.restorable).toBe(true)
    const instance = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(prepared.bytes)))
    const call = (name: string): unknown => {
      const found = instance.exports[name]
      return typeof found === 'function' ? Reflect.apply(found, undefined, []) : undefined
    }
    const snapshot = new Snapshot([instance])
    expect([call('look'), call('work'), call('look')]).toEqual([47, 22, 22])
    expect(snapshot.restore()).toBe(true)
    expect(call('look')).toBe(47)
    call('grow')
    expect(snapshot.restore()).toBe(false)
  })

  it('are not restored when a snapshot would miss something', async () => {
    const unsafe = [
      '(table 1 funcref) (func (table.set (i32.const 0) (ref.null func)))',
      '(table 1 funcref) (func (drop (table.grow (ref.null func) (i32.const 1))))',
      '(table 1 funcref) (elem func) (func (elem.drop 0))',
      '(memory 1) (data "x") (func (data.drop 0))',
      '(table 1 funcref) (elem func) (func (table.init 0 (i32.const 0) (i32.const 0) (i32.const 0)))',
    ]
    for (const text of unsafe) expect([text, prepareModule(await core(text)).restorable]).toEqual([text, false])
    const safe = [
      '',
      '(table 1 funcref) (func $f) (elem (i32.const 0) $f) (func (call_indirect (i32.const 0)))',
      '(memory 1) (data "x") (func (memory.init 0 (i32.const 0) (i32.const 0) (i32.const 1)) (memory.fill (i32.const 0) (i32.const 0) (i32.const 0)))',
      '(func (param i32) (block (loop (br_table 0 1 0 (local.get 0)))) (drop (select (result f64) (f64.const 1) (f64.const 2) (local.get 0))))',
      '(memory 1) (func (drop (v128.load align=1 (i32.const 0))) (drop (i8x16.extract_lane_s 3 (v128.const i32x4 1 2 3 4))))',
      '(tag $e) (func (block $h (try_table (catch $e $h) (throw $e))))',
    ]
    for (const text of safe) expect([text, prepareModule(await core(text)).restorable]).toEqual([text, true])
  })
})
