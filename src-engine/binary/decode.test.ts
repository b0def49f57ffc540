import { describe, expect, it } from 'vitest'
import { componentOf, componentOfWat, sample } from '../../test/components.ts'
import { peel, type ComponentType, type Extern, type FunctionType, type TypeNode } from '../types/graph.ts'
import { describeExtern, printFunction, printStructure } from '../wit/print-types.ts'
import { decode } from './decode.ts'
import { skeletonOf } from './skeleton.ts'

const ofWat = async (text: string) => decode(await componentOfWat(`(component ${text})`))
const ofWit = async (text: string, world?: string) => decode(await componentOf(text, world))

function item(type: Pick<ComponentType, 'imports' | 'exports'>, ...path: string[]): Extern {
  const [first = '', ...rest] = path
  let at = type.exports.get(first) ?? type.imports.get(first)
  for (const name of rest) at = at?.kind === 'instance' ? at.type.exports.get(name) : undefined
  if (!at) throw new Error(`no ${path.join(' › ')}`)
  return at
}
function functionAt(type: ComponentType, ...path: string[]): FunctionType {
  const found = item(type, ...path)
  if (found.kind !== 'function') throw new Error(`${path.join(' › ')} is a ${found.kind}`)
  return found.type
}
function typeAt(type: ComponentType, ...path: string[]): TypeNode {
  const found = item(type, ...path)
  if (found.kind !== 'type') throw new Error(`${path.join(' › ')} is a ${found.kind}`)
  return found.type
}
function resourceOf(type: FunctionType, parameter: number): TypeNode {
  const handle = type.parameters[parameter]?.type
  if (handle?.kind !== 'own' && handle?.kind !== 'borrow') throw new Error('no handle')
  return peel(handle.resource)
}

describe('the surface of a component', () => {
  it('is that of the C handler', () => {
    const { type, producers, features, witPackage } = decode(sample('hello'))
    const imports = [...type.imports].map(([name, extern]) => [
      name,
      extern.kind === 'instance' ? [...extern.type.exports.keys()] : extern.kind,
    ])
    expect(imports).toMatchInlineSnapshot(`
      [
        [
          "wasi:io/error@0.2.12",
          [
            "error",
          ],
        ],
        [
          "wasi:io/streams@0.2.12",
          [
            "output-stream",
            "error",
            "stream-error",
            "[method]output-stream.blocking-write-and-flush",
          ],
        ],
        [
          "wasi:cli/stdout@0.2.12",
          [
            "output-stream",
            "get-stdout",
          ],
        ],
        [
          "wasi:http/types@0.2.12",
          [
            "incoming-request",
            "method",
            "fields",
            "field-key",
            "field-name",
            "field-value",
            "header-error",
            "headers",
            "outgoing-response",
            "status-code",
            "outgoing-body",
            "response-outparam",
            "DNS-error-payload",
            "TLS-alert-received-payload",
            "field-size-payload",
            "error-code",
            "output-stream",
            "trailers",
            "[constructor]fields",
            "[method]fields.append",
            "[method]incoming-request.method",
            "[method]incoming-request.path-with-query",
            "[static]response-outparam.set",
            "[constructor]outgoing-response",
            "[method]outgoing-response.set-status-code",
            "[method]outgoing-response.body",
            "[method]outgoing-body.write",
            "[static]outgoing-body.finish",
          ],
        ],
      ]
    `)
    expect([...type.exports.keys()]).toEqual(['wasi:http/incoming-handler@0.2.12'])
    expect({ features, witPackage, tools: Object.keys(producers) }).toMatchInlineSnapshot(`
      {
        "features": [],
        "tools": [
          "processed-by",
        ],
        "witPackage": false,
      }
    `)
  })

  it('ties what is used to where it comes from', () => {
    const { type } = decode(sample('hello'))
    const types = 'wasi:http/types@0.2.12'
    expect(peel(typeAt(type, types, 'output-stream'))).toBe(
      peel(typeAt(type, 'wasi:io/streams@0.2.12', 'output-stream')),
    )
    const handle = functionAt(type, 'wasi:http/incoming-handler@0.2.12', 'handle')
    expect(resourceOf(handle, 0)).toBe(peel(typeAt(type, types, 'incoming-request')))
    expect(resourceOf(handle, 1)).toBe(peel(typeAt(type, types, 'response-outparam')))
    expect(resourceOf(handle, 0)).not.toBe(resourceOf(handle, 1))
  })

  it('has every type there is', async () => {
    const signatures = {
      numbers: 'func(a: bool, b: s8, c: u8, d: s16, e: u16, f: s32, g: u32, h: s64, i: u64) -> f32',
      texts: 'func(a: char, b: string, c: f64)',
      lists: 'func(a: list<u8>, b: list<list<string>>, c: list<u8, 4>) -> tuple<u8, string>',
      maps: 'func(a: map<string, list<u8>>)',
      options: 'func(a: option<u8>, b: option<option<u8>>)',
      results: 'func(a: result, b: result<u8>, c: result<_, u8>) -> result<u8, string>',
      handles: 'func(a: res, b: borrow<res>) -> option<res>',
      named: 'func(a: rec, b: var, c: en, d: fl, e: alias)',
      streams: 'async func(a: stream<u8>, b: stream, c: future<string>) -> future',
      'error-contexts': 'func(a: error-context)',
    }
    const { type, features } = await ofWit(`package t:p;
      interface i {
        record rec { a: u8, %list: string }
        variant var { a, b(rec) }
        enum en { x, y }
        flags fl { r, w }
        type alias = rec;
        resource res { constructor(a: u8); m: func() -> u8; s: static func() -> res; am: async func(a: u8); }
        ${Object.entries(signatures)
          .map(([name, text]) => `${name}: ${text};`)
          .join('\n')}
      }
      world w { import i; export j: interface { use i.{rec}; f: func(a: rec); } }`)
    for (const [name, text] of Object.entries(signatures))
      expect(printFunction(functionAt(type, 't:p/i', name))).toBe(text)
    const structure = (name: string) => {
      const of = peel(typeAt(type, 't:p/i', name))
      return of.kind === 'resource' ? 'resource' : printStructure(of)
    }
    expect(['rec', 'var', 'en', 'fl', 'alias', 'res'].map(structure)).toEqual([
      'record { a: u8, %list: string }',
      'variant { a, b(rec) }',
      'enum { x, y }',
      'flags { r, w }',
      'record { a: u8, %list: string }',
      'resource',
    ])
    expect(printFunction(functionAt(type, 't:p/i', '[constructor]res'))).toBe('func(a: u8) -> res')
    expect(printFunction(functionAt(type, 't:p/i', '[method]res.m'))).toBe('func(self: borrow<res>) -> u8')
    expect(functionAt(type, 't:p/i', '[method]res.am').async).toBe(true)
    expect(features).toEqual(['async', 'error-context', 'fixed-length-list', 'future', 'map', 'stream'])
    // The export's record is the import's by its name, not a copy of it.
    const used = typeAt(type, 'j', 'rec')
    expect(used.kind === 'named' && used.of).toBe(typeAt(type, 't:p/i', 'rec'))
  })

  it('gives each instance of a component resources of its own', async () => {
    const { type } = await ofWat(`
      (component $c
        (type $r (resource (rep i32)))
        (export $e "r" (type $r))
        (type $f (func (result (own $e))))
        (core module $m (func (export "f") (result i32) unreachable))
        (core instance $i (instantiate $m))
        (func (export "make") (type $f) (canon lift (core func $i "f"))))
      (instance $a (instantiate $c)) (instance $b (instantiate $c))
      (export "a" (instance $a)) (export "b" (instance $b)) (export "again" (instance $a))`)
    const made = (name: string) => {
      const { result } = functionAt(type, name, 'make')
      return result?.kind === 'own' ? peel(result.resource) : undefined
    }
    expect(made('a')?.kind).toBe('resource')
    expect(made('a')).toBe(peel(typeAt(type, 'a', 'r')))
    expect(made('again')).toBe(made('a'))
    expect(made('b')).not.toBe(made('a'))
  })

  it('follows arguments, bags of exports and aliases', async () => {
    const { type } = await ofWat(`
      (import "host" (instance $host (export "r" (type $r (sub resource))) (export "f" (func (param "x" (borrow $r))))))
      (component $c
        (import "in" (instance $in (export "r" (type $r (sub resource)))))
        (alias export $in "r" (type $r))
        (type $t (list (own $r)))
        (export "t" (type $t)))
      (instance $i (instantiate $c (with "in" (instance $host))))
      (alias export $host "f" (func $f))
      (instance $bag (export "g" (func $f)) (export "inner" (instance $i)))
      (export "bag" (instance $bag))
      (export "h" (func $host "f"))`)
    const list = peel(typeAt(type, 'bag', 'inner', 't'))
    const own = list.kind === 'list' ? list.element : undefined
    expect(own?.kind === 'own' && peel(own.resource)).toBe(peel(typeAt(type, 'host', 'r')))
    expect(functionAt(type, 'bag', 'g')).toBe(functionAt(type, 'host', 'f'))
    expect(functionAt(type, 'h')).toBe(functionAt(type, 'host', 'f'))
  })

  it('reaches components and modules of the scopes around', async () => {
    const { type } = await ofWat(`
      (core module $m (func (export "f")))
      (component $inner (type $t u32) (export "t" (type $t)))
      (component $outer
        (alias outer 1 $inner (component $again))
        (alias outer 1 $m (core module $n))
        (instance $i (instantiate $again))
        (export "i" (instance $i)) (export "m" (core module $n)))
      (instance $o (instantiate $outer))
      (export "o" (instance $o))
      (export "c" (component $inner))`)
    expect(peel(typeAt(type, 'o', 'i', 't')).kind).toBe('u32')
    expect(item(type, 'o', 'm')).toMatchObject({ kind: 'module' })
    const component = item(type, 'c')
    expect(component.kind === 'component' && [...component.type.exports.keys()]).toEqual(['t'])
  })

  it('has components, modules, functions and types among its imports', async () => {
    const { type } = await ofWat(`
      (core type $f (func (param i32) (result i64)))
      (import "m" (core module
        (alias outer 1 $f (type $g))
        (import "a" "b" (func (type $g))) (export "c" (memory 1 2)) (export "d" (global (mut i32)))))
      (import "c" (component (import "x" (func)) (export "y" (func (result u8)))))
      (import "f" (func async (param "s" string)))
      (type $p (record (field "x" u8)))
      (import "p" (type (eq $p)))
      (import "r" (type (sub resource)))`)
    expect(item(type, 'm')).toEqual({
      kind: 'module',
      type: {
        kind: 'module',
        imports: [
          {
            module: 'a',
            name: 'b',
            type: { kind: 'func', parameters: ['i32'], results: ['i64'], text: 'func (i32) -> (i64)' },
          },
        ],
        exports: new Map<string, unknown>([
          ['c', { kind: 'memory', minimum: 1n, maximum: 2n, shared: false, is64: false }],
          ['d', { kind: 'global', type: 'i32', mutable: true }],
        ]),
      },
    })
    const component = item(type, 'c')
    expect(
      component.kind === 'component' && [...component.type.imports.keys(), ...component.type.exports.keys()],
    ).toEqual(['x', 'y'])
    expect(printFunction(functionAt(type, 'f'))).toBe('async func(s: string)')
    expect(item(type, 'p')).toMatchObject({ kind: 'type', bound: 'eq' })
    expect(item(type, 'r')).toMatchObject({ kind: 'type', bound: 'resource' })
  })

  it('takes an ascribed type for what an export is', async () => {
    const { type } = await ofWat(`
      (import "host" (instance $host (export "r" (type $r (sub resource))) (export "f" (func)) (export "g" (func (param "x" (own $r))))))
      (export "out" (instance $host) (instance (export "r" (type $r (sub resource))) (export "g" (func (param "x" (own $r))))))`)
    const out = item(type, 'out')
    expect(out.kind === 'instance' && [...out.type.exports.keys()]).toEqual(['r', 'g'])
    expect(resourceOf(functionAt(type, 'out', 'g'), 0)).toBe(peel(typeAt(type, 'host', 'r')))
  })

  it('keeps the attributes of names', async () => {
    const { type, features } = await ofWat(
      '(import "primary" (implements "wasi:kv/store@1.0.0") (instance (export "get" (func))))',
    )
    expect(item(type, 'primary').attributes).toEqual({ implements: 'wasi:kv/store@1.0.0' })
    expect(features).toEqual(['implements'])
  })

  it('carries names that are no interfaces of packages', async () => {
    const { type } = await ofWat(
      '(import "url=<https://example.com/a.wasm>" (component)) (import "unlocked-dep=<a:b@{>=1.0.0}>" (component))',
    )
    expect([...type.imports.keys()]).toEqual(['url=<https://example.com/a.wasm>', 'unlocked-dep=<a:b@{>=1.0.0}>'])
  })

  it('steps over garbage-collected core types', async () => {
    const { type } = await ofWat(`
      (core rec (type $a (struct (field (ref null $a)) (field (mut i8)))) (type $b (array (mut i16))))
      (core type $c (sub (func (param (ref $a)) (result v128))))
      (core type $d (func (param i32)))
      (import "m" (core module (alias outer 1 $d (type $t)) (export "f" (func (type $t)))))`)
    expect(item(type, 'm')).toMatchObject({ type: { exports: new Map([['f', { parameters: ['i32'] }]]) } })
  })

  it('reads names, producers and features of nested components', async () => {
    const decoded = await ofWat(`
      (@producers (language "C" "17") (processed-by "clang" "19.1"))
      (component $unused (import "f" (func async (param "x" (stream u8)))))
      (core module (memory 1))`)
    expect(decoded.producers).toEqual({ language: { C: '17' }, 'processed-by': { clang: '19.1' } })
    expect(decoded.features).toEqual(['async', 'stream'])
    expect(decode(await componentOfWat('(component $my-name)')).name).toBe('my-name')
  })

  it('reads what the file says of itself, in the skeleton too', async () => {
    const bytes = await componentOfWat(`(component
      (@custom "authors" "A. \\1bAuthor") (@custom "description" "does \\c3\\a4 thing") (@custom "licenses" "\\ff\\fe")
      (@custom "registry-metadata" "{}") (@custom "sourceMappingURL" "\\05a.map") (@custom "external_debug_info" "\\70cut off")
      (@custom "other" "left alone"))`)
    const metadata = {
      authors: 'A. Author',
      description: 'does ä thing',
      'registry-metadata': '{}',
      sourceMappingURL: 'a.map',
    }
    expect(decode(bytes).metadata).toEqual(metadata)
    expect(decode(skeletonOf(bytes)).metadata).toEqual(metadata)
  })

  it('tells WIT packages from components', async () => {
    expect(decode(await componentOf('package a:b; world w {}')).witPackage).toBe(false)
    const text =
      '(type (;0;) (component (type (instance (export "f" (func)))) (export "a:b/i" (instance (type 0))))) (export "i" (type 0))'
    expect(decode(await componentOfWat(`(component ${text})`)).witPackage).toBe(true)
  })

  it('reads types of functions, interfaces and worlds under a name, and what is of such a type', async () => {
    const { type, witPackage } = await ofWat(`
      (type $f (func (param "a" u32)))
      (export $named "f" (type $f))
      (type $face (instance (type $g (func (result u8))) (export "g" (type $h (eq $g))) (export "go" (func (type $h)))))
      (export "face" (type $face))
      (import "i" (instance (type $face)))
      (import "plain" (func (type $named)))
      (component $nothing)
      (instance (instantiate $nothing))`)
    expect(printFunction(functionAt(type, 'plain'))).toBe('func(a: u32)')
    expect(printFunction(functionAt(type, 'i', 'go'))).toBe('func() -> u8')
    expect(['f', 'face'].map((name) => describeExtern(item(type, name)))).toEqual([
      'the type func(a: u32)',
      'the type of an interface',
    ])
    // Components that export what they declare are no WIT packages.
    expect(witPackage).toBe(false)
  })

  it('reads start functions, at every depth, in the skeleton too', async () => {
    const bytes = await componentOfWat(
      '(component (import "f" (func $f)) (import "g" (func $g (result u32))) (component (import "h" (func $h)) (start $h)) (start $g (result (value))))',
    )
    for (const each of [bytes, skeletonOf(bytes)]) {
      const { structure, features } = decode(each)
      expect(features).toEqual(['start'])
      expect(structure.start).toMatchObject({ function: 1, results: 1 })
    }
    const { structure } = decode(bytes)
    expect([...bytes.subarray(structure.start?.range.start, structure.start?.range.end)]).toEqual([9, 3, 1, 0, 1])
  })

  it('knows the parts of the file and where they lie', async () => {
    const bytes = await componentOfWat(`(component
      (core module $m (func (export "f")))
      (core instance $i (instantiate $m))
      (component $c (import "x" (func)))
      (func $f (canon lift (core func $i "f")))
      (instance $n (instantiate $c (with "x" (func $f))))
      (export "f" (func $f)))`)
    const { structure } = decode(bytes)
    expect(structure.instances).toEqual([
      { kind: 'instantiate', component: 0, arguments: [{ name: 'x', sort: 'function', index: 0 }] },
    ])
    expect(structure.exports).toEqual([{ name: 'f', sort: 'function', index: 0 }])
    expect(structure.functions.map((origin) => origin.kind)).toEqual(['lift', 'export'])
    const [module] = structure.modules
    const [component] = structure.components
    if (module?.kind !== 'defined' || component?.kind !== 'defined') throw new Error('no ranges')
    expect([...bytes.subarray(module.range.start, module.range.start + 8)]).toEqual([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0])
    const nested = decode(bytes.subarray(component.range.start, component.range.end))
    expect([...nested.type.imports.keys()]).toEqual(['x'])
    // Sections follow one another without a gap, to the last byte.
    let at = 8
    for (const section of structure.sections) {
      expect(section.start).toBe(at)
      at = section.end
    }
    expect(at).toBe(bytes.length)
  })
})
