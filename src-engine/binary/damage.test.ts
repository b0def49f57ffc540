import { beforeAll, describe, expect, it } from 'vitest'
import { componentOf, componentOfWat, sample } from '../../test/components.ts'
import { component, problemOf, readers } from '../../test/readers.ts'
import { randomFrom } from '../../test/wit-generator.ts'
import { decode } from './decode.ts'

describe('every reader on damaged real files', () => {
  const files = new Map<string, Uint8Array>()
  beforeAll(async () => {
    for (const name of ['hello', 'middleware', 'keyvalue', 'bridge', 'counter', 'mik-handler', 'calculator-command'])
      files.set(name, sample(name))
    files.set(
      'everything',
      await componentOf(`package t:p@1.0.0;
        interface types { resource r { constructor(a: list<u8, 4>) -> result<r, string>; m: async func() -> stream<u8>; } variant v { a(map<string, u8>), b } flags f { x, y } }
        interface h { use types.{r, v, f}; go: async func(a: borrow<r>, b: v, c: f, d: error-context) -> future<result<r>>; }
        world w { import types; export h; import log: func(s: string); export inline: interface { use types.{r}; x: func(a: r); } }`),
    )
    files.set(
      'passed around',
      await componentOfWat(`(component
        (core rec (type $a (struct (field (ref null $a)))) (type $b (array (mut i16))))
        (core type $t (module (import "a" "b" (func (param i32))) (export "m" (memory 1 2)) (export "t" (table 1 funcref))))
        (import "m" (core module (type $t))) (import "c" (component (import "x" (func)) (export "y" (instance (export "z" (type (sub resource)))))))
        (core module $n (import "a" "g" (global i64)) (global (export "g") (mut f32) (f32.const 1)) (table (export "t") 2 externref) (data (i32.const 0) "abc") (memory 1))
        (component $d (component $e (type $x u32) (export "t" (type $x))) (instance $i (instantiate $e)) (export "i" (instance $i)))
        (instance $i (instantiate $d)) (export "i" (instance $i)) (export "n" (core module $n)) (export "d" (component $d)))`),
    )
  })

  /** Runs every reader; returns how many refused. */
  const refusals = (bytes: Uint8Array): number =>
    Object.values(readers).filter((read) => problemOf(() => read(bytes)) !== undefined).length

  it('accepts them undamaged', () => {
    for (const [name, bytes] of files) expect(refusals(bytes), name).toBe(0)
  })

  it('cut off around the boundaries of sections, of every kind in every file', () => {
    for (const bytes of files.values()) {
      const { sections } = decode(bytes).structure
      const boundaries = new Set(sections.map(({ start }) => start))
      // The first and the last two of each kind: those between are cut off no differently.
      const chosen = sections.filter((section) => {
        const kin = sections.filter(({ id }) => id === section.id)
        return kin.indexOf(section) === 0 || kin.indexOf(section) > kin.length - 3
      })
      const cuts = new Set(
        chosen.flatMap(({ start, payload, end }) => [start, start + 1, payload, payload + 1, end - 1]),
      )
      for (const cut of cuts) {
        if (cut >= bytes.length) continue
        const found = refusals(bytes.subarray(0, cut))
        // A file that ends between two sections is a smaller file; anywhere else it is a broken one.
        if (!boundaries.has(cut)) expect(found, `cut at ${cut}`).toBeGreaterThan(0)
      }
    }
  })

  it('cut off at every third byte of a small one', () => {
    const bytes = files.get('mik-handler')
    if (!bytes) throw new Error('no file')
    for (let cut = 0; cut < bytes.length; cut += 3) refusals(bytes.subarray(0, cut))
  })

  it.each([0, 5, 62])('with numbers that never end or are too large at any place, %d components deep', (depth) => {
    const bytes = files.get('passed around')
    if (!bytes) throw new Error('no file')
    for (const run of [
      [0x80, 0x80, 0x80, 0x80, 0x80, 0x80],
      [0xff, 0xff, 0xff, 0xff, 0x0f],
      [0xff, 0xff, 0xff, 0xff, 0x7f],
    ]) {
      for (let at = 8 + (depth % 5); at < bytes.length - run.length; at += 5) {
        let damaged: Uint8Array = Uint8Array.from(bytes)
        damaged.set(run, at)
        for (let level = 0; level < depth; level++) {
          const inner = damaged
          damaged = component((w) => w.section(4, (body) => body.raw(inner)))
        }
        const problem = problemOf(() => decode(damaged))
        // The place is that of the outermost file, inside what was damaged.
        if (problem) expect(problem.where?.offset).toBeGreaterThanOrEqual(damaged.length - bytes.length)
      }
    }
  })

  it.each([1, 2, 3])('with random bytes changed, seed %d', (seed) => {
    const random = randomFrom(seed)
    let refused = 0
    for (const bytes of files.values()) {
      for (let round = 0; round < 40; round++) {
        const damaged = Uint8Array.from(bytes)
        for (let changes = 1 + random(4); changes > 0; changes--) {
          const at = 8 + random(damaged.length - 8)
          const kind = random(4)
          if (kind === 0) damaged[at] = random(256)
          else if (kind === 1) damaged[at] = (damaged[at] ?? 0) ^ (1 << random(8))
          else if (kind === 2) damaged[at] = 0xff
          else damaged.copyWithin(at, 8 + random(damaged.length - 8), 8 + random(damaged.length - 8))
        }
        refused += refusals(damaged) > 0 ? 1 : 0
      }
    }
    expect(refused).toBeGreaterThan(files.size * 10)
  })
})
