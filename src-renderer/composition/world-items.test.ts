import { describe, expect, it } from 'vitest'
import { emptyGraph } from '../../src-engine/compose/graph.ts'
import type { Plan, PlannedExport, PlannedImport } from '../../src-engine/compose/plan.ts'
import type { ComponentType } from '../../src-engine/types/graph.ts'
import { composedWorld, offersOf } from './world-items.ts'
import { worldOfTexts } from './target.ts'

function worldOf(text: string, world: string): ComponentType {
  return worldOfTexts({ folders: [[{ path: 'a.wit', text: `package t:p@1.0.0; ${text}` }]], main: 0 }, world)
}

const text = `
  interface log { log: func(s: string); }
  interface api { go: func(); }
  world made { import log; import wasi-like: func(); export api; export stop: func(now: bool); export more: func(); }
  world wanted { import log; import clock: func() -> u64; export api; export stop: func(); export start: func(); }`

function planOf(type: ComponentType): Plan {
  return {
    order: ['a'],
    instances: new Map(),
    imports: [...type.imports].map(([name, extern]): PlannedImport => ({
      name,
      extern,
      wantedBy: [{ instance: 'a', name }],
      host: false,
      explicit: false,
    })),
    exports: [...type.exports].map(([name, extern]): PlannedExport => ({
      name,
      extern,
      source: { kind: 'instance', instance: 'a', path: [name] },
      companion: name === 'more',
    })),
    types: [],
    companions: ['more'],
    problems: [{ code: 'graph.invalid-name', message: 'no such name', export: 'stop' }],
    warnings: [],
    features: [],
    packages: [],
    owners: new Map(),
  }
}

describe('the composed world', () => {
  const made = worldOf(text, 'made')
  it('lists imports and exports with who takes and gives them', () => {
    const world = composedWorld(planOf(made), emptyGraph, undefined)
    expect(world.failures).toBeUndefined()
    expect(world.imports.map(({ name, state, ports }) => [name, state, ports[0]?.side])).toEqual([
      ['t:p/log@1.0.0', 'open', 'in'],
      ['wasi-like', 'open', 'in'],
    ])
    expect(world.exports.map(({ name, companion, problem }) => [name, companion, problem])).toEqual([
      ['stop', false, 'no such name'],
      ['more', true, undefined],
      ['t:p/api@1.0.0', false, undefined],
    ])
  })
  it('takes compatible versions of the target world, or none but its own', () => {
    const wanted = worldOf(text, 'wanted')
    const newer = {
      ...wanted,
      imports: new Map([...wanted.imports].map(([name, extern]) => [name.replace('@1.0.0', '@1.2.0'), extern])),
    }
    const log = (versions: 'exact' | 'compatible') =>
      composedWorld(planOf(made), emptyGraph, newer, { versions }).imports.find(({ name }) => name === 't:p/log@1.0.0')
    expect(log('compatible')).toMatchObject({ state: 'fits', note: 'as t:p/log@1.2.0' })
    expect(log('exact')).toMatchObject({
      state: 'missing',
      hint: 'The world offers t:p/log@1.2.0, which would do if versions need not be equal.',
    })
  })
  it('says of every item how it stands to the target world, what is wrong first', () => {
    const world = composedWorld(planOf(made), emptyGraph, worldOf(text, 'wanted'))
    expect(world.failures).toBe(3)
    expect(world.imports.map(({ name, state, note }) => [name, state, note])).toEqual([
      ['wasi-like', 'missing', 'The world does not offer it.'],
      ['t:p/log@1.0.0', 'fits', undefined],
      ['clock', 'spare', 'Offered, not used.'],
    ])
    expect(world.exports.map(({ name, state }) => [name, state])).toEqual([
      ['start', 'missing'],
      ['stop', 'differs'],
      ['t:p/api@1.0.0', 'fits'],
      ['more', 'spare'],
    ])
    expect(world.exports[1]?.note).toContain('expected func(), found func(now: bool)')
  })
  it('keeps an export that could not be planned, with a reason', () => {
    const graph = {
      ...emptyGraph,
      exports: { lost: { source: { kind: 'instance' as const, instance: 'a', path: ['gone'] } } },
    }
    expect(composedWorld(planOf(made), graph, undefined).exports[0]).toMatchObject({
      name: 'lost',
      from: 'a · gone',
      problem: expect.stringContaining('cannot be exported'),
    })
  })
  it('knows who could give what is missing', () => {
    const graph = { ...emptyGraph, instances: { b: { package: 'p' }, a: { package: 'p' } } }
    expect(offersOf(graph, () => ['t:p/api@1.0.3', 'other'], 't:p/api@1.0.0')).toEqual([
      { instance: 'a', name: 't:p/api@1.0.3' },
      { instance: 'b', name: 't:p/api@1.0.3' },
    ])
  })
})

describe('the world of WIT texts', () => {
  it('is the only one of the package that was named, and refused in words when there are several or none', () => {
    expect(
      worldOfTexts({ folders: [[{ path: 'a.wit', text: 'package a:b; world w {}' }]], main: 0 }, undefined),
    ).toBeDefined()
    expect(() => worldOf(text, 'nothing')).toThrow('there is no world `nothing`')
    expect(() => worldOfTexts({ folders: [], main: -1 }, undefined)).toThrow('there is no world')
  })
})
