import { describe, expect, it } from 'vitest'
import { componentOfWat } from '../../test/components.ts'
import { decode } from '../binary/decode.ts'
import { problemOf } from '../error.ts'
import { checkTarget } from '../subtype/targets.ts'
import { compareComponents, compareInterfaces, compareWorlds, type ItemChange } from './changes.ts'
import { WitPackages } from './packages.ts'
import { findWorld, resolveInterface, resolveWorld } from './resolve.ts'

const worldOf = (text: string, name?: string) => {
  const packages = new WitPackages()
  packages.addFolder([{ path: 'world.wit', text }])
  return resolveWorld(packages, findWorld(packages, name))
}
const faceOf = (body: string) => {
  const packages = new WitPackages()
  const main = packages.addFolder([{ path: 'face.wit', text: `package a:b;\ninterface face {\n${body}\n}` }])
  const face = main?.interfaces.get('face')
  if (!face) throw new Error('no interface')
  return resolveInterface(packages, face)
}
const told = (changes: readonly ItemChange[]) =>
  changes.map(({ kind, path, consumer, provider }) => `${kind} ${path.join(' › ')}: ${consumer}/${provider}`)

describe('compareInterfaces', () => {
  it('says for every kind of change whom it breaks', () => {
    const table: [string, string, string[]][] = [
      ['f: func();', 'f: func();', []],
      ['f: func();', 'f: func(); g: func();', ['added "g": safe/breaking']],
      ['f: func(); g: func();', 'f: func();', ['removed "g": breaking/safe']],
      ['f: func(a: u32);', 'f: func(a: u64);', ['changed "f": breaking/breaking']],
      ['f: func(a: u32);', 'f: func(b: u32);', ['changed "f": breaking/breaking']],
      ['f: func();', 'f: async func();', ['changed "f": breaking/breaking']],
      ['record p { x: u8 }', 'record p { x: u8, y: u8 }', ['changed "p": breaking/breaking']],
      [
        'record p { x: u8 } f: func(a: p);',
        'record p { x: u16 } f: func(a: p);',
        ['changed "p": breaking/breaking', 'changed "f": breaking/breaking'],
      ],
      ['enum e { a }', 'enum e { a, b }', ['changed "e": breaking/breaking']],
      ['type t = u8;', 'type t = u8; type u = list<t>;', ['added "u": safe/safe']],
      ['resource r { m: func(); }', 'resource r { m: func(); n: func(); }', ['added method "r.n": safe/breaking']],
      ['resource r { constructor(); }', 'resource r;', ['removed constructor of "r": breaking/safe']],
      ['type t = u8;', 't: func();', ['changed "t": breaking/breaking']],
    ]
    for (const [before, after, expected] of table)
      expect(told(compareInterfaces(faceOf(before), faceOf(after))), `${before} → ${after}`).toEqual(expected)
  })
})

describe('compareWorlds', () => {
  it('knows imports from exports, and compatible versions from others', () => {
    const world = (version: string, more: string) =>
      worldOf(
        `package a:b;\nworld w { import c:d/e@${version}; export run: func(); ${more} }\npackage c:d@${version} { interface e { f: func(); } }`,
        'w',
      )
    expect(told(compareWorlds(world('1.0.0', ''), world('1.2.0', 'import log: func();')))).toEqual([
      'version import "c:d/e@1.2.0": safe/safe',
      'added import "log": safe/breaking',
    ])
    expect(told(compareWorlds(world('1.0.0', 'export stop: func();'), world('2.0.0', '')))).toEqual([
      'version import "c:d/e@2.0.0": breaking/breaking',
      'removed export "stop": breaking/safe',
    ])
  })

  it.each([
    ['0.2.0', '0.2.12', 'safe'],
    ['1.0.0', '1.0.0+a-b', 'safe'],
    ['0.2.0', '0.3.0', 'breaking'],
    ['0.0.1', '0.0.2', 'breaking'],
    ['0.3.0-rc.1', '0.3.0', 'breaking'],
  ] as const)('from version %s to %s is %s', (before, after, effect) => {
    const world = (version: string) =>
      worldOf(`package a:b;\nworld w { import c:d/e@${version}; }\npackage c:d@${version} { interface e { } }`, 'w')
    expect(told(compareWorlds(world(before), world(after)))).toEqual([
      `version import "c:d/e@${after}": ${effect}/${effect}`,
    ])
  })

  it('compares components and core modules that are passed on', async () => {
    const world = async (component: string, module: string) =>
      decode(
        await componentOfWat(`(component (import "c" (component ${component})) (import "m" (core module ${module})))`),
      ).type
    const old = await world('(export "f" (func))', '(export "f" (func))')
    const more = await world('(export "f" (func)) (export "g" (func))', '(export "f" (func (param i32)))')
    expect(compareWorlds(old, old)).toEqual([])
    expect(compareWorlds(old, more).map(({ path, reason }) => [path, reason])).toEqual([
      [['import "c"'], 'the component differs: function "g" (func()) is missing'],
      [['import "m"'], 'the module differs: export "f": expected func () -> (), found func (i32) -> ()'],
    ])
  })
})

describe('compareComponents', () => {
  it('breaks who gives it its imports or calls its exports, never the component itself', () => {
    const world = (log: string, api: string, more: string) =>
      worldOf(
        `package a:b; interface log { ${log} } interface api { ${api} } world w { import log; export api; ${more} }`,
      )
    const old = world('a: func(); b: func();', 'x: func(); y: func();', 'import clock: func();')
    const now = world('b: func() -> u8; c: func();', 'y: func() -> u8; z: func();', 'export stop: func();')
    expect(told(compareComponents(old, now))).toEqual([
      'removed import "a:b/log" › "a": safe/safe',
      'changed import "a:b/log" › "b": safe/breaking',
      'added import "a:b/log" › "c": safe/breaking',
      'removed import "clock": safe/safe',
      'removed export "a:b/api" › "x": breaking/safe',
      'changed export "a:b/api" › "y": breaking/safe',
      'added export "a:b/api" › "z": safe/safe',
      'added export "stop": safe/safe',
    ])
  })
})

describe('checkTarget', () => {
  const shared =
    'package a:b;\ninterface types { resource r; }\ninterface handler { use types.{r}; handle: func(x: r); }\n'
  const world = worldOf(`${shared}world host { import types; import clock: func() -> u64; export handler; }`, 'host')

  it('accepts a component that asks for less and gives more', () => {
    expect(
      checkTarget(worldOf(`${shared}world mine { import types; export handler; export more: func(); }`, 'mine'), world),
    ).toEqual([])
  })

  it('lists what the world does not offer and what it misses', () => {
    const failures = checkTarget(
      worldOf(`${shared}world mine { import log: func(); import clock: func() -> u32; }`, 'mine'),
      world,
    )
    expect(failures.map(({ side, name, difference }) => `${side} ${name} ${difference?.reason ?? 'missing'}`)).toEqual([
      'import log missing',
      'import clock type',
      'export a:b/handler missing',
    ])
  })

  it('takes compatible versions unless told to be exact', () => {
    const at = (version: string) =>
      worldOf(
        `package a:b;\nworld w { import c:d/e@${version}; }\npackage c:d@${version} { interface e { f: func(); } }`,
        'w',
      )
    expect(checkTarget(at('0.2.0'), at('0.2.12'))).toEqual([])
    expect(checkTarget(at('0.2.0'), at('0.2.12'), { versions: 'exact' })).toHaveLength(1)
    expect(checkTarget(at('0.2.0'), at('0.3.0'))).toHaveLength(1)
  })
})

describe('resolving WIT', () => {
  it('refuses what has no meaning, with the line', () => {
    const errorOf = (text: string) => {
      try {
        worldOf(text)
      } catch (thrown) {
        const { code, where } = problemOf(thrown)
        return `${code} ${where?.line ?? ''}`
      }
      return 'no error'
    }
    expect(errorOf('package a:b;\nworld w { import f: func(x: point); }')).toBe('wit.unknown-type 2')
    expect(errorOf('package a:b;\nworld w { import c:d/e; }')).toBe('wit.unknown-package 2')
    expect(errorOf('package a:b;\nworld w { import other; }')).toBe('wit.unknown-interface 2')
    expect(
      errorOf(
        'package a:b;\ninterface x { use y.{t}; type s = t; }\ninterface y { use x.{s}; type t = s; }\nworld w { import x; }',
      ),
    ).toBe('wit.cycle 3')
    expect(errorOf('package a:b;\ninterface x { f: func(); f: func(); }\nworld w { import x; }')).toBe(
      'wit.duplicate-name 2',
    )
    expect(errorOf('world w { }')).toBe('wit.package-name 1')
    expect(errorOf('package a:b;\nworld w { }\nworld v { }')).toBe('wit.ambiguous-world ')
  })

  it('includes worlds, renames, and leaves unstable items out', () => {
    const world = worldOf(
      'package a:b;\nworld base { import log: func(); @unstable(feature = later) import soon: func(); }\nworld w { include base with { log as print }; }',
      'w',
    )
    expect([...world.imports.keys()]).toEqual(['print'])
  })
})
