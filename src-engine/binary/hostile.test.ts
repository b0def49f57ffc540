import { beforeAll, describe, expect, it } from 'vitest'
import { componentOf, componentOfWat, sample } from '../../test/components.ts'
import { planComposition } from '../compose/build-plan.ts'
import { decompose } from '../compose/decompose.ts'
import { encodeComposition } from '../compose/encode.ts'
import { emptyGraph, type CompositionGraph } from '../compose/graph.ts'
import { PatchbayError, type Problem } from '../error.ts'
import { summarize } from '../inspect.ts'
import { strip } from '../size/strip.ts'
import { sizeTree } from '../size/tree.ts'
import { checkExtern } from '../subtype/check.ts'
import { printWorld } from '../wit/print.ts'
import { decode } from './decode.ts'
import { skeletonOf } from './skeleton.ts'
import { ByteWriter } from './writer.ts'

/** Everything that reads a file somebody gave us. */
const readers: Readonly<Record<string, (bytes: Uint8Array) => unknown>> = {
  decode: (bytes) => {
    const { type } = decode(bytes)
    const extern = { kind: 'component', type } as const
    checkExtern(extern, extern)
    return printWorld(type)
  },
  skeleton: (bytes) => skeletonOf(bytes),
  'size tree': (bytes) => sizeTree(bytes),
  strip: (bytes) => strip(bytes, { all: true }),
  summary: (bytes) => summarize(bytes),
  composition: (bytes) => {
    const decoded = decode(bytes)
    const source = (name: string) => ({ source: { kind: 'instance' as const, instance: 'a', path: [name] } })
    const exports = [...decoded.type.exports.keys()].map((name) => [name, source(name)] as const)
    const graph: CompositionGraph = {
      ...emptyGraph,
      packages: { p: { name: 'test:p', hash: 'p' } },
      instances: { a: { package: 'p' }, b: { package: 'p' } },
      exports: Object.fromEntries(exports),
    }
    const plan = planComposition(graph, () => decoded)
    try {
      if (plan.problems.length === 0) encodeComposition(plan, () => bytes)
    } catch (thrown) {
      // What a damaged file asks for may be beyond what can be written: that is said, too.
      if (!(thrown instanceof PatchbayError) || !thrown.problem.code.startsWith('graph.')) throw thrown
    }
  },
  decomposition: (bytes) => {
    try {
      decompose(bytes, (part) => String(part.length))
    } catch (thrown) {
      if (!(thrown instanceof PatchbayError) || !thrown.problem.code.startsWith('decompose.')) throw thrown
    }
  },
}

/** The problem a reader ends with; anything but a typed one with its place fails the test. */
function problemOf(read: () => unknown): Problem | undefined {
  try {
    read()
    return undefined
  } catch (thrown) {
    if (!(thrown instanceof PatchbayError)) throw thrown
    expect(thrown.problem.code).toMatch(/^input\./)
    expect(thrown.problem.where?.offset, thrown.problem.message).toBeTypeOf('number')
    return thrown.problem
  }
}

/** Random numbers that are the same in every run. (Mulberry32.) */
function randomFrom(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

const preamble = Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0)
function component(write: (writer: ByteWriter) => void): Uint8Array {
  const writer = new ByteWriter().raw(preamble)
  write(writer)
  return Uint8Array.from(writer.finish())
}

describe('files that are no components', () => {
  it.each([
    ['nothing', new Uint8Array(0), 'input.empty', 0],
    ['a header cut off', preamble.subarray(0, 6), 'input.truncated', 6],
    ['a text', new TextEncoder().encode('hello, world'), 'input.not-wasm', 0],
    ['a core module', Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0), 'input.core-module', 4],
    ['an old component', Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0a, 0, 1, 0), 'input.version', 4],
    ['another layer', Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 2, 0), 'input.version', 4],
  ] as const)('%s', (_title, bytes, code, offset) => {
    expect(problemOf(() => decode(bytes))).toMatchObject({ code, where: { offset } })
  })

  it('say what to do next', () => {
    expect(problemOf(() => decode(new TextEncoder().encode('(component)')))?.hint).toContain('text')
    expect(problemOf(() => decode(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)))?.hint).toContain('jco new')
  })
})

describe('damaged components', () => {
  const types = (count: number, write: (body: ByteWriter) => void) => (writer: ByteWriter) => {
    writer.section(7, (body) => write(body.u32(count)))
  }
  it.each([
    ['an unknown section', (w: ByteWriter) => w.u8(99).u8(0), 'input.unknown-opcode', 'unknown section 99', 8],
    [
      'a section longer than the file',
      (w: ByteWriter) => w.u8(7).u32(50).u8(0),
      'input.truncated',
      'the type section is 50 bytes long, but only 1 are left',
      10,
    ],
    [
      'bytes behind the last item',
      (w: ByteWriter) => w.section(7, (body) => body.u32(0).u8(1)),
      'input.malformed',
      '1 bytes are left over at the end of the type section',
      11,
    ],
    [
      'an unknown type',
      types(1, (body) => body.u8(0x01)),
      'input.unknown-opcode',
      'unknown type 0x01 in the type section',
      11,
    ],
    [
      'four billion types',
      types(0xffffffff, () => {}),
      'input.truncated',
      '4294967295 items are announced where 0 bytes are left',
      10,
    ],
    [
      'a length of a name that lies',
      types(1, (body) => body.u8(0x6d).u32(1).u32(0xffffffff)),
      'input.truncated',
      'the file ends inside the type section',
      18,
    ],
    [
      'a type that refers to itself',
      types(1, (body) => body.u8(0x70).s33(0)),
      'input.malformed',
      'type 0 does not exist yet (there are 0)',
      12,
    ],
    [
      'a type that refers ahead',
      types(2, (body) => body.u8(0x70).s33(1).u8(0x73)),
      'input.malformed',
      'type 1 does not exist yet (there are 0)',
      12,
    ],
    [
      'a negative type index',
      types(1, (body) => body.u8(0x70).s33(-100)),
      'input.malformed',
      'type -100 does not exist yet (there are 0)',
      12,
    ],
    [
      'a record without fields',
      types(1, (body) => body.u8(0x72).u32(0)),
      'input.malformed',
      'a record without members',
      13,
    ],
    [
      'an enum without names',
      types(1, (body) => body.u8(0x6d).u32(0)),
      'input.malformed',
      'a enum without members',
      13,
    ],
    [
      'a function of functions',
      types(2, (body) => body.u8(0x40).u32(0).u8(1).u8(0).u8(0x70).s33(0)),
      'input.malformed',
      'a function type stands where a value type belongs',
      16,
    ],
    [
      'named results',
      types(1, (body) => body.u8(0x40).u32(0).u8(1).u32(1).name('a').u8(0x73)),
      'input.malformed',
      'a function with named results',
      15,
    ],
    [
      'an alias out of the file',
      (w: ByteWriter) => w.section(6, (body) => body.u32(1).u8(3).u8(2).u32(7).u32(0)),
      'input.malformed',
      'an alias reaches 7 scopes out, further than there are',
      11,
    ],
    [
      'an alias four billion scopes out',
      (w: ByteWriter) => w.section(6, (body) => body.u32(1).u8(4).u8(2).u32(0xffffffff).u32(0)),
      'input.malformed',
      'an alias reaches 4294967295 scopes out, further than there are',
      11,
    ],
    [
      'an instance of nothing',
      (w: ByteWriter) => w.section(5, (body) => body.u32(1).u8(0).u32(3).u32(0)),
      'input.malformed',
      'component 3 does not exist yet (there are 0)',
      11,
    ],
    [
      'an export of nothing',
      (w: ByteWriter) => w.section(11, (body) => body.u32(1).u8(0).name('a').u8(1).u32(0).u8(0)),
      'input.malformed',
      'function 0 does not exist yet (there are 0)',
      11,
    ],
    [
      'the old backpressure.set',
      (w: ByteWriter) => w.section(8, (body) => body.u32(1).u8(8)),
      'input.unknown-opcode',
      'backpressure.set (canonical built-in 0x08) is no longer part of the component model',
      11,
    ],
    [
      'an unknown built-in',
      (w: ByteWriter) => w.section(8, (body) => body.u32(1).u8(0xee)),
      'input.unknown-opcode',
      'unknown canonical built-in 0xee in the canonical function section',
      11,
    ],
    [
      'a start section',
      (w: ByteWriter) => w.section(9, (body) => body.u8(0)),
      'input.unsupported',
      'the file has a start section',
      8,
    ],
    [
      'a value section',
      (w: ByteWriter) => w.section(12, (body) => body.u8(0)),
      'input.unsupported',
      'the file has a value section',
      8,
    ],
    [
      'a nested file that is none',
      (w: ByteWriter) => w.section(4, (body) => body.u32(0)),
      'input.malformed',
      'a nested component does not begin like one',
      10,
    ],
    [
      'a resource defined in a type',
      types(1, (body) => body.u8(0x42).u32(1).u8(1).u8(0x3f).u8(0x7f).u8(0)),
      'input.malformed',
      'a resource is defined inside a type, where it can only be named',
      14,
    ],
    [
      'module types in module types',
      (w: ByteWriter) => w.section(3, (body) => body.u32(1).u8(0x50).u32(1).u8(1).u8(0x50).u32(0).u8(0x50)),
      'input.unknown-opcode',
      'unknown core type 0x50 in the core type section',
      16,
    ],
  ] as const)('%s', (_title, write, code, message, offset) => {
    const bytes = component((writer) => void write(writer))
    expect(problemOf(() => decode(bytes))).toMatchObject({ code, message, where: { offset } })
  })

  it('name what appears twice', async () => {
    const bytes = component((w) => {
      w.section(7, (body) => body.u32(1).u8(0x40).u32(0).u8(1).u8(0))
      w.section(10, (body) => body.u32(2).u8(0).name('run').u8(1).u32(0).u8(0).name('run').u8(1).u32(0))
    })
    expect(problemOf(() => decode(bytes))).toMatchObject({ message: 'the import `run` appears twice' })
  })
})

describe('small files that would grow without bound', () => {
  /** Imports a function with a parameter of the last of `count` types. */
  const using = (count: number, write: (body: ByteWriter, index: number) => void) =>
    component((w) => {
      w.section(7, (body) => {
        body.u32(count + 1)
        for (let index = 0; index < count; index++) write(body, index)
        body
          .u8(0x40)
          .u32(1)
          .name('a')
          .s33(count - 1)
          .u8(1)
          .u8(0)
      })
      w.section(10, (body) => body.u32(1).u8(0).name('f').u8(1).u32(count))
    })
  const nestedIn = (depth: number) => {
    let bytes = component(() => {})
    for (let level = 0; level < depth; level++) {
      const inner = bytes
      bytes = component((w) => w.section(4, (body) => body.raw(inner)))
    }
    return bytes
  }
  const manyExports = (count: number) =>
    component((w) => {
      w.section(7, (body) => body.u32(1).u8(0x73))
      w.section(11, (body) => {
        body.u32(count)
        for (let index = 0; index < count; index++) body.u8(0).name(`t${index}`).u8(3).u32(0).u8(0)
      })
    })

  it.each([
    [
      'types that double at every step',
      () =>
        using(40, (body, index) =>
          index === 0
            ? body.u8(0x6f).u32(2).u8(0x73).u8(0x73)
            : body
                .u8(0x6f)
                .u32(2)
                .s33(index - 1)
                .s33(index - 1),
        ),
      'larger than 1000000 nodes',
    ],
    [
      'options in options, ten thousand deep',
      () => using(10_000, (body, index) => (index === 0 ? body.u8(0x6b).u8(0x73) : body.u8(0x6b).s33(index - 1))),
      'more than 500 deep',
    ],
    [
      'types in types, ten thousand deep',
      () =>
        component((w) =>
          w.section(7, (body) => {
            body.u32(1)
            for (let index = 0; index < 10_000; index++) body.u8(0x42).u32(1).u8(1)
            body.u8(0x73)
          }),
        ),
      'more than 100 deep',
    ],
    [
      'names of names, ten thousand long',
      () =>
        component((w) =>
          w.section(7, (body) => {
            body.u32(1).u8(0x42).u32(10_000).u8(1).u8(0x73)
            for (let index = 1; index < 10_000; index++)
              body
                .u8(4)
                .u8(0)
                .name(`t${index}`)
                .u8(3)
                .u8(0)
                .u32(index - 1)
          }),
        ),
      'more than 500 deep',
    ],
    ['components in components', () => nestedIn(2000), 'components nest more than 64 deep'],
    [
      'instances in instances, ten thousand deep',
      () =>
        component((w) =>
          w.section(5, (body) => {
            body.u32(10_000).u8(1).u32(0)
            for (let index = 1; index < 10_000; index++)
              body
                .u8(1)
                .u32(1)
                .u8(0)
                .name('i')
                .u8(5)
                .u32(index - 1)
          }),
        ),
      'more than 500 deep',
    ],
    [
      'three thousand instances of three thousand exports',
      () =>
        component((w) => {
          w.section(4, (body) => body.raw(manyExports(3000)))
          w.section(5, (body) => {
            body.u32(3000)
            for (let index = 0; index < 3000; index++) body.u8(0).u32(0).u32(0)
          })
        }),
      'more types than can be kept',
    ],
    [
      'a component that contains itself',
      () =>
        component((w) => {
          w.section(4, (body) =>
            body.raw(
              component((inner) => {
                inner.section(6, (items) => items.u32(1).u8(4).u8(2).u32(1).u32(0))
                inner.section(5, (items) => items.u32(1).u8(0).u32(0).u32(0))
              }),
            ),
          )
        }),
      'outer component 0 does not exist yet',
    ],
  ] as const)('%s', (_title, make, message) => {
    const bytes = make()
    expect(problemOf(() => decode(bytes))?.message).toContain(message)
  })

  it('no reader follows deep nesting to the end of its stack', () => {
    const bytes = nestedIn(2000)
    for (const [name, read] of Object.entries(readers))
      expect(problemOf(() => read(bytes))?.code, name).toBe('input.limit')
  })
})

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

  it('cut off around every boundary of a section', () => {
    for (const bytes of files.values()) {
      const cuts = new Set<number>()
      for (const { start, payload, end } of decode(bytes).structure.sections)
        for (const at of [start, start + 1, payload, payload + 1, end - 1]) if (at < bytes.length) cuts.add(at)
      for (const cut of cuts) {
        const found = refusals(bytes.subarray(0, cut))
        const boundary = decode(bytes).structure.sections.some((section) => section.start === cut)
        // A file that ends between two sections is a smaller file; anywhere else it is a broken one.
        if (!boundary) expect(found, `cut at ${cut}`).toBeGreaterThan(0)
      }
    }
  })

  it('cut off at every byte of a small one', () => {
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
