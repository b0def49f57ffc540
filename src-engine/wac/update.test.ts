import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  addExport,
  addImport,
  addInstance,
  connect,
  disconnect,
  removeImport,
  removeInstance,
  renameImport,
  renameInstance,
} from '../compose/edit.ts'
import type { CompositionGraph } from '../compose/graph.ts'
import type { ComponentType, Extern } from '../types/graph.ts'
import { WitPackages } from '../wit/packages.ts'
import { parseWac } from './parse.ts'
import { resolveWac, type WacResolver } from './resolve.ts'
import { sameMeaning } from './same-meaning.ts'
import { updateWac } from './update.ts'

const run: Extern = { kind: 'function', type: { kind: 'function', async: false, parameters: [] } }
const face: Extern = { kind: 'instance', type: { kind: 'instance', exports: new Map([['run', run]]) } }
const component = (imports: string[], exports: string[]): ComponentType => ({
  kind: 'component',
  imports: new Map(imports.map((name) => [name, face])),
  exports: new Map(exports.map((name) => [name, face])),
})
const library: Record<string, ComponentType> = {
  'docs:adder': component([], ['docs:adder/add@0.1.0']),
  'docs:calc': component(['docs:adder/add@0.1.0', 'wasi:io/poll@0.2.0'], ['docs:calc/run@0.1.0', 'more']),
  'local:middle': component(['wasi:http/handler@0.2.0'], ['wasi:http/handler@0.2.0']),
}
const hashOf = (name: string) => Object.keys(library).indexOf(name).toString(16).padStart(64, '0')
const typeOf = (hash: string) => library[Object.keys(library)[parseInt(hash, 16)] ?? '']
const resolver: WacResolver = {
  packageOf: (name) => (library[name] ? { hash: hashOf(name), type: library[name] } : undefined),
  searched: () => [],
}
const graphOf = (text: string, previous?: CompositionGraph) =>
  resolveWac(parseWac(text), resolver, previous ? { previous } : {}).graph

const script = `// What this is for.
package local:c; // the whole

/* The sum
   of it all. */
let adder = new docs:adder {}; // plain

// Computes.
let calc = new docs:calc {
  // one way to add
  add: adder.add,
  ... // the rest
};

export calc...; // everything
`

/** The script after an edit of its graph. */
function edited(text: string, edit: (graph: CompositionGraph) => CompositionGraph): string {
  const graph = edit(graphOf(text))
  const updated = updateWac(text, graph, { typeOf })
  expect(sameMeaning(graphOf(updated, graph), graph), updated).toBe(true)
  return updated
}

const from = (instance: string, name: string) => ({ kind: 'instance', instance, path: [name] }) as const

describe('updateWac', () => {
  it('leaves a text alone that says it already', () => {
    expect(edited(script, (graph) => graph)).toBe(script)
    const other = { ...graphOf(script), name: 'local:elsewhere' }
    expect(updateWac(script, other, { typeOf })).toBe(script)
  })

  it('adds an instance and a wire, and keeps every comment', () => {
    const updated = edited(script, (graph) => {
      const { graph: more } = addInstance(graph, 'docs:adder', 'second')
      return connect(more, 'calc', 'docs:adder/add@0.1.0', from('second', 'docs:adder/add@0.1.0'))
    })
    expect(updated).toBe(
      script
        .replace('  add: adder.add,', '  "docs:adder/add@0.1.0": second.add,')
        .replace('\n\n// Computes.', '\nlet second = new docs:adder {};\n\n// Computes.'),
    )
  })

  it('takes an instance away with its wires and its own comments', () => {
    const updated = edited(script, (graph) => removeInstance(graph, 'adder'))
    expect(updated).toBe(`// What this is for.
package local:c; // the whole

// Computes.
let calc = new docs:calc {
  // one way to add
  ... // the rest
};

export calc...; // everything
`)
  })

  it('follows a new name through the text', () => {
    const updated = edited(script, (graph) => renameInstance(graph, 'adder', 'plus'))
    expect(updated).toBe(script.replace('let adder', 'let plus').replace('adder.add', 'plus.add'))
  })

  it('says one by one what a spread no longer says', () => {
    const updated = edited(script, (graph) => {
      const { more: _, ...exports } = graph.exports
      return { ...graph, exports }
    })
    expect(updated).toBe(script.replace('export calc...;', 'export calc.run;'))
    const added = edited(script, (graph) => addExport(graph, 'sum', from('adder', 'docs:adder/add@0.1.0')))
    expect(added).toBe(script.trimEnd() + '\nexport adder.add as sum;\n')
  })

  it('fills and empties lists in the manner they are written in', () => {
    const short = 'package a:b;\nlet a = new local:middle { ... };\nlet b = new local:middle { handler: a.handler };\n'
    expect(edited(short, (graph) => disconnect(graph, 'b', 'wasi:http/handler@0.2.0'))).toBe(
      'package a:b;\nlet a = new local:middle { ... };\nlet b = new local:middle { ... };\n',
    )
    const nested = 'package a:b;\nexport new docs:calc { add: (new docs:adder {}).add, ... } as all; // both\n'
    expect(edited(nested, (graph) => graph)).toBe(nested)
    const shared = edited(nested, (graph) => addExport(graph, 'also', from('adder', 'docs:adder/add@0.1.0')))
    expect(shared).toContain('// both')
    expect(shared).toContain('let adder = new docs:adder {};')
  })

  it('moves a statement above those that need it now', () => {
    const text =
      'package a:b;\n// first\nlet a = new local:middle { ... };\n// second\nlet b = new local:middle { ... };\nexport a...;\n'
    expect(
      edited(text, (graph) => connect(graph, 'a', 'wasi:http/handler@0.2.0', from('b', 'wasi:http/handler@0.2.0'))),
    ).toBe(
      'package a:b;\n// second\nlet b = new local:middle { ... };\n// first\nlet a = new local:middle {  "wasi:http/handler@0.2.0": b.handler, ... };\nexport a...;\n'.replace(
        '{  "',
        '{ "',
      ),
    )
  })

  it('carries imports over that were made, renamed and removed on the canvas, comments kept', () => {
    const wit = new WitPackages()
    wit.addFolder([{ path: 'poll.wit', text: 'package wasi:io@0.2.0; interface poll { run: func(); }' }])
    const poll = 'wasi:io/poll@0.2.0'
    const made = (graph: CompositionGraph, name: string): CompositionGraph =>
      connect(addImport(graph, name, { instance: 'calc', name: poll }), 'calc', poll, {
        kind: 'import',
        import: name,
        path: [],
      })
    for (const context of [{ typeOf }, { typeOf, wit }]) {
      const graph = made(graphOf(script), poll)
      const text = updateWac(script, graph, context)
      expect(text).toBe(
        script
          .replace('/* The sum', 'import poll: wasi:io/poll@0.2.0;\n\n/* The sum')
          .replace('  ... // the rest', '  "wasi:io/poll@0.2.0": poll,\n  ... // the rest'),
      )
      const commented = text.replace('import poll', '// What time gives.\nimport poll')
      expect(updateWac(commented, graph, context)).toBe(commented)
      const outer = renameImport(graph, poll, 'outer')
      const renamed = updateWac(commented, outer, context)
      expect(renamed).toBe(commented.replace('import poll:', 'import poll as "outer":'))
      expect(updateWac(renamed, renameImport(outer, 'outer', 'other'), context)).toBe(renamed.replace('outer', 'other'))
      expect(updateWac(renamed, graph, context)).toBe(commented)
      expect(updateWac(commented, removeImport(graph, poll), context)).toBe(script)
      // One gone and another come is no new name.
      const other = addImport(removeImport(graph, poll), 'add', { instance: 'calc', name: 'docs:adder/add@0.1.0' })
      expect(updateWac(commented, other, context)).toBe(
        script.replace('// Computes.', 'import add as "add": docs:adder/add@0.1.0;\n\n// Computes.'),
      )
    }
  })

  it('prints anew what cannot be kept, below the first comments', () => {
    const graph = graphOf(script)
    expect(updateWac('// mine\npackage a:b;\nlet = ;', graph, { typeOf })).toMatch(
      /^\/\/ mine\npackage local:c;\n\nlet adder/,
    )
    expect(sameMeaning(graphOf(updateWac('', graph, { typeOf })), graph)).toBe(true)
  })

  it('always says the graph, after any row of edits', () => {
    const wire = fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.constantFrom('a', 'b', 'c', 'd'))
    fc.assert(
      fc.property(fc.array(wire, { maxLength: 8 }), fc.array(fc.boolean(), { maxLength: 8 }), (wires, cuts) => {
        let text = `package a:b; // head
// on top
let a = new local:middle { ... };

// two of them
let b = new local:middle { handler: a.handler }; let c = new local:middle { ...b };
let x = c.handler; // alias
export x;`
        let graph = graphOf(text)
        graph = addInstance(graph, 'local:middle', 'd').graph
        const names = ['a', 'b', 'c', 'd']
        wires.forEach(([to, by], index) => {
          // Towards the front only: no circles.
          if (names.indexOf(to) > names.indexOf(by))
            graph = connect(graph, to, 'wasi:http/handler@0.2.0', from(by, 'wasi:http/handler@0.2.0'))
          else if (cuts[index] === true) graph = disconnect(graph, to, 'wasi:http/handler@0.2.0')
          text = updateWac(text, graph, { typeOf })
          expect(sameMeaning(graphOf(text, graph), graph), text).toBe(true)
          for (const comment of ['// head', '// on top', '// two of them', '// alias']) expect(text).toContain(comment)
        })
      }),
      { seed: 7, numRuns: 150 },
    )
  })

  it('takes declared types out, puts them in, and changes them where they stand', () => {
    const text =
      '// Head.\npackage local:c;\n\n// A count.\ntype count = u32;\nrecord pair { one: count }\nlet adder = new docs:adder {};\nexport count as "total";\nexport adder...;\n'
    const graph = graphOf(text)
    const { types: _, ...bare } = graph
    const without = updateWac(text, bare, { typeOf })
    expect(without).toBe('// Head.\npackage local:c;\nlet adder = new docs:adder {};\nexport adder...;\n')
    const again = updateWac(without, graph, { typeOf })
    expect(sameMeaning(graphOf(again), graph), again).toBe(true)
    expect(again).toContain('// Head.')
    const other = graphOf(text.replace('one: count', 'two: count'))
    expect(updateWac(text, other, { typeOf })).toBe(
      text.replace('record pair { one: count }', 'record pair {\n  two: count,\n}'),
    )
  })
})
