/** Every form of the binary format as wasm-tools writes it: decoded, and carried through a composition. */
import { describe, expect, it } from 'vitest'
import { Bench, componentOfWat, composeBench, validate } from '../../test/components.ts'
import { problemOf } from '../error.ts'
import { decode } from './decode.ts'

/** A core module to take memories, tables and functions from, and types for the built-ins. */
const prelude = `
  (core module $m
    (memory (export "memory") 1)
    (table (export "table") 1 funcref)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable)
    (func (export "text") (result i32) unreachable)
    (func (export "done") (param i32))
    (func (export "back") (param i32 i32 i32) (result i32) unreachable)
    (func (export "run")))
  (core instance $i (instantiate $m))
  (alias core export $i "memory" (core memory $memory))
  (alias core export $i "realloc" (core func $realloc))
  (alias core export $i "table" (core table $table))
  (core type $start (func (param i32)))
  (core type $shared (shared (func (param i32))))
  (type $r (resource (rep i32)))`
const stream = '(type $s (stream u8))'
const future = '(type $f (future u8))'
const memory = '(memory $memory)'
const buffers = '(memory $memory) (realloc $realloc)'

/** Built-in, what must stand before it, the features that the file needs then. */
const canons: readonly (readonly [string, string, readonly string[]])[] = [
  ['resource.new $r', '', []],
  ['resource.drop $r', '', []],
  ['resource.rep $r', '', []],
  ['task.cancel', '', ['async']],
  ['task.return', '', ['async']],
  ['task.return (result u32)', '', ['async']],
  [`task.return (result string) ${memory}`, '', ['async']],
  ['context.get i32 0', '', ['async']],
  ['context.set i32 0', '', ['async']],
  ['context.get i64 0', '', ['async']],
  ['subtask.drop', '', ['async']],
  ['subtask.cancel', '', ['async']],
  ['subtask.cancel async', '', ['async']],
  ['backpressure.inc', '', ['async']],
  ['backpressure.dec', '', ['async']],
  ['stream.new $s', stream, ['async', 'stream']],
  [`stream.read $s ${buffers}`, stream, ['async', 'stream']],
  [`stream.read $s async ${memory}`, stream, ['async', 'stream']],
  [`stream.write $s ${memory}`, stream, ['async', 'stream']],
  ['stream.cancel-read $s', stream, ['async', 'stream']],
  ['stream.cancel-read $s async', stream, ['async', 'stream']],
  ['stream.cancel-write $s async', stream, ['async', 'stream']],
  ['stream.drop-readable $s', stream, ['async', 'stream']],
  ['stream.drop-writable $s', stream, ['async', 'stream']],
  ['future.new $f', future, ['async', 'future']],
  [`future.read $f ${memory}`, future, ['async', 'future']],
  [`future.write $f async ${memory}`, future, ['async', 'future']],
  ['future.cancel-read $f', future, ['async', 'future']],
  ['future.cancel-write $f async', future, ['async', 'future']],
  ['future.drop-readable $f', future, ['async', 'future']],
  ['future.drop-writable $f', future, ['async', 'future']],
  [`error-context.new ${buffers}`, '', ['error-context']],
  [`error-context.debug-message ${buffers}`, '', ['error-context']],
  ['error-context.drop', '', ['error-context']],
  ['waitable-set.new', '', ['async']],
  [`waitable-set.wait ${memory}`, '', ['async']],
  [`waitable-set.poll ${memory}`, '', ['async']],
  ['waitable-set.drop', '', ['async']],
  ['waitable.join', '', ['async']],
  ['thread.yield', '', ['async']],
  ['thread.index', '', ['threads']],
  ['thread.new-indirect $start (core table $table)', '', ['threads']],
  ['thread.resume-later', '', ['threads']],
  ['thread.suspend', '', ['threads']],
  ['thread.suspend-then-resume', '', ['threads']],
  ['thread.yield-then-resume', '', ['threads']],
  ['thread.suspend-then-promote', '', ['threads']],
  ['thread.yield-then-promote', '', ['threads']],
  ['thread.spawn-ref $shared', '', ['threads']],
  ['thread.available_parallelism', '', ['threads']],
]

/** The component alone and as a part of a composition is what it was, to us and to the validator. */
async function carried(text: string): Promise<readonly string[]> {
  const bytes = await componentOfWat(`(component ${text})`)
  await validate(bytes)
  const decoded = decode(bytes)
  const bench = new Bench().add(bytes, 'a')
  for (const name of decoded.type.exports.keys()) bench.export(`a › ${name}`)
  const { bytes: composed, plan } = composeBench(bench)
  await validate(composed)
  const again = decode(composed)
  expect(again.features).toEqual(decoded.features)
  expect(plan.features).toEqual(decoded.features)
  expect([...again.type.imports.keys()]).toEqual([...decoded.type.imports.keys()])
  expect([...again.type.exports.keys()].sort()).toEqual([...decoded.type.exports.keys()].sort())
  return decoded.features
}

describe('canonical built-ins', () => {
  it.each(canons)('%s', async (canon, before, features) => {
    expect(await carried(`${prelude} ${before} (core func (canon ${canon}))`)).toEqual(features)
  })

  // Newer than the text parser at hand: the opcode of another one with the same immediates is replaced.
  it.each([
    ['stream.forward', 0x2e, stream, 'stream.drop-writable $s', 0x14],
    ['future.forward', 0x2f, future, 'future.drop-writable $f', 0x1b],
    ['thread.spawn-indirect', 0x41, '', 'thread.new-indirect $start (core table $table)', 0x27],
  ])('%s', async (_name, opcode, before, like, known) => {
    const bytes = await componentOfWat(`(component ${prelude} ${before} (core func (canon ${like})))`)
    const section = decode(bytes).structure.sections.findLast((each) => each.id === 8)
    const at = (section?.payload ?? 0) + 1
    expect(bytes[at]).toBe(known)
    bytes[at] = opcode
    decode(bytes)
  })

  it('lift and lower with every option', async () => {
    expect(
      await carried(`${prelude}
        (alias core export $i "text" (core func $text))
        (alias core export $i "done" (core func $done))
        (alias core export $i "back" (core func $back))
        (alias core export $i "run" (core func $run))
        (import "log" (func $log (param "s" string)))
        (import "send" (func $send async (param "s" string)))
        (core func $a (canon lower (func $log) string-encoding=utf8 (memory $memory)))
        (core func $b (canon lower (func $log) string-encoding=utf16 (memory $memory) (realloc $realloc)))
        (core func $c (canon lower (func $send) string-encoding=latin1+utf16 (memory $memory) async))
        (func $text-of (result string) (canon lift (core func $text) (memory $memory) (post-return (core func $done))))
        (func $later async (canon lift (core func $text) async (callback (core func $back))))
        (func $plain (canon lift (core func $run)))
        (export "text-of" (func $text-of)) (export "later" (func $later)) (export "plain" (func $plain))`),
    ).toEqual(['async'])
  })

  it('unknown ones are named with their offset, outdated ones with what to do', async () => {
    const bytes = await componentOfWat(`(component ${prelude} (core func (canon task.cancel)))`)
    const at = (decode(bytes).structure.sections.findLast((each) => each.id === 8)?.payload ?? 0) + 1
    const problemWith = (opcode: number) => {
      const changed = bytes.slice()
      changed[at] = opcode
      try {
        return decode(changed) && undefined
      } catch (thrown) {
        return problemOf(thrown)
      }
    }
    const unknown = [...Array(256).keys()].filter((opcode) => problemWith(opcode)?.code === 'input.unknown-opcode')
    expect(unknown.slice(0, 2)).toEqual([0x07, 0x08])
    expect(unknown.slice(2)).toEqual(
      [...Array(256).keys()].filter((opcode) => opcode > 0x2f && ![0x40, 0x41, 0x42].includes(opcode)),
    )
    expect(problemWith(0x99)).toMatchObject({
      message: 'unknown canonical built-in 0x99 in the canonical function section',
      where: { offset: at },
    })
    expect(problemWith(0x08)).toMatchObject({ hint: expect.stringContaining('outdated toolchain') })
  })
})

describe('types', () => {
  it.each([
    ['(map string (list u8))', ['map']],
    ['(list u8 4)', ['fixed-length-list']],
    ['error-context', ['error-context']],
    ['(stream)', ['stream']],
    ['(stream (tuple u8 char))', ['stream']],
    ['(future)', ['future']],
    ['(future (result string (error u8)))', ['future']],
    ['(option (option bool))', []],
    ['(result)', []],
    ['(result (error f32))', []],
    ['(tuple s8 s16 s32 s64 u16 u32 u64 f64)', []],
  ] as const)('%s as parameter and result', async (type, features) => {
    expect(
      await carried(`(type $t ${type}) (import "f" (func $f (param "a" $t) (result $t))) (export "g" (func $f))`),
    ).toEqual(features)
  })

  it.each([
    '(record (field "a" u8) (field "b-C2" string))',
    '(variant (case "a") (case "b" u8))',
    '(enum "a" "b")',
    '(flags "a" "b")',
  ])('%s under a name', async (type) => {
    expect(
      await carried(`(type $of ${type}) (import "t" (type $t (eq $of))) (import "f" (func (param "a" (list $t))))`),
    ).toEqual([])
  })

  it.each([
    ['(import "f" (func async (result u8)))', ['async']],
    [
      '(import "i" (instance (export "r" (type (sub resource))) (export "f" (func (param "a" (borrow 0)) (result (own 0))))))',
      [],
    ],
    ['(import "c" (component (import "x" (func)) (export "i" (instance (export "f" (func))))))', []],
    ['(import "i" (instance (export "n" (instance (export "c" (component))))))', []],
    ['(type $t u32) (import "t" (type (eq $t)))', []],
    ['(type (func)) (type (instance)) (type (component (import "a" (func))))', []],
  ] as const)('%s', async (text, features) => {
    expect(await carried(text)).toEqual(features)
  })
})

describe('names of imports and exports', () => {
  it.each([
    ['(import "a-B2" (func))', []],
    ['(import "a:b/c" (instance))', []],
    ['(import "a:b/c@1.2.3-rc.1+build" (instance))', []],
    ['(import "a:b/c@1" (versionsuffix ".2.3") (instance))', []],
    ['(import "one" (implements "a:b/c@1.0.0") (instance))', ['implements']],
    ['(import "one" (implements "a:b/c@1") (versionsuffix ".0.0") (external-id "x y") (instance))', ['implements']],
    ['(import "one" (external-id "x y") (func))', []],
    ['(instance $i) (export "two" (implements "a:b/c@1.0.0") (instance $i))', ['implements']],
    ['(import "url=<https://a.b/c>" (func))', []],
    ['(import "url=<https://a.b/c>,integrity=<sha256-aaaa>" (component))', []],
    ['(import "integrity=<sha256-aaaa>" (component))', []],
    ['(import "locked-dep=<a:b@1.2.3>" (component))', []],
    ['(import "locked-dep=<a:b@1.2.3>,integrity=<sha256-aaaa>" (component))', []],
    ['(import "unlocked-dep=<a:b>" (component))', []],
    ['(import "unlocked-dep=<a:b@{>=1.0.0 <2.0.0}>" (component))', []],
    ['(import "a:b:c/d/e" (instance))', []],
    [
      '(import "r" (type (sub resource))) (import "[constructor]r" (func (result (own 0)))) (import "[method]r.m" (func (param "self" (borrow 0)))) (import "[static]r.s" (func))',
      [],
    ],
  ] as const)('%s', async (text, features) => {
    expect(await carried(text)).toEqual(features)
  })
})

describe('sections and aliases', () => {
  it.each([
    [
      'core modules, instances and modules given away',
      '(core module $m) (core instance (instantiate $m)) (export "m" (core module $m))',
    ],
    [
      'components in components, five deep',
      '(component (component (component (component (component (import "f" (func)))))))',
    ],
    [
      'outer aliases of types, components and modules',
      `(type $t (record (field "x" u8))) (core module $m) (component $c)
       (component $d (alias outer 1 $c (component $e)) (instance (instantiate $e)) (core module $own) (core instance (instantiate $own)))
       (instance (instantiate $d))`,
    ],
    [
      'aliases of core exports: functions, memories, tables, globals, tags',
      `(core module $m (func (export "f")) (memory (export "m") 1) (table (export "t") 1 funcref) (global (export "g") i32 i32.const 0) (tag (export "x")))
       (core instance $i (instantiate $m))
       (alias core export $i "f" (core func)) (alias core export $i "m" (core memory)) (alias core export $i "t" (core table)) (alias core export $i "g" (core global)) (alias core export $i "x" (core tag))`,
    ],
    [
      'garbage-collected, shared and continuation core types',
      '(core rec (type (sub (struct (field i32)))) (type (sub 0 (struct (field i32) (field (mut (ref null 0))))))) (core type (shared (struct (field (ref null (shared any)))))) (core type $f (func)) (core type (cont $f))',
    ],
    [
      'module types with every kind of item',
      `(core type (module (type $t (func (param v128))) (import "a" "b" (func (type $t))) (export "g" (global (mut i64))) (export "t" (table 1 2 externref)) (export "m" (memory i64 1 2)) (export "x" (tag (param i32)))))
       (import "m" (core module (type 0)))`,
    ],
    [
      'custom sections',
      '(@custom "sourceMappingURL" "\\05a.map") (@custom "component-type:x" "") (core module (@custom "name" "z"))',
    ],
  ])('%s', async (_title, text) => {
    expect(await carried(text)).toEqual([])
  })

  // The validator at hand refuses every start section inside another component, so it is no judge here.
  it.each(['(import "f" (func $f)) (start $f)', '(component (import "g" (func $g)) (start $g))'])(
    'a start function: %s',
    async (text) => {
      const bytes = await componentOfWat(`(component ${text})`)
      const { bytes: composed, plan } = composeBench(new Bench().add(bytes, 'a'))
      expect(plan.features).toEqual(['start'])
      expect(decode(composed).features).toEqual(['start'])
    },
  )

  it.each([['values', '(import "v" (value string))']])(
    '%s of no released component model are refused by name and place',
    async (_title, text) => {
      const bytes = await componentOfWat(`(component ${text})`)
      expect(() => decode(bytes)).toThrow(
        expect.objectContaining({
          problem: expect.objectContaining({ code: 'input.unsupported', where: { offset: expect.any(Number) } }),
        }),
      )
    },
  )
})
