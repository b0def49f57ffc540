import { describe, expect, it } from 'vitest'
import { parseRule } from '../../../src-preload/run-words.ts'
import { Rules } from './rules.ts'

const rules = new Rules(
  Object.entries({
    'api.test/': 'api',
    'api.test/v2': 'next',
    '*.test': 'any',
    'api.test:8080/': 'port',
    '/docs/': 'docs',
    '/docs/api': 'reference',
    '[::1]/': 'six',
  }).map(([pattern, handler]) => parseRule(pattern, handler)),
)

describe('rules', () => {
  it('choose by host, the most exact first', () => {
    const host = (name: string, path = '/x'): string | undefined => rules.forHost(name, path)
    expect([host('api.test'), host('API.test.:80'), host('api.test', '/v2'), host('api.test', '/v2/a')]).toEqual([
      'api',
      'api',
      'next',
      'next',
    ])
    expect([host('api.test', '/v20'), host('a.b.test'), host('test'), host('api.test:8080')]).toEqual([
      'api',
      'any',
      undefined,
      'port',
    ])
    expect([host('[::1]:90'), host(''), host('api.test.evil'), rules.forHost(undefined, '/')]).toEqual([
      'six',
      undefined,
      undefined,
      undefined,
    ])
  })
  it('choose by path, in whole segments, the longest first', () => {
    expect(
      ['/docs', '/docs/', '/docs/api/x', '/docs/apix', '/document', '/'].map((path) => rules.forPath(path)),
    ).toEqual(['docs', 'docs', 'reference', 'docs', undefined, undefined])
  })
  it('refuses what is none', () => {
    for (const wrong of ['', 'a b/', 'http://x/', '*/x', 'x:y/', '/a?b'])
      expect(() => parseRule(wrong, 'h')).toThrow('is no rule')
    expect(() => parseRule('/a', '')).toThrow('is no rule')
  })
})
