import { describe, expect, it } from 'vitest'
import type { Plan } from '../../src-engine/compose/plan.ts'
import { type Extern, type FunctionType, freshResource } from '../../src-engine/types/graph.ts'
import { importState } from './import-state.ts'
import { compareItems, groupPorts, portOf } from './interfaces.ts'
import { listOf, purposeOf } from './purpose.ts'

const log: FunctionType = {
  kind: 'function',
  async: false,
  parameters: [{ name: 'message', type: { kind: 'string' } }],
}
const face = (items: Record<string, Extern>): Extern => ({
  kind: 'instance',
  type: { kind: 'instance', exports: new Map(Object.entries(items)) },
})
const functionItem = (type: FunctionType): Extern => ({ kind: 'function', type })

describe('ports', () => {
  const externs = new Map<string, Extern>([
    ['wasi:http/types@0.2.6', face({ fields: { kind: 'type', type: freshResource('fields'), bound: 'resource' } })],
    ['wasi:http/incoming-handler@0.2.0', face({ handle: functionItem(log) })],
    ['my:app/log', face({ log: functionItem(log) })],
    ['run', functionItem(log)],
    ['wasi:http/outgoing-handler@0.2.6', face({})],
  ])
  it('are grouped by package and version, the host last', () => {
    expect(
      groupPorts(externs).map(({ package: name, version, ports }) => [name, version, ports.map((port) => port.label)]),
    ).toEqual([
      ['', undefined, ['run']],
      ['my:app', undefined, ['log']],
      ['wasi:http', '0.2.0', ['incoming-handler']],
      ['wasi:http', '0.2.6', ['outgoing-handler', 'types']],
    ])
  })
  it('show functions and types as WIT', () => {
    expect(groupPorts(externs)[1]?.ports[0]).toMatchObject({
      functions: ['log: func(message: string)'],
      types: [],
      host: false,
    })
    expect(groupPorts(externs)[3]?.ports[1]).toMatchObject({ functions: [], types: ['fields: resource'], host: true })
    expect(portOf('run', functionItem(log))).toMatchObject({
      functions: ['run: func(message: string)'],
      kind: 'function',
    })
  })
  it('are compared item by item, what matters first', () => {
    const other: FunctionType = { ...log, parameters: [{ name: 'message', type: { kind: 'u32' } }] }
    const asked = face({ a: functionItem(log), b: functionItem(log), c: functionItem(log) })
    const given = face({ a: functionItem(log), b: functionItem(other), d: functionItem(log) })
    expect(compareItems(asked, given)).toEqual([
      { name: 'b', asked: 'b: func(message: string)', given: 'b: func(message: u32)', verdict: 'different' },
      { name: 'c', asked: 'c: func(message: string)', verdict: 'missing' },
      { name: 'a', asked: 'a: func(message: string)', given: 'a: func(message: string)', verdict: 'same' },
      { name: 'd', given: 'd: func(message: string)', verdict: 'extra' },
    ])
    expect(compareItems(functionItem(log), functionItem(other))).toMatchObject([
      { verdict: 'different', asked: 'func(message: string)', given: 'func(message: u32)' },
    ])
  })
})

describe('the purpose of a file', () => {
  const summary = (
    imports: string[],
    exports: string[],
    runnable: Partial<{ http: '0.2' | '0.3'; command: boolean }> = {},
    kind: 'component' | 'module' = 'component',
  ) =>
    purposeOf({
      kind,
      world: {
        imports: imports.map((name) => ({ name, kind: 'interface' })),
        exports: exports.map((name) => ({ name, kind: 'interface' })),
      },
      runnable: { http: null, command: false, ...runnable },
    })
  it.each([
    [summary([], ['wasi:http/incoming-handler@0.2.0'], { http: '0.2' }), 'handler', 'HTTP handler · WASI 0.2'],
    [
      summary(['wasi:http/incoming-handler@0.2.0'], ['wasi:http/incoming-handler@0.2.0'], { http: '0.2' }),
      'middleware',
      'HTTP middleware · WASI 0.2',
    ],
    [
      summary(['wasi:http/outgoing-handler@0.2.0'], ['wasi:http/incoming-handler@0.2.0'], { http: '0.2' }),
      'handler',
      'HTTP handler · WASI 0.2',
    ],
    [summary([], ['wasi:cli/run@0.2.0'], { command: true }), 'command', 'Command'],
    [summary([], ['mik:core/handler@0.1.0']), 'needs-bridge', 'Handler without HTTP'],
    [summary(['mik:core/handler@0.1.0'], ['mik:core/handler@0.1.0']), 'needs-bridge', 'Middleware without HTTP'],
    [
      summary(['mik:core/handler@0.1.0'], ['wasi:http/incoming-handler@0.2.12'], { http: '0.2' }),
      'bridge',
      'Bridge to HTTP · WASI 0.2',
    ],
    [summary([], ['docs:adder/add@0.1.0']), 'library', 'Library'],
    [summary([], []), 'inert', 'Component'],
    [summary([], [], {}, 'module'), 'module', 'Core module'],
  ])('%# is said', (purpose, kind, label) => {
    expect(purpose).toMatchObject({ kind, label })
  })
  it('lists names', () => {
    expect([[], ['a'], ['a', 'b'], ['a', 'b', 'c'], ['a', 'b', 'c', 'd', 'e']].map((names) => listOf(names))).toEqual([
      'nothing',
      'a',
      'a and b',
      'a, b and c',
      'a, b and 3 more',
    ])
  })
})

describe('the state of an import', () => {
  const plan: Plan = {
    order: ['hello', 'front'],
    types: [],
    instances: new Map([
      [
        'front',
        {
          id: 'front',
          package: 'front',
          hash: '',
          exports: { kind: 'instance', exports: new Map() },
          types: new Map(),
          arguments: [
            {
              name: 'wasi:http/incoming-handler@0.2.0',
              source: { kind: 'instance', instance: 'hello', path: ['wasi:http/incoming-handler@0.2.0'] },
              wired: true,
            },
            {
              name: 'wasi:io/streams@0.2.0',
              source: { kind: 'import', import: 'wasi:io/streams@0.2.6', path: [] },
              wired: false,
            },
            { name: 'my:app/log', source: { kind: 'import', import: 'my:app/log', path: [] }, wired: false },
          ],
        },
      ],
    ]),
    imports: [
      { name: 'wasi:io/streams@0.2.6', extern: face({}), wantedBy: [], host: true, explicit: false },
      { name: 'my:app/log', extern: face({}), wantedBy: [], host: false, explicit: false },
    ],
    exports: [],
    companions: [],
    warnings: [],
    features: [],
    packages: [],
    owners: new Map(),
    problems: [{ code: 'graph.refused', message: 'does not fit', instance: 'front', import: 'bad' }],
  }
  it('comes from the plan', () => {
    expect(importState(plan, 'front', 'wasi:http/incoming-handler@0.2.0')).toEqual({
      kind: 'wired',
      by: 'hello · incoming-handler',
      instance: 'hello',
    })
    expect(importState(plan, 'front', 'wasi:io/streams@0.2.0')).toEqual({ kind: 'host', as: 'wasi:io/streams@0.2.6' })
    expect(importState(plan, 'front', 'my:app/log')).toEqual({ kind: 'open', as: undefined })
    expect(importState(plan, 'front', 'bad')).toMatchObject({ kind: 'refused' })
    expect(importState(plan, 'front', 'else')).toEqual({ kind: 'unknown' })
    expect(importState(undefined, 'front', 'bad')).toEqual({ kind: 'unknown' })
  })
})
