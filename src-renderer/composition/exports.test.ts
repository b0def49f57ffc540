import { describe, expect, it } from 'vitest'
import { type CompositionGraph, emptyGraph } from '../../src-engine/compose/graph.ts'
import { chosenExports, exportChoices, nameProblem, pathKey, withExports } from './exports.ts'
import { worldOfTexts } from './target.ts'

const text = `package t:p@1.0.0;
  interface api { resource r { m: func(); } record rec { a: u8 } go: func(); stop: func() -> rec; }
  world w { export api; export run: func(); }`
const type = worldOfTexts({ folders: [[{ path: 'a.wit', text }]], main: 0 }, 'w')
const api = 't:p/api@1.0.0'
const source = (...path: string[]) => ({ source: { kind: 'instance' as const, instance: 'a', path } })
const graph: CompositionGraph = {
  ...emptyGraph,
  packages: { p: { name: 'local:p', hash: '0' } },
  instances: { a: { package: 'p' }, b: { package: 'p' } },
  exports: {
    [api]: source(api),
    again: source(api),
    'go-now': source(api, 'go'),
    theirs: { source: { kind: 'instance', instance: 'b', path: ['run'] } },
  },
}

describe('what an instance can export', () => {
  const root = exportChoices(type, 'a')
  it('is the whole, each export, and each function inside that makes sense alone', () => {
    expect(root.path).toEqual([])
    expect(root.inside.map(({ name, inside }) => [name, inside.map((one) => one.label)])).toEqual([
      [api, ['go', 'stop']],
      ['run', []],
    ])
  })
  it('is read off the graph and put back the same', () => {
    const chosen = chosenExports(graph, 'a')
    expect([...chosen]).toEqual([
      [pathKey([api]), 'again'],
      [pathKey([api, 'go']), 'go-now'],
    ])
    expect(withExports(graph, 'a', chosen)).toEqual(graph)
  })
  it('is renamed, added and taken away in one edit; others keep theirs', () => {
    const next = withExports(
      graph,
      'a',
      new Map([
        [pathKey([api, 'go']), 'go-later'],
        [pathKey([]), 'everything'],
      ]),
    )
    expect(Object.keys(next.exports).sort()).toEqual(['everything', 'go-later', 'theirs'])
    expect(next.exports['everything']).toEqual(source())
    // Two names that change places.
    const swapped = withExports(
      { ...graph, exports: { one: source('run'), two: source(api) } },
      'a',
      new Map([
        [pathKey(['run']), 'two'],
        [pathKey([api]), 'one'],
      ]),
    )
    expect(swapped.exports).toEqual({ two: source('run'), one: source(api) })
  })
  it.each([
    ['', 'It needs a name.'],
    ['Not A Name', 'cannot be the name of an export'],
    ['t:p/other@1.0.0', 'has the name of an interface'],
    ['theirs', 'from b already'],
    ['fine-name', undefined],
  ])('says of the name "%s" what is wrong while it is typed', (name, said) => {
    const choice = root.inside[1]
    if (!choice) throw new Error('there is no run')
    const problem = nameProblem(graph, 'a', new Map([[pathKey(choice.path), name]]), choice)
    if (said === undefined) expect(problem).toBeUndefined()
    else expect(problem).toContain(said)
  })
  it('refuses one name twice', () => {
    const [first, second] = root.inside
    if (!first || !second) throw new Error('there are two')
    const chosen = new Map([
      [pathKey(first.path), 'x'],
      [pathKey(second.path), 'x'],
    ])
    expect(nameProblem(graph, 'a', chosen, second)).toContain('exported as x already')
  })
})
