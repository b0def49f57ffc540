import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { argumentKey, type CompositionGraph, type GraphArgument } from '../compose/graph.ts'
import { problemOf } from '../error.ts'
import type { ComponentType, Extern } from '../types/graph.ts'
import { printImportType } from './import-type.ts'
import { parseWac } from './parse.ts'
import { printWac } from './print.ts'
import { resolveWac, type WacResolver } from './resolve.ts'

const run: Extern = { kind: 'function', type: { kind: 'function', async: false, parameters: [] } }
const face: Extern = { kind: 'instance', type: { kind: 'instance', exports: new Map([['run', run]]) } }
const component = (imports: string[], exports: string[]): ComponentType => ({
  kind: 'component',
  imports: new Map(imports.map((name) => [name, face])),
  exports: new Map(exports.map((name) => [name, face])),
})

const library: Record<string, ComponentType> = {
  'docs:adder': component([], ['docs:adder/add@0.1.0']),
  'docs:calculator': component(
    ['docs:adder/add@0.1.0', 'wasi:io/poll@0.2.0'],
    ['docs:calculator/calculate@0.1.0', 'add'],
  ),
  'local:middle': component(['wasi:http/handler@0.2.0'], ['wasi:http/handler@0.2.0']),
  'local:two': component(['a:one/same', 'a:two/same'], ['a:one/same', 'a:two/same']),
}
const hashOf = (name: string) => Object.keys(library).indexOf(name).toString(16).padStart(64, '0')
const resolver: WacResolver = {
  packageOf: (name) => (library[name] ? { hash: hashOf(name), type: library[name] } : undefined),
  searched: (name) => [`deps/${name.replace(':', '/')}.wasm`],
}
const typeOf = (hash: string) => library[Object.keys(library)[parseInt(hash, 16)] ?? '']
const graphOf = (text: string) => resolveWac(parseWac(`package a:b;\n${text}`), resolver).graph
const errorOf = (text: string) => {
  try {
    graphOf(text)
  } catch (thrown) {
    const { code, message, where } = problemOf(thrown)
    return `${where?.line}:${where?.column} ${code} ${message}`
  }
  return 'no error'
}

describe('resolveWac', () => {
  it('wires named, short, shorthand, spread and nested arguments alike', () => {
    const wired = {
      [argumentKey('calc', 'docs:adder/add@0.1.0')]: {
        instance: 'calc',
        name: 'docs:adder/add@0.1.0',
        source: { kind: 'instance', instance: 'adder', path: ['docs:adder/add@0.1.0'] },
      },
    }
    for (const [head, argument] of [
      ['let adder = new docs:adder {};', '"docs:adder/add@0.1.0": adder.add'],
      ['let adder = new docs:adder {};', 'add: adder["docs:adder/add@0.1.0"]'],
      ['let adder = new docs:adder {}; let add = adder.add;', 'add'],
      ['let adder = new docs:adder {};', '...adder'],
      ['', 'add: (new docs:adder {}).add'],
    ]) {
      expect(graphOf(`${head}\nlet calc = new docs:calculator { ${argument}, ... };`).arguments, argument).toEqual(
        wired,
      )
    }
  })

  it('gives an import the type of one above it', () => {
    const { imports, exports } = graphOf(`
      import i: interface { f: func(); };
      import j: i;
      import k: func(a: u8);
      import l: k;
      export j;
    `)
    expect(Object.keys(imports)).toEqual(['i', 'j', 'k', 'l'])
    expect(imports['j']?.declared?.wit).toBe(imports['i']?.declared?.wit.replaceAll('import i:', 'import j:'))
    expect(imports['l']?.declared?.wit).toBe(imports['k']?.declared?.wit.replaceAll('import k:', 'import l:'))
    expect(exports).toEqual({ j: { source: { kind: 'import', import: 'j', path: [] } } })
    expect(errorOf('import j: i;\nimport i: func();')).toContain('2:11')
  })

  it('types imports by who takes them and exports by name, rename and spread', () => {
    const graph = graphOf(`
      import add: docs:adder/add@0.1.0;
      let calc = new docs:calculator { add, ... };
      export calc.calculate;
      export calc.add as sum;
      export calc...;
    `)
    expect(graph.imports).toEqual({
      'docs:adder/add@0.1.0': { typeOf: { instance: 'calc', name: 'docs:adder/add@0.1.0' } },
    })
    expect(Object.keys(graph.exports)).toEqual(['docs:calculator/calculate@0.1.0', 'sum', 'add'])
  })

  it('refuses what has no meaning, with place and next step', () => {
    const table: Record<string, string> = {
      'let x = new a:none {};': '2:13 wac.unknown-package no component `a:none` was found',
      'let x = y;': '2:9 wac.unknown-name nothing is called `y` here',
      'let x = new docs:adder {};\nlet x = new docs:adder {};': '3:5 wac.duplicate-name `x` is already defined',
      'let x = new docs:calculator {};':
        '2:9 wac.missing-argument `docs:calculator` also imports `docs:adder/add@0.1.0`, `wasi:io/poll@0.2.0`',
      'let x = new docs:calculator { sub: x, ... };': '2:31 wac.unknown-import there is no import `sub`',
      'let x = new docs:adder {};\nlet y = x.nothing;': '3:9 wac.unknown-export there is no export `nothing`',
      'let x = new local:two { same: (new local:two { ... }).same, ... };':
        '2:25 wac.ambiguous-name `same` could be `a:one/same` or `a:two/same`',
      'let x = new docs:adder {};\nexport x;': '3:1 wac.unnamed-export an instance as a whole has no name of its own',
      'let x = new docs:adder {};\nexport x.add;\nexport x.add;':
        '4:1 wac.duplicate-export `docs:adder/add@0.1.0` is already exported',
      'let x = new docs:adder {};\nlet y = new docs:calculator { add: x.add, "docs:adder/add@0.1.0": x.add, ... };':
        '3:43 wac.duplicate-argument the import `docs:adder/add@0.1.0` is given twice',
      'let x = new docs:adder {};\nlet y = new local:middle { ...x, ... };':
        '3:28 wac.empty-spread no export of `x` is an open import of `local:middle`',
      'import log: a:none/log;': '2:13 wac.unknown-package no WIT package `a:none` was found',
      'import log: func();\nlet x = log.y;':
        '3:9 wac.no-instance `y` cannot be taken from this: only an instance has exports',
    }
    expect(Object.fromEntries(Object.keys(table).map((text) => [text, errorOf(text)]))).toEqual(table)
  })

  it('says where it looked for a package', () => {
    try {
      graphOf('let x = new a:none {};')
      expect.unreachable()
    } catch (thrown) {
      expect(problemOf(thrown).hint).toContain('deps/a/none.wasm')
    }
  })
})

describe('printWac', () => {
  /** Random acyclic graphs: an instance only takes from instances before it. */
  const graphs = fc
    .array(fc.record({ name: fc.constantFrom(...Object.keys(library)), wires: fc.array(fc.nat(), { maxLength: 2 }) }), {
      minLength: 1,
      maxLength: 8,
    })
    .map((nodes): CompositionGraph => {
      const packages = Object.fromEntries(nodes.map(({ name }) => [name, { name, hash: hashOf(name) }]))
      const instances = Object.fromEntries(nodes.map(({ name }, index) => [`n${index}`, { package: name }]))
      const wires: Record<string, GraphArgument> = {}
      nodes.forEach(({ name, wires: picks }, index) => {
        const names = [...(library[name]?.imports.keys() ?? [])]
        picks.forEach((pick, position) => {
          const importName = names[position]
          const from = index > 0 ? nodes[pick % index] : undefined
          const exported = from && [...(library[from.name]?.exports.keys() ?? [])][0]
          if (importName === undefined || exported === undefined) return
          wires[argumentKey(`n${index}`, importName)] = {
            instance: `n${index}`,
            name: importName,
            source: { kind: 'instance', instance: `n${pick % index}`, path: [exported] },
          }
        })
      })
      const last = nodes.at(-1)
      const exported = [...(library[last?.name ?? '']?.exports.keys() ?? [])][0] ?? ''
      return {
        name: 'a:b',
        packages,
        instances,
        arguments: wires,
        imports: {},
        exports: { out: { source: { kind: 'instance', instance: `n${nodes.length - 1}`, path: [exported] } } },
      }
    })

  it('graph → text → graph is the identity', () => {
    fc.assert(
      fc.property(graphs, (graph) => {
        const text = printWac(graph, typeOf, (name) => name)
        expect(resolveWac(parseWac(text), resolver).graph, text).toEqual(graph)
      }),
      { seed: 11, numRuns: 300 },
    )
  })

  it('prints what a script declares, and means the same again', () => {
    const text = `package a:b@1.0.0;
      interface face { record point { x: u32, y: id } type id = string; resource thing { constructor(at: point); } }
      interface user { use face.{point as place}; go: async func(at: place) -> stream<u8>; }
      world base { import face; import print: func(line: string); resource mine { get: func() -> u8; } }
      world here { include base with { print as say }; export user; export inline: interface { f: func(); } }
      type z = u32; type a = z; record pair { one: a, two: list<z> }
      variant v { none, some(pair) } flags bits { p, q } enum e { x, y }
      type call = func(of: pair) -> a; type again = call;
      export a as "renamed"; export here as "there";
      import tell: func(of: v); import p: face; import q: p;`
    const { graph } = resolveWac(parseWac(text), resolver)
    expect(
      Object.keys(graph.types ?? {})
        .sort()
        .join(' '),
    ).toBe('again base bits call e face pair renamed there user v z')
    const printed = printWac(graph, typeOf, printImportType)
    const read = resolveWac(parseWac(printed), resolver).graph
    expect(read, printed).toEqual(graph)
    expect(printWac(read, typeOf, printImportType)).toBe(printed)
  })

  it('reads like a script a person would write', () => {
    const graph = graphOf(
      'import add: docs:adder/add@0.1.0; let calc = new docs:calculator { add, ... }; export calc.calculate; export calc.add as sum;',
    )
    expect(printWac(graph, typeOf, (name) => name)).toBe(`package a:b;

import add: docs:adder/add@0.1.0;

let calc = new docs:calculator {
  "docs:adder/add@0.1.0": add,
  ...
};

export calc.calculate;
export calc.add as sum;
`)
  })

  it('refuses a circle', () => {
    const wire = (instance: string, from: string): GraphArgument => ({
      instance,
      name: 'wasi:http/handler@0.2.0',
      source: { kind: 'instance', instance: from, path: ['wasi:http/handler@0.2.0'] },
    })
    const graph: CompositionGraph = {
      packages: { m: { name: 'local:middle', hash: hashOf('local:middle') } },
      instances: { a: { package: 'm' }, b: { package: 'm' } },
      arguments: { one: wire('a', 'b'), two: wire('b', 'a') },
      imports: {},
      exports: {},
    }
    expect(() => printWac(graph, typeOf, (name) => name)).toThrow('the wiring goes in a circle: a → b → a')
  })
})
