import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { componentOfWat } from '../../test/components.ts'
import { sample } from '../../test/samples.ts'
import { decode } from '../binary/decode.ts'
import { checkTarget } from '../subtype/targets.ts'
import type { ComponentType } from '../types/graph.ts'
import { WitPackages } from './packages.ts'
import { findWorld, resolveWorld } from './resolve.ts'
import { printPackage, printWorld } from './print.ts'

const root = join(import.meta.dirname, '..', '..')

/** The world that a printed text declares. */
function reread(text: string): ComponentType {
  const packages = new WitPackages()
  packages.addFolder([{ path: 'printed.wit', text }])
  return resolveWorld(packages, findWorld(packages, 'root'))
}

/** Printing and reading back gives the same world, and the same text again. */
function expectLaw(type: ComponentType, what: string): void {
  const text = printWorld(type)
  const again = reread(text)
  expect(checkTarget(type, again, { versions: 'exact' }), `${what}: fits what was printed`).toEqual([])
  expect(checkTarget(again, type, { versions: 'exact' }), `${what}: what was printed fits`).toEqual([])
  expect([...again.imports.keys()].sort(), what).toEqual([...type.imports.keys()].sort())
  expect([...again.exports.keys()].sort(), what).toEqual([...type.exports.keys()].sort())
  expect(printWorld(reread(printWorld(again))), what).toBe(printWorld(again))
}

function worldOf(text: string, name = 'w'): ComponentType {
  const packages = new WitPackages()
  packages.addFolder([{ path: 'given.wit', text }])
  return resolveWorld(packages, findWorld(packages, name))
}

/** Every folder below that holds `.wit` files. */
function witFolders(folder: string): string[] {
  const entries = readdirSync(folder)
  const inner = entries.map((each) => join(folder, each)).filter((each) => statSync(each).isDirectory())
  const own = entries.some((each) => each.endsWith('.wit')) ? [folder] : []
  return [...own, ...inner.flatMap(witFolders)]
}

function readAll(folders: readonly string[]): WitPackages {
  const packages = new WitPackages()
  for (const folder of folders) {
    const names = readdirSync(folder).filter((each) => each.endsWith('.wit'))
    // One package may lie in several folders.
    const one = new WitPackages()
    one.addFolder(names.map((each) => ({ path: each, text: readFileSync(join(folder, each), 'utf8') })))
    for (const each of one.all()) packages.add(each)
  }
  return packages
}

describe('printWorld', () => {
  const samples = readdirSync(join(root, 'resources/samples')).filter((name) =>
    existsSync(join(root, 'resources/samples', name, `${name}.wasm`)),
  )
  for (const name of samples) {
    it(`prints the world of the sample ${name} so that it reads back`, () => {
      expectLaw(sample(name).component.type, name)
    })
  }

  it('prints every world of WASI and of our own packages so that it reads back', () => {
    const packages = readAll(witFolders(join(root, 'wit')))
    const worlds = packages.all().flatMap((each) => [...each.worlds.values()])
    expect(worlds.length).toBeGreaterThan(10)
    for (const world of worlds)
      expectLaw(resolveWorld(packages, world), `${world.package.name}/${world.item.name.name}`)
  })

  it('prints every world that jco brings so that it reads back', () => {
    const packages = readAll(witFolders(join(root, 'node_modules/@bytecodealliance/jco/lib/wit/builtin')))
    const brought = packages.all()
    // jco leaves out what it takes for granted.
    for (const each of readAll(witFolders(join(root, 'wit'))).all())
      if (!brought.some(({ name, version }) => name === each.name && version === each.version)) packages.add(each)
    const worlds = brought.flatMap((each) => [...each.worlds.values()])
    expect(worlds.length).toBeGreaterThan(0)
    for (const world of worlds)
      expectLaw(resolveWorld(packages, world), `${world.package.name}/${world.item.name.name}`)
  })

  it('says what a world declares itself: types, resources with their functions, inline interfaces', () => {
    const text = `package root:component;

world root {
  import a:b/i@1.0.0;
  use a:b/i@1.0.0.{pair as couple};
  type size = u32;
  resource store {
    open: static func(at: size) -> store;
    put: func(what: couple);
    constructor();
  }
  import %own: interface {
    record point {
      %type: f32,
    }
    f: async func(p: point) -> option<point>;
  }
  import merge: func(%from: borrow<store>);
  export run: func(s: store) -> result<_, size>;
}

package a:b@1.0.0 {
  interface i {
    record pair {
      left: u8,
      right: list<u8, 4>,
    }
  }
}
`
    expectLaw(worldOf(text, 'root'), 'world types')
    const printed = printWorld(worldOf(text, 'root'))
    for (const line of ['    put: func(what: couple);', '  use a:b/i@1.0.0.{pair as couple};', '      %type: f32,'])
      expect(printed).toContain(line)
    expect(printed).not.toContain('[method]')
  })

  it('keeps types of one package in two versions apart', () => {
    const text = `package root:component;
world root { import a:b/user@0.2.1; import a:b/i@0.2.0; export a:b/i@0.2.1; }
package a:b@0.2.0 { interface i { resource r; } interface user { use i.{r}; f: func(x: r); } }
package a:b@0.2.1 { interface i { resource r; g: func() -> r; } interface user { use a:b/i@0.2.0.{r}; f: func(x: r); } }`
    expectLaw(worldOf(text, 'root'), 'two versions')
  })
})

describe('printPackage', () => {
  it('prints a package that was built into a binary, nested in a text that reads back', async () => {
    const bytes = await componentOfWat(`(component
      (type (component
        (type (instance
          (export "item" (type $item (sub resource)))
          (export "[method]item.name" (func (param "self" (borrow $item)) (result string)))
          (type $info (record (field "size" u8)))
          (export "info" (type (eq $info)))))
        (export "my:pkg/things@1.0.0" (instance (type 0)))))
      (export "things" (type 0))
      (type (component
        (type (component
          (type (instance
            (export "item" (type (sub resource)))))
          (import "my:pkg/things@1.0.0" (instance $things (type 0)))
          (alias export $things "item" (type $alias))
          (import "item" (type $item (eq $alias)))
          (export "take" (func (param "what" (own $item))))))
        (export "my:pkg/taker@1.0.0" (component (type 0)))))
      (export "taker" (type 2)))`)
    const { declarations, witPackage } = decode(bytes)
    expect(witPackage).toBe(true)
    const text = printPackage(declarations)
    expect(text).toBe(`package my:pkg@1.0.0 {
  interface things {
    resource item {
      name: func() -> string;
    }
    record info {
      size: u8,
    }
  }

  world taker {
    import things;
    use things.{item};
    export take: func(what: item);
  }
}
`)
    const packages = new WitPackages()
    packages.addFolder([{ path: 'printed.wit', text }])
    expectLaw(resolveWorld(packages, findWorld(packages, 'my:pkg/taker@1.0.0')), 'taker')
  })
})

describe('several packages in one text', () => {
  it('are told apart, use each other, and need no package around them', () => {
    const text = `package a:one@1.0.0 { interface i { type t = u8; } }
package a:one@2.0.0 { interface i { type t = u16; } }
package b:two { use a:one/i@2.0.0 as second; interface j { use second.{t}; use a:one/i@1.0.0.{t as s}; f: func(x: t) -> s; } world w { import j; } }`
    const type = worldOf(text)
    expect([...type.imports.keys()]).toEqual(['a:one/i@2.0.0', 'a:one/i@1.0.0', 'b:two/j'])
    expectLaw(type, 'nested packages')
    const own = `package c:main;\n${text}\ninterface k { use a:one/i@1.0.0.{t}; }\nworld v { export k; }`
    expectLaw(worldOf(own, 'v'), 'beside a package of its own')
  })
})
