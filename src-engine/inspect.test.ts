import { componentEmbed } from '@bytecodealliance/jco'
import { describe, expect, it } from 'vitest'
import { componentOf, componentOfWat } from '../test/components.ts'
import { problemOf } from '../test/readers.ts'
import { sample } from '../test/samples.ts'
import { randomFrom } from '../test/wit-generator.ts'
import { decode } from './binary/decode.ts'
import { embeddedWorlds, runnableOf, summarize } from './inspect.ts'
import { printPackage } from './wit/print.ts'

describe('summarize', () => {
  it('says what a component is, what it asks for and gives, with types', async () => {
    const bytes = await componentOf(`package test:all;
interface face { resource r { m: func(); } record pair { a: u8 } f: async func(p: pair) -> stream<u8>; }
world w { import face; import log: func(line: string); type size = u32; export run: func() -> size; }`)
    const summary = summarize(bytes)
    expect(summary).toMatchObject({ kind: 'component', size: bytes.length, runnable: { http: null, command: false } })
    expect(summary.features).toEqual(expect.arrayContaining(['async', 'stream']))
    expect(summary.world.imports).toEqual(
      expect.arrayContaining([
        {
          name: 'test:all/face',
          kind: 'instance',
          functions: { '[method]r.m': 'func(self: borrow<r>)', f: 'async func(p: pair) -> stream<u8>' },
          types: { r: 'resource', pair: 'record { a: u8 }' },
        },
        { name: 'log', kind: 'function', type: 'func(line: string)' },
      ]),
    )
    expect(summary.world.exports).toEqual([{ name: 'run', kind: 'function', type: 'func() -> size' }])
  })

  it('tells core modules and WIT packages apart from components', async () => {
    // One type, an imported function, and the same function exported.
    const module = await componentOfWat('(module (import "a" "b" (func $f (param i32))) (export "c" (func $f)))')
    expect(summarize(module)).toMatchObject({
      kind: 'module',
      world: {
        imports: [{ name: 'a b', kind: 'core func' }],
        exports: [{ name: 'c', kind: 'core func' }],
      },
    })
    const wit = await componentOfWat(
      '(component (type (component (type (instance)) (export "a:b/c" (instance (type 0))))) (export "c" (type 0)))',
    )
    expect(summarize(wit).kind).toBe('wit')
    expect(() => summarize(new TextEncoder().encode('not wasm'))).toThrow()
  })

  it('finds the world that a core module was made for, and loses no more than that where it is damaged', async () => {
    const module = await componentEmbed({
      witSource: `package a:b@1.0.0;
        interface i { resource r { m: async func() -> map<string, u8>; } f: func(x: list<u8, 4>) -> r; }
        world w { import i; export run: func(); }`,
      dummy: true,
      stringEncoding: 'utf16',
    })
    expect(summarize(module)).toMatchObject({ kind: 'module', madeFor: [{ name: 'a:b/w@1.0.0', strings: 'utf16' }] })
    const [world] = embeddedWorlds(module)
    expect([...(world?.type.imports.keys() ?? [])]).toEqual(['a:b/i@1.0.0'])
    expect(printPackage(world?.declarations ?? new Map())).toContain('f: func(x: list<u8, 4>) -> r;')
    const at = Buffer.from(module).indexOf('component-type')
    let lost = 0
    for (let step = 0; step < 60; step++) {
      const damaged = Uint8Array.from(module)
      damaged[at + 30 + step * 4] = 0xff
      if (summarize(damaged).madeFor === undefined) lost++
    }
    expect(lost).toBeGreaterThan(10)
  })

  it.each([1, 2])('answers damaged core modules with a summary or a typed error, seed %i', async (seed) => {
    const random = randomFrom(seed)
    const embedded = await componentEmbed({ witSource: 'package a:b; world w { export run: func(); }', dummy: true })
    const { bytes } = sample('hello')
    const modules = decode(bytes).structure.modules.flatMap((each) =>
      each.kind === 'defined' ? [bytes.subarray(each.range.start, each.range.end)] : [],
    )
    let refused = 0
    for (const module of [embedded, ...modules]) {
      for (let end = 8; end < Math.min(module.length, 400); end += 7)
        if (problemOf(() => summarize(module.subarray(0, end)))) refused++
      for (let round = 0; round < 60; round++) {
        const damaged = Uint8Array.from(module)
        for (let count = 0; count < 3; count++) damaged[8 + random(Math.min(damaged.length - 8, 2000))] = random(256)
        if (problemOf(() => summarize(damaged))) refused++
      }
    }
    expect(refused).toBeGreaterThan(modules.length * 20)
  })

  it('knows what can be started', () => {
    expect(summarize(sample('hello').bytes).runnable).toEqual({ http: '0.2', command: false })
    expect(summarize(sample('calculator-command').bytes).runnable.command).toBe(true)
    expect(runnableOf(['wasi:http/handler@0.3.0'])).toEqual({ http: '0.3', command: false })
    expect(runnableOf(['wasi:http/handler@0.2.0', 'wasi:cli/runner'])).toEqual({ http: null, command: false })
  })
})
