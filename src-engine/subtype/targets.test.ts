import { describe, expect, it } from 'vitest'
import type { ComponentType } from '../types/graph.ts'
import { WitPackages } from '../wit/packages.ts'
import { findWorld, resolveWorld } from '../wit/resolve.ts'
import { checkTarget, fitWorld, type TargetOptions } from './targets.ts'

function worldOf(text: string, name: string): ComponentType {
  const packages = new WitPackages()
  packages.addFolder([{ path: 'world.wit', text: `package t:p@0.2.5; ${text}` }])
  return resolveWorld(packages, findWorld(packages, name))
}

const text = `
  interface log { log: func(s: string); }
  interface other-log { log: func(s: u32); }
  interface clock { now: func() -> u64; }
  interface api { go: func(); }
  world wanted { import log; import clock; export api; export stop: func(); }
  world made { import log; import api; export api; export stop: func(now: bool); export more: func(); }`

describe('how a component and a world agree', () => {
  it('says of every item whether it fits, differs, is missing or spare', () => {
    const items = fitWorld(worldOf(text, 'made'), worldOf(text, 'wanted'))
    expect(items.map(({ side, name, state }) => `${side} ${name} ${state}`)).toEqual([
      'import t:p/log@0.2.5 fits',
      'import t:p/api@0.2.5 missing',
      'import t:p/clock@0.2.5 spare',
      'export t:p/api@0.2.5 fits',
      'export stop differs',
      'export more spare',
    ])
    expect(items.find(({ name }) => name === 'stop')?.difference).toMatchObject({ reason: 'parameter-count' })
  })
  it('matches compatible versions and tells both names', () => {
    const older = worldOf(text.replace(/$/, ''), 'wanted')
    const newer: ComponentType = {
      ...older,
      imports: new Map([...older.imports].map(([name, extern]) => [name.replace('0.2.5', '0.2.12'), extern])),
    }
    expect(fitWorld(older, newer)[0]).toMatchObject({
      name: 't:p/log@0.2.5',
      worldName: 't:p/log@0.2.12',
      state: 'fits',
    })
    expect(fitWorld(older, newer, { versions: 'exact' })[0]).toMatchObject({ state: 'missing' })
  })
  it('says why another version will not do', () => {
    const older = worldOf(text, 'made')
    const at = (version: string, type: ComponentType): ComponentType => {
      const rename = (externs: ComponentType['imports']) =>
        new Map([...externs].map(([name, extern]) => [name.replace('0.2.5', version), extern]))
      return { ...type, imports: rename(type.imports), exports: rename(type.exports) }
    }
    const hints = (world: ComponentType, options: TargetOptions = {}) =>
      checkTarget(older, world, options).flatMap(({ side, name, hint }) => (hint ? [`${side} ${name}: ${hint}`] : []))
    expect(hints(at('0.3.0', older))).toEqual([
      'import t:p/log@0.2.5: The world offers t:p/log@0.3.0: these versions promise no compatibility. Build both against one version.',
      'import t:p/api@0.2.5: The world offers t:p/api@0.3.0: these versions promise no compatibility. Build both against one version.',
      'export t:p/api@0.3.0: The component exports t:p/api@0.2.5: these versions promise no compatibility. Build both against one version.',
    ])
    expect(hints(at('0.2.6', older))).toEqual([])
    expect(hints(at('0.2.6', older), { versions: 'exact' })[0]).toBe(
      'import t:p/log@0.2.5: The world offers t:p/log@0.2.6, which would do if versions need not be equal.',
    )
    const other = worldOf(
      text.replace('interface log { log: func(s: string); }', 'interface log { log: func(); }'),
      'made',
    )
    expect(hints(at('0.2.6', other))[0]).toBe(
      'import t:p/log@0.2.5: 0.2.6 is given where 0.2.5 is asked for, and the two are not alike here: build both against one version.',
    )
  })
  it('fails exactly where something is missing or differs', () => {
    const [made, wanted] = [worldOf(text, 'made'), worldOf(text, 'wanted')]
    const bad = fitWorld(made, wanted).filter(({ state }) => state === 'missing' || state === 'differs')
    expect(checkTarget(made, wanted).map(({ name }) => name)).toEqual(bad.map(({ name }) => name))
    expect(checkTarget(wanted, wanted)).toEqual([])
  })
})
