import { describe, expect, it } from 'vitest'
import { compareVersions, matchNames, parseName, shortName, splitVersion, strongKey, trackOf } from './names.ts'

describe('names', () => {
  it.each([
    ['run', { kind: 'label', label: 'run' }],
    ['a-B1-2', { kind: 'label', label: 'a-B1-2' }],
    ['wasi:http/types@0.2.3', { kind: 'interface', package: 'wasi:http', interface: 'types', version: '0.2.3' }],
    ['a:b/c', { kind: 'interface', package: 'a:b', interface: 'c' }],
    ['a:b/c@1.0.0-rc.1+5', { kind: 'interface', package: 'a:b', interface: 'c', version: '1.0.0-rc.1+5' }],
    ['[constructor]r', { kind: 'constructor', resource: 'r', function: '' }],
    ['[method]r.m-n', { kind: 'method', resource: 'r', function: 'm-n' }],
    ['[static]r.m', { kind: 'static', resource: 'r', function: 'm' }],
    ['url=<https://example.com/a>', { kind: 'opaque', text: 'url=<https://example.com/a>' }],
    ['unlocked-dep=<a:b@{>=1.0.0}>', { kind: 'opaque', text: 'unlocked-dep=<a:b@{>=1.0.0}>' }],
  ] as const)('take %s apart', (name, expected) => {
    expect(parseName(name)).toEqual(expected)
  })

  it('are split from their version', () => {
    expect(splitVersion('wasi:http/types@0.2.3')).toEqual({ base: 'wasi:http/types', version: '0.2.3' })
    expect(splitVersion('run')).toEqual({ base: 'run' })
    expect(shortName('wasi:http/incoming-handler@0.2.0')).toBe('incoming-handler')
    expect(shortName('run')).toBe('run')
  })

  it.each([
    ['a:b/c@1.2.3', 'a:b/c@1'],
    ['a:b/c@12.0.0', 'a:b/c@12'],
    ['a:b/c@0.2.12', 'a:b/c@0.2'],
    ['a:b/c@1.2.3+build', 'a:b/c@1'],
    ['a:b/c@0.0.3', undefined],
    ['a:b/c@1.2.3-rc.1', undefined],
    ['a:b/c@1', 'a:b/c@1'],
    ['a:b/c@0.2', 'a:b/c@0.2'],
    ['a:b/c@0', undefined],
    ['a:b/c@0.0', undefined],
    ['a:b/c', undefined],
    ['run', undefined],
  ] as const)('have a track: %s', (name, track) => {
    expect(trackOf(name)).toBe(track)
  })

  it.each([
    ['a:b/c@0.2.0', 'a:b/c@0.2.0', 'exact'],
    ['run', 'run', 'exact'],
    ['a:b/c@1.0.0-rc.1', 'a:b/c@1.0.0-rc.1', 'exact'],
    ['a:b/c@0.2.12', 'a:b/c@0.2.0', 'newer'],
    ['a:b/c@0.2.9', 'a:b/c@0.2.12', 'older'],
    ['a:b/c@1.1.0', 'a:b/c@1.4.2', 'older'],
    ['a:b/c@0.2.0', 'a:b/c@0.3.0', 'no'],
    ['a:b/c@1.0.0', 'a:b/c@2.0.0', 'no'],
    ['a:b/c@0.0.1', 'a:b/c@0.0.2', 'no'],
    ['a:b/c@0.3.0-rc-1', 'a:b/c@0.3.0', 'no'],
    ['a:b/c', 'a:b/c@1.0.0', 'no'],
    ['a:b/c@1.0.0', 'a:b/d@1.0.0', 'no'],
    ['a:b/c@1', 'a:b/c@1.2.3', 'older'],
    ['a:b/c@0.2.3', 'a:b/c@0.2', 'newer'],
    ['a:b/c@1', 'a:b/c@2.0.0', 'no'],
    ['run', 'stop', 'no'],
  ] as const)('match or not: %s for %s', (supply, demand, expected) => {
    expect(matchNames(supply, demand)).toBe(expected)
  })

  it('order versions as semantic versioning does', () => {
    // The order given in semver.org, item 11.
    const ordered = [
      '0.9.9',
      '1.0.0-alpha',
      '1.0.0-alpha.1',
      '1.0.0-alpha.beta',
      '1.0.0-beta',
      '1.0.0-beta.2',
      '1.0.0-beta.11',
      '1.0.0-rc.1',
      '1.0.0',
      '1.0.9',
      '1.0.10',
      '2.0.0',
    ]
    const shuffled = [...ordered.slice(6), ...ordered.slice(0, 6)].reverse()
    expect(shuffled.sort(compareVersions)).toEqual(ordered)
    expect(compareVersions('1.0.0+a', '1.0.0+b')).toBe(0)
    expect(compareVersions('nonsense', '0.0.1')).toBeLessThan(0)
    expect(compareVersions(undefined, undefined)).toBe(0)
  })

  it.each([
    ['Run', 'run', true],
    ['[method]a.b', '[static]a.b', true],
    ['[method]a.a', 'a', true],
    ['[constructor]a', 'a', false],
    ['[method]a.b', 'a', false],
    ['a:b/c@1.0.0', 'a:b/c@1.0.1', false],
  ] as const)('collide or not: %s and %s', (left, right, collide) => {
    expect(strongKey(left) === strongKey(right)).toBe(collide)
  })
})
