import { describe, expect, it } from 'vitest'
import { componentOfWat, sample, witOf } from '../../test/components.ts'
import { decode } from '../binary/decode.ts'
import { skeletonOf } from '../binary/skeleton.ts'
import { ByteWriter } from '../binary/writer.ts'
import { printWorld } from '../wit/print.ts'
import { strip } from './strip.ts'
import { sizeTree, type SizeNode } from './tree.ts'

const samples = ['hello', 'hello-js', 'middleware', 'keyvalue', 'bridge', 'calculator-command', 'mik-handler']

const leaves = (node: SizeNode): SizeNode[] => (node.children ? node.children.flatMap(leaves) : [node])
const find = (node: SizeNode, name: string): SizeNode | undefined => {
  if (node.name === name) return node
  for (const child of node.children ?? []) {
    const found = find(child, name)
    if (found) return found
  }
  return undefined
}

describe('the size tree', () => {
  it.each(samples)('covers every byte of %s once', (name) => {
    const bytes = sample(name)
    const root = sizeTree(bytes)
    expect(root).toMatchObject({ offset: 0, size: bytes.length })
    let at = 0
    for (const leaf of leaves(root)) {
      expect(leaf.offset, leaf.name).toBe(at)
      at += leaf.size
    }
    expect(at).toBe(bytes.length)
    const add = (node: SizeNode): void => {
      if (!node.children) return
      expect(
        node.children.reduce((sum, child) => sum + child.size, 0),
        node.name,
      ).toBe(node.size)
      node.children.forEach(add)
    }
    add(root)
  })

  it('names functions as the name section does, imports counted', async () => {
    const module = await componentOfWat(`(module
      (import "a" "log" (func $log (param i32)))
      (import "a" "table" (table 1 funcref)) (import "a" "memory" (memory 1 2))
      (import "a" "global" (global (mut i64))) (import "a" "tag" (tag (param i32)))
      (func $first i32.const 1 drop) (func $second nop nop nop)
      (data (i32.const 4) "hello") (data (global.get 0) "x") (data "passive"))`)
    const root = sizeTree(module)
    const code = find(root, 'code')
    expect(code?.children?.map((child) => child.name)).toEqual(['header', 'first', 'second'])
    expect(find(root, 'first')?.size).toBe(6)
    expect(find(root, 'data')?.children?.map((child) => child.kind)).toEqual([
      'overhead',
      'segment',
      'segment',
      'segment',
    ])
  })

  it('numbers functions without names', async () => {
    const module = await componentOfWat('(module (import "a" "b" (func)) (func) (func))')
    expect(find(sizeTree(strip(module, { all: true }).bytes), 'code')?.children?.map((child) => child.name)).toEqual([
      'header',
      'function 1',
      'function 2',
    ])
  })
})

describe('strip', () => {
  const custom = (name: string, content = 'content') =>
    new ByteWriter().section(0, (body) => body.name(name).raw(new TextEncoder().encode(content))).finish()
  const join = (...parts: readonly Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]))
  const names = ['name', 'component-type:world', 'dylink.0', 'producers', '.debug_info', 'component-name']

  const withCustoms = async () => {
    const module = join(await componentOfWat('(module)'), ...names.map((name) => custom(name)))
    const nested = new ByteWriter().section(1, (body) => body.raw(module)).finish()
    const empty = await componentOfWat('(component)')
    return join(
      empty,
      nested,
      new ByteWriter().section(4, (body) => body.raw(join(empty, nested))).finish(),
      custom('name'),
    )
  }

  it('keeps what wasm-tools keeps, at every depth', async () => {
    const { report } = strip(await withCustoms())
    const kept = new Map<string, string[]>()
    for (const { name, where } of report.kept) kept.set(where, [...(kept.get(where) ?? []), name])
    expect([...kept]).toEqual([
      ['component › module 0', ['name', 'component-type:world', 'dylink.0']],
      ['component › component 0 › module 0', ['name', 'component-type:world', 'dylink.0']],
      ['component', ['name']],
    ])
    expect(report.removed.map(({ name }) => name)).toEqual([...names.slice(3), ...names.slice(3)])
  })

  it('drops all, or only what matches', async () => {
    const bytes = await withCustoms()
    const all = strip(bytes, { all: true })
    expect(all.report.kept).toEqual([])
    expect(all.report.removed).toHaveLength(13)
    // A pattern may be global or sticky without changing its answer from one section to the next.
    for (const pattern of [/debug|producers/, /debug|producers/g]) {
      const some = strip(bytes, { delete: pattern })
      expect(some.report.removed.map(({ name }) => name)).toEqual([
        'producers',
        '.debug_info',
        'producers',
        '.debug_info',
      ])
      expect(some.report.kept).toHaveLength(9)
    }
  })

  it.each(samples)('leaves %s valid, and finds nothing the second time', async (name) => {
    const bytes = sample(name)
    const once = strip(bytes)
    expect(once.report).toMatchObject({ before: bytes.length, after: once.bytes.length })
    expect(once.bytes.length).toBeLessThan(bytes.length)
    await witOf(once.bytes)
    expect(printWorld(decode(once.bytes).type)).toBe(printWorld(decode(bytes).type))
    expect(strip(once.bytes).bytes).toEqual(once.bytes)
  })

  it('writes sizes in their shortest form', () => {
    const long = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 0x81, 0x80, 0x00, 0)
    expect([...strip(long).bytes.subarray(8)]).toEqual([1, 1, 0])
  })
})

describe('skeletons', () => {
  it.each(samples)('of %s decode to the same types in a fraction of the bytes', (name) => {
    const bytes = sample(name)
    const skeleton = skeletonOf(bytes)
    const [small, whole] = [decode(skeleton), decode(bytes)]
    expect(printWorld(small.type)).toBe(printWorld(whole.type))
    expect([small.name, small.producers, small.features]).toEqual([whole.name, whole.producers, whole.features])
    expect(skeleton.length).toBeLessThan(Math.max(12_000, bytes.length / 10))
  })

  it('keep the surface of a core module that is passed on', async () => {
    const bytes = await componentOfWat(`(component
      (core module $m
        (import "a" "b" (func)) (func (export "f") (param i64)) (memory (export "m") 3 4)
        (global (export "g") (mut f32) (f32.const 1)) (table (export "t") 2 funcref) (data (i32.const 0) "${'x'.repeat(5000)}"))
      (export "m" (core module $m)))`)
    const skeleton = skeletonOf(bytes)
    expect(skeleton.length).toBeLessThan(200)
    expect(decode(skeleton).type).toEqual(decode(bytes).type)
  })
})
