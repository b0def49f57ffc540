import { describe, expect, it } from 'vitest'
import { component, preamble, problemOf, readers } from '../../test/readers.ts'
import { decode } from './decode.ts'
import type { ByteWriter } from './writer.ts'

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
      'a start function that is not there',
      (w: ByteWriter) => w.section(9, (body) => body.u8(0).u8(0).u8(0)),
      'input.malformed',
      'function 0 does not exist yet (there are 0)',
      10,
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
